//! Which rows a command acts on, and where links start.

use opsdash_pack::{command::Command, pack::ViewId};

use crate::{
    attention,
    model::{Model, Route, Selection, TargetId},
    value::{Row, RowKey},
};

/// The rows that a command would act on: the marked ones, else the one with the cursor; on the overview the row of
/// the chosen line.
///
/// # Errors
/// Why there is none.
pub fn selection(model: &Model) -> Result<Selection, String> {
    let Route::View(view) = model.target().route else {
        let lines = attention::lines(model);
        let line = lines.get(model.attention.list.cursor).ok_or("there is no row here")?;
        if line.source().is_some() {
            return Err("this line is a source that does not answer, and no row".into());
        }
        if !line.is_row() {
            let open = model.keymap.key_of(Command::Open);
            return Err(format!("this line stands for many rows: {open} opens them"));
        }
        let scope = model.targets[line.target.0].scope_of(line.view).cloned();
        let rows = vec![line.key.as_str().to_owned()];
        return Ok(Selection { target: line.target, view: line.view, rows, scope });
    };
    let panel = model.target().panel(view);
    let rows = if panel.list.marks.is_empty() {
        let current = panel.current().ok_or("there is no row here")?;
        vec![current.key.as_str().to_owned()]
    } else {
        let keys = panel.list_snapshot().into_iter().flat_map(|snapshot| &snapshot.rows).map(|row| &row.key);
        let marked: Vec<&RowKey> = keys.filter(|key| panel.list.marks.contains(key)).collect();
        if marked.len() < panel.list.marks.len() {
            return Err(format!("marked rows are gone from the list; {} unmarks", model.keymap.key_of(Command::Back)));
        }
        marked.into_iter().map(|key| key.as_str().to_owned()).collect()
    };
    Ok(Selection { target: model.at, view, rows, scope: model.target().scope_of(view).cloned() })
}

/// Where links start: the view on screen and its row with the cursor; on the overview, those of the chosen line. The row is
/// `None` where there is none.
#[must_use]
pub fn linked(model: &Model) -> Option<(TargetId, ViewId, Option<&Row>)> {
    if let Some(panel) = model.panel() {
        return Some((model.at, panel.view, panel.current()));
    }
    let lines = attention::lines(model);
    let line = lines.get(model.attention.list.cursor).filter(|line| line.is_row())?;
    let snapshot = model.targets[line.target.0].panel(line.view).default_snapshot()?;
    Some((line.target, line.view, snapshot.rows.get(line.row)))
}
