//! What an answer holds: counts, order, keys, parameters, the server's clock.

use std::collections::BTreeMap;

use opsdash_core::{
    contract::{Bind, FailureKind, Inspection, LinkState, Read, ResultShape, ScopeSetting, Within},
    value::{Counts, RowKey, Severity, Value},
};

use opsdash_pack::config::SourceConfig;
use opsdash_testbed::reads;

use super::{config, database, list, open, query_text, read_failure, read_table, rows, wait_for, with_params};

const NODES: &str = "CREATE TABLE nodes (id int PRIMARY KEY, name text, severity text);
    INSERT INTO nodes SELECT n, 'node ' || n, CASE WHEN n % 10 = 0 THEN 'crit' WHEN n % 10 = 1 THEN 'warn'
      WHEN n = 502 THEN 'odd' WHEN n = 503 THEN NULL ELSE 'ok' END FROM generate_series(1, 1000) AS n";
const QUERY: &str =
    "SELECT severity, 'because of ' || name AS why, id, name FROM nodes ORDER BY id DESC -- newest first";

#[tokio::test]
async fn counts_are_of_the_whole_query_and_the_worst_come_first_in_its_own_order() {
    let (source, _) = database("answers_counts", NODES).await;
    let table = read_table(&source, &list(QUERY, 103, false)).await;
    assert_eq!(table.counts, Counts { crit: 100, warn: 100, unknown: 2, ok: 798, ..Counts::default() });
    assert!(table.truncated);
    assert_eq!(table.columns, ["id", "name"]);
    let keys: Vec<&str> = table.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!((keys[0], keys[99], keys[100], keys[101], keys[102]), ("1000", "10", "503", "502", "991"));
    assert_eq!(table.rows[101].severity, Severity::Unknown);
    assert_eq!(&*table.rows[0].why, "because of node 1000");
    assert_eq!(table.rows[0].cells, [Value::Int(1000), Value::text("node 1000")]);
}

#[tokio::test]
async fn troubled_leaves_ok_rows_out_and_still_counts_them() {
    let (source, _) = database("answers_troubled", NODES).await;
    let table = read_table(&source, &list(QUERY, 500, true)).await;
    assert_eq!((table.rows.len(), table.counts.ok, table.truncated), (202, 798, false));
    let all_ok = "SELECT 'ok' AS severity, '' AS why, id FROM nodes";
    let table = read_table(&source, &list(all_ok, 500, true)).await;
    assert_eq!((table.rows.len(), table.counts.ok, table.truncated), (0, 1000, false));
    let nothing = read_table(&source, &list("SELECT * FROM nodes WHERE false", 500, false)).await;
    assert_eq!((nothing.rows.len(), nothing.counts), (0, Counts::default()));
    assert_eq!(nothing.columns, ["id", "name"]);
}

#[tokio::test]
async fn rows_come_as_they_are_with_the_first_column_as_key() {
    let (source, _) = database("answers_rows", NODES).await;
    let table = read_table(&source, &rows("SELECT name, id FROM nodes ORDER BY id DESC")).await;
    assert_eq!((table.rows.len(), table.truncated), (100, true));
    assert_eq!(table.rows[0].key.as_str(), "node 1000");
    assert_eq!(table.counts, Counts::default());
    let none = read_table(&source, &rows("SELECT name, id FROM nodes WHERE id < 0")).await;
    assert_eq!((none.columns.len(), none.rows.len(), none.truncated), (2, 0, false));
    let exactly = read_table(&source, &rows("SELECT name, id FROM nodes LIMIT 100")).await;
    assert_eq!((exactly.rows.len(), exactly.truncated), (100, false));
}

