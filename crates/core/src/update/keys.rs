use opsdash_pack::{
    command::Command,
    keymap::{Key, KeyCode, KeySequence},
};

use super::{action, jump, overlay, run};
use crate::{available, effect::Effect, model::Model};

/// A key goes to the topmost overlay, else to the chord that has begun, else to the key table.
pub(super) fn press(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    model.last_key = model.clock.mono;
    // A slow link delivers Esc and the next key together, which reads as Alt and that key. No text field has a use for
    // Alt.
    let is_bound = model.input().is_none() && model.keymap.command(KeySequence { first: key, second: None }).is_some();
    if key.alt && !is_bound {
        press(model, KeyCode::Esc.into(), effects);
        press(model, Key { alt: false, ..key }, effects);
        return;
    }
    if let Some(command) = of_terminal(model, key) {
        model.chord = None;
        run::run(model, command, effects);
        return;
    }
    if !model.overlays.is_empty() {
        overlay::press(model, key, effects);
        return;
    }
    if let Some(first) = model.chord.take() {
        second(model, first, key, effects);
    } else if model.keymap.is_prefix(key) {
        model.chord = Some(key);
    } else if let Some(command) = model.keymap.command(KeySequence { first: key, second: None }) {
        run::run(model, command, effects);
    } else if let Key { code: KeyCode::Char(letter), ctrl: false, alt: false } = key
        && let Some(at) = available::action_of_letter(model, letter)
    {
        action::want(model, at, effects);
    }
}

/// What a key does to the terminal, whatever lies over the screen. A text field takes the keys that write something.
pub(super) fn of_terminal(model: &Model, key: Key) -> Option<Command> {
    let command = model.keymap.command(KeySequence { first: key, second: None })?;
    let is_free = key.ctrl || model.overlays.is_empty();
    matches!(command, Command::Redraw | Command::Suspend).then_some(command).filter(|_| is_free)
}

fn second(model: &mut Model, first: Key, key: Key, effects: &mut Vec<Effect>) {
    let keys = KeySequence { first, second: Some(key) };
    if let Some(command) = model.keymap.command(keys) {
        run::run(model, command, effects);
    } else if let Some(link) = run::link_of(model, first, key) {
        jump::follow_link(model, link);
    } else if key != KeyCode::Esc.into() {
        let help = model.keymap.key_of(Command::Help);
        model.notify_error(format!("{keys} leads nowhere here; {help} lists the keys"));
    }
}
