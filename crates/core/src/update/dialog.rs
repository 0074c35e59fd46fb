//! The keys of a dialog: nothing that comes too soon or too fast is taken for a yes.

use opsdash_pack::keymap::{Key, KeyCode};

use super::{action, unlock};
use crate::{
    action::WriteKind,
    effect::Effect,
    model::{Dialog, FieldKind, Focus, Input, MessageBox, Model, Overlay},
    time::Monotonic,
    view,
};

/// Keys that come so soon after something opened were meant for what was there before, in ms.
const QUIET_MS: u64 = 150;

/// Rows of a preview that a page moves: fewer than are shown, so that none is passed over.
const PAGE: usize = 5;

/// A person needs longer than this between two keys that are meant, in ms: what comes faster is a paste or a key held.
const MEANT_MS: u64 = 80;

/// A key for an action that waits to be confirmed.
pub(super) fn press(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let now = model.clock.mono;
    let Some(Overlay::Act(dialog)) = model.overlays.last_mut() else { return };
    let is_early = now.since(dialog.opened) < QUIET_MS;
    let is_fast = now.since(dialog.touched) < MEANT_MS;
    dialog.touched = now;
    if key.code == KeyCode::Esc {
        return leave(model);
    }
    if is_early {
        return;
    }
    match (key.code, dialog.focus) {
        (KeyCode::Enter, Focus::Cancel) | (KeyCode::Char('q'), _) => leave(model),
        (KeyCode::Enter, focus) if focus == Focus::Go || confirms(dialog) => {
            if is_fast {
                dialog.problem = "that key came too fast to be meant: press Enter again".into();
            } else {
                confirm_what_is_seen(model, effects);
            }
        }
        (KeyCode::Enter, Focus::Field(_)) if dialog.field().is_some_and(|field| !field.input.text.is_empty()) => {
            step(dialog, true);
        }
        (KeyCode::Tab | KeyCode::Down, _) => step(dialog, true),
        (KeyCode::BackTab | KeyCode::Up, _) => step(dialog, false),
        (KeyCode::PageDown, _) => dialog.scroll = (dialog.scroll + PAGE).min(dialog.write.rows().saturating_sub(1)),
        (KeyCode::PageUp, _) => dialog.scroll = dialog.scroll.saturating_sub(PAGE),
        (KeyCode::Left, Focus::Go) => dialog.focus = Focus::Cancel,
        (KeyCode::Right, Focus::Cancel) => dialog.focus = Focus::Go,
        (KeyCode::Left | KeyCode::Right | KeyCode::Char(' '), Focus::Field(_)) => {
            choose(dialog, key.code != KeyCode::Left);
        }
        _ => {}
    }
}

/// Closes the box without writing, and says so.
fn leave(model: &mut Model) {
    if let Some(Overlay::Act(dialog)) = model.overlays.pop() {
        let title = &model.targets[dialog.target.0].action(&dialog.request).title;
        let what = match dialog.write {
            WriteKind::Do(_) => title.clone(),
            WriteKind::Undo(_) => format!("Undo of {title}"),
        };
        model.notify(format!("{what}: left, nothing is written"));
    }
}

/// What cannot be seen is not confirmed: the rows, whether they can be taken back, what protects the target.
fn confirm_what_is_seen(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Act(dialog)) = model.overlays.last() else { return };
    if view::action::rows_missing(model, dialog).is_none() {
        return action::confirm(model, effects);
    }
    // What was wrong before takes lines too.
    let whole = Dialog { problem: String::new(), ..(**dialog).clone() };
    let problem = view::action::rows_missing(model, &whole).map_or(String::new(), |rows| {
        format!("the screen is too low to show what is written: it needs {rows} lines, and has {}", model.size.1)
    });
    if let Some(Overlay::Act(dialog)) = model.overlays.last_mut() {
        dialog.problem = problem;
    }
}

/// Whether Enter in the field with the focus confirms: the last thing that is typed.
fn confirms(dialog: &Dialog) -> bool {
    dialog.field().is_some_and(|field| field.ask.is_none())
}

/// The next or the previous of fields and buttons, around.
fn step(dialog: &mut Dialog, forward: bool) {
    let fields = (0..dialog.fields.len()).map(Focus::Field);
    let all: Vec<Focus> = fields.chain([Focus::Cancel, Focus::Go]).collect();
    let at = all.iter().position(|focus| *focus == dialog.focus).unwrap_or(0);
    let next = if forward { (at + 1) % all.len() } else { (at + all.len() - 1) % all.len() };
    dialog.focus = all[next];
}

/// The next or the previous choice of the field with the focus.
fn choose(dialog: &mut Dialog, forward: bool) {
    let Focus::Field(at) = dialog.focus else { return };
    let field = &mut dialog.fields[at];
    let FieldKind::Choice(choices) = &field.kind else { return };
    if choices.is_empty() {
        return;
    }
    let chosen = choices.iter().position(|choice| *choice == field.input.text);
    let next = match (chosen, forward) {
        (None, true) => 0,
        (None, false) => choices.len() - 1,
        (Some(at), true) => (at + 1) % choices.len(),
        (Some(at), false) => (at + choices.len() - 1) % choices.len(),
    };
    field.input.text.clone_from(&choices[next]);
    dialog.problem.clear();
}

/// The text field of a dialog changed.
pub(super) fn edited(dialog: &mut Dialog, text: String, cursor: usize, now: Monotonic) {
    let is_early = now.since(dialog.opened) < QUIET_MS;
    dialog.touched = now;
    if let (Focus::Field(at), false) = (dialog.focus, is_early) {
        dialog.fields[at].input = Input { text, cursor };
        dialog.problem.clear();
    }
}

/// A key while the rows of an action are looked at.
pub(super) fn press_preview_pending(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    if matches!(key.code, KeyCode::Esc | KeyCode::Char('q'))
        && let Some(Overlay::PreviewPending { ticket, .. }) = model.overlays.pop()
    {
        effects.push(Effect::Cancel(ticket));
    }
}

/// A key for the name of a protected target.
pub(super) fn press_arm(model: &mut Model, key: Key) {
    match key.code {
        KeyCode::Esc => {
            model.overlays.pop();
        }
        KeyCode::Enter => unlock::typed(model),
        _ => {}
    }
}

/// A key for something that must be read.
pub(super) fn press_told(model: &mut Model, key: Key, effects: &mut Vec<Effect>) {
    let now = model.clock.mono;
    let last = crate::view::overlay::last_line(model);
    let Some(Overlay::Told(told)) = model.overlays.last_mut() else { return };
    match key.code {
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q') if now.since(told.opened) >= QUIET_MS => {
            let is_kept = matches!(model.overlays.pop(), Some(Overlay::Told(MessageBox { is_kept: true, .. })));
            if is_kept {
                effects.push(Effect::Remember(model.remembered.clone()));
            }
        }
        KeyCode::Down | KeyCode::Char('j') => told.scroll = (told.scroll + 1).min(last),
        KeyCode::Up | KeyCode::Char('k') => told.scroll = told.scroll.saturating_sub(1),
        KeyCode::PageDown => told.scroll = (told.scroll + 10).min(last),
        KeyCode::PageUp => told.scroll = told.scroll.saturating_sub(10),
        _ => {}
    }
}
