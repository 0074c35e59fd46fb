//! Why rows are as they are: sentences of reasons, what is not known beside them, and what is off.

use std::sync::Arc;

use opsdash_core::{
    contract::{FailureKind, Part, RawRow, Table},
    reason,
    time::{Date, Time},
    value::{Counts, Doubt, Row, RowKey, Severity, Value},
};
use opsdash_pack::pack::{Pack, ViewId};
use proptest::prelude::*;

use crate::support::{CRIT, FLOORS, Harness, NOON, OK, UNKNOWN, WARN, customers, lateness, shop_made};

const OFF: Severity = Severity::Off;

const REASONS: &str = r#"
[reason.unpaid]
says = "unpaid for {placed_at:age}: {total} {total|piece|pieces}[, {note}]"
means = "The payment was refused."
[reason.held]
means = "Somebody holds it."
[reason.big]
says = "{total} is much, at {placed_at}"
"#;

/// The shop, whose orders have reasons.
fn pack() -> Arc<Pack> {
    shop_made(|files| {
        let orders = files.get_mut("orders.toml").unwrap();
        orders.push_str(REASONS);
        files.get_mut("orders.sql").unwrap().push_str("-- unpaid, held, big\n");
    })
}

fn order(severity: Severity, why: &str, reasons: &[&str], cells: Vec<Value>) -> RawRow {
    let reasons = reasons.iter().map(|id| Arc::from(*id)).collect();
    RawRow { key: RowKey("a".into()), severity, why: why.into(), reasons, cells, ..RawRow::default() }
}

fn cells(total: i64, note: Value) -> Vec<Value> {
    let placed = Value::Time(Time(NOON).plus_ms(-3 * 3_600_000));
    vec![Value::text("a"), Value::text("c1"), Value::Int(total), placed, note]
}

/// Why and the reason of an order, as the tab has it.
fn told(row: RawRow) -> (String, Option<String>) {
    let mut harness = Harness::of(&pack(), &FLOORS, (120, 30));
    harness.press("2");
    let columns = ["id", "customer_id", "total", "placed_at", "note"].map(str::to_owned).into();
    let mut counts = Counts::default();
    counts.add(row.severity, 1);
    harness.answer("orders", Part::List, Table { columns, rows: vec![row], counts, ..Table::default() });
    let row = &harness.panel("orders").list_snapshot().unwrap().rows[0];
    (row.why.to_string(), row.reason.as_ref().map(ToString::to_string))
}

#[test]
fn a_reason_says_its_sentence_with_the_cells_of_the_row() {
    let (why, reason) = told(order(CRIT, "", &["unpaid"], cells(2, Value::text("by card"))));
    assert_eq!(why, "unpaid for 3h: 2 pieces, by card");
    assert_eq!(reason.as_deref(), Some("unpaid"));
    assert_eq!(told(order(CRIT, "", &["unpaid"], cells(1, Value::Null))).0, "unpaid for 3h: 1 piece");
    assert_eq!(told(order(CRIT, "", &["unpaid"], cells(0, Value::Null))).0, "unpaid for 3h: 0 pieces");
}

#[test]
fn ages_in_a_sentence_stay_as_they_were_when_the_server_answered() {
    let mut harness = Harness::of(&pack(), &FLOORS, (120, 30));
    harness.press("2");
    let row = order(CRIT, "", &["unpaid"], cells(2, Value::Null));
    let columns = ["id", "customer_id", "total", "placed_at", "note"].map(str::to_owned).into();
    harness.answer("orders", Part::List, Table { columns, rows: vec![row], ..Table::default() });
    harness.wait(4 * 3_600_000);
    assert_eq!(&*harness.panel("orders").list_snapshot().unwrap().rows[0].why, "unpaid for 3h: 2 pieces");
}

#[test]
fn several_reasons_are_told_together_and_the_first_is_the_rows() {
    let (why, reason) = told(order(WARN, "", &["held", "unpaid", "held"], cells(2, Value::Null)));
    assert_eq!((why.as_str(), reason.as_deref()), ("held; unpaid for 3h: 2 pieces", Some("held")));
}

#[test]
fn a_reason_without_a_sentence_leaves_what_the_query_says() {
    assert_eq!(told(order(WARN, "held by Ann", &["held"], cells(2, Value::Null))).0, "held by Ann");
    assert_eq!(told(order(WARN, "", &["held"], cells(2, Value::Null))).0, "held");
    assert_eq!(told(order(WARN, "as it is", &[], cells(2, Value::Null))), ("as it is".into(), None));
}

