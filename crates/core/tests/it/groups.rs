//! Views that share a tab: which one its key opens, and what it says of them together.

use opsdash_core::{
    contract::{FailureKind, Listing, Part, Table},
    model::Route,
    value::{Counts, Severity},
    view::{Line, Span, header, list, overview},
};

use crate::support::{Desk, FLOORS, customers, grouped_shop, lateness, table};

fn desk(columns: u16, rows: u16) -> Desk {
    Desk::of(&grouped_shop(), &FLOORS, (columns, rows))
}

/// Customers have one late customer, and no list of stock is on sale.
fn answered(columns: u16, rows: u16) -> Desk {
    let mut desk = desk(columns, rows);
    desk.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    desk.answer("lateness", Part::List, lateness(&[("c2", 4)]));
    desk.answer("stock", Part::Summary, no_stock());
    desk.list_store("stock", Listing::default());
    desk
}

fn no_stock() -> Table {
    table(&["file_id", "filename", "size", "checksum", "active"], Vec::new())
}

fn open(desk: &Desk) -> String {
    match desk.model.target().route {
        Route::Overview => "overview".to_owned(),
        Route::View(view) => desk.model.pack().view(view).id.clone(),
    }
}

fn text(line: &Line) -> String {
    line.iter().map(|span: &Span| span.text.as_str()).collect::<String>().trim_end().to_owned()
}

fn tabs(desk: &Desk) -> String {
    text(&header::tabs(&desk.model))
}

fn heading(desk: &Desk) -> String {
    text(&list::lines(&desk.model).unwrap()[0])
}

#[test]
fn the_key_of_a_tab_opens_its_worst_view_and_then_the_one_that_was_open_last() {
    let mut desk = desk(120, 30);
    desk.answer("stock", Part::Summary, no_stock());
    desk.fail("customers", Part::Summary, FailureKind::Timeout);
    desk.press("3");
    assert_eq!(open(&desk), "customers", "what is unknown is worse than what is well");
    desk.press("Tab 2 3");
    assert_eq!(open(&desk), "stock", "it was open last");
}

#[test]
fn among_equals_the_first_view_opens() {
    let mut desk = desk(120, 30);
    desk.press("3");
    assert_eq!(open(&desk), "customers");
}

#[test]
fn the_key_of_an_open_tab_goes_on_to_its_next_view_around() {
    let mut desk = answered(120, 30);
    desk.press("3");
    assert_eq!(open(&desk), "customers");
    desk.press("3");
    assert_eq!(open(&desk), "stock");
    desk.press("3");
    assert_eq!(open(&desk), "customers");
    desk.press("4");
    assert_eq!(open(&desk), "customers", "there is no fourth tab");
}

#[test]
fn tab_goes_through_every_view_in_order() {
    let mut desk = answered(120, 30);
    let mut seen = Vec::new();
    for _ in 0..4 {
        desk.press("Tab");
        seen.push(open(&desk));
    }
    assert_eq!(seen, ["orders", "customers", "stock", "overview"]);
    desk.press("BackTab");
    assert_eq!(open(&desk), "stock");
}

#[test]
fn a_link_into_a_group_is_remembered_as_the_view_that_was_open() {
    let mut desk = answered(120, 30);
    let stock = desk.model.pack().find("stock").unwrap();
    desk.press(":");
    desk.type_in("stock");
    desk.press("Enter");
    assert_eq!(desk.model.target().route, Route::View(stock));
    desk.press("1 3");
    assert_eq!(open(&desk), "stock");
}

#[test]
fn a_tab_sums_what_its_views_count_and_says_when_one_is_old() {
    let mut desk = answered(120, 30);
    let late = desk.panel("customers").default_snapshot().unwrap().counts;
    assert_eq!(late, Counts { crit: 1, ok: 1, ..Counts::default() });
    assert!(tabs(&desk).ends_with(" Base ✖1"), "{}", tabs(&desk));
    let mut missing = no_stock();
    missing.counts.add(Severity::Unknown, 2);
    desk.press("R");
    desk.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    desk.fail("stock", Part::Summary, FailureKind::Unreachable);
    assert!(tabs(&desk).ends_with(" Base ~ ✖1"), "what is known stays: {}", tabs(&desk));
    let card: Vec<String> = overview::lines(&desk.model).iter().take(3).map(text).collect();
    assert!(card[0].contains("Base") && card[1].contains("~ 0s old  ✖ 1") && card[2].contains("c2"), "{card:?}");
}

#[test]
fn a_card_does_not_call_well_what_one_of_its_views_has_not_said() {
    let mut desk = desk(120, 30);
    let state = |desk: &Desk| text(&overview::lines(&desk.model)[1]);
    assert!(state(&desk).ends_with("asking"), "{}", state(&desk));
    desk.answer("stock", Part::Summary, no_stock());
    desk.list_store("stock", Listing::default());
    assert!(state(&desk).ends_with("asking"), "{}", state(&desk));
    desk.fail("customers", Part::Summary, FailureKind::Unreachable);
    assert!(state(&desk).ends_with("? unreachable"), "{}", state(&desk));
}

#[test]
fn the_heading_names_the_views_of_the_tab_as_far_as_there_is_room() {
    let mut desk = answered(120, 30);
    desk.press("3");
    assert!(heading(&desk).starts_with(" Customers ✖1 · Stock lists"), "{}", heading(&desk));
    let reversed = list::lines(&desk.model).unwrap()[0].iter().find(|span| span.text == "Customers").cloned();
    assert_eq!(reversed.unwrap().emphasis, opsdash_core::view::Emphasis::Reverse);
    desk.press("3");
    assert!(heading(&desk).starts_with(" Customers ✖1 · Stock lists"), "{}", heading(&desk));
    for columns in 1..120 {
        desk.tell(opsdash_core::msg::Msg::Resize(columns, 24));
        let said = heading(&desk);
        let is_whole = ["Customers ✖1 · Stock lists", "Stock lists"].iter().any(|names| said.contains(names));
        assert!(is_whole || columns < 40, "{columns}: {said}");
    }
    desk.press("2");
    assert!(heading(&desk).starts_with(" Orders  state:open"), "{}", heading(&desk));
}
