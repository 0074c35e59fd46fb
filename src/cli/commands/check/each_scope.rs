//! `check --each-scope`: the views of a target for everybody whose rows it has, one after the other over the same
//! connections.

use std::time::Duration;

use opsdash_core::{
    contract::{Failure, FailureKind, Ticket},
    scope::{ScopeChoice, ScopeList},
    view_verdict::ViewVerdict,
};
use opsdash_pack::pack::{EnrichBy, Pack, Scope, ViewId};
use tokio::time::timeout;

use super::{CheckedView, unknown};
use crate::runtime::{headless, session::Session, source_handle::timeout_ms};

/// Whether the verdict of a view depends on whose rows are seen: its own are somebody's, or those that judge them.
pub(super) fn depends(pack: &Pack, id: ViewId) -> bool {
    let is_scoped = |id: ViewId| pack.view(id).scoped;
    let judges = pack.view(id).enrich.iter().filter_map(|enrich| match &enrich.by {
        EnrichBy::View { view, .. } => Some(*view),
        EnrichBy::Query(_) => None,
    });
    is_scoped(id) || judges.into_iter().any(is_scoped)
}

/// Judges these views for every scope of the session's target. What cannot be listed is unknown, and so is what nobody
/// can be chosen of.
pub(super) async fn judge(mut session: Session, views: &[ViewId], patience: Duration) -> Vec<CheckedView> {
    let target = session.model.target().clone();
    let Some(scope) = target.pack.scope.clone() else { return Vec::new() };
    let mut checked = Vec::new();
    match listed(&session, &scope, patience).await {
        Err(failure) => checked.push(unknown(target, views, &failure)),
        Ok(list) if list.items.is_empty() => {
            let failure = Failure::new(FailureKind::NoScope, &format!("no {} is listed", scope.title));
            checked.push(unknown(target, views, &failure));
        }
        Ok(list) => {
            for item in &list.items {
                let choice = ScopeChoice::One(item.clone());
                headless::see(&mut session, (list.clone(), choice.clone()), views, Some(patience)).await;
                let mut target = session.model.target().clone();
                let verdicts = views.iter().map(|view| ViewVerdict::of(&target, *view)).collect();
                // Their rows are judged; of hundreds of scopes nobody keeps them.
                target.panels.clear();
                checked.push(CheckedView { target, verdicts, scope: Some(choice) });
            }
        }
    }
    session.performer.leave().await;
    told_once(checked)
}

/// Views that are nobody's, and only judged by what is somebody's, mostly come to the same for everybody: that is told once,
/// as the target's, and of a scope only what differs.
fn told_once(mut checked: Vec<CheckedView>) -> Vec<CheckedView> {
    let Some(target) = checked.first().map(|first| first.target.clone()) else { return checked };
    let mut shared: Vec<ViewVerdict> = Vec::new();
    for view in (0..target.pack.views.len()).map(ViewId).filter(|view| !target.pack.view(*view).scoped) {
        let found: Vec<&ViewVerdict> =
            checked.iter().flat_map(|checked| &checked.verdicts).filter(|verdict| verdict.view == view).collect();
        let like = |verdict: &ViewVerdict| found.iter().filter(|other| **other == verdict).count();
        // Of as many the first.
        if let Some(usual) = found.iter().rev().max_by_key(|verdict| like(verdict)).map(|verdict| (*verdict).clone()) {
            for checked in &mut checked {
                checked.verdicts.retain(|verdict| *verdict != usual);
            }
            shared.push(usual);
        }
    }
    if !shared.is_empty() {
        checked.insert(0, CheckedView { target, verdicts: shared, scope: None });
    }
    checked
}

async fn listed(session: &Session, scope: &Scope, patience: Duration) -> Result<ScopeList, Failure> {
    let handle = session.performer.handle(session.model.at, scope.source);
    let statement_ms = timeout_ms(handle.config.as_ref());
    timeout(patience, handle.scopes(scope, Ticket(0), statement_ms)).await.unwrap_or_else(|_| {
        let why = format!("no answer within {} s", patience.as_secs_f64());
        Err(Failure::new(FailureKind::Timeout, &why))
    })
}
