//! Every supported type, with NULL and its extreme values.

use opsdash_core::{
    contract::FailureKind,
    time::{Date, Time},
    value::Value,
};
use opsdash_pack::config::SourceConfig;
use opsdash_testbed::forwarder::Forwarder;

use super::{config, database, open, read_table, rows, shared};

async fn value(source: &opsdash_sources::Source, expression: &str) -> Value {
    read_table(source, &rows(&format!("SELECT 1 AS id, {expression} AS v"))).await.rows[0].cells[1].clone()
}

fn texts(list: &[&str]) -> Value {
    Value::list(list.iter().map(|text| Value::text(text)))
}

fn decimal(digits: &str) -> Value {
    Value::Decimal(digits.into())
}

#[tokio::test]
async fn every_type_has_its_value() {
    let (source, _) = database(
        "types_all",
        "CREATE TYPE level AS ENUM ('low', 'high'); CREATE DOMAIN score AS numeric; CREATE EXTENSION citext",
    )
    .await;
    let moment = |text: &str| Value::Time(Time(text.parse::<jiff::Timestamp>().unwrap().as_microsecond()));
    for (expression, expected) in [
        ("true", Value::Bool(true)),
        ("7::int2", Value::Int(7)),
        ("-7::int4", Value::Int(-7)),
        ("9223372036854775807", Value::Int(i64::MAX)),
        ("4000000000::oid", Value::Int(4_000_000_000)),
        ("0.1::float4", Value::Float(0.1)),
        ("2.5::float8", Value::Float(2.5)),
        ("'-Infinity'::float8", Value::Float(f64::NEG_INFINITY)),
        ("12345.6789::numeric", decimal("12345.6789")),
        ("-100000000.00::numeric", decimal("-100000000.00")),
        ("-100000000::numeric", Value::Int(-100_000_000)),
        ("12345678901234567890.123456789::numeric", decimal("12345678901234567890.123456789")),
        ("1e30::numeric", decimal("1000000000000000000000000000000")),
        ("0.000012::numeric", decimal("0.000012")),
        ("'text'::text", Value::text("text")),
        ("'v'::varchar(3)", Value::text("v")),
        ("'ab'::char(3)", Value::text("ab ")),
        ("'n'::name", Value::text("n")),
        ("'c'::\"char\"", Value::text("c")),
        ("'CI'::citext", Value::text("CI")),
        ("'high'::level", Value::text("high")),
        ("5.5::score", decimal("5.5")),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", Value::text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("'10.1.2.3'::inet", Value::text("10.1.2.3")),
        ("'10.1.0.0/16'::cidr", Value::text("10.1.0.0/16")),
        ("'::1/64'::inet", Value::text("::1/64")),
        ("'{\"a\": [1, null]}'::json", Value::Json(Box::new(serde_json::json!({"a": [1, null]})))),
        (
            "'[1234567890123456789012345678901234567890, 1.50]'::jsonb",
            Value::Json(Box::new(serde_json::from_str("[1234567890123456789012345678901234567890, 1.50]").unwrap())),
        ),
        ("'{\"a\": 1.5}'::jsonb", Value::Json(Box::new(serde_json::json!({"a": 1.5})))),
        ("'2026-01-02 03:04:05.678901+01'::timestamptz", moment("2026-01-02T02:04:05.678901Z")),
        ("'2026-01-02 03:04:05'::timestamp", moment("2026-01-02T03:04:05Z")),
        ("'2026-01-02'::date", Value::Date(Date(20_455))),
        ("interval '1 day 2 hours 3.5 seconds'", Value::Duration(93_603_500)),
        ("interval '-10 minutes'", Value::Duration(-600_000)),
        ("ARRAY[1.5, NULL]::float8[]", Value::list([Value::Float(1.5), Value::Null])),
        ("ARRAY[1, NULL, 3]", Value::list([Value::Int(1), Value::Null, Value::Int(3)])),
        ("ARRAY[9223372036854775807]", Value::list([Value::Int(i64::MAX)])),
        ("ARRAY[1.25, 2]::numeric[]", Value::list([decimal("1.25"), Value::Int(2)])),
        ("ARRAY[true, NULL]::bool[]", Value::list([Value::Bool(true), Value::Null])),
        (
            "ARRAY[['a', 'b'], ['c', NULL]]::text[]",
            Value::list([texts(&["a", "b"]), Value::list([Value::text("c"), Value::Null])]),
        ),
        ("'{}'::int[]", Value::list([])),
        ("ARRAY['a', 'b,c']", texts(&["a", "b,c"])),
        ("ARRAY['low', 'high']::level[]", texts(&["low", "high"])),
        ("'\\x0102'::bytea", Value::text("<2 bytes>")),
    ] {
        assert_eq!(value(&source, expression).await, expected, "{expression}");
        let (_, cast) = expression.rsplit_once("::").unwrap_or(("", "text"));
        if expression.contains("::") {
            assert_eq!(value(&source, &format!("NULL::{cast}")).await, Value::Null, "{cast}");
        }
    }
    for type_name in ["numeric", "float8", "float4"] {
        let nan = value(&source, &format!("'NaN'::{type_name}")).await;
        assert!(matches!(nan, Value::Float(f) if f.is_nan()), "{nan:?}");
    }
    let sum = read_table(&source, &rows("SELECT sum(n) AS v FROM (VALUES (1::bigint), (2)) AS s(n)")).await;
    assert_eq!(sum.rows[0].cells, [Value::Int(3)]);
}

