//! The filter line: what it lets pass.

use jiff::tz::TimeZone;
use opsdash_core::{
    filter::{Candidate, Filter},
    time::{Date, Time, Zone},
    value::{Severity, Value},
};
use opsdash_pack::pack::{Column, Format, View};
use proptest::prelude::*;

use crate::support::{NOON, shop};

/// Columns: `id`, `customer_id`, `total`, `placed_at` (titled "placed"), `note`.
fn view() -> View {
    let pack = shop();
    pack.view(pack.find("orders").unwrap()).clone()
}

fn row(id: &str, total: i64, note: &str) -> Vec<Value> {
    vec![Value::text(id), Value::text("c1"), Value::Int(total), Value::Time(Time(NOON)), Value::text(note)]
}

fn parsed(line: &str, view: &View) -> Result<Option<Filter>, String> {
    Filter::parse(line, &view.columns, &Zone::Utc)
}

fn candidate<'a>(severity: Severity, why: &'a str, cells: &'a [Value]) -> Candidate<'a> {
    Candidate { severity, why, reason: Some("late_payment"), cells, now: Time(NOON) }
}

fn passes(line: &str) -> bool {
    let filter = parsed(line, &view()).unwrap_or_else(|why| panic!("{line}: {why}"));
    let cells = row("A-17", 40, "Grüße an /api/v1 um 12:30");
    filter.is_none_or(|filter| filter.accepts(&candidate(Severity::Warn, "payment failed", &cells)))
}

#[test]
fn the_grammar_is_what_the_help_says() {
    for (line, expected) in [
        ("", true),
        ("   ", true),
        // Text, in any cell and in the reason, whatever its case.
        ("a-17", true),
        ("A-17", true),
        ("GRÜSSE", false),
        ("grüße", true),
        ("GRÜßE", true),
        ("PAYMENT", true),
        ("40", true),
        ("refund", false),
        // Several are all wanted, in any order.
        ("failed a-17", true),
        ("failed refund", false),
        // Regular expressions may hold spaces.
        ("/a-[0-9]+/", true),
        ("/^payment +failed$/", true),
        ("/^failed/", false),
        ("/payment failed/ a-17", true),
        // What begins like one and does not end is a text.
        ("/api", true),
        // Not.
        ("!refund", true),
        ("!a-17", false),
        ("!/^payment/", false),
        ("!!a-17", true),
        // Columns by name, title, or what only one begins with.
        ("id:a-17", true),
        ("ID:a-17", true),
        ("id:payment", false),
        ("customer_id:c1", true),
        ("cust:c1", true),
        ("note:12:30", true),
        ("!id:a-17", false),
        // A colon in a text is a text.
        ("12:30", true),
        ("12:31", false),
        (":30", true),
        ("http://x", false),
        // Numbers.
        ("total>39", true),
        ("total>40", false),
        ("total<40.5", true),
        ("tot>39", true),
        ("!total>39", false),
        ("total>=40", true),
        ("total<=39", false),
        ("total=40", true),
        ("total!=40", false),
        ("total>\"1 000\"", false),
        // Texts are more or less as the list sorts them.
        ("id>a-9", true),
        ("id<A-100", true),
        // A column is a text, or not.
        ("id=a-17", true),
        ("id=a-1", false),
        ("id!=a-1", true),
        ("note=", false),
        ("!note=", true),
        // A sign in a text is a text.
        ("->", false),
        // In quotes as well, with its spaces.
        ("\"um 12:30\"", true),
        ("\"id:a-17\"", false),
        ("note:\"um 12\"", true),
        // What is no cell.
        ("why:failed", true),
        ("why=payment", false),
        ("reason:late", true),
        ("reason=late_payment", true),
        ("reason!=late_payment", false),
        // Severity.
        ("severity:warn", true),
        ("severity:WARN", true),
        ("severity:crit", false),
        ("!severity:crit", true),
        ("severity>=warn", true),
        ("severity>warn", false),
        ("severity!=crit", true),
    ] {
        assert_eq!(passes(line), expected, "{line}");
    }
}

