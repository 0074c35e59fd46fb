//! A pack that was read again while it is on screen.

use opsdash_pack::pack::{Pack, View, ViewId};

use super::{detail, scope};
use crate::{
    effect::Effect,
    model::{
        AttentionSpot, Choices, Jump, LastAction, List, Load, Model, Narrowing, Panel, Route, StartTarget, TargetId,
        TargetState,
    },
    scope::ALL,
    time::Monotonic,
};

/// Takes the pack of a target in. One that is broken, or that comes while something is open that speaks of the old one,
/// changes nothing.
pub(super) fn read(
    model: &mut Model,
    id: TargetId,
    result: Result<Box<StartTarget>, String>,
    effects: &mut Vec<Effect>,
) {
    let start = match result {
        Ok(start) => start,
        Err(why) => return model.notify_error(format!("the pack stays as it was: {why}")),
    };
    if start.pack == model.targets[id.0].pack {
        return;
    }
    if model.writing.is_some() || model.transfer.is_some() || !model.overlays.is_empty() {
        let key = model.keymap.key_of(opsdash_pack::command::Command::Reload);
        return model.notify_error(format!("the pack has changed; press {key} again when nothing else is open"));
    }
    let pack = start.pack.clone();
    let mut fresh = TargetState::new(*start, &model.remembered);
    let now = model.clock.mono;
    let old = &mut model.targets[id.0];
    for panel in &mut old.panels {
        panel.cancel(|_| true);
        effects.extend(panel.unwanted.drain(..).map(Effect::Cancel));
    }
    carry_over(old, &mut fresh, now);
    let places = old.pack.clone();
    scope::mark(&mut fresh);
    model.targets[id.0] = fresh;
    for (at, target) in model.targets.iter_mut().enumerate() {
        if at == id.0 {
            target.came_from.iter_mut().for_each(|jump| renew_narrowed(jump, &places, &pack));
        }
        target.came_from.retain_mut(|jump| follow(&mut jump.from, id, &places, &pack));
    }
    model.notify("the pack was read again");
    effects.push(Effect::ServePack { target: id, pack });
}

/// The view of the same id in another pack.
fn moved(old: &Pack, new: &Pack, view: ViewId) -> Option<ViewId> {
    new.find(&old.view(view).id)
}

/// Leads to the same view in the new pack; `false` when it has none.
fn follow(spot: &mut AttentionSpot, target: TargetId, old: &Pack, new: &Pack) -> bool {
    if let (Route::View(view), true) = (spot.route, spot.target == target) {
        let Some(view) = moved(old, new, view) else { return false };
        spot.route = Route::View(view);
    }
    true
}

/// What a jump narrowed, in the new pack; a view that is no more has nothing to be given back.
fn renew_narrowed(jump: &mut Jump, old: &Pack, new: &Pack) {
    jump.narrowed = jump.narrowed.take().and_then(|mut narrowed| {
        let view = moved(old, new, narrowed.view)?;
        let (old_view, new_view) = (old.view(narrowed.view), new.view(view));
        narrowed.view = view;
        narrowed.set = choices(&narrowed.set, old_view, new_view);
        narrowed.choices = choices(&narrowed.choices, old_view, new_view);
        if old_view.columns != new_view.columns {
            // A filter speaks of columns by their places.
            narrowed.filter = Narrowing::default();
        }
        Some(narrowed)
    });
}

