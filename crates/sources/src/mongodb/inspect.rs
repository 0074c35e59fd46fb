//! What doctor wants to know of a MongoDB deployment: who we are there, and what indexes its collections have.

use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document, doc};
use opsdash_core::contract::{DatabaseCatalog, Facts, Failure, FailureKind, FoundIndex, FoundTable, Inspection};
use tokio::time::{Instant, timeout_at};

use super::{Mongo, MongoEndpoint, MongoSession};
use crate::limits;

/// Rights that change data, collections or users.
const WRITING: [&str; 14] = [
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
    pub async fn inspect(&self, inspection: &Inspection) -> Result<Facts, Failure> {
        let patience = Duration::from_millis(inspection.timeout_ms.into()) + limits::MARGIN;
        let deadline = Instant::now() + patience;
        let mut last = Failure::new(FailureKind::Other, "the source has no url");
        for (tried, place) in self.places.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = Instant::now() + left / u32::try_from(self.places.len() - tried).unwrap_or(u32::MAX);
            last = match timeout_at(share, facts(place, inspection, share)).await {
                Ok(Err(failure)) if failure.kind == FailureKind::Unreachable => failure,
                Ok(answered) => return answered,
                Err(_) => {
                    let what = format!("{}: no answer within {:.1} s", place.label, patience.as_secs_f64());
                    Failure::new(FailureKind::Unreachable, &what)
                }
            };
        }
        Err(last)
    }
}

async fn facts(place: &MongoEndpoint, inspection: &Inspection, deadline: Instant) -> Result<Facts, Failure> {
    let opened = place.open().await?;
    let (database, criteria) = (&opened.database, &opened.criteria);
    let session = MongoSession { database, criteria, label: &place.label, deadline, wire_version: 0 };
    // The first command of a link waits for the link.
    let info = session.command(doc! { "buildInfo": 1 }).await?;
    let began = Instant::now();
    let hello = session.command(doc! { "hello": 1 }).await?;
    let rtt = began.elapsed();
    let ours = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().saturating_sub(rtt / 2);
    let ours_ms = i64::try_from(ours.as_millis()).unwrap_or(i64::MAX);
    let version = info.get_str("version").unwrap_or("of unknown version");
    let status = session.command(doc! { "connectionStatus": 1, "showPrivileges": true }).await?;
    let mut catalog = login(&status, session.database.name(), inspection);
    catalog.tables = collections(&session, &status, inspection).await?;
    Ok(Facts {
        server: format!("MongoDB {version}"),
        version: Some(version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default()),
        rtt_us: u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX),
        ahead_ms: hello.get_datetime("localTime").ok().map(|theirs| theirs.timestamp_millis() - ours_ms),
        transport: opened.transport.clone(),
        catalog,
        migrations: None,
        newest_ahead_ms: None,
    })
}

/// The parts of `connectionStatus` of that name.
fn parts<'d>(status: &'d Document, name: &str) -> Vec<&'d Document> {
    let found = status.get_document("authInfo").and_then(|info| info.get_array(name));
    found.map(|list| list.iter().filter_map(Bson::as_document).collect()).unwrap_or_default()
}

/// Who we are, and what that may do beyond reading this database.
fn login(status: &Document, database: &str, inspection: &Inspection) -> DatabaseCatalog {
    let text = |document: &Document, name: &str| document.get_str(name).unwrap_or_default().to_owned();
    let mut writes: Vec<&str> = Vec::new();
    for privilege in parts(status, "authenticatedUserPrivileges") {
        if !privilege.get_document("resource").is_ok_and(|resource| concerns(resource, database)) {
            continue;
        }
        let actions = privilege.get_array("actions").map(Vec::as_slice).unwrap_or_default();
        for action in actions.iter().filter_map(Bson::as_str) {
            if let Some(known) = WRITING.iter().find(|known| **known == action)
                && !writes.contains(known)
            {
                writes.push(known);
            }
        }
    }
    let roles = parts(status, "authenticatedUserRoles").into_iter().map(|role| text(role, "role"));
    DatabaseCatalog {
        login: parts(status, "authenticatedUsers").first().map(|user| text(user, "user")),
        powers: if writes.is_empty() { Vec::new() } else { vec![format!("may {} here", writes.join(", "))] },
        roles: roles.filter(|role| inspection.roles.contains(role)).collect(),
        ..DatabaseCatalog::default()
    }
}

/// Whether a privilege is on our database, or on all of them. What a login may do elsewhere is its own business.
fn concerns(resource: &Document, database: &str) -> bool {
    let of_database = resource.get_str("db").is_ok_and(|db| db.is_empty() || db == database);
    // Every login may write there; it is the server's own business.
    let internal = resource.get_str("collection").is_ok_and(|name| name.starts_with("system."));
    resource.get_bool("anyResource").unwrap_or(false) || of_database && !internal
}

/// The collections of the asked names that are there, with their indexes.
async fn collections(
    session: &MongoSession<'_>,
    status: &Document,
    inspection: &Inspection,
) -> Result<Vec<FoundTable>, Failure> {
    let names = session.database.list_collection_names().authorized_collections(true).await;
    let names = names.map_err(|error| session.failure(&error))?;
    let open = parts(status, "authenticatedUsers").is_empty();
    let mut found = Vec::new();
    for name in names.into_iter().filter(|name| inspection.tables.contains(name)) {
        let may_find = |privilege: &&Document| {
            let of_it = privilege.get_document("resource").is_ok_and(|resource| {
                let collection = resource.get_str("collection").unwrap_or_default();
                concerns(resource, session.database.name()) && (collection.is_empty() || collection == name)
            });
            let actions = privilege.get_array("actions").map(Vec::as_slice).unwrap_or_default();
            of_it && actions.iter().filter_map(Bson::as_str).any(|action| matches!(action, "find" | "anyAction"))
        };
        let readable = open || parts(status, "authenticatedUserPrivileges").iter().any(may_find);
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
        let down = |order: &Bson| matches!(order, Bson::Int32(-1) | Bson::Int64(-1)) || order.as_f64() == Some(-1.0);
        let options = model.options.unwrap_or_default();
        FoundIndex {
            columns: model.keys.iter().map(|(name, order)| (Some(name.clone()), down(order))).collect(),
            unique: options.unique.unwrap_or(false),
            valid: true,
            predicate: options.partial_filter_expression.map(|filter| filter.to_string()),
            name: options.name.unwrap_or_default(),
        }
    };
    Ok(models.into_iter().map(index).collect())
}
