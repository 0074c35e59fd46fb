//! `opsdash packs test`: our packs' own tests, and what the command says of tests that fail or cannot run.

use std::{fs, os::unix::process::ExitStatusExt, path::Path, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use opsdash_testbed::{
    repository,
    servers::{
        mongod,
        postgres::{PostgresServer, shared},
    },
    shell::{Ran, Shell},
    sql,
};
use serde_json::Value as Json;

use crate::support::shell;

/// A shell that needs no config.
fn plain() -> Shell {
    shell("")
}

fn test(shell: &Shell, pack: &Path, more: &[&str]) -> Ran {
    let pack = pack.display().to_string();
    shell.run(&[&["packs", "test", &pack], more].concat())
}

#[test]
fn our_packs_pass_their_own_tests() {
    let (main, files) =
        (format!("main={}", shared().url("postgres")), format!("files={}", mongod::shared().url("test")));
    let (postgres, mongodb) = (main.replacen("main", "postgres", 1), files.replacen("files", "mongodb", 1));
    let topsteel = ["auth", "shared", "origin", "tenants"].map(|source| main.replacen("main", source, 1));
    for (pack, on, least) in [
        ("packs/cybersensei", vec!["--on", &main, "--on", &files], 19),
        ("packs/kronos", vec!["--on", &main], 28),
        ("packs/moonops", vec!["--on", &main], 30),
        ("packs/topsteel", topsteel.iter().flat_map(|on| ["--on", on]).collect(), 9),
        ("packs/shared/postgres", vec!["--on", &postgres], 5),
        ("packs/shared/mongodb", vec!["--on", &mongodb], 3),
    ] {
        let ran = test(&plain(), &repository().join(pack), &on);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let count: usize = ran.out.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(count >= least && ran.out.ends_with(" 0 failed\n"), "{}", ran.out);
        assert_eq!(ran.err, "", "{pack}");
    }
}

const SHOP: [(&str, &str); 3] = [
    ("pack.toml", "title = \"Shop\"\nviews = [\"orders\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n"),
    (
        "orders.toml",
        "title = \"Orders\"\nsource = \"main\"\nquery = \"orders.sql\"\nrow_key = [\"id\"]\n[threshold]\nmost = \"9\"\n\
         [[column]]\nname = \"id\"\n[[column]]\nname = \"total\"\n",
    ),
    (
        "orders.sql",
        "SELECT CASE WHEN total > :most::int THEN 'warn' ELSE 'ok' END AS severity,\n    CASE WHEN total > :most::int THEN 'dear' END AS why, id, total\nFROM orders;\n",
    ),
];

const RIGHT: &str = r#"
[[fixture]]
sql = "CREATE TABLE orders (id int PRIMARY KEY, total int)"

[[test]]
name = "dear ones warn"
view = "orders"
row = [{ key = ["1"], severity = "ok", cells = { total = 5 } }, { find = { total = 12 }, severity = "warn", why = "dear" }]

[[test.fixture]]
sql = "INSERT INTO orders VALUES (1, 5), (2, 12)"
"#;

/// A pack with a file of tests.
fn shop(tests: &str) -> (Shell, std::path::PathBuf) {
    let shell = plain();
    let folder = shell.path("shop");
    fs::create_dir_all(folder.join("tests")).unwrap();
    for (file, text) in SHOP {
        fs::write(folder.join(file), text).unwrap();
    }
    fs::write(folder.join("tests/orders.toml"), tests).unwrap();
    (shell, folder)
}

fn on() -> String {
    format!("main={}", shared().url("postgres"))
}

#[test]
fn what_is_not_as_a_test_says_is_told_with_its_line_and_both_values() {
    let (shell, folder) = shop(RIGHT);
    let ran = test(&shell, &folder, &["--on", &on()]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "shop: 1 test, 1 passed, 0 failed\n"), "{}", ran.err);
    for (from, to, told) in [
        (
            "severity = \"ok\"",
            "severity = \"crit\"",
            "orders.toml:8: dear ones warn: with the key 1: its severity is ok, not crit",
        ),
        ("total = 5", "total = 6", "total is 5, not 6"),
        ("why = \"dear\"", "why = \"cheap\"", "it says \"dear\", not \"cheap\""),
        ("total = 12", "total = 13", "there is no row with total = 13"),
        (
            "(2, 12)",
            "(2, 12), (3, 1)",
            "orders.toml:5: dear ones warn: orders returns a row that it does not name:\n    3 ok",
        ),
        (
            "(2, 12)",
            "(2, 'x')",
            "orders.toml:11: dear ones warn: the fixture does not load: error: invalid input syntax",
        ),
        ("total int)\"", "total int);\n\n SELEC\"", "this is not TOML"),
        ("view = \"orders\"", "view = \"orders\"\nthreshold = { most = \"99\" }", "its severity is ok, not warn"),
        ("view = \"orders\"", "view = \"orders\"\nfails = \"x\"", "a view that fails and returns rows"),
        (
            "view = \"orders\"",
            "view = \"order\"",
            "orders.toml:7: unknown view \"order\"\n    did you mean \"orders\"?",
        ),
        ("total = 5", "totla = 5", "orders has no column \"totla\"\n    did you mean \"total\"?"),
        ("view = \"orders\"", "view = \"orders\"\nscope = \"x\"", "\"scope\" of orders\n    remove it"),
    ] {
        assert!(RIGHT.contains(from), "{from}");
        let (shell, folder) = shop(&RIGHT.replacen(from, to, 1));
        let ran = test(&shell, &folder, &["--on", &on()]);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(matches!(ran.code, Some(1 | 2)) && said.contains(told), "{from} -> {to}: no {told} in\n{said}");
    }
}

