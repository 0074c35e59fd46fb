//! What the rows of a write are and become, for who confirms it.

use std::collections::BTreeMap;

use opsdash_pack::pack::{AFTER, Action, BEFORE, PlannedValue};

use super::TextRow;

/// A column of a row that a write changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChange {
    /// The column.
    pub column: String,
    /// What it is; `None` is NULL.
    pub from: Option<String>,
    /// What it becomes; `None` is NULL, or what was not given yet.
    pub to: Option<String>,
}

/// The columns of a look that say which row it is: those that the action does not change.
pub fn told<'r>(action: &'r Action, seen: &'r TextRow) -> impl Iterator<Item = (&'r str, Option<&'r str>)> {
    seen.columns().filter(|(name, _)| !action.change.iter().any(|(column, _)| column == name))
}

/// What the action says that it makes of a row; `asked` is what was given so far.
#[must_use]
pub fn changed(action: &Action, seen: &TextRow, asked: &BTreeMap<String, String>) -> Vec<ColumnChange> {
    let to = |change: &PlannedValue| match change {
        PlannedValue::To(text) => Some(text.clone()),
        PlannedValue::Asked(name) => asked.get(name).cloned(),
    };
    let known = action.change.iter().filter_map(|(column, change)| {
        let from = seen.get(column)?.map(str::to_owned);
        Some(ColumnChange { column: column.clone(), from, to: to(change) })
    });
    known.collect()
}

/// What taking back makes of a row that a write returned.
#[must_use]
pub fn undone(written: &TextRow) -> Vec<ColumnChange> {
    let columns = written.prefixed(BEFORE).filter_map(|(column, before)| {
        let after = written.get(&format!("{AFTER}{column}"))?;
        let text = |text: Option<&str>| text.map(str::to_owned);
        (before != after).then(|| ColumnChange { column: column.to_owned(), from: text(after), to: text(before) })
    });
    columns.collect()
}
