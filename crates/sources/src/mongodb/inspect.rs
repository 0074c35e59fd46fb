//! Reads the facts that `doctor` judges: the login and its rights, and the indexes of the collections.

use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document, doc};
use opsdash_core::contract::{
    DatabaseCatalog, Facts, Failure, FailureKind, FoundIndex, FoundTable, Inspection, Within,
};
use tokio::time::{Instant, timeout_at};

use super::{Mongo, MongoEndpoint, MongoSession, endpoint::OpenedClient};
use crate::{engine, limits};

/// Actions that change data, collections or users.
const WRITE_ACTIONS: [&str; 14] = [
    "insert",
    "update",
    "remove",
    "createCollection",
    "dropCollection",
    "renameCollectionSameDB",
    "createIndex",
    "dropIndex",
    "dropDatabase",
    "collMod",
    "convertToCapped",
    "createUser",
    "grantRole",
    "anyAction",
];

impl Mongo {
    /// See [`crate::Source::inspect`].
    pub(super) async fn facts(&self, inspection: &Inspection, within: &Within) -> Result<Facts, Failure> {
        engine::check_unscoped(within, "MongoDB")?;
        let time_limit = Duration::from_millis(inspection.timeout_ms.into()) + limits::MARGIN;
        let deadline = Instant::now() + time_limit;
        let mut last = Failure::new(FailureKind::Other, "the source has no url");
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let share_ends = Instant::now() + limits::share(deadline, self.endpoints.len() - index);
            last = match timeout_at(share_ends, facts_of(endpoint, inspection, share_ends)).await {
                Ok(Err(failure)) if failure.kind == FailureKind::Unreachable => failure,
                Ok(result) => return result,
                Err(_) => {
                    let what = format!("{}: no answer within {:.1} s", endpoint.label, time_limit.as_secs_f64());
                    Failure::new(FailureKind::Unreachable, &what)
                }
            };
        }
        Err(last)
    }
}

async fn facts_of(endpoint: &MongoEndpoint, inspection: &Inspection, deadline: Instant) -> Result<Facts, Failure> {
    let opened = endpoint.open().await?;
    match read_facts(endpoint, &opened, inspection, deadline).await {
        Err(failure) if failure.kind == FailureKind::Auth => {
            if !endpoint.renew(&opened).await? {
                return Err(failure);
            }
            let opened = endpoint.open().await?;
            read_facts(endpoint, &opened, inspection, deadline).await
        }
        result => result,
    }
}

async fn read_facts(
    endpoint: &MongoEndpoint,
    opened: &OpenedClient,
    inspection: &Inspection,
    deadline: Instant,
) -> Result<Facts, Failure> {
    let session = MongoSession::of(endpoint, opened, deadline, inspection.timeout_ms);
    // The first command also opens the connection, so the second one measures the round trip.
    let info = session.command(doc! { "buildInfo": 1 }).await?;
    let started = Instant::now();
    let hello = session.command(doc! { "hello": 1 }).await?;
    let rtt = started.elapsed();
    let local = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().saturating_sub(rtt / 2);
    let local_ms = i64::try_from(local.as_millis()).unwrap_or(i64::MAX);
    let version = info.get_str("version").unwrap_or("of unknown version");
    let status = session.command(doc! { "connectionStatus": 1, "showPrivileges": true }).await?;
    let mut catalog = login(&status, session.database.name(), inspection);
    catalog.tables = collections(&session, &status, inspection).await?;
    Ok(Facts {
        server: format!("MongoDB {version}"),
        version: Some(version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default()),
        rtt_us: u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX),
        ahead_ms: hello.get_datetime("localTime").ok().map(|server| server.timestamp_millis() - local_ms),
        transport: opened.transport.clone(),
        catalog,
        migrations: None,
        newest_ahead_ms: None,
        writer: None,
    })
}

/// The documents of one list in the `authInfo` of `connectionStatus`.
fn auth_info<'d>(status: &'d Document, name: &str) -> Vec<&'d Document> {
    let found = status.get_document("authInfo").and_then(|info| info.get_array(name));
    found.map(|list| list.iter().filter_map(Bson::as_document).collect()).unwrap_or_default()
}

