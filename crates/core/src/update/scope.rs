//! Whose rows are seen: listed, chosen, and forgotten when another choice is made.

use opsdash_pack::pack::{Scope, ViewId};

use super::{join, navigate, picker};
use crate::{
    attention::{self, AttentionItem},
    contract::{Failure, Ticket},
    effect::Effect,
    model::{Load, Model, Overlay, Panel, PickerChoice, PickerItem, ScopeState, TargetId, TargetState},
    scope::{ALL, ScopeChoice, ScopeItem, ScopeList},
    time::Monotonic,
};

/// What can be chosen came, or did not.
pub(super) fn listed(
    model: &mut Model,
    id: TargetId,
    ticket: Ticket,
    result: Result<Box<ScopeList>, Failure>,
    effects: &mut Vec<Effect>,
) {
    let target = &mut model.targets[id.0];
    let Some((scope, state)) = of_target(target) else { return };
    if state.awaited != Some(ticket) {
        return;
    }
    state.awaited = None;
    let was_ready = state.is_ready(&scope);
    match result {
        Ok(list) => {
            (state.failure, state.list) = (None, Some(*list));
            take_wanted(state, &scope);
        }
        Err(failure) => state.failure = Some(failure),
    }
    if was_ready && !state.is_ready(&scope) {
        forget(model, id, effects);
        tell_why(model, id, &scope);
    } else {
        mark(&mut model.targets[id.0]);
    }
    refresh_picker(model);
    navigate::follow_keys(model);
}

/// A source found what is chosen listed no more when it was asked for its rows. It is the same as if the list had come
/// without it, but that the list comes as often as ever. Whether anything was chosen.
pub(super) fn gone(model: &mut Model, id: TargetId, effects: &mut Vec<Effect>) -> bool {
    let Some((scope, state)) = of_target(&mut model.targets[id.0]) else { return false };
    let Some(chosen) = state.id().map(str::to_owned) else { return false };
    let Some(list) = &mut state.list else { return false };
    list.items.retain(|item| *item.id != *chosen);
    forget(model, id, effects);
    tell_why(model, id, &scope);
    refresh_picker(model);
    true
}

/// What was asked for by name becomes what is chosen, or is refused.
fn take_wanted(state: &mut ScopeState, scope: &Scope) {
    let (Some(list), Some(wanted)) = (&state.list, &state.wanted) else { return };
    match list.find(scope, wanted) {
        Ok(choice) => state.chosen = Some(choice),
        Err(failure) => state.refused = Some(failure),
    }
    state.wanted = None;
}

fn of_target(target: &mut TargetState) -> Option<(Scope, &mut ScopeState)> {
    target.pack.scope.clone().zip(target.scope.as_mut())
}

/// Says once that what was chosen cannot be seen any more.
fn tell_why(model: &mut Model, id: TargetId, scope: &Scope) {
    let target = &model.targets[id.0];
    if let Some(why) = target.scope.as_ref().and_then(|state| state.why_unknown(scope)) {
        let whose = if id == model.at { String::new() } else { format!("{}: ", target.name) };
        model.notify_error(format!("{whose}{}", why.message));
    }
}

/// Views whose rows are somebody's say why nothing is known of them, until it is known whose are meant.
pub(super) fn mark(target: &mut TargetState) {
    let Some((scope, state)) = of_target(target) else { return };
    let why = state.why_unknown(&scope);
    let pack = target.pack.clone();
    for panel in target.panels.iter_mut().filter(|panel| pack.view(panel.view).scoped) {
        match (&why, &panel.load) {
            (Some(failure), _) => {
                let (failure, retry_at) = (failure.clone(), Monotonic(u64::MAX));
                panel.load = Load::Failed { failure, attempt: 1, retry_at };
            }
            // It was not the source that failed: nobody had asked it.
            (None, Load::Failed { retry_at, .. }) if retry_at.0 == u64::MAX => panel.load = Load::Never,
            (None, _) => {}
        }
    }
    for view in (0..pack.views.len()).map(ViewId) {
        join::join_around(target, view);
    }
}

/// What can be chosen, to choose from by typing.
pub(super) fn open(model: &mut Model) {
    let target = model.target_mut();
    let Some((scope, state)) = of_target(target) else { return };
    // Whoever looks at the list wants to see it as it is.
    if state.awaited.is_none() {
        state.asked_at = None;
    }
    let now = state.chosen.as_ref().map(|chosen| format!(", now {}", chosen.label())).unwrap_or_default();
    let title = format!("{}: choose the {}{now}", target.name, scope.title);
    let items = items(target);
    let at = items.iter().position(|item| item.note.ends_with(CHOSEN)).unwrap_or(0);
    picker::picker_about(model, title, items, None);
    let id = model.at;
    if let Some(Overlay::Picker(picker)) = model.overlays.last_mut() {
        picker.scopes = Some(id);
        picker.at = at;
    }
}

