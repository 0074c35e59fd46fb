//! Looks at the servers of a target, for doctor. Like reading them, and nothing is kept.

use std::sync::Arc;

use opsdash_core::{
    contract::{Failure, Inspection, ScopeSetting, Ticket, Within},
    doctor::{Inspected, InspectedMembers},
    scope::ScopeList,
};
use opsdash_pack::{
    config::{Target, has_password_among},
    pack::{Pack, Scope, SourceId},
};

use super::source_handle::{SourceHandle, timeout_ms};
use crate::settings::Environment;

/// Looks at every source of a target, all at once and each within its own deadline.
pub async fn inspect(pack: &Pack, target: &Target, environment: &Arc<Environment>) -> Vec<Inspected> {
    let sources = (0..pack.sources.len()).map(SourceId);
    let all = sources.map(|source| of_source(pack, source, target, environment));
    futures_util::future::join_all(all).await
}

async fn of_source(pack: &Pack, source: SourceId, target: &Target, environment: &Arc<Environment>) -> Inspected {
    let handle = SourceHandle::of(pack, source, target, environment);
    let outcome = Err(handle.not_configured());
    let mut inspected = Inspected { source, outcome, has_default_password: false, scopes: None, members: None };
    let Some(config) = &handle.config else { return inspected };
    let known = &pack.schema.default_passwords;
    inspected.has_default_password = config.all_urls().any(|url| has_password_among(url, known));
    let opened = handle.password().await.and_then(|password| {
        inspected.has_default_password |= password.as_ref().is_some_and(|password| known.contains(&password.0));
        handle.open_with(config)
    });
    inspected.outcome = match opened {
        Ok(server) => {
            let inspection = Inspection::of(&pack.schema.sources[source.0], timeout_ms(Some(config)));
            let mut within = Within::default();
            if let Some(scope) = pack.scope.as_ref().filter(|scope| scope.source == source) {
                let listed = server.scopes(scope, Ticket(0), timeout_ms(Some(config))).await;
                within.scope = chosen(scope, target, &listed);
                inspected.scopes = Some(listed);
            }
            let facts = server.inspect(&inspection, &within).await;
            let mut members = InspectedMembers::default();
            let told = |member, outcome| members.add(pack, source, member, outcome);
            let is_family = server.inspect_members(&inspection, &within, Box::new(told)).await;
            inspected.members = is_family.then_some(members);
            server.close().await;
            facts
        }
        Err(failure) => Err(failure),
    };
    inspected
}

/// The setting for the scope that the config or the command line names, where there is such a one. Without it only what
/// needs rows is not known.
fn chosen(scope: &Scope, target: &Target, listed: &Result<ScopeList, Failure>) -> Option<ScopeSetting> {
    let chosen = listed.as_ref().ok()?.find(scope, target.scope.as_deref()?).ok()?;
    Some(ScopeSetting { name: scope.setting.as_str().into(), value: chosen.id()?.into(), listed: None })
}
