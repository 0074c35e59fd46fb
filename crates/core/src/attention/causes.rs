//! Which rows follow from rows of another view.

use std::collections::BTreeMap;

use opsdash_pack::pack::ViewId;

use super::{is_listed, views};
use crate::{
    model::TargetState,
    value::{Row, Severity},
};

/// Of each view that comes to attention, how bad the worst of its rows on the list is that follows from no other view.
pub(super) struct Causes(BTreeMap<ViewId, Severity>);

impl Causes {
    pub(super) fn of(target: &TargetState) -> Self {
        let worst = |view: ViewId| {
            let panel = target.panel(view);
            let is_shown = |row: &&Row| {
                is_listed(row) && !panel.snoozed.contains_key(&row.key) && echo_of(target, view, row).is_none()
            };
            Some((view, panel.default_snapshot()?.rows.iter().filter(is_shown).map(|row| row.severity).max()?))
        };
        Self(views(target).filter_map(worst).collect())
    }

    /// The view from which a row follows, where a row of that view is on the list that is at least as bad.
    pub(super) fn above(&self, target: &TargetState, view: ViewId, row: &Row) -> Option<ViewId> {
        let cause = echo_of(target, view, row).filter(|_| is_listed(row))?;
        self.0.get(&cause).filter(|worst| **worst >= row.severity).map(|_| cause)
    }
}

/// The view from which a row follows, by its reason.
fn echo_of(target: &TargetState, view: ViewId, row: &Row) -> Option<ViewId> {
    target.pack.reason(view, row.reason.as_deref()?)?.echo_of
}
