use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use opsdash_pack::{
    command::{Command, TABLE},
    keymap::{Key, KeyCode, KeySequence},
    pack::View,
};

use super::{action, dialog, narrow, navigate, outcome, run, snooze};
use crate::{
    effect::Effect,
    export::FileFormat,
    model::{Input, Model, Overlay, Picker, PickerChoice, PickerItem, Route, Selection, TargetId},
    view::targets,
};

pub(super) fn open_help(model: &mut Model) {
    model.overlays.push(Overlay::Help { scroll: 0 });
}

pub(super) fn open_filter(model: &mut Model) {
    let before = model.panel().map(|panel| panel.list.narrowing.text.clone()).unwrap_or_default();
    let input = Input { cursor: before.chars().count(), text: before.clone() };
    model.overlays.push(Overlay::Filter { input, before });
}

pub(super) fn open_facets(model: &mut Model) {
    model.overlays.push(Overlay::Facets { at: 0 });
}

pub(super) fn open_targets(model: &mut Model) {
    let item = |(at, target): (usize, &crate::model::TargetState)| {
        let state = targets::in_short(model, TargetId(at));
        let gap = if state.is_empty() { "" } else { "   " };
        let note = format!("{state}{gap}{}", target.pack.title);
        PickerItem { label: target.name.clone(), note, pick: PickerChoice::Target(TargetId(at)) }
    };
    let items = model.targets.iter().enumerate().map(item).collect();
    open_picker(model, "Target", items);
}

pub(super) fn open_export(model: &mut Model) {
    let item = |(name, ending, format): (&str, &str, FileFormat)| PickerItem {
        label: name.to_owned(),
        note: format!(".{ending} in the working directory"),
        pick: PickerChoice::Export(format),
    };
    open_picker(model, "Export", FileFormat::ALL.into_iter().map(item).collect());
}