#[test]
fn a_sentence_of_the_reason_goes_before_what_the_query_says() {
    assert_eq!(told(order(WARN, "text", &["big"], cells(9, Value::Null))).0, "9 is much, at 3h", "the column's format");
}

#[test]
fn a_reason_that_nobody_describes_is_told_in_plain_words() {
    let (why, reason) = told(order(WARN, "", &["upnaid"], cells(2, Value::Null)));
    assert_eq!(why, "\"upnaid\", a reason that the view orders does not describe");
    assert_eq!(reason.as_deref(), Some("upnaid"));
    let (why, _) = told(order(WARN, "and why", &["upnaid"], cells(2, Value::Null)));
    assert!(why.ends_with("does not describe; and why"), "{why}");
}

/// Customers, of whom c2 is off, judged by lateness.
fn judged(severities: [Severity; 2]) -> Harness {
    let pack = shop_made(|files| {
        files.get_mut("customers.toml").unwrap().push_str("[reason.no_contact]\nmeans = \"Nobody can be asked.\"\n");
        files.get_mut("customers.sql").unwrap().push_str(" -- no_contact\n");
    });
    let mut harness = Harness::of(&pack, &FLOORS, (120, 30));
    harness.press("3");
    let mut listed = customers(&["c1", "c2"]);
    listed.counts = Counts::default();
    for (row, severity) in listed.rows.iter_mut().zip(severities) {
        row.severity = severity;
        row.why = if severity == WARN { "no contact".into() } else { "".into() };
        row.reasons = if severity == WARN { [Arc::from("no_contact")].into() } else { [].into() };
        listed.counts.add(severity, 1);
    }
    listed.reasons.add(WARN, "no_contact", severities.iter().filter(|of| **of == WARN).count() as u64);
    harness.answer("customers", Part::List, listed);
    harness
}

fn row<'h>(harness: &'h Harness, key: &str) -> &'h Row {
    let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
    rows.iter().find(|row| row.key.as_str() == key).unwrap()
}

#[test]
fn what_is_off_stays_off_until_another_view_finds_something_to_do() {
    let mut harness = judged([OK, OFF]);
    assert_eq!((row(&harness, "c1").severity, row(&harness, "c2").severity), (UNKNOWN, OFF), "not judged yet");
    harness.answer("lateness", Part::List, lateness(&[]));
    assert_eq!((row(&harness, "c1").severity, row(&harness, "c2").severity), (OK, OFF), "not listed");
    let counts = harness.panel("customers").list_snapshot().unwrap().counts;
    assert_eq!((counts, counts.worst()), (Counts { ok: 1, off: 1, ..Counts::default() }, OK));
    harness.wait(30_000);
    harness.answer("lateness", Part::List, lateness(&[("c2", 3)]));
    assert_eq!((row(&harness, "c2").severity, &*row(&harness, "c2").why), (CRIT, "late orders"));
}

#[test]
fn rows_that_are_off_come_last() {
    let harness = judged([OFF, OK]);
    assert_eq!(harness.keys("customers"), ["c2", "c1"]);
}

#[test]
fn a_row_whose_judge_is_not_here_keeps_its_reason_and_the_doubt_stands_beside_it() {
    let mut harness = judged([WARN, OK]);
    let doubted = row(&harness, "c1");
    assert_eq!(
        (doubted.severity, doubted.reason.as_deref(), doubted.doubt),
        (UNKNOWN, Some("no_contact"), Some(Doubt::NotLoaded))
    );
    assert_eq!(&*doubted.why, "waiting for what it is judged by; no contact");
    harness.fail("lateness", Part::List, FailureKind::Schema);
    let doubted = row(&harness, "c1");
    assert_eq!((doubted.reason.as_deref(), doubted.doubt), (Some("no_contact"), Some(Doubt::SourceDown)));
    assert_eq!(&*doubted.why, "Lateness: schema: it did not answer; no contact");
    let counted = harness.panel("customers").list_snapshot().unwrap().reasons.clone();
    assert_eq!(counted.ranked(), [(UNKNOWN, "source_down", 2)]);
    harness.wait(30_000);
    harness.answer("lateness", Part::List, lateness(&[("c2", 1)]));
    let known = row(&harness, "c1");
    assert_eq!((known.severity, known.reason.as_deref(), known.doubt), (WARN, Some("no_contact"), None));
    let counted = harness.panel("customers").list_snapshot().unwrap().reasons.clone();
    assert_eq!(counted.ranked(), [(WARN, "no_contact", 1)]);
}

