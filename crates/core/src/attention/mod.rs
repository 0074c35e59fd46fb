//! What needs somebody: the troubled rows of all views that ask for attention, of all targets that are watched. Causes come
//! first, by how many they hurt and how new they are; then rows that no cause explains, those of one reason in one line.
//! Rows that follow from rows of another view are one line beneath these.

mod causes;
mod filtered;
mod sources;
mod view_lines;

use std::{cmp::Reverse, sync::Arc};

use opsdash_pack::pack::{View, ViewId};

pub use crate::model::{AttentionItem, LineKind, ManyRows};

pub use self::filtered::columns;
pub use self::sources::{resting_on, scoped, why_dead, why_unchosen};
use self::{
    causes::Causes,
    view_lines::{ViewLines, rank_of_cause},
};
use crate::{
    model::{AttentionOrder, Model, SeenLines, TargetState},
    time::Time,
    value::{Counts, Row, Severity},
};

/// Lines at most: beyond that the tabs are the place to look.
const LINES: usize = 200;
/// So many rows of one reason are told one by one.
const FEW: usize = 3;

/// Where a line stands among those that are not of sources: causes that hurt many, by how many they hurt (whether one, tens
/// or hundreds), how bad and how new they are; then everything else, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Cause { magnitude: Reverse<u32>, severity: Reverse<Severity>, reach: Reverse<u64>, since: Reverse<Option<Time>> },
    Rows { severity: Reverse<Severity>, place: Place, rows: Reverse<u64> },
}

/// Within one severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A cause that hurts few and is only warn.
    Cause,
    Rows,
    Rest,
}

/// Views whose rows come to attention.
pub fn views(target: &TargetState) -> impl Iterator<Item = ViewId> + '_ {
    target.pack.tabs().filter(|id| target.pack.view(*id).attention.is_paid() && !target.panel(*id).is_left_out())
}

/// The lines of the overview's list, as they were when the last message was taken in with the overview on screen.
#[must_use]
pub fn lines(model: &Model) -> Arc<[AttentionItem]> {
    model.attention.lines.clone()
}

/// Lines: sources that do not answer; then causes, other rows and sources of which nobody has said whose rows are to be
/// seen, by their rank, then in the order of targets, tabs and queries; echoes beneath what they follow from.
pub(crate) fn compute(model: &Model) -> Vec<AttentionItem> {
    let causes: Vec<Causes> = model.watched().map(|(_, target)| Causes::of(target)).collect();
    let targets = model.watched().zip(&causes);
    let parts: Vec<ViewLines> = targets
        .flat_map(|((id, target), causes)| {
            views(target).filter_map(move |view| ViewLines::of(target, id, view, causes))
        })
        .collect();
    let dead = model.watched().flat_map(|(id, target)| sources::dead(id, target));
    let unchosen = model.watched().filter_map(|(id, target)| sources::unchosen(id, target));
    if let Some(filter) = &model.attention.list.narrowing.filter {
        return filtered::lines(model, filter, dead, unchosen, &parts);
    }
    let mut ranked: Vec<(Rank, AttentionItem)> = unchosen.chain(parts.iter().flat_map(ViewLines::ranked)).collect();
    if model.attention.order == AttentionOrder::Causes {
        ranked.sort_by_key(|(rank, _)| *rank);
    }
    let mut lines: Vec<AttentionItem> = ranked.into_iter().map(|(_, line)| line).take(LINES).collect();
    for part in &parts {
        part.add_echoes(&mut lines);
    }
    for part in &parts {
        part.unfold(&model.attention.unfolded, &mut lines);
    }
    lines.splice(..0, dead);
    lines
}

/// Whether a line has come, got worse or stands for more rows since the user last looked.
#[must_use]
pub fn is_new(model: &Model, line: &AttentionItem) -> bool {
    model.attention.seen.is_new(&line.id(), line.severity, line.rows(), model.clock.mono)
}

/// What there is to see of the list now.
pub(crate) fn to_see(model: &Model) -> SeenLines {
    lines(model).iter().map(|line| (line.id(), (line.severity, line.rows()))).collect()
}

/// The row of a view that is named when only one is: of its worst rows the first; where they are causes, the one that the
/// list has first. `None` when no row needs anybody.
#[must_use]
pub fn worst_row<'m>(view: &View, rows: &'m [Row]) -> Option<&'m Row> {
    let worst = rows.iter().map(|row| row.severity).max().filter(|severity| severity.is_trouble())?;
    let mut worst = rows.iter().filter(|row| row.severity == worst);
    match view.cause {
        Some(_) => worst.min_by_key(|row| rank_of_cause(view.cause, row)),
        None => worst.next(),
    }
}

/// How many rows these lines stand for.
#[must_use]
pub fn told(lines: &[AttentionItem]) -> u64 {
    lines.iter().map(AttentionItem::rows).sum()
}

/// How many rows of the list are snoozed.
#[must_use]
pub fn snoozed(model: &Model) -> usize {
    let of_view = |target: &TargetState, view: ViewId| {
        let panel = target.panel(view);
        let rows = panel.default_snapshot().filter(|_| !panel.snoozed.is_empty()).map(|snapshot| &snapshot.rows);
        let troubled = rows.into_iter().flatten().filter(|row| is_listed(row));
        troubled.filter(|row| panel.snoozed.contains_key(&row.key)).count()
    };
    model.watched().map(|(_, target)| views(target).map(|view| of_view(target, view)).sum::<usize>()).sum()
}

/// How many rows need somebody, shown or not, and whether there may be more.
#[must_use]
pub fn total(model: &Model) -> (u64, bool) {
    let snapshots =
        model.watched().flat_map(|(_, target)| views(target).filter_map(|view| target.panel(view).default_snapshot()));
    let counts = snapshots.fold(Counts::default(), |counts, snapshot| counts.and(snapshot.counts));
    (counts.crit + counts.warn, counts.may_be_more(Severity::Warn))
}

/// Whether a row is one that the list has.
fn is_listed(row: &Row) -> bool {
    matches!(row.severity, Severity::Crit | Severity::Warn)
}
