//! The overview's list: what comes first, what is folded, what is new.

use std::sync::Arc;

use opsdash_core::{
    attention,
    contract::{Part, Table},
    model::{Overlay, Route},
    time::Time,
    value::{Severity, Value},
    view::overview,
};
use opsdash_pack::pack::Pack;

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
    assert_eq!(attention::lines(&harness.model).last().unwrap().kind, attention::LineKind::Rest(1));
    harness.press("2");
    harness.answer("orders", Part::List, troubled(&[("a", CRIT), ("b", CRIT), ("c", WARN)]));
    harness.press("G S Enter 1");
    let lines = attention::lines(&harness.model);
    assert_eq!(
        (lines.len(), lines.iter().filter(|line| matches!(line.kind, attention::LineKind::Rest(_))).count()),
        (2, 0)
    );
}

/// Orders are causes, which hurt as many as their total says, since they were placed; customers have reasons.
fn with_causes() -> Arc<Pack> {
    shop_made(|files| {
        let orders = files.get_mut("orders.toml").unwrap();
        *orders = orders.replace(
            "attention = true",
            "attention = true\nname = [\"note\"]\ncause = { reach = \"total\", since = \"placed_at\" }",
        );
        orders.push_str(
            "[reason.late]\nsays = \"hurts {total}\"\nmeans = \"It is late.\"\n\
             do = [\"Ask the carrier.\", { says = \"who waits for it\", link = \"customers\" }]\n",
        );
        let customers = files.get_mut("customers.toml").unwrap();
        *customers = customers.replace("attention = true", "attention = true\nname = [\"name\"]");
        for reason in ["silent", "gone"] {
            let words = "[reason.NAME]\nsays = \"NAME\"\nmeans = \"It is NAME.\"\n".replace("NAME", reason);
            customers.push_str(&words);
        }
        for (file, reasons) in [("orders.sql", " -- late\n"), ("customers.sql", " -- silent, gone\n")] {
            files.get_mut(file).unwrap().push_str(reasons);
        }
    })
}

/// Causes: id, severity, how many it hurts, and how many minutes ago it began.
fn causes(rows: &[(&str, Severity, i64, i64)]) -> Table {
    let mut table = orders(&rows.iter().map(|(id, severity, ..)| (*id, *severity)).collect::<Vec<_>>());
    for (row, (_, _, reach, minutes)) in table.rows.iter_mut().zip(rows) {
        row.why = "".into();
        row.reasons = ["late".into()].into();
        row.cells[2] = Value::Int(*reach);
        row.cells[3] = Value::Time(Time(1_700_000_000_000_000).plus_ms(-minutes * 60_000));
    }
    table
}

/// Customers who are all crit, so many for each reason.
fn customers_with(reasons: &[(&str, usize)]) -> Table {
    let each = reasons.iter().flat_map(|(reason, n)| (0..*n).map(move |at| (format!("{reason}-{at}"), *reason)));
    let each: Vec<(String, &str)> = each.collect();
    let mut table = customers(&each.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>());
    for (row, (_, reason)) in table.rows.iter_mut().zip(&each) {
        row.severity = CRIT;
        row.reasons = [(*reason).into()].into();
        table.counts.crit += 1;
        table.counts.ok = table.counts.ok.saturating_sub(1);
        table.reasons.add(CRIT, reason, 1);
    }
    table
}

fn showing(causes: Table, customers: Table) -> Harness {
    let mut harness = Harness::of(&with_causes(), &FLOORS, (120, 40));
    harness.answer("orders", Part::Summary, causes);
    harness.answer("customers", Part::Summary, customers);
    harness.answer("lateness", Part::List, lateness(&[]));
    harness
}

/// The lines below the heading, their words apart by one space.
fn listed(harness: &Harness) -> Vec<String> {
    let lines = body(harness);
    let from = lines.iter().position(|line| line.contains("Attention")).unwrap();
    let one = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    lines[from + 1..].iter().map(one).filter(|line| !line.is_empty()).collect()
}

