//! The list of what was done: read from the record, searched, taken away, and taken back from.

use opsdash_pack::{command::Command, keymap::Key};

use super::{
    action, jump,
    movement::{self, Pressed},
    narrow, open, take,
};
use crate::{
    action::WriteKind,
    available,
    contract::Ticket,
    effect::Effect,
    history::{self, History, HistoryEntry},
    model::{HistoryPane, Model, Overlay},
    value::RowKey,
    view,
};

/// Opens the list, and asks for it.
pub(super) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    model.overlays.push(Overlay::History(HistoryPane::default()));
    read(model, effects);
}

/// Asks anew where the list is open: something may have been done since.
pub(super) fn read(model: &mut Model, effects: &mut Vec<Effect>) {
    let ticket = model.ticket();
    let open = model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::History(pane) => Some(pane),
        _ => None,
    });
    if let Some(pane) = open {
        pane.awaited = Some(ticket);
        effects.push(Effect::ReadHistory(ticket));
    }
}

/// The record was read. Of other configs' targets nothing is shown. The cursor stays on its line.
pub(super) fn came(model: &mut Model, ticket: Ticket, result: Result<History, String>) {
    let names: Vec<String> = model.targets.iter().map(|target| target.name.clone()).collect();
    let zone = model.appearance.zone.clone();
    let awaiting = |overlay: &&mut Overlay| matches!(overlay, Overlay::History(pane) if pane.awaited == Some(ticket));
    let Some(Overlay::History(pane)) = model.overlays.iter_mut().find(awaiting) else { return };
    let id = pane.current(&zone).map(|entry| entry.id.clone());
    pane.awaited = None;
    pane.known = Some(result.map(|history| History {
        entries: history.entries.into_iter().filter(|entry| names.contains(&entry.target)).collect(),
        ..history
    }));
    let at = pane.shown(&zone).position(|entry| Some(&entry.id) == id.as_ref());
    pane.at = at.unwrap_or(0);
    settle(model);
}

/// A key for the list.
pub(super) fn press(model: &mut Model, key: Key, command: Option<Command>, effects: &mut Vec<Effect>) {
    let fit = view::history::page(model);
    let Some(pane) = pane(model) else { return };
    match movement::press(&mut pane.search, key, command) {
        // Beyond the last line is on it.
        Pressed::Movement(movement) => pane.at = movement.from(pane.at, fit, usize::MAX),
        Pressed::Command(command) => run(model, command, effects),
        Pressed::Done => {}
    }
    settle(model);
}

fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Back => drop(model.overlays.pop()),
        Command::Open => go_to_row(model),
        Command::Undo => take_back(model),
        Command::Reload => read(model, effects),
        Command::Zone => narrow::other_zone(model),
        Command::Help => open::help(model),
        Command::CopyCell => copy(model, Copied::Line, effects),
        Command::CopyRow => copy(model, Copied::All, effects),
        Command::Export if take::exported(model).is_some() => open::export(model),
        Command::Export => model.notify("nothing was done that could be exported"),
        _ => {}
    }
}

/// The text of the search changed. What it finds is shown while it is typed.
pub(super) fn search(model: &mut Model, text: String, cursor: usize) {
    let Some(pane) = pane(model) else { return };
    pane.search.edited(text, cursor);
    pane.at = 0;
    settle(model);
}

fn pane(model: &mut Model) -> Option<&mut HistoryPane> {
    match model.overlays.last_mut() {
        Some(Overlay::History(pane)) => Some(pane),
        _ => None,
    }
}

/// What the cursor is on, of the list on top.
fn current(model: &Model) -> Option<&HistoryEntry> {
    match model.overlays.last() {
        Some(Overlay::History(pane)) => pane.current(&model.appearance.zone),
        _ => None,
    }
}

/// Keeps the cursor on a line that is shown, and on screen.
fn settle(model: &mut Model) {
    let (zone, fit) = (model.appearance.zone.clone(), view::history::page(model));
    let Some(pane) = pane(model) else { return };
    let count = pane.shown(&zone).count();
    pane.at = pane.at.min(count.saturating_sub(1));
    pane.top = pane.top.clamp((pane.at + 1).saturating_sub(fit), pane.at).min(count.saturating_sub(fit));
}

/// Leaves the list for the row, where it is among what the view lists by itself.
fn go_to_row(model: &mut Model) {
    let Some(entry) = current(model) else { return };
    let target = model.targets.iter().position(|target| target.name == entry.target);
    let found = target.and_then(|at| Some((at, model.targets[at].pack.find(&entry.view)?)));
    let (Some((at, view)), Some(key)) = (found, &entry.row) else {
        let said = format!("{} has no view {} now", entry.target, entry.view);
        return model.notify_error(said);
    };
    let key = RowKey(key.as_str().into());
    model.overlays.pop();
    jump::to_row(model, crate::model::TargetId(at), view, Some(key));
}

/// Opens the box that takes the action with the cursor back, or says why nothing does.
fn take_back(model: &mut Model) {
    let Some(entry) = current(model) else { return };
    match available::undo_of(model, entry) {
        Ok((target, last)) => action::open(model, target, last.request, WriteKind::Undo(last.written), last.seen),
        Err(why) => model.notify_error(why),
    }
}

/// What is copied.
#[derive(Clone, Copy)]
enum Copied {
    Line,
    All,
}

fn copy(model: &mut Model, what: Copied, effects: &mut Vec<Effect>) {
    let Some(Overlay::History(pane)) = model.overlays.last() else { return };
    let zone = &model.appearance.zone;
    let text = match what {
        Copied::Line => history::markdown(pane.current(zone).into_iter(), zone, model.clock.utc),
        Copied::All => history::markdown(pane.shown(zone), zone, model.clock.utc),
    };
    if text.is_empty() {
        model.notify("nothing to copy here");
    } else {
        effects.push(Effect::Copy(text));
    }
}
