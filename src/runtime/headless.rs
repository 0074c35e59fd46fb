//! The same model and the same update without a screen: what the shell prints is what the tab shows.

use std::time::Duration;

use opsdash_core::{
    contract::{Address, Failure, FailureKind},
    effect::Effect,
    msg::Msg,
    scope::{ScopeChoice, ScopeList},
    update::{is_settled, next_wake},
};
use opsdash_pack::pack::ViewId;
use tokio::time::{Instant, timeout_at};

use super::session::Session;

/// Asks what the session's model demands, and waits until each of these views has been answered or has failed once.
///
/// With `patience`, what has not answered when it ends has failed: it is said to have timed out.
pub async fn run(session: &mut Session, views: &[ViewId], patience: Option<Duration>) {
    let first = session.model.begin();
    perform(session, first);
    settle(session, views, patience).await;
    session.performer.leave().await;
}

/// Sees the rows of one scope of a list, and waits as [`run`] does. Whoever goes through several leaves in the end.
pub async fn see(
    session: &mut Session,
    (list, choice): (ScopeList, ScopeChoice),
    views: &[ViewId],
    patience: Option<Duration>,
) {
    let first = session.model.see_scope(list, choice);
    perform(session, first);
    settle(session, views, patience).await;
}

async fn settle(session: &mut Session, views: &[ViewId], patience: Option<Duration>) {
    let deadline = patience.map(|patience| Instant::now() + patience);
    while !views.iter().all(|view| is_settled(&session.model, *view)) {
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            fail_what_is_awaited(session, patience.unwrap_or_default());
            break;
        }
        let wake = next_wake(&session.model).map_or(u64::MAX, |at| at.since(session.clocks.read().mono));
        let until = Instant::now() + Duration::from_millis(wake.clamp(1, 60_000));
        let until = deadline.map_or(until, |deadline| deadline.min(until));
        let message = timeout_at(until, session.messages.recv()).await;
        let tick = Msg::Tick(session.clocks.read());
        for message in [Some(tick), message.ok().flatten()].into_iter().flatten() {
            take_in(session, message);
        }
    }
}

/// Ends what is still awaited, each question as one that failed.
fn fail_what_is_awaited(session: &mut Session, patience: Duration) {
    let target = session.model.at;
    let panels = &session.model.target().panels;
    let awaited =
        panels.iter().flat_map(|panel| panel.awaited.iter().map(|(part, ticket)| (panel.view, *part, *ticket)));
    let awaited: Vec<_> = awaited.collect();
    let listed = session.model.target().scope.as_ref().and_then(|scope| scope.awaited);
    if let Some(ticket) = listed {
        let why = format!("no answer within {} s", patience.as_secs_f64());
        let result = Err(Failure::new(FailureKind::Timeout, &why));
        take_in(session, Msg::Scopes { target, ticket, result });
    }
    for (view, part, ticket) in awaited {
        let why = format!("no answer within {} s", patience.as_secs_f64());
        let result = Err(Failure::new(FailureKind::Timeout, &why));
        take_in(session, Msg::Loaded { target, to: Address { view, part }, ticket, result });
    }
}

fn take_in(session: &mut Session, message: Msg) {
    let effects = session.model.update(message);
    perform(session, effects);
}

fn perform(session: &mut Session, effects: Vec<Effect>) {
    for effect in effects {
        session.performer.perform(effect);
    }
}
