//! Servers and networks that fail.

use std::time::{Duration, Instant};

use opsdash_core::contract::{FailureKind, LinkState, ReadLimits};
use opsdash_pack::config::{Secret, SourceConfig};
use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    servers::postgres::PostgresServer,
};

use super::{config, database, open, query_text, read_failure, read_table, rows, shared, source, wait_for};

#[tokio::test]
async fn a_statement_that_takes_too_long_ends_on_the_server_too() {
    let (source, server) = database("trouble_slow", "").await;
    let mut outside = server.connect("postgres").await.unwrap();
    let mut read = rows("SELECT 1 AS id FROM pg_sleep(60)");
    read.limits = ReadLimits::of(300);
    let failure = read_failure(&source, &read).await;
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.message.contains("statement timeout"), "{failure}");
    let busy = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'trouble_slow' AND state <> 'idle'";
    wait_for(&mut outside, busy, "0").await;
    read_table(&source, &rows("SELECT 1 AS id")).await;
    let all = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'trouble_slow'";
    let connections: u32 = query_text(&mut outside, all).await.unwrap().parse().unwrap();
    assert!(connections <= 2, "{connections}");
}

#[tokio::test]
async fn patience_ends_before_the_server_would() {
    let (source, server) = database("trouble_patience", "").await;
    let mut read = rows("SELECT 1 AS id FROM pg_sleep(60)");
    read.limits = ReadLimits { statement_ms: 60_000, patience_ms: 700 };
    let began = Instant::now();
    assert_eq!(read_failure(&source, &read).await.kind, FailureKind::Timeout);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut outside = server.connect("postgres").await.unwrap();
    let busy = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'trouble_patience' AND state <> 'idle'";
    wait_for(&mut outside, busy, "0").await;
}

#[tokio::test]
async fn an_abandoned_read_is_canceled_and_its_connection_is_used_again() {
    let (source, server) = database("trouble_dropped", "").await;
    let mut outside = server.connect("postgres").await.unwrap();
    let pid = |table: opsdash_core::contract::Table| table.rows[0].cells[0].clone();
    let first = pid(read_table(&source, &rows("SELECT pg_backend_pid() AS id")).await);
    let busy = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'trouble_dropped' AND state <> 'idle'";
    wait_for(&mut outside, busy, "0").await;
    let mut slow = rows("SELECT 1 AS id FROM pg_sleep(60)");
    slow.limits = ReadLimits::of(60_000);
    let waiting = {
        let source = source.clone();
        tokio::spawn(async move { source.read(&slow).await })
    };
    wait_for(&mut outside, busy, "1").await;
    waiting.abort();
    wait_for(&mut outside, busy, "0").await;
    // A read may get the other connection while the canceled one ends its transaction.
    while pid(read_table(&source, &rows("SELECT pg_backend_pid() AS id")).await) != first {}
}

#[tokio::test]
async fn only_our_own_statement_is_canceled() {
    // Another session runs a statement with the same mark. It must go on.
    let (source, server) = database("trouble_others", "").await;
    let mut outside = server.connect("postgres").await.unwrap();
    let mut slow = rows("SELECT 1 AS id FROM pg_sleep(60)");
    slow.limits = ReadLimits::of(60_000);
    let mark = format!("/* opsdash:{} */ SELECT pg_sleep(60)", slow.ticket.0);
    let mut other = server.connect("trouble_others").await.unwrap();
    let other_session = tokio::spawn(async move { sqlx::raw_sql(sqlx::AssertSqlSafe(mark)).execute(&mut other).await });
    let waiting = {
        let source = source.clone();
        tokio::spawn(async move { source.read(&slow).await })
    };
    let busy = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'trouble_others' AND state = 'active'";
    wait_for(&mut outside, busy, "2").await;
    waiting.abort();
    wait_for(&mut outside, busy, "1").await;
    assert!(!other_session.is_finished());
    other_session.abort();
}

