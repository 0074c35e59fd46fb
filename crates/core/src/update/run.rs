use opsdash_pack::{
    command::Command,
    keymap::{Key, KeyCode, LINK_PREFIX},
};

use super::{
    action, detail, history, jump, narrow, navigate, open, outcome, palette, runbook, schedule, scope, snooze, take,
    transfer, unlock,
};
use crate::{
    attention::{self, LineKind},
    available,
    effect::Effect,
    model::{Model, Route, TargetId},
    selection::linked,
    time::Monotonic,
    value::RowKey,
};

/// Gives a command, or says why it cannot be given here.
pub(super) fn run(model: &mut Model, command: Command, effects: &mut Vec<Effect>) {
    if let Some(reason) = available::why_not(model, command) {
        model.notify_error(reason);
        return;
    }
    match command {
        Command::Tab(at) => navigate::tab(model, usize::from(at)),
        Command::NextTab => navigate::step_tab(model, 1),
        Command::PreviousTab => navigate::step_tab(model, -1),
        Command::Down => navigate::step(model, 1),
        Command::Up => navigate::step(model, -1),
        Command::PageDown => navigate::page(model, 1),
        Command::PageUp => navigate::page(model, -1),
        Command::Top => navigate::step(model, isize::MIN),
        Command::Bottom => navigate::step(model, isize::MAX),
        Command::ColumnLeft => navigate::column(model, -1),
        Command::ColumnRight => navigate::column(model, 1),
        Command::Open => open_row(model),
        Command::Back => back(model, effects),
        Command::NextCrit => navigate::crit(model, 1),
        Command::PreviousCrit => navigate::crit(model, -1),
        Command::Filter => open::filter(model),
        Command::Sort => narrow::sort(model),
        Command::Facets => open::facets(model),
        Command::Mark => mark(model),
        Command::InvertMarks => invert_marks(model),
        Command::Window => detail::next_window(model),
        Command::CopyCell => take::copy_cell(model, effects),
        Command::CopyRow => take::copy_rows(model, effects),
        Command::CopyPlace => take::copy_place(model, effects),
        Command::Export => open::export(model),
        Command::Pause => pause(model),
        Command::Reload => reload(model, effects),
        Command::Targets => open::targets(model),
        Command::Scope => scope::open(model),
        Command::Zone => narrow::other_zone(model),
        Command::Runbook => runbook::open(model, None, effects),
        Command::History => history::open(model, effects),
        Command::Help => open::help(model),
        Command::Palette => palette::open(model),
        Command::Unfold => unfold(model),
        Command::Undo => action::want_undo(model),
        Command::Snooze => snooze::open(model),
        Command::Verify => transfer::verify(model, effects),
        Command::VerifyAll => transfer::verify_all(model, effects),
        Command::Fetch => transfer::ask_to_fetch(model),
        Command::Unlock => unlock::arm(model),
        Command::Redraw => effects.push(Effect::Redraw),
        Command::Suspend => effects.push(Effect::Suspend),
        Command::Quit => outcome::quit(model, effects),
    }
}

fn open_row(model: &mut Model) {
    if model.target().route == Route::Overview {
        match attention::lines(model).get(model.attention.list.cursor) {
            Some(line) if line.source().is_some() && line.target == model.at && scope::is_unchosen(model, line) => {
                scope::open(model);
            }
            Some(line) => jump::to_item(model, line),
            None => {}
        }
    } else {
        detail::open(model);
    }
}

/// Lists the rows of a line that stands for many one by one, or folds them again: of the line with the cursor, of the one
/// that it stands beneath, or of the echoes beneath it.
fn unfold(model: &mut Model) {
    let lines = attention::lines(model);
    let at = model.attention.list.cursor;
    let inner = lines.iter().skip(at).take_while(|line| line.kind == LineKind::Inner).count();
    let above = || lines.iter().take(at).rfind(|line| line.kind != LineKind::Inner);
    let below = || lines.get(at + 1).filter(|line| matches!(line.kind, LineKind::Echoes { .. }));
    let meant = match lines.get(at) {
        Some(line) if line.unfolds() => Some(line),
        Some(_) if inner > 0 => above(),
        _ => below(),
    };
    let Some(meant) = meant else {
        model.notify_error("this line stands for no other rows");
        return;
    };
    let id = meant.id();
    if !model.attention.unfolded.remove(&id) {
        model.attention.unfolded.insert(id.clone());
    } else if inner > 0 {
        // The row with the cursor has gone into its line.
        model.attention.list.key = Some(id);
    }
    navigate::follow_keys(model);
}

/// One step back: the detail, the marks, the filter, the search, files that are being read, the place.
fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    if detail::close(model) || narrow::widen(model) || transfer::stop(model, effects) {
        return;
    }
    navigate::back(model);
}

fn mark(model: &mut Model) {
    let Route::View(view) = model.target().route else { return };
    let panel = &mut model.target_mut().panels[view.0];
    if let Some(key) = panel.current().map(|row| row.key.clone())
        && !panel.list.marks.remove(&key)
    {
        panel.list.marks.insert(key);
    }
    navigate::step(model, 1);
}

/// Of the rows of the list those are marked that were not.
fn invert_marks(model: &mut Model) {
    let Route::View(view) = model.target().route else { return };
    let panel = &mut model.target_mut().panels[view.0];
    let Some(snapshot) = panel.list_snapshot() else { return };
    let listed = panel.list.order.iter().filter_map(|at| snapshot.rows.get(*at as usize));
    let keys: Vec<RowKey> = listed.map(|row| row.key.clone()).collect();
    for key in keys {
        if !panel.list.marks.remove(&key) {
            panel.list.marks.insert(key);
        }
    }
}

fn pause(model: &mut Model) {
    model.paused = match model.paused {
        Some(_) => None,
        None => Some(model.clock.mono),
    };
}

/// The target on screen; from the overview of several all of them. Their packs are read again too.
fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    let now = model.clock.mono;
    let (at, is_overview) = (model.at, model.target().route == Route::Overview);
    let targets = model.targets.iter_mut().enumerate();
    let meant = targets.filter(|(id, target)| *id == at.0 || is_overview && target.watched);
    for panel in meant.flat_map(|(id, target)| {
        effects.push(Effect::ReadPack(TargetId(id)));
        // Rights may have been granted since.
        target.denied.clear();
        &mut target.panels
    }) {
        schedule::hurry(panel, now);
    }
}

/// Asks for all that is on screen, and for what is watched, as soon as nothing else is awaited.
pub(super) fn hurry(model: &mut Model) {
    let at = model.at.0;
    let shown = model.targets.iter_mut().enumerate().filter(|(id, target)| *id == at || target.watched);
    for panel in shown.flat_map(|(_, target)| &mut target.panels) {
        panel.hurry = true;
        if let Some(detail) = &mut panel.detail {
            detail.due_at = Monotonic::default();
        }
    }
}

/// The link that a chord names: of the view on screen, or of the chosen line of the overview.
pub(super) fn link_of(model: &Model, first: Key, second: Key) -> Option<usize> {
    let (KeyCode::Char(letter), true) = (second.code, first == LINK_PREFIX.into() && second == second.code.into())
    else {
        return None;
    };
    let (target, view, _) = linked(model)?;
    let view = model.targets[target.0].pack.view(view);
    view.links.iter().position(|link| link.press == letter)
}
