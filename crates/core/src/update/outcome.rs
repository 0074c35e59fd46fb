//! What came of a write, and what is said of it.

use std::collections::BTreeSet;

use opsdash_pack::{command::Command, pack::Action};

use crate::{
    action::{self, ActionReport, ActionRequest, Outcome, Refusal, TextRow, hint},
    available,
    contract::{Part, Ticket},
    effect::Effect,
    format,
    history::RecordedWrite,
    model::{ActionKind, LastAction, Load, MessageBox, Model, Overlay, TargetId, TargetState, UNDO_MS, WriteInFlight},
    msg::UnknownWrite,
    text,
    time::{Monotonic, Time},
};

/// Rows that a message names.
const NAMED: usize = 20;

/// Some batches are done.
pub(super) fn progressed(model: &mut Model, ticket: Ticket, done: usize) {
    if let Some(writing) = model.writing.as_mut().filter(|writing| writing.ticket == ticket) {
        writing.done = done;
    }
}

/// A write ended: what it names is asked anew, and what must be read stays on screen.
pub(super) fn written(model: &mut Model, ticket: Ticket, report: ActionReport, effects: &mut Vec<Effect>) {
    let Some(writing) = model.writing.take_if(|writing| writing.ticket == ticket) else { return };
    let WriteInFlight { target, request, task, seen, leaves, .. } = writing;
    let action = model.targets[target.0].action(&request).clone();
    let ActionReport { done, left, failed, mut notes } = report;
    if !left.is_empty() {
        let told = std::iter::once(format!("{} left:", format::rows(left.len()))).chain(sentences(&action, &left));
        notes.splice(0..0, told);
    }
    let rows = format::rows(done.len());
    keep(model, target, &request, task, seen, &done);
    if done.is_empty() && matches!(failed, Some(Outcome::Unknown { .. })) {
        // What may have been done last cannot be taken back; the one before it must not be taken for it.
        model.targets[target.0].last_action = None;
    }
    reload(&mut model.targets[target.0], &action, model.clock.mono);
    if failed.is_none() {
        let rows: BTreeSet<&str> = request.rows.iter().map(String::as_str).collect();
        let marks = &mut model.targets[target.0].panels[request.view.0].list.marks;
        marks.retain(|key| !rows.contains(key.as_str()));
    }
    let what = match task {
        ActionKind::Do => action.title.clone(),
        ActionKind::Undo => format!("Undo of {}", action.title),
    };
    let undo = model.keymap.key_of(Command::Undo);
    let said = match (task, action.undo.is_some()) {
        (ActionKind::Do, true) if target == model.at || model.panel().is_none() => {
            format!("{what}: done, {rows}; {undo} takes it back")
        }
        (ActionKind::Do, true) => {
            format!("{what}: done, {rows}; {undo} takes it back, on {}", model.targets[target.0].name)
        }
        _ => format!("{what}: done, {rows}"),
    };
    let Some(outcome) = failed else {
        if notes.is_empty() {
            model.notify(said.clone());
        } else {
            show_outcome(model, (target, &request), &action, "done, but", [vec![said.clone()], notes].concat());
        }
        if leaves {
            model.farewell = Some(said);
            effects.push(Effect::Quit);
        }
        return;
    };
    let mut text = after(&action, &outcome, !done.is_empty());
    if !done.is_empty() {
        text.insert(0, format!("{rows} of earlier batches are written."));
    }
    text.extend(notes);
    let word = match &outcome {
        Outcome::Changed(_) => "not done: the rows had changed",
        Outcome::Unknown { .. } => "the outcome is unknown",
        _ => "not done",
    };
    show_outcome(model, (target, &request), &Action { title: what, ..action }, word, text);
}

/// What can be taken back from now on.
fn keep(
    model: &mut Model,
    target: TargetId,
    request: &ActionRequest,
    task: ActionKind,
    seen: Vec<TextRow>,
    done: &[TextRow],
) {
    let at = model.clock.mono;
    let target = &mut model.targets[target.0];
    target.wrote_at = Some(at);
    match task {
        ActionKind::Do if done.is_empty() => {}
        ActionKind::Do => {
            let until = at.plus(UNDO_MS);
            target.last_action = Some(LastAction { request: request.clone(), written: done.to_vec(), seen, until });
        }
        ActionKind::Undo => {
            let is_of_it = |last: &&mut LastAction| {
                let (last, request) = (&last.request, request);
                (last.view, last.action, &last.scope) == (request.view, request.action, &request.scope)
            };
            if let Some(last) = target.last_action.as_mut().filter(is_of_it) {
                let undone: BTreeSet<&str> = done.iter().map(TextRow::key).collect();
                last.written.retain(|record| !undone.contains(record.key()));
            }
            target.last_action.take_if(|last| last.written.is_empty());
        }
    }
}

/// What was asked before the write may be from before it: it is given up and asked anew.
fn reload(target: &mut TargetState, action: &Action, now: Monotonic) {
    for id in &action.reload {
        let panel = &mut target.panels[id.0];
        panel.cancel(|part| matches!(part, Part::List | Part::Summary | Part::Enrich(_)));
        panel.asked_at.remove(&Part::Summary);
        panel.hurry = true;
        if let Load::Failed { retry_at, .. } = &mut panel.load {
            *retry_at = now;
        }
        if let Some(detail) = &mut panel.detail {
            detail.due_at = Monotonic::default();
        }
    }
}

