//! What the overview tells in brief of a system as a whole.

use opsdash_core::{
    contract::{FailureKind, Part, Table},
    value::{Severity, Value},
    view::{Line, Span, overview},
};

use crate::support::{FLOORS, Harness, shop_with, table};

const FACTS: &str = r#"
title = "Numbers"
source = "main"
query = "facts.sql"
row_key = ["id"]
refresh = "60s"
hidden = true
[[column]]
name = "id"
[[column]]
name = "brief"
"#;

fn harness(columns: u16, rows: u16) -> Harness {
    let words = [("pack.toml", "facts = \"facts\""), ("facts.toml", FACTS), ("facts.sql", "SELECT 1")];
    Harness::of(&shop_with(&words), &FLOORS, (columns, rows))
}

/// Three of four are worth a word.
fn facts() -> Table {
    let row = |id: &'static str, brief| (id, Severity::Ok, "", vec![Value::text(id), brief]);
    let rows = vec![
        row("1", Value::text("12 open orders")),
        row("2", Value::Null),
        row("3", Value::text("3 of 40 customers late")),
        row("4", Value::text("2 carriers\nin all")),
    ];
    table(&["id", "brief"], rows)
}

/// The line above "Attention", in both forms of the cards.
fn line(harness: &Harness) -> String {
    let text = |line: &Line| line.iter().map(|span: &Span| span.text.as_str()).collect::<String>();
    let lines: Vec<String> = overview::lines(&harness.model).iter().map(text).collect();
    let below = lines.iter().position(|line| line.contains("Attention")).unwrap();
    lines[below - 1].trim_end().to_owned()
}

#[test]
fn as_many_facts_as_there_is_room_for_stand_below_the_cards() {
    let told = " 12 open orders · 3 of 40 customers late · ";
    for rows in [24, 30, 45] {
        let mut harness = harness(120, rows);
        assert_eq!(line(&harness), "");
        harness.answer("facts", Part::List, facts());
        assert!(line(&harness).starts_with(told) && line(&harness).contains("2 carriers in all"), "{}", line(&harness));
        harness.tell(opsdash_core::msg::Msg::Resize(42, rows));
        assert_eq!(line(&harness), " 12 open orders · 3 of 40 customers late");
        harness.tell(opsdash_core::msg::Msg::Resize(40, rows));
        assert_eq!(line(&harness), " 12 open orders", "whole ones only");
    }
}

#[test]
fn they_are_asked_while_the_overview_is_looked_at_and_not_elsewhere() {
    let mut harness = harness(120, 30);
    harness.answer("facts", Part::List, facts());
    harness.press("2");
    harness.wait(120_000);
    assert!(!harness.has_asked("facts", Part::List));
    harness.press("1");
    assert!(harness.has_asked("facts", Part::List));
}

#[test]
fn facts_that_are_old_say_so_and_unknown_ones_are_not_left_out() {
    let mut unknown = harness(120, 30);
    unknown.fail("facts", Part::List, FailureKind::Timeout);
    assert_eq!(line(&unknown), " ? Numbers: timed out");
    let mut old = harness(120, 30);
    old.answer("facts", Part::List, facts());
    old.wait(61_000);
    old.fail("facts", Part::List, FailureKind::Timeout);
    assert!(line(&old).starts_with(" ~ 1m old 12 open orders"), "{}", line(&old));
}
