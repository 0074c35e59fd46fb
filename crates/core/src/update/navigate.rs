use super::{detail, narrowed};
use crate::{
    attention, geometry,
    model::{AttentionSpot, Jump, List, Model, Narrowed, Panel, Route, TargetId},
    value::Severity,
};

/// Shows a route, as it was left.
pub(super) fn show(model: &mut Model, route: Route) {
    let target = model.target_mut();
    target.route = route;
    if let Route::View(view) = route
        && let Some(group) = &target.pack.view(view).group
    {
        target.last_of_group.insert(group.clone(), view);
    }
    follow_keys(model);
}

/// Goes to a route and remembers the way back.
pub(super) fn go_to(model: &mut Model, route: Route) {
    let from = here(model);
    switch(model, from, route, None);
}

pub(super) fn here(model: &Model) -> AttentionSpot {
    AttentionSpot { target: model.at, route: model.target().route }
}

/// Goes to a route of the target on screen. `narrowed` is how its view was before the jump narrowed it.
pub(super) fn switch(model: &mut Model, from: AttentionSpot, route: Route, narrowed: Option<Narrowed>) {
    let is_other =
        narrowed.as_ref().is_some_and(|before| before.choices != before.set || before.filter.filter.is_some());
    if is_other || from != (AttentionSpot { target: model.at, route }) {
        model.target_mut().came_from.push(Jump { from, narrowed: narrowed.map(Box::new) });
    }
    show(model, route);
}

/// Puts a target on the screen, as it was left. From then on the target is watched.
pub(super) fn enter(model: &mut Model, target: TargetId) {
    model.at = target;
    let entered = model.target_mut();
    entered.watched = true;
    // Where a jump from another target came from is no place to go back to when the user chose this one.
    for jump in entered.came_from.iter_mut().filter(|jump| jump.from.target != target) {
        jump.from = AttentionSpot { target, route: Route::Overview };
    }
    follow_keys(model);
}

/// One step back, to where a jump came from; without one, to the overview. What the jump set goes with it.
pub(super) fn back(model: &mut Model) {
    let overview = AttentionSpot { target: model.at, route: Route::Overview };
    let AttentionSpot { target, route } = take_jump_back(model).unwrap_or(overview);
    model.at = target;
    show(model, route);
}

/// Gives the view that the last jump narrowed what it had before; where the jump came from. `None` without a jump.
fn take_jump_back(model: &mut Model) -> Option<AttentionSpot> {
    let target = model.target_mut();
    let Jump { from, narrowed } = target.came_from.pop()?;
    if let Some(narrowed) = narrowed {
        narrowed::restore(&mut target.panels[narrowed.view.0], *narrowed);
    }
    Some(from)
}

/// To the n-th tab; of a group that is open already, to its next view.
pub(super) fn tab(model: &mut Model, at: usize) {
    if let Some(route) = model.target().tab(at) {
        start_at(model, route);
    }
}

/// A tab is a fresh start: what jumps set is gone, and Esc leads to the overview.
fn start_at(model: &mut Model, route: Route) {
    while take_jump_back(model).is_some() {}
    show(model, route);
}

pub(super) fn step_tab(model: &mut Model, step: isize) {
    let places = model.target().places();
    let here = places.iter().position(|route| *route == model.target().route).unwrap_or(0);
    let count = isize::try_from(places.len()).unwrap_or(1);
    let there = (isize::try_from(here).unwrap_or(0) + step).rem_euclid(count);
    start_at(model, places[usize::try_from(there).unwrap_or(0)]);
}

pub(super) fn resize(model: &mut Model, columns: u16, rows: u16) {
    model.size = (columns, rows);
    follow_keys(model);
}

/// Moves the cursor of the list on screen, or the detail's lines when it has the keys.
pub(super) fn step(model: &mut Model, by: isize) {
    if detail::scroll(model, by) {
        return;
    }
    let height = geometry::list_rows(model);
    with_list(model, |list| {
        let last = list.order.len().saturating_sub(1);
        list.move_to(list.cursor.saturating_add_signed(by).min(last), height);
    });
    detail::follow_cursor(model);
}

pub(super) fn page(model: &mut Model, direction: isize) {
    let height = isize::try_from(geometry::list_rows(model)).unwrap_or(1);
    step(model, direction * (height - 1).max(1));
}

/// Chooses the column to the left or right.
pub(super) fn column(model: &mut Model, by: isize) {
    let Route::View(view) = model.target().route else { return };
    let count = model.pack().view(view).drawn().len();
    let list = &mut model.target_mut().panels[view.0].list;
    list.column = list.column.saturating_add_signed(by).min(count.saturating_sub(1));
}

