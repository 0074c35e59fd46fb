//! `opsdash audit`: the record of what was done.

use jiff::Timestamp;
use opsdash_core::{
    format, text,
    time::{Time, Zone},
};
use serde_json::{Value as Json, json};

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
        actions::{AuditEntry, RecordedAction, UNDO, actions, entries, said},
        history,
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
            "entries": entries.iter().map(entry_json).collect::<Vec<_>>(),
        })),
        AuditFormat::Text => actions(&entries).iter().map(|action| line(action, now)).collect::<String>().into_bytes(),
        AuditFormat::Markdown => table(&actions(&entries), now).into_bytes(),
    };
    if entries.is_empty() && args.format != AuditFormat::Json {
        notes.push("nothing was done".into());
    }
    Ok(CommandOutput { data, notes, exit: Exit::Done })
}

/// The two lines of a batch, and of an undo what it takes back: the record writes that as words.
fn entry_json(entry: &AuditEntry<'_>) -> Json {
    let head = entry.head();
    let undone = head["action"].as_str().and_then(|action| action.strip_prefix(UNDO));
    let undo_of = undone.map(|action| json!({"view": head["view"], "action": action, "title": head["title"]}));
    json!({"intent": entry.intent, "outcome": entry.outcome, "undo_of": undo_of})
}

/// When, who, where, what, on which and how many rows, what was asked, and what came of it; texts of the record as `clean`
/// makes them.
fn fields(action: &RecordedAction<'_, '_>, now: Timestamp, clean: fn(&str) -> String) -> [String; 7] {
    let entry = &history::entry(action, now);
    let undo = if entry.is_undo { UNDO } else { "" };
    let what = format!("{}.{undo}{}", entry.view, entry.action);
    let what = match &entry.scope {
        Some(scope) => format!("{what} ({})", said(scope.label())),
        None => what,
    };
    let at = entry.at.and_then(Time::calendar).map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    let mut outcome = clean(&entry.outcome(&Zone::Utc));
    if let Some(until) = entry.undo_until(Time(now.as_microsecond())) {
        let until = format::clock(until, &Zone::Utc, false);
        outcome = format!("{outcome}; `opsdash act --undo {}` takes it back until {until}", entry.id);
    }
    let at = at.unwrap_or_default();
    let [who, target, what, which, asked] =
        [&entry.who, &entry.target, &what, &entry.which(), &entry.answers()].map(|text| clean(text));
    [at, who, target, what, which, asked, outcome]
}

fn line(action: &RecordedAction<'_, '_>, now: Timestamp) -> String {
    let fields = fields(action, now, str::to_owned);
    let told: Vec<&str> = fields.iter().map(String::as_str).filter(|field| !field.is_empty()).collect();
    format!("{}\n", told.join("  "))
}

fn table(actions: &[RecordedAction<'_, '_>], now: Timestamp) -> String {
    let row = |fields: [String; 7]| format!("| {} |\n", fields.join(" | "));
    let head = ["at", "operator", "target", "action", "rows", "asked", "outcome"].map(str::to_owned);
    let body = actions.iter().map(|action| row(fields(action, now, text::markdown)));
    format!("{}|---|---|---|---|---|---|---|\n{}", row(head), body.collect::<String>())
}

#[cfg(test)]
mod tests {
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
                        \"server unreachable, entry a\" and 1 more  \"INC-4711\"  done, taken back 01:09 Z\n";
        assert_eq!(told[0], expected);
        let json = entries(&lines, None);
        assert_eq!(json.len(), 4, "programs read each batch");
        let undone: Vec<Json> = json.iter().map(|entry| entry_json(entry)["undo_of"]["action"].clone()).collect();
        assert_eq!(undone, [Json::Null, Json::Null, "resolve".into(), "resolve".into()]);
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
                "done, taken back 01:09 Z but for 1 row; `opsdash act --undo 6-resolve-1` takes it back until 01:21 Z\n"
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
