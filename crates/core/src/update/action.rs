//! Actions: from a key to a confirmation, and from there to a write.

use std::collections::BTreeMap;

use opsdash_pack::pack::{Prompt, PromptKind};

use super::outcome::{self, sentences, show_outcome};
use crate::{
    action::{
        ActionRequest, Confirmation, Outcome, Refusal, TextRow, WriteKind, WritePlan, check_ask, check_rows,
        check_verified, confirmation, is_typed, prepare, with_choices,
    },
    available,
    contract::{FailureKind, Ticket},
    effect::Effect,
    format,
    model::{ActionKind, Dialog, Field, FieldKind, Focus, Input, Model, Overlay, Selection, TargetId, WriteInFlight},
    selection::selection,
    time::Zone,
};

/// Wants an action on the chosen rows, or on the set that its query finds: they are looked at first.
pub(super) fn want(model: &mut Model, at: usize, effects: &mut Vec<Effect>) {
    if let Some((target, view)) = available::action_view(model)
        && model.targets[target.0].pack.view(view).actions[at].set.is_some()
    {
        let scope = model.targets[target.0].scope_of(view).cloned();
        return want_on(model, Selection { target, view, rows: Vec::new(), scope }, at, effects);
    }
    match selection(model) {
        Ok(chosen) => want_on(model, chosen, at, effects),
        Err(why) => model.notify_error(why),
    }
}

/// Wants an action on these rows.
pub(super) fn want_on(model: &mut Model, chosen: Selection, at: usize, effects: &mut Vec<Effect>) {
    if let Some(why) = available::why_not_act(model, &chosen, at) {
        return model.notify_error(why);
    }
    let ticket = model.ticket();
    let Selection { target, view, rows, scope } = chosen;
    let request = ActionRequest { view, action: at, rows, scope };
    model.notice = None;
    model.overlays.push(Overlay::PreviewPending { ticket, target, request: request.clone() });
    effects.push(Effect::Preview { target, ticket, request: Box::new(request) });
}

/// What the preview found, if somebody still waits for it.
pub(super) fn previewed(
    model: &mut Model,
    ticket: Ticket,
    result: Result<Vec<TextRow>, Outcome>,
    effects: &mut Vec<Effect>,
) {
    let is_awaited =
        |overlay: &Overlay| matches!(overlay, Overlay::PreviewPending { ticket: awaited, .. } if *awaited == ticket);
    let Some(at) = model.overlays.iter().position(is_awaited) else { return };
    let Overlay::PreviewPending { target, request, .. } = model.overlays.remove(at) else { return };
    let action = model.targets[target.0].action(&request).clone();
    let records = match result {
        Ok(records) => records,
        Err(outcome) => {
            if let Outcome::Failed(failure) = &outcome
                && failure.kind == FailureKind::Privilege
            {
                model.targets[target.0].denied.insert((request.view, request.action), failure.message.clone());
            }
            return show_outcome(
                model,
                (target, &request),
                &action,
                "refused",
                outcome::after(&action, &outcome, false),
            );
        }
    };
    if action.set.is_some() && records.is_empty() {
        return model.notify(format!("{}: there is nothing to do", action.title));
    }
    let is_cut = action.set.is_some() && records.len() > action.most;
    let checked = check_rows(&action, &request.rows)
        .and_then(|()| still_verified(model, target, &request, &records))
        .and_then(|()| prepare(&action, &request.rows, records, BTreeMap::new()));
    match checked {
        Ok(prepared) => {
            open(model, target, request, WriteKind::Do(prepared), Vec::new());
            if is_cut {
                model.notify(format!("there are more; {} are written at a time", format::rows(action.most)));
            }
        }
        Err(refused) => {
            let mut text = vec!["Nothing is written.".to_owned()];
            text.extend(sentences(&action, &refused));
            show_outcome(model, (target, &request), &action, "refused", text);
            effects.push(Effect::Record { target, request: Box::new(request), refused });
        }
    }
}

/// Wants the last action to be taken back.
pub(super) fn want_undo(model: &mut Model) {
    let target = available::undo_target(model);
    if let Some(last) = model.targets[target.0].last_action.clone() {
        open(model, target, last.request, WriteKind::Undo(last.written), last.seen);
    }
}

