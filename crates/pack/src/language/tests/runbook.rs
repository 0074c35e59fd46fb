//! `runbook.toml`, right and wrong.

use super::*;

const RUNBOOK: &str = r#"
[[runbook]]
id = "restore"
title = "Restore"
section = "Backups"
when = "The rows are gone."
[[runbook.step]]
says = "Ask [on call] first."
[[runbook.step]]
says = "Empty it."
command = "psql -c 'TRUNCATE jobs'"
label = "DESTRUCTIVE"
loses = "every job"
[[runbook]]
id = "logs"
title = "Look at the logs"
text = "They are short."
[[runbook]]
id = "vacuum"
title = "Vacuum"
section = "Backups"
[[runbook.step]]
says = "Do it."
command = "VACUUM FULL jobs"
label = "LOCKING"
locks = "every job"
[[runbook.step]]
says = "Watch it."
url = "http://localhost:5050"
[[checklist]]
id = "release"
title = "Release"
[[checklist.tick]]
id = "backed_up"
phase = "Before"
says = "There is a backup."
runbook = "restore"
[[checklist.tick]]
id = "done"
phase = "After"
says = "No job failed."
view = "jobs"
[[checklist.tick]]
id = "told"
phase = "Before"
says = "Everybody knows."
view = "waiting_by_job"
row = "j1"
[placeholder]
"on call" = ""
"#;

fn with_runbook(runbook: &str) -> Result<Pack, crate::document::Problems> {
    let mut files = demo();
    files.files.insert("runbook.toml".into(), runbook.into());
    load(&[files], &[])
}

#[test]
fn a_runbook_is_read_as_it_is_written_and_what_belongs_together_stands_together() {
    let pack = with_runbook(RUNBOOK).unwrap();
    let Runbook { entries, checklists, .. } = &pack.runbook;
    assert_eq!(entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["restore", "vacuum", "logs"]);
    assert_eq!(entries[0].hazard(), Some(&Hazard::Destructive("every job".into())));
    assert_eq!(entries[1].hazard().and_then(Hazard::sentence), Some("locks every job".into()));
    assert_eq!((entries[2].hazard(), entries[1].steps[1].hazard()), (None, None), "an address does nothing");
    let ticks: Vec<(&str, &TickedBy)> =
        checklists[0].ticks.iter().map(|tick| (tick.id.as_str(), &tick.decided)).collect();
    let view =
        |id: &str, row: Option<&str>| TickedBy::View { view: pack.find(id).unwrap(), row: row.map(str::to_owned) };
    assert_eq!(
        ticks,
        [("backed_up", &TickedBy::Hand), ("told", &view("waiting_by_job", Some("j1"))), ("done", &view("jobs", None))]
    );
    assert_eq!(checklists[0].ticks[0].runbook, pack.runbook.find("restore"));
    assert_eq!(pack.runbook.unfilled().collect::<Vec<_>>(), ["on call"]);
}

#[test]
fn an_upper_layer_fills_a_placeholder_changes_a_step_and_takes_an_entry_away() {
    let mut ours = demo();
    ours.files.insert("runbook.toml".into(), RUNBOOK.into());
    let upper = "[placeholder]\n\"on call\" = \"Jane, 12 34\"\n[[runbook]]\nid = \"logs\"\ndisabled = true\n\
                 [[runbook]]\nid = \"vacuum\"\n[[runbook.step]]\nsays = \"Do it.\"\ncommand = \"VACUUM FULL jobs, queues\"\n\
                 [[runbook.step]]\nsays = \"Watch it.\"\ndisabled = true\n";
    let files = [("runbook.toml".to_owned(), upper.to_owned())].into();
    let theirs = PackFiles { system: "demo".into(), origin: "~/packs/demo".into(), files };
    let pack = load(&[ours, theirs], &[]).unwrap();
    let entries = &pack.runbook.entries;
    assert_eq!(entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["restore", "vacuum"]);
    assert_eq!(entries[0].steps[0].says, "Ask Jane, 12 34 first.");
    assert_eq!(entries[1].steps.len(), 1);
    assert_eq!(entries[1].steps[0].copy.as_ref().map(ToCopy::text), Some("VACUUM FULL jobs, queues"));
    assert_eq!(pack.runbook.unfilled().count(), 0);
}

#[test]
fn what_is_wrong_in_a_runbook_is_told_with_line_and_remedy() {
    let broken = [
        ("label = \"DESTRUCTIVE\"\n", ""),
        ("label = \"DESTRUCTIVE\"", "label = \"SAFE\""),
        ("label = \"DESTRUCTIVE\"", "label = \"HARMLESS\""),
        ("loses = \"every job\"\n", ""),
        ("locks = \"every job\"", "loses = \"every job\""),
        ("url = \"http://localhost:5050\"", "url = \"http://localhost:5050\"\ncommand = \"true\"\nlabel = \"SAFE\""),
        ("url = \"http://localhost:5050\"", "label = \"SAFE\""),
        ("text = \"They are short.\"\n", ""),
        ("text = \"They are short.\"", "text = \"They are \\u001b[31mred\""),
        ("id = \"logs\"", "id = \"restore\""),
        ("id = \"logs\"", "id = \"the logs\""),
        ("says = \"Empty it.\"", "says = \"Ask [on call] first.\""),
        ("runbook = \"restore\"", "runbook = \"restor\""),
        ("view = \"jobs\"", "view = \"jobz\""),
        ("view = \"jobs\"", "row = \"j1\""),
        ("view = \"jobs\"", "view = \"jobs\"\nrow = \"j1\""),
        ("\"on call\" = \"\"", "\"on cal\" = \"\""),
    ];
    let mut all = String::new();
    for (from, to) in broken {
        assert!(RUNBOOK.contains(from), "{from}");
        let problems = with_runbook(&RUNBOOK.replacen(from, to, 1)).expect_err(to);
        let _ = writeln!(all, "## {from:?} -> {to:?}\n{problems}\n");
    }
    insta::assert_snapshot!(all);
}
