//! The pane of the runbook and the checklists.

use std::collections::BTreeSet;

use opsdash_pack::{
    command::Command,
    keymap::{Key, KeyCode},
    pack::TickedBy,
};

use crate::{
    available, checklist,
    effect::Effect,
    model::{HandTicks, Input, Model, Overlay, RunbookPane, RunbookPlace, TargetId},
    view,
};

/// Opens the pane, at a place where one is meant, which is then unfolded: the one that is asked for, or the entry that a
/// reason of the row with the cursor names. The ticks that people have set are read anew:
/// somebody else may have set some.
pub(super) fn open(model: &mut Model, place: Option<RunbookPlace>, effects: &mut Vec<Effect>) {
    let target = if place.is_some() { model.at } else { available::unlock_target(model) };
    let place = place.or_else(|| view::detail::runbook_entry(model).map(RunbookPlace::Entry));
    let unfolded: BTreeSet<RunbookPlace> = place.iter().map(|place| place.whole()).collect();
    let at = place.unwrap_or(RunbookPlace::Entry(0));
    let pane = RunbookPane { target, input: None, search: String::new(), unfolded, at, top: 0 };
    model.overlays.push(Overlay::Runbook(pane));
    effects.push(Effect::ReadTicks(target));
    settle(model);
}

/// The ticks that people have set came, or why they cannot be read.
pub(super) fn ticks_came(model: &mut Model, target: TargetId, result: Result<HandTicks, String>) {
    if let Err(why) = &result {
        model.notify_error(why.clone());
    }
    let known = &mut model.targets[target.0].ticks;
    // What was read before is still what is kept.
    if result.is_ok() || !matches!(known, Some(Ok(_))) {
        *known = Some(result);
    }
    settle(model);
}

/// A key for the pane.
pub(super) fn press(model: &mut Model, key: Key, command: Option<Command>, effects: &mut Vec<Effect>) {
    let Some(pane) = pane(model) else { return };
    if pane.input.is_some() {
        type_search(model, key);
    } else {
        match (command, key.code) {
            (Some(Command::Back), _) => back(model),
            (Some(Command::Runbook), _) => drop(model.overlays.pop()),
            (Some(Command::Down), _) => step(model, 1),
            (Some(Command::Up), _) => step(model, -1),
            (Some(Command::PageDown), _) => turn(model, 1),
            (Some(Command::PageUp), _) => turn(model, -1),
            (Some(Command::Bottom), _) => step(model, isize::MAX),
            (Some(Command::Top), _) | (_, KeyCode::Home) => step(model, isize::MIN),
            (Some(Command::Open), _) => unfold(model),
            (Some(Command::Filter), _) => begin_search(model),
            (Some(Command::Mark), _) => tick(model, effects),
            (Some(Command::CopyCell | Command::CopyRow), _) => copy(model, effects),
            _ => {}
        }
    }
    settle(model);
}

/// The text of the search changed. What it finds is shown while it is typed.
pub(super) fn search(model: &mut Model, text: String, cursor: usize) {
    let Some(pane) = pane(model) else { return };
    pane.search.clone_from(&text);
    pane.input = Some(Input { text, cursor });
    settle(model);
}

fn pane(model: &mut Model) -> Option<&mut RunbookPane> {
    match model.overlays.last_mut() {
        Some(Overlay::Runbook(pane)) => Some(pane),
        _ => None,
    }
}

/// Puts the cursor on a place that is there, unfolds the only thing that a search found, and scrolls to the cursor.
fn settle(model: &mut Model) {
    let Some(Overlay::Runbook(before)) = model.overlays.last() else { return };
    let mut next = before.clone();
    let places = view::runbook::places(model, &next);
    if !places.contains(&next.at) {
        let whole = next.at.whole();
        next.at = if places.contains(&whole) { whole } else { places.first().copied().unwrap_or(next.at) };
    }
    if let ([only], false) = (places.as_slice(), next.search.is_empty()) {
        next.unfolded.insert(*only);
    }
    next.top = view::runbook::top(model, &next);
    if let Some(pane) = pane(model) {
        *pane = next;
    }
}

