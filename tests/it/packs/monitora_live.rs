//! Monitora on a real server, where `OPSDASH_TEST_MSSQL_URL` names one whose login may make databases: each test makes one of
//! its own, fills it with the sample, and drops it.

use std::io::Write;

use jiff::Timestamp;
use opsdash_pack::{config::SourceConfig, pack::Engine};
use opsdash_sources::scratch::ScratchServer;
use opsdash_testbed::{
    repository,
    sample::monitora::{SECRET, scripts},
    shell::Shell,
};
use serde_json::Value as Json;

use super::monitora::PACK;
use crate::support::{recorded, shell};

const VARIABLE: &str = "OPSDASH_TEST_MSSQL_URL";

/// The URL; `None`, said loudly, where there is none.
fn url() -> Option<String> {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        // Past the capture of the test's output: that nothing was verified must be seen.
        let mut loud = std::io::stderr();
        writeln!(loud, "NOT RUN: {VARIABLE} names no SQL Server, so Monitora was not verified on a real one").unwrap();
    }
    url
}

/// A database full of the sample, and the program on it.
struct Live {
    server: ScratchServer,
    database: String,
    shell: Shell,
}

impl Live {
    async fn new(url: &str, test: &str) -> Self {
        let run = format!("live_{}_{test}", std::process::id());
        let server = ScratchServer::open(Engine::SqlServer, url, &run).await.unwrap();
        let database = format!("opsdash_test_{run}_0");
        let config = server.create(&database).await.unwrap();
        for script in scripts(Timestamp::now()) {
            server.run_sql(&database, &script).await.unwrap_or_else(|why| panic!("{why}\n{script}"));
        }
        let shell = shell(&words(&config)).env("LIVE_PASSWORD", &password(url));
        Self { server, database, shell }
    }

    /// Only after a test that has passed: a database of one that has not can be looked into.
    async fn end(self) {
        drop(self.shell);
        self.server.drop_database(&self.database).await.unwrap();
    }

    fn show(&self, view: &str) -> Json {
        self.shell.run(&["show", view, "--set", "state=all", "--format", "json"]).json_of(0)
    }
}

/// The password of a URL.
fn password(url: &str) -> String {
    let login = url.split_once("://").unwrap().1.rsplit_once('@').unwrap().0;
    let password = login.split_once(':').unwrap().1;
    assert!(!password.contains('%'), "give these tests a login whose password needs no % in a URL");
    password.to_owned()
}

/// A config with one target, whose one login reads and writes.
fn words(config: &SourceConfig) -> String {
    let user = &config.writer.as_ref().unwrap().user;
    format!(
        "[targets.live]\nsystem = \"monitora\"\n[targets.live.sources.main]\nurl = \"{}\"\ntimeout = \"60s\"\n\
         writer = {{ user = \"{user}\", password = {{ env = \"LIVE_PASSWORD\" }} }}\n",
        config.urls[0].0
    )
}

/// What the server has not: Babelfish lacks the views of the server itself. Said aloud, and never of a table of the system.
fn is_lacking(answer: &Json) -> bool {
    let what = answer["error"]["message"].as_str().unwrap_or_default();
    let is_of_server = ["sys.dm_", "sys.allocation_units", "fileproperty"].iter().any(|it| what.contains(it));
    is_of_server && is_of_babelfish(what)
}

