//! Why rows are as they are: sentences of reasons, what is not known beside them, and what is off.

use std::sync::Arc;

use opsdash_core::{
    contract::{FailureKind, Part, RawRow, Table},
    reason,
    time::{Date, Time},
    value::{ArcStr, Counts, Doubt, Row, RowKey, Severity, Value},
    view::{detail, overview},
};
use opsdash_pack::pack::{Pack, ViewId};
use proptest::prelude::*;

use crate::support::{CRIT, FLOORS, Harness, NOON, OK, UNKNOWN, WARN, customers, lateness, notice, plain, shop_made};

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
    let reasons = reasons.iter().map(|id| ArcStr::from(*id)).collect();
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
        row.reasons = if severity == WARN { ["no_contact".into()].into() } else { [].into() };
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
        judge.rows[0].reasons = ["late".into()].into();
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
        Just(Value::list([Value::Int(1), Value::Null, Value::text("x")])),
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
        let told: ArcStr = opsdash_core::text::one_line(&opsdash_core::text::inert(&told)).into();
        let own_reasons = ids.iter().map(|id| ArcStr::from(id.as_str())).collect();
        let row = Row {
            key: RowKey("a".into()), own: CRIT, severity: CRIT, told: told.clone(), own_why: told.clone(), why: told.clone(),
            own_reasons, reason: None, own_doubt: None, doubt: None, cells, old: None, enriched: 0,
        };
        let why = reason::own_why(pack.view(ViewId(0)), &row, Time(now));
        prop_assert!(why.chars().all(|c| opsdash_core::text::is_inert(c) && c != '\n'), "{why}");
        if ids.is_empty() {
            prop_assert_eq!(why, told);
        }
    }
}

/// The shop, in which orders that wait for a customer follow from customers.
fn echoing() -> Harness {
    let pack = shop_made(|files| {
        let waits = "[reason.waits]\nsays = \"waits for {customer_id}\"\necho_of = \"customers\"\n\
                     [reason.unpaid]\nmeans = \"It was refused.\"\n";
        files.get_mut("orders.toml").unwrap().push_str(waits);
        files.get_mut("orders.sql").unwrap().push_str(" -- waits, unpaid\n");
    });
    Harness::of(&pack, &FLOORS, (120, 30))
}

fn waiting(severity: Severity, reasons: &[(&str, &str)]) -> Table {
    let rows: Vec<(&str, Severity)> = reasons.iter().map(|(key, _)| (*key, severity)).collect();
    let mut table = crate::support::orders(&rows);
    for (row, (_, reason)) in table.rows.iter_mut().zip(reasons) {
        row.why = "".into();
        row.reasons = [(*reason).into()].into();
    }
    table
}

/// The lines of the overview's list: severity, name and why, as far as tests look.
fn listed(harness: &Harness) -> Vec<String> {
    let lines = plain(&overview::lines(&harness.model));
    let from = lines.iter().position(|line| line.contains("Attention")).unwrap();
    let one = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    lines[from + 1..].iter().map(one).filter(|line| !line.is_empty()).collect()
}

fn causes(harness: &mut Harness, late: &[(&str, i64)]) {
    let ids: Vec<&str> = late.iter().map(|(id, _)| *id).chain(["c8", "c9"]).collect();
    harness.answer("customers", Part::Summary, customers(&ids));
    harness.answer("lateness", Part::List, lateness(late));
}

#[test]
fn rows_that_follow_from_another_view_are_one_line_beneath_the_last_of_it() {
    let mut harness = echoing();
    causes(&mut harness, &[("c1", 2), ("c2", 1)]);
    harness.answer("orders", Part::Summary, waiting(CRIT, &[("a", "waits"), ("b", "unpaid"), ("d", "waits")]));
    let expected = [
        "▌✖ Orders b note of b unpaid",
        "✖ Customers c1 Customer c1 late orders",
        "✖ Customers c2 Customer c2 late orders",
        "✖ Orders + 2 echoes waits for …",
    ];
    assert_eq!(listed(&harness), expected);
    harness.press("j j +");
    let expected =
        ["✖ Orders + 2 echoes waits for …", "✖ Orders a note of a waits for c1", "✖ Orders d note of d waits for c1"];
    assert_eq!(listed(&harness)[3..], expected, "unfolded from the cause above them");
    harness.press("j j j +");
    assert_eq!(listed(&harness).len(), 4);
    assert!(listed(&harness)[3].starts_with('▌'), "the row that had the cursor has gone into its line");
}

