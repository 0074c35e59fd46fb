//! What stands in the box of an action that waits to be confirmed.

use std::collections::BTreeMap;

use super::{Emphasis, Glyphs, Line, dim, fit, overlay::Sheet, plain, span, width_of, words};
use crate::{
    act::{Changed, Record, Write, changed, told, undone},
    model::{Board, Dialog, Field, FieldKind, Focus, Model},
    pack::{Action, Tone},
    text,
};

/// Cells that a box takes at most: the eye should not have to travel.
const WIDEST: usize = 76;
/// Lines of a field with several lines.
pub const NOTE_ROWS: usize = 4;
/// Columns of one row that are told beside those that change.
const TOLD: usize = 6;
/// Columns by which a row among several is told.
const NAMES: usize = 2;

/// The box of a dialog.
#[must_use]
pub fn sheet(model: &Model, dialog: &Dialog) -> Sheet {
    let board = &model.boards[dialog.board.0];
    let action = &board.pack.view(dialog.order.view).actions[dialog.order.action];
    let room = usize::from(model.size.0).saturating_sub(6).min(WIDEST);
    let paper = Paper { glyphs: Glyphs::of(model.look.ascii), room };
    let what = match dialog.write {
        Write::Do(_) => action.title.clone(),
        Write::Undo(_) => format!("Undo {}", action.title),
    };
    let (below, field) = below(&paper, dialog, action, board);
    let height = usize::from(model.size.1).saturating_sub(4 + below.len());
    let mut lines = paper.preview(dialog, action, height.max(1));
    let field = field.map(|at| at + lines.len());
    lines.extend(below);
    let rows = if dialog.field().is_some_and(|field| field.kind == FieldKind::Lines) { NOTE_ROWS } else { 1 };
    Sheet {
        title: format!("{what} on {}", board.target),
        lines,
        scroll: 0,
        columns: room,
        input: field.filter(|_| dialog.input().is_some()).map(|line| super::overlay::InputPlace { line, rows }),
    }
}

/// Everything below the preview, and the place in it of the text field with the focus.
fn below(paper: &Paper, dialog: &Dialog, action: &Action, board: &Board) -> (Vec<Line>, Option<usize>) {
    let mut lines = vec![Line::new(), paper.summary(dialog, action)];
    for file in action.replaced() {
        lines.push(paper.fit(vec![span(format!("with the statement of {file}"), Tone::Warn)]));
    }
    if board.protected {
        lines.push(vec![span("a protected target, armed", Tone::Warn)]);
    }
    let mut at = None;
    for (place, field) in dialog.fields.iter().enumerate() {
        let is_focus = dialog.focus == Focus::Field(place);
        lines.push(vec![if is_focus { plain(format!("{}:", field.prompt)) } else { dim(format!("{}:", field.prompt)) }]);
        if is_focus {
            at = Some(lines.len());
        }
        lines.extend(paper.field(field, is_focus));
    }
    let problem = text::wrap(&text::inert(&dialog.problem), paper.room);
    lines.extend(problem.into_iter().take(3).map(|line| vec![span(line, Tone::Warn)]));
    lines.push(Line::new());
    lines.push(paper.buttons(dialog, action));
    (lines, at)
}

/// How wide the box is, and its signs.
struct Paper {
    glyphs: &'static Glyphs,
    room: usize,
}

impl Paper {
    fn fit(&self, line: Line) -> Line {
        fit(line, self.room, self.glyphs.ellipsis)
    }

    fn shown(value: Option<&str>) -> String {
        value.map_or_else(|| "null".to_owned(), |value| text::inert(&text::one_line(value)).into_owned())
    }

    fn change(&self, change: &Changed, is_asked: bool) -> Line {
        let arrow = if self.glyphs.ellipsis == ">" { "->" } else { "→" };
        let to = match &change.to {
            None if is_asked => self.glyphs.ellipsis.to_owned(),
            to => Self::shown(to.as_deref()),
        };
        let from = text::cut(&Self::shown(change.from.as_deref()), self.room / 3, self.glyphs.ellipsis).into_owned();
        vec![plain(from), dim(format!(" {arrow} ")), plain(to).with(Emphasis::Bold)]
    }

    /// One row whole, or a line for each of several.
    fn preview(&self, dialog: &Dialog, action: &Action, height: usize) -> Vec<Line> {
        let asked = asked(dialog);
        match &dialog.write {
            Write::Do(prepared) => self.rows(&prepared.seen, dialog.scroll, height, |record| {
                let names = told(action, record).map(|(name, text)| (name.to_owned(), Self::shown(text))).collect();
                let changes = changed(action, record, &asked).into_iter().map(|change| {
                    let is_asked = change.to.is_none();
                    (change.column.clone(), self.change(&change, is_asked))
                });
                (names, changes.collect())
            }),
            Write::Undo(written) => self.rows(written, dialog.scroll, height, |record| {
                let changes = undone(record).into_iter();
                let changes = changes.map(|change| (change.column.clone(), self.change(&change, false)));
                (vec![("key".to_owned(), record.key().to_owned())], changes.collect())
            }),
        }
    }

