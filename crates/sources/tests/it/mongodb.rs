//! The MongoDB source against a real server, also over a bad network.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use mongodb::{
    Client, Database,
    bson::{Binary, Bson, DateTime, Document, RawDocumentBuf, doc, oid::ObjectId, spec::BinarySubtype},
};
use opsdash_core::{
    contract::{
        Bind, ChunkCount, Failure, FailureKind, Inspection, LinkState, Listing, Question, Read, ReadLimits,
        ResultShape, ScopeSetting, Table, Within,
    },
    time::Time,
    value::{Counts, Severity, Value},
};
use opsdash_pack::{
    config::Secret,
    dialect::{MongoCommand, MongoInput, MongoQuery},
    pack::Statement,
};
use opsdash_sources::{Secrets, Source};
use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    reads,
    servers::mongod::{Mongod, shared},
};

const CHUNK: i64 = 4;

fn source(url: &str) -> Source {
    Source::open("files", &reads::config(url), Arc::new(None::<Secret>), "alice").unwrap()
}

/// A database of its own on the shared server, and a source that reads it.
async fn database(name: &str) -> (Source, Database) {
    let client: Client = shared().client().await.unwrap();
    (source(&shared().url(name)), client.database(name))
}

fn query(pipeline: serde_json::Value, shape: ResultShape) -> Read {
    let serde_json::Value::Array(pipeline) = pipeline else { panic!("no pipeline") };
    let query = MongoQuery {
        file: "test.json".into(),
        input: MongoInput::Collection("nodes".into()),
        pipeline,
        params: Vec::new(),
    };
    reads::ask(&Arc::new(Statement::Mongo(query)), Bind::default(), shape)
}

fn rows(pipeline: serde_json::Value) -> Read {
    query(pipeline, ResultShape::Rows { limit: 100 })
}

fn list(pipeline: serde_json::Value, limit: u32, troubled: bool) -> Read {
    query(pipeline, ResultShape::List { row_key: vec!["_id".into()], limit, troubled, reasons: false })
}

fn store(orphans: bool, limit: u32) -> Read {
    reads::read(Question::Store { bucket: "packages".into(), orphans, limit })
}

async fn read_table(source: &Source, read: &Read) -> Table {
    reads::table(source.read(read).await.unwrap())
}

async fn read_listing(source: &Source, read: &Read) -> Listing {
    reads::listing(source.read(read).await.unwrap())
}

async fn read_failure(source: &Source, read: &Read) -> Failure {
    source.read(read).await.unwrap_err()
}

/// Stores a file as an uploader does. `change` may alter its document.
async fn upload(database: &Database, id: Bson, chunks: i32, change: impl FnOnce(&mut Document)) {
    let mut file = doc! {
        "_id": id.clone(), "filename": format!("{id}.zip"), "length": i64::from(chunks) * CHUNK, "chunkSize": 4_i32,
        "uploadDate": DateTime::now(),
    };
    change(&mut file);
    database.collection("packages.files").insert_one(file).await.unwrap();
    write_chunks(database, &id, chunks).await;
}

async fn write_chunks(database: &Database, file: &Bson, chunks: i32) {
    if chunks == 0 {
        return;
    }
    let documents = (0..chunks).map(|n| {
        let data = Binary { subtype: BinarySubtype::Generic, bytes: vec![0; 4] };
        doc! { "files_id": file.clone(), "n": n, "data": data }
    });
    database.collection("packages.chunks").insert_many(documents).await.unwrap();
}

async fn make_index(database: &Database) {
    let index = doc! { "createIndexes": "packages.chunks",
    "indexes": [{ "key": { "files_id": 1, "n": 1 }, "name": "any", "unique": true }] };
    database.run_command(index).await.unwrap();
}

