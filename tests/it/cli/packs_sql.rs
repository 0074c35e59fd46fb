//! `opsdash packs sql`: what it prints is what psql and mongosh run.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    process::{Command, Stdio},
};

use opsdash_pack::pack::{Engine, Statement, View};
use opsdash_testbed::{
    install::Tool,
    sample::cybersensei::fresh_database,
    servers::{mongod, postgres::shared},
    shell::{Ran, Shell},
};

use crate::support::{OPSDASH, our_pack, shell, target};

fn run(shell: &Shell, line: &[&str], code: i32) -> Ran {
    let ran = shell.run(&[&["packs", "sql"], line].concat());
    assert_eq!(ran.code, Some(code), "{line:?}: {}{}", ran.out, ran.err);
    ran
}

/// What psql says of a script, which it ends at the first error.
fn psql(url: &str, script: &str) -> Result<(), String> {
    let beside = Tool::Postgres.require().unwrap().join("psql");
    let program = if beside.is_file() { beside } else { "psql".into() };
    let mut command = Command::new(program);
    command.args(["-X", "-q", "-A", "-v", "ON_ERROR_STOP=1", "-d", url]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && said.is_empty() { Ok(()) } else { Err(said) }
}

/// The names of a view's statements, those of its actions too: of their files, and of actions that are declared.
fn names(view: &View) -> BTreeSet<String> {
    let file = |statement: &Statement| statement.file().rsplit('/').next().unwrap().to_owned();
    let mut names: BTreeSet<String> = view.statements().map(|statement| file(statement)).collect();
    for action in &view.actions {
        let undo = action.undo.iter().map(|undo| ("undo", undo));
        for (part, statement) in [("preview", &action.preview), ("", &action.sql)].into_iter().chain(undo) {
            let made = format!("{}.{part}", action.id).trim_end_matches('.').to_owned();
            names.insert(if statement.is_made() { made } else { file(statement) });
        }
    }
    names
}

#[tokio::test]
async fn psql_runs_every_statement_of_every_view() {
    let url = fresh_database("packs_sql").await.unwrap();
    let shell = Shell::empty(OPSDASH).unwrap();
    let pack = our_pack();
    let mut ran = 0;
    for view in pack.views.iter().filter(|view| pack.source(view.source).engine == Engine::PostgreSql) {
        for file in names(view) {
            let printed = run(&shell, &[&view.id, "--system", &pack.system, "--statement", &file], 0).out;
            if let Err(said) = psql(&url, &printed) {
                panic!("{}, {file}: {said}\n{printed}", view.id);
            }
            ran += 1;
        }
    }
    assert!(ran > 40, "{ran}");
    // A NULL key finds no row: nothing was written.
    let told = psql(
        &url,
        "SELECT 1 / count(*) FROM licenses WHERE status = 'REVOKED' AND \"updatedAt\" > LOCALTIMESTAMP - interval '1 minute';",
    );
    assert!(told.unwrap_err().contains("division by zero"));
}

#[test]
fn values_are_the_defaults_and_keys_are_null() {
    let shell = Shell::empty(OPSDASH).unwrap();
    let printed = run(&shell, &["licenses"], 0).out;
    for line in [r"\set preset '\'all\''", r"\set urgent_within '\'7 days\''", r"\set search NULL", r"\set tenant NULL"]
    {
        assert!(printed.lines().any(|found| found == line), "no {line} in\n{printed}");
    }
    assert!(printed.trim_end().ends_with(';') && printed.contains(":preset::text"), "{printed}");
    let detail = run(&shell, &["licenses", "--statement", "detail"], 0).out;
    assert!(detail.starts_with("\\set key NULL\n\n--"), "{detail}");
    assert_eq!(run(&shell, &["licenses", "--statement", "licenses.detail.sql"], 0).out, detail);
    let wrong = run(&shell, &["licenses", "--statement", "detial"], 2).err;
    assert!(wrong.contains("licenses has no statement \"detial\"") && wrong.contains("\"detail\"?"), "{wrong}");
    assert!(run(&shell, &["nothing"], 2).err.contains("no pack has a view \"nothing\""));
}

#[test]
fn the_targets_own_thresholds_and_a_folders_pack_are_printed() {
    let config = target("lab", "postgres://u@127.0.0.1:9/x", &mongod::shared().url("packs_sql"));
    let lab = shell(&format!("{config}\n[views.licenses.threshold]\nurgent_within = \"3 days\"\n"));
    let printed = run(&lab, &["licenses"], 0).out;
    assert!(printed.contains(r"\set urgent_within '\'3 days\''"), "{printed}");
    assert_eq!(lab.run(&["packs", "new", "shop", "."]).code, Some(0));
    fs::create_dir(lab.path("shop/fragments")).unwrap();
    let file = lab.path("shop/sessions.sql");
    let text = fs::read_to_string(&file).unwrap().replace("a.pid,", "{{name(of => a)}},");
    fs::write(&file, text).unwrap();
    fs::write(lab.path("shop/fragments/name.sql"), "-- Who it is.\n{{of}}.pid\n").unwrap();
    let printed = run(&lab, &["sessions", "--dir", "shop"], 0).out;
    assert!(printed.contains("    a.pid,\n") && !printed.contains("Who it is"), "{printed}");
    psql(&shared().url("postgres"), &printed).unwrap();
    fs::write(lab.path("shop/fragments/name.sql"), "-- Who it is.\n\n{{off}}.pid\n").unwrap();
    let wrong = run(&lab, &["sessions", "--dir", "shop"], 2).err;
    assert!(wrong.contains("shop/fragments/name.sql:3: \"off\" is no fragment"), "{wrong}");
}

#[test]
fn of_mongodb_the_call_is_printed_that_mongosh_takes() {
    let shell = Shell::empty(OPSDASH).unwrap();
    let pack = our_pack();
    let mut printed = 0;
    for view in pack.views.iter().filter(|view| matches!(*view.query, Statement::Mongo(_))) {
        for file in names(view) {
            let script = run(&shell, &[&view.id, "--statement", &file], 0).out;
            let (on, stages) = script.split_once(".aggregate(EJSON.deserialize(").unwrap_or_else(|| panic!("{script}"));
            assert!(on.lines().last().unwrap().starts_with("db"), "{script}");
            let stages = stages.strip_suffix(")).toArray()\n").unwrap().replace("replies}", "null}");
            let stages: Vec<serde_json::Value> = serde_json::from_str(&stages).unwrap();
            assert!(!stages.is_empty() && !script.contains("$param"), "{script}");
            printed += 1;
        }
    }
    assert!(printed >= 4, "{printed}");
}
