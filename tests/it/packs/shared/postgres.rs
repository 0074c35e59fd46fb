//! Sessions, locks, tables and indexes.

use opsdash_core::value::{Severity, Value};
use opsdash_testbed::servers::postgres::{PostgresServer, shared};
use sqlx::{Connection, PgConnection};

use crate::packs::asking::{cell, detail, list, postgres_source, row, run, said, session, text, until, view};

const QUEUE: &str = "CREATE TABLE queue (id int PRIMARY KEY, note text); INSERT INTO queue VALUES (1, 'a'), (2, 'b')";
const VIEWS: [&str; 6] = ["pg_activity", "pg_server", "pg_tables", "pg_locks", "pg_indexes", "pg_statements"];

async fn database(name: &str, statements: &str) -> &'static PostgresServer {
    let server = shared();
    server.create_database(name).await.unwrap();
    server.run(name, statements).await.unwrap();
    server
}

/// The URL of a login that may read one database's tables and nothing else.
async fn plain_login(server: &PostgresServer, name: &str) -> String {
    let grants =
        format!("CREATE ROLE {name} LOGIN PASSWORD 'plain'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}");
    server.run(name, &grants).await.unwrap();
    server.url_of(name, "plain", name)
}

/// The major version of the server.
async fn release(connection: &mut PgConnection) -> i32 {
    let query = "SELECT current_setting('server_version_num')::int / 10000";
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_blocked_session_shows_its_blocker() {
    let server = database("servers_blocked", QUEUE).await;
    let source = postgres_source(&server.url("servers_blocked"));
    let (mut holder, holds) = session(&server.url("servers_blocked")).await;
    let (mut waiter, waits) = session(&server.url("servers_blocked")).await;
    let (mut outside, _) = session(&server.url("servers_blocked")).await;
    run(&mut holder, "BEGIN; UPDATE queue SET note = 'held' WHERE id = 1").await;
    let waiting = tokio::spawn(async move { run(&mut waiter, "UPDATE queue SET note = 'wanted' WHERE id = 1").await });
    until(&mut outside, &format!("SELECT cardinality(pg_blocking_pids({waits})) = 1")).await;

    let now = [("waiting_for", "0 s"), ("waiting_long", "1 hour"), ("idle_in_transaction_for", "1 hour")];
    let locks = list(&source, "pg_locks", &now[..2]).await;
    let root = &locks.rows[0];
    assert_eq!(text(&locks, root, "session"), holds, "what holds the others up comes first");
    let (severity, why) = said(root);
    assert!(severity == Severity::Warn && why.starts_with("holds up 1 session, idle in transaction for "), "{why}");
    let found = row(&locks, &format!("[\"{waits}\",\"{holds}\"]"));
    assert_eq!(text(&locks, found, "session"), format!("  {waits}"));
    assert_eq!(said(found), (Severity::Warn, &*format!("waits for {holds} (idle in transaction)")));
    assert_eq!(text(&locks, found, "relation"), "queue");
    assert!(
        text(&locks, found, "query").contains("'wanted'") && text(&locks, found, "blocker_query").contains("'held'")
    );
    let long = list(&source, "pg_locks", &[("waiting_long", "0 s")]).await;
    assert_eq!(row(&long, found.key.as_str()).severity, Severity::Crit);

    let activity = list(&source, "pg_activity", &[now[0], now[2]]).await;
    assert_eq!(said(row(&activity, &holds)), (Severity::Warn, "holds up 1 session"));
    let waiter_row = row(&activity, &waits);
    assert_eq!(waiter_row.severity, Severity::Warn);
    assert_eq!(text(&activity, waiter_row, "waits_for"), holds);
    let fields = detail(&source, "pg_activity", &waiter_row.key).await;
    assert_eq!(text(&fields[0], &fields[0].rows[0], "waits_for"), holds);
    assert!(fields[1].rows.iter().any(|lock| text(&fields[1], lock, "standing") == "waited for"));

    let idle = list(&source, "pg_activity", &[("idle_in_transaction_for", "0 s")]).await;
    let (severity, why) = said(row(&idle, &holds));
    assert!(severity == Severity::Crit && why.starts_with("holds up 1 session, idle in transaction for "), "{why}");
    run(&mut holder, "ROLLBACK").await;
    waiting.await.unwrap();
}

#[tokio::test]
async fn an_old_idle_transaction_is_a_warning_and_a_young_one_is_not() {
    let server = database("servers_idle", QUEUE).await;
    let source = postgres_source(&server.url("servers_idle"));
    let (mut forgotten, pid) = session(&server.url("servers_idle")).await;
    run(&mut forgotten, "BEGIN; SELECT 1").await;
    let young = list(&source, "pg_activity", &[]).await;
    assert_eq!(said(row(&young, &pid)), (Severity::Ok, ""));
    let old = list(&source, "pg_activity", &[("idle_in_transaction_for", "0 s")]).await;
    let (severity, why) = said(row(&old, &pid));
    assert!(severity == Severity::Warn && why.starts_with("idle in transaction for "), "{why}");
    let long = list(&source, "pg_activity", &[("transaction_for", "0 s")]).await;
    assert!(row(&long, &pid).why.starts_with("transaction open for "));
    run(&mut forgotten, "COMMIT").await;
    let busy = list(&source, "pg_activity", &[]).await;
    assert!(busy.rows.iter().all(|row| row.key.as_str() != pid), "idle sessions are left out");
    let all = list(&source, "pg_activity", &[("state", "all")]).await;
    assert_eq!(text(&all, row(&all, &pid), "state"), "idle");
}

#[tokio::test]
async fn a_password_in_a_statement_is_masked() {
    let server = database("servers_masked", "").await;
    let source = postgres_source(&server.url("servers_masked"));
    let (mut careless, pid) = session(&server.url("servers_masked")).await;
    run(&mut careless, "BEGIN").await;
    run(&mut careless, "CREATE ROLE masked_role PASSWORD 'hun''ter2' LOGIN").await;
    let activity = list(&source, "pg_activity", &[]).await;
    let found = row(&activity, &pid);
    assert_eq!(text(&activity, found, "query"), "CREATE ROLE masked_role PASSWORD '***' LOGIN");
    let fields = detail(&source, "pg_activity", &found.key).await;
    assert_eq!(text(&fields[0], &fields[0].rows[0], "query"), "CREATE ROLE masked_role PASSWORD '***' LOGIN");
    run(&mut careless, "ROLLBACK").await;
}

#[tokio::test]
async fn a_plain_login_is_told_what_it_cannot_see_and_nothing_fails() {
    let server = database("servers_plain", QUEUE).await;
    let source = postgres_source(&plain_login(server, "servers_plain").await);
    let (mut other, pid) = session(&server.url("servers_plain")).await;
    run(&mut other, "BEGIN; SELECT 'private' AS secret").await;
    for id in VIEWS {
        let found = list(&source, id, &[]).await;
        let has_detail = view(id).detail.is_some();
        if let Some(first) = found.rows.first().filter(|_| has_detail) {
            detail(&source, id, &first.key).await;
        }
    }
    let activity = list(&source, "pg_activity", &[]).await;
    let hidden = row(&activity, &pid);
    assert_eq!(said(hidden), (Severity::Unknown, "another user's: needs pg_monitor"));
    assert_eq!((cell(&activity, hidden, "query"), &*text(&activity, hidden, "state")), (&Value::Null, "not visible"));
    let fields = detail(&source, "pg_activity", &hidden.key).await;
    assert!(!format!("{fields:?}").contains("private"));
    let server_rows = list(&source, "pg_server", &[]).await;
    assert_eq!(row(&server_rows, r#"["privileges","servers_plain"]"#).severity, Severity::Unknown);
    run(&mut other, "ROLLBACK").await;
}

#[tokio::test]
async fn who_waits_for_whom_is_seen_by_a_plain_login_too() {
    let server = database("servers_plain_wait", QUEUE).await;
    let source = postgres_source(&plain_login(server, "servers_plain_wait").await);
    let (mut holder, holds) = session(&server.url("servers_plain_wait")).await;
    let (mut waiter, waits) = session(&server.url("servers_plain_wait")).await;
    let (mut outside, _) = session(&server.url("servers_plain_wait")).await;
    run(&mut holder, "BEGIN; LOCK TABLE queue").await;
    let waiting = tokio::spawn(async move { run(&mut waiter, "TABLE queue").await });
    until(&mut outside, &format!("SELECT cardinality(pg_blocking_pids({waits})) = 1")).await;
    let activity = list(&source, "pg_activity", &[("waiting_for", "0 s")]).await;
    // Before release 14 a plain login is not told since when somebody waits.
    if release(&mut outside).await < 14 {
        assert_eq!(row(&activity, &holds).severity, Severity::Unknown);
    } else {
        assert_eq!(said(row(&activity, &holds)), (Severity::Warn, "holds up 1 session"));
        assert!(row(&activity, &waits).why.starts_with(&format!("waits for {holds} since ")));
    }
    assert_eq!(text(&activity, row(&activity, &waits), "waits_for"), holds);
    let locks = list(&source, "pg_locks", &[]).await;
    assert!(row(&locks, &format!("[\"{waits}\",\"{holds}\"]")).why.contains("needs pg_monitor"));
    run(&mut holder, "ROLLBACK").await;
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_table_that_is_locked_exclusively_does_not_hold_the_lists_up() {
    let server = database("servers_locked", QUEUE).await;
    server.run("servers_locked", "CREATE TABLE other (id int PRIMARY KEY, big text); ANALYZE").await.unwrap();
    let source = postgres_source(&server.url("servers_locked"));
    let (mut holder, _) = session(&server.url("servers_locked")).await;
    run(&mut holder, "BEGIN; LOCK TABLE queue; REINDEX TABLE other").await;
    let tables = list(&source, "pg_tables", &[]).await;
    let why = |name: &str| &*tables.rows.iter().find(|row| text(&tables, row, "table") == name).unwrap().why;
    assert_eq!(why("queue"), "locked, its size is as of the last VACUUM");
    for table in &tables.rows {
        assert!(matches!(cell(&tables, table, "total_size"), Value::Int(_)));
        detail(&source, "pg_tables", &table.key).await;
    }
    assert_eq!(list(&source, "pg_indexes", &[]).await.rows.len(), 2);
    run(&mut holder, "ROLLBACK").await;
}

#[tokio::test]
async fn tables_tell_dead_rows_and_indexes_what_is_wrong_with_them() {
    let statements = "CREATE TABLE queue (id int PRIMARY KEY, note text) WITH (autovacuum_enabled = off);
        INSERT INTO queue SELECT n, repeat('x', 200) FROM generate_series(1, 20000) AS n;
        CREATE INDEX queue_a ON queue (note); CREATE INDEX queue_b ON queue (note);
        CREATE INDEX queue_c ON queue (note) WHERE id > 5; ANALYZE queue;
        DELETE FROM queue WHERE id % 2 = 0;
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'queue_c'::regclass";
    let server = database("servers_tables", statements).await;
    let source = postgres_source(&server.url("servers_tables"));
    let (mut outside, _) = session(&server.url("servers_tables")).await;
    until(&mut outside, "SELECT n_dead_tup >= 10000 FROM pg_stat_user_tables").await;
    let tables = list(&source, "pg_tables", &[]).await;
    assert_eq!(said(&tables.rows[0]), (Severity::Warn, "50 % of its rows are dead"));
    let given = [("table", tables.rows[0].key.as_str()), ("counted_for", "0 s"), ("unused_size", "1 kB")];
    let indexes = list(&source, "pg_indexes", &given).await;
    let why = |name: &str| {
        let found = indexes.rows.iter().find(|row| text(&indexes, row, "index") == name).unwrap();
        (found.severity, found.why.split_once(" in ").map_or(&*found.why, |(start, _)| start).to_owned())
    };
    assert_eq!(why("queue_pkey"), (Severity::Ok, String::new()));
    assert_eq!(why("queue_a"), (Severity::Warn, "never used".into()));
    assert_eq!(why("queue_b"), (Severity::Warn, "the same as queue_a".into()));
    assert!(why("queue_c").1.starts_with("invalid: "));
    let young = list(&source, "pg_indexes", &[("unused_size", "1 kB")]).await;
    assert_eq!(young.rows.iter().filter(|row| row.why.starts_with("never used")).count(), 1);
    assert_eq!(young.counts.warn, 2, "counted for less than a week, which proves nothing");
}

#[tokio::test]
async fn a_tables_detail_has_the_documented_statistics() {
    let server = database("servers_stats", QUEUE).await;
    server.run("servers_stats", "ANALYZE queue").await.unwrap();
    let source = postgres_source(&server.url("servers_stats"));
    let tables = list(&source, "pg_tables", &[]).await;
    let parts = detail(&source, "pg_tables", &tables.rows[0].key).await;
    let [_, indexes, columns] = &parts[..] else { panic!("three parts") };
    assert_eq!(text(indexes, &indexes.rows[0], "index"), "queue_pkey");
    assert_eq!(columns.columns[..1], ["column"]);
    let mut names: Vec<String> = columns.rows.iter().map(|row| text(columns, row, "column")).collect();
    names.sort();
    assert_eq!(names, ["id", "note"]);
}

#[tokio::test]
async fn the_server_tells_connections_slots_and_its_role() {
    let options = opsdash_testbed::servers::postgres::Options {
        settings: [("wal_level", "logical"), ("max_connections", "12")].map(|(a, b)| (a.into(), b.into())).to_vec(),
        ..Default::default()
    };
    let server = PostgresServer::start_with(&options).unwrap();
    server.run("postgres", "SELECT pg_create_logical_replication_slot('forgotten', 'pgoutput')").await.unwrap();
    let source = postgres_source(&server.url("postgres"));
    let usual = list(&source, "pg_server", &[]).await;
    assert_eq!((usual.counts.crit, usual.counts.warn, usual.counts.unknown), (0, 0, 0), "{:?}", usual.rows);
    assert_eq!(row(&usual, r#"["role","primary"]"#).severity, Severity::Ok);
    assert_eq!(row(&usual, r#"["slot","forgotten"]"#).why.as_str(), "logical slot retains WAL, nobody reads it");
    let strict = [("retained_warn", "0"), ("xid_warn", "1"), ("transaction_for", "0 s")];
    let strict = list(&source, "pg_server", &strict).await;
    assert_eq!(row(&strict, r#"["slot","forgotten"]"#).severity, Severity::Warn);
    assert_eq!(row(&strict, r#"["transactions","age in ids"]"#).severity, Severity::Warn);
    assert_eq!(list(&source, "pg_server", &[("retained_crit", "0")]).await.counts.crit, 1);
    let mut guests = Vec::new();
    for _ in 0..8 {
        guests.push(sqlx::PgConnection::connect(&server.url("postgres")).await.unwrap());
    }
    let full = list(&source, "pg_server", &[]).await;
    let (severity, why) = said(row(&full, r#"["connections","in use"]"#));
    assert!(severity >= Severity::Warn && why.ends_with("% of what ordinary users may have"), "{severity:?} {why}");
}

#[tokio::test]
async fn a_fact_that_is_not_to_be_had_is_unknown_and_the_others_stay() {
    let options = opsdash_testbed::servers::postgres::Options {
        settings: vec![("wal_level".into(), "logical".into())],
        ..Default::default()
    };
    let server = PostgresServer::start_with(&options).unwrap();
    let take = "SELECT pg_create_logical_replication_slot('forgotten', 'pgoutput');
        CREATE ROLE outsider LOGIN PASSWORD 'plain'; GRANT pg_monitor TO outsider;
        REVOKE EXECUTE ON FUNCTION pg_current_wal_lsn() FROM public";
    server.run("postgres", take).await.unwrap();
    let source = postgres_source(&server.url_of("outsider", "plain", "postgres"));
    let table = list(&source, "pg_server", &[]).await;
    assert_eq!(row(&table, r#"["role","primary"]"#).severity, Severity::Ok);
    let (severity, why) = said(row(&table, r#"["privileges","pg_current_wal_lsn"]"#));
    assert!(severity == Severity::Unknown && why.starts_with("no EXECUTE on it"), "{severity:?} {why}");
    assert_eq!(row(&table, r#"["slot","forgotten"]"#).severity, Severity::Unknown, "not known to be well");
}

#[tokio::test]
async fn slots_that_ordinary_users_never_get_do_not_count() {
    let mut connection = PgConnection::connect(&shared().url("postgres")).await.unwrap();
    // Earlier releases reserve none.
    let reserved = if release(&mut connection).await >= 16 { 5 } else { 0 };
    let mut settings = vec![("max_connections".to_owned(), "20".to_owned())];
    if reserved > 0 {
        settings.push(("reserved_connections".into(), reserved.to_string()));
    }
    let options = opsdash_testbed::servers::postgres::Options { settings, ..Default::default() };
    let server = PostgresServer::start_with(&options).unwrap();
    let table = list(&postgres_source(&server.url("postgres")), "pg_server", &[]).await;
    let shown = text(&table, row(&table, r#"["connections","in use"]"#), "value");
    assert!(shown.ends_with(&format!(" of {}", 20 - 3 - reserved)), "{shown}");
}

#[test]
fn any_system_may_include_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("ledger")).unwrap();
    let pack = "title = \"Ledger\"\nviews = []\ninclude = [\"postgres\"]\n[[source]]\nname = \"books\"\nengine = \"postgresql\"\n";
    std::fs::write(at("ledger/pack.toml"), pack).unwrap();
    let environment = opsdash::settings::Environment::of_process();
    let pack = opsdash::packs::load_dir(&at("ledger"), &environment).unwrap();
    let tabs: Vec<&str> = pack.tabs().map(|id| pack.view(id).id.as_str()).collect();
    assert_eq!(tabs, ["pg_activity", "pg_server", "pg_tables"]);
    assert!(VIEWS.iter().all(|id| pack.find(id).is_some()));
}
