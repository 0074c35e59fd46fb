//! The shell's answers against real servers full of sample data: what it prints is what is in the databases.

use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    process::Stdio,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use opsdash_core::text::is_inert;
use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    pty::Terminal,
    sample::cybersensei::{fresh_database, fresh_files},
    servers::postgres::shared,
    shell::Shell,
    sql,
};
use serde_json::Value as Json;

use crate::support::{NOWHERE, lab, our_pack, shell, target, target_within};

/// How long a source may take that is not there, and the most that a run may then take.
const TIMEOUT: &str = "1s";
const DEADLINE: Duration = Duration::from_secs(8);

/// The same in a terminal.
fn in_terminal(shell: &Shell, arguments: &[&str]) -> Terminal {
    Terminal::start(&shell.program(arguments), 120, 30).unwrap()
}

/// The envelope of a view that everything answered for.
#[track_caller]
fn show(shell: &Shell, arguments: &[&str]) -> Json {
    let json = shell.run(&[&["show"], arguments, &["--format", "json"]].concat()).json_of(0);
    assert_eq!((&json["state"], &json["error"]), (&"fresh".into(), &Json::Null), "{arguments:?}");
    json
}

/// The first column of a query's rows.
async fn column(url: &str, query: &str) -> Vec<String> {
    sql::column(url, query).await.unwrap()
}

fn rows(json: &Json) -> &[Json] {
    json["rows"].as_array().unwrap()
}

fn keys(json: &Json) -> Vec<String> {
    let mut keys: Vec<String> = rows(json).iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

#[track_caller]
fn counts_add_up(json: &Json) {
    let count = |of: &str| json["counts"][of].as_u64().unwrap();
    let total = ["crit", "warn", "ok", "unknown", "off"].map(count).iter().sum::<u64>();
    let loaded = rows(json).len() as u64;
    assert!(total == loaded || json["truncated"] == true && total > loaded, "{} {loaded}", json["counts"]);
}

#[tokio::test]
async fn every_view_is_shown_in_every_format() {
    let shell = lab(&fresh_database("shell_views").await.unwrap(), &fresh_files("shell_views").await.unwrap());
    let pack = our_pack();
    // Sessions come and go between two runs.
    let views = pack.tabs().map(|id| pack.view(id).id.as_str()).filter(|view| *view != "pg_activity");
    for view in views {
        let json = show(&shell, &[view]);
        counts_add_up(&json);
        assert_eq!((&json["schema"], &json["view"]), (&1.into(), &view.into()));
        assert!(!rows(&json).is_empty(), "{view}");
        for (format, head) in [("table", 1), ("csv", 1), ("markdown", 2)] {
            let ran = shell.run(&["show", view, "--format", format]);
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            let lines = if format == "csv" { csv_records(&ran.out) + 1 } else { ran.out.lines().count() };
            assert_eq!(lines, rows(&json).len() + head, "{view} as {format}");
        }
    }
}

fn csv_records(text: &str) -> usize {
    csv::Reader::from_reader(text.as_bytes()).records().filter(|record| record.as_ref().is_ok()).count()
}

#[tokio::test]
async fn json_holds_the_rows_of_the_database() {
    let url = fresh_database("shell_rows").await.unwrap();
    let shell = lab(&url, NOWHERE);
    assert_eq!(keys(&show(&shell, &["tenants"])), column(&url, "SELECT id::text FROM tenants ORDER BY 1").await);
    let licenses = show(&shell, &["licenses"]);
    assert_eq!(keys(&licenses), column(&url, "SELECT id::text FROM licenses ORDER BY 1").await);
    let query = r#"SELECT concat_ws(' ', id, status, "usageCount", coalesce("maxUsageCount"::text, 'null'),
        CASE WHEN isfinite("expiresAt") THEN to_char("expiresAt", 'YYYY-MM-DD"T"HH24:MI:SS') ELSE 'null' END)
        FROM licenses ORDER BY id::text"#;
    let mut shown: Vec<String> = rows(&licenses)
        .iter()
        .map(|row| {
            let value = |name: &str| match &row["values"][name] {
                Json::String(text) => text.chars().take(19).collect(),
                other => other.to_string(),
            };
            let id = row["key"].as_str().unwrap();
            let [status, used, most, expires] = ["status", "usage_count", "max_usage_count", "expires_at"].map(value);
            format!("{id} {status} {used} {most} {expires}")
        })
        .collect();
    shown.sort();
    assert_eq!(shown, column(&url, query).await);
    let unmasked = column(&url, "SELECT key FROM licenses").await;
    let text = licenses.to_string();
    assert!(unmasked.iter().all(|key| !text.contains(key.as_str())));
}

