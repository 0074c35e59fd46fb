//! One box that finds anything: views, links and actions of the row, the runbook, commands, and rows of all targets.

use std::cmp::Reverse;

use opsdash_pack::{
    command::{Command, TABLE},
    pack::{Checklist, RunbookEntry, View, ViewId},
};

use super::{
    jump,
    picker::{self, fitting, picker_about},
};
use crate::{
    available,
    finding::{Fit, Typed},
    format,
    model::{
        Choices, Model, Overlay, Panel, Picker, PickerChoice, PickerItem, Route, RunbookPlace, TargetId, TargetState,
    },
    selection::{linked, selection},
    value::{Row, Severity},
};

/// From how many typed characters on rows are searched.
const ROWS_FROM: usize = 2;
/// So many rows are listed at most.
const ROWS: usize = 40;

/// Everything here but rows: these, and what is elsewhere, are found when something is typed.
pub(super) fn open(model: &mut Model) {
    let mut items: Vec<PickerItem> = places(model).into_iter().map(|place| place_item(model, place)).collect();
    if let Some((target, view, Some(_))) = linked(model) {
        let links = model.targets[target.0].pack.view(view).links.iter().enumerate();
        items.extend(links.map(|(at, link)| PickerItem {
            note: format!("g {}", link.press),
            ..PickerItem::new(link.title.clone(), PickerChoice::Link(at))
        }));
    }
    let chosen = selection(model).ok();
    if let Some(chosen) = &chosen {
        let actions = model.targets[chosen.target.0].pack.view(chosen.view).actions.iter().enumerate();
        items.extend(actions.map(|(at, action)| PickerItem {
            note: action.press.to_string(),
            ..PickerItem::new(action.title.clone(), PickerChoice::Action(at))
        }));
    }
    items.extend(runbook_items(model));
    items.extend(command_items(model));
    picker_about(model, "Go to, find or do".into(), items, chosen);
    if let Some(Overlay::Picker(picker)) = model.overlays.last_mut() {
        picker.finds_rows = true;
    }
}

/// The tabs, and the views to which links lead.
fn places(model: &Model) -> Vec<Route> {
    let pack = model.pack();
    let mut places = model.target().places();
    let linked = pack.views.iter().flat_map(|view| &view.links).map(|link| Route::View(link.view));
    for place in linked {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

fn place_item(model: &Model, route: Route) -> PickerItem {
    let Route::View(id) = route else {
        return PickerItem { note: "tab".into(), ..PickerItem::new("Overview", PickerChoice::Route(route)) };
    };
    let view = model.pack().view(id);
    let note = if view.hidden { "view" } else { "tab" };
    PickerItem { note: note.into(), ..view_item(model.target(), id, PickerChoice::Route(route)) }
}

fn view_item(target: &TargetState, id: ViewId, pick: PickerChoice) -> PickerItem {
    let view = target.pack.view(id);
    let label = match view {
        View { group: Some(group), title, .. } => format!("{group}: {title}"),
        View { title, .. } => title.clone(),
    };
    let other_names = vec![view.id.clone(), view.id.replace('_', " ")];
    PickerItem { other_names, severity: target.severity_of(id), ..PickerItem::new(label, pick) }
}

/// The tabs of the other targets.
fn views_elsewhere(model: &Model) -> impl Iterator<Item = PickerItem> + '_ {
    let others = model.watched().filter(|(id, _)| *id != model.at);
    others.flat_map(|(id, target)| {
        let item = move |view| PickerItem {
            note: target.name.clone(),
            ..view_item(target, view, PickerChoice::View { target: id, view })
        };
        target.pack.tabs().map(item)
    })
}

/// The entries and checklists of the system on screen.
fn runbook_items(model: &Model) -> Vec<PickerItem> {
    let runbook = &model.pack().runbook;
    let entry = |(at, entry): (usize, &RunbookEntry)| PickerItem {
        note: entry.hazard().map_or("runbook".to_owned(), |hazard| format!("runbook, {}", hazard.label())),
        ..PickerItem::new(entry.title.clone(), PickerChoice::Runbook(RunbookPlace::Entry(at)))
    };
    let list = |(at, list): (usize, &Checklist)| PickerItem {
        note: "checklist".to_owned(),
        ..PickerItem::new(list.title.clone(), PickerChoice::Runbook(RunbookPlace::Checklist(at)))
    };
    let entries = runbook.entries.iter().enumerate().map(entry);
    entries.chain(runbook.checklists.iter().enumerate().map(list)).collect()
}

/// The commands that are of use here, by their names.
fn command_items(model: &Model) -> impl Iterator<Item = PickerItem> + '_ {
    let of_use = TABLE.iter().filter(|entry| !matches!(entry.command, Command::Tab(_) | Command::Palette));
    of_use.filter(|entry| available::why_not(model, entry.command).is_none()).map(|entry| PickerItem {
        note: format!("{}  {}", entry.help, model.keymap.keys_of(entry.command).join(", ")),
        other_names: entry.also.iter().map(|name| (*name).to_owned()).collect(),
        ..PickerItem::new(entry.name.replace('_', " "), PickerChoice::Command(entry.command))
    })
}

