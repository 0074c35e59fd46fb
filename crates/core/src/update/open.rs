//! Opens what lies over a target: help, the filter line, pickers.

use opsdash_pack::pack::View;

use super::{
    picker::{fitting, picker_about},
    take,
};

use crate::{
    attention,
    contract::Part,
    export::FileFormat,
    format,
    model::{Input, Model, Overlay, Panel, PickerChoice, PickerItem, Route, TargetId, TargetState},
    value::Severity,
};

pub(super) fn help(model: &mut Model) {
    model.overlays.push(Overlay::Help { scroll: 0 });
}

pub(super) fn filter(model: &mut Model) {
    let list = model.panel().map_or(&model.attention.list, |panel| &panel.list);
    let before = list.narrowing.text.clone();
    let input = Input { cursor: before.chars().count(), text: before.clone() };
    model.overlays.push(Overlay::Filter { input, before, wrong: None });
}

/// The facets of the view. Choices that a query returns are asked for anew.
pub(super) fn facets(model: &mut Model) {
    if model.target().route == Route::Overview {
        attention_facets(model);
        return;
    }
    if let Route::View(view) = model.target().route {
        let panel = &mut model.target_mut().panels[view.0];
        let awaited = &panel.awaited;
        panel.asked_at.retain(|part, _| !matches!(part, Part::Choices(_)) || awaited.contains_key(part));
    }
    model.overlays.push(Overlay::Facets { at: 0 });
}

/// What the overview's list may be narrowed to: a severity, a view that has lines in it, a target.
fn attention_facets(model: &mut Model) {
    let item = |label: String, filter: String| PickerItem {
        note: filter.clone(),
        ..PickerItem::new(label, PickerChoice::Filter(filter))
    };
    let mut items = vec![item("all".into(), String::new())];
    items.extend(
        [Severity::Crit, Severity::Warn]
            .map(|severity| item(severity.word().to_owned(), format!("severity:{}", severity.word()))),
    );
    let mut lines = Vec::new();
    for (_, target) in model.watched() {
        for view in attention::views(target).map(|view| target.pack.view(view)) {
            let filter = format!("view:\"{}\"", view.title);
            if !lines.iter().any(|(_, known)| *known == filter) {
                lines.push((view.title.clone(), filter));
            }
        }
    }
    if model.watches_several() {
        lines.extend(model.watched().map(|(_, target)| (target.name.clone(), format!("target={}", target.name))));
    }
    items.extend(lines.into_iter().map(|(label, filter)| item(label, filter)));
    picker(model, "What needs attention", items);
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
    let Some(document) = take::exported(model) else { return };
    let rows = match take::exported_of(model, document.rows.len()) {
        Some(all) => format!("{} of {all} rows", format::thousands(document.rows.len())),
        None => format::rows(document.rows.len()),
    };
    let (folder, stem) = (model.folder.trim_end_matches('/'), document.file_stem());
    let item = |(name, ending, format): (&str, &str, FileFormat)| PickerItem {
        note: format!("{stem}.{ending}"),
        ..PickerItem::new(name, PickerChoice::Export(format))
    };
    picker(model, &format!("Export {rows} to {folder}/"), FileFormat::ALL.into_iter().map(item).collect());
}

fn picker(model: &mut Model, title: &str, items: Vec<PickerItem>) {
    picker_about(model, title.to_owned(), items, None);
}
