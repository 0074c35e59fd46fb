//! The filter line: what it lets pass.

use opsdash_core::{
    filter::Filter,
    time::Time,
    value::{Severity, Value},
};
use opsdash_pack::pack::View;
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

fn passes(line: &str) -> bool {
    let filter = Filter::parse(line, &view()).unwrap_or_else(|why| panic!("{line}: {why}"));
    let cells = row("A-17", 40, "Grüße an /api/v1 um 12:30");
    filter.is_none_or(|filter| filter.accepts(Severity::Warn, "payment failed", &cells))
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
        ("id>3", false),
        // A sign in a text is a text.
        ("->", false),
        // Severity.
        ("severity:warn", true),
        ("severity:WARN", true),
        ("severity:crit", false),
        ("!severity:crit", true),
    ] {
        assert_eq!(passes(line), expected, "{line}");
    }
}

#[test]
fn what_cannot_be_understood_is_said() {
    for (line, said) in [
        ("/[/", "no regular expression"),
        ("weight>3", "no column \"weight\""),
        // A word that is no severity would otherwise ask for the rows of severity unknown.
        ("severity:critical", "crit"),
        ("severity:", "crit"),
    ] {
        let why = Filter::parse(line, &view()).unwrap_err();
        assert!(why.contains(said), "{line}: {why}");
    }
}

#[test]
fn a_value_that_is_not_there_passes_nothing_but_not() {
    let cells = vec![Value::Null, Value::Unknown, Value::Null, Value::Unknown, Value::Null];
    let accepts = |line: &str| Filter::parse(line, &view()).unwrap().unwrap().accepts(Severity::Unknown, "", &cells);
    assert!(!accepts("total>0") && !accepts("total<1") && !accepts("id:a") && !accepts("/./"));
    assert!(accepts("!total>0") && accepts("severity:unknown"));
}

#[test]
fn yes_and_no_lists_and_documents_are_searched_as_they_are_shown() {
    let cells = vec![
        Value::Bool(true),
        Value::List(vec![Value::text("Berlin"), Value::text("Bonn")].into()),
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
        let filter = Filter::parse(line, &view()).unwrap().unwrap();
        assert_eq!(filter.accepts(Severity::Ok, "", &cells), expected, "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_breaks_it(line in any::<String>(), note in any::<String>()) {
        if let Ok(Some(filter)) = Filter::parse(&line, &view()) {
            let _passes = filter.accepts(Severity::Crit, &note, &row("a", 1, &note));
        }
    }

    /// One word, its own case changed or not: `!` takes exactly the rows that it leaves.
    #[test]
    fn not_is_the_complement(
        word in r"(!{0,2}|id:|note:|total[<>]|severity:)[a-zA-ZüÜ0-9.:]{1,6}|/[a-z.*+ ]{0,4}/",
        note in "[a-zA-ZüÜ0-9./: ]{0,12}",
        total in -5_i64..50,
    ) {
        let cells = row("A-17", total, &note);
        let accepts = |line: &str| {
            Filter::parse(line, &view()).map(|filter| filter.unwrap().accepts(Severity::Ok, "why", &cells))
        };
        prop_assert_eq!(accepts(&format!("!{word}")), accepts(&word).map(|passed| !passed));
        let is_plain = !word.contains('/');
        if is_plain && let Ok(passed) = accepts(&word) {
            prop_assert_eq!(accepts(&word.to_uppercase()), Ok(passed), "case counts");
        }
    }
}
