//! The first line and the tabs.

use std::collections::BTreeSet;

use opsdash_pack::{
    command::Command,
    pack::{SourceId, Tone, ViewId},
};

use super::{Emphasis, Glyphs, Line, Span, dim, fit, justify, plain, span, tab::TabSummary, width_of};
use crate::{
    contract::{Coverage, FailureKind, LinkState},
    format,
    model::{Guard, Model, Route, SourceState, TargetId, TargetState},
    text,
    value::Severity,
};

/// Below this width the first line leaves out what is said elsewhere.
const WIDE: u16 = 100;
/// Below this one there is room for the target, the sources and the clock only.
const NARROW: u16 = 60;

/// Target, system, the state of every source; operator, mode and clock at the right.
#[must_use]
pub fn line(model: &Model) -> Line {
    let target = model.target();
    let glyphs = Glyphs::of(model.appearance.ascii);
    let wide = model.size.0 >= WIDE;
    let narrow = model.size.0 < NARROW;
    let (gap, small_gap) = if narrow { (" ", " ") } else { ("   ", "  ") };
    let mut left = vec![plain(" "), span(&*target.name, Tone::Strong).with(Emphasis::Bold)];
    let title = if wide { target.pack.title.as_str() } else { target.pack.title.split(' ').next().unwrap_or_default() };
    if !narrow {
        left.extend([plain(small_gap), dim(title)]);
    }
    left.extend(scope(model, target, if narrow { " " } else { small_gap }));
    for (at, (source, state)) in target.pack.sources.iter().zip(&target.sources).enumerate() {
        left.push(plain(gap));
        let mut health = health(model, state, glyphs);
        let answered = target.coverage(SourceId(at)).map(coverage);
        if narrow && state.trouble.is_none() && state.answered.is_some() {
            // The round trip can be missed, and half of the name.
            health.truncate(1);
            left.extend(health);
            left.push(plain(format!(" {}", source.name)));
            left.extend(answered);
        } else {
            left.push(plain(format!("{} ", source.name)));
            // Before the round trip, which says less.
            let glyph = health.remove(0);
            left.push(glyph);
            left.extend(answered);
            left.extend(health);
        }
    }
    let columns = usize::from(model.size.0);
    let right = at_right(model, small_gap, wide, columns.saturating_sub(width_of(&left) + 1));
    justify(left, right, columns, glyphs.ellipsis)
}

/// Whose rows are seen, and whether the server holds to it.
fn scope(model: &Model, target: &TargetState, gap: &'static str) -> Line {
    let (Some(scope), Some(state)) = (&target.pack.scope, &target.scope) else { return Line::new() };
    let most = match model.size.0 {
        WIDE.. => 32,
        NARROW.. => 18,
        _ => 10,
    };
    let cut =
        |text: &str| text::cut(&text::inert(text), most, Glyphs::of(model.appearance.ascii).ellipsis).into_owned();
    let title = if model.size.0 < WIDE { String::new() } else { format!("{} ", scope.title) };
    let mut line = vec![plain(gap)];
    match (&state.chosen, state.is_ready(scope)) {
        (Some(chosen), true) => {
            line.extend([dim(title), span(cut(chosen.label()), Tone::Accent).with(Emphasis::Bold)]);
            if let Some(why) = state.not_enforced() {
                let why = if model.size.0 < WIDE { String::new() } else { format!(": {why}") };
                let how = if state.is_partly_enforced() { "partly" } else { "not" };
                line.push(span(format!(" {how} enforced{why}"), Tone::Warn));
            }
        }
        (None, _) if state.wanted.is_some() => line.push(dim(format!("{title}{}", cut("asking")))),
        (None, _) => line.push(span(format!("no {} chosen", scope.title), Tone::Warn).with(Emphasis::Bold)),
        (Some(chosen), false) => {
            line.push(span(format!("{title}{} unknown", cut(chosen.label())), Tone::Warn).with(Emphasis::Bold));
        }
    }
    line
}

