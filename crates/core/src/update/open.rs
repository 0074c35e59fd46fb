//! Opens what lies over a target: help, the filter line, pickers.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use opsdash_pack::{
    command::{Command, TABLE},
    pack::{Checklist, RunbookEntry, View},
};

use crate::{
    available,
    contract::Part,
    export::FileFormat,
    model::{
        Input, Model, Overlay, Panel, Picker, PickerChoice, PickerItem, Route, RunbookPlace, Selection, TargetId,
        TargetState,
    },
    selection::selection,
};

pub(super) fn help(model: &mut Model) {
    model.overlays.push(Overlay::Help { scroll: 0 });
}

pub(super) fn filter(model: &mut Model) {
    let before = model.panel().map(|panel| panel.list.narrowing.text.clone()).unwrap_or_default();
    let input = Input { cursor: before.chars().count(), text: before.clone() };
    model.overlays.push(Overlay::Filter { input, before, wrong: None });
}

/// The facets of the view. Choices that a query returns are asked for anew.
pub(super) fn facets(model: &mut Model) {
    if let Route::View(view) = model.target().route {
        let panel = &mut model.target_mut().panels[view.0];
        let awaited = &panel.awaited;
        panel.asked_at.retain(|part, _| !matches!(part, Part::Choices(_)) || awaited.contains_key(part));
    }
    model.overlays.push(Overlay::Facets { at: 0 });
}

/// The choices of a facet, to choose from by typing.
pub(super) fn choices(model: &mut Model, facet: usize) {
    let Some(panel) = model.panel() else { return };
    let view = model.pack().view(panel.view);
    let title = format!("{}: {}", view.title, view.facets[facet].title);
    let items = choice_items(panel, view, facet);
    let at = items.iter().position(|item| !item.note.is_empty()).unwrap_or(0);
    picker_about(model, title, items, None);
    if let Some(Overlay::Picker(picker)) = model.overlays.last_mut() {
        picker.facet = Some(facet);
        picker.at = at;
    }
}

fn choice_items(panel: &Panel, view: &View, facet: usize) -> Vec<PickerItem> {
    let chosen = panel.choices.facets[facet].as_deref().unwrap_or(view.facets[facet].default_choice());
    let item = |value: &str| PickerItem {
        label: value.to_owned(),
        note: match value == chosen {
            true if panel.is_choice_gone(view, facet) => "chosen, and gone".to_owned(),
            true => "chosen".to_owned(),
            false => String::new(),
        },
        pick: PickerChoice::Choice(facet),
    };
    panel.options_of(view, facet).into_iter().map(item).collect()
}

/// Choices came while a list of them is open: they join it, and the cursor stays on its choice.
pub(super) fn refresh_choices(model: &mut Model) {
    let Some(Overlay::Picker(picker)) = model.overlays.last() else { return };
    let (Some(facet), Some(panel)) = (picker.facet, model.panel()) else { return };
    let items = choice_items(panel, model.pack().view(panel.view), facet);
    let under_cursor = picker.fits.get(picker.at).map(|at| picker.items[*at].label.clone());
    let fits = fitting(&items, &picker.input.text);
    let at = fits.iter().position(|at| Some(&items[*at].label) == under_cursor.as_ref()).unwrap_or(0);
    if let Some(Overlay::Picker(picker)) = model.overlays.last_mut() {
        (picker.items, picker.fits, picker.at) = (items, fits, at);
    }
}

pub(super) fn targets(model: &mut Model) {
    let item = |(at, target): (usize, &TargetState)| PickerItem {
        label: target.name.clone(),
        note: target.pack.title.clone(),
        pick: PickerChoice::Target(TargetId(at)),
    };
    let items = model.targets.iter().enumerate().map(item).collect();
    picker(model, "Target", items);
}

