use opsdash_pack::{
    command::Command,
    keymap::{Key, KeyCode, KeySequence},
};

use super::{
    action, dialog, history, jump, movement::Movement, narrow, navigate, open, outcome, palette, run, runbook, scope,
    snooze, take, transfer,
};
use crate::{
    effect::Effect,
    filter::Filter,
    model::{Input, Model, Overlay, Picker, PickerChoice, PickerItem, Selection},
    text,
};

/// The text field changed.
pub(super) fn edited(model: &mut Model, text: String, cursor: usize) {
    model.last_key = model.clock.mono;
    match model.overlays.last_mut() {
        Some(Overlay::Filter { input, .. }) => {
            *input = Input { text: text.clone(), cursor };
            let said = narrow::filter(model, &text).err();
            if let Some(Overlay::Filter { wrong, .. }) = model.overlays.last_mut() {
                *wrong = said.map(|said| text::inert(&said).into_owned());
            }
        }
        Some(Overlay::Picker(picker)) if picker.input.text.is_empty() && moves(picker, &text) => {
            let last = picker.fits.len().saturating_sub(1);
            picker.at = if text == "j" { (picker.at + 1).min(last) } else { picker.at.saturating_sub(1) };
        }
        Some(Overlay::Picker(picker)) => {
            picker.input = Input { text, cursor };
            palette::find(model);
        }
        Some(Overlay::Act(dialog)) => dialog::edited(dialog, text, cursor, model.clock.mono),
        Some(Overlay::Unlock { input, failed, .. }) => {
            *input = Input { text, cursor };
            *failed = false;
        }
        Some(Overlay::Runbook(_)) => runbook::search(model, text, cursor),
        Some(Overlay::History(_)) => history::search(model, text, cursor),
        _ => {}
    }
}

/// Whether a first letter moves, as in a list: nothing that it could be looked for begins so.
fn moves(picker: &Picker, text: &str) -> bool {
    let begins = |item: &PickerItem| {
        item.label.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(text))
    };
    matches!(text, "j" | "k") && !picker.items.iter().any(begins)
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
        Some(Overlay::Facets { .. }) => facets(model, key, command),
        Some(Overlay::PreviewPending { .. }) => dialog::press_preview_pending(model, key, effects),
        Some(Overlay::Act(_)) => dialog::press(model, key, effects),
        Some(Overlay::Unlock { .. }) => dialog::press_arm(model, key),
        Some(Overlay::Told(_)) => dialog::press_told(model, key, effects),
        Some(Overlay::Runbook(_)) => runbook::press(model, key, command, effects),
        Some(Overlay::History(_)) => history::press(model, key, command, effects),
        None => {}
    }
}

fn help(model: &mut Model, key: Key, command: Option<Command>) {
    let page = usize::from(crate::geometry::body_rows(model)).max(2) - 1;
    let last = crate::view::help::line_count(model).saturating_sub(page);
    let Some(Overlay::Help { scroll }) = model.overlays.last_mut() else { return };
    if let Some(movement) = Movement::of(command, key) {
        *scroll = movement.from(*scroll, page, last);
    } else if let Some(Command::Help | Command::Back | Command::Open) = command {
        model.overlays.pop();
    }
}

