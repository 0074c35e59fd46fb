//! `opsdash audit`: the record of what was done.

use jiff::Timestamp;
use opsdash_core::{format, text};
use serde_json::json;

use crate::export::json;
use crate::{
    cli::{
        args::audit::{AuditArgs, AuditFormat},
        error::CliError,
        exit::Exit,
        output::CommandOutput,
    },
    settings::Environment,
    store::audit::{
        self,
        actions::{RecordedAction, actions, entries, said},
    },
};

/// Carries the command out: of these targets, of all when none is named.
///
/// # Errors
/// When the record cannot be read.
pub fn run(args: &AuditArgs, environment: &Environment, targets: &[String]) -> Result<CommandOutput, CliError> {
    let log = audit::read(&environment.state_home).map_err(|why| {
        let file = environment.state_home.join(audit::FILE);
        CliError::usage(format!("{} cannot be read: {why}", file.display()), "")
    })?;
    let now = Timestamp::now();
    let oldest = args.since.map(|ms| now.as_millisecond() - i64::try_from(ms).unwrap_or(i64::MAX));
    let mut entries = entries(&log.lines, oldest);
    entries
        .retain(|entry| targets.is_empty() || targets.iter().any(|target| entry.head()["target"] == target.as_str()));
    let mut notes = Vec::new();
    if log.broken > 0 {
        notes.push(format!("{} lines of the record cannot be read", log.broken));
    }
    let open = entries.iter().filter(|entry| entry.outcome.is_none()).count();
    if open > 0 {
        notes.push(format!("{open} broke off: look at their rows, for the outcome is unknown"));
    }
    let data = match args.format {
        AuditFormat::Json => json::bytes(&json!({
            "schema": json::SCHEMA,
            "entries": entries.iter().map(|entry| json!({"intent": entry.intent, "outcome": entry.outcome})).collect::<Vec<_>>(),
        })),
        AuditFormat::Text => actions(&entries).iter().map(|action| line(action, now)).collect::<String>().into_bytes(),
        AuditFormat::Markdown => table(&actions(&entries), now).into_bytes(),
    };
    if entries.is_empty() && args.format != AuditFormat::Json {
        notes.push("nothing was done".into());
    }
    Ok(CommandOutput { data, notes, exit: Exit::Done })
}

/// Cells of what a row is called.
const NAMED: usize = 60;

/// When, who, where, what, on which and how many rows, the note, and what came of it.
fn fields(action: &RecordedAction<'_, '_>, now: Timestamp) -> [String; 7] {
    let first = action.first();
    let what = format!("{}.{}", first.text("view"), first.text("action"));
    let what = match action.scope() {
        Some(scope) => format!("{what} ({})", said(scope.label())),
        None => what,
    };
    let note = first.head()["asked"]["note"].as_str().map(|note| format!("\"{}\"", said(note)));
    [
        first.at().map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default(),
        first.text("operator"),
        first.text("target"),
        what,
        rows(action),
        note.unwrap_or_default(),
        outcome(action, now),
    ]
}

/// `"server unreachable…" and 6 901 more`: what the first row was called when it was seen, else its key.
fn rows(action: &RecordedAction<'_, '_>) -> String {
    let keys = action.keys();
    let first = action.first().rows().first();
    let seen = first.and_then(|row| row["seen"].as_object()).into_iter().flatten();
    // Of the texts that were shown the longest says most.
    let name = seen.filter_map(|(_, text)| text.as_str()).max_by_key(|text| text.chars().count());
    let key = keys.first().map(|key| said(key)).unwrap_or_default();
    let name = name.filter(|name| !name.is_empty()).map(|name| format!("\"{}\"", text::cut(&said(name), NAMED, "…")));
    match (keys.len(), name) {
        (0 | 1, Some(name)) => format!("{key} {name}"),
        (0 | 1, None) => key,
        (rows, Some(name)) => format!("{name} and {} more", format::thousands(rows as u64 - 1)),
        (rows, None) => format!("{key} and {} more", format::thousands(rows as u64 - 1)),
    }
}

fn outcome(action: &RecordedAction<'_, '_>, now: Timestamp) -> String {
    let (word, batches) = (action.word(), &action.batches);
    let done = batches.iter().filter(|batch| batch.word() == "done").count();
    let error = batches.iter().find_map(|batch| batch.outcome?["error"].as_str()).unwrap_or_default();
    let mut outcome = word.to_owned();
    if !error.is_empty() {
        outcome = format!("{outcome}: {}", said(error));
    }
    if word != "done" && batches.len() > 1 {
        outcome = format!("{outcome} (after {done} of {} batches)", batches.len());
    }
    if action.first().intent.is_none() {
        outcome = format!("{outcome} (its intent is not in the record)");
    }
    if let Some(at) = action.taken_back {
        outcome = format!("{outcome}, taken back {}", at.strftime("%H:%M"));
        if !action.standing.is_empty() {
            outcome = format!("{outcome} but for {}", format::rows(action.standing.len()));
        }
    }
    match action.undo_until().filter(|until| *until > now) {
        Some(until) => {
            format!("{outcome}; `opsdash act --undo {}` takes it back until {}", action.id(), until.strftime("%H:%M"))
        }
        None => outcome,
    }
}

