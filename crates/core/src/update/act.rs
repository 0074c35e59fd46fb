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
    let board = &model.boards[chosen.board.0];
    let action = &board.pack.view(chosen.view).actions[at];
    let panel = board.panel(chosen.view);
    let now = model.clock.mono;
    if let Some(why) = why_not_write(model, board) {
        return Some(why);
    }
    if let Load::Failed { failure, .. } = &panel.load {
        return Some(format!("these rows are old ({}): act when the source answers again", failure.kind.word()));
    }
    let is_old = panel.shown().is_none_or(|snapshot| now.since(snapshot.at) > OLD_MS);
    if model.paused.is_some() && is_old {
        return Some("these rows are old: the refresh is paused".into());
    }
    if chosen.rows.len() > 1 && !action.many {
        return Some(format!("{} takes one row at a time; Esc unmarks", action.title));
    }
    if let Err(refused) = check_verified(board.pack.view(chosen.view), action, &chosen.rows, panel.shown(), &[]) {
        return refused.first().map(|refusal| format!("{} is off: {}", action.title, refusal.why));
    }
    let denied = board.denied.get(&(chosen.view, at));
    denied.map(|why| format!("{} is not allowed: {why}", action.title))
}

/// What forbids any write on a board.
pub(super) fn why_not_write(model: &Model, board: &TargetState) -> Option<String> {
    if model.read_only || board.guard == Guard::ReadOnly {
        return Some(format!("{} is read-only here", board.target));
    }
    if board.guard == Guard::Protected {
        let key = model.keymap.keys_of(Command::Arm).into_iter().next().unwrap_or_default();
        return Some(format!("{} is protected: {key} and its name let it be written to", board.target));
    }
    model.writing.as_ref().map(|_| "the last action is still being written".into())
}

/// Whose last action is meant: that of the target on screen; on the overview of several the newest of all.
fn undoes(model: &Model) -> TargetId {
    if model.panel().is_some() {
        return model.at;
    }
    let acted = model.watched().filter_map(|(id, board)| Some((board.last_action.as_ref()?.at, id)));
    acted.max_by_key(|(at, _)| *at).map_or(model.at, |(_, id)| id)
}

/// Why the last action cannot be taken back; `None` when it can.
pub(super) fn why_not_undo(model: &Model) -> Option<String> {
    let board = &model.boards[undoes(model).0];
    let Some(last) = &board.last_action else {
        return Some(format!("nothing was done on {} in this session that can be taken back", board.target));
    };
    let action = &board.pack.view(last.order.view).actions[last.order.action];
    if action.undo.is_none() {
        return Some(format!("{} cannot be taken back", action.title));
    }
    if model.clock.mono.since(last.at) > UNDO_MS {
        return Some(format!("{} is more than 15 minutes old: it can no longer be taken back", action.title));
    }
    why_not_write(model, board)
}

/// Wants an action on the chosen rows: they are looked at first.
pub(super) fn want(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    match model.chosen() {
        Ok(chosen) => want_on(model, chosen, at, effects),
        Err(why) => model.complain(why),
    }
}

/// Wants an action on these rows.
pub(super) fn want_on(model: &mut Model, chosen: Selection, at: usize, effects: &mut Vec<Effect>) {
    if let Some(why) = why_not_act(model, &chosen, at) {
        return model.complain(why);
    }
    let ticket = model.ticket();
    let Selection { board, view, rows } = chosen;
    let order = ActionRequest { view, action: at, rows };
    model.notice = None;
    model.overlays.push(Overlay::Looking { ticket, board, order: order.clone() });
    effects.push(Effect::Look { board, ticket, order: Box::new(order) });
}

/// The place of the action of the chosen rows' view that a letter gives.
pub(super) fn of_letter(model: &Model, letter: char) -> Option<usize> {
    let (board, view) = subject(model)?;
    model.boards[board.0].pack.view(view).actions.iter().position(|action| action.press == letter)
}

/// The view whose actions keys give: that of the tab, or of the chosen line of the overview.
#[must_use]
pub fn subject(model: &Model) -> Option<(TargetId, ViewId)> {
    match model.panel() {
        Some(panel) => Some((model.at, panel.view)),
        None => model.chosen().ok().map(|chosen| (chosen.board, chosen.view)),
    }
}