#[test]
fn what_cannot_be_understood_is_said() {
    for (line, said) in [
        ("/[/", "/[/: unclosed character class"),
        ("/a{9999999}/", "/a{9999999}/: it is too large"),
        ("weight>3", "no column \"weight\"; columns: id, total, placed, note; \"weight>3\" is a text"),
        ("foo:bar", "no column \"foo\"; columns: id, total, placed, note; \"foo:bar\" is a text"),
        ("totl:5", "no column \"totl\"; did you mean total?; columns: id, total, placed, note; \"totl:5\" is a text"),
        ("\"file size\">3", "no column \"file size\"; columns: id, total, placed, note"),
        (">3", "a comparison begins with a column"),
        ("total>abc", "\"abc\" is no number"),
        ("total>nan", "\"nan\" is no number"),
        ("total>", "total> needs a value"),
        ("placed<3600", "\"3600\" has no unit: write 3600s, 3600h, 3600d"),
        ("placed<soon", "\"soon\" is no time: write 2h, 30d, 2026-11-01 or 2026-11-01T14:00"),
        ("placed=1h", "a time is more or less than 1h, and never just that: placed<1h"),
        ("why>3", "why has no order"),
        // A word that is no severity would otherwise ask for the rows of severity unknown.
        ("severity:critical", "\"critical\" is no severity; there are crit, unknown, warn, ok and off"),
        ("severity:", "\"\" is no severity; there are crit, unknown, warn, ok and off"),
    ] {
        assert_eq!(parsed(line, &view()).unwrap_err(), said, "{line}");
    }
}

#[test]
fn texts_with_signs_in_them_are_texts() {
    for line in [
        "12:30",
        "10.0.0.1:5432",
        "db-1:5432",
        "[::1]:80",
        "fe80::1",
        "aa:bb:cc:dd:ee:ff",
        "https://host/path?a=1&b=2",
        "std::fmt",
        "C:\\temp",
        "a@b:c",
        "->",
        "<html>",
        "error:",
        "x:/srv",
        "=>",
        "<=",
        "!",
        "a.b=c",
        "2026-11-01T10:00:00",
    ] {
        let filter = parsed(line, &view()).unwrap_or_else(|why| panic!("{line}: {why}")).unwrap();
        assert_eq!(filter.plain_text(), Some(line));
        assert!(filter.accepts(&candidate(Severity::Ok, &format!("at {line}, again"), &[])), "{line}");
    }
}

#[test]
fn a_line_is_for_the_server_when_it_is_nothing_but_text() {
    for (line, text) in [
        ("two words", Some("two words")),
        ("\"total>3\"", Some("total>3")),
        ("/api/v1", Some("/api/v1")),
        ("\"a b\" c", None),
        ("!a", None),
        ("/a/", None),
        ("total>3", None),
    ] {
        assert_eq!(parsed(line, &view()).unwrap().unwrap().plain_text(), text, "{line}");
    }
}

const HOUR: i64 = 3_600_000;

