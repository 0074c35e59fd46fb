//! The title of the terminal's window or tab: how it is, of which target, while nobody looks at the screen.

use super::Glyphs;
use crate::{
    attention, format,
    model::Model,
    text,
    value::{Counts, Severity},
};

/// `✖3 prod opsdash`: how many rows are crit in all targets that are watched, else what the worst is; at least unknown
/// where something has not answered. Inert, on one line.
#[must_use]
pub fn text(model: &Model) -> String {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let panels =
        || model.watched().flat_map(|(_, target)| attention::views(target).map(move |view| target.panel(view)));
    let snapshots = panels().filter_map(|panel| panel.default_snapshot());
    let counts = snapshots.fold(Counts::default(), |counts, snapshot| counts.and(snapshot.counts));
    let is_known = panels().all(|panel| panel.failure().is_none() && panel.default_snapshot().is_some());
    let least = if is_known { Severity::Ok } else { Severity::Unknown };
    let severity = counts.worst().max(least);
    let number = match severity {
        Severity::Crit => format::thousands(counts.crit),
        _ => String::new(),
    };
    let whose = match model.watched().count() {
        1 => model.target().name.clone(),
        several => format!("{several} targets"),
    };
    let sign = glyphs.severity(severity).text;
    text::inert(&text::one_line(&format!("{sign}{number} {whose} opsdash"))).into_owned()
}