fn first_word_of_names(harness: &Harness) -> Vec<String> {
    let lines = listed(harness).into_iter().filter(|line| !line.starts_with('→'));
    lines
        .filter_map(|line| Some(line.split_whitespace().skip_while(|word| !word.contains("ders")).nth(3)?.to_owned()))
        .collect()
}

#[test]
fn causes_come_first_by_how_many_they_hurt_how_bad_and_how_new_they_are() {
    let rows = [
        ("narrow", WARN, 2, 1),
        ("old", CRIT, 1_200, 600),
        ("young", CRIT, 1_200, 5),
        ("single", CRIT, 1, 5),
        ("flood", WARN, 1_960, 30),
    ];
    let harness = showing(causes(&rows), customers_with(&[("silent", 1)]));
    assert_eq!(first_word_of_names(&harness), ["young", "old", "flood", "single", "narrow"]);
    let at = |what: &str| listed(&harness).iter().position(|line| line.contains(what)).unwrap();
    assert!(at("single") < at("silent-0") && at("silent-0") < at("narrow"), "{:#?}", listed(&harness));
}

#[test]
fn rows_that_are_most_of_their_view_stand_as_a_cause_that_hurts_so_many() {
    let harness =
        showing(causes(&[("a", CRIT, 2, 5), ("b", CRIT, 300, 5)]), customers_with(&[("silent", 40), ("gone", 5)]));
    let lines = listed(&harness);
    let at = |what: &str| lines.iter().position(|line| line.contains(what)).unwrap();
    assert!(at("note of b") < at("40 of 45") && at("40 of 45") < at("note of a"), "{lines:#?}");
    assert!(at("note of a") < at("5 of 45"), "fewer are no cause: {lines:#?}");
}

#[test]
fn rows_of_one_reason_are_one_line_beyond_three_and_unfold() {
    let mut harness = showing(causes(&[]), customers_with(&[("silent", 4), ("gone", 3)]));
    let lines = listed(&harness);
    assert!(lines[0].contains("4 of 7 silent: one cause?"), "{lines:#?}");
    assert_eq!(lines.len(), 4, "the others are told one by one: {lines:#?}");
    harness.press("+");
    let lines = listed(&harness);
    assert_eq!(lines.len(), 8, "{lines:#?}");
    assert!(lines[1].contains("silent-0") && lines[4].contains("silent-3"), "{lines:#?}");
    assert!(body(&harness).iter().any(|line| line.contains("7 rows")), "none is counted twice");
    harness.press("j + j");
    assert_eq!(listed(&harness).len(), 4);
}

#[test]
fn beneath_the_line_with_the_cursor_stands_what_to_do_and_its_links_lead_on() {
    let mut harness = showing(causes(&[("a", CRIT, 40, 5), ("b", CRIT, 30, 5)]), customers_with(&[("silent", 1)]));
    let lines = listed(&harness);
    assert!(lines[0].starts_with("▌✖ Orders note of a hurts 40"), "{lines:#?}");
    assert_eq!(lines[1], "→ Ask the carrier. · g c who waits for it");
    assert!(lines[2].contains("note of b"), "{lines:#?}");
    harness.press("j");
    assert!(listed(&harness)[1].contains("note of b") && listed(&harness)[2].starts_with('→'));
    harness.press("g c");
    let customers = harness.model.pack().find("customers").unwrap();
    assert_eq!(harness.model.target().route, Route::View(customers));
    let given = &harness.panel("customers").choices.given[0];
    assert_eq!((given.name.as_str(), given.value.as_str()), ("customer", "c1"));
    harness.press("Esc");
    assert_eq!(harness.model.target().route, Route::Overview);
}