/// Whether an error says that Babelfish has not what SQL Server has.
fn is_of_babelfish(what: &str) -> bool {
    what.contains("33557097") && ["does not exist", "not currently supported"].iter().any(|it| what.contains(it))
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_server_every_view_is_fresh_and_says_what_the_sample_holds() {
    let Some(url) = url() else { return };
    let live = Live::new(&url, "views").await;
    let (mut fresh, mut lacking) = (0, Vec::new());
    for view in PACK.tabs().map(|id| PACK.view(id)) {
        let ran = live.shell.run(&["show", &view.id, "--format", "json"]);
        let shown: Json =
            serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{}: {why}\n{}", view.id, ran.err));
        assert!(!ran.out.contains(SECRET), "{} shows a secret", view.id);
        assert!(!ran.out.chars().any(|c| c == '\u{1b}' || c == '\u{202e}'), "{} is not inert", view.id);
        if shown["state"] != "fresh" {
            assert!(is_lacking(&shown) || view.id == "inventory", "{}: {}", view.id, shown["error"]);
            lacking.push(view.id.as_str());
            continue;
        }
        fresh += 1;
        assert!(!shown["rows"].as_array().unwrap().is_empty(), "{} is empty", view.id);
    }
    if !lacking.is_empty() {
        writeln!(std::io::stderr(), "this server is no SQL Server and cannot answer: {}", lacking.join(", ")).unwrap();
    }
    assert!(fresh >= 13, "{fresh}, without {lacking:?}");
    for (view, key, severity, reason) in [
        ("api_keys", "e0000000-0000-0000-0000-000000000001", "crit", "used_after_end"),
        ("api_keys", "e0000000-0000-0000-0000-000000000002", "ok", ""),
        ("api_keys", "e0000000-0000-0000-0000-000000000006", "off", "ended"),
        ("documents", "f0000000-0000-0000-0000-000000000002", "crit", "no_chunk"),
        ("documents", "f0000000-0000-0000-0000-000000000005", "warn", "deleted_found"),
        ("documents", "f0000000-0000-0000-0000-000000000004", "ok", ""),
        ("users", "a0000000-0000-0000-0000-000000000002", "warn", "locked"),
        ("users", "a0000000-0000-0000-0000-000000000006", "warn", "no_profile"),
        ("users", "a0000000-0000-0000-0000-000000000007", "ok", ""),
        ("sessions", "50000000-0000-0000-0000-000000000002", "warn", "of_inactive"),
        ("workspaces", "b0000000-0000-0000-0000-000000000005", "warn", "inactive_in_use"),
        ("response_cache", "c0000000-0000-0000-0000-000000000005", "warn", "end_not_set"),
    ] {
        let shown = live.show(view);
        let rows = shown["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("no {key} in {view}"));
        let found = row["reason"].as_str().unwrap_or_default();
        assert_eq!((&row["severity"], found), (&severity.into(), reason), "{view} {key}");
    }
    let checked: Json =
        serde_json::from_str(&live.shell.run(&["check", "--timeout", "120s", "--format", "json"]).out).unwrap();
    for (view, crit) in [("api_keys", 1), ("documents", 1), ("users", 0)] {
        let of_view = checked["checks"].as_array().unwrap().iter().find(|check| check["view"] == view).unwrap();
        assert_eq!(of_view["crit"], crit, "{of_view}");
    }
    live.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_server_a_key_is_found_and_doctor_knows_the_tables() {
    let Some(url) = url() else { return };
    let live = Live::new(&url, "lookup").await;
    for (key, word) in [("mk_ended", "unusable"), ("mk_live", "usable"), ("mk_off", "unusable")] {
        let found = live.shell.run(&["apikey", key]);
        assert!(found.out.starts_with(word), "{key}: {}{}", found.out, found.err);
        assert!(!found.out.contains(SECRET), "{}", found.out);
    }
    let judged = live.shell.run(&["doctor"]);
    for said in [
        "14 tables, 145 columns",
        "38 indexes",
        "14 foreign keys, 5 checks",
        "10 procedures, 15 triggers, 3 views",
        "trigger trg_api_key_expiry_check: cannot exist",
        "controls the database",
        "may do more than actions do",
    ] {
        assert!(judged.out.contains(said), "no {said} in\n{}{}", judged.out, judged.err);
    }
    live.end().await;
}

/// View, action, keys, and what is to be typed: of a set, how many rows it has.
const TRIES: [(&str, &str, &[&str], Option<&str>); 9] = [
    ("quality", "resolve", &["60000000-0000-0000-0001-000000000008"], None),
    ("conversations", "archive", &["70000000-0000-0000-0000-000000000104"], None),
    ("response_cache", "purge_expired", &[], Some("1")),
    (
        "insights",
        "recalculate",
        &["b0000000-0000-0000-0000-000000000001", "b0000000-0000-0000-0000-000000000003"],
        None,
    ),
    ("api_keys", "expire", &["e0000000-0000-0000-0000-000000000004"], Some("mk_ever")),
    ("users", "unlock", &["a0000000-0000-0000-0000-000000000002"], None),
    ("users", "deactivate", &["a0000000-0000-0000-0000-000000000003"], Some("cleo@example.org")),
    ("sessions", "delete", &["50000000-0000-0000-0000-000000000002"], None),
    ("sessions", "cleanup", &[], Some("2")),
];

#[tokio::test(flavor = "multi_thread")]
async fn on_a_real_server_every_action_is_done_once_and_recorded() {
    let Some(url) = url() else { return };
    let live = Live::new(&url, "actions").await;
    let all = PACK.views.iter().map(|view| view.actions.len()).sum::<usize>();
    assert_eq!(all, TRIES.len(), "each action is tried");
    for (view, action, keys, typed) in TRIES {
        let mut arguments = vec!["act", view, action];
        arguments.extend(keys);
        arguments.extend(["--yes", "--json"]);
        arguments.extend(typed.iter().flat_map(|typed| ["--confirm", *typed]));
        let ran = live.shell.run(&arguments);
        assert_eq!(ran.code, Some(0), "{view}.{action}: {}{}", ran.out, ran.err);
        let done = ran.json_of(0);
        assert_eq!(done["outcome"], "done", "{done:#}");
        let written = done["rows"].as_array().unwrap().len();
        let of_set = typed.and_then(|typed| typed.parse().ok()).filter(|_| keys.is_empty());
        assert_eq!(written, of_set.unwrap_or(keys.len()), "{done:#}");
        // The same again finds the rows as they are now. Only figures may be calculated twice.
        let again = live.shell.run(&[&arguments[..], &["--dry-run"]].concat());
        let has_rows = serde_json::from_str(&again.out).is_ok_and(|again: Json| {
            again["outcome"] == "preview" && again["rows"].as_array().is_some_and(|rows| !rows.is_empty())
        });
        assert_eq!(has_rows, action == "recalculate", "{view}.{action}: {}{}", again.out, again.err);
    }
    let lines = recorded(&live.shell.state());
    let done = lines.iter().filter(|line| line["outcome"] == "done").count();
    assert!(done >= TRIES.len(), "{lines:#?}");
    assert!(!format!("{lines:?}").contains(SECRET));
    live.end().await;
}

/// What a test of a pack says on Babelfish, and why that is not the pack's fault.
const BABELFISH_SAYS: [(&str, &str); 4] = [
    ("does not exist (33557097)", "it lacks views and functions of the server itself"),
    ("is not currently supported", "it does not run the statement of the fixture"),
    ("because other objects depend on it (3726)", "there a view keeps the columns that it reads"),
    ("size is 2, not 4", "there DATALENGTH counts the bytes of UTF-8"),
];

/// Why a line of a failed test is none of the pack, on a server that is Babelfish.
fn not_of_the_pack(line: &str) -> Option<&'static str> {
    BABELFISH_SAYS.iter().find(|(said, _)| line.contains(said)).map(|(_, why)| *why)
}

/// Takes minutes on Babelfish: each of the tests makes a database of its own.
#[test]
fn on_a_real_server_the_packs_pass_their_own_tests() {
    let Some(url) = url() else { return };
    for (pack, source, tests) in [("packs/monitora", "main", 27), ("packs/shared/sqlserver", "sqlserver", 3)] {
        let folder = repository().join(pack).display().to_string();
        let ran = shell("").run(&["packs", "test", &folder, "--on", &format!("{source}={url}")]);
        let name = pack.rsplit('/').next().unwrap();
        let summary = ran.out.lines().last().unwrap_or_default();
        assert!(summary.starts_with(&format!("{name}: {tests} tests, ")), "it has not ended: {}{}", ran.out, ran.err);
        let is_babelfish = ran.out.contains("33557097");
        let mut skipped = 0;
        for line in ran.out.lines().filter(|line| line.contains(".toml:")) {
            let why = not_of_the_pack(line).filter(|_| is_babelfish);
            let why = why.unwrap_or_else(|| panic!("{pack}: {line}\n{}", ran.err));
            writeln!(std::io::stderr(), "SKIPPED, this is Babelfish, and {why}: {line}").unwrap();
            skipped += 1;
        }
        let said = format!("{} passed, {skipped} failed", tests - skipped);
        assert!(summary.ends_with(&said), "no {said} in {summary}");
    }
}