fn line(action: &RecordedAction<'_, '_>, now: Timestamp) -> String {
    let fields = fields(action, now);
    let told: Vec<&str> = fields.iter().map(String::as_str).filter(|field| !field.is_empty()).collect();
    format!("{}\n", told.join("  "))
}

fn table(actions: &[RecordedAction<'_, '_>], now: Timestamp) -> String {
    let row = |fields: [String; 7]| format!("| {} |\n", fields.map(|field| field.replace('|', "\\|")).join(" | "));
    let head = ["at", "operator", "target", "action", "rows", "note", "outcome"].map(str::to_owned);
    let body: String = actions.iter().map(|action| row(fields(action, now))).collect();
    format!("{}|---|---|---|---|---|---|---|\n{body}", row(head))
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    /// The two lines of a batch.
    fn batch(minute: u8, action: &str, place: (u64, u64), key: &str, note: &str, outcome: &str) -> [Json; 2] {
        let id = format!("{minute}-{action}-{}", place.0);
        let head = json!({
            "id": id, "operator": "alice", "target": "prod", "system": "shop", "view": "errors", "action": action, "scope": null,
            "batch": place.0, "of": place.1, "process": 7, "asked": {"note": note},
            "at": format!("2026-11-28T01:{minute:02}:00Z"),
        });
        let with = |more: Json| {
            let mut line = head.clone();
            line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            line
        };
        let seen = json!({"level": "CRITICAL", "message": format!("server unreachable, entry {key}")});
        [
            with(json!({"phase": "intent", "rows": [{"key": key, "seen": seen}]})),
            with(json!({
                "phase": "outcome", "outcome": outcome, "rows": [], "error": null,
                "undo_until": (outcome == "done").then(|| format!("2026-11-28T01:{:02}:00Z", minute + 15)),
            })),
        ]
    }

    fn told(lines: &[Json]) -> Vec<String> {
        let now = "2026-11-28T01:20:00Z".parse().unwrap();
        actions(&entries(lines, None)).iter().map(|action| line(action, now)).collect()
    }

    #[test]
    fn an_action_is_one_line_with_what_it_was_about_its_note_and_that_it_was_taken_back() {
        let lines = [
            batch(6, "resolve", (1, 2), "a", "INC-4711", "done"),
            batch(6, "resolve", (2, 2), "b", "INC-4711", "done"),
            batch(9, "undo of resolve", (1, 2), "a", "", "done"),
            batch(9, "undo of resolve", (2, 2), "b", "", "done"),
        ]
        .concat();
        let told = told(&lines);
        assert_eq!(told.len(), 2, "{told:#?}");
        let expected = "2026-11-28 01:06:00 UTC  alice  prod  errors.resolve  \
                        \"server unreachable, entry a\" and 1 more  \"INC-4711\"  done, taken back 01:09\n";
        assert_eq!(told[0], expected);
        let json = entries(&lines, None);
        assert_eq!(json.len(), 4, "programs read each batch");
    }

    #[test]
    fn what_can_still_be_taken_back_says_how_and_until_when() {
        let half = [
            batch(6, "resolve", (1, 2), "a", "", "done"),
            batch(6, "resolve", (2, 2), "b", "", "done"),
            batch(9, "undo of resolve", (1, 2), "a", "", "done"),
            batch(9, "undo of resolve", (2, 2), "b", "", "changed"),
        ]
        .concat();
        let told = told(&half);
        assert!(
            told[0].ends_with(
                "done, taken back 01:09 but for 1 row; `opsdash act --undo 6-resolve-1` takes it back until 01:21\n"
            ),
            "{}",
            told[0]
        );
        assert!(told[1].contains("changed (after 1 of 2 batches)"), "{}", told[1]);
        let old = batch(1, "resolve", (1, 1), "c", "", "done");
        assert!(self::told(&old)[0].ends_with("  done\n"), "its fifteen minutes are over");
    }

    #[test]
    fn what_was_done_a_second_time_is_another_action_and_a_batch_that_failed_says_how_far_it_came() {
        let lines = [
            batch(6, "resolve", (1, 1), "a", "first", "done"),
            batch(7, "resolve", (1, 1), "a", "second", "done"),
            batch(8, "purge", (1, 3), "c", "", "done"),
            batch(8, "purge", (2, 3), "d", "", "failed"),
        ]
        .concat();
        let told = told(&lines);
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].contains("first") && told[1].contains("second"));
        assert!(told[2].contains("failed (after 1 of 2 batches)"), "{}", told[2]);
    }
}
