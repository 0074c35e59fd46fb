//! Who else is connected, in the first line.

use opsdash_core::{
    contract::{Answer, Content, FailureKind, Part},
    model::TargetId,
    msg::Msg,
    value::Severity,
    view::header,
};

use crate::support::{Harness, orders, plain};

/// An answer of the main source that tells who else is there.
fn told(harness: &mut Harness, names: Option<&[&str]>) {
    let read = harness.take("orders", Part::List);
    let answer = Answer {
        content: Content::Table(orders(&[("a", Severity::Ok)])),
        server_now: None,
        operators: names.map(|names| names.iter().map(ToString::to_string).collect()),
        took_ms: 1,
        rtt_ms: 1,
        coverage: None,
    };
    harness.tell(Msg::Loaded { target: TargetId(0), to: read.to, ticket: read.ticket, result: Ok(Box::new(answer)) });
}

fn at_orders(columns: u16, names: &[&str]) -> Harness {
    let mut harness = Harness::sized(columns, 24);
    harness.press("2");
    told(&mut harness, Some(names));
    harness
}

fn first_line(harness: &Harness) -> String {
    plain(&[header::line(&harness.model)])[0].clone()
}

#[test]
fn the_first_line_names_the_others_or_counts_them_where_there_is_no_room() {
    let line = |columns| first_line(&at_orders(columns, &["carol", "bob"]));
    assert!(line(160).contains("alice + bob, carol  read-write"), "{}", line(160));
    assert!(line(80).contains("  +2  read-write"), "{}", line(80));
    assert!(line(40).contains(" +2 read-write"), "{}", line(40));
    let many: Vec<String> = (0..20).map(|n| format!("somebody-with-a-name-{n:02}")).collect();
    let line = first_line(&at_orders(160, &many.iter().map(String::as_str).collect::<Vec<_>>()));
    assert!(line.contains("alice +20  read-write"), "{line}");
    let nobody = first_line(&at_orders(160, &[]));
    assert!(!nobody.contains('+'), "{nobody}");
}

#[test]
fn who_left_is_not_named_any_more_and_an_answer_that_does_not_tell_changes_nothing() {
    let mut harness = at_orders(120, &["bob"]);
    harness.wait(20_000);
    told(&mut harness, None);
    assert!(first_line(&harness).contains("+ bob"));
    harness.wait(20_000);
    told(&mut harness, Some(&[]));
    assert!(!first_line(&harness).contains('+'));
}

#[test]
fn of_a_source_in_trouble_or_silent_for_long_nobody_is_claimed_to_be_there() {
    let mut harness = at_orders(120, &["bob"]);
    harness.wait(20_000);
    harness.fail("orders", Part::List, FailureKind::Unreachable);
    assert!(!first_line(&harness).contains("bob"), "{}", first_line(&harness));
    let mut harness = at_orders(120, &["bob"]);
    harness.press("p");
    harness.wait(5 * 60_000);
    assert!(first_line(&harness).contains("bob"));
    harness.wait(1);
    assert!(!first_line(&harness).contains("bob"), "{}", first_line(&harness));
}