/// A view with a column of every kind, and a row of it.
fn wide() -> (View, Vec<Value>) {
    let mut view = view();
    let template = view.columns[0].clone();
    let ago = |ms: i64| Value::Time(Time(NOON).plus_ms(-ms));
    let columns = [
        ("last_at", "last", Format::Age, ago(2 * HOUR)),
        ("first_at", "first", Format::Age, ago(72 * HOUR)),
        ("seen_on", "seen on", Format::Age, Value::Date(Date(20_000))),
        ("never_at", "once", Format::Age, Value::Time(Time::INFINITY)),
        ("expires_at", "expires", Format::Countdown, ago(-240 * HOUR)),
        ("ended_at", "ended", Format::Countdown, ago(48 * HOUR)),
        ("open_end", "open end", Format::Countdown, Value::Time(Time::INFINITY)),
        ("created_at", "created", Format::Time, ago(0)),
        ("due_on", "due", Format::Date, Value::Date(Date(20_000))),
        ("took", "took", Format::Duration, Value::Int(1_500)),
        ("file_size", "catalog size", Format::Bytes, Value::Int(250_000)),
        ("length", "file size", Format::Bytes, Value::Int(300_000)),
        ("used", "used", Format::Gauge, Value::Int(60)),
        ("share", "of all", Format::Gauge, Value::Float(12.5)),
        ("cost", "cost", Format::Money, Value::Decimal("1250.50".into())),
        ("most", "most", Format::Int, Value::Int(80)),
        ("active", "active", Format::Bool, Value::Bool(true)),
        ("trend", "trend 24 h", Format::Spark, Value::list([Value::Int(9), Value::Int(4)])),
        ("context", "context", Format::Json, Value::Json(Box::new(serde_json::json!({"node": "n1"})))),
        ("token", "token", Format::Secret, Value::text("hunter2")),
        ("version", "version", Format::Text, Value::text("1.10.0")),
        ("since_a", "since", Format::Text, Value::Null),
        ("since_b", "since", Format::Text, Value::Null),
    ];
    let mut cells = row("A-17", 40, "");
    for (name, title, format, cell) in columns {
        let max = (name == "used").then(|| "most".to_owned());
        view.columns.push(Column { name: name.into(), title: title.into(), format, max, ..template.clone() });
        cells.push(cell);
    }
    (view, cells)
}

#[test]
fn every_kind_of_column_is_compared_in_its_own_units() {
    let (view, cells) = wide();
    for (line, expected) in [
        // Ages: less is younger.
        ("last<3h", true),
        ("last<1h", false),
        ("last>=2h", true),
        ("last<=119m", false),
        ("first>2d", true),
        ("first>1w", false),
        ("seen-on>2y", true),
        ("once<1h", false),
        ("once>1h", false),
        // What is left: what has ended has less than nothing.
        ("expires<30d", true),
        ("expires<9d", false),
        ("expires>0 expires<=10d", true),
        ("ended<0", true),
        ("ended<-3d", false),
        ("openend>100y", true),
        // Days and moments, in the zone of the screen.
        ("created>=2026-11-20", true),
        ("created>2026-11-20", false),
        ("created<2026-11-21", true),
        ("created=2026-11-20", true),
        ("created!=2026-11-20", false),
        ("created>2026-11-20T13:59", true),
        ("created>\"2026-11-20 14:03\"", false),
        ("created<=2026-11-20T14:02:00Z", true),
        ("created<=2026-11-20t14:02:00z", true),
        ("created<1h", true),
        ("last>=2026-11-20", true),
        ("due<2026-11-01", true),
        ("due=2024-10-04", true),
        // Lengths.
        ("took>1s", true),
        ("took>=1500ms", true),
        ("took<0.5s", false),
        // Sizes.
        ("\"file size\">200KB", true),
        ("file-size>290KiB", true),
        ("filesize>=300000", true),
        ("file_size>=300000", false),
        ("catalog-size<250KB", false),
        ("length<1MiB", true),
        // Numbers, shares, money.
        ("used>9", true),
        ("used>=75%", true),
        ("used>80%", false),
        ("share>12%", true),
        ("share<12.5", false),
        ("cost>1,250", true),
        ("cost=1250.5", true),
        ("trend<5", true),
        ("trend24h=4", true),
        // Words.
        ("active:yes", true),
        ("active=no", false),
        ("version>1.9.0", true),
        ("version<1.9.0", false),
        ("version=1.10.0", true),
        ("since_a=", true),
        ("since_a!=", false),
        ("context:n1", true),
        // As it is shown.
        ("last:2h", true),
        ("created:2026-11", true),
        ("catalog:244", true),
    ] {
        let filter = parsed(line, &view).unwrap_or_else(|why| panic!("{line}: {why}")).unwrap();
        assert_eq!(filter.accepts(&candidate(Severity::Ok, "", &cells)), expected, "{line}");
    }
    for (line, said) in [
        ("took>500", "\"500\" has no unit: write 500ms, 500s, 500h"),
        ("took>long", "\"long\" is no length of time: write 500ms, 30s or 2h"),
        ("file-size>big", "\"big\" is no size: write 200000, 200KB or 1.5MiB"),
        ("used>most%", "\"most%\" is no number"),
        ("active>no", "active is yes or no, and neither more nor less: active:yes"),
        ("context>1", "context has no order"),
        ("token:hunter", "token is secret: nothing is looked for in it"),
        ("since=x", "\"since\" is several columns: since_a, since_b"),
    ] {
        assert_eq!(parsed(line, &view).unwrap_err(), said, "{line}");
    }
    let told = |line: &str| parsed(line, &view).unwrap().unwrap().accepts(&candidate(Severity::Ok, "", &cells));
    assert!(!told("hunter2") && !told("/hunter/"), "a secret is not to be guessed at");
}