#[test]
fn a_run_is_one_document_for_programs() {
    let (shell, folder) = shop(&RIGHT.replace("total = 5", "total = 6"));
    let ran = test(&shell, &folder, &["--on", &on(), "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let json: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&json["passed"], &json["failed"]), (&0.into(), &1.into()));
    let problem = &json["tests"][0]["problems"][0];
    assert_eq!(problem["line"], 8, "{json:#}");
    assert!(problem["what"].as_str().unwrap().ends_with("total is 5, not 6"), "{problem}");
}

#[test]
fn a_call_that_lacks_a_server_or_tests_says_what_to_give() {
    let (shell, folder) = shop(RIGHT);
    for (more, code, told) in [
        (vec![], 2, "give --on main=URL"),
        (vec!["--on", "mian=postgres:///x"], 2, "did you mean \"main\"?"),
        (vec!["--on", "main=postgres://u@127.0.0.1:9/x"], 3, "main: unreachable: 127.0.0.1:9/x"),
        (vec!["--on", "main=mongodb://h/x"], 3, "it must begin with postgres://"),
        (vec!["--on", "main=postgres:///x", "--only", "nothing"], 2, "no test has \"nothing\" in its name"),
    ] {
        let ran = test(&shell, &folder, &more);
        assert_eq!(ran.code, Some(code), "{more:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(told), "{more:?}: no {told} in\n{}", ran.err);
    }
    let ran = test(&shell, Path::new("cybersensei"), &["--on", "main=postgres:///x"]);
    assert!(ran.err.contains("in its repository"), "{}", ran.err);
    fs::remove_dir_all(folder.join("tests")).unwrap();
    assert!(test(&shell, &folder, &["--on", &on()]).err.contains("there are no tests in"));
}

/// A server of its own: a run drops what others have left.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_told_to_end_drops_its_databases_and_the_next_one_those_of_a_killed_one() {
    let server = PostgresServer::start().unwrap();
    let on = format!("main={}", server.url("postgres"));
    let left = async || {
        let query = "SELECT datname::text FROM pg_database WHERE datname LIKE 'opsdash%'";
        sql::column(&server.url("postgres"), query).await.unwrap()
    };
    let slow = RIGHT.replace("total int)\"", "total int); SELECT pg_sleep(30)\"");
    for (signal, told) in [(Signal::SIGINT, ""), (Signal::SIGKILL, "which an earlier run has left")] {
        let (shell, folder) = shop(&slow);
        let mut child = shell.command(&["packs", "test", &folder.display().to_string(), "--on", &on]).spawn().unwrap();
        let mut found = Vec::new();
        for _ in 0..800 {
            found = left().await;
            if !found.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        assert!(found.len() == 1 && found[0].contains(&format!("_{}_", child.id())), "it tells whose it is: {found:?}");
        kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal as i32));
        assert_eq!(left().await.is_empty(), signal == Signal::SIGINT, "{signal}");
        // A killed run's statement goes on until its server notices.
        let end =
            "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE application_name LIKE 'opsdash_test%'";
        sql::column(&server.url("postgres"), end).await.unwrap();
        fs::write(folder.join("tests/orders.toml"), RIGHT).unwrap();
        let ran = test(&shell, &folder, &["--on", &on]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert!(ran.err.contains(told), "{signal}: {}", ran.err);
        assert_eq!(left().await, Vec::<String>::new(), "{signal}");
    }
}