/// Views, the links of the row, then every command that is of use here.
pub(super) fn open_palette(model: &mut Model) {
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
    let chosen = model.selection().ok();
    if let Some(chosen) = &chosen {
        let actions = model.targets[chosen.target.0].pack.view(chosen.view).actions.iter().enumerate();
        items.extend(actions.map(|(at, action)| PickerItem {
            label: action.title.clone(),
            note: action.press.to_string(),
            pick: PickerChoice::Action(at),
        }));
    }
    let of_use = TABLE.iter().filter(|entry| !matches!(entry.command, Command::Tab(_) | Command::Palette));
    let of_use = of_use.filter(|entry| run::why_not(model, entry.command).is_none());
    items.extend(of_use.map(|entry| PickerItem {
        label: entry.help.to_owned(),
        note: model.keymap.keys_of(entry.command).join(", "),
        pick: PickerChoice::Command(entry.command),
    }));
    open_picker_about(model, "Go to, or do".into(), items, chosen);
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

fn open_picker(model: &mut Model, title: &str, items: Vec<PickerItem>) {
    open_picker_about(model, title.to_owned(), items, None);
}

/// A list to choose what happens to rows.
pub(super) fn open_picker_about(model: &mut Model, title: String, items: Vec<PickerItem>, chosen: Option<Selection>) {
    let fits = (0..items.len()).collect();
    model.overlays.push(Overlay::Picker(Picker { title, input: Input::default(), items, fits, at: 0, chosen }));
}

/// The text field changed.
pub(super) fn edited(model: &mut Model, text: String, cursor: usize) {
    model.last_key = model.clock.mono;
    match model.overlays.last_mut() {
        Some(Overlay::Filter { input, .. }) => {
            *input = Input { text: text.clone(), cursor };
            // While it is being typed, what cannot be understood yet is no mistake: Enter says it.
            let _unfinished = narrow::filter(model, &text);
        }
        Some(Overlay::Picker(picker)) => {
            picker.fits = fitting(&picker.items, &text);
            picker.input = Input { text, cursor };
            picker.at = 0;
        }
        Some(Overlay::Act(dialog)) => dialog::edited(dialog, text, cursor, model.clock.mono),
        Some(Overlay::Unlock { input, failed, .. }) => {
            *input = Input { text, cursor };
            *failed = false;
        }
        _ => {}
    }
}

/// Places of the items that fit, best first.
fn fitting(items: &[PickerItem], text: &str) -> Vec<usize> {
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

/// A key for the topmost overlay.
pub(super) fn press(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let command = model.keymap.command(KeySequence { first: key, second: None });
    // Where something waits for an answer, the letter closes it: only Ctrl leaves.
    let waits = matches!(
        model.overlays.last(),
        Some(Overlay::PreviewPending { .. } | Overlay::Act(_) | Overlay::Unlock { .. } | Overlay::Told(_))
    );
    if command == Some(Command::Quit) && (key.ctrl || (model.input().is_none() && !waits)) {
        outcome::quit(model, effects);
        return;
    }
    match model.overlays.last() {
        Some(Overlay::Help { .. }) => help(model, key, command),
        Some(Overlay::Filter { .. }) => filter(model, key),
        Some(Overlay::Picker(_)) => picker(model, key, effects),
        Some(Overlay::Facets { .. }) => facets(model, key, command, effects),
        Some(Overlay::PreviewPending { .. }) => dialog::press_preview_pending(model, key, effects),
        Some(Overlay::Act(_)) => dialog::press(model, key, effects),
        Some(Overlay::Unlock { .. }) => dialog::press_arm(model, key),
        Some(Overlay::Told(_)) => dialog::press_told(model, key, effects),
        None => {}
    }
}

fn help(model: &mut Model, key: Key, command: Option<Command>) {
    let page = usize::from(crate::view::layout::body_rows(model)).max(2) - 1;
    let last = crate::view::help::line_count(model).saturating_sub(page);
    let Some(Overlay::Help { scroll }) = model.overlays.last_mut() else { return };
    match command {
        Some(Command::Down) => *scroll = (*scroll + 1).min(last),
        Some(Command::Up) => *scroll = scroll.saturating_sub(1),
        Some(Command::PageDown) => *scroll = (*scroll + page).min(last),
        Some(Command::PageUp) => *scroll = scroll.saturating_sub(page),
        Some(Command::Bottom) => *scroll = last,
        Some(Command::Help | Command::Back | Command::Open) => {
            model.overlays.pop();
        }
        _ if key.code == KeyCode::Home => *scroll = 0,
        _ => {}
    }
}

fn filter(model: &mut Model, key: Key) {
    let Some(Overlay::Filter { input, before }) = model.overlays.last().cloned() else { return };
    match key.code {
        KeyCode::Esc => {
            model.overlays.pop();
            // What stood there before was understood then.
            let _understood = narrow::filter(model, &before);
        }
        KeyCode::Enter => {
            model.overlays.pop();
            apply_filter(model, input.text.trim());
        }
        KeyCode::Up => navigate::step(model, -1),
        KeyCode::Down => navigate::step(model, 1),
        _ => {}
    }
}

/// Plain text is asked of the server where the view can search, so that it reaches rows that are not loaded.
fn apply_filter(model: &mut Model, text: &str) {
    let searches = model.panel().is_some_and(|panel| model.pack().view(panel.view).search);
    let has_search = model.panel().is_some_and(|panel| !panel.choices.search.is_empty());
    let is_plain = !text.starts_with(['/', '!']) && !text.contains([':', '>', '<']);
    if searches && is_plain && (!text.is_empty() || has_search) {
        narrow::search(model, text);
    } else if let Err(why) = narrow::filter(model, text) {
        model.notify_error(why);
    }
}

fn picker(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let Some(Overlay::Picker(picker)) = model.overlays.last_mut() else { return };
    let last = picker.fits.len().saturating_sub(1);
    match key.code {
        KeyCode::Esc => {
            model.overlays.pop();
        }
        KeyCode::Up | KeyCode::BackTab => picker.at = picker.at.checked_sub(1).unwrap_or(last),
        KeyCode::Down | KeyCode::Tab => picker.at = if picker.at >= last { 0 } else { picker.at + 1 },
        KeyCode::Enter => {
            let pick = picker.fits.get(picker.at).map(|at| picker.items[*at].pick);
            let chosen = picker.chosen.take();
            model.overlays.pop();
            if let Some(pick) = pick {
                picked_item(model, pick, chosen.as_ref(), effects);
            }
        }
        _ => {}
    }
}

fn picked_item(model: &mut Model, pick: PickerChoice, chosen: Option<&Selection>, effects: &mut Vec<Effect>) {
    match pick {
        PickerChoice::Command(command) => run::run(model, command, effects),
        PickerChoice::Route(route) => navigate::go(model, route),
        PickerChoice::Target(target) => navigate::enter(model, target),
        PickerChoice::Link(at) => run::follow(model, at),
        PickerChoice::Action(at) => {
            if let Some(chosen) = chosen {
                action::want_on(model, chosen.clone(), at, effects);
            }
        }
        PickerChoice::Snooze(ms) => snooze::set(model, chosen, Some(ms), effects),
        PickerChoice::Wake => snooze::set(model, chosen, None, effects),
        PickerChoice::ShowSnoozed => snooze::toggle(model),
        PickerChoice::Export(format) => {
            if let Some(document) = run::exported(model) {
                effects.push(Effect::Export { format, document: Box::new(document) });
            }
        }
    }
}

fn facets(model: &mut Model, key: Key, command: Option<Command>, effects: &mut Vec<Effect>) {
    let Some(panel) = model.panel() else { return };
    let view = model.pack().view(panel.view).clone();
    let chosen = panel.choices.facets.clone();
    let Some(Overlay::Facets { at }) = model.overlays.last_mut() else { return };
    let step = |by: usize| {
        let count = view.facets[*at].choices.len();
        (chosen[*at] + by) % count
    };
    match (key.code, command) {
        (KeyCode::Esc | KeyCode::Enter, _) | (_, Some(Command::Facets)) => {
            model.overlays.pop();
        }
        (_, Some(Command::Down)) => *at = (*at + 1).min(view.facets.len() - 1),
        (_, Some(Command::Up)) => *at = at.saturating_sub(1),
        (_, Some(Command::ColumnRight | Command::Mark)) => {
            let (facet, choice) = (*at, step(1));
            narrow::choose(model, facet, choice, effects);
        }
        (_, Some(Command::ColumnLeft)) => {
            let (facet, choice) = (*at, step(view.facets[*at].choices.len() - 1));
            narrow::choose(model, facet, choice, effects);
        }
        _ => {}
    }
}
