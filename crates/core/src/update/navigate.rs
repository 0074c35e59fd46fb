use super::detail;
use crate::{
    attention,
    model::{AttentionSpot, List, Model, Panel, Route, TargetId},
    value::Severity,
    view::layout,
};

/// Shows a place, as it was left.
pub(super) fn show(model: &mut Model, place: Route) {
    let board = model.board_mut();
    board.place = place;
    if let Route::View(view) = place
        && let Some(group) = &board.pack.view(view).group
    {
        board.last_of_group.insert(group.clone(), view);
    }
    follow_keys(model);
}

/// Goes to a place and remembers the way back.
pub(super) fn go(model: &mut Model, place: Route) {
    let from = here(model);
    come(model, from, place);
}

fn here(model: &Model) -> AttentionSpot {
    AttentionSpot { board: model.at, place: model.board().place }
}

fn come(model: &mut Model, from: AttentionSpot, place: Route) {
    if from != (AttentionSpot { board: model.at, place }) {
        model.board_mut().came_from.push(from);
    }
    show(model, place);
}

/// Puts a target on the screen, as it was left. Whoever has looked at it once is told of it from then on.
pub(super) fn enter(model: &mut Model, board: TargetId) {
    model.at = board;
    let entered = model.board_mut();
    entered.watched = true;
    // Where a jump from another target came from is no place to go back to when the user chose this one.
    entered.came_from.retain(|spot| spot.board == board);
    follow_keys(model);
}

/// One step back, to where a jump came from; without one, to the overview.
pub(super) fn back(model: &mut Model) {
    let overview = AttentionSpot { board: model.at, place: Route::Overview };
    let AttentionSpot { board, place } = model.board_mut().came_from.pop().unwrap_or(overview);
    model.at = board;
    show(model, place);
}

/// To the n-th tab; of a group that is open already, to its next view.
pub(super) fn tab(model: &mut Model, at: usize) {
    if let Some(place) = model.board().tab(at) {
        start_at(model, place);
    }
}

/// A tab is a fresh start: Esc leads to the overview.
fn start_at(model: &mut Model, place: Route) {
    model.board_mut().came_from.clear();
    show(model, place);
}

pub(super) fn step_tab(model: &mut Model, step: isize) {
    let places = model.board().places();
    let here = places.iter().position(|place| *place == model.board().place).unwrap_or(0);
    let count = isize::try_from(places.len()).unwrap_or(1);
    let there = (isize::try_from(here).unwrap_or(0) + step).rem_euclid(count);
    start_at(model, places[usize::try_from(there).unwrap_or(0)]);
}

/// From the overview to a view of this or another target, and to a row of it, under the choices that the overview speaks
/// of.
pub(super) fn go_to_line(model: &mut Model, line: &attention::AttentionItem) {
    let from = here(model);
    model.at = line.board;
    super::narrow::reset(model, line.view);
    if line.flood.is_none() {
        model.board_mut().panels[line.view.0].list.key = Some(line.key.clone());
    }
    come(model, from, Route::View(line.view));
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
    let height = layout::list_rows(model);
    with_list(model, |list| {
        let last = list.order.len().saturating_sub(1);
        list.move_to(list.cursor.saturating_add_signed(by).min(last), height);
    });
    detail::follow_cursor(model);
}

pub(super) fn page(model: &mut Model, direction: isize) {
    let height = isize::try_from(layout::list_rows(model)).unwrap_or(1);
    step(model, direction * (height - 1).max(1));
}

/// Chooses the column to the left or right.
pub(super) fn column(model: &mut Model, by: isize) {
    let Route::View(view) = model.board().place else { return };
    let count = model.pack().view(view).drawn().len();
    let list = &mut model.board_mut().panels[view.0].list;
    list.column = list.column.saturating_add_signed(by).min(count.saturating_sub(1));
}

/// To the next or previous crit row, around.
pub(super) fn crit(model: &mut Model, direction: isize) {
    let severities: Vec<Severity> = severities(model);
    let count = severities.len();
    let here = with_list(model, |list| list.cursor);
    let step = |n: usize| {
        let offset = isize::try_from(n).unwrap_or(0) * direction;
        let place = isize::try_from(here).unwrap_or(0) + offset;
        usize::try_from(place.rem_euclid(isize::try_from(count).unwrap_or(1).max(1))).unwrap_or(0)
    };
    let Some(there) = (1..=count).map(step).find(|at| severities[*at] == Severity::Crit) else {
        model.say("no crit row here");
        return;
    };
    let height = layout::list_rows(model);
    with_list(model, |list| list.move_to(there, height));
    detail::follow_cursor(model);
}

fn severities(model: &Model) -> Vec<Severity> {
    match model.panel() {
        None => attention::lines(model).into_iter().map(|line| line.severity).collect(),
        Some(panel) => {
            let rows = panel.shown().map_or(&[][..], |snapshot| &snapshot.rows);
            panel.list.order.iter().filter_map(|at| rows.get(*at as usize)).map(|row| row.severity).collect()
        }
    }
}

/// Changes the list on screen and notes the key that its cursor is on now.
fn with_list<T>(model: &mut Model, change: impl FnOnce(&mut List) -> T) -> T {
    match model.board().place {
        Route::Overview => {
            let lines = attention::lines(model);
            let list = &mut model.attention;
            list.order = (0..u32::try_from(lines.len()).unwrap_or(u32::MAX)).collect();
            let result = change(list);
            list.key = lines.get(list.cursor).map(attention::AttentionItem::id);
            result
        }
        Route::View(view) => {
            let panel = &mut model.board_mut().panels[view.0];
            let result = change(&mut panel.list);
            panel.list.key = panel.under_cursor().map(|row| row.key.clone());
            result
        }
    }
}

/// After rows changed or a place opened: the cursor goes where its row is now, or stays at its place when it is gone.
pub(super) fn follow_keys(model: &mut Model) {
    let height = layout::list_rows(model);
    follow_attention(model, height);
    let board = model.board_mut();
    if let Route::View(view) = board.place {
        let panel = &mut board.panels[view.0];
        let found = place_of_key(panel);
        let place = found.unwrap_or(panel.list.cursor);
        panel.list.move_to(place, height);
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
    let rows = &panel.shown()?.rows;
    panel.list.order.iter().position(|at| rows.get(*at as usize).is_some_and(|row| row.key == *wanted))
}

fn follow_attention(model: &mut Model, height: usize) {
    let lines = attention::lines(model);
    let list = &mut model.attention;
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
