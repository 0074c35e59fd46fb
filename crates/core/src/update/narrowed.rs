//! What a panel is narrowed to: other choices ask the server again, and what a jump set is given back.

use super::order;
use crate::{
    contract::Part,
    model::{Choices, List, Narrowed, Narrowing, Panel},
};

/// Narrows a view to these choices and to nothing else; what it had before.
pub(super) fn narrow_to(panel: &mut Panel, choices: Choices) -> Narrowed {
    let List { narrowing, key, .. } = &panel.list;
    let before = Narrowed {
        view: panel.view,
        set: choices.clone(),
        choices: panel.choices.clone(),
        filter: narrowing.clone(),
        key: key.clone(),
    };
    let sort = narrowing.sort;
    set_choices(panel, choices, Narrowing { sort, ..Narrowing::default() });
    before
}

/// Gives a view what it had before a jump narrowed it.
pub(super) fn restore(panel: &mut Panel, before: Narrowed) {
    let Narrowed { choices, filter, key, .. } = before;
    let List { narrowing, key: cursor, .. } = &mut panel.list;
    if panel.choices != choices || narrowing.text != filter.text {
        *cursor = key;
    }
    let sort = narrowing.sort;
    set_choices(panel, choices, Narrowing { sort, ..filter });
}

fn set_choices(panel: &mut Panel, choices: Choices, narrowing: Narrowing) {
    panel.detail = None;
    panel.list.narrowing = narrowing;
    if panel.choices != choices {
        panel.choices = choices;
        panel.list.marks.clear();
        forget_rows(panel);
    }
    order::reorder(panel);
}

/// Rows of other choices are not these rows: they go, and the server is asked at once.
pub(super) fn forget_rows(panel: &mut Panel) {
    panel.snapshot = None;
    panel.counted = None;
    panel.failed.remove(&Part::Counts);
    panel.detail = None;
    panel.store.catalog.remove(&Part::List);
    // A mark on a row that is not in sight would be copied, or acted on, unseen.
    panel.list.marks.clear();
    panel.list.cursor = 0;
    panel.list.top = 0;
    panel.hurry = true;
    panel.cancel(|part| !matches!(part, Part::Summary | Part::Store | Part::Choices(_)));
    order::reorder(panel);
}
