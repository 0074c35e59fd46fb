//! `opsdash audit`: the record of what was done.

use std::collections::BTreeSet;

use jiff::Timestamp;
use opsdash_core::{format, text};
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
    store::audit,
};

/// A write: its intent, and its outcome where there is one. Where the line of the intent is broken, the outcome alone.
struct AuditEntry<'l> {
    intent: Option<&'l Json>,
    outcome: Option<&'l Json>,
}

/// Carries the command out: of these targets, of all when none is named.
///
/// # Errors
/// When the record cannot be read.
pub fn run(args: &AuditArgs, environment: &Environment, targets: &[String]) -> Result<CommandOutput, CliError> {
    let log = audit::read(&environment.state_home).map_err(|why| {
        let file = environment.state_home.join(audit::FILE);
        CliError::usage(format!("{} cannot be read: {why}", file.display()), "")
    })?;
    let oldest = args.since.map(|ms| Timestamp::now().as_millisecond() - i64::try_from(ms).unwrap_or(i64::MAX));
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
        AuditFormat::Text => actions(&entries).iter().map(line).collect::<String>().into_bytes(),
        AuditFormat::Markdown => table(&actions(&entries)).into_bytes(),
    };
    if entries.is_empty() && args.format != AuditFormat::Json {
        notes.push("nothing was done".into());
    }
    Ok(CommandOutput { data, notes, exit: Exit::Done })
}

/// Writes in the order of their intents, an outcome without one at its own place; `oldest` in ms since 1970.
fn entries(lines: &[Json], oldest: Option<i64>) -> Vec<AuditEntry<'_>> {
    let is_young = |line: &&Json| {
        let at = line["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
        oldest.is_none_or(|oldest| at.is_some_and(|at| at.as_millisecond() >= oldest))
    };
    let outcomes: std::collections::BTreeMap<&str, &Json> = lines
        .iter()
        .filter(|line| line["phase"] == "outcome")
        .filter_map(|line| Some((line["id"].as_str()?, line)))
        .collect();
    let intended: BTreeSet<&str> =
        lines.iter().filter(|line| line["phase"] == "intent").filter_map(|line| line["id"].as_str()).collect();
    let entry = |line| {
        let id = line_id(line);
        match line["phase"].as_str() {
            Some("intent") => {
                let outcome = id.and_then(|id| outcomes.get(id).copied());
                Some(AuditEntry { intent: Some(line), outcome })
            }
            Some("outcome") if id.is_none_or(|id| !intended.contains(id)) => {
                Some(AuditEntry { intent: None, outcome: Some(line) })
            }
            _ => None,
        }
    };
    lines.iter().filter(is_young).filter_map(entry).collect()
}

fn line_id(line: &Json) -> Option<&str> {
    line["id"].as_str()
}

