//! Snoozed rows: hidden below a line for a while, on this screen alone. Severities and counts know nothing of it.

use super::{navigate, order, picker};
use crate::{
    effect::Effect,
    format,
    model::{Model, PickerChoice, PickerItem, Selection, snoozed_as},
    scope::ScopeChoice,
    selection::selection,
    text,
    time::Monotonic,
    value::RowKey,
};

const HOUR: u64 = 3_600_000;

/// Cells of a row's name at most.
const LABEL: usize = 48;

/// What can be chosen, in words and ms; a week at most.
const SPANS: [(&str, u64); 7] = [
    ("1 hour", HOUR),
    ("4 hours", 4 * HOUR),
    ("8 hours", 8 * HOUR),
    ("1 day", 24 * HOUR),
    ("2 days", 48 * HOUR),
    ("3 days", 72 * HOUR),
    ("7 days", 168 * HOUR),
];

/// Asks for how long.
pub(super) fn open(model: &mut Model) {
    let chosen = selection(model).ok();
    let mut items = Vec::new();
    if let Some(chosen) = &chosen {
        let panel = model.targets[chosen.target.0].panel(chosen.view);
        if chosen.rows.iter().any(|row| panel.snoozed.contains_key(&RowKey(row.as_str().into()))) {
            items.push(PickerItem::new("show it again", PickerChoice::Wake));
        }
        items.extend(SPANS.map(|(label, ms)| {
            let until = format::time(model.clock.utc.plus_ms(i64::try_from(ms).unwrap_or(0)), &model.appearance.zone);
            PickerItem { note: format!("until {until}"), ..PickerItem::new(label, PickerChoice::Snooze(ms)) }
        }));
    }
    if let Some(panel) = model.panel().filter(|panel| panel.snoozed_rows() > 0) {
        let label =
            if panel.list.shows_snoozed { "hide those that are snoozed" } else { "show those that are snoozed" };
        let note = format::rows(panel.snoozed_rows());
        items.push(PickerItem { note, ..PickerItem::new(label, PickerChoice::ShowSnoozed) });
    }
    let title = chosen.as_ref().map_or_else(|| "Snooze".to_owned(), |chosen| title(model, chosen));
    picker::picker_about(model, title, items, chosen);
}

/// Which rows it is about.
fn title(model: &Model, chosen: &Selection) -> String {
    let target = &model.targets[chosen.target.0];
    let view = target.pack.view(chosen.view);
    let which = match chosen.rows.as_slice() {
        [one] => {
            let panel = target.panel(chosen.view);
            let mut rows =
                panel.default_snapshot().into_iter().chain(panel.list_snapshot()).flat_map(|snapshot| &snapshot.rows);
            let row = rows.find(|row| row.key.as_str() == one);
            row.map_or_else(|| one.clone(), |row| format::label(view, row))
        }
        rows => format::rows(rows.len()),
    };
    format!("Snooze on {}: {}  {}", target.name, view.title, text::cut(&which, LABEL, ".."))
}

/// Hides rows for so many ms; `None` shows them again. It is kept for the next run.
pub(super) fn set(model: &mut Model, chosen: Option<&Selection>, ms: Option<u64>, effects: &mut Vec<Effect>) {
    let Some(chosen) = chosen else { return };
    let until = ms.map(|ms| model.clock.utc.plus_ms(i64::try_from(ms).unwrap_or(0)));
    let target = &mut model.targets[chosen.target.0];
    let scope = chosen.scope.as_ref().and_then(ScopeChoice::id);
    let name = snoozed_as(&target.name, scope, target.pack.view(chosen.view));
    let panel = &mut target.panels[chosen.view.0];
    for row in &chosen.rows {
        let key = RowKey(row.as_str().into());
        panel.list.marks.remove(&key);
        match until {
            Some(until) => panel.snoozed.insert(key, until),
            None => panel.snoozed.remove(&key),
        };
    }
    let kept: std::collections::BTreeMap<String, i64> =
        panel.snoozed.iter().map(|(key, until)| (key.as_str().to_owned(), until.0)).collect();
    order::reorder(panel);
    if kept.is_empty() {
        model.remembered.snoozed.remove(&name);
    } else {
        model.remembered.snoozed.insert(name, kept);
    }
    navigate::follow_keys(model);
    let rows = format::rows(chosen.rows.len());
    match until {
        Some(until) => model.notify(format!("{rows} snoozed until {}", format::time(until, &model.appearance.zone))),
        None => model.notify(format!("{rows} shown again")),
    }
    effects.push(Effect::Remember(model.remembered.clone()));
}

/// Shows the rows of the view that are snoozed, below the others, or hides them again.
pub(super) fn toggle(model: &mut Model) {
    let crate::model::Route::View(view) = model.target().route else { return };
    let panel = &mut model.target_mut().panels[view.0];
    panel.list.shows_snoozed = !panel.list.shows_snoozed;
    order::reorder(panel);
    navigate::follow_keys(model);
}

/// Shows again what has been hidden long enough. What is remembered of it is passed over at the next start.
pub(super) fn wake_what_is_due(model: &mut Model) {
    let now = model.clock.utc;
    let mut woke = false;
    for panel in model.targets.iter_mut().flat_map(|target| &mut target.panels) {
        let before = panel.snoozed.len();
        panel.snoozed.retain(|_, until| *until > now);
        if panel.snoozed.len() < before {
            order::reorder(panel);
            woke = true;
        }
    }
    if woke {
        navigate::follow_keys(model);
    }
}

/// When the first row is shown again; `None` when none is snoozed.
pub(super) fn wakes_at(model: &Model) -> Option<Monotonic> {
    let untils = model.targets.iter().flat_map(|target| &target.panels).flat_map(|panel| panel.snoozed.values());
    let left = untils.min()?.since_ms(model.clock.utc).max(0);
    Some(model.clock.mono.plus(u64::try_from(left).unwrap_or(0) + 1))
}
