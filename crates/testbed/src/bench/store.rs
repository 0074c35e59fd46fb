//! What the program asks of the file store, as its server has noted it, and how the server answers.

use std::{collections::BTreeMap, time::Instant};

use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use mongodb::{
    Client,
    bson::{Bson, Document, doc},
};
use opsdash_pack::{
    dialect::{MongoInput, MongoQuery},
    pack::{Pack, Statement},
};
use serde_json::Value;

use super::{database::Database, table::median};
use crate::sample::cybersensei::{BUCKET, FILES_DATABASE};

/// One command that the program sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Command {
    /// The pack's file without its ending, or what is asked of a store: `update_packages.chunks aggregate`.
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
pub(super) async fn commands(database: &Database, pack: &Pack) -> Result<Vec<Command>> {
    let files = Client::with_uri_str(database.files_url()).await?.database(FILES_DATABASE);
    let mut commands = Vec::new();
    for (name, command) in noted(database, pack).await? {
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
async fn noted(database: &Database, pack: &Pack) -> Result<BTreeMap<String, Document>> {
    let profile = database.mongod.client().await?.database(FILES_DATABASE).collection::<Document>("system.profile");
    let mut entries = profile.find(doc! { "appName": { "$regex": "^opsdash" } }).sort(doc! { "ts": 1 }).await?;
    let mut found = BTreeMap::new();
    while let Some(entry) = entries.try_next().await? {
        let Ok(command) = entry.get_document("command") else { continue };
        let Some(name) = name(command, pack) else { continue };
        let plain = command.iter().filter(|(name, _)| !OF_SESSION.contains(&name.as_str()));
        found.insert(name, plain.map(|(name, value)| (name.clone(), value.clone())).collect());
    }
    Ok(found)
}

/// `None` for what neither a view nor the store of one asks, such as a ping.
fn name(command: &Document, pack: &Pack) -> Option<String> {
    let (kind, collection) = command.iter().next()?;
    let collection = collection.as_str()?;
    let stages = command.get_array("pipeline").map_or(&[][..], Vec::as_slice);
    let queries = pack.statements().filter_map(|statement| match statement {
        Statement::Mongo(query) => Some(query),
        Statement::Sql(_) => None,
    });
    if let Some(query) = queries.into_iter().find(|query| {
        begins_with(stages, query) && matches!(&query.input, MongoInput::Collection(name) if name == collection)
    }) {
        let file = query.file.rsplit('/').next()?;
        return Some(file.trim_end_matches(".json").to_owned());
    }
    let of_orphans = if format!("{stages:?}").contains("$lookup") { " of orphans" } else { "" };
    collection.starts_with(BUCKET).then(|| format!("{collection} {kind}{of_orphans}"))
}

/// Whether what was sent is this query: equal but for stages that take a parameter.
fn begins_with(stages: &[Bson], query: &MongoQuery) -> bool {
    let is_sent = |(asked, sent): (&Value, &Bson)| {
        asked.to_string().contains("$param") || serde_json::to_value(sent).is_ok_and(|sent| *asked == sent)
    };
    stages.len() >= query.pipeline.len() && query.pipeline.iter().zip(stages).all(is_sent)
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
