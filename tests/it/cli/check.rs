//! `opsdash check` against real servers full of sample data, and against servers that do not answer.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};

use opsdash_core::text;
use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    pty::Terminal,
    sample::cybersensei::{fresh_database, fresh_files},
    servers::{mongod, postgres::shared},
    shell::{Ran, Shell},
};
use serde_json::Value as Json;

use crate::support::{NOWHERE, our_pack, shell, target_within};

/// What a source may take in these tests' configs; a run may then take twice as long and a second more.
const TIMEOUT: &str = "2s";
const DEADLINE: Duration = Duration::from_secs(5);
/// Everything that is troubled in the sample.
const EMPTY: &str = "TRUNCATE tenants, licenses, tenant_metrics, error_logs, updates_metadata, admin_users CASCADE";
/// Views of the sample's own tables; the servers' views depend on the machine.
const OWN: [&str; 7] = ["tenants", "licenses", "errors", "error_log", "metrics", "rollout", "updates"];

fn target(name: &str, main: &str, files: &str) -> String {
    target_within(name, main, files, TIMEOUT)
}

/// A database without a row, whose views are all ok.
async fn calm(name: &str) -> String {
    let url = fresh_database(name).await.unwrap();
    shared().run(name, EMPTY).await.unwrap();
    url
}

/// Runs in time, whatever it finds.
#[track_caller]
fn check(shell: &Shell, arguments: &[&str]) -> Ran {
    let asked = Instant::now();
    let ran = shell.run(&[&["check"], arguments].concat());
    assert!(asked.elapsed() < DEADLINE, "took {:?}: {}{}", asked.elapsed(), ran.out, ran.err);
    assert!(ran.out.chars().chain(ran.err.chars()).all(text::is_inert), "{}", ran.out);
    ran
}

