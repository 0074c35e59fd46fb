//! Every supported type, with NULL and its extreme values.

use opsdash_core::{time::Time, value::Value};
use opsdash_pack::config::SourceConfig;

use super::{config, database, open, read_table, rows, shared};

async fn value(source: &opsdash_sources::Source, expression: &str) -> Value {
    read_table(source, &rows(&format!("SELECT 1 AS id, {expression} AS v"))).await.rows[0].cells[1].clone()
}

fn texts(list: &[&str]) -> Value {
    Value::List(list.iter().map(|text| (*text).into()).collect())
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
        ("'NaN'::float8", Value::Null),
        ("'-Infinity'::float8", Value::Null),
        ("12345.6789::numeric", Value::Float(12_345.678_9)),
        ("-100000000.00::numeric", Value::Int(-100_000_000)),
        ("'NaN'::numeric", Value::Null),
        ("'Infinity'::numeric", Value::Null),
        ("1e30::numeric", Value::Float(1e30)),
        ("0.000012::numeric", Value::Float(0.000_012)),
        ("'text'::text", Value::text("text")),
        ("'v'::varchar(3)", Value::text("v")),
        ("'ab'::char(3)", Value::text("ab ")),
        ("'n'::name", Value::text("n")),
        ("'c'::\"char\"", Value::text("c")),
        ("'CI'::citext", Value::text("CI")),
        ("'high'::level", Value::text("high")),
        ("5.5::score", Value::Float(5.5)),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", Value::text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("'10.1.2.3'::inet", Value::text("10.1.2.3")),
        ("'10.1.0.0/16'::cidr", Value::text("10.1.0.0/16")),
        ("'::1/64'::inet", Value::text("::1/64")),
        ("'{\"a\": [1, null]}'::json", Value::Json(Box::new(serde_json::json!({"a": [1, null]})))),
        ("'{\"a\": 1.5}'::jsonb", Value::Json(Box::new(serde_json::json!({"a": 1.5})))),
        ("'2026-01-02 03:04:05.678901+01'::timestamptz", moment("2026-01-02T02:04:05.678901Z")),
        ("'2026-01-02 03:04:05'::timestamp", moment("2026-01-02T03:04:05Z")),
        ("'2026-01-02'::date", moment("2026-01-02T00:00:00Z")),
        ("interval '1 day 2 hours 3.5 seconds'", Value::Duration(93_603_500)),
        ("interval '-10 minutes'", Value::Duration(-600_000)),
        ("ARRAY[1.5, NULL, 'NaN']::float8[]", Value::Series([Some(1.5), None, None].into())),
        ("ARRAY[1, NULL, 3]", Value::Series([Some(1.0), None, Some(3.0)].into())),
        ("ARRAY[1.25, 2]::numeric[]", Value::Series([Some(1.25), Some(2.0)].into())),
        ("'{}'::int[]", Value::Series([].into())),
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
    let sum = read_table(&source, &rows("SELECT sum(n) AS v FROM (VALUES (1::bigint), (2)) AS s(n)")).await;
    assert_eq!(sum.rows[0].cells, [Value::Int(3)]);
}

#[tokio::test]
async fn infinity_and_far_timestamps_are_kept_apart_from_the_calendar() {
    let (source, _) = database("types_infinity", "").await;
    for ty in ["timestamptz", "timestamp", "date"] {
        assert_eq!(value(&source, &format!("'infinity'::{ty}")).await, Value::Time(Time::INFINITY));
        assert_eq!(value(&source, &format!("'-infinity'::{ty}")).await, Value::Time(Time::NEG_INFINITY));
    }
    let Value::Time(far) = value(&source, "'294276-12-31 23:59:59+00'::timestamptz").await else { panic!("no time") };
    assert!(far < Time::INFINITY && far.calendar().is_none());
    let Value::Time(far) = value(&source, "'5874897-12-31'::date").await else { panic!("no time") };
    assert!(far < Time::INFINITY);
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