#[tokio::test]
async fn a_black_hole_fails_within_the_deadline_and_is_forgotten_afterwards() {
    let (_, server) = database("trouble_hole", "").await;
    let forwarder = Forwarder::start(server.port()).await.unwrap();
    let source = source(&forwarder.through(&server.url("trouble_hole"), server.port()));
    read_table(&source, &rows("SELECT 1 AS id")).await;
    forwarder.set_mode(Mode::Stall);
    let mut read = rows("SELECT 1 AS id");
    read.limits = ReadLimits::of(500);
    for _ in 0..3 {
        let began = Instant::now();
        let failure = read_failure(&source, &read).await;
        assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert!(matches!(source.link(), Some(LinkState::Down(_))));
    }
    forwarder.set_mode(Mode::Pass);
    let began = Instant::now();
    while source.read(&read).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(6), "no way back");
    }
    assert!(matches!(source.link(), Some(LinkState::Up { .. })));
}

#[tokio::test]
async fn reads_that_wait_for_a_connection_fail_together_with_the_link() {
    let (_, server) = database("trouble_queue", "").await;
    let forwarder = Forwarder::start(server.port()).await.unwrap();
    let source = source(&forwarder.through(&server.url("trouble_queue"), server.port()));
    forwarder.set_mode(Mode::Stall);
    let mut read = rows("SELECT 1 AS id");
    read.limits = ReadLimits::of(500);
    let began = Instant::now();
    for answer in futures_util::future::join_all((0..9).map(|_| source.read(&read))).await {
        let failure = answer.unwrap_err();
        assert!(matches!(failure.kind, FailureKind::Unreachable | FailureKind::Timeout), "{failure}");
    }
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn waiting_for_a_connection_takes_nothing_from_the_time_to_work() {
    let (source, _) = database("trouble_wait", "").await;
    let mut read = rows("SELECT 1 AS id FROM pg_sleep(0.6)");
    read.limits = ReadLimits::of(1_200);
    for answer in futures_util::future::join_all((0..6).map(|_| source.read(&read))).await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_line_that_stalls_in_the_middle_of_a_statement_is_a_timeout() {
    let (_, server) = database("trouble_middle", "").await;
    let forwarder = Forwarder::start(server.port()).await.unwrap();
    let source = source(&forwarder.through(&server.url("trouble_middle"), server.port()));
    read_table(&source, &rows("SELECT 1 AS id")).await;
    let mut outside = server.connect("postgres").await.unwrap();
    let mut read = rows("SELECT 1 AS id FROM pg_sleep(1)");
    read.limits = ReadLimits::of(1_500);
    let waiting = {
        let source = source.clone();
        tokio::spawn(async move { source.read(&read).await })
    };
    // The statement itself, not the opening of its transaction: the server must have answered once before the stall.
    let busy = "SELECT count(*)::text FROM pg_stat_activity \
                WHERE datname = 'trouble_middle' AND state = 'active' AND query LIKE '%pg_sleep(1)%'";
    wait_for(&mut outside, busy, "1").await;
    forwarder.set_mode(Mode::Stall);
    assert_eq!(waiting.await.unwrap().unwrap_err().kind, FailureKind::Timeout);
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_without_a_restart_of_opsdash() {
    let mut server = PostgresServer::start().unwrap();
    let source = source(&server.admin_url());
    read_table(&source, &rows("SELECT 1 AS id")).await;
    server.stop().unwrap();
    let failure = read_failure(&source, &rows("SELECT 1 AS id")).await;
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
    assert!(failure.message.contains("refused"), "{failure}");
    server.start_again().unwrap();
    read_table(&source, &rows("SELECT 1 AS id")).await;
    // All connections are dead without notice. The read must open a new one by itself.
    server.restart().unwrap();
    read_table(&source, &rows("SELECT 1 AS id")).await;
}

#[tokio::test]
async fn errors_have_their_kind_and_name_their_object() {
    let statements = "CREATE TABLE nodes (id int, \"nodeId\" int); CREATE TABLE secrets (id int);
        DROP ROLE IF EXISTS trouble_reader; CREATE ROLE trouble_reader LOGIN PASSWORD 'reader';
        GRANT SELECT ON nodes TO trouble_reader";
    let (_, server) = database("trouble_kinds", statements).await;
    let source = source(&server.url_of("trouble_reader", "reader", "trouble_kinds"));
    for (sql, kind, object) in [
        ("SELECT id FROM ghosts", FailureKind::Schema, Some("ghosts")),
        ("SELECT nodeId FROM nodes", FailureKind::Schema, Some("nodeid")),
        ("SELECT n.nodeId FROM nodes AS n", FailureKind::Schema, Some("n.nodeid")),
        ("SELECT ghost(1) AS id", FailureKind::Schema, Some("ghost(integer)")),
        ("SELECT 'x'::ghost AS id", FailureKind::Schema, Some("ghost")),
        ("SELECT id FROM secrets", FailureKind::Privilege, Some("secrets")),
        ("SELECT 'x'::int AS id", FailureKind::Other, None),
    ] {
        let failure = read_failure(&source, &rows(sql)).await;
        assert_eq!((failure.kind, failure.object.as_deref()), (kind, object), "{sql}: {failure}");
        assert!(!failure.message.contains(".c:"), "{failure}");
    }
    read_table(&source, &rows("SELECT id FROM nodes")).await;
}

#[tokio::test]
async fn a_source_that_cannot_be_reached_says_why_and_where() {
    let server = shared();
    let wrong = source(&server.admin_url().replace(server.password(), "wrong"));
    assert_eq!(read_failure(&wrong, &rows("SELECT 1 AS id")).await.kind, FailureKind::Auth);
    let missing = read_failure(&source(&server.url("no_such_database")), &rows("SELECT 1 AS id")).await;
    assert_eq!(missing.kind, FailureKind::Unreachable);
    assert!(missing.message.contains("no_such_database"), "{missing}");
    let closed = read_failure(&source("postgres://a@127.0.0.1:1/db"), &rows("SELECT 1 AS id")).await;
    assert_eq!(closed.kind, FailureKind::Unreachable);
    assert!(closed.message.contains("127.0.0.1:1") && closed.message.contains("refused"), "{closed}");
    let lost = read_failure(&source("postgres://a@no-such-host.invalid/db"), &rows("SELECT 1 AS id")).await;
    assert_eq!(lost.kind, FailureKind::Unreachable);
    let plain =
        read_failure(&source(&format!("{}?sslmode=require", server.admin_url())), &rows("SELECT 1 AS id")).await;
    assert_eq!(plain.kind, FailureKind::Unreachable);
    assert!(plain.message.contains("TLS"), "{plain}");
}

#[tokio::test]
async fn the_urls_are_tried_in_order_and_may_name_a_socket() {
    let server = shared();
    let dead = Secret("postgres://a@127.0.0.1:1/db".into());
    let socket = format!(
        "postgres://opsdash_admin:{}@/postgres?host={}&port={}",
        server.password(),
        server.dir().display(),
        server.port()
    );
    let both = SourceConfig { urls: vec![dead, Secret(socket)], ..config("") };
    read_table(&open(&both), &rows("SELECT 1 AS id")).await;
}

#[tokio::test]
async fn a_lock_that_is_not_granted_is_busy_soon() {
    let (source, server) = database("trouble_lock", "CREATE TABLE nodes (id int)").await;
    let mut outside = server.connect("trouble_lock").await.unwrap();
    query_text(&mut outside, "BEGIN; LOCK TABLE nodes; SELECT 'locked'").await;
    let failure = read_failure(&source, &rows("SELECT id FROM nodes")).await;
    assert_eq!(failure.kind, FailureKind::Busy, "{failure}");
    assert!(!matches!(source.link(), Some(LinkState::Down(_))), "one locked table is not a dead source");
}

#[tokio::test]
async fn a_database_can_be_copied_and_dropped_while_a_source_of_it_is_open() {
    let (source, server) = database("trouble_template", "").await;
    for statement in ["CREATE DATABASE trouble_copy TEMPLATE trouble_template", "DROP DATABASE trouble_template"] {
        read_table(&source, &rows("SELECT 1 AS id")).await;
        // The server waits five seconds for others to go. On a busy machine our connection takes long to open, and is kept
        // longer.
        let started = Instant::now();
        while let Err(refused) = server.run("postgres", statement).await {
            assert!(started.elapsed() < Duration::from_secs(20), "{statement}: {refused}");
        }
    }
}
