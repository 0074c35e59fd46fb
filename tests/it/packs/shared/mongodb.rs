//! What MongoDB tells of a file store.

use std::time::Duration;

use mongodb::{Client, bson::doc};
use opsdash_core::{
    contract::{Answer, Content, Table},
    value::{Severity, Value},
};
use opsdash_sources::Source;
use opsdash_testbed::{
    reads::{ask, defaults, list_of},
    sample::cybersensei::fresh_files,
    servers::mongod::{Mongod, ReplicaSet, shared},
};

use crate::packs::asking::{cell, detail, list, row, said, source, text, view};

#[tokio::test]
async fn the_stores_collections_are_measured() {
    let source = source(&fresh_files("servers_store").await.unwrap());
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
async fn a_login_that_may_only_read_sees_the_storage() {
    let server = Mongod::start_with_auth().await.unwrap();
    let database = server.client().await.unwrap().database("packages");
    database.collection("update_packages.files").insert_one(doc! { "filename": "a" }).await.unwrap();
    database.collection("update_packages.chunks").insert_one(doc! { "n": 0 }).await.unwrap();
    server.create_reader("reader", "secret", "packages").await.unwrap();
    let source = source(&server.url_of("reader", "secret", "packages"));
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
    let source = source(&url);
    let found = list(&source, "mongo_profile", &[("slow", "0")]).await;
    let query = found.rows.iter().find(|row| text(&found, row, "op") == "query").unwrap();
    assert_eq!((query.severity, &*query.why), (Severity::Warn, "reads the whole collection"));
    assert!(!format!("{found:?}").contains("private"));
}

#[tokio::test]
async fn a_standalone_server_tells_its_version_its_connections_and_that_it_stands_alone() {
    let server = Mongod::start().unwrap();
    let source = source(&server.url("alone"));
    let found = list(&source, "mongo_server", &[]).await;
    let keys: Vec<&str> = found.rows.iter().map(|row| row.key.as_str()).collect();
    let (version, connections) = (r#"["version","6.0.5"]"#, r#"["connections","in use"]"#);
    let (level, alone) = (r#"["profiling","level"]"#, r#"["replica set","none"]"#);
    assert_eq!(keys, [version, connections, level, alone]);
    assert_eq!(found.counts.ok, 4, "{found:?}");
    assert!(row(&found, version).why.starts_with("up since 20"), "{found:?}");
    assert!(text(&found, row(&found, connections), "value").contains(" of "));
    assert!(cell(&found, row(&found, connections), "used").as_number().is_some_and(|used| used > 0.0 && used < 50.0));
    assert_eq!(text(&found, row(&found, alone), "value"), "standalone");
    for (percent, full, severity) in [("0", "98", Severity::Warn), ("0", "0", Severity::Crit)] {
        let full = [("connections_percent", percent), ("connections_full_percent", full)];
        let found = list(&source, "mongo_server", &full).await;
        let (said, why) = said(row(&found, connections));
        assert_eq!((said, why), (severity, "0 % of what the server allows"));
    }
    let database = server.client().await.unwrap().database("alone");
    for (number, severity, value) in
        [(1, Severity::Ok, "1, slow"), (2, Severity::Warn, "2, all"), (0, Severity::Ok, "0, off")]
    {
        database.run_command(doc! { "profile": number }).await.unwrap();
        let found = list(&source, "mongo_server", &[]).await;
        let profiling = row(&found, level);
        assert_eq!((profiling.severity, text(&found, profiling, "value").as_str()), (severity, value));
    }
}

#[tokio::test]
async fn a_login_that_may_only_read_is_told_what_it_may_not_know() {
    let server = Mongod::start_with_auth().await.unwrap();
    let reader = doc! { "createUser": "reader", "pwd": "secret", "roles": [{ "role": "read", "db": "packages" }] };
    server.client().await.unwrap().database("admin").run_command(reader).await.unwrap();
    let source = source(&server.url_of("reader", "secret", "packages"));
    let found = list(&source, "mongo_server", &[]).await;
    assert_eq!(row(&found, r#"["version","6.0.5"]"#).severity, Severity::Ok);
    for key in [r#"["connections","in use"]"#, r#"["profiling","level"]"#] {
        assert_eq!(said(row(&found, key)), (Severity::Unknown, "needs the role clusterMonitor"));
    }
    assert_eq!(text(&found, row(&found, r#"["replica set","none"]"#), "value"), "standalone");
    assert_eq!((found.counts.unknown, found.counts.ok), (2, 2));
    server.create_reader("watcher", "secret", "packages").await.unwrap();
    let source = self::source(&server.url_of("watcher", "secret", "packages"));
    assert_eq!(list(&source, "mongo_server", &[]).await.counts.ok, 4, "clusterMonitor may know it all");
}

/// Asks the view until it says what is wanted.
async fn until_told(source: &Source, what: &str, is_told: impl Fn(&Table) -> bool) -> Table {
    let mut found = Table::default();
    for _ in 0..300 {
        let view = view("mongo_server");
        // While members are elected, an answer may fail.
        if let Ok(Answer { content: Content::Table(table), .. }) =
            source.read(&ask(&view.query, defaults(view, &[]), list_of(view))).await
        {
            if is_told(&table) {
                return table;
            }
            found = table;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("30 s passed and it was not told: {what}; {found:#?}");
}

#[tokio::test]
async fn the_members_of_a_replica_set_are_watched() {
    let mut set = ReplicaSet::start(3).await.unwrap();
    let source = source(&set.url("set"));
    let values = |found: &Table| {
        let of = |wanted: &str| found.rows.iter().filter(|row| text(found, row, "value") == wanted).count();
        (of("primary"), of("secondary"), of("down"))
    };
    // The set itself says what the member that was asked is.
    let found = until_told(&source, "all are well", |found| {
        values(found) == (2, 2, 0) && found.counts.ok == found.counts.total()
    })
    .await;
    let window = row(&found, r#"["oplog","window"]"#);
    assert!(window.why.starts_with("since 20"), "{window:?}");
    let primary = row(&found, r#"["replica set","primary"]"#);
    assert_eq!(said(primary), (Severity::Ok, &*format!("127.0.0.1:{}", set.members[0].port())));
    let lag = found.rows.iter().find(|row| text(&found, row, "value") == "secondary").unwrap();
    assert!(lag.why.ends_with(" s behind"), "{lag:?}");
    let strict = list(&source, "mongo_server", &[("lag_seconds", "0")]).await;
    assert_eq!(strict.counts.warn, 2, "{strict:?}");
    let strict = list(&source, "mongo_server", &[("lag_seconds", "0"), ("lag_long_seconds", "0")]).await;
    assert_eq!(strict.counts.crit, 2, "{strict:?}");

    // Late on purpose is not late.
    let admin = set.members[0].client().await.unwrap().database("admin");
    let mut config = admin.run_command(doc! { "replSetGetConfig": 1 }).await.unwrap();
    let config = config.get_document_mut("config").unwrap();
    config.insert("version", 2);
    let member = config.get_array_mut("members").unwrap()[1].as_document_mut().unwrap();
    member.extend(doc! { "priority": 0, "secondaryDelaySecs": 3600 });
    admin.run_command(doc! { "replSetReconfig": config.clone() }).await.unwrap();
    let delayed = list(&source, "mongo_server", &[("lag_seconds", "0"), ("lag_long_seconds", "1")]).await;
    let member = row(&delayed, &format!(r#"["member","127.0.0.1:{}"]"#, set.members[1].port()));
    assert!(member.why.ends_with(" s behind; 3600 s are configured"), "{member:?}");
    assert_eq!(member.severity, Severity::Warn, "as any is with a limit of 0");

    set.members[2].stop().unwrap();
    let found = until_told(&source, "a member is down", |found| values(found) == (2, 1, 1)).await;
    let down = found.rows.iter().find(|row| text(&found, row, "value") == "down").unwrap();
    assert_eq!(down.severity, Severity::Crit);
    assert!(down.why.contains("Connection refused") || down.why.contains("connect"), "{down:?}");

    // With the majority gone, the last member is a secondary, and nothing can be written.
    set.members[0].stop().unwrap();
    let found = until_told(&source, "there is no primary", |found| values(found) == (0, 2, 2)).await;
    let primary = row(&found, r#"["replica set","primary"]"#);
    assert_eq!(said(primary), (Severity::Crit, "no member is primary: nothing can be written"));
}
