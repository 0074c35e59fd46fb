//! Opens what lies over a target: help, the filter line, pickers.

use opsdash_pack::pack::View;

use super::palette::fitting;

use crate::{
    contract::Part,
    export::FileFormat,
    model::{Input, Model, Overlay, Panel, Picker, PickerChoice, PickerItem, Route, Selection, TargetId, TargetState},
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
        note: match value == chosen {
            true if panel.is_choice_gone(view, facet) => "chosen, and gone".to_owned(),
            true => "chosen".to_owned(),
            false => String::new(),
        },
        ..PickerItem::new(value, PickerChoice::Choice(facet))
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
        note: target.pack.title.clone(),
        ..PickerItem::new(target.name.clone(), PickerChoice::Target(TargetId(at)))
    };
    let items = model.targets.iter().enumerate().map(item).collect();
    picker(model, "Target", items);
}

pub(super) fn export(model: &mut Model) {
    let item = |(name, ending, format): (&str, &str, FileFormat)| PickerItem {
        note: format!(".{ending} in the working directory"),
        ..PickerItem::new(name, PickerChoice::Export(format))
    };
    picker(model, "Export", FileFormat::ALL.into_iter().map(item).collect());
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
        finds_rows: false,
    }));
}