#[tokio::test]
async fn counts_are_of_the_whole_query_and_the_worst_come_first_in_its_own_order() {
    let (source, database) = database("counts").await;
    let severity = |n: i32| match n {
        502 => "odd",
        n if n % 10 == 0 => "crit",
        n if n % 10 == 1 => "warn",
        _ => "ok",
    };
    let nodes = (1..=1000).map(|n| {
        if n == 503 {
            doc! { "_id": n }
        } else {
            doc! { "_id": n, "severity": severity(n), "why": format!("because {n}") }
        }
    });
    database.collection::<Document>("nodes").insert_many(nodes).await.unwrap();
    let newest_first = serde_json::json!([{ "$sort": { "_id": -1 } }]);
    let table = read_table(&source, &list(newest_first.clone(), 103, false)).await;
    assert_eq!(table.counts, Counts { crit: 100, warn: 100, unknown: 2, ok: 798, ..Counts::default() });
    let keys: Vec<&str> = table.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!((keys[0], keys[99], keys[100], keys[101], keys[102]), ("1000", "10", "503", "502", "991"));
    assert_eq!((table.rows.len(), table.truncated, &*table.rows[0].why), (103, true, "because 1000"));
    let troubled = read_table(&source, &list(newest_first, 500, true)).await;
    assert_eq!((troubled.rows.len(), troubled.counts.ok, troubled.truncated), (202, 798, false));
    let all_ok = read_table(&source, &list(serde_json::json!([{ "$match": { "severity": "ok" } }]), 500, true)).await;
    assert_eq!((all_ok.rows.len(), all_ok.counts.ok), (0, 798));
    let none = read_table(&source, &list(serde_json::json!([{ "$match": { "_id": -1 } }]), 500, false)).await;
    assert_eq!((none.rows.len(), none.counts), (0, Counts::default()));
}

#[tokio::test]
async fn reasons_are_counted_over_the_whole_query_and_rows_carry_theirs() {
    let (source, database) = database("reasons").await;
    let nodes = [
        doc! { "_id": 1, "severity": "crit", "reason": "silent" },
        doc! { "_id": 2, "severity": "crit", "reason": ["silent", "late"] },
        doc! { "_id": 3, "severity": "warn", "reason": [null, "late"] },
        doc! { "_id": 4, "severity": "off", "reason": "revoked" },
        doc! { "_id": 5, "severity": "ok", "reason": null },
        doc! { "_id": 6, "severity": "critical", "why": "hot", "reason": 7 },
    ];
    database.collection::<Document>("nodes").insert_many(nodes).await.unwrap();
    let read = |limit, troubled| {
        let shape = ResultShape::List { row_key: vec!["_id".into()], limit, troubled, reasons: true };
        query(serde_json::json!([{ "$sort": { "_id": 1 } }]), shape)
    };
    let table = read_table(&source, &read(2, false)).await;
    assert_eq!(table.counts, Counts { crit: 2, warn: 1, ok: 1, unknown: 1, off: 1, ..Counts::default() });
    let expected = [
        (Severity::Crit, "silent", 2),
        (Severity::Unknown, "7", 1),
        (Severity::Warn, "late", 1),
        (Severity::Off, "revoked", 1),
    ];
    assert_eq!(table.reasons.ranked(), expected);
    assert_eq!(table.rows[1].reasons.iter().map(|id| &**id).collect::<Vec<_>>(), ["silent", "late"]);
    assert_eq!(table.columns, ["_id"], "a reason is no column");
    let troubled = read_table(&source, &read(500, true)).await;
    let keys: Vec<&str> = troubled.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!((keys, troubled.truncated), (vec!["1", "2", "6", "3"], false));
    assert_eq!(&*troubled.rows[2].why, "the query says \"critical\", which is no severity; hot");
    let all = read_table(&source, &read(500, false)).await;
    assert_eq!((all.rows[5].key.as_str(), all.rows[5].severity), ("4", Severity::Off), "off is last");
    let plain = read_table(&source, &list(serde_json::json!([]), 500, false)).await;
    assert!(plain.columns.contains(&"reason".to_owned()) && plain.reasons.ranked().is_empty());
}

