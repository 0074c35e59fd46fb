//! The pane of the runbook and the checklists.

use std::collections::BTreeSet;

use opsdash_pack::{command::Command, keymap::Key, pack::TickedBy};

use super::movement::{self, Movement, Pressed};
use crate::{
    available, checklist,
    effect::Effect,
    model::{HandTicks, Model, Overlay, RunbookPane, RunbookPlace, Search, TargetId},
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
    let pane = RunbookPane { target, search: Search::default(), unfolded, at, top: 0 };
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
    match movement::press(&mut pane.search, key, command) {
        Pressed::Movement(movement) => step(model, movement),
        Pressed::Command(Command::Back | Command::Runbook) => drop(model.overlays.pop()),
        Pressed::Command(Command::Open) => unfold(model),
        Pressed::Command(Command::Mark) => tick(model, effects),
        Pressed::Command(Command::CopyCell | Command::CopyRow) => copy(model, effects),
        Pressed::Command(_) | Pressed::Done => {}
    }
    settle(model);
}

/// The text of the search changed. What it finds is shown while it is typed.
pub(super) fn search(model: &mut Model, text: String, cursor: usize) {
    let Some(pane) = pane(model) else { return };
    pane.search.edited(text, cursor);
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
    if let ([only], false) = (places.as_slice(), next.search.text.is_empty()) {
        next.unfolded.insert(*only);
    }
    next.top = view::runbook::top(model, &next);
    if let Some(pane) = pane(model) {
        *pane = next;
    }
}

/// A page of places is at least one, so that a long entry does not hold the cursor.
fn step(model: &mut Model, movement: Movement) {
    let Some(Overlay::Runbook(known)) = model.overlays.last() else { return };
    let (places, page) = (view::runbook::places(model, known), view::runbook::page(model) / 2);
    let here = places.iter().position(|place| *place == known.at).unwrap_or(0);
    let there = movement.from(here, page, places.len().saturating_sub(1));
    if let (Some(place), Some(pane)) = (places.get(there).copied(), pane(model)) {
        pane.at = place;
    }
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
