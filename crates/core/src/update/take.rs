//! What is taken away from the screen: copied, or written to a file.

use opsdash_pack::{command::Command, pack::ViewId};

use crate::{
    effect::Effect,
    export::Document,
    format,
    history::{self, HistoryEntry},
    model::{HistoryPane, Model, Overlay},
    place,
    value::Row,
};

pub(super) fn copy_cell(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(panel) = model.panel() else { return };
    let view = model.pack().view(panel.view);
    let column = view.drawn().get(panel.list.column).copied();
    let (Some(row), Some(at)) = (panel.current(), column) else { return };
    let column = &view.columns[at];
    let text = format::plain(&row.cells[at], column.format);
    if text.is_empty() {
        // What the clipboard holds already is worth more than nothing.
        let [left, right] = [Command::ColumnLeft, Command::ColumnRight].map(|command| model.keymap.key_of(command));
        let said = format!("nothing to copy: {} is empty here; {left} and {right} choose the column", column.title);
        model.notify(said);
    } else {
        effects.push(Effect::Copy(text));
    }
}

pub(super) fn copy_rows(model: &Model, effects: &mut Vec<Effect>) {
    let Some(document) = chosen(model) else { return };
    let line = |record: &crate::export::ExportRow| {
        let cells = record.cells.iter().zip(&document.columns);
        // A tab or a line break within a cell would be read as the end of it.
        let cells: Vec<String> =
            cells.map(|(value, column)| format::line(&format::plain(value, column.format))).collect();
        cells.join("\t")
    };
    let lines: Vec<String> = document.rows.iter().map(line).collect();
    effects.push(Effect::Copy(lines.join("\n")));
}

pub(super) fn copy_place(model: &mut Model, effects: &mut Vec<Effect>) {
    match place::command(model) {
        Ok(command) => effects.push(Effect::Copy(command)),
        Err(why) => model.notify_error(why),
    }
}

/// The marked rows, or the one with the cursor.
fn chosen(model: &Model) -> Option<Document> {
    let panel = model.panel()?;
    let snapshot = panel.list_snapshot()?;
    let current = panel.current().map(|row| row.key.clone());
    let is_chosen =
        |key| if panel.list.marks.is_empty() { Some(key) == current.as_ref() } else { panel.list.marks.contains(key) };
    Some(document(model, panel.view, snapshot.rows.iter().filter(|row| is_chosen(&row.key))))
}

/// The rows of the list as it stands, or the marked ones, for a file.
pub(super) fn exported(model: &Model) -> Option<Document> {
    if let Some(Overlay::History(pane)) = model.overlays.last() {
        return history_of(model, pane);
    }
    let panel = model.panel()?;
    if !panel.list.marks.is_empty() {
        return chosen(model);
    }
    let snapshot = panel.list_snapshot()?;
    let rows = panel.list.order.iter().filter_map(|at| snapshot.rows.get(*at as usize));
    Some(document(model, panel.view, rows))
}

/// Rows of a view, and whose they are.
fn document<'a>(model: &Model, view: ViewId, rows: impl Iterator<Item = &'a Row>) -> Document {
    let target = model.target();
    Document::of(&target.name, target.pack.view(view), rows).within(target.export_scope(view))
}

/// How many rows there are of which so many are exported; `None` when these are all, or were marked.
pub(super) fn exported_of(model: &Model, rows: usize) -> Option<String> {
    let is_history = matches!(model.overlays.last(), Some(Overlay::History(_)));
    let panel = model.panel().filter(|panel| panel.list.marks.is_empty() && !is_history)?;
    let counts = panel.list_snapshot()?.counts;
    let total = counts.total();
    let more = if counts.more_from.is_some() { "+" } else { "" };
    (total > rows as u64).then(|| format!("{}{more}", format::thousands(total)))
}

/// The lines of the history for a file, where it has some.
fn history_of(model: &Model, pane: &HistoryPane) -> Option<Document> {
    let shown: Vec<&HistoryEntry> = pane.shown(&model.appearance.zone).collect();
    let first = shown.first()?;
    let is_of_one = shown.iter().all(|entry| entry.target == first.target);
    let name = if is_of_one { first.target.as_str() } else { "all" };
    Some(history::document(name, shown.iter().copied()))
}