#[test]
fn echoes_stand_alone_where_nothing_as_bad_is_on_the_list() {
    let mut harness = echoing();
    harness.answer("orders", Part::Summary, waiting(CRIT, &[("a", "waits")]));
    assert_eq!(listed(&harness), ["▌✖ Orders a note of a waits for c1"], "no cause is known");
    let mut warned = customers(&["c1"]);
    warned.rows[0].severity = WARN;
    warned.counts = Counts { warn: 1, ..Counts::default() };
    harness.answer("customers", Part::Summary, warned);
    harness.answer("lateness", Part::List, lateness(&[]));
    let expected = ["▌✖ Orders a note of a waits for c1", "▲ Customers c1 Customer c1"];
    assert_eq!(listed(&harness), expected, "it is worse than its cause");
    harness.wait(60_000);
    harness.answer("orders", Part::Summary, waiting(WARN, &[("a", "waits")]));
    assert_eq!(listed(&harness), ["▌▲ Customers c1 Customer c1", "▲•Orders + 1 echo waits for …"]);
}

#[test]
fn the_line_of_echoes_opens_their_view_and_no_action_takes_it_for_a_row() {
    let mut harness = echoing();
    causes(&mut harness, &[("c1", 2)]);
    harness.answer("orders", Part::Summary, waiting(CRIT, &[("a", "waits"), ("d", "waits")]));
    harness.press("j");
    harness.press("S");
    assert!(notice(&harness).contains("stands for many rows"), "{}", notice(&harness));
    harness.press("Enter");
    assert_eq!(harness.model.panel().map(|panel| panel.view), Some(ViewId(0)));
}

#[test]
fn a_flood_is_of_one_reason_whatever_its_numbers() {
    let mut harness = Harness::of(&pack(), &FLOORS, (120, 30));
    let rows: Vec<RawRow> = (0..7)
        .map(|at| {
            let mut cells = cells(at, Value::Null);
            cells[3] = Value::Time(Time(NOON).plus_ms(-at * 86_400_000 - 60_000));
            RawRow { key: RowKey(at.to_string().into()), ..order(CRIT, "", &["unpaid"], cells) }
        })
        .collect();
    let columns = ["id", "customer_id", "total", "placed_at", "note"].map(str::to_owned).into();
    let counts = Counts { crit: 7, ..Counts::default() };
    harness.answer("orders", Part::Summary, Table { columns, rows, counts, ..Table::default() });
    assert_eq!(listed(&harness), ["▌✖ Orders 7 of 7 unpaid for …: … pieces: one cause?"]);
}

#[test]
fn the_detail_says_what_a_reason_means_and_what_to_do() {
    let pack = shop_made(|files| {
        let words = "[reason.unpaid]\nsays = \"unpaid\"\nmeans = \"The payment was refused, {tries} times.\"\n\
                     do = [\"Ask the customer.\", { says = \"who it is\", link = \"customers\" }]\n";
        let orders = files.get_mut("orders.toml").unwrap();
        *orders = format!("{orders}{words}[threshold]\ntries = \"3\"\n");
        files.get_mut("orders.sql").unwrap().push_str(" AND :tries > 0 -- unpaid\n");
    });
    let mut harness = Harness::of(&pack, &FLOORS, (120, 30));
    harness.press("2");
    harness.answer("orders", Part::List, waiting(CRIT, &[("a", "unpaid")]));
    harness.press("Enter");
    let shown: Vec<String> = plain(&detail::lines(&harness.model)).iter().map(|line| line.trim().to_owned()).collect();
    let at = shown.iter().position(|line| line == "What it means").unwrap();
    let expected = [
        "What it means",
        "The payment was refused, 3 times.",
        "",
        "What to do",
        "Ask the customer.",
        "g c  who it is",
        "",
    ];
    assert_eq!(shown[at..at + 7], expected);
}

#[test]
fn the_detail_says_what_is_not_known_of_a_row() {
    let mut harness = judged([WARN, OK]);
    harness.press("Enter");
    let shown = plain(&detail::lines(&harness.model)).join(" ");
    assert!(shown.contains("Nobody can be asked.") && shown.contains("Something else judges this row too"), "{shown}");
}
