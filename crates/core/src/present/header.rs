//! The first line and the tabs.

use std::collections::BTreeSet;

use super::{Emphasis, Glyphs, Line, dim, fit, justify, plain, span, tab::Standing, width_of, words};
use crate::{
    model::{Board, Model, Place, SourceState},
    pack::Tone,
    read::Link,
    value::Severity,
};

/// Below this width the first line leaves out what is said elsewhere.
const WIDE: u16 = 100;
/// Below this one there is room for the target, the sources and the clock only.
const NARROW: u16 = 60;

/// Target, system, the state of every source; operator, mode and clock at the right.
#[must_use]
pub fn line(model: &Model) -> Line {
    let board = model.board();
    let glyphs = Glyphs::of(model.look.ascii);
    let wide = model.size.0 >= WIDE;
    let narrow = model.size.0 < NARROW;
    let (gap, small_gap) = if narrow { (" ", " ") } else { ("   ", "  ") };
    let mut left = vec![plain(" "), span(&*board.target, Tone::Strong).with(Emphasis::Bold)];
    let title = if wide { board.pack.title.as_str() } else { board.pack.title.split(' ').next().unwrap_or_default() };
    if !narrow {
        left.extend([plain(small_gap), dim(title)]);
    }
    for (source, state) in board.pack.sources.iter().zip(&board.sources) {
        left.push(plain(gap));
        let mut health = health(model, state, glyphs);
        if narrow && state.trouble.is_none() && state.answered.is_some() {
            // The round trip can be missed, and half of the name.
            health.truncate(1);
            left.extend(health);
            left.push(plain(format!(" {}", source.name)));
        } else {
            left.push(plain(format!("{} ", source.name)));
            left.extend(health);
        }
    }
    let columns = usize::from(model.size.0);
    let right = at_right(model, small_gap, wide, columns.saturating_sub(width_of(&left) + 1));
    justify(left, right, columns, glyphs.ellipsis)
}

/// The longest form that there is room for. Trouble takes room, and says more than who looks and which day it is.
fn at_right(model: &Model, gap: &'static str, wide: bool, room: usize) -> Line {
    let others = others(model);
    let (names, count) = match others.len() {
        0 => (String::new(), String::new()),
        n => (format!("+ {}", others.join(", ")), format!("+{n}")),
    };
    let short = right(model, gap, false, &count);
    if !wide {
        return short;
    }
    let longer = [right(model, gap, true, &names), right(model, gap, true, &count)];
    longer.into_iter().find(|line| width_of(line) <= room).unwrap_or(short)
}

/// Who else is connected to the target's sources, each once.
fn others(model: &Model) -> Vec<&str> {
    let names = model.board().sources.iter().flat_map(|source| source.operators(model.clock.mono));
    names.map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether it stands still, the operator, who else is there, what may be written, the clock.
fn right(model: &Model, gap: &'static str, wide: bool, others: &str) -> Line {
    let mut line = Line::new();
    if model.paused.is_some() {
        line.extend([span("PAUSED", Tone::Warn).with(Emphasis::Bold), plain("  ")]);
    }
    if wide {
        line.extend([dim(&*model.operator), plain(if others.is_empty() { gap } else { " " })]);
    }
    if !others.is_empty() {
        line.extend([span(others, Tone::Accent), plain(gap)]);
    }
    line.push(dim(mode(model, model.board(), false)));
    line.extend([plain(gap), plain(words::clock(model.clock.utc, &model.look.zone, wide)), plain(" ")]);
    line
}

/// What may be written: nothing, so far as this program can act today.
pub(super) fn mode(model: &Model, board: &Board, is_short: bool) -> &'static str {
    match (board.protected && !model.read_only && !board.read_only, is_short) {
        (true, false) => "protected",
        (true, true) => "prot",
        (false, false) => "read-only",
        (false, true) => "ro",
    }
}

/// Glyph and round trip, or what is wrong and for how long.
pub(super) fn health(model: &Model, state: &SourceState, glyphs: &Glyphs) -> Line {
    let now = model.clock.mono;
    if let Some((kind, since)) = state.trouble {
        let age = words::short(i64::try_from(now.since(since)).unwrap_or(i64::MAX));
        let glyph =
            if state.answered.is_some() { span(glyphs.stale, Tone::Unknown) } else { glyphs.severity(Severity::Crit) };
        return vec![glyph, span(format!(" {age}: {}", kind.word()), Tone::Warn)];
    }
    match (&state.link, state.answered, state.rtt_ms) {
        (Some(Link::Down(failure)), None, _) => {
            vec![glyphs.severity(Severity::Crit), span(format!(" {}", failure.kind.word()), Tone::Crit)]
        }
        (_, Some(_), Some(rtt)) => vec![glyphs.severity(Severity::Ok), dim(format!(" {rtt} ms"))],
        (_, Some(_), None) => vec![glyphs.severity(Severity::Ok)],
        _ => vec![dim("connecting")],
    }
}

/// Titles with their counts; the open one stands out. What does not fit is scrolled so that the open one does.
#[must_use]
pub fn tabs(model: &Model) -> Line {
    let board = model.board();
    let glyphs = Glyphs::of(model.look.ascii);
    let mut tabs = vec![name("Overview", board.place == Place::Overview)];
    let mut open = 0;
    for tab in board.pack.tab_line() {
        let is_open = matches!(board.place, Place::View(view) if tab.views.contains(&view));
        if is_open {
            open = tabs.len();
        }
        let mut line = name(tab.title, is_open);
        line.extend(Standing::of(board, &tab.views).badge(glyphs));
        tabs.push(line);
    }
    let room = usize::from(model.size.0);
    let mut first = 0;
    while first < open && tabs[first..=open].iter().map(|tab| width_of(tab) + 1).sum::<usize>() + 4 > room {
        first += 1;
    }
    let mut line = vec![if first > 0 { dim(glyphs.more[0]) } else { plain(" ") }];
    for (at, tab) in tabs.iter().enumerate().skip(first) {
        if width_of(&line) + width_of(tab) + 2 > room && at > open {
            line.push(dim(glyphs.more[1]));
            break;
        }
        line.extend(tab.iter().cloned());
        line.push(plain(" "));
    }
    fit(line, room, glyphs.ellipsis)
}

fn name(title: &str, is_open: bool) -> Line {
    let (tone, emphasis) = if is_open { (Tone::Strong, Emphasis::Reverse) } else { (Tone::Normal, Emphasis::None) };
    vec![span(format!(" {title} "), tone).with(emphasis)]
}

/// The thin rule under the tabs.
#[must_use]
pub fn rule(model: &Model) -> Line {
    vec![dim(Glyphs::of(model.look.ascii).rule.repeat(usize::from(model.size.0)))]
}
