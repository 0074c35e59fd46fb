//! What the list holds and in which order: facets, the search and what links set ask the server again, filter and sort do not.

use opsdash_pack::pack::{View, ViewId};

use super::{narrowed, navigate, order};
use crate::{
    attention,
    contract::{Failure, Table},
    filter::Filter,
    model::{AttentionOrder, FacetOptions, List, Model, Narrowed, Panel, Route},
    sort::Sort,
    time::Zone,
};

/// Sorts by the chosen column, numbers from the largest; then the other way round, then not.
///
/// The overview's list has two orders.
pub(super) fn sort(model: &mut Model) {
    if model.target().route == Route::Overview {
        let (order, said) = match model.attention.order {
            AttentionOrder::Causes => (AttentionOrder::Tabs, "by target and tab"),
            AttentionOrder::Tabs => (AttentionOrder::Causes, "causes first"),
        };
        model.attention.order = order;
        model.notify(said);
        navigate::follow_keys(model);
        return;
    }
    with_panel(model, |panel, view| {
        let Some(column) = view.drawn().get(panel.list.column).copied() else { return };
        let first = Sort::first(view, column);
        panel.list.narrowing.sort = match panel.list.narrowing.sort {
            Some(sort) if sort.column != column => Some(first),
            Some(sort) if sort == first => Some(first.reversed()),
            Some(_) => None,
            None => Some(first),
        };
        order::reorder(panel);
    });
    navigate::follow_keys(model);
}

/// Filters by a line as it is typed. What cannot be understood leaves the last filter that could.
///
/// # Errors
/// What of it cannot be understood.
pub(super) fn filter(model: &mut Model, text: &str) -> Result<(), String> {
    let zone = model.appearance.zone.clone();
    if model.target().route == Route::Overview {
        let filter = Filter::parse(text, attention::columns(), &zone)?;
        let narrowing = &mut model.attention.list.narrowing;
        text.clone_into(&mut narrowing.text);
        narrowing.filter = filter;
        navigate::follow_keys(model);
        return Ok(());
    }
    let result = with_panel(model, |panel, view| {
        let filter = Filter::parse(text, &view.columns, &zone)?;
        text.clone_into(&mut panel.list.narrowing.text);
        panel.list.narrowing.filter = filter;
        order::reorder(panel);
        Ok(())
    });
    navigate::follow_keys(model);
    result.unwrap_or(Ok(()))
}

/// Understands the filters anew: days begin elsewhere.
pub(super) fn filter_again(model: &mut Model) {
    let zone = model.appearance.zone.clone();
    for target in &mut model.targets {
        let pack = target.pack.clone();
        for panel in target.panels.iter_mut().filter(|panel| panel.list.narrowing.filter.is_some()) {
            let narrowing = &mut panel.list.narrowing;
            // What was understood in one zone is understood in another.
            narrowing.filter = Filter::parse(&narrowing.text, &pack.view(panel.view).columns, &zone).ok().flatten();
            order::reorder(panel);
        }
    }
    navigate::follow_keys(model);
}

/// Asks the server for rows that hold a text; empty asks for all again.
pub(super) fn search(model: &mut Model, text: &str) {
    with_panel(model, |panel, _| {
        text.clone_into(&mut panel.choices.search);
        panel.list.narrowing.text.clear();
        panel.list.narrowing.filter = None;
        narrowed::forget_rows(panel);
    });
}

/// Another choice of a facet. It is the user's: it is kept also when a jump is taken back.
pub(super) fn choose(model: &mut Model, facet: usize, choice: String) {
    let Some(view) = model.panel().map(|panel| panel.view) else { return };
    let is_default = model.pack().view(view).facets[facet].default_choice() == choice;
    let choice = Some(choice).filter(|_| !is_default);
    for before in narrowed_by_jumps(model, view) {
        before.choices.facets[facet].clone_from(&choice);
    }
    with_panel(model, |panel, _| {
        panel.choices.facets[facet] = choice;
        narrowed::forget_rows(panel);
    });
}

/// What the jumps to a view narrowed of it, the first one first.
fn narrowed_by_jumps(model: &mut Model, view: ViewId) -> impl Iterator<Item = &mut Narrowed> {
    let jumps = model.target_mut().came_from.iter_mut();
    jumps.filter_map(|jump| jump.narrowed.as_deref_mut()).filter(move |narrowed| narrowed.view == view)
}

/// Takes one narrowing of the user away: marks, filter, search. `false` when there was none.
pub(super) fn widen(model: &mut Model) -> bool {
    if model.target().route == Route::Overview {
        let narrowing = &mut model.attention.list.narrowing;
        let was_narrowed = narrowing.filter.take().is_some();
        narrowing.text.clear();
        navigate::follow_keys(model);
        return was_narrowed;
    }
    let searched = model.panel().map_or("", |panel| model.target().searched_by_jump(panel.view)).to_owned();
    let widened = with_panel(model, |panel, _| {
        let List { marks, narrowing, .. } = &mut panel.list;
        if !marks.is_empty() {
            marks.clear();
        } else if narrowing.filter.is_some() {
            narrowing.text.clear();
            narrowing.filter = None;
            order::reorder(panel);
        } else if panel.choices.search != searched {
            panel.choices.search = searched;
            narrowed::forget_rows(panel);
        } else {
            return false;
        }
        true
    });
    if widened == Some(true) {
        navigate::follow_keys(model);
    }
    widened == Some(true)
}

/// The query of a facet's choices answered, or did not.
pub(super) fn options_came(panel: &mut Panel, view: &View, facet: usize, result: Result<Table, Failure>) {
    let options = result.map(|table| {
        let mut values: Vec<String> = Vec::new();
        for row in &table.rows {
            let value = row.key.as_str();
            let is_known = |known: &[String]| known.iter().any(|known| known == value);
            // NULL is empty, and no choice.
            if !value.is_empty() && !is_known(&view.facets[facet].choices) && !is_known(&values) {
                values.push(value.to_owned());
            }
        }
        FacetOptions { values, truncated: table.truncated }
    });
    panel.options.insert(facet, options);
}

/// The panel on screen and its view.
fn with_panel<T>(model: &mut Model, change: impl FnOnce(&mut Panel, &View) -> T) -> Option<T> {
    let Route::View(id) = model.target().route else { return None };
    let pack = model.pack().clone();
    Some(change(&mut model.target_mut().panels[id.0], pack.view(id)))
}

/// Times in UTC or in the local zone, in whatever is filtered by them too.
pub(super) fn other_zone(model: &mut Model) {
    model.appearance.zone = if model.appearance.zone == Zone::Utc { model.appearance.local.clone() } else { Zone::Utc };
    let said = if model.appearance.zone == Zone::Utc { "times are in UTC" } else { "times are in the local zone" };
    model.notify(said);
    filter_again(model);
}
