//! Actions: from a key to a confirmation, and from there to a write.

use std::collections::BTreeMap;

use opsdash_pack::{
    command::Command,
    pack::{Action, Prompt, PromptKind, ViewId},
};

use super::outcome::{self, sentences, tell};
use crate::{
    action::{
        ActionRequest, Confirmation, Outcome, Refusal, TextRow, WriteKind, WritePlan, check_ask, check_rows,
        check_verified, confirmation, prepare,
    },
    contract::{FailureKind, Ticket},
    effect::Effect,
    model::{
        ActionKind, Dialog, Field, FieldKind, Focus, Guard, Input, Load, Model, Overlay, Selection, TargetId,
        TargetState, UNDO_MS, WriteInFlight,
    },
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
    if chosen.rows.len() > 1 && !action.many {
        return Some(format!("{} takes one row at a time; Esc unmarks", action.title));
    }
    if let Err(refused) =
        check_verified(target.pack.view(chosen.view), action, &chosen.rows, panel.list_snapshot(), &[])
    {
        return refused.first().map(|refusal| format!("{} is off: {}", action.title, refusal.why));
    }
    let denied = target.denied.get(&(chosen.view, at));
    denied.map(|why| format!("{} is not allowed: {why}", action.title))
}

/// What forbids any write on a target.
pub(super) fn why_not_write(model: &Model, target: &TargetState) -> Option<String> {
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
fn undoes(model: &Model) -> TargetId {
    if model.panel().is_some() {
        return model.at;
    }
    let acted = model.watched().filter_map(|(id, target)| Some((target.last_action.as_ref()?.at, id)));
    acted.max_by_key(|(at, _)| *at).map_or(model.at, |(_, id)| id)
}

/// Why the last action cannot be taken back; `None` when it can.
pub(super) fn why_not_undo(model: &Model) -> Option<String> {
    let target = &model.targets[undoes(model).0];
    let Some(last) = &target.last_action else {
        return Some(format!("nothing was done on {} in this session that can be taken back", target.name));
    };
    let action = &target.pack.view(last.order.view).actions[last.order.action];
    if action.undo.is_none() {
        return Some(format!("{} cannot be taken back", action.title));
    }
    if model.clock.mono.since(last.at) > UNDO_MS {
        return Some(format!("{} is more than 15 minutes old: it can no longer be taken back", action.title));
    }
    why_not_write(model, target)
}

/// Wants an action on the chosen rows: they are looked at first.
pub(super) fn want(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    match model.selection() {
        Ok(chosen) => want_on(model, chosen, at, effects),
        Err(why) => model.notify_error(why),
    }
}

/// Wants an action on these rows.
pub(super) fn want_on(model: &mut Model, chosen: Selection, at: usize, effects: &mut Vec<Effect>) {
    if let Some(why) = why_not_act(model, &chosen, at) {
        return model.notify_error(why);
    }
    let ticket = model.ticket();
    let Selection { target, view, rows } = chosen;
    let order = ActionRequest { view, action: at, rows };
    model.notice = None;
    model.overlays.push(Overlay::PreviewPending { ticket, target, order: order.clone() });
    effects.push(Effect::Preview { target, ticket, order: Box::new(order) });
}

/// The place of the action of the chosen rows' view that a letter gives.
pub(super) fn of_letter(model: &Model, letter: char) -> Option<usize> {
    let (target, view) = subject(model)?;
    model.targets[target.0].pack.view(view).actions.iter().position(|action| action.press == letter)
}

/// The view whose actions keys give: that of the tab, or of the chosen line of the overview.
#[must_use]
pub fn subject(model: &Model) -> Option<(TargetId, ViewId)> {
    match model.panel() {
        Some(panel) => Some((model.at, panel.view)),
        None => model.selection().ok().map(|chosen| (chosen.target, chosen.view)),
    }
}

/// What the look found, if somebody still waits for it.
pub(super) fn previewed(
    model: &mut Model,
    ticket: Ticket,
    result: Result<Vec<TextRow>, Outcome>,
    effects: &mut Vec<Effect>,
) {
    let is_awaited =
        |overlay: &Overlay| matches!(overlay, Overlay::PreviewPending { ticket: awaited, .. } if *awaited == ticket);
    let Some(at) = model.overlays.iter().position(is_awaited) else { return };
    let Overlay::PreviewPending { target, order, .. } = model.overlays.remove(at) else { return };
    let action = action_of(model, target, &order).clone();
    let records = match result {
        Ok(records) => records,
        Err(outcome) => {
            if let Outcome::Failed(failure) = &outcome
                && failure.kind == FailureKind::Privilege
            {
                model.targets[target.0].denied.insert((order.view, order.action), failure.message.clone());
            }
            return tell(model, target, &action, "refused", outcome::after(&outcome, false));
        }
    };
    let checked = check_rows(&action, &order.rows)
        .and_then(|()| still_verified(model, target, &order, &records))
        .and_then(|()| prepare(&action, &order.rows, records, BTreeMap::new()));
    match checked {
        Ok(prepared) => open(model, target, order, WriteKind::Do(prepared), Vec::new()),
        Err(refused) => {
            let mut text = vec!["Nothing is written.".to_owned()];
            text.extend(sentences(&refused));
            effects.push(Effect::Record { target, order: Box::new(order), refused });
            tell(model, target, &action, "refused", text);
        }
    }
}

/// Wants the last action to be taken back.
pub(super) fn want_undo(model: &mut Model) {
    let target = undoes(model);
    if let Some(last) = model.targets[target.0].last_action.clone() {
        open(model, target, last.order, WriteKind::Undo(last.written), last.seen);
    }
}

fn open(model: &mut Model, target: TargetId, order: ActionRequest, write: WriteKind, seen: Vec<TextRow>) {
    let action = action_of(model, target, &order);
    let (confirmation, mut fields) = match &write {
        WriteKind::Do(prepared) => (confirmation(action, prepared), action.prompts.iter().map(field).collect()),
        WriteKind::Undo(_) => (Confirmation::Yes, Vec::new()),
    };
    if let Confirmation::Type { what, .. } = &confirmation {
        let prompt = format!("Type {} to confirm", what.replace('_', " "));
        fields.push(Field { ask: None, prompt, kind: FieldKind::Line, input: Input::default() });
    }
    model.notice = None;
    let focus = if fields.is_empty() { Focus::Cancel } else { Focus::Field(0) };
    let now = model.clock.mono;
    model.overlays.push(Overlay::Act(Box::new(Dialog {
        target,
        order,
        write,
        seen,
        confirmation,
        fields,
        focus,
        opened: now,
        touched: now,
        problem: String::new(),
        scroll: 0,
    })));
}

fn field(ask: &Prompt) -> Field {
    let kind = match &ask.kind {
        PromptKind::Text | PromptKind::Date { .. } => FieldKind::Line,
        PromptKind::Multiline => FieldKind::Lines,
        PromptKind::Choice(choices) => FieldKind::Choice(choices.clone()),
    };
    let hint = match (&ask.kind, ask.optional) {
        (PromptKind::Date { .. }, _) => " (such as 2030-01-31, or 2030-01-31 18:00)",
        (_, true) => " (may be empty)",
        _ => "",
    };
    Field { ask: Some(ask.name.clone()), prompt: format!("{}{hint}", ask.prompt), kind, input: Input::default() }
}

/// Whether the files of the rows are judged now as the action wants them, and are those that were judged.
fn still_verified(
    model: &Model,
    target: TargetId,
    order: &ActionRequest,
    seen: &[TextRow],
) -> Result<(), Vec<Refusal>> {
    let target = &model.targets[target.0];
    let view = target.pack.view(order.view);
    check_verified(view, &view.actions[order.action], &order.rows, target.panel(order.view).list_snapshot(), seen)
}

/// Carries the topmost dialog out, or says in it why not.
pub(super) fn confirm(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Act(dialog)) = model.overlays.last() else { return };
    let target = &model.targets[dialog.target.0];
    // What forbids writing may have come since it opened.
    let seen = match &dialog.write {
        WriteKind::Do(prepared) => still_verified(model, dialog.target, &dialog.order, &prepared.seen),
        WriteKind::Undo(_) => Ok(()),
    };
    let checked = match (why_not_write(model, target), seen) {
        (Some(why), _) => Err((why, None)),
        (None, Err(refused)) => Err((sentences(&refused).join("; "), None)),
        (None, Ok(())) => check(model, dialog),
    };
    match checked {
        Ok(write) => {
            let Some(Overlay::Act(dialog)) = model.overlays.pop() else { return };
            start(model, dialog.target, dialog.order, write, effects);
        }
        Err((why, field)) => {
            let Some(Overlay::Act(dialog)) = model.overlays.last_mut() else { return };
            dialog.problem = why;
            if let Some(at) = field {
                dialog.focus = Focus::Field(at);
            }
        }
    }
}