#[tokio::test]
async fn documents_become_rows_with_inert_text_and_a_column_for_every_field() {
    let (source, database) = database("documents").await;
    let id = ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap();
    let nodes = [
        doc! { "_id": id, "text": "a\u{1b}[31m\u{202e}", "at": DateTime::from_millis(1_000), "n": 5_i64 },
        doc! { "_id": 2, "inner": { "k\u{1b}": ["\u{200b}", 1] }, "price": Bson::Decimal128("1.50".parse().unwrap()) },
    ];
    database.collection::<Document>("nodes").insert_many(nodes).await.unwrap();
    let table = read_table(&source, &rows(serde_json::json!([]))).await;
    assert_eq!(table.columns, ["_id", "text", "at", "n", "inner", "price"]);
    assert_eq!(table.rows[0].key.as_str(), id.to_hex());
    assert_eq!(table.rows[0].cells[1..4], [Value::text("a␛[31m\u{fffd}"), Value::Time(Time(1_000_000)), Value::Int(5)]);
    assert_eq!(table.rows[0].cells[4], Value::Null);
    let inner = serde_json::json!({ "k␛": ["\u{fffd}", 1] });
    assert_eq!(table.rows[1].cells[4..], [Value::Json(Box::new(inner)), Value::Decimal("1.50".into())]);
    let fixed = serde_json::json!([{ "$match": { "_id": { "$oid": id.to_hex() } } }]);
    assert_eq!(read_table(&source, &rows(fixed)).await.rows.len(), 1);
}

#[tokio::test]
async fn commands_reply_under_their_names_and_a_refused_one_leaves_its_error() {
    let (source, database) = database("commands").await;
    database.collection("nodes").insert_one(doc! { "_id": 1 }).await.unwrap();
    let command = |name: &str, on_admin, words: serde_json::Value| {
        let words = words.as_object().unwrap().clone();
        MongoCommand { name: name.into(), on_admin, words }
    };
    let commands = vec![
        command("size", false, serde_json::json!({ "collStats": "nodes" })),
        command("own", false, serde_json::json!({ "dbStats": 1 })),
        command("set", true, serde_json::json!({ "replSetGetStatus": 1 })),
    ];
    let fields = serde_json::json!({ "documents": "$size.count", "database": "$own.db", "size": "$own.collections",
        "ok": "$set.ok", "code": "$set.code", "name": "$set.codeName", "said": "$set.errmsg" });
    let query = MongoQuery {
        file: "test.json".into(),
        input: MongoInput::Commands(commands),
        pipeline: vec![serde_json::json!({ "$project": fields })],
        params: Vec::new(),
    };
    let statement = Arc::new(Statement::Mongo(query));
    let shape = ResultShape::Rows { limit: 100 };
    let read = reads::ask(&statement, Bind::default(), shape);
    let table = read_table(&source, &read).await;
    assert_eq!(table.columns, ["documents", "database", "size", "ok", "code", "name", "said"]);
    let expected = [Value::Int(1), Value::text("commands"), Value::Int(1), Value::Int(0), Value::Int(76)];
    assert_eq!(table.rows[0].cells[..5], expected);
    assert_eq!(table.rows[0].cells[5].as_text(), Some("NoReplicationEnabled"));
    assert_eq!(table.rows[0].cells[6].as_text(), Some("not running with --replSet"));
}

#[tokio::test]
async fn the_answer_carries_the_servers_clock_and_the_link_its_version() {
    let (source, _) = database("clock").await;
    assert_eq!(source.link(), None);
    let answer = source.read(&rows(serde_json::json!([]))).await.unwrap();
    let off = answer.server_now.unwrap().since_ms(Time::from_ms(DateTime::now().timestamp_millis()));
    assert!(off.abs() < 5_000, "{off}");
    assert_eq!(source.link(), Some(LinkState::Up { server: "MongoDB 6.0.5".into() }));
}