/// Opens the box that asks.
pub(super) fn open(model: &mut Model, target: TargetId, request: ActionRequest, write: WriteKind, seen: Vec<TextRow>) {
    let action = model.targets[target.0].action(&request);
    let zone = zone_name(model);
    let (confirmation, mut fields) = match &write {
        WriteKind::Do(prepared) => {
            let fields = action.prompts.iter().map(|ask| field(&with_choices(ask, &seen), &zone)).collect();
            (confirmation(action, prepared), fields)
        }
        WriteKind::Undo(_) => (Confirmation::Yes, Vec::new()),
    };
    if let Some(prompt) = confirmation.prompt() {
        fields.push(Field { ask: None, prompt, kind: FieldKind::Line, input: Input::default() });
    }
    model.notice = None;
    let focus = if fields.is_empty() { Focus::Cancel } else { Focus::Field(0) };
    let now = model.clock.mono;
    model.overlays.push(Overlay::Act(Box::new(Dialog {
        target,
        request,
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

/// What the zone of the screen is called now.
fn zone_name(model: &Model) -> String {
    let clock = format::clock(model.clock.utc, &model.appearance.zone, false);
    match (&model.appearance.zone, clock.split_once(' ')) {
        (Zone::Local(_), Some((_, name))) => name.to_owned(),
        _ => "UTC".to_owned(),
    }
}

fn field(ask: &Prompt, zone: &str) -> Field {
    let kind = match &ask.kind {
        PromptKind::Text | PromptKind::Date { .. } => FieldKind::Line,
        PromptKind::Multiline => FieldKind::Lines,
        PromptKind::Choice(choices) => FieldKind::Choice(choices.clone()),
        PromptKind::Found => FieldKind::Choice(Vec::new()),
    };
    let hint = match (&ask.kind, ask.optional) {
        (PromptKind::Date { .. }, _) => format!(" (2030-01-31, 2030-01-31 18:00 {zone}, or +30d)"),
        (_, true) => " (may be empty)".to_owned(),
        _ => String::new(),
    };
    Field { ask: Some(ask.name.clone()), prompt: format!("{}{hint}", ask.prompt), kind, input: Input::default() }
}

/// Whether the files of the rows are judged now as the action wants them, and are those that were judged.
fn still_verified(
    model: &Model,
    target: TargetId,
    request: &ActionRequest,
    seen: &[TextRow],
) -> Result<(), Vec<Refusal>> {
    let target = &model.targets[target.0];
    let view = target.pack.view(request.view);
    check_verified(
        view,
        &view.actions[request.action],
        &request.rows,
        target.panel(request.view).list_snapshot().map(|snapshot| snapshot.rows.as_slice()),
        seen,
    )
}

/// Carries the topmost dialog out, or says in it why not.
pub(super) fn confirm(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Act(dialog)) = model.overlays.last() else { return };
    let target = &model.targets[dialog.target.0];
    // What forbids writing may have come since it opened.
    let seen = match &dialog.write {
        WriteKind::Do(prepared) => still_verified(model, dialog.target, &dialog.request, &prepared.seen),
        WriteKind::Undo(_) => Ok(()),
    };
    let checked = match (available::why_not_write(model, target), seen) {
        (Some(why), _) => Err((why, None)),
        (None, Err(refused)) => Err((sentences(target.action(&dialog.request), &refused).join("; "), None)),
        (None, Ok(())) => check(model, dialog),
    };
    match checked {
        Ok(write) => {
            let Some(Overlay::Act(dialog)) = model.overlays.pop() else { return };
            start(model, dialog.target, dialog.request, write, effects);
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
    let action = &target.pack.view(dialog.request.view).actions[dialog.request.action];
    if let Confirmation::Type { what, value, .. } = &dialog.confirmation {
        let at = dialog.fields.iter().position(|field| field.ask.is_none());
        let typed = at.map_or("", |at| dialog.fields[at].input.text.trim());
        if !is_typed(typed, value) {
            let why = if typed.is_empty() { format!("type {what}") } else { format!("this is not {what}") };
            return Err((why, at));
        }
    }
    let WriteKind::Do(prepared) = &dialog.write else { return Ok(dialog.write.clone()) };
    let source = target.pack.view(dialog.request.view).source;
    let (zone, stored) = (model.appearance.zone.to_time_zone(), &target.source(source).zone);
    let mut asked = BTreeMap::new();
    for (at, field) in dialog.fields.iter().enumerate() {
        let Some(name) = &field.ask else { continue };
        let Some(ask) = action.prompts.iter().find(|ask| ask.name == *name) else { continue };
        match check_ask(&with_choices(ask, &dialog.seen), &field.input.text, model.clock.utc, (&zone, stored)) {
            Ok(value) => asked.extend(value.map(|value| (name.clone(), value))),
            Err(why) => return Err((format!("{}: {why}", ask.prompt), Some(at))),
        }
    }
    Ok(WriteKind::Do(WritePlan { seen: prepared.seen.clone(), asked }))
}

fn start(model: &mut Model, target: TargetId, request: ActionRequest, write: WriteKind, effects: &mut Vec<Effect>) {
    let ticket = model.ticket();
    let (task, seen) = match &write {
        WriteKind::Do(prepared) => (ActionKind::Do, prepared.seen.clone()),
        WriteKind::Undo(_) => (ActionKind::Undo, Vec::new()),
    };
    let rows = write.rows();
    model.notice = None;
    model.writing =
        Some(WriteInFlight { ticket, target, request: request.clone(), task, rows, seen, done: 0, leaves: false });
    effects.push(Effect::Execute { target, ticket, request: Box::new(request), write: Box::new(write) });
}
