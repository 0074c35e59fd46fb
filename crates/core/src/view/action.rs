//! What stands in the box of an action that waits to be confirmed.

use std::collections::BTreeMap;

use opsdash_pack::{
    command::Command,
    pack::{Action, Tone},
};

use super::{
    Emphasis, Glyphs, Line, dim, fit, plain,
    popup::{InputPosition, Popup},
    span, width_of,
};
use crate::{
    action::{ColumnChange, TextRow, WriteKind, changed, echo, name, told, undone},
    format,
    model::{Dialog, Field, FieldKind, Focus, Guard, Model},
    text,
};

/// Cells that a box takes at most: the eye should not have to travel.
const WIDEST: usize = 76;
/// Lines of a field with several lines, and where there is little room.
const NOTE_ROWS: usize = 4;
const FEW_NOTE_ROWS: usize = 2;
/// Lines of the screen that are not the box's: its frame, and what stays around it.
const FRAME: usize = 4;
/// From this height on there is room for blank lines.
const HIGH: u16 = 20;
/// Columns of one row that are told beside those that change.
const TOLD: usize = 6;
/// Rows of several that are shown at a time.
const SEVERAL: usize = 8;
/// Cells for the name of a column.
const NAME: usize = 16;

/// Cells before the text of a field.
const EDGE: usize = 2;

/// How many rows the terminal must have for the box to show at least one row and everything that is said of it; `None`
/// when it shows them.
#[must_use]
pub fn rows_missing(model: &Model, dialog: &Dialog) -> Option<usize> {
    let needed = box_lines(model, dialog).0.len() + FRAME;
    (needed > usize::from(model.size.1)).then_some(needed)
}

/// Every line of the box of a dialog, and the place in them of the text field with the focus.
fn box_lines(model: &Model, dialog: &Dialog) -> (Vec<Line>, Option<usize>) {
    let target = &model.targets[dialog.target.0];
    let action = &target.pack.view(dialog.request.view).actions[dialog.request.action];
    let layout = DialogLayout::of(model);
    let (below, field) = below(&layout, model, dialog, action);
    let height = usize::from(model.size.1).saturating_sub(FRAME + below.len());
    let mut lines = layout.preview(dialog, action, &model.operator, height.max(1));
    let field = field.map(|at| at + lines.len());
    lines.extend(below);
    (lines, field)
}

/// The box of a dialog.
#[must_use]
pub fn popup(model: &Model, dialog: &Dialog) -> Popup {
    let target = &model.targets[dialog.target.0];
    let action = &target.pack.view(dialog.request.view).actions[dialog.request.action];
    let layout = DialogLayout::of(model);
    let what = match dialog.write {
        WriteKind::Do(_) => action.title.clone(),
        WriteKind::Undo(_) => format!("Undo {}", action.title),
    };
    let (mut lines, field) = box_lines(model, dialog);
    let rows = dialog.field().map_or(1, |field| layout.rows_of(field));
    // Where the box is too low for all of it, what is above the fields and buttons goes; then it does not confirm.
    let above = lines.len().saturating_sub(usize::from(model.size.1).saturating_sub(FRAME));
    lines.drain(..above);
    let field = field.map(|at| at.saturating_sub(above));
    let count = match dialog.write.rows() {
        1 => String::new(),
        n => format!(" {}", format::rows(n)),
    };
    Popup {
        title: text::inert(&format!("{what}{count} on {}", target.place(dialog.request.scope.as_ref()))).into_owned(),
        lines,
        scroll: 0,
        columns: layout.room,
        input: field.filter(|_| dialog.input().is_some()).map(|line| InputPosition { line, rows, column: EDGE }),
    }
}