#[tokio::test]
async fn facets_links_search_and_limit_narrow_as_on_the_screen() {
    let url = fresh_database("shell_narrow").await.unwrap();
    let shell = lab(&url, NOWHERE);
    let resolved = "SELECT id::text FROM error_logs WHERE resolved AND level = 'CRITICAL' ORDER BY 1";
    let shown = show(&shell, &["error_log", "--set", "state=resolved", "--limit", "10000"]);
    assert_eq!(keys(&shown), column(&url, resolved).await);
    let tenant = column(&url, "SELECT id::text FROM tenants WHERE name = 'lab-008'").await.remove(0);
    let shown = show(&shell, &["licenses", "--set", &format!("tenant={tenant}")]);
    let own = format!("SELECT id::text FROM licenses WHERE \"tenantId\" = '{tenant}' ORDER BY 1");
    assert_eq!(keys(&shown), column(&url, &own).await);
    let found = show(&shell, &["tenants", "--search", "LAB-01"]);
    let like = "SELECT id::text FROM tenants WHERE name LIKE 'lab-01%' ORDER BY 1";
    assert_eq!(keys(&found), column(&url, like).await);
    let all = show(&shell, &["tenants"]);
    let three = show(&shell, &["tenants", "--limit", "3"]);
    assert_eq!((rows(&three).len(), &three["truncated"]), (3, &true.into()));
    assert_eq!(rows(&three)[0]["key"], rows(&all)[0]["key"]);
    let total = |json: &Json| json["counts"].as_object().unwrap().values().filter_map(Json::as_u64).sum::<u64>();
    assert_eq!(total(&three), total(&all));
}

#[tokio::test]
async fn a_license_is_usable_or_not_or_one_of_several_or_none() {
    let shell = lab(&fresh_database("shell_license").await.unwrap(), NOWHERE);
    for (query, code, verdict) in [
        ("DEMO-0001-ABCD-2001", 0, "usable"),
        ("DEMO-0002-ABCD-2002", 1, "unusable"),
        ("DEMO-0004-ABCD-2005", 1, "unusable"),
        ("DEMO-0003", 2, "ambiguous"),
        ("DEMO-9999-ABCD-9999", 4, "not_found"),
        ("lab-031", 2, "ambiguous"),
        ("DEMO…2001", 0, "usable"),
        ("demo-0002-abcd-2002", 1, "unusable"),
    ] {
        let ran = shell.run(&["license", query, "--json"]);
        let json: Json = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{query}: {}", ran.err));
        assert_eq!((ran.code, &json["verdict"]), (Some(code), &verdict.into()), "{query}: {json}");
        let is_one = matches!(verdict, "usable" | "unusable");
        assert_eq!(json["license"].is_object(), is_one, "{query}");
        assert_eq!(json["reasons"].as_array().unwrap().is_empty(), verdict != "unusable", "{query}");
        assert_eq!(json["matches"].as_array().unwrap().len() > 1, verdict == "ambiguous", "{query}");
        let human = shell.run(&["license", query]);
        assert_eq!(human.code, Some(code));
        assert!(human.out.starts_with(&verdict.replace('_', " ")), "{}", human.out);
        for text in [&ran.out, &ran.err, &human.out, &human.err] {
            assert!(!query.starts_with("DEMO-000") || query.len() < 12 || !text.contains(query), "{query} in {text}");
        }
    }
    let revoked = shell.run(&["license", "DEMO-0002-ABCD-2002"]);
    assert!(revoked.out.contains("status is REVOKED") && revoked.out.contains("lab-031"), "{}", revoked.out);
}

#[tokio::test]
async fn a_wildcard_in_a_query_is_only_a_character() {
    let shell = lab(&fresh_database("shell_wildcard").await.unwrap(), NOWHERE);
    for query in ["%%%%", "____", "' OR true --", "$1; DROP TABLE licenses", "\\\\\\\\"] {
        let ran = shell.run(&["license", query]);
        assert_eq!(ran.code, Some(4), "{query}: {}{}", ran.out, ran.err);
    }
}

#[tokio::test]
async fn hostile_text_is_inert_in_every_format() {
    let url = fresh_database("shell_hostile").await.unwrap();
    let formula = "UPDATE tenants SET name = '=HYPERLINK(\"http://x\")', \"companyName\" = '<img src=x> | [a](b)'
        WHERE name = 'lab-008'";
    shared().run("shell_hostile", formula).await.unwrap();
    let shell = lab(&url, NOWHERE);
    for view in ["error_log", "errors", "tenants"] {
        for format in ["table", "json", "csv", "markdown"] {
            let ran = shell.run(&["show", view, "--format", format]);
            assert_eq!(ran.code, Some(0), "{}", ran.err);
            for text in [&ran.out, &ran.err] {
                let bad = text.chars().find(|c| !is_inert(*c));
                assert_eq!(bad, None, "{view} as {format}");
            }
        }
    }
    let message = show(&shell, &["error_log", "--search", "hostile"])["rows"][0]["values"]["message"].to_string();
    assert!(message.contains("hostile ␛[31mred"), "{message}");
    let csv = shell.run(&["show", "tenants", "--format", "csv"]).out;
    assert!(csv.contains("'=HYPERLINK"), "{csv}");
    let markdown = shell.run(&["show", "tenants", "--format", "markdown"]).out;
    assert!(markdown.contains(r"\<img src=x\> \| \[a\](b)"), "{markdown}");
}