#[tokio::test]
async fn files_are_listed_newest_first_with_lengths_of_every_number_type() {
    let (source, database) = database("files").await;
    make_index(&database).await;
    for (place, length) in [Bson::Int32(8), Bson::Int64(8), Bson::Double(8.0), Bson::String("8".into()), Bson::Null]
        .into_iter()
        .enumerate()
    {
        let id = Bson::Int32(i32::try_from(place).unwrap());
        let uploaded = DateTime::from_millis(1_000 * i64::try_from(place).unwrap());
        upload(&database, id, 2, |file| {
            file.insert("length", length);
            file.insert("uploadDate", uploaded);
            file.insert("metadata", doc! { "note": "\u{1b}" });
        })
        .await;
    }
    let listing = read_listing(&source, &store(false, 10)).await;
    let lengths: Vec<_> = listing.files.iter().map(|file| file.length).collect();
    assert_eq!(lengths, [None, None, Some(8), Some(8), Some(8)]);
    let last = listing.files.last().unwrap();
    assert_eq!((last.id.as_str(), last.chunk_size, last.uploaded), ("0", Some(4), Some(Time(0))));
    assert_eq!(last.chunks, Some(ChunkCount { found: 2, last: 1 }));
    assert_eq!(last.metadata, Some(serde_json::json!({ "note": "␛" })));
    assert_eq!((listing.truncated, listing.orphans), (false, None));
    let short = read_listing(&source, &store(false, 2)).await;
    assert_eq!((short.files.len(), short.truncated), (2, true));
}

#[tokio::test]
async fn chunks_are_counted_by_index_and_orphans_are_found_with_their_age() {
    let (source, database) = database("orphans").await;
    make_index(&database).await;
    let whole = ObjectId::new();
    upload(&database, whole.into(), 3, |_| {}).await;
    upload(&database, "named".into(), 0, |_| {}).await;
    let lost = ObjectId::new();
    write_chunks(&database, &lost.into(), 2).await;
    database.collection::<Document>("packages.chunks").delete_one(doc! { "files_id": whole, "n": 1 }).await.unwrap();
    let old = ObjectId::parse_str("5f5e10000000000000000000").unwrap();
    let aged = doc! { "_id": old, "files_id": "a\u{1b}", "n": 0 };
    database.collection::<Document>("packages.chunks").insert_one(aged).await.unwrap();
    let listing = read_listing(&source, &store(true, 10)).await;
    let chunks_of = |id: &str| listing.files.iter().find(|file| file.id == id).unwrap().chunks;
    assert_eq!(chunks_of(&whole.to_hex()), Some(ChunkCount { found: 2, last: 2 }));
    assert_eq!(chunks_of("named"), Some(ChunkCount { found: 0, last: -1 }));
    let orphans = listing.orphans.unwrap();
    let found: Vec<_> = orphans.iter().map(|orphan| (orphan.id.as_str(), orphan.chunks)).collect();
    assert_eq!(found, [("a␛", 1), (lost.to_hex().as_str(), 2)]);
    assert_eq!(orphans[0].since, Some(Time::from_ms(old.timestamp().timestamp_millis())));
}

