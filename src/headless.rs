//! The same model and the same update without a screen: what the shell prints is what the tab shows.

use std::time::Duration;

use opsdash_core::{
    model::{Choices, Model, Place},
    msg::Msg,
    pack::ViewId,
    update::{is_settled, next_wake, open_view, update},
};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::{clocks::Clocks, perform::Performer};

/// Asks one view under the given choices and waits until all of it has been answered or has failed once.
pub async fn ask(
    model: &mut Model,
    performer: &mut Performer,
    messages: &mut UnboundedReceiver<Msg>,
    clocks: Clocks,
    view: ViewId,
    choices: Choices,
) {
    model.headless = true;
    for effect in open_view(model, view, choices) {
        performer.perform(effect);
    }
    debug_assert_eq!(model.board().place, Place::View(view));
    while !is_settled(model, view) {
        let wake = next_wake(model).map_or(u64::MAX, |at| at.since(clocks.read().mono));
        let message = tokio::time::timeout(Duration::from_millis(wake.max(1)), messages.recv()).await;
        let tick = Msg::Tick(clocks.read());
        for message in [Some(tick), message.ok().flatten()].into_iter().flatten() {
            for effect in update(model, message) {
                performer.perform(effect);
            }
        }
    }
}
