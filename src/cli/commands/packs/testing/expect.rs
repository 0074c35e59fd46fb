//! Holds the rows of a view against those that a test wants.

use std::collections::{BTreeMap, BTreeSet};

use opsdash_core::{catalog::CATALOG_PREFIX, export::Document, text, value::RowKey};
use opsdash_pack::{
    document::{Problem, SourceLocation},
    pack::{ExpectedRow, PackTest, RowPick, View},
};
use serde_json::Value as Json;

use crate::{cli::answer::ViewAnswer, export::json};

/// At most so many rows are named that no test wants.
const NAMED: usize = 5;

/// A row as the test sees it.
struct FoundRow {
    key: String,
    severity: &'static str,
    reason: String,
    why: String,
    values: Json,
}

/// What is not as the test says.
pub(super) fn compare(test: &PackTest, answer: &ViewAnswer) -> Vec<Problem> {
    let failed = match (&test.fails, answer.failure()) {
        (Some(wanted), Some(failure)) if failure.to_string().contains(wanted.as_str()) => return Vec::new(),
        (Some(wanted), Some(failure)) => Some(format!("it fails without \"{wanted}\": {failure}")),
        (Some(wanted), None) => Some(format!("it does not fail with \"{wanted}\"")),
        (None, failure) => failure.map(|failure| format!("it fails: {failure}")),
    };
    if let Some(what) = failed {
        return vec![problem(test, &test.at, &what)];
    }
    let found = found(answer);
    let (mut problems, mut wanted, mut last) = (Vec::new(), BTreeSet::new(), None);
    for row in &test.rows {
        let place = match one(&row.pick, &found) {
            Ok(place) => place,
            Err(what) => {
                problems.push(problem(test, &row.at, &what));
                continue;
            }
        };
        let mut differing = differences(row, &found[place]);
        if test.ordered && last.is_some_and(|last| place < last) {
            differing.push("it stands above the one before".to_owned());
        }
        let differing = differing.iter().map(|what| problem(test, &row.at, &format!("{}: {what}", told(&row.pick))));
        problems.extend(differing);
        last = Some(place);
        wanted.insert(place);
    }
    let other: Vec<&FoundRow> =
        found.iter().enumerate().filter(|(place, _)| !wanted.contains(place)).map(|(_, row)| row).collect();
    if !test.others && !other.is_empty() {
        let named = other.iter().take(NAMED).map(|row| format!("\n    {} {} {}", row.key, row.severity, row.why));
        let more = if other.len() > NAMED { "\n    .." } else { "" };
        let rows = if other.len() == 1 { "a row" } else { "rows" };
        let what =
            format!("{} returns {rows} that it does not name:{}{more}", answer.view().id, named.collect::<String>());
        problems.push(problem(test, &test.at, &what));
    }
    problems
}

fn problem(test: &PackTest, at: &SourceLocation, what: &str) -> Problem {
    let what = format!("{}: {}", test.name, text::inert(what));
    Problem { place: at.clone(), what, remedy: "correct the query or the test".to_owned() }
}

/// The keys of the rows that an action is done to.
///
/// # Errors
/// When there is no such row.
pub(super) fn keys(view: &View, pick: &RowPick, answer: &ViewAnswer) -> Result<Vec<String>, String> {
    match pick {
        RowPick::Key(parts) => Ok(vec![key_of(view, parts)]),
        RowPick::Find(values) => {
            let found = found(answer);
            let keys: Vec<String> = found.into_iter().filter(|row| has(row, values)).map(|row| row.key).collect();
            if keys.is_empty() { Err(format!("there is no row {}", told(pick))) } else { Ok(keys) }
        }
    }
}

fn key_of(view: &View, parts: &[String]) -> String {
    let key = RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>());
    let prefix = if view.files.is_some() { CATALOG_PREFIX } else { "" };
    format!("{prefix}{}", key.as_str())
}

fn found(answer: &ViewAnswer) -> Vec<FoundRow> {
    let document = Document::of(answer.target(), answer.view(), answer.rows());
    let row = |row: &opsdash_core::export::ExportRow| FoundRow {
        key: row.key.as_str().to_owned(),
        severity: row.severity.word(),
        reason: row.reason.as_deref().unwrap_or_default().to_owned(),
        why: row.why.to_string(),
        values: json::values(&document, row),
    };
    document.rows.iter().map(row).collect()
}

/// The place of the one row that is meant.
fn one(pick: &RowPick, found: &[FoundRow]) -> Result<usize, String> {
    let is_meant = |row: &FoundRow| match pick {
        RowPick::Key(parts) => {
            let key = RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>());
            row.key == key.as_str() || row.key.strip_prefix(CATALOG_PREFIX) == Some(key.as_str())
        }
        RowPick::Find(values) => has(row, values),
    };
    let places: Vec<usize> = (0..found.len()).filter(|place| is_meant(&found[*place])).collect();
    match places[..] {
        [place] => Ok(place),
        [] => Err(format!("there is no row {}", told(pick))),
        _ => Err(format!("{} rows are {}: say more of it, or its key", places.len(), told(pick))),
    }
}

fn has(row: &FoundRow, values: &BTreeMap<String, Json>) -> bool {
    values.iter().all(|(name, wanted)| same(&row.values[name], wanted))
}

fn differences(wanted: &ExpectedRow, found: &FoundRow) -> Vec<String> {
    let mut differing = Vec::new();
    if let Some(severity) = wanted.severity.as_ref().filter(|severity| *severity != found.severity) {
        differing.push(format!("its severity is {}, not {severity} (why: {})", found.severity, found.why));
    }
    if let Some(reason) = wanted.reason.as_ref().filter(|reason| **reason != found.reason) {
        differing.push(format!("its reason is \"{}\", not \"{reason}\"", text::inert(&found.reason)));
    }
    if let Some(why) = wanted.why.as_ref().filter(|why| **why != found.why) {
        differing.push(format!("it says \"{}\", not \"{why}\"", text::inert(&found.why)));
    }
    for (name, value) in wanted.cells.iter().filter(|(name, value)| !same(&found.values[name.as_str()], value)) {
        differing.push(format!("{name} is {}, not {value}", found.values[name.as_str()]));
    }
    differing
}

/// Whether a value is the one that is wanted. Numbers are compared as such: 3 is 3.0.
fn same(found: &Json, wanted: &Json) -> bool {
    match (found.as_f64(), wanted.as_f64()) {
        (Some(found), Some(wanted)) => (found - wanted).abs() <= wanted.abs() * 1e-9,
        _ => found == wanted,
    }
}

fn told(pick: &RowPick) -> String {
    match pick {
        RowPick::Key(parts) => format!("with the key {}", parts.join(", ")),
        RowPick::Find(values) => {
            let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            format!("with {}", values.join(", "))
        }
    }
}