#[tokio::test]
async fn counting_chunks_reads_the_index_alone() {
    let (_, database) = database("covered").await;
    make_index(&database).await;
    upload(&database, 1.into(), 3, |_| {}).await;
    let count = doc! { "$group": { "_id": "$files_id", "found": { "$sum": 1_i64 }, "last": { "$max": "$n" } } };
    let all = doc! { "$group": { "_id": "$files_id", "chunks": { "$sum": 1_i64 } } };
    let part = doc! { "$cond": [{ "$lt": ["$n", 3] }, { "$floor": { "$divide": ["$n", 2] } }, -1] };
    let map = doc! { "$group": { "_id": part, "found": { "$sum": 1_i64 } } };
    for pipeline in [
        vec![doc! { "$match": { "files_id": { "$in": [1, 2] } } }, count],
        vec![all],
        vec![doc! { "$match": { "files_id": 1 } }, map],
    ] {
        let explain = doc! {
            "explain": { "aggregate": "packages.chunks", "pipeline": pipeline, "cursor": {},
                "hint": { "files_id": 1, "n": 1 } },
            "verbosity": "executionStats",
        };
        let explained = database.run_command(explain).await.unwrap().to_string();
        assert!(explained.contains("PROJECTION_COVERED"), "{explained}");
        assert!(!explained.contains("\"FETCH\"") && !explained.contains("\"COLLSCAN\""), "{explained}");
        assert!(explained.contains("\"totalDocsExamined\": 0"), "{explained}");
    }
}

#[tokio::test]
async fn a_map_tells_how_many_chunks_of_each_part_are_there() {
    let (source, database) = database("map").await;
    make_index(&database).await;
    let id = ObjectId::new();
    upload(&database, id.into(), 7, |_| {}).await;
    database.collection::<Document>("packages.chunks").delete_one(doc! { "files_id": id, "n": 2 }).await.unwrap();
    let question = Question::Chunks { bucket: "packages".into(), file: id.to_hex(), expected: 5, width: 2 };
    let table = read_table(&source, &reads::read(question)).await;
    let mut found: Vec<_> = table.rows.iter().map(|row| (row.cells[0].clone(), row.cells[1].clone())).collect();
    found.sort_by_key(|(part, _)| if let Value::Int(part) = part { *part } else { i64::MAX });
    let int = |part, found| (Value::Int(part), Value::Int(found));
    assert_eq!(found, [int(-1, 2), int(0, 2), int(1, 1), int(2, 1)], "two lie beyond the length");
}

#[tokio::test]
async fn an_empty_store_is_empty_and_one_without_its_index_says_so() {
    let (source, database) = database("bare").await;
    let listing = read_listing(&source, &store(true, 10)).await;
    assert_eq!(listing, Listing { files: vec![], truncated: false, orphans: Some(vec![]) });
    upload(&database, 1.into(), 1, |_| {}).await;
    let failure = read_failure(&source, &store(false, 10)).await;
    assert_eq!((failure.kind, failure.object.as_deref()), (FailureKind::Schema, Some("packages.chunks")));
}

/// A query that counts for half a minute. It can be canceled between any two documents.
async fn slow_query(database: &Database) -> Read {
    database.collection::<Document>("nodes").insert_many((0..1000).map(|n| doc! { "_id": n })).await.unwrap();
    let count = serde_json::json!({ "$reduce": { "input": { "$range": [0, 100_000] }, "initialValue": 0,
        "in": { "$add": ["$$value", 1] } } });
    rows(serde_json::json!([{ "$match": { "$expr": { "$lt": [count, 0] } } }]))
}

