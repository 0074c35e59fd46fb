//! The list of what was done on the targets, two lines an action.

use opsdash_pack::{command::Command, pack::Tone};

use super::{
    Emphasis, Glyphs, Line, dim, fit, justify, plain,
    popup::{InputPosition, Popup},
    span,
};
use crate::{
    format,
    history::HistoryEntry,
    model::{HistoryPane, Model},
    text,
    time::{Date, Time},
};

/// Cells of a line at most.
const WIDEST: usize = 150;
/// Cells before the text of a line: the cursor and a blank.
const MARGIN: usize = 2;
/// Lines above those that are scrolled: the search, or how many there are.
const HEAD: usize = 1;
/// From so many cells on how an action stands is told beside it, else below it.
const ROOMY: usize = 60;
/// From so many cells on there is room for whole sentences.
const WIDE: usize = 100;
/// Lines of the list at least.
const LEAST: usize = 6;
/// Lines of an action.
const LINES: usize = 2;

/// The list as a box. Its size is that of all there is: it does not jump while it is filtered.
#[must_use]
pub fn popup(model: &Model, pane: &HistoryPane) -> Popup {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let columns = columns(model);
    let mut lines = vec![head(model, pane)];
    let shown = pane.shown(&model.appearance.zone).enumerate().skip(pane.top).take(page(model));
    lines.extend(shown.flat_map(|(at, entry)| entry_lines(model, entry, at == pane.at)));

    let mut lines: Vec<Line> = lines.into_iter().map(|line| fit(line, columns, glyphs.ellipsis)).collect();
    let all = pane.known.iter().flatten().map(|history| history.entries.len() * LINES).sum();
    lines.resize(rows(model).min(LEAST.max(all)) + HEAD, Line::new());
    let input = pane.search.input.as_ref().map(|_| InputPosition { line: 0, rows: 1, column: MARGIN });
    Popup { title: "History: what was done".into(), lines, scroll: 0, columns, input }
}

fn rows(model: &Model) -> usize {
    usize::from(model.size.1).saturating_sub(4 + HEAD).max(LINES)
}

fn columns(model: &Model) -> usize {
    usize::from(model.size.0).saturating_sub(4).min(WIDEST)
}

/// Actions on screen at once.
#[must_use]
pub fn page(model: &Model) -> usize {
    (rows(model) / LINES).max(1)
}

/// The search that is typed or was, else what there is to say of the whole.
fn head(model: &Model, pane: &HistoryPane) -> Line {
    if pane.search.input.is_some() {
        return vec![span("/ ", Tone::Accent)];
    }
    let history = match &pane.known {
        None => return vec![dim("  reading the record")],
        Some(Err(why)) => return vec![span(format!("  the record cannot be read: {}", text::inert(why)), Tone::Warn)],
        Some(Ok(history)) => history,
    };
    let all = history.entries.len();
    if pane.search.text.is_empty() {
        let said = match all {
            0 => "  Nothing was done on these targets with this login's opsdash.".to_owned(),
            1 => "  1 action, by this login on this machine".to_owned(),
            all => format!("  {} actions, by this login on this machine, newest first", format::thousands(all)),
        };
        let older = if history.is_cut { "; `opsdash audit` has older ones" } else { "" };
        return vec![dim(said), dim(older)];
    }
    let found = pane.shown(&model.appearance.zone).count();
    let search = text::inert(&pane.search.text).into_owned();
    vec![span("/ ", Tone::Accent), plain(search), dim(format!("   {found} of {}", format::thousands(all)))]
}

fn entry_lines(model: &Model, entry: &HistoryEntry, is_chosen: bool) -> [Line; LINES] {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let emphasis = if is_chosen { Emphasis::Bold } else { Emphasis::None };
    let cursor = if is_chosen { span(glyphs.cursor, Tone::Accent) } else { plain(" ") };
    let at = entry.at.map_or_else(|| "at no known time".to_owned(), |at| when(model, at));
    let left = vec![
        cursor,
        plain(" "),
        dim(format!("{at}  ")),
        plain(entry.what()).with(emphasis),
        plain(format!("  {}", entry.which())),
    ];
    let (state, has_room) = (state(model, entry), columns(model) >= ROOMY);
    let right = if has_room { vec![plain("  "), state.clone()] } else { Line::new() };
    let first = justify(left, right, columns(model), glyphs.ellipsis);
    let mut told = vec![entry.target.clone(), entry.who.clone(), format::rows(entry.rows), entry.answers()];
    told.push(if entry.word == "done" { String::new() } else { entry.outcome(&model.appearance.zone) });
    told.retain(|part| !part.is_empty());
    let below = text::inert(&told.join(&format!(" {} ", glyphs.between))).into_owned();
    let mut second = vec![plain(" ".repeat(MARGIN + 2))];
    if !has_room {
        second.extend([state, plain("  ")]);
    }
    second.push(dim(below));
    [first, second]
}

/// The time of today, else with its day.
fn when(model: &Model, at: Time) -> String {
    let zone = &model.appearance.zone;
    format::clock(at, zone, Date::of(at, zone) != Date::of(model.clock.utc, zone))
}

/// How it stands: what can still be done about it, or that nothing is to be done.
fn state(model: &Model, entry: &HistoryEntry) -> super::Span {
    let clock = |at| format::clock(at, &model.appearance.zone, false);
    match (entry.word.as_str(), entry.undo_until(model.clock.utc), entry.taken_back) {
        ("unknown", ..) => span("outcome unknown", Tone::Unknown),
        (_, Some(until), _) => {
            let takes = if columns(model) < WIDE { "" } else { " takes it back" };
            span(format!("{}{takes} until {}", model.keymap.key_of(Command::Undo), clock(until)), Tone::Accent)
        }
        ("done", None, Some(at)) => match entry.standing {
            0 => dim(format!("taken back {}", clock(at))),
            left => span(format!("taken back {}, but for {}", clock(at), format::rows(left)), Tone::Warn),
        },
        ("done", None, None) => dim("done"),
        _ => span("not done", Tone::Warn),
    }
}