/// Whether a line of the overview says that nobody has chosen.
pub(super) fn is_unchosen(model: &Model, line: &AttentionItem) -> bool {
    let target = &model.targets[line.target.0];
    attention::why_unchosen(target).is_some_and(|(source, _)| line.source() == Some(source))
}

/// What stands beside what is chosen.
const CHOSEN: &str = "chosen";

fn items(target: &TargetState) -> Vec<PickerItem> {
    let Some(state) = &target.scope else { return Vec::new() };
    let Some(list) = &state.list else { return Vec::new() };
    let note = |id: Option<&str>, choice: &ScopeChoice| {
        let chosen = (state.chosen.as_ref() == Some(choice)).then_some(CHOSEN);
        id.into_iter().chain(chosen).collect::<Vec<_>>().join("  ")
    };
    let item = |item: &ScopeItem| {
        let choice = ScopeChoice::One(item.clone());
        let id = (item.id != item.label).then_some(&*item.id);
        PickerItem { note: note(id, &choice), ..PickerItem::new(&*item.label, PickerChoice::Scope(choice)) }
    };
    let all = (list.enforcement.bound == 0).then(|| PickerItem {
        note: note(list.enforcement.lacks().as_deref(), &ScopeChoice::All),
        ..PickerItem::new(ALL, PickerChoice::Scope(ScopeChoice::All))
    });
    list.items.iter().map(item).chain(all).collect()
}

/// The list came while it is open: the cursor stays on its choice.
fn refresh_picker(model: &mut Model) {
    let Some(Overlay::Picker(picker)) = model.overlays.last() else { return };
    let Some(target) = picker.scopes else { return };
    let items = items(&model.targets[target.0]);
    let under_cursor = picker.fits.get(picker.at).map(|at| picker.items[*at].pick.clone());
    let fits = picker::fitting(&items, &picker.input.text);
    let at = fits.iter().position(|at| Some(&items[*at].pick) == under_cursor.as_ref()).unwrap_or(0);
    if let Some(Overlay::Picker(picker)) = model.overlays.last_mut() {
        (picker.items, picker.fits, picker.at) = (items, fits, at);
    }
}

/// Sees the rows of another scope from now on. It is kept for the next run where the target is not protected.
pub(super) fn choose(model: &mut Model, id: TargetId, choice: ScopeChoice, effects: &mut Vec<Effect>) {
    let target = &mut model.targets[id.0];
    let Some((scope, state)) = of_target(target) else { return };
    if state.chosen.as_ref() == Some(&choice) && state.is_ready(&scope) {
        return;
    }
    let said = format!("{} {}", scope.title, choice.in_full());
    (state.wanted, state.refused) = (None, None);
    let kept = state.is_kept.then(|| choice.id().unwrap_or(ALL).to_owned());
    state.chosen = Some(choice);
    let name = target.name.clone();
    forget(model, id, effects);
    if let Some(kept) = kept {
        model.remembered.scopes.insert(name, kept);
        effects.push(Effect::Remember(model.remembered.clone()));
    }
    model.notify(said);
}

/// Forgets every row of a target, stops what is asked about it, and closes what is open of it.
fn forget(model: &mut Model, id: TargetId, effects: &mut Vec<Effect>) {
    let target = &mut model.targets[id.0];
    let pack = target.pack.clone();
    let scope_id = target.scope.as_ref().and_then(|state| state.id()).map(str::to_owned);
    for panel in &mut target.panels {
        panel.cancel(|_| true);
        effects.extend(panel.unwanted.drain(..).map(Effect::Cancel));
        let mut fresh = Panel::new(&pack, panel.view, (&target.name, scope_id.as_deref()), &model.remembered);
        fresh.list.column = panel.list.column;
        fresh.list.narrowing.sort = panel.list.narrowing.sort;
        *panel = fresh;
    }
    // Where jumps came from, they were narrowed to rows that are not seen any more.
    target.came_from.clear();
    mark(target);
    close(model, id, effects);
    if let Some(transfer) = model.transfer.take_if(|transfer| transfer.target == id) {
        effects.push(Effect::Cancel(transfer.ticket));
    }
    model.attention.list.key = None;
    model.notice = None;
    navigate::follow_keys(model);
}

/// Closes what is open and speaks of rows of a target. What must be read stays.
fn close(model: &mut Model, id: TargetId, effects: &mut Vec<Effect>) {
    let is_on_screen = id == model.at;
    model.overlays.retain(|overlay| match overlay {
        Overlay::Help { .. } | Overlay::Told(_) | Overlay::Unlock { .. } | Overlay::History(_) => true,
        Overlay::Picker(picker) if picker.scopes.is_some() => true,
        Overlay::PreviewPending { target, ticket, .. } => {
            effects.extend((*target == id).then_some(Effect::Cancel(*ticket)));
            *target != id
        }
        Overlay::Act(dialog) => dialog.target != id,
        Overlay::Runbook(pane) => pane.target != id,
        Overlay::Filter { .. } | Overlay::Picker(_) | Overlay::Facets { .. } => !is_on_screen,
    });
}
