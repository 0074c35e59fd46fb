//! Reads through PgBouncer in transaction mode, where other clients get our server connections next.

use std::time::Duration;

use opsdash_core::contract::{ReadLimits, Within};
use opsdash_testbed::servers::pgbouncer::PgBouncer;
use sqlx::Row;

use super::{config, database, open, query_text, read_failure, read_table, rows, scope, wait_for};

const OUTSIDE_SETTINGS: &str = "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings \
    WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'TimeZone', 'work_mem', \
      'transaction_read_only', 'default_transaction_read_only', 'search_path')";

#[tokio::test]
async fn reads_go_through_a_pooler_and_leave_nothing_behind() {
    let (_, server) = database("pooler_reads", "CREATE TYPE mood AS ENUM ('fine')").await;
    let pooler = PgBouncer::start(server).unwrap();
    let mut clean = pooler.connect("pooler_reads").await.unwrap();
    let before = query_text(&mut clean, OUTSIDE_SETTINGS).await;
    let naive_zone = Some("Europe/Paris".to_owned());
    let source = open(&opsdash_pack::config::SourceConfig { naive_zone, ..config(&pooler.url("pooler_reads")) });
    for _ in 0..3 {
        let reads = (0..4).map(|_| async {
            let sql = "SELECT current_setting('TimeZone') AS zone, 'fine'::mood AS mood, \
                       set_config('work_mem', '1MB', false), set_config('app.x', 'y', false), \
                       9::money AS price, int4range(1, 2) AS span";
            let table = read_table(&source, &rows(sql)).await;
            assert_eq!(table.rows[0].key.as_str(), "Europe/Paris");
            read_failure(&source, &rows("SELECT 1/0 AS id")).await;
        });
        futures_util::future::join_all(reads).await;
    }
    // Both server connections of the pool, at the same time.
    let mut other = pooler.connect("pooler_reads").await.unwrap();
    for connection in [&mut clean, &mut other] {
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await.unwrap();
        assert_eq!(query_text(connection, OUTSIDE_SETTINGS).await, before);
        assert_eq!(
            query_text(connection, "SELECT count(*)::text FROM pg_prepared_statements").await.as_deref(),
            Some("0")
        );
        assert_eq!(
            query_text(connection, "SELECT coalesce(current_setting('app.x', true), '')").await.as_deref(),
            Some("")
        );
    }
    assert!(!pooler.log().contains("unsupported startup parameter"), "{}", pooler.log());
}

/// The driver names what it prepares, on each connection by the same names.
#[tokio::test]
async fn statements_of_writes_are_planned_behind_a_pooler_as_often_as_one_likes() {
    let schema = "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE jobs (id int PRIMARY KEY, state text, mood mood)";
    let (_, server) = database("pooler_plans", schema).await;
    let pooler = PgBouncer::start(server).unwrap();
    let source = open(&config(&pooler.url("pooler_plans")));
    let text =
        "UPDATE jobs SET state = 'x' WHERE id::text = ANY ($1) RETURNING id::text AS key, mood, 9::money AS price";
    let write = scope::bound(&scope::sql(text), &["1"]);
    for _ in 0..4 {
        let columns = source.plan(&write, &Within::default(), Duration::from_secs(20)).await.unwrap();
        assert_eq!(columns, ["key", "mood", "price"]);
    }
    let mut left = pooler.connect("pooler_plans").await.unwrap();
    assert_eq!(query_text(&mut left, "SELECT count(*)::text FROM pg_prepared_statements").await.as_deref(), Some("0"));
}

#[tokio::test]
async fn a_pooler_that_keeps_no_transaction_is_told_by_its_setting() {
    let (_, server) = database("pooler_statement", "").await;
    let pooler = PgBouncer::start_in_mode(server, "statement").unwrap();
    let failure = read_failure(&super::source(&pooler.url("pooler_statement")), &rows("SELECT 1 AS id")).await;
    assert!(failure.hint().contains("pool_mode = transaction"), "{failure:?}");
}

#[tokio::test]
async fn a_statement_behind_a_pooler_is_canceled_too() {
    let (_, server) = database("pooler_cancel", "").await;
    let pooler = PgBouncer::start(server).unwrap();
    let source = super::source(&pooler.url("pooler_cancel"));
    let mut slow = rows("SELECT 1 AS id FROM pg_sleep(60)");
    slow.limits = ReadLimits::of(60_000);
    let waiting = {
        let source = source.clone();
        tokio::spawn(async move { source.read(&slow).await })
    };
    let mut outside = server.connect("postgres").await.unwrap();
    let busy = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'pooler_cancel' AND state = 'active'";
    wait_for(&mut outside, busy, "1").await;
    waiting.abort();
    wait_for(&mut outside, busy, "0").await;
    read_table(&source, &rows("SELECT 1 AS id")).await;
    let mut console = pooler.console().await.unwrap();
    let clients = sqlx::raw_sql("SHOW CLIENTS").fetch_all(&mut console).await.unwrap();
    let own_clients = clients
        .iter()
        .filter(|row| row.try_get_unchecked::<&str, _>("application_name").is_ok_and(|name| name == "opsdash/alice"));
    assert!(own_clients.count() <= 3);
}
