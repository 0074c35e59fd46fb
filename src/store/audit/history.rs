//! What the record says was done, for who looks at it and takes it back: read from its end, as far as it is needed.

use std::{collections::BTreeSet, io, path::Path, time::Duration};

use jiff::Timestamp;
use opsdash_core::{
    history::{History, HistoryEntry, RecordedWrite},
    model::UNDO_MS,
    time::Time,
};
use serde_json::Value as Json;

use super::{
    FILE,
    actions::{self, AuditEntry, RecordedAction, UNDO, moment, said},
    backwards::LinesBack,
};

/// Writes, batch by batch, that a history goes back.
const WRITES: usize = 1_000;
/// Bytes of the record that it goes back.
const BYTES: u64 = 64_000_000;
/// Rows of a write that can no longer be taken back whose names are kept.
const NAMED: usize = 1;

/// What can still be taken back, oldest first; nothing where the record cannot be read, which `opsdash audit` tells.
#[must_use]
pub fn undoable(state_dir: &Path) -> Vec<RecordedWrite> {
    let now = Timestamp::now();
    let lines = young_lines(state_dir, now).unwrap_or_default();
    let entries = actions::entries(&lines, None);
    actions::actions(&entries).iter().filter_map(|action| undo(action, now)).collect()
}

/// What was done last, newest first.
///
/// # Errors
/// When the record cannot be read.
pub fn history(state_dir: &Path) -> io::Result<History> {
    let now = Timestamp::now();
    let Some(mut back) = LinesBack::of(&state_dir.join(FILE))? else { return Ok(History::default()) };
    let (mut lines, mut writes, begin) = (Vec::new(), 0, back.place());
    while writes < WRITES && begin - back.place() < BYTES {
        let Some(line) = back.next() else { break };
        let Ok(mut line) = serde_json::from_str::<Json>(&line?) else { continue };
        if line["phase"] == "intent" {
            writes += 1;
        }
        if !is_young(&line, now) {
            lighten(&mut line);
        }
        lines.push(line);
    }
    lines.reverse();
    let entries = actions::entries(&lines, None);
    let actions = actions::actions(&entries);
    // Of what was cut in two the half that is here tells nothing true.
    let whole =
        actions.iter().filter(|action| action.is_whole() && action.first().intent.is_some() || back.place() == 0);
    let entries = whole.rev().map(|action| entry(action, now)).collect();
    Ok(History { entries, is_cut: back.place() > 0 })
}

/// The action as people are told of it.
#[must_use]
pub fn entry(action: &RecordedAction<'_, '_>, now: Timestamp) -> HistoryEntry {
    let first = action.first();
    let time = |at: Timestamp| Time(at.as_microsecond());
    let text = first.text("action");
    let label = first.text("label");
    let asked = first.head()["asked"].as_object().into_iter().flatten();
    let asked = asked.filter_map(|(name, value)| Some((name.clone(), said(value.as_str()?))));
    let error = action.batches.iter().find_map(|batch| refused(batch).or(batch.outcome?["error"].as_str().map(said)));
    let error = error.unwrap_or_default();
    let (done, all) = (action.batches.iter().filter(|batch| batch.word() == "done").count(), action.batches.len());
    let told = [
        (!error.is_empty()).then(|| format!(": {error}")),
        (action.word() != "done" && all > 1).then(|| format!(" (after {done} of {all} batches)")),
        first.intent.is_none().then(|| " (its intent is not in the record)".to_owned()),
    ];
    HistoryEntry {
        id: action.id().to_owned(),
        at: first.at().map(time),
        target: first.text("target"),
        view: first.text("view"),
        action: text.strip_prefix(UNDO).unwrap_or(&text).to_owned(),
        title: first.text("title"),
        is_undo: text.starts_with(UNDO),
        scope: action.scope(),
        who: if label.is_empty() { first.text("operator") } else { format!("{} ({label})", first.text("operator")) },
        rows: action.keys().len(),
        name: action.name(),
        row: action.view_rows().into_iter().next(),
        asked: asked.filter(|(_, value)| !value.is_empty()).collect(),
        word: said(action.word()),
        said: told.into_iter().flatten().collect(),
        taken_back: action.taken_back.map(time),
        standing: action.standing.len(),
        until: action.undo_until().map(time),
        undo: undo(action, now),
    }
}

