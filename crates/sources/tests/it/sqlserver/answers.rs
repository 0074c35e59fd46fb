//! What is sent, and what comes of every type.

use std::collections::BTreeMap;

use opsdash_core::{
    contract::{Bind, FailureKind, LinkState, ResultShape},
    value::{Counts, RowKey, Severity, Value},
};
use opsdash_testbed::{
    reads,
    tds::{Cell, Request, Step, TODAY, TdsServer, Type},
};

use super::{answering, failure, list, open, rows, statement, table};

#[tokio::test]
async fn the_statement_is_sent_as_it_is_with_its_values_and_the_login_says_who_reads() {
    let server = answering("FROM jobs", Step::result(vec![("id", Type::Int)], vec![vec![7.into()]])).await;
    let source = open(&server.url());
    let sql = statement("SELECT id FROM jobs WHERE a = @P1 AND b = @P2 AND c IN (@P3)", &["state", "none", "keys"]);
    let bind = Bind {
        values: BTreeMap::from([("state".into(), "it's \u{e9}".into())]),
        keys: vec![RowKey("a\"b".into()), RowKey("c".into())],
    };
    let found = table(&source, &reads::ask(&sql, bind, ResultShape::Rows { limit: 10 })).await;
    assert_eq!(found.rows[0].cells, [Value::Int(7)]);
    let text = "/* opsdash */ SELECT id FROM jobs WHERE a = @P1 AND b = @P2 AND c IN (@P3)".to_owned();
    let values = vec![Some("it's \u{e9}".to_owned()), None, Some(r#"["a\"b","c"]"#.to_owned())];
    assert_eq!(server.calls(), [(text, values)]);
    let asked = server.asked();
    let Request::Login(login) = &asked[0] else { panic!("{asked:?}") };
    assert_eq!((login.user.as_str(), login.password.as_str()), ("reader", "s3cret"));
    assert_eq!((login.database.as_str(), login.application.as_str()), ("shop", "opsdash/alice"));
    assert!(login.is_read_only);
    let Request::Batch(opening) = &asked[1] else { panic!("{asked:?}") };
    for said in ["SET LOCK_TIMEOUT 2000", "SET XACT_ABORT ON", "BEGIN TRANSACTION", "READ COMMITTED"] {
        assert!(opening.contains(said), "{opening}");
    }
    let Request::Call { declared, .. } = &asked[2] else { panic!("{asked:?}") };
    assert_eq!(declared, "@P1 nvarchar(4000),@P2 nvarchar(4000),@P3 nvarchar(4000)");
    let Some(LinkState::Up { server }) = source.link() else { panic!("not up") };
    assert_eq!(server, "SQL Server 16.0.4105.2");
}

#[tokio::test]
async fn the_transaction_is_rolled_back_and_the_connection_serves_on() {
    let server = answering("SELECT 1", Step::result(vec![("a", Type::Int)], vec![vec![1.into()]])).await;
    let source = open(&server.url());
    let answer = source.read(&rows("SELECT 1 AS a")).await.unwrap();
    assert_eq!(answer.server_now.unwrap().calendar().unwrap().to_string().get(..19), Some("2026-11-28T10:00:00"));
    for _ in 1..6 {
        table(&source, &rows("SELECT 1 AS a")).await;
    }
    let ends = || {
        server
            .asked()
            .iter()
            .filter(|it| matches!(it, Request::Batch(text) if text.ends_with("ROLLBACK TRANSACTION")))
            .count()
    };
    super::trouble::until(|| ends() == 6).await;
    assert!(server.logins() <= 2, "{}", server.logins());
}

#[tokio::test]
async fn rows_are_ranked_and_counted_and_the_own_order_is_kept() {
    let columns = vec![("id", Type::Int), ("severity", Type::NVarChar), ("reason", Type::VarChar), ("n", Type::Int)];
    let row = |id: i64, severity: &str, reason: Cell| vec![Cell::Int(id), severity.into(), reason, Cell::Int(id)];
    let all = vec![
        row(1, "ok", Cell::Null),
        row(2, "crit", "late, silent".into()),
        row(3, "off", Cell::Null),
        row(4, "warn", "late".into()),
        row(5, "crit", "late".into()),
        row(6, "strange", Cell::Null),
    ];
    let server = answering("FROM jobs", Step::result(columns, all)).await;
    let source = open(&server.url());
    let found = table(&source, &list("SELECT * FROM jobs", 4)).await;
    let ids: Vec<&str> = found.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(ids, ["2", "5", "6", "4"]);
    assert_eq!(found.counts, Counts { crit: 2, warn: 1, ok: 1, unknown: 1, off: 1, more_from: None });
    assert_eq!(found.columns, ["id", "n"]);
    assert!(found.truncated);
    assert_eq!(found.reasons.of(Severity::Crit, "late"), 2);
    assert_eq!(found.rows[0].reasons.iter().map(|id| &**id).collect::<Vec<_>>(), ["late", "silent"]);
}

#[tokio::test]
async fn of_more_rows_than_are_ranked_the_rest_is_not_known_and_not_waited_for() {
    let columns = vec![("id", Type::Int), ("severity", Type::VarChar)];
    let all = (0..60_000).map(|id| vec![Cell::Int(id), "ok".into()]).collect();
    let server = answering("FROM jobs", Step::result(columns, all)).await;
    let source = open(&server.url());
    let found = table(&source, &list("SELECT * FROM jobs", 10)).await;
    assert_eq!((found.counts.ok, found.rows.len(), found.truncated), (50_000, 10, true));
    assert!(found.counts.may_be_more(Severity::Crit));
}

#[tokio::test]
async fn first_rows_end_the_statement_and_the_connection_serves_on() {
    let columns = vec![("id", Type::Int), ("severity", Type::VarChar)];
    let mut steps = Step::result(columns, (0..20).map(|id| vec![Cell::Int(id), "ok".into()]).collect());
    steps.push(Step::Wait(std::time::Duration::from_secs(30)));
    let server = answering("FROM jobs", steps).await;
    let source = open(&server.url());
    let shape = ResultShape::Uncounted { row_key: vec!["id".into()], limit: 5, reasons: false };
    let read = reads::ask(&statement("SELECT * FROM jobs", &[]), Bind::default(), shape);
    for _ in 0..6 {
        let found = table(&source, &read).await;
        assert_eq!((found.rows.len(), found.truncated), (5, true));
    }
    assert!(server.logins() <= 2, "an acknowledged attention between two rows leaves no doubt");
    assert!(server.asked().contains(&Request::Attention));
}

#[tokio::test]
async fn every_type_comes_as_its_value_and_every_null_as_null() {
    let guid = Cell::Bytes((0..16).collect());
    let noon = 12 * 3_600 * 10_000_000;
    let cases: Vec<(Type, Cell, &str)> = vec![
        (Type::TinyInt, 255.into(), "Int(255)"),
        (Type::SmallInt, (-2).into(), "Int(-2)"),
        (Type::Int, (-3).into(), "Int(-3)"),
        (Type::BigInt, i64::MIN.into(), "Int(-9223372036854775808)"),
        (Type::Bit, 1.into(), "Bool(true)"),
        (Type::Real, Cell::Float(0.1), "Float(0.1)"),
        (Type::Float, Cell::Float(-2.5), "Float(-2.5)"),
        (Type::Decimal(3), (-1_500).into(), "Decimal(\"-1.500\")"),
        (Type::Guid, guid, "Text(\"00010203-0405-0607-0809-0a0b0c0d0e0f\")"),
        (Type::Char, "a  ".into(), "Text(\"a  \")"),
        (Type::VarChar, "b".into(), "Text(\"b\")"),
        (Type::VarCharMax, "long".into(), "Text(\"long\")"),
        (Type::NChar, "\u{e9}".into(), "Text(\"\u{e9}\")"),
        (Type::NVarChar, "\u{1f600}\u{1b}[2J".into(), "Text(\"\u{1f600}\u{241b}[2J\")"),
        (Type::NVarCharMax, "{\"a\": 1}".into(), "Text(\"{\\\"a\\\": 1}\")"),
        (Type::Text, "old".into(), "Text(\"old\")"),
        (Type::NText, "old \u{e9}".into(), "Text(\"old \u{e9}\")"),
        (Type::Image, Cell::Bytes(vec![1]), "Text(\"0x01\")"),
        (Type::Binary, Cell::Bytes(vec![1, 2]), "Text(\"0x0102\")"),
        (Type::VarBinary, Cell::Bytes(vec![255]), "Text(\"0xff\")"),
        (Type::VarBinaryMax, Cell::Bytes(vec![0; 99]), "Text(\"<99 bytes>\")"),
        (Type::Date, Cell::Time(TODAY, 0, 0), "Date(Date(20785))"),
        (Type::Time, Cell::Time(0, noon, 0), "Text(\"12:00:00\")"),
        (Type::DateTime, Cell::Time(46_352, 12 * 3_600 * 300, 0), "Time(Time(1795867200000000))"),
        (Type::SmallDateTime, Cell::Time(46_352, 720, 0), "Time(Time(1795867200000000))"),
        (Type::DateTime2, Cell::Time(TODAY, noon + 7, 0), "Time(Time(1795867200000000))"),
        (Type::DateTimeOffset, Cell::Time(TODAY, noon, 120), "Time(Time(1795867200000000))"),
        (Type::Xml, "<a/>".into(), "Text(\"<a/>\")"),
    ];
    let names: Vec<&'static str> = (0..cases.len()).map(|at| &*Box::leak(format!("c{at}").into_boxed_str())).collect();
    let columns: Vec<(&'static str, Type)> = names.into_iter().zip(cases.iter().map(|(kind, ..)| *kind)).collect();
    let nulls = vec![Cell::Null; cases.len()];
    let values = cases.iter().map(|(_, cell, _)| cell.clone()).collect();
    let server = answering("SELECT 1", Step::result(columns, vec![values, nulls])).await;
    let found = table(&open(&server.url()), &rows("SELECT 1")).await;
    for ((kind, _, expected), value) in cases.iter().zip(&found.rows[0].cells) {
        assert_eq!(format!("{value:?}"), *expected, "{kind:?}");
    }
    assert!(found.rows[1].cells.iter().all(|cell| *cell == Value::Null), "{:?}", found.rows[1].cells);
}

#[tokio::test]
async fn money_keeps_its_four_decimals() {
    let columns = vec![("a", Type::Money), ("b", Type::SmallMoney)];
    let server =
        answering("SELECT 1", Step::result(columns, vec![vec![123_456_789_012_345_i64.into(), (-5_000).into()]])).await;
    let found = table(&open(&server.url()), &rows("SELECT 1")).await;
    assert_eq!(found.rows[0].cells, [Value::Float(12_345_678_901.234_5), Value::Float(-0.5)]);
}

#[tokio::test]
async fn types_that_hold_anything_are_told_and_the_next_read_is_right() {
    for (kind, cell, told) in
        [(Type::Variant, Cell::Int(1), "sql_variant"), (Type::Udt, Cell::Bytes(vec![1, 2]), "a CLR type")]
    {
        let odd = Step::result(vec![("a", Type::Int), ("odd", kind)], vec![vec![1.into(), cell]; 3]);
        let server = TdsServer::start(move |request| match request {
            Request::Call { sql, .. } if sql.contains("odd") => Some(odd.clone()),
            Request::Call { .. } => Some(Step::result(vec![("a", Type::Int)], vec![vec![2.into()]])),
            _ => None,
        })
        .await
        .unwrap();
        let source = open(&server.url());
        let failed = failure(&source, &rows("SELECT odd")).await;
        assert_eq!((failed.kind, failed.object.as_deref()), (FailureKind::Schema, Some("odd")));
        assert!(failed.message.contains(told) && failed.message.contains("cast it to text"), "{failed}");
        assert_eq!(table(&source, &rows("SELECT 2")).await.rows[0].cells, [Value::Int(2)]);
    }
}
