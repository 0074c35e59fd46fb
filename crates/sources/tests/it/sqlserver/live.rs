//! Against a real server, where `OPSDASH_TEST_MSSQL_URL` names one: a login that may read, in any database.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use opsdash_core::{
    contract::{FailureKind, Inspection, Read, ReadLimits, Within},
    value::Value,
};

use super::{failure, open, rows, table};

const VARIABLE: &str = "OPSDASH_TEST_MSSQL_URL";

/// The URL; `None`, said loudly, where there is none.
fn url() -> Option<String> {
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        // Past the capture of the test's output: that nothing was verified must be seen.
        let mut loud = std::io::stderr();
        writeln!(loud, "NOT RUN: {VARIABLE} names no SQL Server, so nothing was verified on a real one").unwrap();
    }
    url
}

#[tokio::test]
async fn a_real_server_reads_every_type_of_a_schema() {
    let Some(url) = url() else { return };
    let sql = "SELECT CAST(1 AS bigint) AS a, CAST('2026-11-28T12:00:00.1234567' AS datetime2) AS b, N'\u{e9}' AS c, \
               CAST(NULL AS uniqueidentifier) AS d, CAST(1.50 AS decimal(10, 2)) AS e, CAST(1 AS bit) AS f, \
               CAST(REPLICATE(CAST(N'x' AS nvarchar(max)), 10000) AS nvarchar(max)) AS g";
    let found = table(&open(&url), &rows(sql)).await;
    let cells = &found.rows[0].cells;
    assert_eq!((&cells[0], &cells[2], &cells[3]), (&Value::Int(1), &Value::text("\u{e9}"), &Value::Null));
    assert_eq!((&cells[4], &cells[5]), (&Value::Decimal("1.50".into()), &Value::Bool(true)));
    assert_eq!(cells[6].as_text().map(str::len), Some(10_000));
}

#[tokio::test]
async fn a_real_server_tells_what_is_wrong_and_serves_on() {
    let Some(url) = url() else { return };
    let source = open(&url);
    let failed = failure(&source, &rows("SELECT 1 FROM dbo.opsdash_no_such_table")).await;
    assert!(matches!(failed.kind, FailureKind::Schema | FailureKind::Other), "{failed}");
    assert_eq!(table(&source, &rows("SELECT 1 AS a")).await.rows[0].cells, [Value::Int(1)]);
}

#[tokio::test]
async fn a_real_server_is_not_waited_for_longer_than_told() {
    let Some(url) = url() else { return };
    let source = open(&url);
    let slow = "SELECT COUNT_BIG(*) AS n FROM sys.all_columns AS a CROSS JOIN sys.all_columns AS b \
                CROSS JOIN sys.all_columns AS c";
    // Connecting is not what is measured.
    assert_eq!(table(&source, &rows("SELECT 1 AS a")).await.rows[0].cells, [Value::Int(1)]);
    let started = Instant::now();
    let failed = failure(&source, &Read { limits: ReadLimits::of(3_000), ..rows(slow) }).await;
    assert_eq!(failed.kind, FailureKind::Timeout, "{failed}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(table(&source, &rows("SELECT 1 AS a")).await.rows[0].cells, [Value::Int(1)]);
}

#[tokio::test]
async fn a_real_server_tells_its_facts() {
    let Some(url) = url() else { return };
    let inspection = Inspection { timeout_ms: 20_000, ..Inspection::default() };
    let facts = open(&url).inspect(&inspection, &Within::default()).await.unwrap();
    assert!(facts.server.starts_with("SQL Server ") && facts.version.is_some(), "{facts:?}");
    assert!(facts.catalog.login.is_some() && facts.ahead_ms.is_some(), "{facts:?}");
}