#[test]
fn what_has_come_since_the_last_key_is_marked_until_the_user_has_been_at_it_for_a_minute() {
    let first = [("a", CRIT, 40, 5)];
    let mut harness = showing(causes(&first), customers_with(&[("silent", 4)]));
    harness.wait(11_000);
    assert!(!body(&harness).iter().any(|line| line.contains(" new")), "what is there at the start is not new");
    harness.press("j");
    harness.wait(120_000);
    harness.answer("orders", Part::Summary, causes(&[first[0], ("b", CRIT, 30, 1)]));
    harness.answer("customers", Part::Summary, customers_with(&[("silent", 5)]));
    let marked = |harness: &Harness| listed(harness).iter().filter(|line| line.contains('•')).count();
    assert_eq!(marked(&harness), 2, "{:#?}", body(&harness));
    harness.press("k");
    assert_eq!(marked(&harness), 2, "who moves to it still sees which it was");
    harness.wait(60_000);
    assert_eq!(marked(&harness), 0);
}

/// With what is typed behind `/`.
fn filtered(text: &str) -> Harness {
    let mut harness = showing(causes(&[("a", CRIT, 40, 5), ("b", WARN, 3, 5)]), customers_with(&[("silent", 40)]));
    harness.press("/");
    harness.type_in(text);
    harness
}

#[test]
fn a_filter_finds_rows_within_what_is_folded_and_esc_clears_it() {
    let mut harness = filtered("silent-17");
    harness.press("Enter");
    let lines = listed(&harness);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("Customer silent-17"), "{lines:#?}");
    assert!(body(&harness).iter().any(|line| line.contains("Attention  /silent-17") && line.contains("1 of 42 rows")));
    harness.press("Esc");
    assert!(listed(&harness).iter().any(|line| line.contains("40 of 40")), "folded again: {:#?}", listed(&harness));
    assert_eq!(harness.model.target().route, Route::Overview);
}

#[test]
fn a_filter_of_the_list_knows_severities_views_and_targets_and_says_what_it_cannot_read() {
    let lines_of = |text: &str| {
        let mut harness = filtered(text);
        harness.press("Enter");
        listed(&harness).into_iter().filter(|line| !line.starts_with('→')).collect::<Vec<_>>()
    };
    assert_eq!(lines_of("severity:warn").len(), 1);
    assert_eq!(lines_of("view:orders").len(), 2);
    assert_eq!(lines_of("target=floor-1 name:\"note of a\"").len(), 1);
    assert_eq!(lines_of("!view:customers severity=crit").len(), 1);
    assert_eq!(lines_of("zebra"), ["No line passes the filter; Esc clears it."]);
    let mut harness = filtered("customer:c1");
    harness.press("Enter");
    let Some(Overlay::Filter { wrong: Some(wrong), .. }) = harness.model.overlays.last() else { panic!("it is read") };
    assert!(wrong.contains("no column \"customer\"") && wrong.contains("target, view, name"), "{wrong}");
}

#[test]
fn the_facets_of_the_list_are_its_severities_views_and_targets() {
    let mut harness = showing(causes(&[("a", CRIT, 40, 5)]), customers_with(&[("silent", 1)]));
    harness.press("f");
    harness.type_in("custom");
    harness.press("Enter");
    assert!(listed(&harness)[0].contains("Customer silent-0"), "{:#?}", listed(&harness));
    harness.press("f Enter");
    assert!(listed(&harness)[0].contains("note of a"), "all of it again");
}

#[test]
fn sorted_by_tab_the_list_is_in_the_order_of_the_tabs() {
    let rows = [("narrow", CRIT, 2, 1), ("wide", WARN, 1_200, 600)];
    let mut harness = showing(causes(&rows), customers_with(&[("silent", 1)]));
    assert_eq!(first_word_of_names(&harness), ["wide", "narrow"]);
    harness.press("s");
    assert_eq!(notice(&harness), "by target and tab");
    harness.press("s");
    assert_eq!(first_word_of_names(&harness), ["wide", "narrow"]);
}
