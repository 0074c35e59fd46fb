//! The only writer of the model: a message in, the model changed, effects out.

mod action;
mod detail;
mod dialog;
mod join;
mod jump;
mod keys;
mod load;
mod narrow;
mod navigate;
mod open;
mod outcome;
mod overlay;
mod run;
mod schedule;
mod snooze;
mod transfer;
mod unlock;

pub use schedule::{is_settled, next_wake};

use opsdash_pack::{
    keymap::{Key, KeyCode},
    pack::ViewId,
};

use crate::{
    effect::{Effect, RunId},
    model::{Choices, Model, Overlay},
    msg::Msg,
    time::Clock,
};

/// Takes one message in. The effects are for the program to perform.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    match msg {
        Msg::Tick(clock) => tick(model, clock),
        Msg::Key(key) => keys::press(model, key, &mut effects),
        Msg::Edited { text, cursor } => overlay::edited(model, text, cursor),
        Msg::Resize(columns, rows) => navigate::resize(model, columns, rows),
        Msg::Terminate => effects.push(Effect::Quit),
        Msg::Loaded { target, to, ticket, result } => load::loaded(model, target, to, ticket, result, &mut effects),
        Msg::Link { target, source, link } => load::linked(model, target, source, link),
        Msg::Previewed { ticket, result } => action::previewed(model, ticket, result, &mut effects),
        Msg::Progress { ticket, done } => outcome::progressed(model, ticket, done),
        Msg::Written { ticket, report } => outcome::written(model, ticket, *report, &mut effects),
        Msg::Moving { ticket, bytes } => transfer::moving(model, ticket, bytes),
        Msg::Verified { ticket, id, checked } => transfer::verified(model, ticket, &id, &checked, &mut effects),
        Msg::Transferred { ticket, result } => transfer::ended(model, ticket, result),
        Msg::Unsettled(all) => outcome::unsettled(model, all),
        Msg::Done { run, result } => done(model, run, result),
    }
    schedule::ask_what_is_due(model, &mut effects);
    effects
}

fn tick(model: &mut Model, clock: Clock) {
    model.clock = clock;
    unlock::lock_when_idle(model);
    snooze::wake_what_is_due(model);
}

/// Asks for the counts of these views and nothing else, as the overview asks for them; for the shell.
pub fn count_views(model: &mut Model, views: impl IntoIterator<Item = ViewId>) -> Vec<Effect> {
    let mut effects = Vec::new();
    model.headless = true;
    model.counted = views.into_iter().collect();
    schedule::ask_what_is_due(model, &mut effects);
    effects
}

/// Opens a view narrowed to the given choices, as a link, an argument or the shell asks for.
pub fn open_view(model: &mut Model, view: ViewId, choices: Choices) -> Vec<Effect> {
    let mut effects = Vec::new();
    jump::open(model, view, choices);
    schedule::ask_what_is_due(model, &mut effects);
    effects
}

/// Whether a key belongs to the text field that is open, if one is: everything but the keys that end or steer it.
#[must_use]
pub fn edits(model: &Model, key: Key) -> bool {
    let steers = matches!(
        key.code,
        KeyCode::Enter
            | KeyCode::Esc
            | KeyCode::Up
            | KeyCode::Down
            | KeyCode::Tab
            | KeyCode::BackTab
            | KeyCode::PageUp
            | KeyCode::PageDown
    );
    let has_lines = model.overlays.last().is_some_and(Overlay::has_lines);
    let steers = steers && !(has_lines && matches!(key.code, KeyCode::Enter | KeyCode::Up | KeyCode::Down));
    // With Alt it is Esc and the key after it.
    model.input().is_some() && !steers && !key.alt && key != (Key { code: KeyCode::Char('c'), ctrl: true, alt: false })
}

fn done(model: &mut Model, run: RunId, result: Result<String, String>) {
    match (run, result) {
        // Kept quietly: nobody asked for it.
        (RunId::Remember | RunId::Record, Ok(_)) => {}
        (_, Ok(said)) => model.notify(said),
        (_, Err(why)) => model.notify_error(why),
    }
}