/// How many of a family's databases answered.
fn coverage(coverage: &Coverage) -> Span {
    let said = format!(" {}", coverage.label());
    if coverage.failed.is_empty() { dim(said) } else { span(said, Tone::Warn) }
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
    let names = model.target().sources.iter().flat_map(|source| source.operators(model.clock.mono));
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
    if let Some(writing) = &model.writing {
        let said =
            if writing.done == 0 { "writing".to_owned() } else { format!("writing {}/{}", writing.done, writing.rows) };
        line.extend([span(said + &elsewhere(model, writing.target), Tone::Accent).with(Emphasis::Bold), plain(gap)]);
    }
    if let Some(transfer) = &model.transfer {
        let (total, done) = transfer.total_and_done();
        let said =
            format!("{} {} %", transfer.purpose.doing(), done.saturating_mul(100).checked_div(total).unwrap_or(0));
        line.extend([span(said + &elsewhere(model, transfer.target), Tone::Accent).with(Emphasis::Bold), plain(gap)]);
    }
    line.push(mode(model, model.target(), false));
    line.extend([plain(gap), plain(format::clock(model.clock.utc, &model.appearance.zone, wide)), plain(" ")]);
    line
}

/// On which target something goes on, where it is not the one on screen.
fn elsewhere(model: &Model, target: TargetId) -> String {
    if target == model.at { String::new() } else { format!(" on {}", model.targets[target.0].name) }
}

/// What may be written from here. Where nothing stands in the way any more, it stands out.
pub(super) fn mode(model: &Model, target: &TargetState, is_short: bool) -> Span {
    let pick = |long: &'static str, short: &'static str| if is_short { short } else { long };
    let guard = if model.read_only { Guard::ReadOnly } else { target.guard };
    match guard {
        Guard::ReadOnly => dim(pick("read-only", "ro")),
        Guard::Unlocked => span(pick("ARMED", "ARM"), Tone::Warn).with(Emphasis::Reverse),
        Guard::Protected => dim(pick("protected", "prot")),
        Guard::Open => dim(pick("read-write", "rw")),
    }
}

/// Glyph and round trip, or what is wrong and for how long.
pub(super) fn health(model: &Model, state: &SourceState, glyphs: &Glyphs) -> Line {
    let now = model.clock.mono;
    if let Some((kind, since)) = state.trouble {
        let age = format::short(i64::try_from(now.since(since)).unwrap_or(i64::MAX));
        let glyph =
            if state.answered.is_some() { span(glyphs.stale, Tone::Unknown) } else { glyphs.severity(Severity::Crit) };
        return vec![glyph, span(format!(" {age}: {}", kind.word()), Tone::Warn)];
    }
    match (&state.link, state.answered, state.rtt_ms) {
        (Some(LinkState::Down(failure)), ..) if failure.kind == FailureKind::NotConfigured => {
            vec![dim(failure.kind.word())]
        }
        (Some(LinkState::Down(failure)), None, _) => {
            vec![glyphs.severity(Severity::Crit), span(format!(" {}", failure.kind.word()), Tone::Crit)]
        }
        (_, Some(_), Some(rtt)) => vec![glyphs.severity(Severity::Ok), dim(format!(" {rtt} ms"))],
        (_, Some(_), None) => vec![glyphs.severity(Severity::Ok)],
        _ => vec![dim("connecting")],
    }
}

/// How much is said of each tab, by the room there is.
#[derive(Debug, Clone, Copy)]
enum TabDetail {
    /// Its key, its title, every count.
    Keys,
    /// Its title, every count.
    Counts,
    /// Its title, the worst count.
    Worst,
    /// The same, with one blank less between them.
    Tight,
}

