//! What the list holds and in which order: facets, the search and what links set ask the server again, filter and sort do not.

use opsdash_pack::pack::{View, ViewId};

use super::navigate;
use crate::{
    contract::{Failure, Part, Table},
    effect::Effect,
    filter::Filter,
    model::{Choices, FacetOptions, List, Model, Narrowed, Narrowing, Panel, Route, Sort},
    value::{Row, Value},
};

/// Orders the rows that are here by the filter and the sort. The query's order is the order when nothing else is said.
pub(super) fn reorder(panel: &mut Panel) {
    let Some(snapshot) = panel.list_snapshot() else {
        panel.list.order.clear();
        return;
    };
    let narrowing = &panel.list.narrowing;
    let passes =
        |row: &Row| narrowing.filter.as_ref().is_none_or(|filter| filter.accepts(row.severity, &row.why, &row.cells));
    let mut order: Vec<u32> = (0u32..).zip(&snapshot.rows).filter(|(_, row)| passes(row)).map(|(at, _)| at).collect();
    if let Some(sort) = narrowing.sort {
        order.sort_by(|a, b| {
            let cell = |at: &u32| &snapshot.rows[*at as usize].cells[sort.column];
            compare(cell(a), cell(b), sort.descending)
        });
    }
    if !panel.snoozed.is_empty() {
        let is_snoozed = |at: &u32| panel.snoozed.contains_key(&snapshot.rows[*at as usize].key);
        if panel.list.shows_snoozed {
            order.sort_by_key(is_snoozed);
        } else {
            order.retain(|at| !is_snoozed(at));
        }
    }
    panel.list.order = order;
}

/// Values that are not there come last, in either direction.
fn compare(a: &Value, b: &Value, descending: bool) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let absent = |value: &Value| matches!(value, Value::Null | Value::Unknown);
    match (absent(a), absent(b)) {
        (true, true) => return Equal,
        (true, false) => return Greater,
        (false, true) => return Less,
        (false, false) => {}
    }
    let ordering = match (a, b) {
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => {
            let last = |items: &[Value]| items.iter().rev().find_map(number).unwrap_or(f64::MIN);
            last(a).total_cmp(&last(b))
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => kind(a).cmp(&kind(b)),
        },
    };
    if descending { ordering.reverse() } else { ordering }
}

/// The number that a value is ordered by, NaN and the infinities included.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(f) => Some(*f),
        Value::Decimal(text) => text.parse().ok(),
        value => value.as_number(),
    }
}

/// Documents may hold a number here and a text there. Each kind stays together: were they all equal to each other, there
/// would be no order at all, and sorting may panic without one.
fn kind(value: &Value) -> u8 {
    match value {
        Value::Null | Value::Unknown => 0,
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Duration(_) => 1,
        Value::Time(_) => 2,
        Value::Date(_) => 3,
        Value::Text(_) => 4,
        Value::List(_) => 5,
        Value::Json(_) => 6,
    }
}

/// Text order in which numbers count as numbers, so that 1.10.0 comes after 1.9.0.
fn natural(left: &str, right: &str) -> std::cmp::Ordering {
    let (mut left, mut right) = (left, right);
    while let (Some((part, after)), Some((other, other_after))) = (next_part(left), next_part(right)) {
        let is_number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
        let ordering = if is_number(part) && is_number(other) {
            let (part, other) = (part.trim_start_matches('0'), other.trim_start_matches('0'));
            part.len().cmp(&other.len()).then_with(|| part.cmp(other))
        } else {
            part.chars().flat_map(char::to_lowercase).cmp(other.chars().flat_map(char::to_lowercase))
        };
        if ordering.is_ne() {
            return ordering;
        }
        (left, right) = (after, other_after);
    }
    left.len().cmp(&right.len())
}

/// A run of digits, or of anything else, and what comes after it; `None` at the end.
fn next_part(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?.is_ascii_digit();
    let end = text.find(|c: char| c.is_ascii_digit() != first).unwrap_or(text.len());
    Some(text.split_at(end))
}

/// Sorts by the chosen column: up, down, not.
pub(super) fn sort(model: &mut Model) {
    with_panel(model, |panel, view| {
        let Some(column) = view.drawn().get(panel.list.column).copied() else { return };
        panel.list.narrowing.sort = match panel.list.narrowing.sort {
            Some(sort) if sort.column == column && sort.descending => None,
            Some(sort) if sort.column == column => Some(Sort { column, descending: true }),
            _ => Some(Sort { column, descending: false }),
        };
        reorder(panel);
    });
    navigate::follow_keys(model);
}

/// Filters by a line as it is typed. What cannot be understood yet leaves the last filter that could.
pub(super) fn filter(model: &mut Model, text: &str) -> Result<(), String> {
    let result = with_panel(model, |panel, view| {
        let filter = Filter::parse(text, view)?;
        text.clone_into(&mut panel.list.narrowing.text);
        panel.list.narrowing.filter = filter;
        reorder(panel);
        Ok(())
    });
    navigate::follow_keys(model);
    result.unwrap_or(Ok(()))
}

