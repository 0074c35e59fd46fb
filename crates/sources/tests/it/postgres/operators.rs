//! The other operators on the same database.

use std::sync::Arc;

use opsdash_core::text;
use opsdash_pack::config::Secret;
use opsdash_sources::Source;
use opsdash_testbed::servers::postgres::PostgresServer;

use super::{config, database, query_text, read_table, rows, wait_for};

/// A source that connects as a login without any privilege of its own.
async fn source_of(server: &PostgresServer, operator: &str, database: &str) -> Source {
    let create = "DO $$ BEGIN CREATE ROLE onlooker LOGIN PASSWORD 'onlooker';
                  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    server.run("postgres", create).await.unwrap();
    let url = server.url_of("onlooker", "onlooker", database);
    Source::open("main", &config(&url), Arc::new(None::<Secret>), operator).unwrap()
}

/// The operators in the first of three reads that names any.
async fn operators_of(source: &Source) -> Option<Vec<String>> {
    for _ in 0..3 {
        let answer = source.read(&rows("SELECT 1 AS id")).await.unwrap();
        if answer.operators.is_some() {
            return answer.operators;
        }
    }
    None
}

#[tokio::test]
async fn other_operators_are_named_and_polled_only_now_and_then() {
    let (_, server) = database("operators_named", "").await;
    server.create_database("operators_elsewhere").await.unwrap();
    let others = [
        source_of(server, "carol", "operators_named").await,
        source_of(server, "bob", "operators_named").await,
        source_of(server, "alice", "operators_named").await,
        source_of(server, "e\u{1b}[31mve\u{202e}", "operators_named").await,
        source_of(server, "dave", "operators_elsewhere").await,
    ];
    for other in &others {
        read_table(other, &rows("SELECT 1 AS id")).await;
    }
    let alice = source_of(server, "alice", "operators_named").await;
    let names = operators_of(&alice).await.unwrap();
    assert_eq!(names[..2], ["bob", "carol"], "{names:?}");
    assert!(names.len() == 3 && names[2].starts_with('e') && names[2].chars().all(text::is_inert), "{names:?}");
    assert_eq!(operators_of(&alice).await, None, "it polled a moment ago");
    for other in others {
        other.close().await;
    }
    let mut outside = server.connect("postgres").await.unwrap();
    let left = "SELECT count(*)::text FROM pg_stat_activity \
                WHERE datname = 'operators_named' AND application_name IN ('opsdash/bob', 'opsdash/carol')";
    wait_for(&mut outside, left, "0").await;
    let later = operators_of(&source_of(server, "alice", "operators_named").await).await.unwrap();
    assert!(!later.iter().any(|name| name == "bob" || name == "carol"), "{later:?}");
}

#[tokio::test]
async fn a_login_that_may_not_poll_can_still_read() {
    let (_, server) = database("operators_hidden", "REVOKE SELECT ON pg_stat_activity FROM PUBLIC").await;
    let bob = source_of(server, "bob", "operators_hidden").await;
    read_table(&bob, &rows("SELECT 1 AS id")).await;
    let alice = source_of(server, "alice", "operators_hidden").await;
    assert_eq!(operators_of(&alice).await, None);
    let mut outside = server.connect("operators_hidden").await.unwrap();
    let seen = "SELECT count(*)::text FROM pg_stat_activity WHERE application_name = 'opsdash/bob'
                AND datname = current_database()";
    assert_eq!(query_text(&mut outside, seen).await.as_deref(), Some("1"));
}
