//! Protected targets: read-only until their name is typed.

use crate::{
    available,
    model::{Guard, Input, Model, Overlay, TargetId},
    time::Monotonic,
};

/// A protected target locks again after so long without a key, in ms.
const ARMED_MS: u64 = 10 * 60_000;

/// Locks a protected target, or asks for its name.
pub(super) fn arm(model: &mut Model) {
    let at = available::unlock_target(model);
    let target = &mut model.targets[at.0];
    if target.guard == Guard::Unlocked {
        target.guard = Guard::Protected;
        let said = format!("{} is protected again", target.name);
        model.notify(said);
    } else {
        model.overlays.push(Overlay::Unlock { target: at, input: Input::default(), failed: false });
    }
}

/// Something was typed for the name of a protected target.
pub(super) fn typed(model: &mut Model) {
    let Some(Overlay::Unlock { target, input, failed }) = model.overlays.last_mut() else { return };
    let at: TargetId = *target;
    let target = &mut model.targets[at.0];
    if input.text.trim() != target.name {
        *failed = true;
        return;
    }
    target.guard = Guard::Unlocked;
    let said = format!("{} may be written to, until 10 minutes have passed without a key", target.name);
    model.overlays.pop();
    model.notify(said);
}

/// Locks again what nobody has used for long.
pub(super) fn lock_when_idle(model: &mut Model) {
    if model.clock.mono.since(model.last_key) > ARMED_MS {
        let armed: Vec<usize> =
            (0..model.targets.len()).filter(|at| model.targets[*at].guard == Guard::Unlocked).collect();
        for at in armed {
            model.targets[at].guard = Guard::Protected;
            let said = format!("{} is protected again: no key for 10 minutes", model.targets[at].name);
            model.notify(said);
        }
        // The user who comes back may be another one: a dialog that is still open closes.
        let is_open = |overlay: &Overlay| matches!(overlay, Overlay::Act(_) | Overlay::PreviewPending { .. });
        model.overlays.retain(|overlay| !is_open(overlay));
    }
}

/// When a target locks by itself; `None` when none is armed.
pub(super) fn locks_at(model: &Model) -> Option<Monotonic> {
    let is_armed = model.targets.iter().any(|target| target.guard == Guard::Unlocked);
    is_armed.then(|| model.last_key.plus(ARMED_MS + 1))
}
