//! Protected targets: read-only until their name is typed.

use super::act;
use crate::{
    model::{Guard, Input, Model, Overlay, TargetId},
    time::Monotonic,
};

/// A protected target locks again after so long without a key, in ms.
const ARMED_MS: u64 = 10 * 60_000;

/// Which target is meant: the one on screen; on the overview that of the chosen line.
fn meant(model: &Model) -> TargetId {
    act::subject(model).map_or(model.at, |(board, _)| board)
}

/// Why a target's lock cannot be changed; `None` when it can.
pub(super) fn why_not_arm(model: &Model) -> Option<String> {
    let board = &model.boards[meant(model).0];
    if model.read_only || board.guard == Guard::ReadOnly {
        return Some(format!("{} is read-only here, and stays so", board.target));
    }
    (board.guard == Guard::Open).then(|| format!("{} is not protected", board.target))
}

/// Locks a protected target, or asks for its name.
pub(super) fn arm(model: &mut Model) {
    let at = meant(model);
    let board = &mut model.boards[at.0];
    if board.guard == Guard::Armed {
        board.guard = Guard::Protected;
        let said = format!("{} is protected again", board.target);
        model.say(said);
    } else {
        model.overlays.push(Overlay::Arm { board: at, input: Input::default(), failed: false });
    }
}

/// Something was typed for the name of a protected target.
pub(super) fn typed(model: &mut Model) {
    let Some(Overlay::Arm { board, input, failed }) = model.overlays.last_mut() else { return };
    let at: TargetId = *board;
    let board = &mut model.boards[at.0];
    if input.text.trim() != board.target {
        *failed = true;
        return;
    }
    board.guard = Guard::Armed;
    let said = format!("{} may be written to, until 10 minutes have passed without a key", board.target);
    model.overlays.pop();
    model.say(said);
}

/// Locks again what nobody has used for long.
pub(super) fn lock_when_idle(model: &mut Model) {
    if model.clock.mono.since(model.last_key) > ARMED_MS {
        let armed: Vec<usize> = (0..model.boards.len()).filter(|at| model.boards[*at].guard == Guard::Armed).collect();
        for at in armed {
            model.boards[at].guard = Guard::Protected;
            let said = format!("{} is protected again: no key for 10 minutes", model.boards[at].target);
            model.say(said);
        }
        // A dialog that nobody confirmed in that time will not be confirmed by whoever comes back.
        let is_open = |overlay: &Overlay| matches!(overlay, Overlay::Act(_) | Overlay::Looking { .. });
        model.overlays.retain(|overlay| !is_open(overlay));
    }
}

/// When a target locks by itself; `None` when none is armed.
pub(super) fn locks_at(model: &Model) -> Option<Monotonic> {
    let is_armed = model.boards.iter().any(|board| board.guard == Guard::Armed);
    is_armed.then(|| model.last_key.plus(ARMED_MS + 1))
}
