//! Views that share a tab: which one its key opens, and what it says of them together.

use opsdash_core::{
    contract::{FailureKind, Listing, Part, Table},
    model::Route,
    value::{Counts, Severity},
    view::{Line, Span, header, list, overview},
};

use crate::support::{FLOORS, Harness, customers, grouped_shop, lateness, table};

fn harness(columns: u16, rows: u16) -> Harness {
    Harness::of(&grouped_shop(), &FLOORS, (columns, rows))
}

/// Customers have one late customer, and no list of stock is on sale.
fn answered(columns: u16, rows: u16) -> Harness {
    let mut harness = harness(columns, rows);
    harness.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    harness.answer("lateness", Part::List, lateness(&[("c2", 4)]));
    harness.answer("stock", Part::Summary, no_stock());
    harness.list_store("stock", Listing::default());
    harness
}

fn no_stock() -> Table {
    table(&["file_id", "filename", "size", "checksum", "active"], Vec::new())
}

fn open(harness: &Harness) -> String {
    match harness.model.target().route {
        Route::Overview => "overview".to_owned(),
        Route::View(view) => harness.model.pack().view(view).id.clone(),
    }
}

fn text(line: &Line) -> String {
    line.iter().map(|span: &Span| span.text.as_str()).collect::<String>().trim_end().to_owned()
}

fn tabs(harness: &Harness) -> String {
    text(&header::tabs(&harness.model))
}

fn heading(harness: &Harness) -> String {
    text(&list::lines(&harness.model).unwrap()[0])
}

#[test]
fn the_key_of_a_tab_opens_its_worst_view_and_then_the_one_that_was_open_last() {
    let mut harness = harness(120, 30);
    harness.answer("stock", Part::Summary, no_stock());
    harness.fail("customers", Part::Summary, FailureKind::Timeout);
    harness.press("3");
    assert_eq!(open(&harness), "customers", "what is unknown is worse than what is well");
    harness.press("Tab 2 3");
    assert_eq!(open(&harness), "stock", "it was open last");
}

#[test]
fn among_equals_the_first_view_opens() {
    let mut harness = harness(120, 30);
    harness.press("3");
    assert_eq!(open(&harness), "customers");
}

#[test]
fn the_key_of_an_open_tab_goes_on_to_its_next_view_around() {
    let mut harness = answered(120, 30);
    harness.press("3");
    assert_eq!(open(&harness), "customers");
    harness.press("3");
    assert_eq!(open(&harness), "stock");
    harness.press("3");
    assert_eq!(open(&harness), "customers");
    harness.press("4");
    assert_eq!(open(&harness), "customers", "there is no fourth tab");
}

#[test]
fn tab_goes_through_every_view_in_order() {
    let mut harness = answered(120, 30);
    let mut seen = Vec::new();
    for _ in 0..4 {
        harness.press("Tab");
        seen.push(open(&harness));
    }
    assert_eq!(seen, ["orders", "customers", "stock", "overview"]);
    harness.press("BackTab");
    assert_eq!(open(&harness), "stock");
}

#[test]
fn a_link_into_a_group_is_remembered_as_the_view_that_was_open() {
    let mut harness = answered(120, 30);
    let stock = harness.model.pack().find("stock").unwrap();
    harness.press(":");
    harness.type_in("stock");
    harness.press("Enter");
    assert_eq!(harness.model.target().route, Route::View(stock));
    harness.press("1 3");
    assert_eq!(open(&harness), "stock");
}

#[test]
fn a_tab_sums_what_its_views_count_and_says_when_one_is_old() {
    let mut harness = answered(120, 30);
    let late = harness.panel("customers").default_snapshot().unwrap().counts;
    assert_eq!(late, Counts { crit: 1, ok: 1, ..Counts::default() });
    assert!(tabs(&harness).ends_with(" Base ✖1"), "{}", tabs(&harness));
    let mut missing = no_stock();
    missing.counts.add(Severity::Unknown, 2);
    harness.press("R");
    harness.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    harness.fail("stock", Part::Summary, FailureKind::Unreachable);
    assert!(tabs(&harness).ends_with(" Base ~ ✖1"), "what is known stays: {}", tabs(&harness));
    let card: Vec<String> = overview::lines(&harness.model).iter().take(3).map(text).collect();
    assert!(card[0].contains("Base") && card[1].contains("~ 0s old  ✖ 1") && card[2].contains("c2"), "{card:?}");
}

#[test]
fn a_card_does_not_call_well_what_one_of_its_views_has_not_said() {
    let mut harness = harness(120, 30);
    let state = |harness: &Harness| text(&overview::lines(&harness.model)[1]);
    assert!(state(&harness).ends_with("asking"), "{}", state(&harness));
    harness.answer("stock", Part::Summary, no_stock());
    harness.list_store("stock", Listing::default());
    assert!(state(&harness).ends_with("asking"), "{}", state(&harness));
    harness.fail("customers", Part::Summary, FailureKind::Unreachable);
    assert!(state(&harness).ends_with("? unreachable"), "{}", state(&harness));
}

#[test]
fn the_heading_names_the_views_of_the_tab_as_far_as_there_is_room() {
    let mut harness = answered(120, 30);
    harness.press("3");
    assert!(heading(&harness).starts_with(" Customers ✖1 · Stock lists"), "{}", heading(&harness));
    let reversed = list::lines(&harness.model).unwrap()[0].iter().find(|span| span.text == "Customers").cloned();
    assert_eq!(reversed.unwrap().emphasis, opsdash_core::view::Emphasis::Reverse);
    harness.press("3");
    assert!(heading(&harness).starts_with(" Customers ✖1 · Stock lists"), "{}", heading(&harness));
    for columns in 1..120 {
        harness.tell(opsdash_core::msg::Msg::Resize(columns, 24));
        let said = heading(&harness);
        let is_whole = ["Customers ✖1 · Stock lists", "Stock lists"].iter().any(|names| said.contains(names));
        assert!(is_whole || columns < 40, "{columns}: {said}");
    }
    harness.press("2");
    assert!(heading(&harness).starts_with(" Orders  state:open"), "{}", heading(&harness));
}
