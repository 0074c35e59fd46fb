//! Sources that do not answer, or that are not asked because nobody has said whose rows are to be seen.

use std::cmp::Reverse;

use opsdash_pack::pack::{EnrichBy, SourceId, View, ViewId};

use super::{AttentionItem, LineKind, Place, Rank};
use crate::{
    contract::{Failure, LinkState},
    model::{Panel, SourceState, TargetId, TargetState},
    value::{RowKey, Severity},
};

/// A line for each source of a target that cannot be reached or lets nobody in.
pub(super) fn dead(id: TargetId, target: &TargetState) -> impl Iterator<Item = AttentionItem> + '_ {
    let is_dead = |state: &SourceState| state.trouble.is_some_and(|(kind, _)| kind.is_of_source());
    let dead = target.sources.iter().enumerate().filter(move |(_, state)| is_dead(state));
    dead.filter_map(move |(at, _)| of_source(id, target, SourceId(at), resting_on(target, SourceId(at)).first()))
}

/// A line for a target of which it is not known whose rows are to be seen. A question is no accident: it stands where other
/// lines that are unknown stand.
pub(super) fn unchosen(id: TargetId, target: &TargetState) -> Option<(Rank, AttentionItem)> {
    let (source, why) = why_unchosen(target)?;
    let is_dead = target.source(source).trouble.is_some_and(|(kind, _)| kind.is_of_source());
    let first = scoped(target).next();
    let line = of_source(id, target, source, first.as_ref()).filter(|_| !is_dead && !why.kind.is_of_source())?;
    Some((Rank::Rows { severity: Reverse(line.severity), place: Place::Rows, rows: Reverse(line.rows()) }, line))
}

/// Why it is not known whose rows are to be seen, and the source that is therefore not asked; `None` when it is known, or
/// when it is still being looked up.
#[must_use]
pub fn why_unchosen(target: &TargetState) -> Option<(SourceId, Failure)> {
    let scope = target.pack.scope.as_ref()?;
    Some((scope.source, target.scope.as_ref()?.why_unknown(scope)?))
}

/// The tabs whose rows are somebody's.
pub fn scoped(target: &TargetState) -> impl Iterator<Item = ViewId> + '_ {
    target.pack.tabs().filter(|view| target.pack.view(*view).scoped)
}

/// A line that is of a source and of no row. `first` is the first tab of which nothing is known therefore.
fn of_source(id: TargetId, target: &TargetState, source: SourceId, first: Option<&ViewId>) -> Option<AttentionItem> {
    Some(AttentionItem {
        target: id,
        view: *first?,
        row: 0,
        key: RowKey(target.pack.source(source).name.as_str().into()),
        severity: Severity::Unknown,
        kind: LineKind::Source(source),
    })
}

/// The tabs of which nothing newer is known while a source does not answer: those that ask it, and those whose rows are
/// judged by what is asked of it.
#[must_use]
pub fn resting_on(target: &TargetState, source: SourceId) -> Vec<ViewId> {
    let asks = |view: &View| view.source == source || view.files.as_ref().is_some_and(|files| files.store == source);
    let rests = |view: &View| {
        asks(view)
            || view.enrich.iter().any(|enrich| match &enrich.by {
                EnrichBy::View { view, .. } => asks(target.pack.view(*view)),
                EnrichBy::Query(_) => false,
            })
    };
    target.pack.tabs().filter(|id| rests(target.pack.view(*id))).collect()
}

/// Why a source does not answer; `None` where nobody said.
#[must_use]
pub fn why_dead(target: &TargetState, source: SourceId) -> Option<&Failure> {
    if let Some(LinkState::Down(failure)) = &target.source(source).link {
        return Some(failure);
    }
    let mine = target.panels.iter().filter(|panel| target.pack.view(panel.view).source == source);
    mine.filter_map(Panel::failure).find(|failure| failure.kind.is_of_source())
}
