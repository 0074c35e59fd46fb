//! A card per tab, and one list of what needs somebody.

use super::{Emphasis, Glyphs, Line, dim, fit, justify, layout, list, plain, span, tab::Standing, width_of, words};
use crate::{
    attention,
    model::{Board, Model, Panel},
    pack::{BRIEF, Tab, Tone, ViewId},
    text,
    value::Severity,
};

/// A card is not drawn wider than this: the eye should not have to travel.
const WIDEST_CARD: usize = 28;

/// The body of the overview, one line each.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let mut lines = cards(model);
    lines.push(heading(model));
    lines.extend(rows(model));
    lines
}

fn cards(model: &Model) -> Vec<Line> {
    let per_line = usize::from(layout::cards_per_line(model));
    let most = per_line * usize::from(layout::card_lines(model));
    let tabs: Vec<Tab> = model.board().pack.tab_line().into_iter().take(most).collect();
    let wide = (usize::from(model.size.0) / per_line.min(tabs.len()).max(1)).min(WIDEST_CARD);
    let is_low = layout::are_cards_low(model);
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
    let board = model.board();
    let Some(id) = board.pack.facts else { return Line::new() };
    let (view, panel) = (board.pack.view(id), board.panel(id));
    let glyphs = Glyphs::of(model.look.ascii);
    let mut line = vec![plain(" ")];
    let mut between = String::new();
    match (panel.judged(), panel.failure()) {
        (None, None) => return Line::new(),
        (None, Some(failure)) => line.push(span(format!("? {}: {}", view.title, failure.kind.word()), Tone::Unknown)),
        (Some(snapshot), Some(_)) => {
            let age = words::short(i64::try_from(model.clock.mono.since(snapshot.at)).unwrap_or(i64::MAX));
            line.push(span(format!("{} {age} old ", glyphs.stale), Tone::Unknown));
        }
        (Some(_), None) => {}
    }
    let rows = panel.judged().map_or(&[][..], |snapshot| &snapshot.rows);
    let room = usize::from(model.size.0).saturating_sub(1);
    let briefs =
        view.column(BRIEF).into_iter().flat_map(|at| rows.iter().filter_map(move |row| row.cells[at].as_text()));
    for brief in briefs.filter(|brief| !brief.is_empty()) {
        let said = format!("{between}{}", words::line(brief));
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
    let glyphs = Glyphs::of(model.look.ascii);
    let cut = |line: Line| fit(line, wide.saturating_sub(1), glyphs.ellipsis);
    let title = vec![span(tab.title, Tone::Strong).with(Emphasis::Bold)];
    let standing = Standing::of(model.board(), &tab.views);
    [cut(title), cut(state(model, &standing, glyphs, wide.saturating_sub(1))), cut(worst(model.board(), tab))]
}

/// Counts; where the last asking failed, how old they are, or that nothing is known.
fn state(model: &Model, standing: &Standing, glyphs: &Glyphs, wide: usize) -> Line {
    let mut line = match (standing.unknown, standing.old_since) {
        (Some(kind), _) => vec![span(format!("? {}", kind.word()), Tone::Unknown)],
        (None, Some(since)) => {
            let age = words::short(i64::try_from(model.clock.mono.since(since)).unwrap_or(i64::MAX));
            vec![span(format!("{} {age} old", glyphs.stale), Tone::Unknown)]
        }
        (None, None) if standing.is_asking => vec![dim("asking")],
        (None, None) if standing.counts().total() == 0 => return vec![dim("none")],
        (None, None) => {
            let counts = glyphs.counts(standing.fresh, true);
            // Half a number would be a wrong number: how many are ok is what can be missed.
            return if width_of(&counts) > wide { glyphs.counts(standing.fresh, false) } else { counts };
        }
    };
    let counts = glyphs.counts(standing.counts(), false);
    if standing.has_answer && !counts.is_empty() {
        line.push(plain("  "));
        line.extend(counts);
    }
    line
}

/// The worst row of the tab's views, the first of several.
fn worst(board: &Board, tab: &Tab) -> Line {
    let first_of = |view: &ViewId| board.panel(*view).judged()?.rows.first().map(|row| (*view, row));
    // The last one of equals is what `max_by_key` takes.
    let row = tab.views.iter().rev().filter_map(first_of).max_by_key(|(_, row)| row.severity);
    match row.filter(|(_, row)| row.severity != Severity::Ok) {
        Some((view, row)) => vec![dim(list::label(board.pack.view(view), row))],
        None => Line::new(),
    }
}

fn heading(model: &Model) -> Line {
    let glyphs = Glyphs::of(model.look.ascii);
    let left = vec![plain(" "), span("Attention", Tone::Strong).with(Emphasis::Bold)];
    let (told, total) = (attention::told(model.board()), attention::total(model.board()));
    let said = match total {
        0 => String::new(),
        1 => "1 row ".to_owned(),
        _ if told >= total => format!("{} rows ", words::thousands(total)),
        _ => format!("{} of {} rows ", words::thousands(told), words::thousands(total)),
    };
    justify(left, vec![dim(said)], usize::from(model.size.0), glyphs.ellipsis)
}

fn rows(model: &Model) -> Vec<Line> {
    let board = model.board();
    let attention = attention::lines(board);
    if attention.is_empty() {
        return calm(model);
    }
    let list = &board.attention;
    let shown =
        attention.iter().enumerate().skip(list.top).take(layout::list_rows(model).min(usize::from(model.size.1)));
    let texts: Vec<Texts> = shown.filter_map(|(at, line)| Texts::of(board, line, at == list.cursor)).collect();
    let titles = attention.iter().map(|line| text::width(&board.pack.view(line.view).title)).max().unwrap_or(0);
    let room = usize::from(model.size.0).saturating_sub(titles + 6);
    // One place for all reasons, so that the eye can run down them; a long name gives way to its reason.
    let names = texts.iter().map(|texts| text::width(&texts.name)).max().unwrap_or(0).min(room * 11 / 20);
    texts.iter().map(|texts| row(model, texts, titles, names)).collect()
}

/// Nothing needs somebody, as far as is known: a view that did not answer is not calm, and what to do stands below.
fn calm(model: &Model) -> Vec<Line> {
    let board = model.board();
    let tabs = board.pack.tabs().filter(|id| board.pack.view(*id).attention);
    let asked: Vec<&Panel> = tabs.map(|id| board.panel(id)).collect();
    let mut said = Vec::new();
    if let Some(failure) = asked.iter().find_map(|panel| panel.failure()) {
        let unknown = "Nothing is known to need attention, but not every view answered.";
        said.extend([(unknown.to_owned(), Tone::Unknown), (failure.to_string(), Tone::Warn)]);
        said.push((failure.kind.hint().to_owned(), Tone::Dim));
    } else if asked.iter().all(|panel| panel.judged().is_some()) {
        said.push(("Nothing needs attention.".to_owned(), Tone::Ok));
    } else {
        said.push(("asking".to_owned(), Tone::Dim));
    }
    let cells = usize::from(model.size.0).saturating_sub(3);
    let wrapped = said.into_iter().flat_map(|(text, tone)| {
        text::wrap(&text, cells).into_iter().map(move |line| vec![plain("  "), span(line, tone)])
    });
    wrapped.map(|line| fit(line, usize::from(model.size.0), "")).collect()
}

/// What a line of the list says.
struct Texts<'a> {
    title: &'a str,
    name: String,
    why: String,
    severity: Severity,
    is_current: bool,
    is_stale: bool,
}

