//! When a source dies: what is known stays, says how old it is, and the source itself comes first.

use opsdash_core::{
    attention,
    contract::{Failure, FailureKind, LinkState, Part},
    model::TargetId,
    msg::Msg,
    value::{Doubt, Value},
    view::{header, list, overview},
};
use opsdash_pack::pack::SourceId;

use crate::support::{CRIT, Harness, OK, WARN, customers, lateness, orders, plain, table};

const CATALOG: [&str; 5] = ["file_id", "filename", "size", "checksum", "active"];

/// The overview, every view of it answered: four rows need somebody, one of them by the word of another view.
fn answered() -> Harness {
    let mut harness = Harness::new();
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT), ("b", WARN), ("d", OK)]));
    harness.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    harness.answer("lateness", Part::List, lateness(&[("c1", 2)]));
    let cells = vec![Value::text("x"), Value::Null, Value::Null, Value::Null, Value::Bool(true)];
    harness.answer("stock", Part::Summary, table(&CATALOG, vec![("7", OK, "", cells)]));
    harness.list_store("stock", opsdash_core::contract::Listing::default());
    harness
}

fn body(harness: &Harness) -> String {
    plain(&overview::lines(&harness.model)).join("\n")
}

/// Key and severity of the rows on the list.
fn listed(harness: &Harness) -> Vec<(String, opsdash_core::value::Severity)> {
    let lines = attention::lines(&harness.model);
    let lines = lines.iter().filter(|line| line.source().is_none());
    lines.map(|line| (line.key.as_str().to_owned(), line.severity)).collect()
}

#[test]
fn when_a_source_dies_all_that_rests_on_it_is_old_at_once_and_no_row_leaves_the_list() {
    let mut harness = answered();
    let before = listed(&harness);
    assert_eq!(before.len(), 4, "{before:?}");
    harness.wait(15_000);
    harness.fail("orders", Part::Summary, FailureKind::Unreachable);
    assert_eq!(listed(&harness), before, "the last that is known stays");
    let lines = attention::lines(&harness.model);
    assert_eq!(
        (lines.len(), lines[0].source()),
        (before.len() + 1, Some(SourceId(0))),
        "the source itself comes first"
    );
    let body = body(&harness);
    let first = body.lines().skip_while(|line| !line.contains("Attention")).nth(1).unwrap();
    for part in ["main", "unreachable for", "old: Orders, Customers, Stock lists", "it did not answer"] {
        assert!(first.contains(part), "{first}");
    }
    assert_eq!(body.matches("it did not answer").count(), 1, "the reason is said once\n{body}");
    let old = body.lines().filter(|line| line.contains("payment failed") || line.contains("late orders"));
    assert!(old.clone().count() == 3 && old.clone().all(|line| line.contains("15s old")), "{body}");
    let tabs = plain(&[header::tabs(&harness.model)]).concat();
    assert_eq!(tabs.matches('~').count(), 3, "{tabs}");
    let row = &harness.panel("customers").default_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, &row.cells[2], row.doubt), (CRIT, &Value::Int(2), Some(Doubt::SourceDown)));
}

#[test]
fn the_first_answer_after_it_takes_the_marks_away() {
    let mut harness = answered();
    harness.wait(15_000);
    harness.fail("orders", Part::Summary, FailureKind::Unreachable);
    harness.wait(1_000);
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    assert!(attention::lines(&harness.model).iter().all(|line| line.source().is_none()));
    harness.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    harness.answer("lateness", Part::List, lateness(&[]));
    let row = &harness.panel("customers").default_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, row.doubt), (OK, None), "something newer is known");
    harness.answer("stock", Part::Summary, table(&CATALOG, vec![]));
    assert!(!body(&harness).contains(" old"), "{}", body(&harness));
}

#[test]
fn a_link_that_breaks_marks_what_is_known_before_any_question_fails() {
    let mut harness = answered();
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("a", CRIT)]));
    let link = LinkState::Down(Failure::new(FailureKind::Unreachable, "refused"));
    harness.tell(Msg::Link { target: TargetId(0), source: SourceId(0), link });
    let lines = plain(&list::lines(&harness.model).unwrap());
    assert!(lines[0].contains("STALE") && lines[0].contains("refused"), "{}", lines[0]);
}

#[test]
fn a_store_that_dies_leaves_what_it_said_and_lets_nothing_be_handed_out_by_it() {
    let mut harness = answered();
    let before = listed(&harness);
    harness.wait(60_000);
    harness.fail("stock", Part::Store, FailureKind::Unreachable);
    assert_eq!(listed(&harness), before);
    assert_eq!(attention::lines(&harness.model)[0].source(), Some(SourceId(1)));
    assert!(body(&harness).contains("old: Stock lists"), "{}", body(&harness));
}

#[test]
fn one_slow_statement_makes_nothing_else_old() {
    let mut harness = answered();
    harness.wait(15_000);
    harness.fail("orders", Part::Summary, FailureKind::Timeout);
    assert!(harness.panel("stock").failure().is_none());
    assert!(attention::lines(&harness.model).iter().all(|line| line.source().is_none()));
}

#[test]
fn the_line_of_a_source_opens_the_first_view_that_rests_on_it_and_is_no_row() {
    let mut harness = answered();
    harness.wait(15_000);
    harness.fail("orders", Part::Summary, FailureKind::Unreachable);
    assert!(opsdash_core::selection::selection(&harness.model).unwrap_err().contains("source"));
    harness.press("Enter");
    assert_eq!(harness.model.panel().unwrap().view, harness.at("orders", Part::List).view);
}