/// What a person is told of a write that was not done.
pub(super) fn after(action: &Action, outcome: &Outcome, earlier: bool) -> Vec<String> {
    let nothing = if earlier { "Nothing of this batch is written." } else { "Nothing is written." };
    let mut text = vec![nothing.to_owned()];
    match outcome {
        Outcome::Changed(refused) => text.extend(sentences(action, refused)),
        Outcome::Failed(failure) => text.extend([failure.to_string(), sentence(hint(failure))]),
        Outcome::Refused(why) => text.push(why.clone()),
        Outcome::Unknown { why, rows } => {
            text = vec![why.clone(), "Some of these rows may be written. Look at them before you do it again:".into()];
            text.extend(rows.iter().take(NAMED).map(|record| record.key().to_owned()));
        }
        Outcome::Done(_) => {}
    }
    text
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

pub(super) fn sentences(action: &Action, refused: &[Refusal]) -> Vec<String> {
    let said = |refusal| action::sentence(action, refusal, |way| way.press.to_string());
    let mut all: Vec<String> = refused.iter().take(NAMED).map(said).collect();
    if refused.len() > NAMED {
        all.push(format!("and {} more", refused.len() - NAMED));
    }
    all
}

/// Says what must be read.
pub(super) fn show_outcome(
    model: &mut Model,
    (target, request): (TargetId, &ActionRequest),
    action: &Action,
    word: &str,
    text: Vec<String>,
) {
    let place = model.targets[target.0].place(request.scope.as_ref());
    show_message(model, &format!("{} on {place}: {word}", action.title), text);
}

/// The same under a heading of its own.
pub(super) fn show_message(model: &mut Model, title: &str, text: Vec<String>) {
    let title = text::inert(title).into_owned();
    let text = text.into_iter().map(|line| text::inert(&line).into_owned()).collect();
    let told = Overlay::Told(MessageBox { title, text, scroll: 0, opened: model.clock.mono, is_kept: false });
    // Below what somebody types into: the key that ends it there must not close this unread.
    let is_open = |overlay: &Overlay| {
        overlay.input().is_some() || matches!(overlay, Overlay::Act(_) | Overlay::PreviewPending { .. })
    };
    let at = model.overlays.iter().rposition(|overlay| !is_open(overlay)).map_or(0, |at| at + 1);
    model.overlays.insert(at, told);
}

/// What earlier runs did and can still be taken back: the last of it on each target, where nothing was done since. What the
/// target's pack does not have any more is left to nobody.
pub(super) fn recorded(model: &mut Model, all: &[RecordedWrite]) {
    for target in &mut model.targets {
        let of_target = |write: &&RecordedWrite| write.target == target.name && write.system == target.pack.system;
        let Some(write) = all.iter().rev().find(of_target).filter(|_| target.last_action.is_none()) else { continue };
        target.last_action = available::last_action_of(target, write, model.clock);
    }
}

/// Writes of earlier runs that broke off: said once, when the program starts.
pub(super) fn unsettled(model: &mut Model, mut all: Vec<UnknownWrite>) {
    // The texts leave trailing zeros out: as texts, a whole second would come after its own fractions.
    let moment = |at: &str| at.parse::<jiff::Timestamp>().ok();
    let reported = moment(&model.remembered.reported);
    all.retain(|one| reported.is_none() || moment(&one.at) > reported);
    let Some(newest) = all.iter().max_by_key(|one| moment(&one.at)).map(|one| one.at.clone()) else { return };
    let mut text = vec!["Nobody heard how these writes of earlier runs ended. Look at their rows:".to_owned()];
    let zone = model.appearance.zone.clone();
    let at = |at: &str| moment(at).map_or(at.to_owned(), |at| format::time(Time(at.as_microsecond()), &zone));
    text.extend(all.iter().rev().take(NAMED).flat_map(|one| {
        let (at, rows) = (at(&one.at), format::rows(one.rows));
        [format!("{at}  {}  {}  {rows}: {}", one.target, one.action, one.first), format!("    {}", one.said)]
    }));
    text.push("`opsdash audit` has the whole record.".into());
    model.remembered.reported = newest;
    let text = text.into_iter().map(|line| text::inert(&line).into_owned()).collect();
    let told =
        MessageBox { title: "An outcome is unknown".into(), text, scroll: 0, opened: model.clock.mono, is_kept: true };
    // Below what has been opened meanwhile: it must not take keys that are meant for something else.
    model.overlays.insert(0, Overlay::Told(told));
}

/// Leaves, unless something is being written: then the first time it waits.
pub(super) fn quit(model: &mut Model, effects: &mut Vec<Effect>) {
    match &mut model.writing {
        Some(writing) if !writing.leaves => {
            writing.leaves = true;
            model.overlays.clear();
            model.notify_error("an action is being written: leaving when it ends; again: at once, its outcome unknown");
        }
        _ => effects.push(Effect::Quit),
    }
}
