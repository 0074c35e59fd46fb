//! Looks at the servers of a target, for doctor. Like reading them, and nothing is kept.

use opsdash_core::{
    contract::{Failure, FailureKind, Inspection},
    doctor::Inspected,
};
use opsdash_pack::{
    config::{SourceConfig, Target, has_password_among},
    pack::{Pack, SourceId},
};
use opsdash_sources::{Source, limits};

use crate::settings::{Environment, password};

/// Looks at every source of a target, all at once and each within its own deadline.
pub async fn inspect(pack: &Pack, target: &Target, environment: &Environment) -> Vec<Inspected> {
    let sources = (0..pack.sources.len()).map(SourceId);
    let all = sources.map(|source| of_source(pack, source, target.sources.get(&pack.source(source).name), environment));
    futures_util::future::join_all(all).await
}

async fn of_source(
    pack: &Pack,
    source: SourceId,
    config: Option<&SourceConfig>,
    environment: &Environment,
) -> Inspected {
    let mut inspected = Inspected { source, outcome: Err(not_bound(pack, source)), has_default_password: false };
    let Some(config) = config else { return inspected };
    let known = &pack.schema.default_passwords;
    let urls = config.urls.iter().chain(&config.replica_url);
    inspected.has_default_password = urls.into_iter().any(|url| has_password_among(url, known));
    let password = match &config.password {
        None => None,
        Some(from) => match password::find(from, environment).await {
            Ok(password) => {
                inspected.has_default_password = known.contains(&password.0);
                Some(password)
            }
            Err(why) => {
                inspected.outcome = Err(Failure::new(FailureKind::Auth, &why.to_string()));
                return inspected;
            }
        },
    };
    let (name, engine) = (&pack.source(source).name, pack.source(source).engine);
    inspected.outcome = match Source::open(name, engine, config, password.as_ref(), &environment.operator) {
        Ok(server) => {
            let timeout_ms = config.timeout_ms.unwrap_or(limits::STATEMENT_MS);
            let facts = server.inspect(&Inspection::of(&pack.schema.sources[source.0], timeout_ms)).await;
            server.close().await;
            facts
        }
        Err(failure) => Err(failure),
    };
    inspected
}

fn not_bound(pack: &Pack, source: SourceId) -> Failure {
    let what = format!("the target's config has no source \"{}\"", pack.source(source).name);
    Failure::new(FailureKind::Other, &what)
}
