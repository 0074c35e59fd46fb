//! A row for each target that is watched: how it is, where it is worst and how old that is. With one target there is
//! none: then the cards say it all.

use opsdash_pack::pack::Tone;

use super::{Emphasis, Glyphs, Line, dim, fit, header, justify, plain, span, tone_of, width_of};
use crate::{
    attention,
    contract::FailureKind,
    format, geometry,
    model::{Model, Panel, TargetId, TargetState},
    text,
    time::Monotonic,
    value::{Counts, Severity},
};

/// From this width on a row has words for what may be written, and says how long each source takes.
const WIDE: u16 = 100;
/// From this one on it names the system too.
const WIDEST: u16 = 140;
/// Below this one it has the name, the counts and the worst row only, and a line of the list no view.
pub(super) const NARROW: u16 = 60;

/// The rows, worst target first, and the blank line below them; none where one target is watched.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let most = usize::from(geometry::target_rows(model));
    if most == 0 {
        return Vec::new();
    }
    let mut states: Vec<TargetSummary> =
        model.watched().map(|(id, target)| TargetSummary::of(model, id, target)).collect();
    // Stable: within a severity the config's order stays.
    states.sort_by_key(|state| std::cmp::Reverse(state.severity));
    let shown = if states.len() > most { most - 1 } else { states.len() };
    let hidden = states.split_off(shown);
    let mut lines = table(model, &states);
    if !hidden.is_empty() {
        lines.push(rest(model, &hidden, shown > 0));
    }
    lines.resize(usize::from(geometry::targets_height(model)), Line::new());
    lines
}

/// The name of a line's target, as wide as every other one; empty where one target is watched.
#[must_use]
pub fn name_before(model: &Model, target: TargetId) -> String {
    if !model.watches_several() {
        return String::new();
    }
    let widest = model.watched().map(|(_, target)| text::width(&name(model, target))).max().unwrap_or(0);
    let name = name(model, &model.targets[target.0]);
    let pad = " ".repeat(widest - text::width(&name) + 2);
    format!("{name}{pad}")
}

/// How a target is, for the list of all targets; empty for one that is not watched.
#[must_use]
pub fn in_short(model: &Model, id: TargetId) -> String {
    let target = &model.targets[id.0];
    if !target.watched {
        return String::new();
    }
    let glyphs = Glyphs::of(model.appearance.ascii);
    let state = TargetSummary::of(model, id, target);
    let mut line = counts(&state, true, glyphs);
    if state.at.is_none() {
        line = vec![glyphs.severity(state.severity), plain(format!(" {}", state.said.0))];
    }
    line.into_iter().map(|span| span.text).collect()
}

/// A name, cut where it would leave too little room for what there is to say.
fn name(model: &Model, target: &TargetState) -> String {
    let most = match model.size.0 {
        WIDE.. => 16,
        NARROW.. => 12,
        _ => 10,
    };
    text::cut(&target.name, most, Glyphs::of(model.appearance.ascii).ellipsis).into_owned()
}

/// What is known of a target.
struct TargetSummary<'m> {
    id: TargetId,
    target: &'m TargetState,
    /// Of the views that come to attention.
    counts: Counts,
    /// The worst that is known; at least unknown where something is not known, or is old.
    severity: Severity,
    /// When the oldest answer that is shown came; `None` when nothing is known.
    at: Option<Monotonic>,
    /// Whether part of it could not be asked again.
    is_old: bool,
    /// What there is to say.
    said: (String, Severity),
}

impl<'m> TargetSummary<'m> {
    fn of(model: &Model, id: TargetId, target: &'m TargetState) -> Self {
        let panels: Vec<&Panel> = attention::views(target).map(|view| target.panel(view)).collect();
        let mut counts = Counts::default();
        for snapshot in panels.iter().filter_map(|panel| panel.default_snapshot()) {
            counts = counts.and(snapshot.counts);
        }
        let is_old = panels.iter().any(|panel| panel.failure().is_some()) || trouble(target).is_some();
        let is_known = !is_old && panels.iter().all(|panel| panel.default_snapshot().is_some());
        let least = if is_known { Severity::Ok } else { Severity::Unknown };
        Self {
            id,
            target,
            counts,
            severity: counts.worst().max(least),
            at: panels.iter().filter_map(|panel| panel.default_snapshot()).map(|snapshot| snapshot.at).min(),
            is_old,
            said: said(model, target, &panels),
        }
    }
}

/// The source that is in trouble, the first one where several are.
fn trouble(target: &TargetState) -> Option<(&str, FailureKind, Monotonic)> {
    let mut sources = target.pack.sources.iter().zip(&target.sources);
    sources.find_map(|(source, state)| state.trouble.map(|(kind, since)| (&*source.name, kind, since)))
}

/// The worst row that is known now; unless it is crit, what keeps more from being known comes before it.
fn said(model: &Model, target: &TargetState, panels: &[&Panel]) -> (String, Severity) {
    let (fresh, old): (Vec<&Panel>, Vec<&Panel>) = panels.iter().partition(|panel| panel.failure().is_none());
    let (fresh, old) = (worst(target, &fresh), worst(target, &old));
    if let Some((text, Severity::Crit)) = fresh {
        return (text, Severity::Crit);
    }
    if let Some((source, kind, since)) = trouble(target) {
        let age = format::short(i64::try_from(model.clock.mono.since(since)).unwrap_or(i64::MAX));
        // Which source it is, the sign at its name says too.
        let is_short = model.size.0 < WIDE;
        let said =
            if is_short { format!("{} {age}", kind.word()) } else { format!("{source}: {} for {age}", kind.word()) };
        return (said, Severity::Unknown);
    }
    let failed = panels.iter().find_map(|panel| Some((panel.view, panel.failure()?)));
    if let Some((view, failure)) = failed {
        return (format!("{}: {failure}", target.pack.view(view).title), Severity::Unknown);
    }
    if panels.iter().any(|panel| panel.default_snapshot().is_none()) {
        return ("asking".to_owned(), Severity::Unknown);
    }
    fresh.or(old).unwrap_or_default()
}