/// Why a row was not as it should be, by its name where it is one of several; how many others were not.
fn refused(batch: &AuditEntry<'_>) -> Option<String> {
    let outcome = batch.outcome.filter(|outcome| outcome["outcome"] == "changed")?;
    let rows = outcome["rows"].as_array()?;
    let text = |name: &str| rows.first().and_then(|row| row[name].as_str()).filter(|text| !text.is_empty());
    let why = said(text("why")?);
    Some(match (rows.len(), text("name")) {
        (1, _) => why,
        (count, Some(name)) => format!("{}: {why}, and {} more", said(name), count - 1),
        (_, None) => return None,
    })
}

fn undo(action: &RecordedAction<'_, '_>, now: Timestamp) -> Option<RecordedWrite> {
    let until = action.undo_until().filter(|until| *until > now && action.is_whole())?;
    let text = |name: &str| action.first().head()[name].as_str().map(str::to_owned);
    Some(RecordedWrite {
        target: text("target")?,
        system: text("system")?,
        view: text("view")?,
        action: text("action")?,
        scope: action.scope(),
        rows: action.view_rows(),
        written: action.written(),
        seen: action.seen(),
        until: Time(until.as_microsecond()),
    })
}

/// Whether what the line tells of may still be taken back.
fn is_young(line: &Json, now: Timestamp) -> bool {
    moment(&line["at"]).is_some_and(|at| at + Duration::from_millis(UNDO_MS) > now)
}

/// Leaves out of a line what only an undo needs: of old ones the rows may be many, and their columns are most of them.
fn lighten(line: &mut Json) {
    for row in line["rows"].as_array_mut().into_iter().flatten().skip(NAMED) {
        if let Some(row) = row.as_object_mut() {
            row.retain(|name, _| name == "key");
        }
    }
}

/// The lines of actions that may still be taken back, in their order. Of one that began before that all are there.
fn young_lines(state_dir: &Path, now: Timestamp) -> io::Result<Vec<Json>> {
    let Some(back) = LinesBack::of(&state_dir.join(FILE))? else { return Ok(Vec::new()) };
    let (mut lines, mut open) = (Vec::new(), BTreeSet::new());
    for line in back {
        let Ok(line) = serde_json::from_str::<Json>(&line?) else { continue };
        if open.is_empty() && !is_young(&line, now) {
            break;
        }
        follow(&line, &mut open);
        lines.push(line);
    }
    lines.reverse();
    Ok(lines)
}