impl<'a> Texts<'a> {
    fn of(board: &'a Board, line: &attention::Line, is_current: bool) -> Option<Self> {
        let (view, panel) = (board.pack.view(line.view), board.panel(line.view));
        let known = panel.judged()?.rows.get(line.row)?;
        let (name, why) = match &line.flood {
            None => (list::label(view, known), words::line(&known.why)),
            Some(flood) => flooded(board, line.view, flood),
        };
        let is_stale = panel.failure().is_some();
        Some(Self { title: &view.title, name, why, severity: known.severity, is_current, is_stale })
    }
}

fn row(model: &Model, texts: &Texts, titles: usize, names: usize) -> Line {
    let glyphs = Glyphs::of(model.look.ascii);
    let cursor = if texts.is_current { span(glyphs.cursor, Tone::Accent) } else { plain(" ") };
    let stale = if texts.is_stale { span(glyphs.stale, Tone::Unknown) } else { plain(" ") };
    let emphasis = if texts.is_current { Emphasis::Bold } else { Emphasis::None };
    let name = text::cut(&texts.name, names, glyphs.ellipsis).into_owned();
    let pad = " ".repeat(names - text::width(&name) + 2);
    let line = vec![
        cursor,
        glyphs.severity(texts.severity),
        stale,
        dim(format!("{:titles$}  ", texts.title)),
        plain(name).with(emphasis),
        plain(pad),
        span(&*texts.why, super::tone_of(texts.severity)),
    ];
    fit(line, usize::from(model.size.0), glyphs.ellipsis)
}

/// More than half of a view in one line. Where the reasons differ in a number only, the number is left open.
fn flooded(board: &Board, view: ViewId, flood: &attention::Flood) -> (String, String) {
    let total = board.panel(view).judged().map_or(flood.rows, |snapshot| snapshot.counts.total());
    let name = format!("{} of {}", words::thousands(flood.rows), words::thousands(total));
    let reason = flood.reason.strip_prefix("# ").unwrap_or(&flood.reason).replace('#', "N");
    (name, format!("{reason}: one cause?"))
}
