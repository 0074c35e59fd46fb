//! Reasons of rows, and how many rows of the whole query have each.

use opsdash_core::{
    contract::{ResultShape, Table},
    value::{Counts, Severity},
};

use super::{database, list, read, read_table};

const NODES: &str = "CREATE TABLE nodes (id int PRIMARY KEY, severity text, reason text);
    INSERT INTO nodes SELECT n, CASE WHEN n % 10 = 0 THEN 'crit' WHEN n % 10 = 1 THEN 'warn' WHEN n % 10 = 2 THEN 'off'
      ELSE 'ok' END, CASE WHEN n % 20 = 0 THEN 'silent' WHEN n % 10 < 2 THEN 'late' WHEN n % 10 = 2 THEN 'revoked' END
    FROM generate_series(1, 1000) AS n";

fn reasoned(sql: &str, limit: u32, troubled: bool) -> opsdash_core::contract::Read {
    read(sql, ResultShape::List { row_key: vec!["id".into()], limit, troubled, reasons: true })
}

fn ranked(table: &Table) -> Vec<(Severity, &str, u64)> {
    table.reasons.ranked()
}

#[tokio::test]
async fn reasons_are_counted_over_the_whole_query_and_rows_carry_theirs() {
    let (source, _) = database("reasons_counts", NODES).await;
    let table = read_table(&source, &reasoned("SELECT severity, reason, id FROM nodes ORDER BY id", 3, false)).await;
    assert_eq!(table.counts, Counts { crit: 100, warn: 100, ok: 700, off: 100, ..Counts::default() });
    let expected = [
        (Severity::Crit, "late", 50),
        (Severity::Crit, "silent", 50),
        (Severity::Warn, "late", 100),
        (Severity::Off, "revoked", 100),
    ];
    assert_eq!(ranked(&table), expected);
    let rows: Vec<(&str, &str)> = table.rows.iter().map(|row| (row.key.as_str(), &*row.reasons[0])).collect();
    assert_eq!(rows, [("10", "late"), ("20", "silent"), ("30", "late")]);
    assert_eq!(table.columns, ["id"], "a reason is no column");
    assert!(table.truncated);
}

#[tokio::test]
async fn what_is_off_is_last_and_no_trouble() {
    let (source, _) = database("reasons_off", NODES).await;
    let sql = "SELECT severity, reason, id FROM nodes WHERE id <= 13 ORDER BY id";
    let all = read_table(&source, &reasoned(sql, 500, false)).await;
    let last: Vec<&str> = all.rows.iter().rev().take(2).map(|row| row.key.as_str()).collect();
    assert_eq!((last, all.rows[12].severity), (vec!["12", "2"], Severity::Off));
    let troubled = read_table(&source, &reasoned(sql, 500, true)).await;
    let keys: Vec<&str> = troubled.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!((keys, troubled.counts.off, troubled.truncated), (vec!["10", "1", "11"], 2, false));
}

#[tokio::test]
async fn of_several_reasons_the_first_counts_and_nulls_are_none() {
    let (source, _) = database("reasons_several", "").await;
    let sql = "SELECT 'warn' AS severity, r AS reason, n AS id FROM (VALUES (1, ARRAY['late', 'big']),
        (2, ARRAY[NULL, 'big', 'odd']), (3, ARRAY[]::text[]), (4, NULL), (5, ARRAY['late', 'late'])) AS v (n, r)";
    let table = read_table(&source, &reasoned(sql, 10, false)).await;
    assert_eq!(ranked(&table), [(Severity::Warn, "late", 2), (Severity::Warn, "big", 1)]);
    let of_row = |at: usize| table.rows[at].reasons.iter().map(|id| &**id).collect::<Vec<_>>();
    assert_eq!((of_row(0), of_row(1), of_row(2), of_row(3)), (vec!["late", "big"], vec!["big", "odd"], vec![], vec![]));
}

#[tokio::test]
async fn a_query_without_reasons_has_none_also_where_a_view_describes_some() {
    let (source, _) = database("reasons_none", NODES).await;
    let table = read_table(&source, &reasoned("SELECT severity, id FROM nodes", 5, false)).await;
    assert_eq!((ranked(&table), table.rows[0].reasons.len(), table.counts.crit), (vec![], 0, 100));
    let nothing = read_table(&source, &reasoned("SELECT * FROM nodes WHERE false", 5, false)).await;
    assert_eq!((nothing.counts, nothing.columns.as_slice()), (Counts::default(), &["id".to_owned()][..]));
}

#[tokio::test]
async fn where_a_view_describes_no_reasons_the_column_is_one_like_any_other() {
    let (source, _) = database("reasons_column", NODES).await;
    let table = read_table(&source, &list("SELECT severity, reason, id FROM nodes", 5, false)).await;
    assert_eq!((table.columns.as_slice(), ranked(&table).len()), (&["reason".to_owned(), "id".to_owned()][..], 0));
}

#[tokio::test]
async fn a_query_that_returns_anything_as_reason_is_told_within_bounds() {
    let (source, _) = database("reasons_odd", "").await;
    let sql = "SELECT 'crit' AS severity, n || repeat('x', 5000) || E'\\x1b' AS reason, n AS id FROM generate_series(1, 1000) AS n";
    let table = read_table(&source, &reasoned(sql, 10, false)).await;
    assert_eq!((table.counts.crit, table.reasons.ranked().len()), (1000, 200));
    assert!(table.rows.iter().all(|row| row.reasons[0].len() < 200), "{:?}", table.rows[0].reasons);
    let number = read_table(&source, &reasoned("SELECT 'crit' AS severity, 7 AS reason, 1 AS id", 10, false)).await;
    assert_eq!(ranked(&number), [(Severity::Crit, "7", 1)]);
}

#[tokio::test]
async fn a_word_that_is_no_severity_is_told_beside_what_the_query_says() {
    let (source, _) = database("reasons_word", "").await;
    let table =
        read_table(&source, &list("SELECT 'critical' AS severity, 'disk full' AS why, 1 AS id", 5, false)).await;
    let row = &table.rows[0];
    let why = "the query says \"critical\", which is no severity; disk full";
    assert_eq!((row.severity, &*row.why, table.counts.unknown), (Severity::Unknown, why, 1));
}