/// To the next or previous crit row, around.
pub(super) fn crit(model: &mut Model, direction: isize) {
    let severities: Vec<Severity> = severities(model);
    let count = severities.len();
    let here = with_list(model, |list| list.cursor);
    let step = |n: usize| {
        let offset = isize::try_from(n).unwrap_or(0) * direction;
        let row = isize::try_from(here).unwrap_or(0) + offset;
        usize::try_from(row.rem_euclid(isize::try_from(count).unwrap_or(1).max(1))).unwrap_or(0)
    };
    let Some(there) = (1..=count).map(step).find(|at| severities[*at] == Severity::Crit) else {
        model.notify("no crit row here");
        return;
    };
    let height = geometry::list_rows(model);
    with_list(model, |list| list.move_to(there, height));
    detail::follow_cursor(model);
}

fn severities(model: &Model) -> Vec<Severity> {
    match model.panel() {
        None => attention::lines(model).iter().map(|line| line.severity).collect(),
        Some(panel) => {
            let rows = panel.list_snapshot().map_or(&[][..], |snapshot| &snapshot.rows);
            panel.list.order.iter().filter_map(|at| rows.get(*at as usize)).map(|row| row.severity).collect()
        }
    }
}

/// Changes the list on screen and notes the key that its cursor is on now.
fn with_list<T>(model: &mut Model, change: impl FnOnce(&mut List) -> T) -> T {
    match model.target().route {
        Route::Overview => {
            let lines = attention::lines(model);
            let list = &mut model.attention.list;
            list.order = (0..u32::try_from(lines.len()).unwrap_or(u32::MAX)).collect();
            let result = change(list);
            list.key = lines.get(list.cursor).map(attention::AttentionItem::id);
            result
        }
        Route::View(view) => {
            let panel = &mut model.target_mut().panels[view.0];
            let result = change(&mut panel.list);
            panel.list.key = panel.under_cursor().map(|row| row.key.clone());
            result
        }
    }
}

/// After rows changed or a route opened: the cursor goes to where its row is now, or stays where it is when the row is gone.
pub(super) fn follow_keys(model: &mut Model) {
    let height = geometry::list_rows(model);
    follow_attention(model, height);
    let target = model.target_mut();
    if let Route::View(view) = target.route {
        let panel = &mut target.panels[view.0];
        let found = place_of_key(panel);
        let row = found.unwrap_or(panel.list.cursor);
        panel.list.move_to(row, height);
        // Who reads a detail goes on reading, also when a refresh took its row out of the list.
        let is_read = panel.detail.as_ref().is_some_and(|detail| Some(&detail.key) == panel.list.key.as_ref());
        if found.is_none() && is_read {
            return;
        }
        // A row that has not come yet keeps its claim on the cursor until the list is whole.
        if found.is_some() || panel.snapshot.is_some() {
            panel.list.key = panel.under_cursor().map(|row| row.key.clone());
        }
    }
    detail::follow_cursor(model);
}

/// Where the row that had the cursor is now; `None` when it is not here.
fn place_of_key(panel: &Panel) -> Option<usize> {
    let wanted = panel.list.key.as_ref()?;
    let rows = &panel.list_snapshot()?.rows;
    panel.list.order.iter().position(|at| rows.get(*at as usize).is_some_and(|row| row.key == *wanted))
}

fn follow_attention(model: &mut Model, height: usize) {
    refresh_attention(model);
    let lines = attention::lines(model);
    let list = &mut model.attention.list;
    list.order = (0..u32::try_from(lines.len()).unwrap_or(u32::MAX)).collect();
    let found = lines.iter().position(|line| Some(line.id()) == list.key);
    list.move_to(found.unwrap_or(list.cursor), height);
    // A user who has not moved looks at the worst line, whichever that is.
    if list.cursor > 0 {
        list.key = lines.get(list.cursor).map(attention::AttentionItem::id);
    } else {
        list.key = None;
    }
}

/// Computes the lines of the overview anew: once for all who ask for them until the next message.
pub(super) fn refresh_attention(model: &mut Model) {
    let is_wanted = model.target().route == Route::Overview || !model.attention.seen.has_settled();
    if is_wanted && model.demand.is_screen() {
        model.attention.lines = attention::compute(model).into();
    }
}

/// Before a key: what stands on the overview, where that is on screen, is no longer new.
pub(super) fn note_what_is_seen(model: &mut Model) {
    if model.target().route == Route::Overview && model.attention.seen.has_settled() {
        let lines = attention::to_see(model);
        model.attention.seen.pressed(lines, model.clock.mono);
    }
}

/// Once every view has answered, or is late: what is there is not what has come since.
pub(super) fn settle_what_is_seen(model: &mut Model) {
    if model.attention.seen.has_settled() || !model.demand.is_screen() {
        return;
    }
    // What judges rows may be a view of its own, so that nothing at all may be awaited.
    let is_known = |panel: &Panel| panel.default_snapshot().is_some() || panel.failure().is_some();
    let is_whole = model.watched().all(|(_, target)| {
        target.panels.iter().all(|panel| panel.awaited.is_empty())
            && attention::views(target).all(|view| is_known(target.panel(view)))
    });
    let lines = attention::to_see(model);
    model.attention.seen.settle(lines, is_whole, model.clock.mono);
}