/// Waits until the server runs (`wanted`) or does not run an operation on the collection.
async fn until_running(namespace: &str, wanted: bool) {
    let admin = shared().client().await.unwrap().database("admin");
    let running = [
        doc! { "$currentOp": {} },
        doc! { "$match": { "ns": namespace, "op": { "$in": ["query", "command", "getmore"] } } },
    ];
    for _ in 0..500 {
        if admin.aggregate(running.clone()).await.unwrap().advance().await.unwrap() == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("10 s passed and the work on {namespace} did not {}", if wanted { "begin" } else { "end" });
}

#[tokio::test]
async fn a_slow_query_ends_on_the_server_too() {
    let (source, database) = database("slow").await;
    let mut read = slow_query(&database).await;
    read.limits = ReadLimits::of(300);
    let began = Instant::now();
    let failure = read_failure(&source, &read).await;
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
    until_running("slow.nodes", false).await;
}

#[tokio::test]
async fn an_abandoned_query_ends_on_the_server_too() {
    let (source, database) = database("dropped").await;
    let read = slow_query(&database).await;
    let waiting = tokio::spawn({
        let source = source.clone();
        async move { source.read(&read).await }
    });
    until_running("dropped.nodes", true).await;
    waiting.abort();
    until_running("dropped.nodes", false).await;
    read_table(&source, &rows(serde_json::json!([]))).await;
}

#[tokio::test]
async fn a_server_that_stops_fails_in_time_and_one_that_returns_is_found() {
    let mut server = Mongod::start().unwrap();
    let source = source(&server.url("trouble"));
    let mut read = rows(serde_json::json!([]));
    read.limits = ReadLimits::of(4_000);
    read_table(&source, &read).await;
    server.stop().unwrap();
    let began = Instant::now();
    let failure = read_failure(&source, &read).await;
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
    assert!(began.elapsed() < Duration::from_millis(5_500), "{:?}", began.elapsed());
    let failure = read_failure(&source, &read).await;
    assert!(failure.message.contains("refused"), "{failure}");
    assert!(matches!(source.link(), Some(LinkState::Down(_))));
    server.start_again().unwrap();
    read_table(&source, &read).await;
    assert!(matches!(source.link(), Some(LinkState::Up { .. })));
}

#[tokio::test]
async fn a_black_hole_fails_within_the_deadline_and_is_forgotten_afterwards() {
    let (_, _) = database("hole").await;
    let forwarder = Forwarder::start(shared().port()).await.unwrap();
    let source = source(&forwarder.through(&shared().url("hole"), shared().port()));
    read_table(&source, &rows(serde_json::json!([]))).await;
    forwarder.set_mode(Mode::Stall);
    let mut read = rows(serde_json::json!([]));
    read.limits = ReadLimits::of(500);
    for _ in 0..2 {
        let began = Instant::now();
        let failure = read_failure(&source, &read).await;
        assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    forwarder.set_mode(Mode::Pass);
    let began = Instant::now();
    while source.read(&read).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(6), "no way back");
    }
}

#[tokio::test]
async fn errors_have_their_kind() {
    let (source, _) = database("kinds").await;
    let unknown = read_failure(&source, &rows(serde_json::json!([{ "$ghost": {} }]))).await;
    assert_eq!(unknown.kind, FailureKind::Other);
    assert!(unknown.message.contains("$ghost"), "{unknown}");
    let login = shared().url("kinds").replace("mongodb://", "mongodb://nobody:hunter2secret@");
    let wrong = read_failure(&self::source(&login), &rows(serde_json::json!([]))).await;
    assert_eq!(wrong.kind, FailureKind::Auth, "{wrong}");
    assert!(!format!("{wrong:?}").contains("hunter2secret"));
    let mut read = rows(serde_json::json!([]));
    read.limits = ReadLimits::of(4_000);
    let closed = read_failure(&self::source("mongodb://127.0.0.1:1/db"), &read).await;
    assert_eq!(closed.kind, FailureKind::Unreachable);
    assert!(closed.message.contains("127.0.0.1:1") && closed.message.contains("refused"), "{closed}");
}

#[tokio::test]
async fn a_login_that_may_not_read_is_told_which_collection() {
    let server = Mongod::start_with_auth().await.unwrap();
    server.create_reader("reader", "p@ss:word", "files").await.unwrap();
    // The password is not in the URL, as with `password = { env = .. }`.
    let read_as = async |database: &str, password: &str, read: &Read| {
        let url = server.url_of("reader", "", database).replace(":@", "@");
        let config = reads::config(&url);
        let password = Secret(password.into());
        let source = Source::open("files", &config, Arc::new(Some(password)), "alice").unwrap();
        source.read(read).await
    };
    let read = store(true, 10);
    read_as("files", "p@ss:word", &read).await.unwrap();
    let wrong = read_as("files", "hunter2secret", &read).await.unwrap_err();
    assert_eq!(wrong.kind, FailureKind::Auth, "{wrong}");
    assert!(!format!("{wrong:?}").contains("hunter2secret"));
    let elsewhere = read_as("other", "p@ss:word", &read).await.unwrap_err();
    assert_eq!(elsewhere.kind, FailureKind::Privilege, "{elsewhere}");
    assert_eq!(elsewhere.object.as_deref(), Some("packages.files"));
}

