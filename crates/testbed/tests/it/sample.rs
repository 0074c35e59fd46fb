//! The sample holds each state and each fault that the dashboard has to show.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use mongodb::bson::{Bson, Document, doc, oid::ObjectId};
use opsdash_testbed::sample::cybersensei::{self, BUCKET, FILES_DATABASE, Writer, updates};
use opsdash_testbed::servers::mongod::Mongod;
use opsdash_testbed::servers::postgres;
use sqlx::{AssertSqlSafe, PgConnection};

fn now() -> Timestamp {
    "2026-11-20T14:02:00Z".parse().expect("a time")
}

async fn loaded(database: &str) -> Result<PgConnection> {
    let server = postgres::shared();
    server.create_database(database).await?;
    server.migrate(database, "cybersensei").await?;
    cybersensei::load_postgres(&server.url(database), now()).await?;
    server.connect(database).await
}

/// A number, from a query in which `:now` is the sample's clock.
async fn count(connection: &mut PgConnection, query: &str) -> Result<i64> {
    let query = query.replace(":now", "timestamp '2026-11-20 14:02:00'");
    sqlx::query_scalar(AssertSqlSafe(query.clone())).fetch_one(connection).await.with_context(|| query)
}

#[tokio::test]
async fn the_database_holds_every_state() -> Result<()> {
    let mut db = loaded("every_state").await?;
    let last = r#"(SELECT max("timestamp") FROM tenant_metrics m WHERE m."tenantId" = t.id)"#;
    let latency = r#"(SELECT "tenantId", avg("aiLatency") FROM tenant_metrics
        WHERE "timestamp" >= :now - interval '24 hours' AND "aiLatency" <> 'NaN' GROUP BY 1) AS l(id, ms)"#;
    let resolved = "(SELECT 1 FROM error_logs r WHERE r.resolved AND left(r.message, 15) = left(e.message, 15))";
    let expected = [
        (40, "SELECT count(*) FROM tenants".to_owned()),
        (1, "SELECT count(*) FROM tenants WHERE NOT active".to_owned()),
        (1, format!("SELECT count(*) FROM tenants t WHERE {last} IS NULL")),
        (1, format!("SELECT count(*) FROM tenants t WHERE active AND {last} < :now - interval '1 hour'")),
        (1, format!("SELECT count(*) FROM tenants t WHERE {last} BETWEEN :now - interval '1 hour' AND :now - interval '15 minutes'")),
        (1, format!("SELECT count(*) FROM {latency} WHERE ms BETWEEN 1500 AND 3000")),
        (1, format!("SELECT count(*) FROM {latency} WHERE ms > 3000")),
        (2, "SELECT count(*) FROM licenses WHERE status = 'ACTIVE' AND \"expiresAt\" < :now".to_owned()),
        (1, "SELECT count(*) FROM licenses WHERE \"expiresAt\" BETWEEN :now AND :now + interval '7 days'".to_owned()),
        (1, "SELECT count(*) FROM licenses WHERE status = 'ACTIVE' AND \"expiresAt\" BETWEEN :now + interval '7 days' AND :now + interval '30 days'".to_owned()),
        (1, "SELECT count(*) FROM licenses WHERE \"expiresAt\" IS NULL".to_owned()),
        (1, "SELECT count(*) FROM licenses WHERE status = 'PENDING'".to_owned()),
        (3, "SELECT count(*) FROM licenses WHERE status = 'REVOKED'".to_owned()),
        (1, "SELECT count(*) FROM licenses WHERE \"usageCount\" >= \"maxUsageCount\" AND \"maxUsageCount\" > 0 AND status = 'ACTIVE'".to_owned()),
        (1, "SELECT count(*) FROM tenants WHERE \"licenseKey\" NOT IN (SELECT key FROM licenses)".to_owned()),
        (1, "SELECT count(*) FROM tenants t JOIN licenses l ON l.key = t.\"licenseKey\" WHERE l.\"tenantId\" <> t.id".to_owned()),
        (2, "SELECT count(*) FROM licenses WHERE key LIKE 'DEMO-0003-%'".to_owned()),
        (31, "SELECT count(DISTINCT \"tenantId\") FROM error_logs WHERE message LIKE 'quota sync%'".to_owned()),
        (412, "SELECT count(*) FROM error_logs WHERE message LIKE 'quota sync%' AND NOT resolved".to_owned()),
        (412, "SELECT count(DISTINCT message) FROM error_logs WHERE message LIKE 'quota sync%'".to_owned()),
        (97, format!("SELECT count(*) FROM error_logs e WHERE level = 'CRITICAL' AND NOT resolved AND EXISTS {resolved}")),
        (0, "SELECT count(*) FROM error_logs WHERE message LIKE 'connection pool%' AND \"timestamp\" < :now - interval '1 hour'".to_owned()),
        (25, "SELECT count(*) FROM error_logs WHERE \"tenantId\" NOT IN (SELECT id FROM tenants)".to_owned()),
        (1, "SELECT count(*) FROM error_logs WHERE octet_length(message) > 1000000".to_owned()),
        (1, "SELECT count(*) FROM error_logs WHERE message LIKE E'%\\u001B[%\\u202E%\\u200B%'".to_owned()),
        (2, "SELECT count(*) FROM admin_users WHERE active AND \"lastLoginAt\" IS NULL".to_owned()),
        (0, "SELECT count(*) FROM tenant_metrics WHERE \"timestamp\" > :now".to_owned()),
        (0, "SELECT count(*) FROM error_logs WHERE \"timestamp\" > :now OR \"resolvedAt\" < \"timestamp\"".to_owned()),
    ];
    for (number, query) in expected {
        assert_eq!(count(&mut db, &query).await?, number, "{query}");
    }
    assert!(count(&mut db, "SELECT count(*) FROM error_logs WHERE \"tenantId\" IS NULL").await? > 50);
    assert!(count(&mut db, "SELECT count(*) FROM tenant_metrics WHERE \"aiLatency\" = 'NaN'").await? > 5);
    let drops = r#"SELECT count(*) FROM (SELECT uptime < lag(uptime) OVER (ORDER BY "timestamp") AS drop
        FROM tenant_metrics WHERE "tenantId" = (SELECT id FROM tenants WHERE name = 'lab-016')) AS u WHERE drop"#;
    assert!(count(&mut db, drops).await? > 30);
    Ok(())
}

