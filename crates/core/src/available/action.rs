//! Which action of a view can be done, undone, and on which target.

use opsdash_pack::{command::Command, pack::ViewId};

use crate::{
    action::{ActionRequest, check_verified},
    contract::Part,
    history::{HistoryEntry, RecordedWrite},
    model::{Guard, LastAction, Load, Model, Selection, TargetId, TargetState},
    selection::selection,
    time::Clock,
};

/// Rows that a pause has kept for longer than this are not acted on, in ms.
const OLD_MS: u64 = 60_000;

/// Why an action of these rows' view cannot be wanted; `None` when it can.
#[must_use]
pub fn why_not_act(model: &Model, chosen: &Selection, at: usize) -> Option<String> {
    let target = &model.targets[chosen.target.0];
    let action = &target.pack.view(chosen.view).actions[at];
    let panel = target.panel(chosen.view);
    let now = model.clock.mono;
    if let Some(why) = why_not_write(model, target) {
        return Some(why);
    }
    if let Load::Failed { failure, .. } = &panel.load {
        return Some(format!("these rows are old ({}): act when the source answers again", failure.kind.word()));
    }
    let is_old = panel.list_snapshot().is_none_or(|snapshot| now.since(snapshot.at) > OLD_MS);
    if model.paused.is_some() && is_old {
        return Some("these rows are old: the refresh is paused".into());
    }
    if chosen.rows.len() > 1 && !action.many && action.set.is_none() {
        let back = model.keymap.key_of(Command::Back);
        return Some(format!("{} takes one row at a time; {back} unmarks", action.title));
    }
    if let Err(refused) = check_verified(
        target.pack.view(chosen.view),
        action,
        &chosen.rows,
        panel.list_snapshot().map(|snapshot| snapshot.rows.as_slice()),
        &[],
    ) {
        return refused.first().map(|refusal| format!("{} is off: {}", action.title, refusal.why));
    }
    if action.verified && panel.failed.contains_key(&Part::Store) {
        return Some(format!("{} is off: the file store does not answer, and what it said is old", action.title));
    }
    let denied = target.denied.get(&(chosen.view, at));
    denied.map(|why| format!("{} is not allowed: {why}", action.title))
}

/// What forbids any write on a target.
pub(crate) fn why_not_write(model: &Model, target: &TargetState) -> Option<String> {
    if model.read_only || target.guard == Guard::ReadOnly {
        return Some(format!("{} is read-only here", target.name));
    }
    if target.guard == Guard::Protected {
        let key = model.keymap.keys_of(Command::Unlock).into_iter().next().unwrap_or_default();
        return Some(format!("{} is protected: {key} and its name let it be written to", target.name));
    }
    model.writing.as_ref().map(|_| "the last action is still being written".into())
}

/// Whose last action is meant: that of the target on screen; on the overview of several the newest of all.
pub(crate) fn undo_target(model: &Model) -> TargetId {
    if model.panel().is_some() {
        return model.at;
    }
    let acted = model.watched().filter_map(|(id, target)| Some((target.last_action.as_ref()?.until, id)));
    acted.max_by_key(|(until, _)| *until).map_or(model.at, |(_, id)| id)
}

/// Why the last action cannot be taken back; `None` when it can.
pub(crate) fn why_not_undo(model: &Model) -> Option<String> {
    let target = &model.targets[undo_target(model).0];
    let Some(last) = &target.last_action else {
        return Some(format!("nothing was done on {} that can be taken back", target.name));
    };
    let action = &target.pack.view(last.request.view).actions[last.request.action];
    if action.undo.is_none() {
        return Some(format!("{} cannot be taken back", action.title));
    }
    if model.clock.mono > last.until {
        return Some(format!("{} is more than 15 minutes old: it can no longer be taken back", action.title));
    }
    why_not_write(model, target)
}

/// What takes back what the record says was done, as the target's pack has it now; `None` where it does not know the action
/// any more.
pub(crate) fn last_action_of(target: &TargetState, write: &RecordedWrite, clock: Clock) -> Option<LastAction> {
    let view = target.pack.find(&write.view).filter(|_| write.system == target.pack.system)?;
    let action = target.pack.view(view).actions.iter().position(|known| known.id == write.action)?;
    let left = u64::try_from(write.until.since_ms(clock.utc)).unwrap_or_default();
    let request = ActionRequest { view, action, rows: write.rows.clone(), scope: write.scope.clone() };
    let (written, seen) = (write.written.clone(), write.seen.clone());
    Some(LastAction { request, written, seen, until: clock.mono.plus(left) })
}

/// What takes an action of the history back, and on which target.
///
/// # Errors
/// Why nothing does, as a sentence.
pub(crate) fn undo_of(model: &Model, entry: &HistoryEntry) -> Result<(TargetId, LastAction), String> {
    let what = entry.what();
    if entry.is_undo {
        return Err(format!("{what} took something back: to do it again, act on its rows"));
    }
    if entry.word != "done" && entry.standing == 0 && entry.taken_back.is_none() {
        return Err(format!("{what} wrote nothing that is known"));
    }
    let write = match (&entry.undo, entry.until, entry.taken_back) {
        (Some(write), Some(until), _) if until > model.clock.utc => write,
        (_, Some(_), _) => {
            return Err(format!("{what} is more than 15 minutes old: it can no longer be taken back"));
        }
        (_, None, Some(_)) => return Err(format!("{what} is taken back already")),
        (_, None, None) => return Err(format!("{what} cannot be taken back")),
    };
    let at = model.targets.iter().position(|target| target.name == entry.target);
    let found = at.and_then(|at| Some((TargetId(at), last_action_of(&model.targets[at], write, model.clock)?)));
    let (target, last) = found.ok_or_else(|| format!("{} knows no {what} any more", entry.target))?;
    why_not_write(model, &model.targets[target.0]).map_or(Ok((target, last)), Err)
}

/// The place of the action of the chosen rows' view that a letter gives.
pub(crate) fn action_of_letter(model: &Model, letter: char) -> Option<usize> {
    let (target, view) = action_view(model)?;
    model.targets[target.0].pack.view(view).actions.iter().position(|action| action.press == letter)
}

/// The view whose actions keys give: that of the tab, or of the chosen line of the overview.
#[must_use]
pub fn action_view(model: &Model) -> Option<(TargetId, ViewId)> {
    match model.panel() {
        Some(panel) => Some((model.at, panel.view)),
        None => selection(model).ok().map(|chosen| (chosen.target, chosen.view)),
    }
}
