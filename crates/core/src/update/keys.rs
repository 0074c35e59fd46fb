use opsdash_pack::{
    command::Command,
    keymap::{Key, KeyCode, KeySequence},
};

use super::{action, jump, outcome, overlay, run};
use crate::{available, effect::Effect, model::Model};

/// A letter so many ms after the key that leaves makes it the beginning of a word.
const LEAVE_MS: u64 = 150;
/// A word that is typed ends with a pause of so many ms.
const WORD_PAUSE_MS: u64 = 600;

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
    if is_of_word(model, key, effects) {
        return;
    }
    if let Some(first) = model.chord.take() {
        second(model, first, key, effects);
    } else if model.keymap.is_prefix(key) {
        model.chord = Some(key);
    } else if leaves(model, key) && is_letter(key) && model.writing.is_none() {
        model.leaving = Some(model.clock.mono.plus(LEAVE_MS));
    } else if let Some(command) = model.keymap.command(KeySequence { first: key, second: None }) {
        run::run(model, command, effects);
    } else if let Key { code: KeyCode::Char(letter), ctrl: false, alt: false } = key
        && let Some(at) = available::action_of_letter(model, letter)
    {
        action::want(model, at, effects);
    }
}

/// Whether a key belongs to a word that somebody types where no text is taken: the letter that leaves with another right
/// behind it, and all that follow without a pause. Nothing is done then.
fn is_of_word(model: &mut Model, key: Key, effects: &mut Vec<Effect>) -> bool {
    let now = model.clock.mono;
    if model.leaving.take().is_some() {
        if !is_letter(key) || leaves(model, key) {
            outcome::quit(model, effects);
            return true;
        }
        let [filter, find] = [Command::Filter, Command::Palette].map(|command| model.keymap.key_of(command));
        model.notify_error(format!("a word was typed, and nothing done: {filter} filters, {find} finds anything"));
        model.typed_at = Some(now);
        return true;
    }
    let goes_on = is_letter(key) && model.typed_at.is_some_and(|at| now.since(at) < WORD_PAUSE_MS);
    model.typed_at = goes_on.then_some(now);
    goes_on
}

/// Leaves, once it is clear that the key did not begin a word.
pub(super) fn leave_when_due(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.leaving.is_some_and(|due| model.clock.mono >= due) {
        model.leaving = None;
        outcome::quit(model, effects);
    }
}

fn is_letter(key: Key) -> bool {
    matches!(key, Key { code: KeyCode::Char(_), ctrl: false, alt: false })
}

fn leaves(model: &Model, key: Key) -> bool {
    model.keymap.command(KeySequence { first: key, second: None }) == Some(Command::Quit)
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