#[tokio::test]
async fn the_same_now_gives_the_same_rows() -> Result<()> {
    let mut sums = Vec::new();
    for database in ["same_one", "same_two"] {
        let mut db = loaded(database).await?;
        let mut sum = Vec::new();
        for table in ["tenants", "licenses", "tenant_metrics", "error_logs", "updates_metadata"] {
            let query = format!("SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM {table} t");
            sum.push(sqlx::query_scalar::<_, String>(AssertSqlSafe(query)).fetch_one(&mut db).await?);
        }
        sums.push(sum);
    }
    assert_eq!(sums[0], sums[1]);
    Ok(())
}

#[tokio::test]
async fn a_round_of_ticks_reaches_every_living_tenant_once() -> Result<()> {
    let mut db = loaded("ticking").await?;
    let mut writer = Writer::connect(&postgres::shared().url("ticking"), now()).await?;
    for tick in 1..=12_i64 {
        writer.tick(now() + jiff::Span::new().seconds(tick * 5)).await?;
    }
    let fresh = "SELECT count(*) FROM tenant_metrics WHERE \"timestamp\" > :now";
    assert_eq!(count(&mut db, fresh).await?, 36);
    let fresh = "SELECT count(*) FROM error_logs WHERE \"timestamp\" > :now AND NOT resolved";
    assert_eq!(count(&mut db, fresh).await?, 4);
    Ok(())
}

#[tokio::test]
async fn the_operator_reads_no_password_hash_and_writes_only_what_actions_write() -> Result<()> {
    drop(loaded("granted").await?);
    let server = postgres::shared();
    cybersensei::grant_operator(&server.url("granted"), "operator", "secret").await?;
    let url = server.url_of("operator", "secret", "granted");
    let mut db = <PgConnection as sqlx::Connection>::connect(&url).await?;
    assert_eq!(count(&mut db, "SELECT count(email) FROM admin_users").await?, 7);
    for refused in
        ["SELECT \"passwordHash\" FROM admin_users", "DELETE FROM error_logs", "UPDATE licenses SET key = key"]
    {
        let error = sqlx::raw_sql(refused).execute(&mut db).await.err().context(refused)?;
        let code = error.as_database_error().and_then(|e| e.code().map(String::from));
        assert_eq!(code.as_deref(), Some("42501"), "{refused}");
    }
    sqlx::raw_sql("UPDATE licenses SET status = 'REVOKED', \"updatedAt\" = now()").execute(&mut db).await?;
    Ok(())
}

#[tokio::test]
async fn a_fresh_catalog_and_a_fresh_store_agree() -> Result<()> {
    let url = cybersensei::fresh_database("fresh_catalog").await?;
    let mut db = <PgConnection as sqlx::Connection>::connect(&url).await?;
    let id = "SELECT \"mongoFileId\" FROM updates_metadata WHERE version = '1.16.0'";
    let id: String = sqlx::query_scalar(id).fetch_one(&mut db).await?;
    let client = mongodb::Client::with_uri_str(cybersensei::fresh_files("fresh_store").await?).await?;
    let files =
        client.default_database().context("the URL names it")?.collection::<Document>(&format!("{BUCKET}.files"));
    assert_eq!(files.count_documents(doc! { "_id": ObjectId::parse_str(id)? }).await?, 1);
    Ok(())
}

