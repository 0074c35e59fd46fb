//! Statements, with their extension and without it.

use opsdash_core::value::{Severity, Value};
use opsdash_testbed::servers::postgres::{Options, PostgresServer, shared};

use crate::packs::asking::{cell, detail, list, postgres_source, said, text};

#[tokio::test]
async fn without_the_extension_one_row_says_what_is_missing() {
    let server = shared();
    server.create_database("statements_none").await.unwrap();
    let source = postgres_source(&server.url("statements_none"));
    let missing = list(&source, "pg_statements", &[]).await;
    let both = "pg_stat_statements is not in shared_preload_libraries, and this database has no such extension";
    assert_eq!((missing.rows.len(), said(&missing.rows[0])), (1, (Severity::Unknown, both)));
    assert!(detail(&source, "pg_statements", &missing.rows[0].key).await[0].rows.is_empty());
    // Created, but not loaded by the server: reading it would fail.
    server.run("statements_none", "CREATE EXTENSION pg_stat_statements").await.unwrap();
    let unloaded = list(&source, "pg_statements", &[]).await;
    assert_eq!(&*unloaded.rows[0].why, "pg_stat_statements is not in shared_preload_libraries");
}

#[tokio::test]
async fn with_the_extension_the_dearest_statements_are_listed() {
    let settings = vec![("shared_preload_libraries".to_owned(), "pg_stat_statements".to_owned())];
    let server = PostgresServer::start_with(&Options { settings, ..Options::default() }).unwrap();
    server.create_database("work").await.unwrap();
    let source = postgres_source(&server.url("work"));
    let missing = list(&source, "pg_statements", &[]).await;
    assert_eq!(&*missing.rows[0].why, "this database lacks the extension: CREATE EXTENSION pg_stat_statements");
    let work = "CREATE SCHEMA \"Odd one\"; CREATE EXTENSION pg_stat_statements SCHEMA \"Odd one\";
        CREATE ROLE plain LOGIN PASSWORD 'pl''ain'; GRANT USAGE ON SCHEMA \"Odd one\" TO plain;
        /* leads */ SELECT pg_sleep(0.3), '<&>\u{7}''' AS odd /* of the nightly job */";
    server.run("work", work).await.unwrap();
    let listed = list(&source, "pg_statements", &[("mean_warn", "250")]).await;
    let slow = &listed.rows[0];
    assert!(text(&listed, slow, "query").starts_with("SELECT pg_sleep("), "{slow:?}");
    let (severity, why) = said(slow);
    assert!(severity == Severity::Warn && why.ends_with(" on average"), "{why}");
    assert_eq!(listed.counts.warn, 1);
    let fields = &detail(&source, "pg_statements", &slow.key).await[0];
    assert!(text(fields, &fields.rows[0], "query").contains("of the nightly job"));
    let all: String = listed.rows.iter().map(|row| text(&listed, row, "query")).collect();
    assert!(all.contains("PASSWORD '***'") && !all.contains("ain'"), "{all}");
    let found = list(&source, "pg_statements", &[("search", "PG_SLEEP")]).await;
    assert_eq!(found.rows.len(), 1);

    let plain = postgres_source(&server.url_of("plain", "pl'ain", "work"));
    let hidden = list(&plain, "pg_statements", &[]).await;
    let others: Vec<_> = hidden.rows.iter().filter(|row| row.severity == Severity::Unknown).collect();
    assert!(!others.is_empty());
    assert!(others.iter().all(|row| *cell(&hidden, row, "query") == Value::Null), "{others:?}");
    let revoke = "REVOKE ALL ON \"Odd one\".pg_stat_statements FROM PUBLIC";
    server.run("work", revoke).await.unwrap();
    let refused = list(&plain, "pg_statements", &[]).await;
    assert_eq!(&*refused.rows[0].why, "this login may not read pg_stat_statements");
}