#[test]
fn a_crit_row_stays_crit_whatever_is_not_known() {
    let mut harness = judged([CRIT, OFF]);
    harness.fail("lateness", Part::List, FailureKind::Schema);
    let crit = row(&harness, "c1");
    assert_eq!((crit.severity, &*crit.why, crit.doubt), (CRIT, "", Some(Doubt::SourceDown)));
    assert_eq!(row(&harness, "c2").severity, OFF);
}

#[test]
fn a_joined_view_brings_its_reason_and_a_pack_may_say_it_in_its_own_words() {
    let own_words = |words: &str| {
        let pack = shop_made(|files| {
            files
                .get_mut("lateness.toml")
                .unwrap()
                .push_str("[reason.late]\nsays = \"{late} {late|order|orders} late\"\n");
            files.get_mut("lateness.sql").unwrap().push_str("-- late\n");
            files.get_mut("customers.toml").unwrap().push_str(words);
        });
        let mut harness = Harness::of(&pack, &FLOORS, (120, 30));
        harness.press("3");
        harness.answer("customers", Part::List, customers(&["c1"]));
        let mut judge = lateness(&[("c1", 3)]);
        judge.rows[0].why = "".into();
        judge.rows[0].reasons = [Arc::from("late")].into();
        harness.answer("lateness", Part::List, judge);
        let row = row(&harness, "c1");
        assert_eq!((row.severity, row.reason.as_deref()), (CRIT, Some("late")));
        let counted = harness.panel("customers").list_snapshot().unwrap().reasons.clone();
        assert_eq!(counted.ranked(), [(CRIT, "late", 1)]);
        row.why.to_string()
    };
    assert_eq!(own_words(""), "3 orders late");
    assert_eq!(
        own_words("[reason.late]\nsays = \"{name}: {late} behind ({finding})\"\n"),
        "Customer c1: 3 behind (3 orders late)"
    );
}

#[test]
fn what_is_not_known_is_told_in_the_packs_own_words() {
    let pack = shop_made(|files| {
        let words = "[reason.source_down]\nsays = \"nobody can tell: {finding}\"\n";
        files.get_mut("customers.toml").unwrap().push_str(words);
    });
    let mut harness = Harness::of(&pack, &FLOORS, (120, 30));
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1"]));
    harness.fail("lateness", Part::List, FailureKind::Schema);
    assert_eq!(&*row(&harness, "c1").why, "nobody can tell: Lateness: schema: it did not answer");
}

fn any_cell() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(Value::Unknown),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        any::<String>().prop_map(|text| Value::text(&text)),
        any::<i64>().prop_map(|us| Value::Time(Time(us))),
        any::<i64>().prop_map(Value::Duration),
        any::<i32>().prop_map(|day| Value::Date(Date(day))),
        Just(Value::Decimal("12345678901234567890.5".into())),
        Just(Value::List([Value::Int(1), Value::Null, Value::text("x")].into())),
        Just(Value::Json(Box::new(serde_json::json!({"a": "b\nc"})))),
    ]
}

proptest! {
    #[test]
    fn whatever_the_cells_are_a_sentence_is_one_inert_line(
        cells in prop::collection::vec(any_cell(), 0..7), ids in prop::collection::vec("[a-z_]{0,8}|unpaid|big", 0..4),
        told in any::<String>(), now in any::<i64>(),
    ) {
        let pack = pack();
        let told: Arc<str> = opsdash_core::text::one_line(&opsdash_core::text::inert(&told)).into();
        let own_reasons = ids.iter().map(|id| Arc::from(id.as_str())).collect();
        let row = Row {
            key: RowKey("a".into()), own: CRIT, severity: CRIT, told: told.clone(), own_why: told.clone(), why: told.clone(),
            own_reasons, reason: None, own_doubt: None, doubt: None, cells, enriched: 0,
        };
        let why = reason::own_why(pack.view(ViewId(0)), &row, Time(now));
        prop_assert!(why.chars().all(|c| opsdash_core::text::is_inert(c) && c != '\n'), "{why}");
        if ids.is_empty() {
            prop_assert_eq!(why, told);
        }
    }
}
