//! `opsdash act` and `opsdash audit` as scripts meet them.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use opsdash_testbed::{servers::postgres::PostgresServer, shell::Ran};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::on;
use crate::support::{Lab, OPSDASH, recorded};

pub const ALL: &str = "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM error_logs AS t
    UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM licenses AS t";

/// A license that can be revoked: its id and the end of its key.
async fn license(lab: &Lab) -> (String, String) {
    let found = lab.one("SELECT id::text || ' ' || right(key, 4) FROM licenses WHERE status = 'ACTIVE' AND length(key) >= 12 LIMIT 1").await;
    let (id, end) = found.split_once(' ').unwrap();
    (id.to_owned(), end.to_owned())
}

pub async fn entry(lab: &Lab) -> String {
    lab.one("SELECT id::text FROM error_logs WHERE NOT resolved ORDER BY id LIMIT 1").await
}

#[track_caller]
pub fn refused(ran: &Ran, code: i32, parts: &[&str]) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    for part in parts {
        assert!(ran.err.contains(part), "no {part:?} in:\n{}", ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_in_words_and_nothing_is_written() {
    let lab = Lab::new("actions_bad").await;
    let shell = on(&lab.operator_url(), "");
    let (id, _) = license(&lab).await;
    let entry = entry(&lab).await;
    let gone = "00000000-0000-4000-8000-000000000000";
    let done = lab.one("SELECT id::text FROM error_logs WHERE resolved LIMIT 1").await;
    let was = lab.column(ALL).await;
    let long = format!("note={}", "x".repeat(100_000));
    let resolve =
        |keys: &[&str], more: &[&str]| shell.run(&[&["act", "error_log", "resolve"], keys, &["--yes"], more].concat());
    let note = ["--set", "note=x"];
    refused(&resolve(&[gone], &note), 1, &[gone, "there is no such row", "nothing is written"]);
    refused(&resolve(&["no uuid'; --"], &note), 1, &["no uuid'; --", "there is no such row"]);
    refused(&resolve(&[&entry, &done], &note), 1, &[&done, "is resolved already", "changed by", " at "]);
    refused(&resolve(&[&entry, &entry], &note), 2, &[&entry, "is given twice"]);
    refused(&resolve(&[&entry], &["--set", &long]), 2, &["100000 characters; 4000 are allowed"]);
    refused(&resolve(&[&entry], &["--set", "note=a\u{1b}[2Jb"]), 2, &["U+001B"]);
    refused(&resolve(&[&entry], &["--set", "nte=a"]), 2, &["did you mean \"note\"?"]);
    refused(&resolve(&[&entry], &[]), 2, &["note is asked: Resolution note"]);
    let act = |arguments: &[&str]| shell.run(&[&["act"], arguments].concat());
    refused(
        &act(&["licenses", "extend", &id, "--yes", "--set", "until=2001-01-01"]),
        2,
        &["2001-01-01 00:00:00 is in the past"],
    );
    refused(&act(&["licenses", "extend", &id, "--yes", "--set", "until=soon"]), 2, &["is no date"]);
    refused(&act(&["licenses", "revok", &id, "--yes"]), 2, &["did you mean \"revoke\"?"]);
    refused(&act(&["license", "revoke", &id, "--yes"]), 2, &["did you mean \"licenses\"?"]);
    refused(&act(&["licenses", "revoke", &id]), 2, &["no terminal to ask on", "--yes"]);
    refused(&act(&["licenses", "revoke", &id, "--yes"]), 2, &["the last 4 characters", "--confirm"]);
    refused(&act(&["licenses", "revoke", &id, "--yes", "--confirm", "0000"]), 2, &["--confirm is not"]);
    refused(&act(&["pg_activity", "cancel", "1", "2", "--yes"]), 2, &["one row at a time"]);
    refused(&act(&["licenses", "revoke", &id, "--yes", "--all-targets"]), 2, &["one target"]);
    assert_eq!(lab.column(ALL).await, was);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_forbids_writing_wins_over_what_asks_for_it() {
    let lab = Lab::new("actions_forbidden").await;
    let (id, end) = license(&lab).await;
    let was = lab.column(ALL).await;
    let all = ["act", "licenses", "revoke", &id, "--yes", "--confirm", &end, "--arm", "lab"];
    let locked = on(&lab.operator_url(), "read_only = true");
    refused(&locked.run(&all), 2, &["read_only is set", "lab"]);
    let protected = on(&lab.operator_url(), "protected = true");
    refused(&protected.run(&all[..7]), 2, &["lab is protected", "--arm"]);
    refused(&protected.run(&[&all[..8], &["prod"]].concat()), 2, &["does not name the target"]);
    refused(&protected.run(&[&["--read-only"], all.as_slice()].concat()), 2, &["--read-only: nothing is written"]);
    let reader = on(&lab.reader_url(), "");
    refused(&reader.run(&all), 3, &["no privilege", "licenses", "doctor --grants"]);
    // A role that an administrator made read-only stays so.
    let only = format!("ALTER ROLE opsdash_operator IN DATABASE {} SET default_transaction_read_only", lab.database);
    lab.run(&format!("{only} = on")).await;
    let operator = on(&lab.operator_url(), "");
    refused(&operator.run(&all), 3, &["default_transaction_read_only is on for opsdash_operator"]);
    refused(&operator.run(&["act", "licenses", "revoke", &id, "--dry-run"]), 3, &["default_transaction_read_only"]);
    lab.run(&format!("{only} = off")).await;
    assert_eq!(lab.column(ALL).await, was);
    // To look is allowed to everybody.
    for shell in [&locked, &protected, &reader] {
        let ran = shell.run(&["act", "licenses", "revoke", &id, "--dry-run", "--json"]);
        assert_eq!((ran.code, ran.json()["outcome"].as_str()), (Some(0), Some("preview")), "{ran:?}");
        assert_eq!(ran.json()["rows"][0]["after"]["status"], "REVOKED");
        assert!(!shell.state().join("audit.jsonl").exists() || recorded(&shell.state()).len() == 2);
    }
    assert_eq!(lab.column(ALL).await, was);
    assert_eq!(protected.run(&all).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_holds_is_not_waited_for_long() {
    let lab = Lab::new("actions_locked").await;
    let shell = on(&lab.operator_url(), "");
    let entry = entry(&lab).await;
    let mut other = PgConnection::connect(&lab.url()).await.unwrap();
    let hold = format!("BEGIN; SELECT 1 FROM error_logs WHERE id = '{entry}' FOR UPDATE");
    sqlx::raw_sql(AssertSqlSafe(hold)).execute(&mut other).await.unwrap();
    let ran = shell.run(&["act", "error_log", "resolve", &entry, "--set", "note=x", "--yes", "--json"]);
    refused(&ran, 3, &["busy", "lock timeout", "nothing is written"]);
    assert_eq!((&ran.json()["outcome"], &ran.json()["error"]["kind"]), (&"refused".into(), &"busy".into()));
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(recorded(&shell.state())[1]["outcome"], "failed");
    assert_eq!(shell.run(&["act", "error_log", "resolve", &entry, "--set", "note=x", "--yes"]).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recorded_is_not_written() {
    let lab = Lab::new("actions_full").await;
    let shell = on(&lab.operator_url(), "");
    let entry = entry(&lab).await;
    let was = lab.column(ALL).await;
    // A disk without room: no file may grow.
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {OPSDASH} \"$@\"");
    let arguments = ["-c", &script, "sh", "act", "error_log", "resolve", &entry, "--set", "note=x", "--yes"];
    let ran = Ran::of(&mut shell.command_of(Path::new("/bin/sh"), &arguments));
    refused(&ran, 2, &["nothing is written, for it cannot be recorded"]);
    assert_eq!(lab.column(ALL).await, was);
    assert_eq!(fs::read_to_string(shell.state().join("audit.jsonl")).unwrap(), "");
    // The folder is a file: nor is there a place to keep it.
    let other = on(&lab.operator_url(), "");
    fs::create_dir_all(other.state().parent().unwrap()).unwrap();
    fs::write(other.state(), "").unwrap();
    refused(
        &other.run(&["act", "error_log", "resolve", &entry, "--set", "note=x", "--yes"]),
        2,
        &["cannot be recorded"],
    );
    assert_eq!(lab.column(ALL).await, was);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_told_and_recorded() {
    let lab = Lab::new("actions_told").await;
    let shell = on(&lab.operator_url(), "");
    let (id, end) = license(&lab).await;
    let nothing = shell.run(&["audit"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(0), ""));
    assert!(nothing.err.contains("nothing was done"));
    let ran = shell.run(&["act", "licenses", "revoke", &id, "--yes", "--confirm", &end]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("done: 1 row\n") && ran.out.contains("status: ACTIVE -> REVOKED"), "{}", ran.out);
    let ran = shell.run(&["act", "licenses", "reinstate", &id, "--yes", "--set", "status=PENDING", "--json"]);
    let row = &ran.json()["rows"][0];
    assert_eq!((&row["before"]["status"], &row["after"]["status"]), (&"REVOKED".into(), &"PENDING".into()), "{ran:?}");
    refused(
        &shell.run(&["act", "licenses", "reinstate", &id, "--yes", "--set", "status=ACTIVE"]),
        1,
        &["is PENDING: only a REVOKED one is reinstated"],
    );
    let mode = fs::metadata(shell.state().join("audit.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = shell.run(&["audit", "--since", "8h"]);
    assert_eq!(text.out.lines().count(), 3, "{}", text.out);
    assert!(
        text.out.contains("licenses.revoke") && text.out.contains("is PENDING: only a REVOKED one"),
        "{}",
        text.out
    );
    assert_eq!(shell.run(&["audit", "--target", "elsewhere"]).out, "");
    assert!(shell.run(&["audit", "--format", "markdown"]).out.starts_with("| at | operator |"));
    let json = shell.run(&["audit", "--format", "json"]).json();
    assert_eq!(json["entries"].as_array().unwrap().len(), 3);
    assert_eq!(json["entries"][0]["outcome"]["rows"][0]["after"]["status"], "REVOKED");
    let whole = lab.one(&format!("SELECT key FROM licenses WHERE id = '{id}'")).await;
    assert!(!json.to_string().contains(&whole), "a license key is in the record");
    // Killed between its two lines.
    let file = shell.state().join("audit.jsonl");
    let lines = fs::read_to_string(&file).unwrap();
    fs::write(&file, lines.lines().next().unwrap().to_owned() + "\n{\"half").unwrap();
    let broken = shell.run(&["audit"]);
    assert!(broken.out.trim_end().ends_with("unknown"), "{}", broken.out);
    assert!(broken.err.contains("1 broke off") && broken.err.contains("1 lines of the record"), "{}", broken.err);
    refused(&shell.run(&["audit", "--since", "soon"]), 2, &["8h"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_never_written_to_and_the_next_url_is_the_primary() {
    let lab = Lab::new("actions_standby").await;
    let mut standby = PostgresServer::start().unwrap();
    standby.create_database("central").await.unwrap();
    standby.stop().unwrap();
    let signal = standby.dir().join("data/standby.signal");
    fs::write(&signal, "").unwrap();
    fs::set_permissions(&signal, fs::Permissions::from_mode(0o666)).unwrap();
    standby.start_again().unwrap();
    let entry = entry(&lab).await;
    let act = ["act", "error_log", "resolve", &entry, "--set", "note=x", "--yes"];
    refused(&on(&standby.url("central"), "").run(&act), 3, &["is a standby", "primary"]);
    let both = format!("{}\", \"{}", standby.url("central"), lab.operator_url());
    let shell = on(&both, "");
    let text = fs::read_to_string(shell.config()).unwrap().replacen("url = \"", "urls = [\"", 1).replacen(
        "\"\ntimeout",
        "\"]\ntimeout",
        1,
    );
    fs::write(shell.config(), text).unwrap();
    let ran = shell.run(&act);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(lab.one(&format!("SELECT resolved::text FROM error_logs WHERE id = '{entry}'")).await, "true");
}
