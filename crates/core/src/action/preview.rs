//! What the rows of a write are and become, for who confirms it.

use std::collections::BTreeMap;

use opsdash_pack::pack::{AFTER, Action, BEFORE, PlannedValue, ROW_VERSION, WayOut};

use super::{Refusal, TextRow};
use crate::text;

/// Columns by which a row is called.
const NAMES: usize = 2;
/// Cells of each of them.
const NAME: usize = 60;

/// A column of a row that a write changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChange {
    /// The column.
    pub column: String,
    /// What it is; `None` is NULL.
    pub from: Option<String>,
    /// What it becomes; `None` is NULL, or what was not given yet.
    pub to: Option<String>,
    /// Whether it depends on something that was not given yet.
    pub is_open: bool,
}

fn is_open(change: &PlannedValue, asked: &BTreeMap<String, String>) -> bool {
    match change {
        PlannedValue::Asked(name) | PlannedValue::Appended(name) => !asked.contains_key(name),
        PlannedValue::To(_) | PlannedValue::Operator | PlannedValue::Now => false,
    }
}

/// The columns of a look that say which row it is: those that the action does not change. The version that the database
/// gives a row is compared, and tells nobody anything.
pub fn told<'r>(action: &'r Action, seen: &'r TextRow) -> impl Iterator<Item = (&'r str, Option<&'r str>)> {
    seen.columns().filter(|(name, _)| *name != ROW_VERSION && !action.change.iter().any(|(column, _)| column == name))
}

/// What a row of a look is called where there is one line for it: the first columns that say which row it is. Empty where
/// none does.
#[must_use]
pub fn name(action: &Action, seen: &TextRow) -> String {
    let told = told(action, seen).filter_map(|(_, value)| value).filter(|value| !value.trim().is_empty());
    let short = |value: &str| text::cut(&text::inert(&text::one_line(value)), NAME, "…").into_owned();
    told.take(NAMES).map(short).collect::<Vec<_>>().join("  ")
}

/// Why a row is not written, with what it is called; where nobody knows that, with its key. Behind it stands what leads to
/// the action that is the way out: its key, or its command.
#[must_use]
pub fn sentence(action: &Action, refusal: &Refusal, way_to: impl Fn(&WayOut) -> String) -> String {
    let way_out = refusal.way_out.as_ref().map(|way| format!(" ({})", way_to(way))).unwrap_or_default();
    let name = refusal.now.as_ref().map(|now| name(action, now)).filter(|name| !name.is_empty());
    match name.unwrap_or_else(|| text::inert(&refusal.key).into_owned()) {
        about if about.is_empty() => format!("{}{way_out}", refusal.why),
        about => format!("{about}: {}{way_out}", refusal.why),
    }
}

/// What the action says that it makes of a row; `asked` is what was given so far. A time that the server will say is
/// `now`, and what is added to a text begins with a plus.
#[must_use]
pub fn changed(action: &Action, seen: &TextRow, asked: &BTreeMap<String, String>, operator: &str) -> Vec<ColumnChange> {
    let known = action.change.iter().filter_map(|(column, change)| {
        let from = seen.get(column)?.map(str::to_owned);
        let to = match change {
            PlannedValue::To(text) => text.clone(),
            PlannedValue::Asked(name) => asked.get(name).cloned(),
            PlannedValue::Appended(name) => asked.get(name).map(|text| format!("+ {operator}: {text}")),
            PlannedValue::Operator => Some(operator.to_owned()),
            PlannedValue::Now => Some("now".to_owned()),
        };
        Some(ColumnChange { column: column.clone(), from, to, is_open: is_open(change, asked) })
    });
    known.collect()
}

/// What taking back makes of a row that a write returned.
#[must_use]
pub fn undone(written: &TextRow) -> Vec<ColumnChange> {
    let columns = written.prefixed(BEFORE).filter_map(|(column, before)| {
        let after = written.get(&format!("{AFTER}{column}"))?;
        let text = |text: Option<&str>| text.map(str::to_owned);
        (before != after).then(|| ColumnChange {
            column: column.to_owned(),
            from: text(after),
            to: text(before),
            is_open: false,
        })
    });
    columns.collect()
}