fn of_view<'a>(json: &'a Json, view: &str) -> &'a Json {
    let checks = json["checks"].as_array().unwrap();
    checks.iter().find(|check| check["view"] == view).unwrap_or_else(|| panic!("no {view} in {json}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn check_and_show_and_the_tab_count_the_same() {
    let main = fresh_database("check_counts").await.unwrap();
    let config = target("lab", &main, &fresh_files("check_counts").await.unwrap());
    let shell = shell(&config);
    let checked = check(&shell, &[&OWN[..], &["admins", "mongo_storage", "--format", "json"]].concat());
    let json = checked.json();
    assert_eq!((checked.code, &json["severity"]), (Some(2), &"crit".into()), "{}", checked.err);
    let mut badges = Vec::new();
    for check in json["checks"].as_array().unwrap() {
        let view = check["view"].as_str().unwrap();
        let shown = shell.run(&["show", view, "--format", "json"]).json();
        let words = ["crit", "warn", "ok", "unknown", "off"];
        let counts: Json = words.into_iter().map(|word| (word.to_owned(), check[word].clone())).collect();
        assert_eq!(counts, shown["counts"], "{view}");
        assert_eq!((&check["target"], &check["error"]), (&"lab".into(), &Json::Null), "{view}");
        let first = &shown["rows"][0];
        assert_eq!(check["severity"], first["severity"], "{view}");
        let worst = check["worst"].as_str().unwrap_or_default();
        assert!(
            ["ok", "off"].contains(&first["severity"].as_str().unwrap())
                // Of causes the one that hurts most, which need not be the first of the list.
                || view == "errors"
                || worst.ends_with(first["why"].as_str().unwrap()),
            "{view}: {worst}"
        );
        badges.push((view.to_owned(), badge(&counts)));
    }
    let pack = our_pack();
    // Views that share a tab share its badge too.
    let alone = badges.iter().filter(|(view, _)| pack.view(pack.find(view).unwrap()).group.is_none());
    let tabs = alone.map(|(view, badge)| {
        let title = &pack.view(pack.find(view).unwrap()).title;
        format!(" {title} {badge}").trim_end().to_owned()
    });
    let tabs: Vec<String> = tabs.collect();
    let mut terminal = Terminal::start(&shell.program(&[]), 400, 40).unwrap();
    assert!(tabs.len() >= OWN.len(), "{tabs:?}");
    for tab in tabs {
        terminal.wait_for(&tab).unwrap();
    }
    terminal.press("q").unwrap();
    terminal.wait_for_exit().unwrap();
}

/// What stands behind the title of a tab.
fn badge(counts: &Json) -> String {
    let count = |severity: &str, glyph: &str| match counts[severity].as_u64().unwrap() {
        0 => String::new(),
        n => format!("{glyph}{n} "),
    };
    [count("crit", "✖"), count("unknown", "?"), count("warn", "▲")].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_source_is_unknown_and_named_and_the_rest_is_there() {
    let shell = shell(&target("lab", &calm("check_dead").await, NOWHERE));
    let ran = check(&shell, &OWN);
    assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with("UNKNOWN - lab: updates unknown | "), "{}", ran.out);
    assert!(ran.out.contains("lab updates unknown: no answer from files: unreachable: "), "{}", ran.out);
    let ran = check(&shell, &[&OWN[..], &["--format", "json"]].concat());
    let known = ran.json();
    assert_eq!((ran.code, &known["severity"]), (Some(3), &"unknown".into()));
    for view in OWN.iter().filter(|view| **view != "updates") {
        assert_eq!((&of_view(&known, view)["severity"], &of_view(&known, view)["crit"]), (&"ok".into(), &0.into()));
    }
    let error = &of_view(&known, "updates")["error"];
    assert_eq!((&error["source"], &error["kind"]), (&"files".into(), &"unreachable".into()));
    let crit = r"INSERT INTO error_logs (id, level, source, message, timestamp, resolved)
        VALUES (uuid_generate_v4(), 'CRITICAL', 'NODE', 'pipe | and '' quote', LOCALTIMESTAMP, false)";
    shared().run("check_dead", crit).await.unwrap();
    let ran = check(&shell, &OWN);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    assert!(
        ran.out.starts_with("CRITICAL - lab: errors 1 crit (new), error_log 1 crit (unresolved), updates unknown | "),
        "{}",
        ran.out
    );
    let mut terminal = Terminal::start(&shell.program(&[&["check"], &OWN[..]].concat()), 160, 30).unwrap();
    assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), 2);
    let text = terminal.text();
    assert!(
        text.contains("(unresolved), updates unknown\n") && !text.contains(" | "),
        "people need no perfdata: {text}"
    );
    assert!(text.contains("lab errors crit: 1 crit of 1; 1 new; worst: "), "{text}");
    assert!(ran.out.contains("no answer from files") && ran.out.contains("pipe / and ' quote"), "{}", ran.out);
    let (first, rest) = ran.out.split_once('\n').unwrap();
    assert!(!rest.contains('|') && first.matches('|').count() == 1, "{}", ran.out);
    assert!(first.contains("'errors_crit'=1;;0;0 'errors_warn'=0;0;;0 "), "{first}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_nobody_could_look_for_are_unknown_in_check_and_show_alike() {
    let shell = shell(&target("lab", &fresh_database("check_files").await.unwrap(), NOWHERE));
    let ran = check(&shell, &["updates", "--format", "json"]);
    let known = ran.json();
    let updates = of_view(&known, "updates");
    assert_eq!((ran.code, &updates["ok"], &updates["error"]["source"]), (Some(3), &0.into(), &"files".into()));
    let shown = shell.run(&["show", "updates", "--format", "json"]).json();
    assert_eq!((&updates["unknown"], &updates["crit"]), (&shown["counts"]["unknown"], &shown["counts"]["crit"]));
    assert!(updates["unknown"].as_u64() > Some(0), "{updates}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_wrong_it_is_ok_and_with_warnings_alone_it_is_1() {
    let main = calm("check_calm").await;
    let shell = shell(&target("lab", &main, &mongod::shared().url("check_calm")));
    let ran = check(&shell, &OWN);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(ran.out.starts_with("OK - lab: 7 views ok | 'tenants_crit'=0;;0;0 "), "{}", ran.out);
    let shell = crate::support::shell(&target("lab", &fresh_database("check_warn").await.unwrap(), NOWHERE));
    let ran = check(&shell, &["admins"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.starts_with("WARNING - lab: "), "{}", ran.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_cannot_be_read_makes_its_target_unknown_and_no_other() {
    let main = calm("check_broken_pack").await;
    let live = target("live", &main, &mongod::shared().url("check_broken_pack"));
    let broken = live.replace("live", "broken").replace("\"cybersensei\"", "\"halfway\"");
    let shell = shell(&format!("{live}{broken}"));
    let folder = shell.config().parent().unwrap().join("packs/halfway");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pack.toml"), "title = \"Half").unwrap();
    let ran = check(&shell, &["--all-targets", "tenants", "--format", "json"]);
    let known = ran.json();
    assert_eq!(ran.code, Some(3), "{known}{}", ran.err);
    let checks: Vec<&Json> = known.as_array().unwrap().iter().map(|one| &one["checks"][0]).collect();
    let severity = |target: &str| checks.iter().find(|check| check["target"] == target).unwrap()["severity"].clone();
    assert_eq!((severity("live"), severity("broken")), ("ok".into(), "unknown".into()));
    let told = check(&shell, &["--all-targets", "tenants"]).out;
    assert!(told.contains("its pack cannot be read") && told.contains("pack.toml"), "{told}");
    assert!(check(&shell, &["--target", "broken"]).err.contains("pack.toml"), "asked for alone it is a wrong call");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_delays_no_other_target_and_ends_in_time() {
    let main = calm("check_hole").await;
    let files = mongod::shared().url("check_hole");
    let postgres = Forwarder::start(shared().port()).await.unwrap();
    let mongo = Forwarder::start(mongod::shared().port()).await.unwrap();
    postgres.set_mode(Mode::Stall);
    mongo.set_mode(Mode::Stall);
    let hole =
        target("hole", &postgres.through(&main, shared().port()), &mongo.through(&files, mongod::shared().port()));
    let half = target("half", &main, &mongo.through(&files, mongod::shared().port()));
    let shell = shell(&format!("{}{half}{hole}", target("live", &main, &files)));
    let ran = check(&shell, &["--all-targets", "tenants", "licenses", "updates", "--format", "json"]);
    let known = ran.json();
    assert_eq!(ran.code, Some(3));
    let of_target = |target: &str| {
        let all = known.as_array().unwrap();
        all.iter().find(|one| one["checks"][0]["target"] == target).unwrap()["checks"].as_array().unwrap()
    };
    let severities = |target: &str| {
        let checks = of_target(target);
        checks.iter().map(|check| check["severity"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(severities("live"), ["ok", "ok", "ok"]);
    assert_eq!(severities("half"), ["ok", "ok", "unknown"]);
    assert_eq!(severities("hole"), ["unknown", "unknown", "unknown"]);
    assert!(of_target("hole")[0]["crit"].is_null(), "{known}");
    let line = check(&shell, &["--all-targets", "tenants", "updates"]);
    assert!(
        line.out.contains("'live.tenants_crit'=0;;0;0") && line.out.contains("'hole.tenants_crit'=U"),
        "{}",
        line.out
    );
    let asked = Instant::now();
    let short = check(&shell, &["--target", "hole", "tenants", "--timeout", "300ms"]);
    assert!(asked.elapsed() < Duration::from_millis(1_300), "{:?}", asked.elapsed());
    assert!(short.out.contains("no answer from main: timed out: no answer within 0.3 s"), "{}", short.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_whole_and_the_last_success_survives_a_failure() {
    let main = calm("check_metrics").await;
    let files = mongod::shared().url("check_metrics");
    let forwarder = Forwarder::start(mongod::shared().port()).await.unwrap();
    let shell = shell(&target("lab", &main, &forwarder.through(&files, mongod::shared().port())));
    let arguments = ["tenants", "updates", "--format", "prometheus", "--output", "metrics/opsdash.prom"];
    fs::create_dir(shell.path("metrics")).unwrap();
    let success = || {
        let text = fs::read_to_string(shell.path("metrics/opsdash.prom")).unwrap();
        let line = text.lines().find(|line| line.starts_with("opsdash_check_last_success_timestamp_seconds{"));
        (line.map(str::to_owned), text)
    };
    let ran = check(&shell, &arguments);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""));
    let (first, text) = success();
    for line in [
        "# TYPE opsdash_view_rows gauge",
        "opsdash_view_rows{target=\"lab\",system=\"cybersensei\",view=\"tenants\",severity=\"crit\"} 0",
        "opsdash_view_up{target=\"lab\",system=\"cybersensei\",view=\"updates\"} 1",
    ] {
        assert!(text.lines().any(|known| known == line), "no {line} in\n{text}");
    }
    assert!(first.is_some());
    let names: Vec<_> = fs::read_dir(shell.path("metrics")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["opsdash.prom"]);
    let mode = fs::metadata(shell.path("metrics/opsdash.prom")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o644);
    // Other files of the same target have other series.
    assert!(first.as_deref().unwrap().contains("{target=\"lab\",system=\"cybersensei\",views=\"tenants,updates\"}"));
    forwarder.set_mode(Mode::Refuse);
    let ran = check(&shell, &arguments);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("lab files: unreachable"), "{}", ran.err);
    let (kept, text) = success();
    assert_eq!(kept, first);
    assert!(text.contains("view=\"updates\"} 0") && text.contains("view=\"tenants\"} 1"), "{text}");
    fs::remove_file(shell.path("metrics/opsdash.prom")).unwrap();
    check(&shell, &arguments);
    assert_eq!(success().0, None, "what is not known is not invented");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_is_told_once_for_every_view_of_its_source() {
    let url = shared().url_of("nobody_known", "wrong", "check_auth");
    let shell = shell(&target("lab", &url, &mongod::shared().url("check_auth")));
    let ran = check(&shell, &[]);
    assert_eq!(ran.code, Some(3), "{}", ran.out);
    assert!(
        ran.out.contains("\nlab tenants, licenses, ") && ran.out.contains(" unknown: no answer from main: "),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("mongo_storage unknown"), "{}", ran.out);
}
