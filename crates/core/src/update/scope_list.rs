//! When what can be chosen of a scope is listed.

use crate::{
    effect::Effect,
    model::{Model, TargetId, TargetState},
    time::Monotonic,
};

/// How often what can be chosen is listed again, in ms: whoever is chosen may be deleted meanwhile.
const LIST_MS: u64 = 60_000;

/// When what can be chosen is listed next; `None` when that is not wanted, or on its way.
pub(super) fn due(model: &Model, at: TargetId) -> Option<Monotonic> {
    let target = &model.targets[at.0];
    let state = target.scope.as_ref().filter(|state| state.awaited.is_none())?;
    let is_wanted = if model.demand.is_screen() {
        at == model.at || target.watched
    } else {
        at == model.at && state.wanted.is_some() && state.asked_at.is_none()
    };
    let is_held = model.paused.is_some() && state.list.is_some();
    let due = state.asked_at.map_or(Monotonic::default(), |asked| asked.plus(LIST_MS));
    (is_wanted && !is_held).then_some(due)
}

/// Asks for what can be chosen, where that is due.
pub(super) fn ask(model: &mut Model, effects: &mut Vec<Effect>) {
    for at in (0..model.targets.len()).map(TargetId) {
        if due(model, at).is_some_and(|due| due <= model.clock.mono) {
            let ticket = model.ticket();
            let now = model.clock.mono;
            let statement_ms = statement_ms(&model.targets[at.0]);
            if let Some(state) = &mut model.targets[at.0].scope {
                (state.awaited, state.asked_at) = (Some(ticket), Some(now));
                effects.push(Effect::ListScopes { target: at, ticket, statement_ms });
            }
        }
    }
}

/// How long the source of the scope may work on a statement, in ms.
fn statement_ms(target: &TargetState) -> u32 {
    target.pack.scope.as_ref().map_or(0, |scope| target.source(scope.source).timeout_ms)
}