#[tokio::test]
async fn a_dead_file_store_leaves_the_catalog_and_says_partial() {
    let url = fresh_database("shell_partial").await.unwrap();
    let shell = lab(&url, NOWHERE);
    let ran = shell.run(&["show", "updates", "--format", "json"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let json: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&json["state"], &json["error"]["kind"]), (&"partial".into(), &"unreachable".into()));
    let catalog = column(&url, "SELECT 'catalog:' || id FROM updates_metadata ORDER BY 1").await;
    assert_eq!(keys(&json), catalog);
    assert!(rows(&json).iter().all(|row| row["values"]["verdict"] == "UNKNOWN" && row["severity"] != "ok"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_is_told_within_the_deadline() {
    let url = fresh_database("shell_stall").await.unwrap();
    let port = shared().port();
    let forwarder = Forwarder::start(port).await.unwrap();
    let shell = shell(&target_within("lab", &forwarder.through(&url, port), NOWHERE, TIMEOUT));
    assert_eq!(shell.run(&["show", "tenants"]).code, Some(0));
    for mode in [Mode::Stall, Mode::Refuse] {
        forwarder.set_mode(mode);
        for arguments in [["show", "tenants"], ["license", "DEMO-0001-ABCD-2001"]] {
            let asked = Instant::now();
            let ran = shell.run(&arguments);
            assert_eq!(ran.code, Some(3), "{arguments:?} {mode:?}: {}", ran.err);
            assert!(asked.elapsed() < DEADLINE, "{arguments:?} {mode:?} took {:?}", asked.elapsed());
            assert!(!ran.err.is_empty() && !ran.out.contains("usable"), "{}{}", ran.out, ran.err);
        }
    }
}

#[tokio::test]
async fn of_several_targets_the_worst_decides_and_the_others_still_answer() {
    let url = fresh_database("shell_targets").await.unwrap();
    let dead = "postgres://nobody@127.0.0.1:9/central";
    let shell = shell(&(target("live", &url, NOWHERE) + &target("dead", dead, NOWHERE)));
    let ran = shell.run(&["show", "tenants", "--target", "live", "--target", "dead", "--format", "json"]);
    assert_eq!(ran.code, Some(3));
    let json: Json = serde_json::from_str(&ran.out).unwrap();
    let states: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["fresh", "failed"]);
    let table = shell.run(&["show", "tenants", "--all-targets"]);
    assert!(table.out.contains("# live\n") && !table.out.contains("# dead\n"), "{}", table.out);
    let one = shell.run(&["license", "DEMO-0001-ABCD-2001", "--target", "live"]);
    assert_eq!(one.code, Some(0), "{}", one.err);
    let both = shell.run(&["license", "DEMO-0001-ABCD-2001", "--all-targets"]);
    assert_eq!(both.code, Some(3));
    assert!(both.out.contains("live: usable") && both.out.contains("dead: unknown"), "{}", both.out);
}

#[tokio::test]
async fn the_dashboard_opens_on_what_the_command_line_says() {
    let shell = lab(&fresh_database("shell_opening").await.unwrap(), NOWHERE);
    let arguments = ["--read-only", "--view", "error_log", "--set", "level=all", "--search", "hostile"];
    let mut terminal = in_terminal(&shell, &arguments);
    terminal.wait_for("hostile ␛[31mred").unwrap();
    terminal.wait_for("read-only").unwrap();
    assert!(!terminal.text().contains("quota sync"), "{}", terminal.text());
    terminal.press("q").unwrap();
    assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), 0);
    let mut terminal = in_terminal(&shell, &["--view", "tenant"]);
    assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), 2);
    assert!(terminal.text().contains("did you mean \"tenants\"?"), "{}", terminal.text());
}

#[tokio::test]
async fn tables_are_colored_and_fitted_only_for_a_terminal_that_wants_it() {
    let mut shell = lab(&fresh_database("shell_color").await.unwrap(), NOWHERE);
    for is_colored in [true, false] {
        if !is_colored {
            shell = shell.env("NO_COLOR", "1");
        }
        let mut terminal = in_terminal(&shell, &["show", "licenses"]);
        assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), 0);
        assert_eq!(terminal.bytes().contains(&0x1b), is_colored);
    }
    let mut terminal = in_terminal(&shell, &["show", "tenants"]);
    assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), 0);
    let fits = |line: &str| opsdash_core::text::width(line) <= 120;
    assert!(terminal.text().lines().all(fits), "{}", terminal.text());
    assert!(!shell.run(&["show", "tenants"]).out.lines().all(fits), "in a pipe nothing is cut");
}