    fn rows(
        &self,
        records: &[Record],
        scroll: usize,
        height: usize,
        parts: impl Fn(&Record) -> (Vec<(String, String)>, Vec<(String, Line)>),
    ) -> Vec<Line> {
        if let [one] = records {
            let (names, changes) = parts(one);
            let wide = names.iter().map(|(name, _)| name).chain(changes.iter().map(|(name, _)| name));
            let wide = wide.map(|name| text::width(name)).max().unwrap_or(0);
            let left = height.saturating_sub(changes.len()).min(TOLD);
            let names = names.into_iter().take(left).map(|(name, value)| (name, vec![plain(value)]));
            let lines = names.chain(changes);
            return lines
                .map(|(name, line)| {
                    let name = format!("{}{}  ", name.replace('_', " "), " ".repeat(wide - text::width(&name)));
                    self.fit([vec![dim(name)], line].concat())
                })
                .take(height)
                .collect();
        }
        // The last line says how many there are beyond those that are shown.
        let room = if records.len() > height { height.saturating_sub(1).max(1) } else { height };
        let first = scroll.min(records.len().saturating_sub(room));
        let mut lines: Vec<Line> = records.iter().skip(first).take(room).map(|record| self.one_of(parts(record))).collect();
        if records.len() > room {
            let said = format!("{} to {} of {}", first + 1, first + lines.len(), words::thousands(records.len()));
            lines.push(vec![dim(said)]);
        }
        lines
    }

    /// A row among several: which one it is, and what changes.
    fn one_of(&self, (names, changes): (Vec<(String, String)>, Vec<(String, Line)>)) -> Line {
        let mut line = Line::new();
        for (_, value) in names.iter().filter(|(_, value)| value != "null").take(NAMES) {
            line.push(plain(text::cut(value, self.room / 2, self.glyphs.ellipsis).into_owned()));
            line.push(plain("  "));
        }
        for (name, change) in changes.into_iter().take(1) {
            line.push(dim(format!("{} ", name.replace('_', " "))));
            line.extend(change);
        }
        self.fit(line)
    }

    /// How many rows, and whether it can be taken back.
    fn summary(&self, dialog: &Dialog, action: &Action) -> Line {
        let count = span(format!("{}. ", words::rows(dialog.write.rows())), Tone::Strong).with(Emphasis::Bold);
        let back = match (&dialog.write, action.undo.is_some()) {
            (Write::Undo(_), _) => dim("Only what is still as it was left is taken back."),
            (Write::Do(_), true) => dim("Can be taken back for 15 minutes with u."),
            (Write::Do(_), false) => span("This cannot be undone.", Tone::Warn).with(Emphasis::Bold),
        };
        self.fit(vec![count, back])
    }

    /// The lines of a field; where the widget draws it, blank ones.
    fn field(&self, field: &Field, is_focus: bool) -> Vec<Line> {
        let rows = if field.kind == FieldKind::Lines { NOTE_ROWS } else { 1 };
        match &field.kind {
            FieldKind::Choice(choices) => {
                let mut line = Line::new();
                for choice in choices {
                    let is_chosen = *choice == field.input.text;
                    let tone = if is_chosen || is_focus { Tone::Strong } else { Tone::Dim };
                    let emphasis = if is_chosen { Emphasis::Reverse } else { Emphasis::None };
                    line.extend([span(format!(" {choice} "), tone).with(emphasis), plain(" ")]);
                }
                vec![self.fit(line)]
            }
            FieldKind::Line | FieldKind::Lines if is_focus => vec![Line::new(); rows],
            FieldKind::Line | FieldKind::Lines => {
                let inert = text::inert(&field.input.text);
                let mut lines: Vec<Line> =
                    inert.lines().take(rows).map(|line| self.fit(vec![plain(line.to_owned())])).collect();
                lines.resize(rows, Line::new());
                lines
            }
        }
    }

    /// Both buttons at the right; the one with the focus stands out by more than its color.
    fn buttons(&self, dialog: &Dialog, action: &Action) -> Line {
        let button = |label: &str, focus: Focus| {
            let is_focus = dialog.focus == focus;
            let (text, emphasis) = if is_focus {
                (format!("[ {label} ]"), Emphasis::Reverse)
            } else {
                (format!("  {label}  "), Emphasis::None)
            };
            span(text, if is_focus { Tone::Strong } else { Tone::Normal }).with(emphasis)
        };
        let go = match dialog.write {
            Write::Do(_) => action.title.clone(),
            Write::Undo(_) => "Undo".to_owned(),
        };
        let line = vec![button("Cancel", Focus::Cancel), plain("  "), button(&go, Focus::Go)];
        let pad = self.room.saturating_sub(width_of(&line));
        self.fit([vec![plain(" ".repeat(pad))], line].concat())
    }
}

/// What the fields hold so far, by ask.
fn asked(dialog: &Dialog) -> BTreeMap<String, String> {
    let given = dialog.fields.iter().filter(|field| !field.input.text.trim().is_empty());
    given.filter_map(|field| Some((field.ask.clone()?, field.input.text.clone()))).collect()
}