pub(super) fn export(model: &mut Model) {
    let item = |(name, ending, format): (&str, &str, FileFormat)| PickerItem {
        label: name.to_owned(),
        note: format!(".{ending} in the working directory"),
        pick: PickerChoice::Export(format),
    };
    picker(model, "Export", FileFormat::ALL.into_iter().map(item).collect());
}

/// Views, the links of the row, then every command that is of use here.
pub(super) fn palette(model: &mut Model) {
    let mut items: Vec<PickerItem> =
        model.target().places().into_iter().map(|place| place_item(model, place)).collect();
    if let Some(panel) = model.panel().filter(|panel| panel.current().is_some()) {
        let links = model.pack().view(panel.view).links.iter().enumerate();
        items.extend(links.map(|(at, link)| PickerItem {
            label: link.title.clone(),
            note: format!("g {}", link.press),
            pick: PickerChoice::Link(at),
        }));
    }
    let chosen = selection(model).ok();
    if let Some(chosen) = &chosen {
        let actions = model.targets[chosen.target.0].pack.view(chosen.view).actions.iter().enumerate();
        items.extend(actions.map(|(at, action)| PickerItem {
            label: action.title.clone(),
            note: action.press.to_string(),
            pick: PickerChoice::Action(at),
        }));
    }
    items.extend(runbook_items(model));
    let of_use = TABLE.iter().filter(|entry| !matches!(entry.command, Command::Tab(_) | Command::Palette));
    let of_use = of_use.filter(|entry| available::why_not(model, entry.command).is_none());
    items.extend(of_use.map(|entry| PickerItem {
        label: entry.help.to_owned(),
        note: model.keymap.keys_of(entry.command).join(", "),
        pick: PickerChoice::Command(entry.command),
    }));
    picker_about(model, "Go to, or do".into(), items, chosen);
}

/// The entries and checklists of the system on screen.
fn runbook_items(model: &Model) -> Vec<PickerItem> {
    let runbook = &model.pack().runbook;
    let entry = |(at, entry): (usize, &RunbookEntry)| PickerItem {
        label: entry.title.clone(),
        note: entry.hazard().map_or("runbook".to_owned(), |hazard| format!("runbook, {}", hazard.label())),
        pick: PickerChoice::Runbook(RunbookPlace::Entry(at)),
    };
    let list = |(at, list): (usize, &Checklist)| PickerItem {
        label: list.title.clone(),
        note: "checklist".to_owned(),
        pick: PickerChoice::Runbook(RunbookPlace::Checklist(at)),
    };
    let entries = runbook.entries.iter().enumerate().map(entry);
    entries.chain(runbook.checklists.iter().enumerate().map(list)).collect()
}

fn place_item(model: &Model, route: Route) -> PickerItem {
    let label = match route {
        Route::Overview => "Overview".to_owned(),
        Route::View(view) => match model.pack().view(view) {
            View { group: Some(group), title, .. } => format!("{group}: {title}"),
            view => view.title.clone(),
        },
    };
    PickerItem { label, note: "tab".to_owned(), pick: PickerChoice::Route(route) }
}

fn picker(model: &mut Model, title: &str, items: Vec<PickerItem>) {
    picker_about(model, title.to_owned(), items, None);
}

/// A list to choose what happens to rows.
pub(super) fn picker_about(model: &mut Model, title: String, items: Vec<PickerItem>, chosen: Option<Selection>) {
    let fits = (0..items.len()).collect();
    let input = Input::default();
    model.overlays.push(Overlay::Picker(Picker {
        title,
        input,
        items,
        fits,
        at: 0,
        chosen,
        facet: None,
        scopes: None,
    }));
}

/// Places of the items that fit, best first.
pub(super) fn fitting(items: &[PickerItem], text: &str) -> Vec<usize> {
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| Some((pattern.score(Utf32Str::new(&item.label, &mut buffer), &mut matcher)?, at)))
        .collect();
    scored.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    scored.into_iter().map(|(_, at)| at).collect()
}
