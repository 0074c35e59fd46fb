//! The key of what a reason says to do.

use opsdash_pack::{
    command::Command,
    pack::{Remedy, RemedyBy, View},
};

use crate::model::Model;

/// The key that does it on a row of the view; `None` where it is only said. Keys of links and actions are those of the view
/// whose reason it is, and not of one that is joined to it: `is_own` says so.
#[must_use]
pub fn key(model: &Model, view: &View, remedy: &Remedy, is_own: bool) -> Option<String> {
    match remedy.by? {
        RemedyBy::Link(at) if is_own => Some(format!("g {}", view.links[at].press)),
        RemedyBy::Action(at) if is_own => Some(view.actions[at].press.to_string()),
        RemedyBy::Link(_) | RemedyBy::Action(_) => None,
        RemedyBy::Runbook(_) => Some(model.keymap.key_of(Command::Runbook)),
    }
}