/// Asks the server for rows that hold a text; empty asks for all again.
pub(super) fn search(model: &mut Model, text: &str) {
    with_panel(model, |panel, _| {
        text.clone_into(&mut panel.choices.search);
        panel.list.narrowing.text.clear();
        panel.list.narrowing.filter = None;
        forget_rows(panel);
    });
}

/// Another choice of a facet. It is the user's: it is kept for the next run, and also when a jump is taken back.
pub(super) fn choose(model: &mut Model, facet: usize, choice: String, effects: &mut Vec<Effect>) {
    let Some(view) = model.panel().map(|panel| panel.view) else { return };
    let is_default = model.pack().view(view).facets[facet].default_choice() == choice;
    let choice = Some(choice).filter(|_| !is_default);
    for before in narrowed_by_jumps(model, view) {
        before.choices.facets[facet].clone_from(&choice);
    }
    with_panel(model, |panel, _| {
        panel.choices.facets[facet] = choice;
        forget_rows(panel);
    });
    remember(model, view, effects);
}

/// What the jumps to a view narrowed of it, the first one first.
fn narrowed_by_jumps(model: &mut Model, view: ViewId) -> impl Iterator<Item = &mut Narrowed> {
    let jumps = model.target_mut().came_from.iter_mut();
    jumps.filter_map(|jump| jump.narrowed.as_deref_mut()).filter(move |narrowed| narrowed.view == view)
}

/// Keeps the user's choices of a view, without those that jumps set.
fn remember(model: &mut Model, view: ViewId, effects: &mut Vec<Effect>) {
    let pack = model.pack().clone();
    let own = narrowed_by_jumps(model, view).next().map(|before| before.choices.facets.clone());
    let own = own.unwrap_or_else(|| model.target().panel(view).choices.facets.clone());
    let view = pack.view(view);
    let chosen = view.facets.iter().zip(own);
    let kept: std::collections::BTreeMap<String, String> =
        chosen.filter_map(|(facet, choice)| Some((facet.name.clone(), choice?))).collect();
    let name = format!("{}.{}", pack.system, view.id);
    if kept.is_empty() {
        model.remembered.facets.remove(&name);
    } else {
        model.remembered.facets.insert(name, kept);
    }
    effects.push(Effect::Remember(model.remembered.clone()));
}

/// Narrows a view to these choices and to nothing else; what it had before.
pub(super) fn narrow_to(panel: &mut Panel, choices: Choices) -> Narrowed {
    let List { narrowing, key, .. } = &panel.list;
    let before = Narrowed {
        view: panel.view,
        set: choices.clone(),
        choices: panel.choices.clone(),
        filter: narrowing.clone(),
        key: key.clone(),
    };
    let sort = narrowing.sort;
    set_choices(panel, choices, Narrowing { sort, ..Narrowing::default() });
    before
}

/// Gives a view what it had before a jump narrowed it.
pub(super) fn restore(panel: &mut Panel, before: Narrowed) {
    let Narrowed { choices, filter, key, .. } = before;
    let List { narrowing, key: cursor, .. } = &mut panel.list;
    if panel.choices != choices || narrowing.text != filter.text {
        *cursor = key;
    }
    let sort = narrowing.sort;
    set_choices(panel, choices, Narrowing { sort, ..filter });
}

fn set_choices(panel: &mut Panel, choices: Choices, narrowing: Narrowing) {
    panel.detail = None;
    panel.list.narrowing = narrowing;
    if panel.choices != choices {
        panel.choices = choices;
        panel.list.marks.clear();
        forget_rows(panel);
    }
    reorder(panel);
}

/// Takes one narrowing of the user away: marks, filter, search. `false` when there was none.
pub(super) fn widen(model: &mut Model) -> bool {
    let searched = model.panel().map_or("", |panel| model.target().searched_by_jump(panel.view)).to_owned();
    let widened = with_panel(model, |panel, _| {
        let List { marks, narrowing, .. } = &mut panel.list;
        if !marks.is_empty() {
            marks.clear();
        } else if narrowing.filter.is_some() {
            narrowing.text.clear();
            narrowing.filter = None;
            reorder(panel);
        } else if panel.choices.search != searched {
            panel.choices.search = searched;
            forget_rows(panel);
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

/// Rows of other choices are not these rows: they go, and the server is asked at once.
fn forget_rows(panel: &mut Panel) {
    panel.snapshot = None;
    panel.counted = None;
    panel.failed.remove(&Part::Counts);
    panel.detail = None;
    panel.store.catalog.remove(&Part::List);
    // A mark on a row that is not in sight would be copied, or acted on, unseen.
    panel.list.marks.clear();
    panel.list.cursor = 0;
    panel.list.top = 0;
    panel.hurry = true;
    panel.cancel(|part| !matches!(part, Part::Summary | Part::Store | Part::Choices(_)));
    reorder(panel);
}

/// The panel on screen and its view.
fn with_panel<T>(model: &mut Model, change: impl FnOnce(&mut Panel, &View) -> T) -> Option<T> {
    let Route::View(id) = model.target().route else { return None };
    let pack = model.pack().clone();
    Some(change(&mut model.target_mut().panels[id.0], pack.view(id)))
}