/// Everything below the preview, and the place in it of the text field with the focus.
fn below(layout: &DialogLayout, model: &Model, dialog: &Dialog, action: &Action) -> (Vec<Line>, Option<usize>) {
    let target = &model.targets[dialog.target.0];
    let mut lines = if layout.is_high { vec![Line::new()] } else { Vec::new() };
    lines.push(layout.summary(dialog, action, &model.keymap.key_of(Command::Undo)));
    for file in action.replaced() {
        lines.push(layout.fit(vec![span(format!("with the statement of {file}"), Tone::Warn)]));
    }
    if target.guard == Guard::Unlocked {
        lines.push(vec![span("a protected target, armed", Tone::Warn)]);
    }
    let mut at = None;
    for (place, field) in dialog.fields.iter().enumerate() {
        let is_focus = dialog.focus == Focus::Field(place);
        lines.push(vec![if is_focus {
            plain(format!("{}:", field.prompt))
        } else {
            dim(format!("{}:", field.prompt))
        }]);
        if is_focus {
            at = Some(lines.len());
        }
        lines.extend(layout.field(field, is_focus));
        let ask = action.prompts.iter().find(|ask| field.ask.as_ref() == Some(&ask.name));
        let meant = ask.and_then(|ask| echo(ask, &field.input.text, model.clock.utc, &model.appearance.zone));
        lines.extend(meant.map(|meant| layout.fit(vec![dim(format!("  {meant}"))])));
    }
    if !dialog.problem.is_empty() {
        let problem = text::wrap(&text::inert(&dialog.problem), layout.room);
        lines.extend(problem.into_iter().take(3).map(|line| vec![span(line, Tone::Warn)]));
    }
    if layout.is_high {
        lines.push(Line::new());
    }
    lines.push(layout.buttons(dialog, action));
    (lines, at)
}

/// How wide the box is, and its signs.
struct DialogLayout {
    glyphs: &'static Glyphs,
    room: usize,
    /// Whether there is room for blank lines.
    is_high: bool,
}

impl DialogLayout {
    fn of(model: &Model) -> Self {
        let room = usize::from(model.size.0).saturating_sub(6).min(WIDEST);
        Self { glyphs: Glyphs::of(model.appearance.ascii), room, is_high: model.size.1 >= HIGH }
    }

    fn rows_of(&self, field: &Field) -> usize {
        match (&field.kind, self.is_high) {
            (FieldKind::Lines, true) => NOTE_ROWS,
            (FieldKind::Lines, false) => FEW_NOTE_ROWS,
            (FieldKind::Line | FieldKind::Choice(_), _) => 1,
        }
    }

    fn fit(&self, line: Line) -> Line {
        fit(line, self.room, self.glyphs.ellipsis)
    }

    fn shown(value: Option<&str>) -> String {
        match value {
            None | Some("") => "nothing".to_owned(),
            Some("true") => "yes".to_owned(),
            Some("false") => "no".to_owned(),
            Some(value) => text::inert(&text::one_line(value)).into_owned(),
        }
    }

    /// `from → to` of a column; several rows may have been different things.
    fn change(&self, from: Option<&str>, to: &str) -> Line {
        let from = from.map_or_else(
            || dim("various"),
            |from| plain(text::cut(from, self.room / 3, self.glyphs.ellipsis).into_owned()),
        );
        vec![from, dim(format!(" {} ", self.glyphs.arrow)), plain(to).with(Emphasis::Bold)]
    }

    /// Which rows, and what becomes of them.
    fn preview(&self, dialog: &Dialog, action: &Action, operator: &str, height: usize) -> Vec<Line> {
        // Which row it is says more than what changes, where there is room for one of them.
        let changes = if height > 1 { self.changes(dialog, action, operator) } else { Vec::new() };
        let height = height.saturating_sub(changes.len()).max(1);
        let seen: Vec<&TextRow> = match &dialog.write {
            WriteKind::Do(prepared) => prepared.seen.iter().collect(),
            WriteKind::Undo(written) => {
                let seen = |record: &TextRow| dialog.seen.iter().find(|seen| seen.key() == record.key());
                written.iter().skip(dialog.scroll).take(height).map(|record| seen(record).unwrap_or(record)).collect()
            }
        };
        let mut lines = match (seen.as_slice(), dialog.write.rows()) {
            ([one], 1) => self.one(action, one, height.min(TOLD)),
            (seen, count) => {
                let skipped = if matches!(dialog.write, WriteKind::Undo(_)) { 0 } else { dialog.scroll };
                self.several(action, seen, skipped, dialog.scroll, count, height.min(SEVERAL))
            }
        };
        lines.extend(changes);
        lines
    }