fn filter(model: &mut Model, key: Key) {
    let Some(Overlay::Filter { input, before, wrong }) = model.overlays.last().cloned() else { return };
    match key.code {
        KeyCode::Esc => {
            model.overlays.pop();
            // What stood there before was understood then.
            let _understood = narrow::filter(model, &before);
        }
        // What is wrong stands beside what is typed, until it is right or Esc gives it up.
        KeyCode::Enter if wrong.is_some() => {}
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
    if let Err(why) = narrow::filter(model, text) {
        model.notify_error(why);
        return;
    }
    let filter = model.panel().and_then(|panel| panel.list.narrowing.filter.as_ref());
    let plain = filter.map_or(Some(""), Filter::plain_text).map(str::to_owned);
    if let Some(plain) = plain.filter(|plain| searches && (!plain.is_empty() || has_search)) {
        narrow::search(model, &plain);
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
        // The list may still be on its way.
        KeyCode::Enter if picker.scopes.is_some() && picker.fits.is_empty() => {}
        KeyCode::Enter => {
            let item = picker.fits.get(picker.at).map(|at| picker.items[*at].clone());
            let chosen = picker.chosen.take();
            model.overlays.pop();
            if let Some(item) = item {
                picked_item(model, item, chosen.as_ref(), effects);
            }
        }
        _ => {}
    }
}

fn picked_item(model: &mut Model, item: PickerItem, chosen: Option<&Selection>, effects: &mut Vec<Effect>) {
    match item.pick {
        PickerChoice::Command(command) => run::run(model, command, effects),
        PickerChoice::Route(route) => navigate::go_to(model, route),
        PickerChoice::Target(target) => navigate::enter(model, target),
        PickerChoice::Row { target, view, key } => jump::to_row(model, target, view, Some(key)),
        PickerChoice::View { target, view } => jump::to_row(model, target, view, None),
        PickerChoice::Search { view, text } => palette::search(model, view, text),
        PickerChoice::Choice(facet) => narrow::choose(model, facet, item.label),
        PickerChoice::Scope(choice) => scope::choose(model, model.at, choice, effects),
        PickerChoice::Filter(filter) => {
            // It is made of words that are known here.
            let _understood = narrow::filter(model, &filter);
        }
        PickerChoice::Runbook(place) => runbook::open(model, Some(place), effects),
        PickerChoice::Link(at) => jump::follow_link(model, at),
        PickerChoice::Action(at) => {
            if let Some(chosen) = chosen {
                action::want_on(model, chosen.clone(), at, effects);
            }
        }
        PickerChoice::Fetch => {
            if let Some(chosen) = chosen {
                transfer::fetch(model, chosen, effects);
            }
        }
        PickerChoice::Snooze(ms) => snooze::set(model, chosen, Some(ms), effects),
        PickerChoice::Wake => snooze::set(model, chosen, None, effects),
        PickerChoice::ShowSnoozed => snooze::toggle(model),
        PickerChoice::Export(format) => {
            if let Some(document) = take::exported(model) {
                let of = take::exported_of(model, document.rows.len());
                effects.push(Effect::Export { format, document: Box::new(document), of });
            }
        }
    }
}

fn facets(model: &mut Model, key: Key, command: Option<Command>) {
    let Some(panel) = model.panel() else { return };
    let pack = model.pack().clone();
    let view = pack.view(panel.view);
    let Some(Overlay::Facets { at }) = model.overlays.last() else { return };
    let options: Vec<String> = panel.options_of(view, *at).into_iter().map(str::to_owned).collect();
    let chosen = panel.choices.facets[*at].as_deref().unwrap_or(view.facets[*at].default_choice());
    let here = options.iter().position(|option| option == chosen).unwrap_or(0);
    let count = options.len();
    let Some(Overlay::Facets { at }) = model.overlays.last_mut() else { return };
    match (key.code, command) {
        (KeyCode::Enter, _) if view.facets[*at].query.is_some() => {
            let facet = *at;
            open::choices(model, facet);
        }
        (KeyCode::Esc | KeyCode::Enter, _) | (_, Some(Command::Facets)) => {
            model.overlays.pop();
        }
        (_, Some(Command::Down)) => *at = (*at + 1).min(view.facets.len() - 1),
        (_, Some(Command::Up)) => *at = at.saturating_sub(1),
        (_, Some(Command::ColumnRight | Command::Mark)) => {
            let facet = *at;
            narrow::choose(model, facet, options[(here + 1) % count].clone());
        }
        (_, Some(Command::ColumnLeft)) => {
            let facet = *at;
            narrow::choose(model, facet, options[(here + count - 1) % count].clone());
        }
        _ => {}
    }
}
