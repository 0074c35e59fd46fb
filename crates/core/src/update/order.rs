//! The order of the rows of a list: by the filter, the sort and what is snoozed, else as the query returns them.

use crate::{filter::Candidate, model::Panel, value::Row};

/// Orders the rows that are here by the filter and the sort. The query's order is the order when nothing else is said.
pub(super) fn reorder(panel: &mut Panel) {
    let Some(snapshot) = panel.list_snapshot() else {
        panel.list.order.clear();
        return;
    };
    let narrowing = &panel.list.narrowing;
    // Ages count at the moment of the rows, as they do in sentences.
    let now = snapshot.server_now;
    let passes = |row: &Row| narrowing.filter.as_ref().is_none_or(|filter| filter.accepts(&Candidate::of(row, now)));
    let mut order: Vec<u32> = (0u32..).zip(&snapshot.rows).filter(|(_, row)| passes(row)).map(|(at, _)| at).collect();
    if let Some(sort) = narrowing.sort {
        order.sort_by_cached_key(|at| sort.key(&snapshot.rows[*at as usize]));
    }
    if !panel.snoozed.is_empty() {
        let is_snoozed = |at: &u32| panel.snoozed.contains_key(&snapshot.rows[*at as usize].key);
        if panel.list.shows_snoozed {
            order.sort_by_key(is_snoozed);
        } else {
            order.retain(|at| !is_snoozed(at));
        }
    }
    panel.list.order = order;
}