    /// What one row is beside what changes.
    fn one(&self, action: &Action, record: &TextRow, height: usize) -> Vec<Line> {
        let names: Vec<(&str, Option<&str>)> = told(action, record).take(height).collect();
        let line = |(name, value): (&str, Option<&str>)| self.named(name, vec![plain(Self::shown(value))]);
        names.into_iter().map(line).collect()
    }

    /// A line for each of several rows, and how many there are beyond those.
    fn several(
        &self,
        action: &Action,
        records: &[&TextRow],
        skipped: usize,
        scroll: usize,
        count: usize,
        height: usize,
    ) -> Vec<Line> {
        let room = if count > height { height.saturating_sub(1).max(1) } else { height };
        let line = |record: &&TextRow| self.fit(vec![plain(name(action, record))]);
        let mut lines: Vec<Line> = records.iter().skip(skipped).take(room).map(line).collect();
        if count > room {
            let said = format!("{} to {} of {}", scroll + 1, scroll + lines.len(), format::thousands(count));
            lines.push(vec![dim(said)]);
        }
        lines
    }

    /// What becomes of the rows, a line for each column that changes.
    fn changes(&self, dialog: &Dialog, action: &Action, operator: &str) -> Vec<Line> {
        let asked = asked(dialog);
        let all: Vec<Vec<ColumnChange>> = match &dialog.write {
            WriteKind::Do(prepared) => {
                prepared.seen.iter().map(|record| changed(action, record, &asked, operator)).collect()
            }
            WriteKind::Undo(written) => written.iter().map(undone).collect(),
        };
        // In the order of the first row, then what only others change.
        let mut columns: Vec<&ColumnChange> = Vec::new();
        for change in all.iter().flatten() {
            if !columns.iter().any(|known| known.column == change.column) {
                columns.push(change);
            }
        }
        let common = |column: &str, part: fn(&ColumnChange) -> &Option<String>| {
            let mut values = all.iter().flatten().filter(|change| change.column == column).map(part);
            let first = values.next()?;
            values.all(|value| value == first).then(|| Self::shown(first.as_deref()))
        };
        let line = |change: &ColumnChange| {
            let from = common(&change.column, |change| &change.from);
            let to = if change.is_open {
                self.glyphs.ellipsis.to_owned()
            } else {
                common(&change.column, |change| &change.to).unwrap_or_else(|| "what it was".to_owned())
            };
            self.named(&change.column, self.change(from.as_deref(), &to))
        };
        columns.into_iter().map(line).collect()
    }

    fn named(&self, name: &str, line: Line) -> Line {
        let name = text::cut(&name.replace('_', " "), NAME, self.glyphs.ellipsis).into_owned();
        let pad = " ".repeat(NAME + 2 - text::width(&name));
        self.fit([vec![dim(format!("{name}{pad}"))], line].concat())
    }

    /// How many rows, and whether it can be taken back.
    fn summary(&self, dialog: &Dialog, action: &Action, undo: &str) -> Line {
        let count = span(format!("{}. ", format::rows(dialog.write.rows())), Tone::Strong).with(Emphasis::Bold);
        let back = match (&dialog.write, action.undo.is_some()) {
            (WriteKind::Undo(_), _) => dim("Only what is still as it was left is taken back."),
            (WriteKind::Do(_), true) => dim(format!("Can be taken back for 15 minutes with {undo}.")),
            (WriteKind::Do(_), false) => span("This cannot be undone.", Tone::Warn).with(Emphasis::Bold),
        };
        self.fit(vec![count, back])
    }

    /// The lines of a field; where the widget draws it, blank ones.
    fn field(&self, field: &Field, is_focus: bool) -> Vec<Line> {
        let rows = self.rows_of(field);
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
            FieldKind::Line | FieldKind::Lines => {
                let edge = || span(format!("{} ", self.glyphs.bar), if is_focus { Tone::Accent } else { Tone::Dim });
                let inert = text::inert(&field.input.text);
                // Where it has the focus, the widget draws the text.
                let text = if is_focus { "" } else { &*inert };
                let mut lines: Vec<Line> =
                    text.lines().take(rows).map(|line| self.fit(vec![edge(), plain(line.to_owned())])).collect();
                lines.resize_with(rows, || vec![edge()]);
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
            WriteKind::Do(_) => action.title.clone(),
            WriteKind::Undo(_) => "Undo".to_owned(),
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
