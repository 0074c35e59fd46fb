//! How the screen is divided: decided once, for the rows that are asked about and for those that are drawn.

use crate::model::{Model, Route};

/// From this width on the detail stands beside the list; below, it covers it.
pub const BESIDE_COLUMNS: u16 = 120;
/// Least width of a card on the overview, its gap included.
pub const CARD_COLUMNS: u16 = 20;
/// Height of a card: title, counts, the worst row, a blank line.
pub const CARD_ROWS: u16 = 4;
/// Height of a card where room is scarce: title and counts. The worst rows are in the list below anyway.
pub const LOW_CARD_ROWS: u16 = 2;
/// Below this height of the body cards that need several lines are low ones.
const HIGH_BODY: u16 = 30;
/// Below this height of the body no blank line parts the targets from what follows.
const ROOMY_BODY: u16 = 12;

/// First line, tabs, rule.
pub const TOP_ROWS: u16 = 3;
/// Keys.
const FOOTER_ROWS: u16 = 1;
/// What the list is, names of columns.
const LIST_HEAD_ROWS: u16 = 2;
/// What to do about the line with the cursor, beneath it.
const REMEDY_ROWS: u16 = 1;
/// The heading "Attention".
const ATTENTION_HEAD_ROWS: u16 = 1;

/// Rows between the tabs' rule and the footer.
#[must_use]
pub fn body_rows(model: &Model) -> u16 {
    model.size.1.saturating_sub(TOP_ROWS + FOOTER_ROWS)
}

/// Targets that have a row of their own above the cards: at most a third of the body is for them. 0 where one target is
/// watched.
#[must_use]
pub fn target_rows(model: &Model) -> u16 {
    if !model.watches_several() {
        return 0;
    }
    let watched = u16::try_from(model.watched().count()).unwrap_or(u16::MAX);
    watched.min((body_rows(model) / 3).saturating_sub(rows_below_targets(model)).max(1))
}

/// Rows that all targets take, the blank one below them included.
#[must_use]
pub fn targets_height(model: &Model) -> u16 {
    match target_rows(model) {
        0 => 0,
        rows => rows + rows_below_targets(model),
    }
}

fn rows_below_targets(model: &Model) -> u16 {
    u16::from(body_rows(model) >= ROOMY_BODY)
}

/// Rows of the overview below the targets.
fn rows_of_one(model: &Model) -> u16 {
    body_rows(model).saturating_sub(targets_height(model))
}

/// Rows of a list that are on screen; all there could be when nothing is drawn.
#[must_use]
pub fn list_rows(model: &Model) -> usize {
    if !model.demand.is_screen() {
        return usize::from(u16::MAX);
    }
    let head = match model.target().route {
        Route::Overview => above_attention(model) + remedy_rows(model),
        Route::View(_) => LIST_HEAD_ROWS,
    };
    usize::from(body_rows(model).saturating_sub(head).max(1))
}

fn above_attention(model: &Model) -> u16 {
    targets_height(model) + cards_height(model) + ATTENTION_HEAD_ROWS
}

/// Rows that are kept for what to do about the line of the overview that has the cursor: none where hardly a line fits.
#[must_use]
pub fn remedy_rows(model: &Model) -> u16 {
    if body_rows(model).saturating_sub(above_attention(model)) > 3 * REMEDY_ROWS { REMEDY_ROWS } else { 0 }
}

/// Cards that stand side by side: as many in every line, where one line is too short for all.
#[must_use]
pub fn cards_per_line(model: &Model) -> u16 {
    let most = (model.size.0 / CARD_COLUMNS).max(1);
    let lines = cards(model).div_ceil(most).max(1);
    cards(model).div_ceil(lines).max(1)
}

fn cards(model: &Model) -> u16 {
    u16::try_from(model.target().pack.tab_line().len()).unwrap_or(u16::MAX)
}

/// Lines of cards. On a low screen only as many as leave half of it to the list.
#[must_use]
pub fn card_lines(model: &Model) -> u16 {
    if rows_of_one(model) < CARD_ROWS + 3 {
        return 0;
    }
    let rows = if are_cards_low(model) { LOW_CARD_ROWS } else { CARD_ROWS };
    wanted_card_lines(model).min((rows_of_one(model) / 2 / rows).max(1))
}

/// Whether a card has two lines only, with no blank ones between them.
#[must_use]
pub fn are_cards_low(model: &Model) -> bool {
    wanted_card_lines(model) > 1 && rows_of_one(model) < HIGH_BODY
}

fn wanted_card_lines(model: &Model) -> u16 {
    cards(model).div_ceil(cards_per_line(model))
}

/// Rows that all cards take, the blank one below them included.
fn cards_height(model: &Model) -> u16 {
    match card_lines(model) {
        0 => 0,
        lines if are_cards_low(model) => lines * LOW_CARD_ROWS + 1,
        lines => lines * CARD_ROWS,
    }
}

/// Whether a detail stands beside its list.
#[must_use]
pub fn is_detail_beside(model: &Model) -> bool {
    model.size.0 >= BESIDE_COLUMNS
}

/// Columns of the rule between them, with a blank one before it.
pub const RULE_COLUMNS: u16 = 2;

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
    if open && is_detail_beside(model) { model.size.0 - detail_columns(model) - RULE_COLUMNS } else { model.size.0 }
}