/// Finds anew what fits the text of the picker on top, rows too where it finds these.
pub(super) fn find(model: &mut Model) {
    let Some(Overlay::Picker(picker)) = model.overlays.last() else { return };
    let text = picker.input.text.trim().to_owned();
    let finds_rows = picker.finds_rows && text.chars().count() >= ROWS_FROM;
    let (elsewhere, rows, searches) = if finds_rows {
        (fitting_elsewhere(model, &text), rows(model, &text), searches(model, &text).collect())
    } else {
        (Vec::new(), Vec::new(), Vec::new())
    };
    let Some(Overlay::Picker(picker)) = model.overlays.last_mut() else { return };
    let Picker { items, fits, at, .. } = picker;
    let is_found = |pick: &PickerChoice| {
        matches!(pick, PickerChoice::Row { .. } | PickerChoice::View { .. } | PickerChoice::Search { .. })
    };
    items.retain(|item| !is_found(&item.pick));
    *at = 0;
    if !finds_rows {
        *fits = fitting(items, &text);
        return;
    }
    let mut found = picker::fits(items, &mut Typed::new(&text));
    for (fit, item) in elsewhere.into_iter().chain(rows) {
        found.push((fit, items.len()));
        items.push(item);
    }
    // Stable: of what fits equally well, other targets come after this one, and rows last, the worst of them first.
    found.sort_by_key(|(fit, _)| *fit);
    // Asking a server finds more than scattered letters do.
    let begin = found.iter().position(|(fit, _)| matches!(fit, Fit::Scattered(_))).unwrap_or(found.len());
    *fits = found.into_iter().map(|(_, place)| place).collect();
    let places = items.len()..items.len() + searches.len();
    items.extend(searches);
    fits.splice(begin..begin, places);
}

/// The tabs of the other targets whose names fit, the best and worst first.
fn fitting_elsewhere(model: &Model, text: &str) -> Vec<(Fit, PickerItem)> {
    let typed = Typed::new(text);
    let fit = |item: PickerItem| {
        let others: Vec<&str> = item.other_names.iter().map(String::as_str).collect();
        Some((typed.fit_of_words(&item.label, &others)?, item))
    };
    let mut found: Vec<(Fit, PickerItem)> = views_elsewhere(model).filter_map(fit).collect();
    found.sort_by_key(|(fit, item)| (*fit, Reverse(item.severity)));
    found
}

/// Rows of all targets whose names fit, the best and worst first.
fn rows(model: &Model, text: &str) -> Vec<(Fit, PickerItem)> {
    let typed = Typed::new(text);
    let mut found: Vec<(Fit, Reverse<Severity>, PickerItem)> = Vec::new();
    for (id, target) in model.watched() {
        for panel in target.panels.iter().filter(|panel| !target.pack.view(panel.view).hidden) {
            let view = target.pack.view(panel.view);
            for row in known_rows(panel) {
                let label = format::label(view, row);
                if let Some(fit) = typed.fit_of_words(&label, &[row.key.as_str()]) {
                    found.push((fit, Reverse(row.severity), row_item(model, id, panel.view, row, label)));
                }
            }
        }
    }
    found.sort_by_key(|(fit, severity, _)| (*fit, *severity));
    found.into_iter().take(ROWS).map(|(fit, _, item)| (fit, item)).collect()
}

/// The rows of the list, or those that the overview knows.
fn known_rows(panel: &Panel) -> &[Row] {
    let known = panel.snapshot.as_ref().or_else(|| panel.default_snapshot());
    known.map_or(&[], |snapshot| &snapshot.rows)
}

fn row_item(model: &Model, id: TargetId, view: ViewId, row: &Row, label: String) -> PickerItem {
    let target = &model.targets[id.0];
    let title = &target.pack.view(view).title;
    let place = if model.watches_several() { format!("{}: {title}", target.name) } else { title.clone() };
    let why = format::line(&row.why);
    let note = if why.is_empty() { place } else { format!("{why}  {place}") };
    let pick = PickerChoice::Row { target: id, view, key: row.key.clone() };
    PickerItem { note, severity: Some(row.severity), ..PickerItem::new(label, pick) }
}

/// The views of the target on screen whose servers can be asked for the text.
fn searches<'m>(model: &'m Model, text: &'m str) -> impl Iterator<Item = PickerItem> + 'm {
    let views =
        model.pack().tabs().filter(|id| model.pack().view(*id).search && !model.target().panel(*id).is_left_out());
    views.map(move |view| PickerItem {
        note: "asks the server".into(),
        ..PickerItem::new(
            format!("search {} for \"{text}\"", model.pack().view(view).title),
            PickerChoice::Search { view, text: text.to_owned() },
        )
    })
}

/// Opens a view of the target on screen with what its server finds for the text.
pub(super) fn search(model: &mut Model, view: ViewId, text: String) {
    let choices = Choices { search: text, ..Choices::of(model.pack().view(view)) };
    jump::open(model, view, choices);
}
