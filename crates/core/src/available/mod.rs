//! What can be done here, and why not: questions to the model, for the footer, the help, the palette and `update`.

mod action;
mod files;

use opsdash_pack::command::Command;

pub(crate) use self::action::{action_of_letter, last_action_of, undo_of, undo_target, why_not_write};
pub use self::action::{action_view, why_not_act};
pub(crate) use self::files::{files_of, selected_files, unread_files};
use crate::{
    model::{Guard, Model, TargetId, TransferPurpose},
    selection::selection,
};

/// Why a command is of no use here; `None` when it is. The footer leaves such commands out.
#[must_use]
pub fn why_not(model: &Model, command: Command) -> Option<String> {
    let panel = model.panel();
    let no = |reason: &str| Some(reason.to_owned());
    match command {
        Command::Export | Command::Mark | Command::InvertMarks | Command::CopyCell | Command::CopyRow
            if panel.is_none() =>
        {
            let [tab, open] = [Command::NextTab, Command::Open].map(|command| model.keymap.key_of(command));
            Some(format!("open a view first: {tab}, or {open} on a row"))
        }
        Command::Open if panel.is_some_and(|panel| panel.detail.is_none() && panel.current().is_none()) => {
            no("there is no row here")
        }
        Command::Mark | Command::InvertMarks | Command::CopyCell | Command::CopyRow | Command::Export
            if panel.is_some_and(|panel| panel.current().is_none()) =>
        {
            no("there is no row here")
        }
        Command::Facets if panel.is_some_and(|panel| panel.choices.facets.is_empty()) => no("this view has no facets"),
        Command::Open if is_detail_focused(model) => {
            Some(format!("it is open; {} closes it", model.keymap.key_of(Command::Back)))
        }
        Command::Window if !has_charts(model) => no("no chart is open"),
        Command::Runbook if model.targets[unlock_target(model).0].pack.runbook.is_empty() => {
            no("this system has no runbook")
        }
        Command::Undo => action::why_not_undo(model),
        Command::Snooze => why_not_snooze(model),
        Command::Verify => files::why_not_read(model, TransferPurpose::Verify),
        Command::VerifyAll => files::why_not_read_all(model),
        Command::Fetch => files::why_not_read(model, TransferPurpose::Fetch),
        Command::Unlock => why_not_unlock(model),
        Command::Targets if model.targets.len() < 2 => no("the config has one target only"),
        Command::Scope if model.target().scope.is_none() => no("this system has no scope to choose"),
        Command::Tab(at) if model.target().tab(usize::from(at)).is_none() => no("there is no such tab"),
        _ => None,
    }
}

/// Why nothing can be snoozed or shown again; `None` when something can.
fn why_not_snooze(model: &Model) -> Option<String> {
    let hides = model.panel().is_some_and(|panel| panel.snoozed_rows() > 0);
    if hides { None } else { selection(model).err() }
}

/// Which target is meant: the one on screen; on the overview that of the chosen line.
pub(crate) fn unlock_target(model: &Model) -> TargetId {
    action_view(model).map_or(model.at, |(target, _)| target)
}

/// Why a target's lock cannot be changed; `None` when it can.
fn why_not_unlock(model: &Model) -> Option<String> {
    let target = &model.targets[unlock_target(model).0];
    if model.read_only || target.guard == Guard::ReadOnly {
        return Some(format!("{} is read-only here, and stays so", target.name));
    }
    (target.guard == Guard::Open).then(|| format!("{} is not protected", target.name))
}

/// Whether the keys move the detail.
pub(crate) fn is_detail_focused(model: &Model) -> bool {
    model.panel().and_then(|panel| panel.detail.as_ref()).is_some_and(|detail| detail.focused)
}

/// Whether charts are on screen.
fn has_charts(model: &Model) -> bool {
    model.panel().and_then(|panel| panel.detail.as_ref()).is_some_and(|detail| !detail.charts.is_empty())
}