#[tokio::test]
async fn infinity_and_far_timestamps_are_kept_apart_from_the_calendar() {
    let (source, _) = database("types_infinity", "").await;
    assert_eq!(value(&source, "'infinity'::date").await, Value::Date(Date::INFINITY));
    assert_eq!(value(&source, "'-infinity'::date").await, Value::Date(Date::NEG_INFINITY));
    for ty in ["timestamptz", "timestamp"] {
        assert_eq!(value(&source, &format!("'infinity'::{ty}")).await, Value::Time(Time::INFINITY));
        assert_eq!(value(&source, &format!("'-infinity'::{ty}")).await, Value::Time(Time::NEG_INFINITY));
    }
    let Value::Time(far) = value(&source, "'294276-12-31 23:59:59+00'::timestamptz").await else { panic!("no time") };
    assert!(far < Time::INFINITY && far.calendar().is_none());
    let Value::Date(far) = value(&source, "'5874897-12-31'::date").await else { panic!("no date") };
    assert!(far < Date::INFINITY);
    let Value::Time(old) = value(&source, "'4713-01-01 00:00:00 BC'::timestamp").await else { panic!("no time") };
    assert!(old > Time::NEG_INFINITY);
}

#[tokio::test]
async fn naive_timestamps_are_of_the_sources_zone() {
    shared().create_database("types_zone").await.unwrap();
    let naive_zone = Some("Europe/Paris".to_owned());
    let source = open(&SourceConfig { naive_zone, ..config(&shared().url("types_zone")) });
    let Value::Time(wall) = value(&source, "'2026-07-01 12:00:00'::timestamp").await else { panic!("no time") };
    assert_eq!(wall.calendar().unwrap().to_string(), "2026-07-01T10:00:00Z");
    let Value::Time(cast) = value(&source, "'2026-07-01 12:00:00'::timestamp::timestamptz").await else { panic!() };
    assert_eq!(wall, cast);
    // A day is a day: no zone shifts it, and the key of a naive time finds its row again.
    assert_eq!(value(&source, "'2026-06-01'::date").await, Value::Date(Date(20_605)));
    for (expression, key) in
        [("'2026-06-01'::date", "2026-06-01"), ("'2026-07-01 12:00:00'::timestamp", "2026-07-01T12:00:00")]
    {
        let read = super::list(&format!("SELECT 'ok' AS severity, {expression} AS id"), 5, false);
        assert_eq!(read_table(&source, &read).await.rows[0].key.as_str(), key);
    }
    // The server's own list of zones decides.
    let refused = rows("SELECT set_config('TimeZone', 'Nowhere/Else', true) AS id");
    let failure = super::read_failure(&source, &refused).await;
    assert!(failure.hint().contains("naive_zone"), "{failure:?}");
    let Value::Time(local) = value(&source, "LOCALTIMESTAMP").await else { panic!("no time") };
    let Value::Time(now) = value(&source, "now()").await else { panic!("no time") };
    assert!((0..60_000).contains(&now.since_ms(local)), "{now:?} {local:?}");
}