#[tokio::test]
async fn session_options_of_the_environment_never_reach_a_server() {
    let url = fresh_database("shell_pgoptions").await.unwrap();
    let shell =
        lab(&url, NOWHERE).env("PGOPTIONS", "-c search_path=pg_catalog -c default_transaction_isolation=serializable");
    let ran = shell.run(&["show", "tenants", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let ran = shell.run(&["show", "tenant"]);
    assert_eq!(ran.code, Some(2), "the exit code is that of the run without them");
}

#[tokio::test]
async fn a_run_that_is_told_to_end_takes_its_password_program_with_it() {
    let shell = shell("");
    let pipe = shell.path("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let command = format!("password = {{ command = [\"sh\", \"-c\", \"(echo up; sleep 60) > {}\"] }}", pipe.display());
    let config = target_within("lab", "postgres://u@127.0.0.1:9/x", NOWHERE, "20s");
    shell.write(".config/opsdash/config.toml", &config.replacen("timeout", &format!("{command}\ntimeout"), 1)).unwrap();
    for (arguments, signal) in [(&["show", "tenants"][..], Signal::SIGTERM), (&["check", "tenants"], Signal::SIGINT)] {
        let mut child = shell.command(arguments).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let mut reader = std::io::BufReader::new(fs::File::open(&pipe).unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
        assert_eq!(line, "up\n");
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal as i32), "{arguments:?}");
        // It ends when the last one that could write to it has.
        assert_eq!(std::io::Read::read_to_string(&mut reader, &mut line).unwrap(), 0);
    }
}

#[tokio::test]
async fn what_a_url_leaves_out_comes_from_where_psql_takes_it() {
    let url = fresh_database("shell_libpq").await.unwrap();
    let (login, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let (host, port) = place.split_once('/').unwrap().0.split_once(':').unwrap();
    let shell = lab("postgres://", NOWHERE).env("PGHOST", host).env("PGPORT", port);
    let shell = shell.env("PGUSER", user).env("PGDATABASE", "shell_libpq");
    let show = ["show", "tenants", "--format", "json"];
    assert_eq!(shell.run(&show).code, Some(3), "there is no password yet");
    let passfile =
        format!("# of the test\n{host}:{port}:other:{user}:wrong\n{host}:{port}:shell_libpq:{user}:{password}\n");
    let path = shell.write(".pgpass", &passfile).unwrap();
    let ran = shell.run(&show);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    // As libpq: a file that others may read is not used.
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let ran = shell.run(&show);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains(".pgpass is of mode 0640, so it is not read"), "{}", ran.err);
    let ran = shell.env("PGPASSWORD", password).run(&show);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
}

#[tokio::test]
async fn a_service_leads_where_psql_goes_and_none_leads_nowhere_else() {
    let url = fresh_database("shell_service").await.unwrap();
    let (login, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let (host, port) = place.split_once('/').unwrap().0.split_once(':').unwrap();
    let shell = lab("postgres:///", NOWHERE).env("PGSERVICE", "prod");
    let show = ["show", "tenants", "--format", "json"];
    let ran = shell.run(&show);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("there is no service \"prod\": looked for [prod] in "), "{}", ran.err);
    let service = format!("[prod]\nhost={host}\nport={port}\ndbname=shell_service\nuser={user}\npassword={password}\n");
    shell.write(".pg_service.conf", &service).unwrap();
    let ran = shell.run(&show);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let misspelt = shell.env("PGSSLMODE", "verify_full").run(&show);
    assert_eq!(misspelt.code, Some(3), "it never connects in the clear");
    assert!(misspelt.err.contains("sslmode (PGSSLMODE) is \"verify_full\"; known: disable"), "{}", misspelt.err);
}

#[tokio::test]
async fn a_password_program_has_no_terminal_to_write_to_or_ask_on() {
    let url = fresh_database("shell_no_tty").await.unwrap();
    let (login, place) = url.split_once("://").unwrap().1.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let script = format!("(echo scribble > /dev/tty) 2>/dev/null && exit 1; echo {password}");
    let config = target_within("lab", &format!("postgres://{user}@{place}"), NOWHERE, "20s");
    let command = format!("password = {{ command = [\"sh\", \"-c\", \"{script}\"] }}\ntimeout");
    let shell = shell(&config.replacen("timeout", &command, 1));
    let mut terminal = in_terminal(&shell, &["show", "tenants"]);
    assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), 0, "{}", terminal.text());
    assert!(!terminal.text().contains("scribble"), "{}", terminal.text());
}