/// The login, and what it may do in this database beyond reading.
fn login(status: &Document, database: &str, inspection: &Inspection) -> DatabaseCatalog {
    let text = |document: &Document, name: &str| document.get_str(name).unwrap_or_default().to_owned();
    let mut write_actions: Vec<&str> = Vec::new();
    for privilege in auth_info(status, "authenticatedUserPrivileges") {
        if !privilege.get_document("resource").is_ok_and(|resource| concerns(resource, database)) {
            continue;
        }
        let actions = privilege.get_array("actions").map(Vec::as_slice).unwrap_or_default();
        for action in actions.iter().filter_map(Bson::as_str) {
            if let Some(known) = WRITE_ACTIONS.iter().find(|known| **known == action)
                && !write_actions.contains(known)
            {
                write_actions.push(known);
            }
        }
    }
    let roles = auth_info(status, "authenticatedUserRoles").into_iter().map(|role| text(role, "role"));
    DatabaseCatalog {
        login: auth_info(status, "authenticatedUsers").first().map(|user| text(user, "user")),
        powers: if write_actions.is_empty() {
            Vec::new()
        } else {
            vec![format!("may {} here", write_actions.join(", "))]
        },
        roles: roles.filter(|role| inspection.roles.contains(role)).collect(),
        ..DatabaseCatalog::default()
    }
}

/// Whether a privilege's resource is in this database, or in all of them. Rights on other databases are not judged.
fn concerns(resource: &Document, database: &str) -> bool {
    let is_in_database = resource.get_str("db").is_ok_and(|db| db.is_empty() || db == database);
    // Every login may write to the system's own collections.
    let is_internal = resource.get_str("collection").is_ok_and(|name| name.starts_with("system."));
    resource.get_bool("anyResource").unwrap_or(false) || is_in_database && !is_internal
}

/// Those of the wanted collections that exist, with their indexes.
async fn collections(
    session: &MongoSession<'_>,
    status: &Document,
    inspection: &Inspection,
) -> Result<Vec<FoundTable>, Failure> {
    let names = session.database.list_collection_names().authorized_collections(true).await;
    let names = names.map_err(|error| session.failure(&error))?;
    let no_login = auth_info(status, "authenticatedUsers").is_empty();
    let mut found = Vec::new();
    for name in names.into_iter().filter(|name| inspection.tables.contains(name)) {
        let may_find = |privilege: &&Document| {
            let is_on_collection = privilege.get_document("resource").is_ok_and(|resource| {
                let collection = resource.get_str("collection").unwrap_or_default();
                concerns(resource, session.database.name()) && (collection.is_empty() || collection == name)
            });
            let actions = privilege.get_array("actions").map(Vec::as_slice).unwrap_or_default();
            is_on_collection
                && actions.iter().filter_map(Bson::as_str).any(|action| matches!(action, "find" | "anyAction"))
        };
        let readable = no_login || auth_info(status, "authenticatedUserPrivileges").iter().any(may_find);
        let indexes = indexes(session, &name).await?;
        found.push(FoundTable { name, usable: true, visible: true, readable, indexes, ..FoundTable::default() });
    }
    Ok(found)
}

async fn indexes(session: &MongoSession<'_>, name: &str) -> Result<Vec<FoundIndex>, Failure> {
    let collection = session.database.collection::<Document>(name);
    let models = async { collection.list_indexes().max_time(session.work()).await?.try_collect::<Vec<_>>().await };
    let models = models.await.map_err(|error| session.failure(&error))?;
    let index = |model: mongodb::IndexModel| {
        let is_descending =
            |order: &Bson| matches!(order, Bson::Int32(-1) | Bson::Int64(-1)) || order.as_f64() == Some(-1.0);
        let options = model.options.unwrap_or_default();
        FoundIndex {
            columns: model.keys.iter().map(|(name, order)| (Some(name.clone()), is_descending(order))).collect(),
            unique: options.unique.unwrap_or(false),
            valid: true,
            predicate: options.partial_filter_expression.map(|filter| filter.to_string()),
            name: options.name.unwrap_or_default(),
        }
    };
    Ok(models.into_iter().map(index).collect())
}
