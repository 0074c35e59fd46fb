//! What the program asks of the file store, as its server has noted it, and how the server answers.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};

use super::database::Database;
use super::table::median;
use crate::sample::cybersensei::{BUCKET, FILES_DATABASE};

/// One command that the program sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Command {
    /// Such as `update_packages.chunks aggregate`.
    pub(super) name: String,
    /// Until the first batch is here, in ms, over loopback: the median of several runs.
    pub(super) ms: f64,
    /// Whether it reads the chunks themselves, and not their index alone.
    pub(super) reads_chunks: bool,
}

const RUNS: usize = 9;
/// Parts of a command that belong to the session that sent it.
const OF_SESSION: [&str; 4] = ["lsid", "$db", "$clusterTime", "$readPreference"];

/// Measures each kind of command that the program has sent since the server notes them.
pub(super) async fn commands(database: &Database) -> Result<Vec<Command>> {
    let files = Client::with_uri_str(database.files_url()).await?.database(FILES_DATABASE);
    let mut commands = Vec::new();
    for (name, command) in noted(database).await? {
        let mut times = Vec::new();
        for _ in 0..=RUNS {
            let started = Instant::now();
            files.run_command(command.clone()).await.with_context(|| name.clone())?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        // The first run fills the server's caches.
        let ms = median(&mut times[1..]);
        let reads_chunks = name.starts_with(&format!("{BUCKET}.chunks")) && {
            let explain = doc! { "explain": command, "verbosity": "executionStats" };
            let told = files.run_command(explain).await.with_context(|| format!("explain {name}"))?;
            scans_collection(&Bson::Document(told))
        };
        commands.push(Command { name, ms, reads_chunks });
    }
    Ok(commands)
}

/// The last one of each kind, as the profiler has it.
async fn noted(database: &Database) -> Result<BTreeMap<String, Document>> {
    let profile = database.mongod.client().await?.database(FILES_DATABASE).collection::<Document>("system.profile");
    let mut entries = profile.find(doc! { "appName": { "$regex": "^opsdash" } }).sort(doc! { "ts": 1 }).await?;
    let mut found = BTreeMap::new();
    while let Some(entry) = entries.try_next().await? {
        let Ok(command) = entry.get_document("command") else { continue };
        let Some((kind, collection)) = command.iter().next() else { continue };
        let Some(collection) = collection.as_str().filter(|name| name.starts_with(BUCKET)) else { continue };
        let joins = format!("{:?}", command.get("pipeline")).contains("$lookup");
        let name = format!("{collection} {kind}{}", if joins { " of orphans" } else { "" });
        let plain = command.iter().filter(|(name, _)| !OF_SESSION.contains(&name.as_str()));
        found.insert(name, plain.map(|(name, value)| (name.clone(), value.clone())).collect());
    }
    Ok(found)
}

/// Whether a collection is read from end to end anywhere in a plan.
fn scans_collection(plan: &Bson) -> bool {
    match plan {
        Bson::Document(node) => {
            let scans = node.get_str("stage").is_ok_and(|stage| stage == "COLLSCAN");
            // What a $lookup did, which shows no stages.
            let joined = node.get("collectionScans").and_then(Bson::as_i64).is_some_and(|scans| scans > 0);
            scans || joined || node.iter().any(|(name, part)| name != "rejectedPlans" && scans_collection(part))
        }
        Bson::Array(parts) => parts.iter().any(scans_collection),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_scan_is_found_at_any_depth_but_not_in_plans_that_were_not_taken() {
        let scan = doc! { "stage": "COLLSCAN" };
        let told = |field: &str| Bson::Document(doc! { "stages": [{ "$cursor": { field: { "inputStage": &scan } } }] });
        assert!(scans_collection(&told("winningPlan")));
        assert!(!scans_collection(&told("rejectedPlans")));
        assert!(scans_collection(&Bson::Document(doc! { "$lookup": {}, "collectionScans": 1_i64 })));
    }
}
