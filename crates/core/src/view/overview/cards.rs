//! A card per tab: its counts and its worst row.

use opsdash_pack::pack::{BRIEF, Tab, Tone, ViewId};

use super::super::{Emphasis, Glyphs, Line, dim, fit, plain, span, tab::TabSummary, width_of};
use crate::{
    format, geometry,
    model::{Model, TargetState},
    text,
    value::Severity,
};

/// A card is not drawn wider than this: the eye should not have to travel.
const WIDEST_CARD: usize = 28;

/// The cards, in as many lines as there is room for.
pub(super) fn cards(model: &Model) -> Vec<Line> {
    let per_line = usize::from(geometry::cards_per_line(model));
    let most = per_line * usize::from(geometry::card_lines(model));
    let tabs: Vec<Tab> = model.target().pack.tab_line().into_iter().take(most).collect();
    let wide = (usize::from(model.size.0) / per_line.min(tabs.len()).max(1)).min(WIDEST_CARD);
    let is_low = geometry::are_cards_low(model);
    let mut lines: Vec<Line> = tabs
        .chunks(per_line)
        .flat_map(|chunk| {
            let cards: Vec<[Line; 3]> = chunk.iter().map(|tab| card(model, tab, wide.saturating_sub(1))).collect();
            let line = |at: usize| cards.iter().flat_map(|card| padded(card[at].clone(), wide)).collect();
            if is_low { vec![line(0), line(1)] } else { vec![line(0), line(1), line(2), Line::new()] }
        })
        .collect();
    if is_low && !lines.is_empty() {
        lines.push(Line::new());
    }
    // The blank line below the cards has room for them.
    if let Some(last) = lines.last_mut() {
        *last = facts(model);
    }
    lines
}

/// What the pack's facts say in brief, as many whole ones as there is room for.
fn facts(model: &Model) -> Line {
    let target = model.target();
    let Some(id) = target.pack.facts else { return Line::new() };
    let (view, panel) = (target.pack.view(id), target.panel(id));
    let glyphs = Glyphs::of(model.appearance.ascii);
    let mut line = vec![plain(" ")];
    let mut between = String::new();
    match (panel.default_snapshot(), panel.failure()) {
        (None, None) => return Line::new(),
        (None, Some(failure)) => line.push(span(format!("? {}: {}", view.title, failure.kind.word()), Tone::Unknown)),
        (Some(snapshot), Some(_)) => {
            let age = format::short(i64::try_from(model.clock.mono.since(snapshot.at)).unwrap_or(i64::MAX));
            line.push(span(format!("{} {age} old ", glyphs.stale), Tone::Unknown));
        }
        (Some(_), None) => {}
    }
    let rows = panel.default_snapshot().map_or(&[][..], |snapshot| &snapshot.rows);
    let room = usize::from(model.size.0).saturating_sub(1);
    let briefs =
        view.column(BRIEF).into_iter().flat_map(|at| rows.iter().filter_map(move |row| row.cells[at].as_text()));
    for brief in briefs.filter(|brief| !brief.is_empty()) {
        let said = format!("{between}{}", format::line(brief));
        if width_of(&line) + text::width(&said) > room {
            break;
        }
        line.push(dim(said));
        between = format!(" {} ", glyphs.between);
    }
    fit(line, usize::from(model.size.0), glyphs.ellipsis)
}

fn padded(mut line: Line, wide: usize) -> Line {
    line.insert(0, plain(" "));
    let pad = wide.saturating_sub(width_of(&line));
    line.push(plain(" ".repeat(pad)));
    line
}

/// Title, counts, worst row.
fn card(model: &Model, tab: &Tab, wide: usize) -> [Line; 3] {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let cut = |line: Line| fit(line, wide.saturating_sub(1), glyphs.ellipsis);
    let title = vec![span(tab.title, Tone::Strong).with(Emphasis::Bold)];
    let summary = TabSummary::of(model.target(), &tab.views);
    [cut(title), cut(state(model, &summary, glyphs, wide.saturating_sub(1))), cut(worst(model.target(), tab))]
}

/// Counts; where the last asking failed, how old they are, or that nothing is known.
fn state(model: &Model, summary: &TabSummary, glyphs: &Glyphs, wide: usize) -> Line {
    let mut line = match (summary.unknown, summary.old_since) {
        (Some(kind), _) => vec![span(format!("? {}", kind.word()), Tone::Unknown)],
        (None, Some(since)) => {
            let age = format::short(i64::try_from(model.clock.mono.since(since)).unwrap_or(i64::MAX));
            vec![span(format!("{} {age} old", glyphs.stale), Tone::Unknown)]
        }
        (None, None) if summary.is_asking => vec![dim("asking")],
        (None, None) if summary.is_left_out && !summary.has_answer => {
            return vec![glyphs.severity(Severity::Off), dim(" not on this target")];
        }
        (None, None) if summary.counts().total() == 0 => return vec![dim("none")],
        (None, None) => {
            let counts = glyphs.counts(summary.fresh, true);
            // Half a number would be a wrong number: how many are ok is what can be missed.
            return if width_of(&counts) > wide { glyphs.counts(summary.fresh, false) } else { counts };
        }
    };
    let counts = glyphs.counts(summary.counts(), false);
    if summary.has_answer && !counts.is_empty() {
        line.push(plain("  "));
        line.extend(counts);
    }
    line
}

/// The worst row of the tab's views, the first of several.
fn worst(target: &TargetState, tab: &Tab) -> Line {
    let first_of = |view: &ViewId| {
        let panel = target.panel(*view);
        let row = panel.default_snapshot()?.rows.iter().find(|row| !panel.snoozed.contains_key(&row.key));
        row.map(|row| (*view, row))
    };
    // The last one of equals is what `max_by_key` takes.
    let row = tab.views.iter().rev().filter_map(first_of).max_by_key(|(_, row)| row.severity);
    match row.filter(|(_, row)| row.severity.is_trouble()) {
        Some((view, row)) => vec![dim(format::label(target.pack.view(view), row))],
        None => Line::new(),
    }
}