#[tokio::test]
async fn long_text_is_cut_visibly() {
    let (source, _) = database("types_long", "").await;
    let Value::Text(text) = value(&source, "repeat('é', 1000000)").await else { panic!("no text") };
    assert!(text.len() < 300_000 && text.ends_with("… [cut, 2000000 bytes in all]"));
    let in_list = super::list("SELECT 'ok' AS severity, 1 AS id, repeat('x', 100000) AS v", 5, false);
    let table = read_table(&source, &in_list).await;
    assert!(table.rows[0].cells[1].as_text().unwrap().len() < 9_000);
}

#[tokio::test]
async fn what_is_too_large_is_cut_by_the_server_and_never_sent() {
    let (main, _) = database(
        "types_large",
        "CREATE TABLE t (id text, message text, document jsonb, plain json, data bytea, tags text[], n int4range, at date);
         INSERT INTO t SELECT repeat('k', 20), repeat('é', 8000000), jsonb_build_object('a', repeat('b', 9000000)),
           json_build_object('a', 1), convert_to(repeat('x', 7000000), 'UTF8'), ARRAY[repeat('t', 3000000), NULL],
           '[1,3)', '2026-03-01'",
    )
    .await;
    drop(main);
    let forwarder = Forwarder::start(shared().port()).await.unwrap();
    let source = open(&config(&forwarder.through(&shared().url("types_large"), shared().port())));
    let all = "SELECT id, message, document, plain, data, tags, n, at, NULL::text AS none FROM t";
    let cells = read_table(&source, &rows(all)).await.rows.remove(0).cells;
    let text = |at: usize| match &cells[at] {
        Value::Json(document) => document.as_str().unwrap(),
        cell => cell.as_text().unwrap(),
    };
    assert_eq!(text(0), "k".repeat(20));
    assert!(text(1).starts_with("éé") && text(1).ends_with("é… [cut, 16000000 bytes in all]"));
    assert!(text(2).starts_with("{\"a\": \"bbb") && text(2).ends_with("b… [cut, 9000009 bytes in all]"));
    assert_eq!(cells[3], Value::Json(Box::new(serde_json::json!({"a": 1}))), "what is small stays what it is");
    assert_eq!(text(4), "<7000000 bytes>");
    assert!(text(5).starts_with("{tttt") && text(5).ends_with("t… [cut, 3000007 bytes in all]"));
    assert_eq!((text(6), &cells[8]), ("[1,3)", &Value::Null));
    assert!(matches!(cells[7], Value::Date(_)));
    assert!(forwarder.traffic().bytes_down < 1_500_000, "{} bytes", forwarder.traffic().bytes_down);

    forwarder.reset();
    let in_list = super::list("SELECT 'crit' AS severity, 'it is long' AS why, id, message, document FROM t", 5, false);
    let table = read_table(&source, &in_list).await;
    assert_eq!((table.rows[0].key.as_str(), table.counts.crit), ("kkkkkkkkkkkkkkkkkkkk", 1));
    assert!(table.rows[0].cells[1].as_text().unwrap().ends_with("é… [cut, 16000000 bytes in all]"));
    assert!(forwarder.traffic().bytes_down < 50_000, "{} bytes", forwarder.traffic().bytes_down);
    // The next read is one of the same kind again.
    assert_eq!(value(&source, "1").await, Value::Int(1));
}