fn type_search(model: &mut Model, key: Key) {
    let Some(pane) = pane(model) else { return };
    match key.code {
        KeyCode::Esc => {
            pane.input = None;
            pane.search.clear();
        }
        KeyCode::Enter => pane.input = None,
        KeyCode::Down => step(model, 1),
        KeyCode::Up => step(model, -1),
        _ => {}
    }
}

fn begin_search(model: &mut Model) {
    let Some(pane) = pane(model) else { return };
    let text = pane.search.clone();
    pane.input = Some(Input { cursor: text.chars().count(), text });
}

/// One step back: the search, the pane.
fn back(model: &mut Model) {
    let Some(pane) = pane(model) else { return };
    if pane.search.is_empty() {
        model.overlays.pop();
    } else {
        pane.search.clear();
    }
}

fn step(model: &mut Model, by: isize) {
    let Some(Overlay::Runbook(known)) = model.overlays.last() else { return };
    let places = view::runbook::places(model, known);
    let here = places.iter().position(|place| *place == known.at).unwrap_or(0);
    let there = here.saturating_add_signed(by).min(places.len().saturating_sub(1));
    if let (Some(place), Some(pane)) = (places.get(there).copied(), pane(model)) {
        pane.at = place;
    }
}

/// A page of places: at least one, so that a long entry does not hold the cursor.
fn turn(model: &mut Model, direction: isize) {
    let page = isize::try_from(view::runbook::page(model) / 2).unwrap_or(1).max(1);
    step(model, direction * page);
}

/// Unfolds or folds an entry or a checklist; on a step folds its entry; on a tick goes to what tells how to get there.
fn unfold(model: &mut Model) {
    let Some(Overlay::Runbook(known)) = model.overlays.last() else { return };
    let (at, target) = (known.at, known.target);
    if let RunbookPlace::Tick(list, number) = at {
        let tick = &model.targets[target.0].pack.runbook.checklists[list].ticks[number];
        if let Some(entry) = tick.runbook {
            go_to(model, RunbookPlace::Entry(entry));
        } else {
            let key = model.keymap.key_of(Command::Mark);
            model.notify(format!("{key} ticks what somebody has looked at"));
        }
        return;
    }
    let Some(pane) = pane(model) else { return };
    let whole = at.whole();
    if !pane.unfolded.remove(&whole) {
        pane.unfolded.insert(whole);
    }
    pane.at = whole;
}

fn go_to(model: &mut Model, place: RunbookPlace) {
    let Some(pane) = pane(model) else { return };
    pane.search.clear();
    pane.unfolded.insert(place);
    pane.at = place;
}

/// Sets a tick, or takes it back. Those that rows decide nobody sets.
fn tick(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Runbook(known)) = model.overlays.last() else { return };
    let RunbookPlace::Tick(list, number) = known.at else {
        model.notify("only what stands in a checklist is ticked");
        return;
    };
    let target = &model.targets[known.target.0];
    let list = &target.pack.runbook.checklists[list];
    let tick = &list.ticks[number];
    if let TickedBy::View { view, .. } = &tick.decided {
        let said = format!("{} tells this by itself", target.pack.view(*view).title);
        model.notify_error(said);
        return;
    }
    let tick = checklist::key(list, tick);
    match &target.ticks {
        Some(Ok(ticks)) => {
            let set = !ticks.contains_key(&tick);
            effects.push(Effect::Tick { target: known.target, tick, set });
        }
        Some(Err(why)) => {
            let why = why.clone();
            model.notify_error(why);
        }
        None => model.notify_error("the ticks are not read yet"),
    }
}

/// Copies the command or the address with the cursor, and says again what the command does.
fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Runbook(known)) = model.overlays.last() else { return };
    let target = &model.targets[known.target.0];
    match view::runbook::copied(target, known.at) {
        Some(copy) => effects.push(Effect::Copy(crate::text::inert(copy.text()).into_owned())),
        None => model.notify("nothing to copy here: choose a step with a command"),
    }
}