#[tokio::test]
async fn a_composite_key_is_raw_and_finds_its_row_again() {
    let (source, _) = database("answers_keys", "").await;
    let sql = "SELECT 'ok' AS severity, '' AS why, E'a\\u202e\"b' AS id, 7::bigint AS part, \
               '2026-01-02 03:04:05.000006+00'::timestamptz AS at, 1.50::numeric AS price, NULL::text AS none";
    let mut read = list(sql, 5, false);
    let opsdash_core::contract::Question::Statement { shape, .. } = &mut read.question else { unreachable!() };
    let opsdash_core::contract::ResultShape::List { row_key, .. } = shape else { unreachable!() };
    *row_key = ["id", "part", "at", "price", "none"].map(String::from).to_vec();
    let table = read_table(&source, &read).await;
    let parts: Vec<String> = serde_json::from_str(table.rows[0].key.as_str()).unwrap();
    assert_eq!(parts, ["a\u{202e}\"b", "7", "2026-01-02T03:04:05.000006Z", "1.50", ""]);
    assert_eq!(table.rows[0].cells[0], Value::text("a\u{fffd}\"b"));
}

#[tokio::test]
async fn parameters_are_bound_as_text_and_absent_ones_are_null() {
    let (source, _) = database("answers_params", NODES).await;
    let sql = "SELECT id, $1::int + 1 AS next, $2 IS NULL AS absent FROM nodes \
               WHERE id = ANY ($3::int[]) AND ($2::text IS NULL OR name = $2) ORDER BY id";
    let bind = Bind {
        values: BTreeMap::from([("key".into(), "41".into())]),
        keys: vec![RowKey("3".into()), RowKey("5".into())],
    };
    let read = with_params(rows(sql), &[("key", false), ("search", false), ("keys", true)], bind);
    let table = read_table(&source, &read).await;
    let ids: Vec<&str> = table.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(ids, ["3", "5"]);
    assert_eq!(table.rows[0].cells[1..], [Value::Int(42), Value::Bool(true)]);
}

#[tokio::test]
async fn the_scope_is_set_for_its_transaction_alone() {
    let (source, _) = database("answers_scope", "").await;
    let scoped = |value: &str| {
        let mut read = rows("SELECT current_setting('app.client', true) AS client");
        read.within.scope = Some(ScopeSetting { name: "app.client".into(), value: value.into(), listed: None });
        read
    };
    let hostile = r"x'; DROP TABLE nodes; -- \";
    let table = read_table(&source, &scoped(hostile)).await;
    assert_eq!(table.rows[0].key.as_str(), hostile);
    let after = read_table(&source, &rows("SELECT current_setting('app.client', true) AS client")).await;
    assert_eq!(after.rows[0].key.as_str(), "");
    assert!(read_failure(&source, &scoped("a\0b")).await.message.contains("NUL"));
}

#[tokio::test]
async fn the_answer_carries_the_servers_clock_and_the_link_its_version() {
    let (source, server) = database("answers_clock", "").await;
    assert_eq!(source.link(), None);
    let answer = source.read(&rows("SELECT clock_timestamp() AS now")).await.unwrap();
    let now = answer.server_now.unwrap();
    let Value::Time(said) = reads::table(answer).rows[0].cells[0] else { panic!("no time") };
    assert!(now.since_ms(said).abs() < 5_000, "{now:?} {said:?}");
    let version = query_text(&mut server.connect("postgres").await.unwrap(), "SHOW server_version").await.unwrap();
    let version = version.split(' ').next().unwrap();
    assert_eq!(source.link(), Some(LinkState::Up { server: format!("PostgreSQL {version}") }));
}

#[tokio::test]
async fn a_query_without_its_promised_columns_is_named() {
    let (source, _) = database("answers_columns", NODES).await;
    let no_severity = read_failure(&source, &list("SELECT id FROM nodes", 5, false)).await;
    assert_eq!((no_severity.kind, no_severity.object.as_deref()), (FailureKind::Schema, Some("severity")));
    let no_key = read_failure(&source, &list("SELECT 'ok' AS severity, name FROM nodes", 5, false)).await;
    assert_eq!((no_key.kind, no_key.object.as_deref()), (FailureKind::Schema, Some("id")));
}

/// Rows of a table whose index has the order of the list, and many others.
const JOBS: &str = "CREATE TABLE jobs (id int PRIMARY KEY, level text NOT NULL, at int NOT NULL);
    INSERT INTO jobs SELECT i, CASE WHEN i % 4 = 0 THEN 'bad' ELSE 'fine' END, i FROM generate_series(1, 40000) AS i;
    CREATE INDEX ON jobs (level, at); ANALYZE jobs";

