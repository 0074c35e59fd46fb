//! The only writer of the model: a message in, the model changed, effects out.

mod across;
mod action;
mod clock;
mod detail;
mod dialog;
mod growth;
mod history;
mod join;
mod jump;
mod keys;
mod load;
mod members;
mod movement;
mod narrow;
mod narrowed;
mod navigate;
mod open;
mod order;
mod outcome;
mod overlay;
mod packs;
mod palette;
mod picker;
mod run;
mod runbook;
mod schedule;
mod scope;
mod scope_list;
mod snooze;
mod take;
mod transfer;
mod unlock;

pub use load::rows_of;
pub use schedule::{is_settled, next_wake};

use std::ops::Deref;

use opsdash_pack::{
    keymap::{Key, KeyCode},
    pack::ViewId,
};

use crate::{
    effect::{Effect, RunId},
    model::{Choices, Demand, Model, Overlay, Start},
    msg::Msg,
    scope::{ScopeChoice, ScopeList},
};

/// The model of the running program: everybody may read it, and only messages change it.
#[derive(Debug, Clone)]
pub struct LiveModel(Model);

impl Deref for LiveModel {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.0
    }
}

impl LiveModel {
    /// A model that has asked nothing yet.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let mut model = Model::new(start);
        model.targets.iter_mut().for_each(scope::mark);
        Self(model)
    }

    /// Asks what is demanded. The effects are for the program to perform.
    pub fn begin(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Demand::Once { view, choices } = self.0.demand.clone() {
            jump::open(&mut self.0, view, choices);
        }
        schedule::ask_what_is_due(&mut self.0, &mut effects);
        effects
    }

    /// Takes one message in. The effects are for the program to perform.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.0, msg)
    }

    /// Opens a view narrowed to the given choices, as the command line asks for.
    pub fn open_view(&mut self, view: ViewId, choices: Choices) -> Vec<Effect> {
        let mut effects = Vec::new();
        jump::open(&mut self.0, view, choices);
        schedule::ask_what_is_due(&mut self.0, &mut effects);
        effects
    }

    /// Sees the rows of a scope of this list, as a script does that goes through all of them.
    pub fn see_scope(&mut self, list: ScopeList, choice: ScopeChoice) -> Vec<Effect> {
        let mut effects = Vec::new();
        let at = self.0.at;
        if let Some(state) = &mut self.0.targets[at.0].scope {
            state.list = Some(list);
        }
        scope::choose(&mut self.0, at, choice, &mut effects);
        schedule::ask_what_is_due(&mut self.0, &mut effects);
        effects
    }

    /// What is known in the end; no message changes it any more.
    #[must_use]
    pub fn into_model(self) -> Model {
        self.0
    }
}

fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(msg, Msg::Key(_) | Msg::Edited { .. }) {
        navigate::note_what_is_seen(model);
    }
    match msg {
        Msg::Tick(read) => clock::tick(model, read),
        Msg::Key(key) => keys::press(model, key, &mut effects),
        Msg::Edited { text, cursor } => overlay::edited(model, text, cursor),
        Msg::Resize(columns, rows) => navigate::resize(model, columns, rows),
        Msg::Resumed => run::hurry(model),
        Msg::Terminate => effects.push(Effect::Quit),
        Msg::Loaded { target, to, ticket, result } => load::loaded(model, target, to, ticket, result, &mut effects),
        Msg::Link { target, source, link } => load::linked(model, target, source, &link),
        Msg::Scopes { target, ticket, result } => scope::listed(model, target, ticket, result, &mut effects),
        Msg::Previewed { ticket, result } => action::previewed(model, ticket, result, &mut effects),
        Msg::Progress { ticket, done } => outcome::progressed(model, ticket, done),
        Msg::Written { ticket, report } => {
            outcome::written(model, ticket, *report, &mut effects);
            history::read(model, &mut effects);
        }
        Msg::Moving { ticket, bytes } => transfer::moving(model, ticket, bytes),
        Msg::Verified { ticket, id, checked } => transfer::verified(model, ticket, &id, &checked, &mut effects),
        Msg::Transferred { ticket, result } => transfer::ended(model, ticket, result),
        Msg::PackRead { target, result } => packs::read(model, target, result, &mut effects),
        Msg::Ticks { target, result } => runbook::ticks_came(model, target, result),
        Msg::Unsettled(all) => outcome::unsettled(model, all),
        Msg::Recorded(all) => outcome::recorded(model, &all),
        Msg::History { ticket, result } => history::came(model, ticket, result),
        Msg::Done { run, result } => done(model, run, result),
    }
    keys::leave_when_due(model, &mut effects);
    navigate::refresh_attention(model);
    navigate::settle_what_is_seen(model);
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
    let leaves = key == (Key { code: KeyCode::Char('c'), ctrl: true, alt: false });
    // With Alt it is Esc and the key after it.
    model.input().is_some() && !steers && !key.alt && !leaves && keys::of_terminal(model, key).is_none()
}

fn done(model: &mut Model, run: RunId, result: Result<String, String>) {
    if run == RunId::KeepDays {
        model.keeping_days = model.keeping_days.saturating_sub(1);
    }
    match (run, result) {
        // Kept quietly: nobody asked for it.
        (RunId::Remember | RunId::Record | RunId::KeepDays, Ok(_)) => {}
        (_, Ok(said)) => model.notify(said),
        (_, Err(why)) => model.notify_error(why),
    }
}