/// What the look found, if somebody still waits for it.
pub(super) fn looked(
    model: &mut Model,
    ticket: Ticket,
    result: Result<Vec<TextRow>, Outcome>,
    effects: &mut Vec<Effect>,
) {
    let is_awaited =
        |overlay: &Overlay| matches!(overlay, Overlay::Looking { ticket: awaited, .. } if *awaited == ticket);
    let Some(at) = model.overlays.iter().position(is_awaited) else { return };
    let Overlay::Looking { board, order, .. } = model.overlays.remove(at) else { return };
    let action = action_of(model, board, &order).clone();
    let records = match result {
        Ok(records) => records,
        Err(outcome) => {
            if let Outcome::Failed(failure) = &outcome
                && failure.kind == FailureKind::Privilege
            {
                model.boards[board.0].denied.insert((order.view, order.action), failure.message.clone());
            }
            return tell(model, board, &action, "refused", outcome::after(&outcome, false));
        }
    };
    let checked = check_rows(&action, &order.rows)
        .and_then(|()| still_verified(model, board, &order, &records))
        .and_then(|()| prepare(&action, &order.rows, records, BTreeMap::new()));
    match checked {
        Ok(prepared) => open(model, board, order, WriteKind::Do(prepared), Vec::new()),
        Err(refused) => {
            let mut text = vec!["Nothing is written.".to_owned()];
            text.extend(sentences(&refused));
            effects.push(Effect::Record { board, order: Box::new(order), refused });
            tell(model, board, &action, "refused", text);
        }
    }
}

/// Wants the last action to be taken back.
pub(super) fn want_undo(model: &mut Model) {
    let board = undoes(model);
    if let Some(last) = model.boards[board.0].last_action.clone() {
        open(model, board, last.order, WriteKind::Undo(last.written), last.seen);
    }
}

fn open(model: &mut Model, board: TargetId, order: ActionRequest, write: WriteKind, seen: Vec<TextRow>) {
    let action = action_of(model, board, &order);
    let (confirmation, mut fields) = match &write {
        WriteKind::Do(prepared) => (confirmation(action, prepared), action.asks.iter().map(field).collect()),
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
        board,
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
fn still_verified(model: &Model, board: TargetId, order: &ActionRequest, seen: &[TextRow]) -> Result<(), Vec<Refusal>> {
    let board = &model.boards[board.0];
    let view = board.pack.view(order.view);
    check_verified(view, &view.actions[order.action], &order.rows, board.panel(order.view).shown(), seen)
}

/// Carries the topmost dialog out, or says in it why not.
pub(super) fn confirm(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Act(dialog)) = model.overlays.last() else { return };
    let board = &model.boards[dialog.board.0];
    // What forbids writing may have come since it opened.
    let seen = match &dialog.write {
        WriteKind::Do(prepared) => still_verified(model, dialog.board, &dialog.order, &prepared.seen),
        WriteKind::Undo(_) => Ok(()),
    };
    let checked = match (why_not_write(model, board), seen) {
        (Some(why), _) => Err((why, None)),
        (None, Err(refused)) => Err((sentences(&refused).join("; "), None)),
        (None, Ok(())) => check(model, dialog),
    };
    match checked {
        Ok(write) => {
            let Some(Overlay::Act(dialog)) = model.overlays.pop() else { return };
            start(model, dialog.board, dialog.order, write, effects);
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
    let board = &model.boards[dialog.board.0];
    let action = &board.pack.view(dialog.order.view).actions[dialog.order.action];
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
    let source = board.pack.view(dialog.order.view).source;
    let zone = &board.source(source).zone;
    let mut asked = BTreeMap::new();
    for (at, field) in dialog.fields.iter().enumerate() {
        let Some(name) = &field.ask else { continue };
        let Some(ask) = action.asks.iter().find(|ask| ask.name == *name) else { continue };
        match check_ask(ask, &field.input.text, model.clock.utc, zone) {
            Ok(value) => asked.extend(value.map(|value| (name.clone(), value))),
            Err(why) => return Err((format!("{}: {why}", ask.prompt), Some(at))),
        }
    }
    Ok(WriteKind::Do(WritePlan { seen: prepared.seen.clone(), asked }))
}

fn start(model: &mut Model, board: TargetId, order: ActionRequest, write: WriteKind, effects: &mut Vec<Effect>) {
    let ticket = model.ticket();
    let (task, seen) = match &write {
        WriteKind::Do(prepared) => (ActionKind::Do, prepared.seen.clone()),
        WriteKind::Undo(_) => (ActionKind::Undo, Vec::new()),
    };
    let rows = write.rows();
    model.notice = None;
    model.writing =
        Some(WriteInFlight { ticket, board, order: order.clone(), task, rows, seen, done: 0, leaves: false });
    effects.push(Effect::Execute { board, ticket, order: Box::new(order), write: Box::new(write) });
}

pub(super) fn action_of<'m>(model: &'m Model, board: TargetId, order: &ActionRequest) -> &'m Action {
    &model.boards[board.0].pack.view(order.view).actions[order.action]
}