#[test]
fn a_day_begins_in_the_zone_of_the_screen() {
    let (view, cells) = wide();
    let west = Zone::Local(TimeZone::fixed(jiff::tz::offset(-15)));
    let accepts = |line: &str, zone: &Zone| {
        Filter::parse(line, &view.columns, zone).unwrap().unwrap().accepts(&candidate(Severity::Ok, "", &cells))
    };
    assert!(accepts("created>=2026-11-20", &Zone::Utc) && !accepts("created>=2026-11-20", &west));
    assert!(accepts("created=2026-11-19", &west) && accepts("created:2026-11-19", &west));
    assert!(accepts("created>2026-11-19T22:00", &west));
}

#[test]
fn a_value_that_is_not_there_passes_nothing_but_not() {
    let cells = vec![Value::Null, Value::Unknown, Value::Null, Value::Unknown, Value::Null];
    let accepts =
        |line: &str| parsed(line, &view()).unwrap().unwrap().accepts(&candidate(Severity::Unknown, "", &cells));
    assert!(!accepts("total>0") && !accepts("total<1") && !accepts("id:a") && !accepts("/./"));
    assert!(!accepts("placed<1h") && !accepts("placed>1h"));
    assert!(accepts("id=") && !accepts("customer_id="), "what is not known may be there");
    assert!(accepts("!total>0") && accepts("severity:unknown"));
}

#[test]
fn yes_and_no_lists_and_documents_are_searched_as_they_are_shown() {
    let cells = vec![
        Value::Bool(true),
        Value::list(vec![Value::text("Berlin"), Value::text("Bonn")]),
        Value::Float(3.5),
        Value::Json(Box::new(serde_json::json!({"node": "N-14"}))),
        Value::Null,
    ];
    for (line, expected) in [
        ("id:yes", true),
        ("id:no", false),
        ("customer:bonn", true),
        ("bonn", true),
        ("placed:n-14", true),
        ("total:3.5", true),
        ("total>3", true),
    ] {
        let filter = parsed(line, &view()).unwrap().unwrap();
        assert_eq!(filter.accepts(&candidate(Severity::Ok, "", &cells)), expected, "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_breaks_it(line in any::<String>(), note in any::<String>()) {
        let (view, cells) = wide();
        if let Ok(Some(filter)) = parsed(&line, &view) {
            let _passes = filter.accepts(&candidate(Severity::Crit, &note, &cells));
        }
    }

    /// One word, its own case changed or not: `!` takes exactly the rows that it leaves.
    #[test]
    fn not_is_the_complement(
        word in r"(!{0,2}|id(:|=|!=|>=)|note:|total[<>]=?|placed<|severity:)[a-zA-ZüÜ0-9.:]{1,6}|/[a-z.*+ ]{0,4}/",
        note in "[a-zA-ZüÜ0-9./: ]{0,12}",
        total in -5_i64..50,
    ) {
        let cells = row("A-17", total, &note);
        let accepts = |line: &str| {
            let row = candidate(Severity::Ok, "why", &cells);
            parsed(line, &view()).map(|filter| filter.unwrap().accepts(&row))
        };
        prop_assert_eq!(accepts(&format!("!{word}")), accepts(&word).map(|passed| !passed));
        let is_plain = !word.contains('/');
        if is_plain && let Ok(passed) = accepts(&word) {
            prop_assert_eq!(accepts(&word.to_uppercase()), Ok(passed), "case counts");
        }
    }
}