#[tokio::test]
async fn one_session_waits_for_another_that_is_idle_in_its_transaction() -> Result<()> {
    let url = cybersensei::fresh_database("locked").await?;
    let _held = cybersensei::HeldLock::start(&url).await?;
    let mut db = <PgConnection as sqlx::Connection>::connect(&url).await?;
    let blocked = "SELECT count(*) FROM pg_stat_activity a JOIN pg_stat_activity b ON b.pid = ANY (pg_blocking_pids(a.pid)) \
                   WHERE a.application_name = 'admin-console' AND b.state = 'idle in transaction'";
    let waits = async {
        while count(&mut db, blocked).await? == 0 {
            tokio::task::yield_now().await;
        }
        Ok(())
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waits).await?
}

struct Store {
    files: BTreeMap<ObjectId, Document>,
    /// How many chunks, and how many bytes, each file has.
    chunks: BTreeMap<ObjectId, (i64, i64)>,
}

async fn store() -> Result<Store> {
    let mongod = Mongod::start()?;
    let url = mongod.url(FILES_DATABASE);
    cybersensei::load_files(&url, now()).await?;
    let client = mongodb::Client::with_uri_str(&url).await?;
    let database = client.database(FILES_DATABASE);
    let files = database.collection::<Document>(&format!("{BUCKET}.files"));
    let files: Vec<Document> = files.find(doc! {}).await?.try_collect().await?;
    let size = doc! { "$sum": { "$binarySize": "$data" } };
    let group = doc! { "$group": { "_id": "$files_id", "n": { "$sum": 1_i64 }, "bytes": size } };
    let chunks = database.collection::<Document>(&format!("{BUCKET}.chunks"));
    let chunks: Vec<Document> = chunks.aggregate([group]).await?.try_collect().await?;
    let number = |d: &Document, k: &str| match d.get(k) {
        Some(Bson::Int32(n)) => i64::from(*n),
        Some(Bson::Int64(n)) => *n,
        _ => 0,
    };
    Ok(Store {
        files: files.into_iter().map(|d| Ok((d.get_object_id("_id")?, d))).collect::<Result<_>>()?,
        chunks: chunks
            .into_iter()
            .map(|d| Ok((d.get_object_id("_id")?, (number(&d, "n"), number(&d, "bytes")))))
            .collect::<Result<_>>()?,
    })
}

#[tokio::test]
async fn catalog_and_store_differ_in_every_way() -> Result<()> {
    use updates::Fault;
    let store = store().await?;
    let mut length_types = Vec::new();
    for update in updates::UPDATES {
        let id = ObjectId::parse_str(update.catalog_file_id(now())).ok();
        let file = id.and_then(|id| store.files.get(&id));
        if update.fault == Fault::BadId {
            assert!(id.is_none());
            continue;
        }
        if update.fault == Fault::MissingFile {
            assert!(file.is_none());
            continue;
        }
        let file = file.with_context(|| format!("{} has a file", update.version))?;
        let length = match file.get("length") {
            Some(Bson::Int32(n)) => i64::from(*n),
            Some(Bson::Int64(n)) => *n,
            Some(Bson::Double(n)) => format!("{n}").parse()?,
            other => anyhow::bail!("length is {other:?}"),
        };
        length_types.push(file.get("length").map(Bson::element_type));
        let chunk = i64::from(file.get_i32("chunkSize")?);
        let expected = (length + chunk - 1) / chunk;
        let (chunks, bytes) = store.chunks[&id.context("it has an id")?];
        assert_eq!(length != update.catalog_size(), update.fault == Fault::Size);
        let same_name = file.get_str("filename")? == update.catalog_filename();
        assert_eq!(!same_name, update.fault == Fault::Name, "{}", update.version);
        assert_eq!(chunks < expected, update.fault == Fault::ChunkGap, "{}", update.version);
        assert_eq!(chunks > expected, update.fault == Fault::ExtraChunks, "{}", update.version);
        if update.fault == Fault::ShortChunk {
            assert!(chunks == expected && bytes < length);
        }
    }
    length_types.sort_by_key(|t| format!("{t:?}"));
    length_types.dedup();
    assert_eq!(length_types.len(), 3, "int32, int64 and double");
    let mut ids: Vec<String> = updates::UPDATES.iter().map(|u| u.catalog_file_id(now())).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), updates::UPDATES.len() - 1, "two rows share a file");
    let orphans = |hour_old: bool| {
        let hour_ago = (now() - jiff::Span::new().hours(1)).as_millisecond();
        store
            .chunks
            .keys()
            .filter(|id| !store.files.contains_key(id))
            .filter(|id| (id.timestamp().timestamp_millis() < hour_ago) == hour_old)
            .count()
    };
    assert_eq!((orphans(true), orphans(false)), (1, 1));
    let catalog: Vec<String> = updates::UPDATES.iter().map(|u| u.catalog_file_id(now())).collect();
    let unknown = store.files.keys().filter(|id| !catalog.contains(&id.to_hex()));
    assert_eq!(unknown.count(), 1, "one file that no row knows");
    Ok(())
}
