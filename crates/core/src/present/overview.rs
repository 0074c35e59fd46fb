//! A card per view, and one list of what needs somebody.

use super::{Emphasis, Glyphs, Line, dim, fit, justify, layout, list, plain, span, targets, width_of, words};
use crate::{
    attention,
    model::{Board, Model, Panel},
    pack::{Tone, View, ViewId},
    text,
    value::Severity,
};

/// A card is not drawn wider than this: the eye should not have to travel.
const WIDEST_CARD: usize = 28;

/// The body of the overview, one line each.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let mut lines = targets::lines(model);
    lines.extend(cards(model));
    lines.push(heading(model));
    lines.extend(rows(model));
    lines
}

fn cards(model: &Model) -> Vec<Line> {
    let per_line = usize::from(layout::cards_per_line(model));
    let most = per_line * usize::from(layout::card_lines(model));
    let views: Vec<ViewId> = model.board().pack.tabs().take(most).collect();
    let wide = (usize::from(model.size.0) / per_line.min(views.len()).max(1)).min(WIDEST_CARD);
    let is_low = layout::are_cards_low(model);
    let mut lines: Vec<Line> = views
        .chunks(per_line)
        .flat_map(|chunk| {
            let cards: Vec<[Line; 3]> = chunk.iter().map(|id| card(model, *id, wide.saturating_sub(1))).collect();
            let line = |at: usize| cards.iter().flat_map(|card| padded(card[at].clone(), wide)).collect();
            if is_low { vec![line(0), line(1)] } else { vec![line(0), line(1), line(2), Line::new()] }
        })
        .collect();
    if is_low && !lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

fn padded(mut line: Line, wide: usize) -> Line {
    line.insert(0, plain(" "));
    let pad = wide.saturating_sub(width_of(&line));
    line.push(plain(" ".repeat(pad)));
    line
}

/// Title, counts, worst row.
fn card(model: &Model, id: ViewId, wide: usize) -> [Line; 3] {
    let board = model.board();
    let (view, panel) = (board.pack.view(id), board.panel(id));
    let glyphs = Glyphs::of(model.look.ascii);
    let cut = |line: Line| fit(line, wide.saturating_sub(1), glyphs.ellipsis);
    let title = vec![span(&*view.title, Tone::Strong).with(Emphasis::Bold)];
    [cut(title), cut(state(model, panel, glyphs, wide.saturating_sub(1))), cut(worst(view, panel))]
}

/// Counts; where the last asking failed, how old they are, or that nothing is known.
fn state(model: &Model, panel: &Panel, glyphs: &Glyphs, wide: usize) -> Line {
    match (panel.judged(), panel.failure()) {
        (Some(snapshot), Some(_)) => {
            let age = words::short(i64::try_from(model.clock.mono.since(snapshot.at)).unwrap_or(i64::MAX));
            let mut line = vec![span(format!("{} {age} old  ", glyphs.stale), Tone::Unknown)];
            line.extend(glyphs.counts(snapshot.counts, false));
            line
        }
        (None, Some(failure)) => vec![span(format!("? {}", failure.kind.word()), Tone::Unknown)],
        (Some(snapshot), None) if snapshot.counts.total() == 0 => vec![dim("none")],
        (Some(snapshot), None) => {
            let counts = glyphs.counts(snapshot.counts, true);
            // Half a number would be a wrong number: how many are ok is what can be missed.
            if width_of(&counts) > wide { glyphs.counts(snapshot.counts, false) } else { counts }
        }
        (None, None) => vec![dim("asking")],
    }
}

fn worst(view: &View, panel: &Panel) -> Line {
    let row = panel.judged().and_then(|snapshot| snapshot.rows.first());
    match row.filter(|row| row.severity != Severity::Ok) {
        Some(row) => vec![dim(list::label(view, row))],
        None => Line::new(),
    }
}

fn heading(model: &Model) -> Line {
    let glyphs = Glyphs::of(model.look.ascii);
    let left = vec![plain(" "), span("Attention", Tone::Strong).with(Emphasis::Bold)];
    let (told, total) = (attention::told(&attention::lines(model)), attention::total(model));
    let said = match total {
        0 => String::new(),
        1 => "1 row ".to_owned(),
        _ if told >= total => format!("{} rows ", words::thousands(total)),
        _ => format!("{} of {} rows ", words::thousands(told), words::thousands(total)),
    };
    justify(left, vec![dim(said)], usize::from(model.size.0), glyphs.ellipsis)
}

fn rows(model: &Model) -> Vec<Line> {
    let attention = attention::lines(model);
    if attention.is_empty() {
        return calm(model);
    }
    let list = &model.attention;
    let shown =
        attention.iter().enumerate().skip(list.top).take(layout::list_rows(model).min(usize::from(model.size.1)));
    let texts: Vec<Texts> = shown.filter_map(|(at, line)| Texts::of(model, line, at == list.cursor)).collect();
    let titles = attention.iter().map(|line| text::width(title(model, line))).max().unwrap_or(0);
    let target = texts.first().map_or(0, |texts| text::width(&texts.target));
    let room = usize::from(model.size.0).saturating_sub(target + titles + if titles == 0 { 4 } else { 6 });
    // One place for all reasons, so that the eye can run down them; a long name gives way to its reason.
    let names = texts.iter().map(|texts| text::width(&texts.name)).max().unwrap_or(0).min(room * 11 / 20);
    texts.iter().map(|texts| row(model, texts, titles, names)).collect()
}

/// The title of a line's view; of several targets on a narrow screen, which one it is says more.
fn title<'a>(model: &'a Model, line: &attention::Line) -> &'a str {
    let is_left_out = model.size.0 < targets::NARROW && model.watches_several();
    if is_left_out { "" } else { &model.boards[line.board.0].pack.view(line.view).title }
}

/// Nothing needs somebody, as far as is known: a view that did not answer is not calm, and what to do stands below.
fn calm(model: &Model) -> Vec<Line> {
    let asked: Vec<(&Board, &Panel)> = targets::asked(model).collect();
    let mut said = Vec::new();
    if let Some((board, failure)) = asked.iter().find_map(|(board, panel)| Some((board, panel.failure()?))) {
        let unknown = "Nothing is known to need attention, but not every view answered.";
        let whose = if model.watches_several() { format!("{}: ", board.target) } else { String::new() };
        said.extend([(unknown.to_owned(), Tone::Unknown), (format!("{whose}{failure}"), Tone::Warn)]);
        said.push((failure.kind.hint().to_owned(), Tone::Dim));
    } else if asked.iter().all(|(_, panel)| panel.judged().is_some()) {
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
    /// Empty where there is one target.
    target: String,
    title: &'a str,
    name: String,
    why: String,
    severity: Severity,
    is_current: bool,
    is_stale: bool,
}

impl<'a> Texts<'a> {
    fn of(model: &'a Model, line: &attention::Line, is_current: bool) -> Option<Self> {
        let board = &model.boards[line.board.0];
        let (view, panel) = (board.pack.view(line.view), board.panel(line.view));
        let known = panel.judged()?.rows.get(line.row)?;
        let (name, why) = match &line.flood {
            None => (list::label(view, known), words::line(&known.why)),
            Some(flood) => flooded(board, line.view, flood),
        };
        let is_stale = panel.failure().is_some();
        let target = targets::name_before(model, line.board);
        Some(Self { target, title: title(model, line), name, why, severity: known.severity, is_current, is_stale })
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
        plain(&*texts.target),
        dim(if titles == 0 { String::new() } else { format!("{:titles$}  ", texts.title) }),
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