/// What is written, or what is wrong and in which field.
fn check(model: &Model, dialog: &Dialog) -> Result<WriteKind, (String, Option<usize>)> {
    let target = &model.targets[dialog.target.0];
    let action = &target.pack.view(dialog.order.view).actions[dialog.order.action];
    if let Confirmation::Type { what, value } = &dialog.confirmation {
        let at = dialog.fields.iter().position(|field| field.ask.is_none());
        let typed = at.map_or("", |at| dialog.fields[at].input.text.trim());
        if typed != value {
            let what = what.replace('_', " ");
            let why = if typed.is_empty() { format!("type {what}") } else { format!("this is not {what}") };
            return Err((why, at));
        }
    }
    let WriteKind::Do(prepared) = &dialog.write else { return Ok(dialog.write.clone()) };
    let source = target.pack.view(dialog.order.view).source;
    let zone = &target.source(source).zone;
    let mut asked = BTreeMap::new();
    for (at, field) in dialog.fields.iter().enumerate() {
        let Some(name) = &field.ask else { continue };
        let Some(ask) = action.prompts.iter().find(|ask| ask.name == *name) else { continue };
        match check_ask(ask, &field.input.text, model.clock.utc, zone) {
            Ok(value) => asked.extend(value.map(|value| (name.clone(), value))),
            Err(why) => return Err((format!("{}: {why}", ask.prompt), Some(at))),
        }
    }
    Ok(WriteKind::Do(WritePlan { seen: prepared.seen.clone(), asked }))
}

fn start(model: &mut Model, target: TargetId, order: ActionRequest, write: WriteKind, effects: &mut Vec<Effect>) {
    let ticket = model.ticket();
    let (task, seen) = match &write {
        WriteKind::Do(prepared) => (ActionKind::Do, prepared.seen.clone()),
        WriteKind::Undo(_) => (ActionKind::Undo, Vec::new()),
    };
    let rows = write.rows();
    model.notice = None;
    model.writing =
        Some(WriteInFlight { ticket, target, order: order.clone(), task, rows, seen, done: 0, leaves: false });
    effects.push(Effect::Execute { target, ticket, order: Box::new(order), write: Box::new(write) });
}

pub(super) fn action_of<'m>(model: &'m Model, target: TargetId, order: &ActionRequest) -> &'m Action {
    &model.targets[target.0].pack.view(order.view).actions[order.action]
}
