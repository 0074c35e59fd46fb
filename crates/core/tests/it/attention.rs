//! The overview's list, where a view wants only some of its rows in it.

use opsdash_core::{
    attention,
    contract::{Part, Table},
    model::Route,
    value::Severity,
    view::overview,
};

use crate::support::*;

fn limited() -> Harness {
    let pack = shop_made(|files| {
        let orders = files.get_mut("orders.toml").unwrap();
        *orders = orders.replace("attention = true", "attention = { most = 2 }");
    });
    Harness::of(&pack, &FLOORS, (120, 30))
}

/// Troubled orders, each for its own reason, so that none is a flood.
fn troubled(rows: &[(&str, Severity)]) -> Table {
    let mut table = orders(rows);
    for (row, reason) in table.rows.iter_mut().zip(["late", "lost", "short", "torn", "wet", "cold"]) {
        row.why = reason.into();
    }
    table
}

fn body(harness: &Harness) -> Vec<String> {
    plain(&overview::lines(&harness.model))
}

#[test]
fn rows_beyond_what_a_view_wants_listed_are_one_line_that_opens_it() {
    let mut harness = limited();
    let mut rows = troubled(&[("a", CRIT), ("b", CRIT), ("c", CRIT), ("d", WARN), ("e", WARN)]);
    rows.counts.warn += 368;
    rows.truncated = true;
    harness.answer("orders", Part::Summary, rows);
    let lines = body(&harness);
    let listed: Vec<&String> =
        lines.iter().filter(|line| line.contains(" Orders ") && !line.contains("Stock")).collect();
    assert_eq!(listed.len(), 3, "{lines:#?}");
    assert!(listed[2].contains("and 371 more in Orders"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("373 rows")), "none is left out of the count: {lines:#?}");
    harness.press("G S");
    assert!(notice(&harness).contains("stands for many rows"), "{}", notice(&harness));
    harness.press("Enter");
    assert_eq!(harness.model.target().route, Route::View(harness.model.pack().find("orders").unwrap()));
}

#[test]
fn what_is_snoozed_is_not_among_the_rest_and_no_rest_is_no_line() {
    let mut harness = limited();
    harness.answer("orders", Part::Summary, troubled(&[("a", CRIT), ("b", CRIT), ("c", WARN)]));
    assert_eq!(attention::lines(&harness.model).last().unwrap().many.as_ref().map(|many| many.rows), Some(1));
    harness.press("2");
    harness.answer("orders", Part::List, troubled(&[("a", CRIT), ("b", CRIT), ("c", WARN)]));
    harness.press("G S Enter 1");
    let lines = attention::lines(&harness.model);
    assert_eq!((lines.len(), lines.iter().filter(|line| line.is_rest).count()), (2, 0));
}