/// What of the record is still wanted, read backwards: the intents of outcomes, and the batches before a later one.
fn follow(line: &Json, open: &mut BTreeSet<String>) {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let batch = |number: u64| format!("{number} {} {} {}", text("process"), text("view"), text("action"));
    match line["phase"].as_str() {
        Some("outcome") => drop(open.insert(text("id"))),
        Some("intent") => {
            open.remove(&text("id"));
            let number = line["batch"].as_u64().unwrap_or(1);
            open.remove(&batch(number));
            if number > 1 {
                open.insert(batch(number - 1));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    /// The lines of a batch that began so many minutes ago.
    fn batch(minutes: i64, id: &str, action: &str, place: (u64, u64), rows: usize) -> String {
        let at = Timestamp::now() - Duration::from_secs(u64::try_from(minutes * 60).unwrap());
        let keys: Vec<String> = (0..rows).map(|row| format!("{}-{row}", place.0)).collect();
        let head = |phase: &str, at: Timestamp, rest: Json| {
            let mut line = json!({
                "schema": 1, "id": format!("{id}-{}", place.0), "at": at.to_string(), "phase": phase, "operator": "alice",
                "label": "Alice", "target": "prod", "system": "shop", "view": "orders", "action": action, "title": "Pay",
                "scope": null, "batch": place.0, "of": place.1,
            });
            line.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            format!("{line}\n")
        };
        let seen =
            |key: &String| json!({"key": key, "name": format!("order {key}"), "row": key, "seen": {"state": "open"}});
        let written = |key: &String| json!({"key": key, "before": {"state": "open"}, "after": {"state": "paid"}});
        let intent =
            json!({"process": "7", "asked": {"note": "INC-1"}, "rows": keys.iter().map(seen).collect::<Vec<_>>()});
        let mut outcome =
            json!({"outcome": "done", "rows": keys.iter().map(written).collect::<Vec<_>>(), "error": null});
        if !action.starts_with(UNDO) {
            outcome["undo_until"] = (at + Duration::from_millis(UNDO_MS)).to_string().into();
        }
        head("intent", at, intent) + &head("outcome", at, outcome)
    }

    fn recorded(lines: &[String]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), lines.concat()).unwrap();
        dir
    }

    #[test]
    fn what_was_done_is_told_newest_first_by_the_names_that_the_box_had() {
        let dir = recorded(&[
            batch(60, "a", "pay", (1, 2), 3),
            batch(60, "a", "pay", (2, 2), 2),
            "half a line\n".into(),
            batch(5, "b", "pay", (1, 1), 1),
            batch(4, "c", "undo of pay", (1, 1), 1),
            batch(2, "d", "pay", (1, 1), 1),
        ]);
        let history = history(dir.path()).unwrap();
        let told: Vec<_> = history.entries.iter().map(|entry| (entry.what(), entry.which(), entry.standing)).collect();
        let told: Vec<_> = told.iter().map(|(what, which, standing)| (&**what, &**which, *standing)).collect();
        assert_eq!(
            told,
            [
                ("Pay", "order 1-0", 1),
                ("Undo of Pay", "order 1-0", 1),
                ("Pay", "order 1-0", 0),
                ("Pay", "order 1-0 and 4 more", 5),
            ]
        );
        let [newest, _, undone, old] = &history.entries[..] else { panic!("{history:?}") };
        assert_eq!((newest.who.as_str(), newest.answers().as_str()), ("alice (Alice)", "\"INC-1\""));
        let undo = newest.undo.as_ref().unwrap();
        assert_eq!((undo.rows.as_slice(), undo.written.len(), undo.seen.len()), (&["1-0".to_owned()][..], 1, 1));
        assert!(undone.undo.is_none() && undone.taken_back.is_some());
        assert!(old.undo.is_none() && old.until.is_some() && !history.is_cut, "its time is over");
        assert_eq!(self::history(&dir.path().join("none")).unwrap(), History::default());
    }

    #[test]
    fn a_start_reads_no_more_than_what_can_still_be_taken_back() {
        let old = || vec![batch(60, "old", "pay", (1, 1), 200); 50];
        // What is no JSON at the begin of a long record is not even looked at.
        let mut lines = vec!["{\n".to_owned()];
        lines.extend(old());
        lines.extend([batch(16, "began", "pay", (1, 2), 1), batch(14, "ended", "pay", (2, 2), 1)]);
        lines.push(batch(1, "young", "pay", (1, 1), 1));
        let dir = recorded(&lines);
        let read = young_lines(dir.path(), Timestamp::now()).unwrap();
        assert_eq!(read.len(), 6, "both batches of what began before, and nothing older: {read:#?}");
        let writes = undoable(dir.path());
        assert_eq!(writes.iter().map(|write| write.written.len()).collect::<Vec<_>>(), [2, 1]);
        assert!(undoable(recorded(&old()).path()).is_empty());
    }

    #[test]
    fn of_a_long_record_the_last_writes_are_told_and_that_there_are_others() {
        let lines: Vec<String> = (0..WRITES + 5).map(|at| batch(60, &at.to_string(), "pay", (1, 1), 1)).collect();
        let history = history(recorded(&lines).path()).unwrap();
        assert_eq!((history.entries.len(), history.is_cut), (WRITES, true));
        assert_eq!(history.entries[0].id, format!("{}-1", WRITES + 4));
    }
}