/// What is known of the target and is true of the new pack too.
fn carry_over(old: &TargetState, fresh: &mut TargetState, now: Monotonic) {
    fresh.guard = old.guard;
    fresh.wrote_at = old.wrote_at;
    fresh.watched = old.watched;
    fresh.ticks.clone_from(&old.ticks);
    fresh.days.clone_from(&old.days);
    fresh.came_from.clone_from(&old.came_from);
    carry_scope_over(old, fresh);
    fresh.last_action = old.last_action.as_ref().and_then(|last| same_action(old, fresh, last));
    if let Route::View(view) = old.route {
        fresh.route = moved(&old.pack, &fresh.pack, view).map_or(Route::Overview, Route::View);
    }
    for (group, view) in &old.last_of_group {
        let view = moved(&old.pack, &fresh.pack, *view);
        fresh.last_of_group.extend(view.map(|view| (group.clone(), view)));
    }
    let specs = fresh.pack.sources.iter().zip(&mut fresh.sources);
    for (spec, source) in specs {
        if let Some(at) = old.pack.sources.iter().position(|known| known == spec) {
            source.clone_from(&old.sources[at]);
        }
    }
    let is_same_scope = old.pack.scope == fresh.pack.scope;
    for panel in &mut fresh.panels {
        let view = fresh.pack.view(panel.view);
        if let Some(known) = old.pack.find(&view.id) {
            renew(old.panel(known), old.pack.view(known), panel, view, is_same_scope || !view.scoped, now);
        }
    }
}

/// What is chosen stays so. Where the pack lists something else now, it is looked up there.
fn carry_scope_over(old: &TargetState, fresh: &mut TargetState) {
    let (Some(state), Some(fresh_state)) = (&old.scope, &mut fresh.scope) else { return };
    if old.pack.scope == fresh.pack.scope {
        fresh_state.clone_from(state);
        // It is listed anew, as everything is.
        (fresh_state.awaited, fresh_state.asked_at) = (None, None);
    } else if let Some(chosen) = &state.chosen {
        fresh_state.wanted = Some(chosen.id().unwrap_or(ALL).to_owned());
    }
}

/// What can still be taken back: an action that is the same in both packs.
fn same_action(old: &TargetState, fresh: &TargetState, last: &LastAction) -> Option<LastAction> {
    let action = old.action(&last.request);
    let view = moved(&old.pack, &fresh.pack, last.request.view)?;
    let at = fresh.pack.view(view).actions.iter().position(|known| known == action)?;
    let mut last = last.clone();
    (last.request.view, last.request.action) = (view, at);
    Some(last)
}

/// Keeps of a panel what its view still means: all of it when the view is the same, else what narrows it and where the
/// cursor is. It is asked at once either way.
fn renew(old: &Panel, old_view: &View, panel: &mut Panel, view: &View, is_same_scope: bool, now: Monotonic) {
    panel.hurry = true;
    panel.snoozed.clone_from(&old.snoozed);
    panel.choices = choices(&old.choices, old_view, view);
    // Rows of another scope, or of a setting that means something else now, are not these rows.
    if old_view == view && is_same_scope {
        panel.snapshot.clone_from(&old.snapshot);
        panel.summary.clone_from(&old.summary);
        panel.store.clone_from(&old.store);
        panel.list.clone_from(&old.list);
        panel.detail.clone_from(&old.detail);
        panel.load = if old.snapshot.is_some() { Load::Fresh } else { Load::Never };
    } else {
        let List { key, shows_snoozed, marks, .. } = old.list.clone();
        panel.list = List { key, shows_snoozed, marks, ..List::default() };
        let open = old.detail.as_ref();
        panel.detail = open.map(|open| detail::closed_state(view, open.key.clone(), now, open.focused));
    }
    if let Some(detail) = &mut panel.detail {
        detail.due_at = Monotonic::default();
    }
}

/// The choices that there still are.
fn choices(old: &Choices, old_view: &View, view: &View) -> Choices {
    let chosen = |facet: &opsdash_pack::pack::Facet| {
        let at = old_view.facets.iter().position(|known| known.name == facet.name)?;
        let chosen = old.facets.get(at)?.as_ref()?;
        (facet.takes(chosen) && chosen != facet.default_choice()).then(|| chosen.clone())
    };
    let is_known = |name: &str| view.given.iter().any(|given| given.name == name);
    Choices {
        facets: view.facets.iter().map(chosen).collect(),
        search: if view.search { old.search.clone() } else { String::new() },
        given: old.given.iter().filter(|given| is_known(&given.name)).cloned().collect(),
    }
}
