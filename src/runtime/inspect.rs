//! Looks at the servers of a target, for doctor. Like reading them, and nothing is kept.

use std::sync::Arc;

use opsdash_core::{
    contract::{Inspection, Within},
    doctor::Inspected,
};
use opsdash_pack::{
    config::{Target, has_password_among},
    pack::{Pack, SourceId},
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
    let mut inspected = Inspected { source, outcome: Err(handle.not_configured()), has_default_password: false };
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
            let facts = server.inspect(&inspection, &Within::default()).await;
            server.close().await;
            facts
        }
        Err(failure) => Err(failure),
    };
    inspected
}