#[tokio::test]
async fn what_has_no_form_of_its_own_is_shown_as_the_server_writes_it() {
    let (source, _) = database(
        "types_as_text",
        "CREATE EXTENSION hstore; CREATE TYPE place AS (street text, number int); CREATE DOMAIN slot AS int4range",
    )
    .await;
    for (expression, expected) in [
        ("12.5::money", "$12.50"),
        ("'13:04:05.5'::time", "13:04:05.5"),
        ("'13:04:05+02'::timetz", "13:04:05+02"),
        ("int4range(1, 5)", "[1,5)"),
        ("'[1,3)'::slot", "[1,3)"),
        ("to_tsvector('simple', 'b a')", "'a':2 'b':1"),
        ("'a=>1'::hstore", "\"a\"=>\"1\""),
        ("ROW('Main St', 5)::place", "(\"Main St\",5)"),
        ("ROW(1, NULL)", "(1,)"),
        ("ARRAY[ROW('x', 1)::place]", "{\"(x,1)\"}"),
        ("ARRAY['12:00'::time, NULL]", "{12:00:00,NULL}"),
        ("ARRAY['{\"a\": 1}'::jsonb]", "{\"{\\\"a\\\": 1}\"}"),
        ("'(1,2)'::point", "(1,2)"),
        ("B'101'", "101"),
        ("'16/B374D848'::pg_lsn", "16/B374D848"),
        ("'08:00:2b:01:02:03'::macaddr", "08:00:2b:01:02:03"),
        ("'pg_class'::regclass", "pg_class"),
        ("'$.a'::jsonpath", "$.\"a\""),
        ("E'esc\\x1b[31m'::name::text::tsvector", "'esc␛[31m'"),
    ] {
        assert_eq!(value(&source, expression).await, Value::text(expected), "{expression}");
        // The second time it is known that the columns are to be asked for first.
        assert_eq!(value(&source, expression).await, Value::text(expected), "{expression}");
    }
    assert_eq!(value(&source, "NULL::money").await, Value::Null);
    // Multiranges came with release 14.
    if value(&source, "current_setting('server_version_num')::int >= 140000").await == Value::Bool(true) {
        let multirange = "SELECT 1 AS id, '{[1,3),[5,7)}'::int4multirange AS v";
        let failure = super::read_failure(&source, &rows(multirange)).await;
        assert!(failure.kind == FailureKind::Schema && failure.message.contains("cast it to text"), "{failure}");
    }
    let both = rows("SELECT '1'::money AS v, int4range(1, 2) AS v, 7 AS \"a \"\"b\"\"\"");
    let table = read_table(&source, &both).await;
    assert_eq!(table.columns, ["v", "v", "a \"b\""]);
    assert_eq!(table.rows[0].cells, [Value::text("$1.00"), Value::text("[1,2)"), Value::Int(7)]);
}

#[tokio::test]
async fn a_key_that_is_shown_as_text_finds_its_row_again_and_a_migration_is_followed() {
    let (source, server) = database("types_text_key", "CREATE TABLE shifts AS SELECT '08:00'::time AS starts").await;
    let list =
        super::list("SELECT 'ok' AS severity, * FROM (SELECT starts AS id, s.* FROM shifts AS s) AS t", 5, false);
    let table = read_table(&source, &list).await;
    assert_eq!(table.rows[0].key.as_str(), "08:00:00");
    assert_eq!(table.counts.ok, 1);
    server.run("types_text_key", "ALTER TABLE shifts ADD COLUMN place text NOT NULL DEFAULT 'Lyon'").await.unwrap();
    let table = read_table(&source, &list).await;
    assert_eq!(table.columns, ["id", "starts", "place"]);
    assert_eq!(table.rows[0].cells[2], Value::text("Lyon"));
}
