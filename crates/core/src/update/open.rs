//! Opens what lies over a target: help, the filter line, pickers.

use opsdash_pack::{
    command::{Command, TABLE},
    pack::View,
};

use crate::{
    available,
    export::FileFormat,
    model::{Input, Model, Overlay, Picker, PickerChoice, PickerItem, Route, Selection, TargetId, TargetState},
    selection::selection,
};

pub(super) fn help(model: &mut Model) {
    model.overlays.push(Overlay::Help { scroll: 0 });
}

pub(super) fn filter(model: &mut Model) {
    let before = model.panel().map(|panel| panel.list.narrowing.text.clone()).unwrap_or_default();
    let input = Input { cursor: before.chars().count(), text: before.clone() };
    model.overlays.push(Overlay::Filter { input, before });
}

pub(super) fn facets(model: &mut Model) {
    model.overlays.push(Overlay::Facets { at: 0 });
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
    let of_use = TABLE.iter().filter(|entry| !matches!(entry.command, Command::Tab(_) | Command::Palette));
    let of_use = of_use.filter(|entry| available::why_not(model, entry.command).is_none());
    items.extend(of_use.map(|entry| PickerItem {
        label: entry.help.to_owned(),
        note: model.keymap.keys_of(entry.command).join(", "),
        pick: PickerChoice::Command(entry.command),
    }));
    picker_about(model, "Go to, or do".into(), items, chosen);
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
    model.overlays.push(Overlay::Picker(Picker { title, input: Input::default(), items, fits, at: 0, chosen }));
}