/// The first of the worst rows of these panels, with its view.
fn worst(target: &TargetState, panels: &[&Panel]) -> Option<(String, Severity)> {
    let rows = panels.iter().filter_map(|panel| Some((panel.view, panel.default_snapshot()?.rows.first()?)));
    let troubled = rows.filter(|(_, row)| row.severity.is_trouble());
    // Of equals the first: `max_by_key` would take the last.
    let (view, row) = troubled.min_by_key(|(_, row)| std::cmp::Reverse(row.severity))?;
    let known = target.pack.view(view);
    let why = format::line(&row.why);
    let dash = if why.is_empty() { "" } else { ": " };
    Some((format!("{}  {}{dash}{why}", known.title, format::label(known, row)), row.severity))
}

fn table(model: &Model, states: &[TargetSummary]) -> Vec<Line> {
    let columns = usize::from(model.size.0);
    let glyphs = Glyphs::of(model.appearance.ascii);
    // Systems differ in how many sources they have: those of fewer leave columns empty.
    let sources = states.iter().map(|state| state.target.pack.sources.len()).max().unwrap_or(0);
    let rows: Vec<Vec<Line>> = states.iter().map(|state| cells(model, state, sources, glyphs)).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide: Vec<usize> = (0..count).map(|at| rows.iter().map(|row| width_of(&row[at])).max().unwrap_or(0)).collect();
    let line = |(state, cells): (&TargetSummary, Vec<Line>)| {
        let mark = if state.id == model.at { span(glyphs.more[1], Tone::Accent) } else { plain(" ") };
        let mut line = vec![mark, glyphs.severity(state.severity), plain(" ")];
        for (cell, wide) in cells.into_iter().zip(&wide).filter(|(_, wide)| **wide > 0) {
            let pad = " ".repeat(wide - width_of(&cell) + 2);
            line.extend(cell);
            line.push(plain(pad));
        }
        let (text, severity) = &state.said;
        line.push(span(&**text, if *severity == Severity::Ok { Tone::Dim } else { tone_of(*severity) }));
        justify(line, age(model, state, glyphs), columns, glyphs.ellipsis)
    };
    states.iter().zip(rows).map(line).collect()
}

/// What stands in columns before the worst row.
fn cells(model: &Model, state: &TargetSummary, sources: usize, glyphs: &Glyphs) -> Vec<Line> {
    let target = state.target;
    let (wide, narrow) = (model.size.0 >= WIDE, model.size.0 < NARROW);
    let emphasis = if state.id == model.at { Emphasis::Bold } else { Emphasis::None };
    let mut cells = vec![vec![span(name(model, target), Tone::Strong).with(emphasis)]];
    if model.size.0 >= WIDEST {
        cells.push(vec![dim(&*target.pack.title)]);
    }
    if !narrow {
        cells.push(vec![header::mode(model, target, !wide)]);
        let of_sources = target.pack.sources.iter().zip(&target.sources).map(|(source, state)| {
            let health = header::health(model, state, glyphs);
            // What is wrong stands at the end of the row.
            let told = if wide && state.trouble.is_none() { health.len() } else { 1 };
            std::iter::once(plain(format!("{} ", source.name))).chain(health.into_iter().take(told)).collect()
        });
        cells.extend(of_sources.chain(std::iter::repeat_with(Line::new)).take(sources));
    }
    cells.push(counts(state, narrow, glyphs));
    cells
}

/// That they are old stands at the end of the row, where it has room for that.
fn counts(state: &TargetSummary, narrow: bool, glyphs: &Glyphs) -> Line {
    let mut line = if narrow && state.is_old && state.at.is_some() {
        vec![span(format!("{} ", glyphs.stale), Tone::Unknown)]
    } else {
        Line::new()
    };
    line.extend(match state.at {
        None => vec![dim(glyphs.none)],
        Some(_) if state.severity == Severity::Ok => glyphs.counts(state.counts, true),
        Some(_) => glyphs.counts(state.counts, false),
    });
    line
}

/// How old the oldest is of what the row says.
fn age(model: &Model, state: &TargetSummary, glyphs: &Glyphs) -> Line {
    let Some(at) = state.at.filter(|_| model.size.0 >= NARROW) else { return Line::new() };
    let age = format::short(i64::try_from(model.clock.mono.since(at)).unwrap_or(i64::MAX));
    if state.is_old {
        let old = if model.size.0 >= WIDE { " old" } else { "" };
        return vec![span(format!("{} {age}{old} ", glyphs.stale), Tone::Unknown)];
    }
    vec![dim(format!("{age} "))]
}

/// Targets for which there is no row, in one.
fn rest(model: &Model, hidden: &[TargetSummary], is_more: bool) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let mut severities = Counts::default();
    for state in hidden {
        severities.add(state.severity, 1);
    }
    let what = if is_more { format!("   +{} more: ", hidden.len()) } else { format!("   {} targets: ", hidden.len()) };
    let mut line = vec![dim(what)];
    if severities.ok == severities.total() {
        line.push(dim("all ok"));
    } else {
        line.extend(glyphs.counts(severities, true));
    }
    fit(line, usize::from(model.size.0), glyphs.ellipsis)
}

/// The panels of all watched targets whose rows come to attention.
pub(super) fn asked(model: &Model) -> impl Iterator<Item = (&TargetState, &Panel)> {
    model.watched().flat_map(|(_, target)| attention::views(target).map(move |view| (target, target.panel(view))))
}
