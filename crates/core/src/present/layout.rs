//! How the screen is divided: decided once, for the rows that are asked about and for those that are drawn.

use crate::model::{Model, Place};

/// From this width on the detail stands beside the list; below, it covers it.
pub const BESIDE_COLUMNS: u16 = 120;
/// Width of a card on the overview, its gap included.
pub const CARD_COLUMNS: u16 = 20;
/// Height of a card: title, counts, the worst row, a blank line.
pub const CARD_ROWS: u16 = 4;

/// First line, tabs, rule.
pub const TOP_ROWS: u16 = 3;
/// Keys.
const FOOTER_ROWS: u16 = 1;
/// What the list is, names of columns.
const LIST_HEAD_ROWS: u16 = 2;
/// "Attention", names of nothing.
const ATTENTION_HEAD_ROWS: u16 = 1;

/// Rows between the tabs' rule and the footer.
#[must_use]
pub fn body_rows(model: &Model) -> u16 {
    model.size.1.saturating_sub(TOP_ROWS + FOOTER_ROWS)
}

/// Rows of a list that are on screen; all there could be when nothing is drawn.
#[must_use]
pub fn list_rows(model: &Model) -> usize {
    if model.headless {
        return usize::from(u16::MAX);
    }
    let head = match model.board().place {
        Place::Overview => card_lines(model) * CARD_ROWS + ATTENTION_HEAD_ROWS,
        Place::View(_) => LIST_HEAD_ROWS,
    };
    usize::from(body_rows(model).saturating_sub(head).max(1))
}

/// Cards that stand side by side.
#[must_use]
pub fn cards_per_line(model: &Model) -> u16 {
    (model.size.0 / CARD_COLUMNS).max(1)
}

/// Lines of cards. On a low screen only as many as leave half of it to the list.
#[must_use]
pub fn card_lines(model: &Model) -> u16 {
    let cards = u16::try_from(model.board().pack.tabs().count()).unwrap_or(u16::MAX);
    let wanted = cards.div_ceil(cards_per_line(model));
    wanted.min((body_rows(model) / 2 / CARD_ROWS).max(u16::from(body_rows(model) >= CARD_ROWS + 3)))
}

/// Whether a detail stands beside its list.
#[must_use]
pub fn is_detail_beside(model: &Model) -> bool {
    model.size.0 >= BESIDE_COLUMNS
}

/// Columns for the detail, the rule before it not included.
#[must_use]
pub fn detail_columns(model: &Model) -> u16 {
    let all = model.size.0;
    if is_detail_beside(model) { u16::try_from(u32::from(all) * 9 / 20).unwrap_or(all) } else { all }
}

/// Columns for the list.
#[must_use]
pub fn list_columns(model: &Model) -> u16 {
    let open = model.panel().is_some_and(|panel| panel.detail.is_some());
    if open && is_detail_beside(model) { model.size.0 - detail_columns(model) - 1 } else { model.size.0 }
}