/// The first password until it is refused, then the second.
struct Rotated(Secret, Secret);

impl Secrets for Rotated {
    fn password(&self) -> BoxFuture<'_, Result<Option<Secret>, Failure>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }

    fn renewed<'a>(&'a self, _refused: Option<&'a Secret>) -> BoxFuture<'a, Result<Option<Secret>, Failure>> {
        Box::pin(async { Ok(Some(self.1.clone())) })
    }
}

#[tokio::test]
async fn after_a_refused_login_the_next_password_is_tried_in_the_same_read() {
    let server = Mongod::start_with_auth().await.unwrap();
    server.create_reader("reader", "tuesday", "files").await.unwrap();
    let config = reads::config(&server.url_of("reader", "", "files").replace(":@", "@"));
    let open = |first: &str| {
        let secrets = Rotated(Secret(first.into()), Secret("tuesday".into()));
        Source::open("files", &config, Arc::new(secrets), "alice").unwrap()
    };
    open("monday").read(&store(true, 10)).await.unwrap();
    let inspection = Inspection { timeout_ms: 20_000, ..Inspection::default() };
    let facts = open("monday").inspect(&inspection, &Within::default()).await.unwrap();
    assert_eq!(facts.catalog.login.as_deref(), Some("reader"));
}

#[tokio::test]
async fn a_scope_is_refused_where_nothing_would_keep_it() {
    let (source, _) = database("scope").await;
    let scope = Some(ScopeSetting { name: "app.client".into(), value: "acme".into(), listed: None });
    let read = Read { within: Within { scope, ..Within::default() }, ..store(false, 10) };
    let failure = read_failure(&source, &read).await;
    assert!(failure.message.contains("no row-level security"), "{failure}");
}

#[tokio::test]
async fn a_source_costs_at_most_three_connections() {
    let (source, _) = database("connections").await;
    let url = shared().url("connections");
    let forwarder = Forwarder::start(shared().port()).await.unwrap();
    let counted = self::source(&forwarder.through(&url, shared().port()));
    let nothing = rows(serde_json::json!([]));
    let reads = (0..20).map(|_| counted.read(&nothing));
    for answer in futures_util::future::join_all(reads).await {
        answer.unwrap();
    }
    assert!(forwarder.traffic().connections <= 3, "{:?}", forwarder.traffic());
    source.close().await;
}

#[tokio::test]
async fn a_replica_set_is_read() {
    let server = Mongod::start_replica_set().await.unwrap();
    let source = source(&server.url("replica"));
    read_table(&source, &rows(serde_json::json!([]))).await;
}

#[tokio::test]
async fn ids_of_every_type_keep_it_and_one_is_not_taken_for_another() {
    let (source, database) = database("id_types").await;
    make_index(&database).await;
    let oid = ObjectId::new();
    let uuid = Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: vec![7; 16] });
    let ids = [Bson::ObjectId(oid), Bson::String(oid.to_hex()), Bson::Int32(5), Bson::String("5".into()), uuid];
    for (at, id) in ids.iter().enumerate() {
        upload(&database, id.clone(), i32::try_from(at).unwrap() + 1, |_| {}).await;
    }
    let listing = read_listing(&source, &store(false, 10)).await;
    let mut counted: Vec<i64> = listing.files.iter().map(|file| file.chunks.unwrap().found).collect();
    counted.sort_unstable();
    assert_eq!(counted, [1, 2, 3, 4, 5]);
    for file in &listing.files {
        let expected = file.length.unwrap() / CHUNK;
        let question =
            Question::Chunks { bucket: "packages".into(), file: file.address().to_owned(), expected, width: 100 };
        let table = read_table(&source, &reads::read(question)).await;
        assert_eq!(table.rows[0].cells[1], Value::Int(expected), "{file:?}");
    }
}

