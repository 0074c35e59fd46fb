//! What MongoDB tells of a file store.

use mongodb::{Client, bson::doc};
use opsdash_core::{
    pack::Engine,
    value::{Severity, Value},
};
use opsdash_testbed::{
    sample::cybersensei::fresh_files,
    servers::mongod::{Mongod, shared},
};

use super::{cell, detail, list, row, source, text};

#[tokio::test]
async fn the_stores_collections_are_measured() {
    let source = source(Engine::MongoDb, &fresh_files("servers_store").await.unwrap());
    let found = list(&source, "mongo_storage", &[]).await;
    let keys: Vec<&str> = found.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["update_packages.files", "update_packages.chunks"]);
    let chunks = row(&found, "update_packages.chunks");
    assert_eq!(chunks.severity, Severity::Ok);
    assert!(matches!(cell(&found, chunks, "size"), Value::Int(bytes) if *bytes > 1_000_000));
    let parts = detail(&source, "mongo_storage", &chunks.key).await;
    assert_eq!(
        (parts[0].rows.len(), text(&parts[0], &parts[0].rows[0], "collection")),
        (1, chunks.key.as_str().into())
    );
    assert_eq!(text(&parts[1], &parts[1].rows[0], "name"), "_id_");
    let wasteful = [("reusable_bytes", "0"), ("reusable_percent", "0")];
    assert_eq!(list(&source, "mongo_storage", &wasteful).await.counts.warn, 2);
}

#[tokio::test]
async fn a_store_that_nobody_has_written_to_yet_is_empty() {
    let source = source(Engine::MongoDb, &shared().url("servers_empty"));
    assert!(list(&source, "mongo_storage", &[]).await.rows.is_empty());
    assert!(list(&source, "mongo_profile", &[]).await.rows.is_empty());
}

#[tokio::test]
async fn a_login_that_may_only_read_sees_the_storage() {
    let server = Mongod::start_with_auth().await.unwrap();
    let database = server.client().await.unwrap().database("packages");
    database.collection("update_packages.files").insert_one(doc! { "filename": "a" }).await.unwrap();
    database.collection("update_packages.chunks").insert_one(doc! { "n": 0 }).await.unwrap();
    server.create_reader("reader", "secret", "packages").await.unwrap();
    let source = source(Engine::MongoDb, &server.url_of("reader", "secret", "packages"));
    let found = list(&source, "mongo_storage", &[]).await;
    assert_eq!(found.rows.len(), 2);
    detail(&source, "mongo_storage", &found.rows[0].key).await;
}

#[tokio::test]
async fn what_the_profiler_wrote_down_is_listed_without_its_values() {
    let url = shared().url("servers_profile");
    let database = Client::with_uri_str(&url).await.unwrap().database("servers_profile");
    let things = database.collection("things");
    things.insert_one(doc! { "name": "private" }).await.unwrap();
    database.run_command(doc! { "profile": 2 }).await.unwrap();
    things.find_one(doc! { "name": "private" }).await.unwrap();
    database.run_command(doc! { "profile": 0 }).await.unwrap();
    let source = source(Engine::MongoDb, &url);
    let found = list(&source, "mongo_profile", &[("slow", "0")]).await;
    let query = found.rows.iter().find(|row| text(&found, row, "op") == "query").unwrap();
    assert_eq!((query.severity, &*query.why), (Severity::Warn, "reads the whole collection"));
    assert!(!format!("{found:?}").contains("private"));
}
