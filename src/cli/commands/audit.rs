//! `opsdash audit`: the record of what was done.

use std::collections::BTreeSet;

use jiff::Timestamp;
use opsdash_core::text;
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

/// Carries the command out.
///
/// # Errors
/// When the record cannot be read.
pub fn run(args: &AuditArgs, environment: &Environment) -> Result<CommandOutput, CliError> {
    let log = audit::read(&environment.state_home).map_err(|why| {
        let file = environment.state_home.join(audit::FILE);
        CliError::usage(format!("{} cannot be read: {why}", file.display()), "")
    })?;
    let oldest = args.since.map(|ms| Timestamp::now().as_millisecond() - i64::try_from(ms).unwrap_or(i64::MAX));
    let entries = entries(&log.lines, oldest);
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
        AuditFormat::Text => entries.iter().map(line).collect::<String>().into_bytes(),
        AuditFormat::Markdown => table(&entries).into_bytes(),
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
        let raw = self.head()[name].as_str().unwrap_or_default();
        text::inert(&text::one_line(raw)).into_owned()
    }

    /// When, who, where, what, on how many rows, and what came of it.
    fn fields(&self) -> [String; 6] {
        let at = self.head()["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
        let at = at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default();
        let rows = self.head()["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
        let keys: BTreeSet<&str> = rows.iter().filter_map(|row| row["key"].as_str()).collect();
        let first = keys.first().map(|key| text::inert(key).into_owned()).unwrap_or_default();
        let more = if keys.len() > 1 { format!(" and {} more", keys.len() - 1) } else { String::new() };
        let action = format!("{}.{}", self.text("view"), self.text("action"));
        let scope =
            self.head()["scope"]["label"].as_str().map(|label| text::inert(&text::one_line(label)).into_owned());
        let action = scope.map_or_else(|| action.clone(), |scope| format!("{action} ({scope})"));
        let error = self.outcome.and_then(|outcome| outcome["error"].as_str()).unwrap_or_default();
        let error = text::one_line(error);
        let said =
            if error.is_empty() { self.word().to_owned() } else { format!("{}: {}", self.word(), text::inert(&error)) };
        let said = if self.intent.is_none() { format!("{said} (its intent is not in the record)") } else { said };
        [at, self.text("operator"), self.text("target"), action, format!("{first}{more}"), said]
    }
}

fn line(entry: &AuditEntry<'_>) -> String {
    format!("{}\n", entry.fields().join("  "))
}

fn table(entries: &[AuditEntry<'_>]) -> String {
    let row = |fields: [String; 6]| format!("| {} |\n", fields.map(|field| field.replace('|', "\\|")).join(" | "));
    let head = ["at", "operator", "target", "action", "rows", "outcome"].map(str::to_owned);
    let body: String = entries.iter().map(|entry| row(entry.fields())).collect();
    format!("{}|---|---|---|---|---|---|\n{body}", row(head))
}