/// Titles with their counts; the open one stands out. What does not fit is scrolled so that the open one does, and what
/// is beyond the edge says how bad it is.
#[must_use]
pub fn tabs(model: &Model) -> Line {
    let room = usize::from(model.size.0);
    for detail in [TabDetail::Keys, TabDetail::Counts, TabDetail::Worst, TabDetail::Tight] {
        let line: Line = tab_names(model, detail).concat();
        if width_of(&line) < room {
            return [vec![plain(" ")], line].concat();
        }
    }
    scrolled(model, &tab_names(model, TabDetail::Tight), room)
}

/// Every tab, the overview first.
fn tab_names(model: &Model, detail: TabDetail) -> Vec<Line> {
    let target = model.target();
    let glyphs = Glyphs::of(model.appearance.ascii);
    let titles = target.pack.tab_line().into_iter().map(|tab| (tab.title, tab.views));
    let titles = std::iter::once(("Overview", Vec::new())).chain(titles);
    let one = |(at, (title, views)): (usize, (&str, Vec<ViewId>))| {
        let is_open = match target.route {
            Route::Overview => views.is_empty(),
            Route::View(view) => views.contains(&view),
        };
        let key = key_of_tab(model, at).filter(|_| matches!(detail, TabDetail::Keys));
        let mut line: Line = key.map(|key| dim(format!(" {key}"))).into_iter().collect();
        let (tone, emphasis) = if is_open { (Tone::Strong, Emphasis::Reverse) } else { (Tone::Normal, Emphasis::None) };
        line.push(span(format!(" {title} "), tone).with(emphasis));
        let mut badge = TabSummary::of(target, &views).badge(glyphs);
        if matches!(detail, TabDetail::Worst | TabDetail::Tight) {
            badge.truncate(1);
        }
        line.extend(badge);
        if !matches!(detail, TabDetail::Tight) {
            line.push(plain(" "));
        }
        line
    };
    titles.enumerate().map(one).collect()
}

fn key_of_tab(model: &Model, at: usize) -> Option<String> {
    model.keymap.keys_of(Command::Tab(u8::try_from(at).ok()?)).into_iter().next()
}

/// As many tabs as fit, from the first one that lets the open one be among them.
fn scrolled(model: &Model, tabs: &[Line], room: usize) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let target = model.target();
    let lines = target.pack.tab_line();
    let views: Vec<&[ViewId]> =
        std::iter::once([].as_slice()).chain(lines.iter().map(|tab| tab.views.as_slice())).collect();
    let open = match target.route {
        Route::Overview => 0,
        Route::View(view) => views.iter().position(|views| views.contains(&view)).unwrap_or(0),
    };
    let wide = |from: usize, to: usize| tabs[from..=to].iter().map(|tab| width_of(tab)).sum::<usize>();
    // An edge is at most the glyph of a severity and an arrow.
    let edge = 2;
    let inner = room.saturating_sub(2 * edge);
    let first = (0..=open).find(|first| wide(*first, open) <= inner).unwrap_or(open);
    let last = (open..tabs.len()).take_while(|last| wide(first, *last) <= inner).last().unwrap_or(open);
    let worst = |hidden: &[&[ViewId]]| {
        let badge = TabSummary::of(target, &hidden.concat()).badge(glyphs).into_iter().next();
        // Its first character alone: how many there are is told where they are.
        badge.and_then(|badge| Some(span(badge.text.chars().next()?, badge.tone)))
    };
    let mut line = Line::new();
    if first > 0 {
        line.push(dim(glyphs.more[0]));
    }
    line.push(worst(&views[..first]).unwrap_or_else(|| plain(" ")));
    line.extend(tabs[first..=last].iter().flatten().cloned());
    if last + 1 < tabs.len() {
        line.extend(worst(&views[last + 1..]));
        line.push(dim(glyphs.more[1]));
    }
    fit(line, room, glyphs.ellipsis)
}

/// The thin rule under the tabs.
#[must_use]
pub fn rule(model: &Model) -> Line {
    vec![dim(Glyphs::of(model.appearance.ascii).rule.repeat(usize::from(model.size.0)))]
}
