//! `opsdash act --undo`: what the record says was done is taken back, as safely as on screen.

use std::fs;

use opsdash_testbed::shell::Shell;

use super::{
    on,
    shell::{ALL, entry, refused},
};
use crate::support::{Lab, recorded};

/// Resolves these entries, and returns the id by which the record offers to take that back.
fn resolve(shell: &Shell, entries: &[&str], more: &[&str]) -> String {
    let ran =
        shell.run(&[&["act", "error_log", "resolve"], entries, &["--set", "note=INC-4711", "--yes"], more].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = shell.run(&["audit"]).out;
    let (_, offered) = told.rsplit_once("`opsdash act --undo ").unwrap_or_else(|| panic!("{told}"));
    offered.split_once('`').unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_in_another_run_is_looked_at_and_taken_back_once() {
    let lab = Lab::new("undo_once").await;
    let shell = on(&lab.operator_url(), "");
    let entry = entry(&lab).await;
    let was = lab.column(ALL).await;
    let id = resolve(&shell, &[&entry], &[]);
    let resolved = lab.column(ALL).await;
    assert_ne!(resolved, was);
    let looked = shell.run(&["act", "--undo", &id, "--dry-run", "--json"]);
    assert_eq!((looked.code, looked.json()["outcome"].as_str()), (Some(0), Some("preview")), "{looked:?}");
    assert_eq!(looked.json()["rows"][0]["before"]["resolved"], "true");
    assert_eq!(looked.json()["rows"][0]["after"]["resolved"], "false");
    refused(&shell.run(&["act", "--undo", &id]), 2, &["no terminal to ask on", "--yes"]);
    assert_eq!(lab.column(ALL).await, resolved);
    let undone = shell.run(&["act", "--undo", &id, "--yes", "--target", "lab"]);
    assert_eq!((undone.code, undone.out.lines().next()), (Some(0), Some("done: 1 row")), "{undone:?}");
    assert_eq!(lab.column(ALL).await, was);
    let told = shell.run(&["audit"]).out;
    assert!(told.lines().next().unwrap().contains("\"INC-4711\"  done, taken back "), "{told}");
    assert!(!told.contains("--undo"), "{told}");
    refused(&shell.run(&["act", "--undo", &id, "--yes"]), 1, &["was taken back already, at ", "nothing is written"]);
    refused(&shell.run(&["act", "--undo", "1-2-3", "--yes"]), 2, &["no action \"1-2-3\"", "opsdash audit"]);
    refused(&shell.run(&["act", "--undo", &id, "error_log", "resolve"]), 2, &["cannot be used with"]);
    assert_eq!(lab.column(ALL).await, was);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_row_has_changed_since_nothing_is_taken_back_and_the_row_is_named() {
    let lab = Lab::new("undo_changed").await;
    let shell = on(&lab.operator_url(), "");
    let two = lab.column("SELECT id::text FROM error_logs WHERE NOT resolved ORDER BY id LIMIT 2").await;
    let id = resolve(&shell, &[&two[0], &two[1]], &[]);
    lab.run(&format!("UPDATE error_logs SET \"resolutionNotes\" = 'theirs' WHERE id = '{}'", two[1])).await;
    let now = lab.column(ALL).await;
    refused(
        &shell.run(&["act", "--undo", &id, "--yes"]),
        1,
        &[&two[1], "is theirs, was INC-4711", "nothing is written"],
    );
    assert_eq!(lab.column(ALL).await, now);
    let last = recorded(&shell.state()).pop().unwrap();
    assert_eq!((last["action"].as_str(), last["outcome"].as_str()), (Some("undo of resolve"), Some("changed")));
    // It stands, and may be tried again when they are done.
    assert!(shell.run(&["audit"]).out.contains(&format!("--undo {id}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_forbids_writing_forbids_taking_back_and_so_does_time() {
    let lab = Lab::new("undo_forbidden").await;
    let shell = on(&lab.operator_url(), "protected = true");
    let id = resolve(&shell, &[&entry(&lab).await], &["--arm", "lab"]);
    let now = lab.column(ALL).await;
    let undo = |more: &[&str]| shell.run(&[&["act", "--undo", &id, "--yes"], more].concat());
    refused(&undo(&[]), 2, &["lab is protected", "--arm"]);
    refused(&undo(&["--arm", "prod"]), 2, &["does not name the target"]);
    refused(&undo(&["--arm", "lab", "--target", "prod"]), 2, &["it was done on lab"]);
    refused(&shell.run(&["--read-only", "act", "--undo", &id, "--yes", "--arm", "lab"]), 2, &["--read-only"]);
    assert_eq!(lab.column(ALL).await, now);
    // As it will be in a quarter of an hour.
    let file = shell.state().join("audit.jsonl");
    let lines = fs::read_to_string(&file).unwrap();
    let (before, until) = lines.split_once("\"undo_until\":\"").unwrap();
    let (_, after) = until.split_once('"').unwrap();
    fs::write(&file, format!("{before}\"undo_until\":\"2026-01-31T18:00:00Z\"{after}")).unwrap();
    refused(
        &undo(&["--arm", "lab"]),
        1,
        &["could be taken back for 15 minutes, which ended at 2026-01-31 18:00:00 UTC", "nothing is written"],
    );
    assert!(!shell.run(&["audit"]).out.contains("--undo"));
    assert_eq!(lab.column(ALL).await, now);
}
