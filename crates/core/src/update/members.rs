//! Databases of a family from one answer to the next: those that do not answer any more, those that are gone, those that
//! are new.

use std::collections::{BTreeMap, BTreeSet};

use opsdash_pack::pack::{OF_MEMBER, View};

use crate::{
    contract::{self, Coverage, FailedMember, Part},
    model::{Panel, Snapshot, SourceState},
    text,
    time::Monotonic,
    value::{Doubt, Old, Row, RowKey},
};

/// Names that are told at once.
const TOLD: usize = 3;

/// The rows that those of a new answer are held against.
pub(super) fn previous(panel: &Panel, part: Part) -> Option<&Snapshot> {
    if part == Part::List { panel.list_snapshot() } else { panel.default_snapshot() }
}

/// While a server does not tell its databases, those that were there before are likely its own: they did not answer
/// either, and nobody can say that they are gone.
pub(super) fn with_untold(mut coverage: Coverage, before: Option<&Coverage>) -> Coverage {
    let (Some(failure), Some(before)) = (coverage.untold().cloned(), before) else { return coverage };
    let heard = coverage.names();
    let failed = before.failed.iter().filter(|member| !member.is_server()).map(FailedMember::named);
    let known = before.answered.iter().cloned().chain(failed);
    let untold = known.filter(|member| !heard.contains(&*member.name));
    let untold: Vec<FailedMember> = untold.map(|member| FailedMember::new(member, failure.clone())).collect();
    coverage.members = coverage.members.saturating_add(u32::try_from(untold.len()).unwrap_or(u32::MAX));
    coverage.failed.extend(untold);
    coverage
}

/// What was known of databases that did not answer now stays, marked as old: the cells of a database's own row, whose
/// verdict is new, and in a view with several rows a database those rows as they were.
pub(super) fn keep_known(snapshot: &mut Snapshot, previous: Option<&Snapshot>, view: &View) {
    let (Some(coverage), Some(previous)) = (&snapshot.coverage, previous) else { return };
    if coverage.failed.is_empty() {
        return;
    }
    let (silent, was_silent, columns) = (snapshot.silent(), previous.silent(), view.row_key.len());
    let is_known = |row: &&Row| row.old.is_some() || !row.key.is_of_member(&was_silent, columns);
    let of_silent = previous.rows.iter().filter(|row| row.key.is_of_member(&silent, columns)).filter(is_known);
    let known = of_silent.map(|row| (row.key.clone(), as_old(row, previous.at))).collect();
    if columns == 1 {
        keep_cells(snapshot, known, view);
    } else {
        keep_rows(snapshot, known, view);
    }
}

fn as_old(row: &Row, at: Monotonic) -> Row {
    let old = row.old.unwrap_or(Old { since: at, severity: row.severity });
    Row { old: Some(old), own_doubt: Some(Doubt::SourceDown), doubt: Some(Doubt::SourceDown), ..row.clone() }
}

/// Of each database there is one row, which says why it did not answer: its cells are those that were known.
fn keep_cells(snapshot: &mut Snapshot, mut known: BTreeMap<RowKey, Row>, view: &View) {
    for row in &mut snapshot.rows {
        let Some(old) = known.remove(&row.key).filter(|old| old.cells.len() == row.cells.len()) else { continue };
        row.old = old.old;
        for ((cell, was), column) in row.cells.iter_mut().zip(old.cells).zip(&view.columns) {
            if !OF_MEMBER.contains(&&*column.name) {
                *cell = was;
            }
        }
    }
}

/// Beside the row that says why a database did not answer, the rows that it had stay, at most as many as the view loads.
fn keep_rows(snapshot: &mut Snapshot, known: BTreeMap<RowKey, Row>, view: &View) {
    let told: BTreeSet<RowKey> = snapshot.rows.iter().map(|row| row.key.clone()).collect();
    let is_left = |row: &Row| !told.contains(&row.key) && (row.own.is_trouble() || !snapshot.troubled);
    let mut kept: Vec<Row> = known.into_values().filter(is_left).collect();
    kept.sort_by_key(|row| std::cmp::Reverse(row.own));
    let most = usize::try_from(view.limit).unwrap_or(usize::MAX);
    snapshot.truncated |= kept.len() > most;
    kept.truncate(most);
    for row in &kept {
        for counts in [&mut snapshot.counts, &mut snapshot.own_counts] {
            counts.add(row.own, 1);
        }
        for reasons in [&mut snapshot.reasons, &mut snapshot.own_reasons] {
            reasons.add(row.own, row.own_reasons.first().map_or("", |id| id), u64::from(!row.own_reasons.is_empty()));
        }
    }
    snapshot.rows.extend(kept);
    // Stable: within a severity the rows of those that answered come first.
    snapshot.rows.sort_by_key(|row| std::cmp::Reverse(row.severity));
}

/// The keys of the rows that say of a database that it did not answer.
pub(super) fn verdict_keys(snapshot: &Snapshot, view: &View) -> BTreeSet<RowKey> {
    let failed = snapshot.coverage.iter().flat_map(|coverage| &coverage.failed);
    failed.map(|member| contract::failed_key(&member.name, view)).collect()
}

/// Takes in which databases a source has now. What is to be told: which are gone since the view was asked before, and
/// which are new. Each is told once, whatever the number of views.
pub(super) fn changes(
    source: &mut SourceState,
    before: Option<&Coverage>,
    coverage: &Coverage,
    now: Monotonic,
) -> Option<String> {
    source.forget_changes(now);
    let before = before?.names();
    let here = coverage.names();
    let mut told = Vec::new();
    let gone: Vec<&str> = before.difference(&here).copied().collect();
    let new: Vec<&str> = here.difference(&before).copied().collect();
    let is_news = |names: &mut BTreeMap<String, Monotonic>, others: &mut BTreeMap<String, Monotonic>, name: &str| {
        others.remove(name);
        names.insert(name.to_owned(), now).is_none()
    };
    let gone: Vec<&str> = gone.into_iter().filter(|name| is_news(&mut source.gone, &mut source.came, name)).collect();
    let new: Vec<&str> = new.into_iter().filter(|name| is_news(&mut source.came, &mut source.gone, name)).collect();
    told.extend(listed(&gone, "gone"));
    told.extend(listed(&new, "new"));
    (!told.is_empty()).then(|| told.join(", "))
}

/// `a, b and 4 more are gone`; `None` of none.
fn listed(names: &[&str], what: &str) -> Option<String> {
    let is = if names.len() == 1 { "is" } else { "are" };
    let name = |name: &&str| text::inert(&text::one_line(name)).into_owned();
    let first = names.iter().take(TOLD).map(name).collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!names.is_empty()).then(|| format!("{first}{more} {is} {what}"))
}
