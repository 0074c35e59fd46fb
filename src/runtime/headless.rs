//! The same model and the same update without a screen: what the shell prints is what the tab shows.

use std::time::Duration;

use opsdash_core::{
    contract::{Address, Failure, FailureKind},
    effect::Effect,
    model::{Choices, Route},
    msg::Msg,
    update::{count_views, is_settled, next_wake, open_view, update},
};
use opsdash_pack::pack::ViewId;
use tokio::time::{Instant, timeout_at};

use super::session::Session;

/// Asks one view under the given choices and waits until all of it has been answered or has failed once.
pub async fn ask(session: &mut Session, view: ViewId, choices: Choices) {
    session.model.headless = true;
    let first = open_view(&mut session.model, view, choices);
    debug_assert_eq!(session.model.target().route, Route::View(view));
    settle(session, first, &[view], None).await;
}

/// Asks these views for their counts, as the overview does. What has not answered when `patience` ends has failed: it
/// is said to have timed out.
pub async fn count(session: &mut Session, views: &[ViewId], patience: Duration) {
    let first = count_views(&mut session.model, views.iter().copied());
    settle(session, first, views, Some(patience)).await;
}

async fn settle(session: &mut Session, first: Vec<Effect>, views: &[ViewId], patience: Option<Duration>) {
    let deadline = patience.map(|patience| Instant::now() + patience);
    perform(session, first);
    while !views.iter().all(|view| is_settled(&session.model, *view)) {
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            give_up(session, patience.unwrap_or_default());
            break;
        }
        let wake = next_wake(&session.model).map_or(u64::MAX, |at| at.since(session.clocks.read().mono));
        let until = Instant::now() + Duration::from_millis(wake.clamp(1, 60_000));
        let until = deadline.map_or(until, |deadline| deadline.min(until));
        let message = timeout_at(until, session.messages.recv()).await;
        let tick = Msg::Tick(session.clocks.read());
        for message in [Some(tick), message.ok().flatten()].into_iter().flatten() {
            tell(session, message);
        }
    }
    session.performer.leave().await;
}

/// Ends what is still awaited, each question as one that failed.
fn give_up(session: &mut Session, patience: Duration) {
    let target = session.model.at;
    let panels = &session.model.target().panels;
    let awaited =
        panels.iter().flat_map(|panel| panel.awaited.iter().map(|(part, ticket)| (panel.view, *part, *ticket)));
    let awaited: Vec<_> = awaited.collect();
    for (view, part, ticket) in awaited {
        let why = format!("no answer within {} s", patience.as_secs_f64());
        let result = Err(Failure::new(FailureKind::Timeout, &why));
        tell(session, Msg::Loaded { target, to: Address { view, part }, ticket, result });
    }
}

fn tell(session: &mut Session, message: Msg) {
    let effects = update(&mut session.model, message);
    perform(session, effects);
}

fn perform(session: &mut Session, effects: Vec<Effect>) {
    for effect in effects {
        session.performer.perform(effect);
    }
}