impl AuditEntry<'_> {
    fn word(&self) -> &str {
        self.outcome.and_then(|outcome| outcome["outcome"].as_str()).unwrap_or("unknown")
    }

    /// What both lines say: who, where, what.
    fn head(&self) -> &Json {
        self.intent.or(self.outcome).unwrap_or(&Json::Null)
    }

    fn text(&self, name: &str) -> String {
        said(self.head()[name].as_str().unwrap_or_default())
    }

    /// Of the rows of the intent.
    fn rows(&self) -> &[Json] {
        self.head()["rows"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether it is the next batch of the same action.
    fn follows(&self, before: &Self) -> bool {
        let same = |name: &str| self.head()[name] == before.head()[name];
        ["operator", "target", "view", "action", "scope", "of"].into_iter().all(same)
            && self.intent.is_some_and(|intent| {
                before
                    .intent
                    .is_some_and(|known| known["process"] == intent["process"] && known["asked"] == intent["asked"])
            })
            && self.batch().zip(before.batch()).is_some_and(|(next, last)| next == last + 1)
    }

    /// Which batch of its action it is, from 1; `None` where the record does not say.
    fn batch(&self) -> Option<u64> {
        self.head()["batch"].as_u64()
    }

    /// When it was begun, in UTC; empty where the record does not say.
    fn at(&self, format: &str) -> String {
        let at = self.head()["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
        at.map(|at| at.strftime(format).to_string()).unwrap_or_default()
    }
}

/// What somebody did at once: one write, or the batches of one, in their order.
struct ActionEntry<'e, 'l> {
    batches: Vec<&'e AuditEntry<'l>>,
    /// When it was taken back, where it was, as the record has it.
    taken_back: Option<String>,
}

/// The prefix of the action of a line that takes another back.
const UNDO: &str = "undo of ";

/// The writes, the batches of each together, and which of them were taken back.
fn actions<'e, 'l>(entries: &'e [AuditEntry<'l>]) -> Vec<ActionEntry<'e, 'l>> {
    let mut actions: Vec<ActionEntry> = Vec::new();
    for entry in entries {
        let is_next = |action: &&mut ActionEntry| action.batches.last().is_some_and(|last| entry.follows(last));
        // Two sessions may write at the same time: their batches stand between each other.
        let begun = if entry.batch() > Some(1) { actions.iter_mut().rev().find(is_next) } else { None };
        match begun {
            Some(action) => action.batches.push(entry),
            None => actions.push(ActionEntry { batches: vec![entry], taken_back: None }),
        }
    }
    for undo in 0..actions.len() {
        let first = actions[undo].first();
        let Some(undone) = first.text("action").strip_prefix(UNDO).map(str::to_owned) else { continue };
        if actions[undo].word() != "done" {
            continue;
        }
        let (at, key, target, view) =
            (first.at("%H:%M"), actions[undo].first_key(), first.text("target"), first.text("view"));
        let is_meant = |action: &&mut ActionEntry| {
            let first = action.first();
            (first.text("action"), first.text("target"), first.text("view"))
                == (undone.clone(), target.clone(), view.clone())
                && action.first_key() == key
                && action.taken_back.is_none()
        };
        if let Some(action) = actions[..undo].iter_mut().rev().find(is_meant) {
            action.taken_back = Some(at);
        }
    }
    actions
}

impl ActionEntry<'_, '_> {
    fn first(&self) -> &AuditEntry<'_> {
        self.batches[0]
    }

    fn keys(&self) -> BTreeSet<&str> {
        self.batches.iter().flat_map(|batch| batch.rows()).filter_map(|row| row["key"].as_str()).collect()
    }

    fn first_key(&self) -> Option<String> {
        self.keys().first().map(|key| (*key).to_owned())
    }

    /// What came of it: that of all batches, or of the first that came to something else.
    fn word(&self) -> &str {
        self.batches.iter().map(|batch| batch.word()).find(|word| *word != "done").unwrap_or("done")
    }

    /// When, who, where, what, on which and how many rows, the note, and what came of it.
    fn fields(&self) -> [String; 7] {
        let first = self.first();
        let action = format!("{}.{}", first.text("view"), first.text("action"));
        let scope = first.head()["scope"]["label"].as_str().map(said);
        let action = scope.map_or_else(|| action.clone(), |scope| format!("{action} ({scope})"));
        let note = first.head()["asked"]["note"].as_str().map(|note| format!("\"{}\"", said(note)));
        [
            first.at("%Y-%m-%d %H:%M:%S UTC"),
            first.text("operator"),
            first.text("target"),
            action,
            self.rows(),
            note.unwrap_or_default(),
            self.outcome(),
        ]
    }

    /// `"server unreachable…" and 6 901 more`: what the first row was called when it was seen, else its key.
    fn rows(&self) -> String {
        let rows = self.keys().len();
        let first = self.first().rows().first();
        let seen = first.and_then(|row| row["seen"].as_object()).into_iter().flatten();
        // Of the texts that were shown the longest says most.
        let name = seen.filter_map(|(_, text)| text.as_str()).max_by_key(|text| text.chars().count());
        let key = self.first_key().map(|key| said(&key)).unwrap_or_default();
        let name =
            name.filter(|name| !name.is_empty()).map(|name| format!("\"{}\"", text::cut(&said(name), NAMED, "…")));
        match (rows, name) {
            (0 | 1, Some(name)) => format!("{key} {name}"),
            (0 | 1, None) => key,
            (rows, Some(name)) => format!("{name} and {} more", format::thousands(rows as u64 - 1)),
            (rows, None) => format!("{key} and {} more", format::thousands(rows as u64 - 1)),
        }
    }

    fn outcome(&self) -> String {
        let word = self.word();
        let done = self.batches.iter().filter(|batch| batch.word() == "done").count();
        let error = self.batches.iter().find_map(|batch| batch.outcome?["error"].as_str()).unwrap_or_default();
        let mut outcome = word.to_owned();
        if !error.is_empty() {
            outcome = format!("{outcome}: {}", said(error));
        }
        if word != "done" && self.batches.len() > 1 {
            outcome = format!("{outcome} (after {done} of {} batches)", self.batches.len());
        }
        if self.first().intent.is_none() {
            outcome = format!("{outcome} (its intent is not in the record)");
        }
        match &self.taken_back {
            Some(at) => format!("{outcome}, taken back {at}"),
            None => outcome,
        }
    }
}

/// Cells of what a row is called.
const NAMED: usize = 60;

/// A text of the record, on one line.
fn said(text: &str) -> String {
    text::inert(&text::one_line(text)).into_owned()
}

fn line(action: &ActionEntry<'_, '_>) -> String {
    let fields = action.fields();
    let told: Vec<&str> = fields.iter().map(String::as_str).filter(|field| !field.is_empty()).collect();
    format!("{}\n", told.join("  "))
}

fn table(actions: &[ActionEntry<'_, '_>]) -> String {
    let row = |fields: [String; 7]| format!("| {} |\n", fields.map(|field| field.replace('|', "\\|")).join(" | "));
    let head = ["at", "operator", "target", "action", "rows", "note", "outcome"].map(str::to_owned);
    let body: String = actions.iter().map(|action| row(action.fields())).collect();
    format!("{}|---|---|---|---|---|---|---|\n{body}", row(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two lines of a batch.
    fn batch(minute: u8, action: &str, place: (u64, u64), key: &str, note: &str, outcome: &str) -> [Json; 2] {
        let id = format!("{minute}-{action}-{}", place.0);
        let head = json!({
            "id": id, "operator": "alice", "target": "prod", "view": "errors", "action": action, "scope": null,
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
            with(json!({"phase": "outcome", "outcome": outcome, "rows": [], "error": null})),
        ]
    }

    fn told(lines: &[Json]) -> Vec<String> {
        actions(&entries(lines, None)).iter().map(line).collect()
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
