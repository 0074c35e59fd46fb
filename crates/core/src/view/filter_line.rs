//! What is said beside the line on which a filter is typed: the keys, or what of it cannot be understood.

use opsdash_pack::pack::Tone;

use super::{Glyphs, Line, dim, fit, plain, span};
use crate::{
    model::{Model, Overlay},
    text,
};

const KEYS: &str = "Enter applies, Esc undoes";

/// What stands behind what is typed, where there are so many cells. `None` when something is wrong that has no room
/// there: it stands above then.
#[must_use]
pub fn beside(model: &Model, room: usize) -> Option<Line> {
    match wrong(model) {
        Some(wrong) if text::width(wrong) > room => None,
        Some(wrong) => Some(vec![span(wrong, Tone::Crit)]),
        None if text::width(KEYS) > room => Some(Line::new()),
        None => Some(vec![dim(KEYS)]),
    }
}

/// What is wrong, on a line of its own; `None` when nothing is.
#[must_use]
pub fn above(model: &Model, columns: usize) -> Option<Line> {
    let ellipsis = Glyphs::of(model.appearance.ascii).ellipsis;
    wrong(model).map(|wrong| fit(vec![plain(" "), span(wrong, Tone::Crit)], columns, ellipsis))
}

fn wrong(model: &Model) -> Option<&str> {
    match model.overlays.last() {
        Some(Overlay::Filter { wrong, .. }) => wrong.as_deref(),
        _ => None,
    }
}
