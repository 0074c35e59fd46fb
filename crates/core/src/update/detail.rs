use opsdash_pack::pack::View;

use crate::{
    available, catalog,
    contract::{Failure, Part, RawRow, StoredFile, Table},
    geometry,
    model::{DetailState, Loadable, Model, Panel, Route},
    time::Monotonic,
    value::{Row, RowKey},
};

/// How long the cursor rests on a row before its detail is asked for, in ms: holding `j` asks for one, not for hundreds.
const REST_MS: u64 = 150;

/// Opens the detail of the row with the cursor; when it is open beside the list, gives it the keys.
pub(super) fn open(model: &mut Model) {
    let covers = !geometry::is_detail_beside(model);
    let now = model.clock.mono;
    let Some((panel, view)) = panel(model) else { return };
    if let Some(detail) = &mut panel.detail {
        detail.focused = true;
        return;
    }
    let Some(key) = panel.under_cursor().map(|row| row.key.clone()) else { return };
    panel.detail = Some(closed_state(&view, key, now, covers));
}

pub(super) fn closed_state(view: &View, key: RowKey, due_at: Monotonic, focused: bool) -> DetailState {
    let (lists, charts) = view.detail.as_ref().map_or((0, 0), |detail| (detail.lists.len(), detail.charts.len()));
    DetailState {
        key,
        fields: Loadable::Awaited,
        lists: vec![Loadable::Awaited; lists],
        charts: vec![Loadable::Awaited; charts],
        chunks: if view.files.is_some() { Loadable::Awaited } else { Loadable::Here(Table::default()) },
        window: 0,
        scroll: 0,
        focused,
        due_at,
    }
}

/// Gives the keys back to the list, or closes the detail. `false` when none is open.
pub(super) fn close(model: &mut Model) -> bool {
    let beside = geometry::is_detail_beside(model);
    let Some((panel, _)) = panel(model) else { return false };
    match &mut panel.detail {
        Some(detail) if detail.focused && beside => detail.focused = false,
        Some(_) => {
            panel.detail = None;
            panel.cancel(is_of_detail);
        }
        None => return false,
    }
    true
}

/// Scrolls the detail when it has the keys; `false` when it has not.
pub(super) fn scroll(model: &mut Model, by: isize) -> bool {
    // Asked first: laying a detail out to count its lines costs more than all else that a key does.
    if !available::is_detail_focused(model) {
        return false;
    }
    let lines = crate::view::detail::line_count(model);
    let height = usize::from(geometry::body_rows(model));
    let Some((panel, _)) = panel(model) else { return false };
    let Some(detail) = &mut panel.detail else { return false };
    detail.scroll = detail.scroll.saturating_add_signed(by).min(lines.saturating_sub(height));
    true
}

/// An open detail shows the row with the cursor; one of another row is asked for once the cursor rests.
pub(super) fn follow_cursor(model: &mut Model) {
    let now = model.clock.mono;
    let Some((panel, view)) = panel(model) else { return };
    let Some(detail) = &panel.detail else { return };
    let Some(key) = panel.under_cursor().map(|row| row.key.clone()) else { return };
    if detail.key != key {
        let mut next = closed_state(&view, key, now.plus(REST_MS), detail.focused);
        next.window = detail.window;
        panel.detail = Some(next);
        panel.cancel(is_of_detail);
    }
}

/// The charts' next window.
pub(super) fn next_window(model: &mut Model) {
    let now = model.clock.mono;
    let Some((panel, view)) = panel(model) else { return };
    let windows =
        view.detail.iter().flat_map(|detail| &detail.charts).map(|chart| chart.windows.len()).max().unwrap_or(1);
    if let Some(detail) = &mut panel.detail {
        detail.window = (detail.window + 1) % windows.max(1);
        detail.charts.fill(Loadable::Awaited);
        detail.due_at = now;
        panel.cancel(|part| matches!(part, Part::Chart(_)));
    }
}

/// What a detail's query is bound to. The rows of a files view carry in their key where they come from, and those that
/// only the store has are in no query: `None`.
pub(super) fn key_of_query<'a>(view: &View, key: &'a RowKey) -> Option<&'a str> {
    match view.files {
        Some(_) => key.as_str().strip_prefix(catalog::CATALOG_PREFIX),
        None => Some(key.as_str()),
    }
}

/// The stored file of the row whose detail is open; `None` without one, or without an answer of the store.
pub(super) fn stored_file(panel: &Panel, view: &View) -> Option<StoredFile> {
    panel.stored_file(view, &panel.detail.as_ref()?.key)
}

/// The detail of a row that no query knows more of: its own cells.
pub(super) fn show_row_alone(panel: &mut Panel, view: &View) {
    let Some(key) = panel.detail.as_ref().map(|detail| detail.key.clone()) else { return };
    let row = panel.list_snapshot().and_then(|snapshot| snapshot.rows.iter().find(|row| row.key == key));
    let columns = view.columns.iter().map(|column| column.name.clone()).collect();
    let raw = |row: &Row| RawRow { key, cells: row.cells.clone(), ..RawRow::default() };
    let rows = row.map(raw).into_iter().collect();
    let Some(detail) = &mut panel.detail else { return };
    detail.fields = Loadable::Here(Table { columns, rows, ..Table::default() });
    detail.lists.fill(Loadable::Here(Table::default()));
    detail.charts.fill(Loadable::Here(Table::default()));
}

/// An answer of one of the detail's questions.
pub(super) fn loaded(panel: &mut Panel, part: Part, result: Result<Table, Failure>) {
    let Some(detail) = &mut panel.detail else { return };
    let loadable = match part {
        Part::Detail => Some(&mut detail.fields),
        Part::DetailList(at) => detail.lists.get_mut(at),
        Part::Chart(at) => detail.charts.get_mut(at),
        Part::Chunks => Some(&mut detail.chunks),
        Part::List | Part::Summary | Part::Counts | Part::Enrich(_) | Part::Store | Part::Choices(_) => None,
    };
    if let Some(loadable) = loadable {
        match (&loadable, result) {
            // What was read before stays, and its head says how old it is.
            (Loadable::Here(_), Err(failure)) if failure.kind.is_of_source() => {}
            (_, result) => *loadable = result.map_or_else(Loadable::Failed, Loadable::Here),
        }
    }
}

/// Whether a question belongs to the detail.
pub(super) fn is_of_detail(part: Part) -> bool {
    matches!(part, Part::Detail | Part::DetailList(_) | Part::Chart(_) | Part::Chunks)
}

fn panel(model: &mut Model) -> Option<(&mut Panel, View)> {
    let Route::View(id) = model.target().route else { return None };
    let view = model.pack().view(id).clone();
    Some((&mut model.target_mut().panels[id.0], view))
}