fn uncounted(sql: &str, limit: u32) -> Read {
    super::read(sql, ResultShape::Uncounted { row_key: vec!["id".into()], limit, reasons: true })
}

#[tokio::test]
async fn uncounted_rows_come_in_their_own_order_and_say_from_where_on_there_may_be_more() {
    let (source, _) = database("answers_uncounted", JOBS).await;
    let jobs = |level: &str| {
        format!("SELECT 'crit' AS severity, 'stuck' AS reason, id FROM jobs WHERE level = '{level}' ORDER BY at DESC")
    };
    let table = read_table(&source, &uncounted(&jobs("bad"), 3)).await;
    let keys: Vec<&str> = table.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["40000", "39996", "39992"]);
    let counts = Counts { crit: 3, more_from: Some(Severity::Crit), ..Counts::default() };
    assert_eq!((table.counts, table.truncated), (counts, true));
    assert_eq!(table.reasons.of(Severity::Crit, "stuck"), 3);
    let whole = read_table(&source, &uncounted(&jobs("bad"), 20_000)).await;
    assert_eq!((whole.counts, whole.truncated), (Counts { crit: 10_000, ..Counts::default() }, false));
    let none = read_table(&source, &uncounted(&jobs("none"), 3)).await;
    assert_eq!((none.counts, none.rows.len(), none.columns), (Counts::default(), 0, vec!["id".to_owned()]));
    // An order that is not of severities says nothing of any.
    let odd = "SELECT CASE WHEN id % 2 = 0 THEN 'crit' ELSE 'ok' END AS severity, id FROM jobs ORDER BY id";
    let odd = read_table(&source, &uncounted(odd, 3)).await;
    assert_eq!(odd.counts.more_from, Some(Severity::Crit));
}

#[tokio::test]
async fn uncounted_rows_are_found_by_their_index_without_a_sort() {
    let (source, server) = database("answers_by_index", JOBS).await;
    let mut outside = server.connect("answers_by_index").await.unwrap();
    let read = "SELECT (idx_tup_fetch + seq_tup_read)::text FROM pg_stat_user_tables WHERE relname = 'jobs'";
    let before: i64 = query_text(&mut outside, read).await.unwrap().parse().unwrap();
    // Of a level that is found while the query runs, the server expects few rows and would sort them.
    let sql = "SELECT 'crit' AS severity, id FROM jobs WHERE level = (SELECT max(level) FROM (VALUES ('bad')) AS of (level)) \
               AND at BETWEEN (SELECT 0) AND 1000000 ORDER BY at DESC";
    read_table(&source, &uncounted(sql, 100)).await;
    source.close().await;
    // What a session has read is told when it has ended.
    let read = format!("SELECT (({read})::bigint - {before} BETWEEN 101 AND 1000)::text");
    wait_for(&mut outside, &read, "true").await;
}

#[tokio::test]
async fn names_without_a_schema_are_those_of_the_sources_schema() {
    let (_, server) = database(
        "answers_schema",
        "CREATE SCHEMA \"Crm\"; CREATE TABLE \"Crm\".tickets AS SELECT 7 AS id; CREATE TABLE plain AS SELECT 1 AS id;
         CREATE TABLE tickets AS SELECT 0 AS id",
    )
    .await;
    let url = server.url("answers_schema");
    let source = open(&SourceConfig { schema: Some("Crm".into()), ..config(&url) });
    let ids = async |sql: &str| read_table(&source, &rows(sql)).await.rows[0].cells[0].clone();
    assert_eq!(ids("SELECT id FROM tickets").await, Value::Int(7));
    assert_eq!(ids("SELECT id FROM plain").await, Value::Int(1), "public stays in reach, for functions too");
    let inspection = Inspection { tables: vec!["tickets".into()], timeout_ms: 5_000, ..Inspection::default() };
    let facts = source.inspect(&inspection, &Within::default()).await.unwrap();
    let found: Vec<_> = facts.catalog.tables.iter().map(|table| (table.schema.as_str(), table.visible)).collect();
    assert_eq!(found, [("Crm", true), ("public", false)]);
}