/// A document whose string `field` holds a byte that is no UTF-8.
fn with_broken_text(mut document: Document, field: &str) -> RawDocumentBuf {
    document.insert(field, "caf\u{1}.zip");
    let mut bytes = document.to_vec().unwrap();
    for byte in bytes.iter_mut().filter(|byte| **byte == 1) {
        *byte = 0xe9;
    }
    RawDocumentBuf::from_bytes(bytes).unwrap()
}

#[tokio::test]
async fn bytes_that_are_no_text_cost_one_letter_and_nothing_else() {
    let (source, database) = database("no_text").await;
    make_index(&database).await;
    let file = doc! { "_id": "a", "length": 4_i64, "chunkSize": 4_i32 };
    let broken = with_broken_text(file, "filename");
    database.collection::<RawDocumentBuf>("packages.files").insert_one(broken).await.unwrap();
    upload(&database, "b".into(), 2, |_| {}).await;
    let listing = read_listing(&source, &store(false, 10)).await;
    let names: Vec<&str> = listing.files.iter().map(|file| file.name.as_str()).collect();
    assert!(names.contains(&"caf\u{fffd}.zip") && names.len() == 2, "{names:?}");
    let broken = with_broken_text(doc! { "_id": "a", "severity": "ok" }, "name");
    database.collection::<RawDocumentBuf>("nodes").insert_one(broken).await.unwrap();
    let table = read_table(&source, &list(serde_json::json!([]), 5, false)).await;
    assert_eq!(table.rows[0].key.as_str(), "a");
    assert!(table.rows[0].cells.contains(&Value::text("caf\u{fffd}.zip")), "{table:?}");
}

#[tokio::test]
async fn a_list_may_be_larger_than_one_document() {
    let (source, database) = database("large_list").await;
    let text = "x".repeat(4_000);
    let documents: Vec<Document> = (0..5_000)
        .map(|n| doc! { "_id": n, "severity": if n % 2 == 0 { "crit" } else { "ok" }, "text": text.clone() })
        .collect();
    database.collection("nodes").insert_many(documents).await.unwrap();
    let table = read_table(&source, &list(serde_json::json!([]), 5_000, false)).await;
    assert_eq!((table.rows.len(), table.truncated), (5_000, false));
    assert_eq!(table.counts, Counts { crit: 2_500, ok: 2_500, ..Counts::default() });
    assert!(table.rows.is_sorted_by(|row, next| row.severity >= next.severity));
}

#[tokio::test]
async fn what_the_driver_says_in_riddles_is_told_with_what_to_do() {
    let secured = Mongod::start_with_auth().await.unwrap();
    let set = Mongod::start_replica_set().await.unwrap();
    for (url, message, remedy) in [
        (secured.url("files").replace("&authSource=admin", ""), "Authentication failed", "?authSource=admin"),
        (
            set.url("files").replace("replicaSet=rs0", "replicaSet=rs1"),
            "no server of the url is a member of a replica set \"rs1\"",
            "rs.conf()._id",
        ),
        (
            format!("mongodb://127.0.0.1:{}/files?replicaSet=rs1", secured.port()),
            "no server of the url is a member",
            "directConnection=true",
        ),
        (
            "mongodb://member-1.invalid/files?replicaSet=rs1".to_owned(),
            "failed to lookup address",
            "directConnection=true",
        ),
    ] {
        let failure = read_failure(&source(&url), &rows(serde_json::json!([]))).await;
        assert!(failure.message.contains(message), "{failure:?}");
        assert!(failure.hint().contains(remedy), "{failure:?}");
    }
}
