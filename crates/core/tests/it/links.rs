//! What a link sets on the view that it opens, and that it goes again with Esc.

use std::sync::Arc;

use opsdash_core::{
    contract::{Part, Question},
    model::Route,
    view::{footer, list},
};
use opsdash_pack::pack::Pack;

use crate::support::*;

/// Customers with links to orders: by a column and a constant, by a search, and to the lookup.
fn linked_shop() -> Arc<Pack> {
    const LINKS: &str = r#"
[[link]]
view = "orders"
press = "o"
set = { customer = "id", state = { is = "all" } }
[[link]]
view = "orders"
press = "n"
search = "name"
[[link]]
lookup = "find"
press = "f"
search = { is = "c1" }
[[link]]
view = "orders"
press = "s"
set = { state = "name" }
"#;
    shop_made(|files| {
        files.get_mut("customers.toml").unwrap().push_str(LINKS);
        files.get_mut("finder.toml").unwrap().push_str("[[column]]\nname = \"usable\"\nformat = \"bool\"\n");
        files.get_mut("pack.toml").unwrap().push_str("[lookup.find]\nview = \"finder\"\n");
    })
}

/// At the list of customers, which holds one, in a terminal where the detail would cover it.
fn at_customers() -> Harness {
    let mut harness = Harness::of(&linked_shop(), &FLOORS, (120, 30));
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1"]));
    harness
}

fn bound(harness: &mut Harness, view: &str) -> std::collections::BTreeMap<String, String> {
    match harness.take(view, Part::List).question {
        Question::Statement { bind, .. } => bind.values,
        _ => panic!("a statement"),
    }
}

fn open(harness: &Harness) -> String {
    match harness.model.target().route {
        Route::Overview => "overview".to_owned(),
        Route::View(view) => harness.model.pack().view(view).id.clone(),
    }
}

#[test]
fn a_link_sets_columns_and_constants() {
    let mut harness = at_customers();
    harness.press("g o");
    assert_eq!(bound(&mut harness, "orders"), map(&[("customer", "c1"), ("state", "all")]));
    let head = plain(&list::lines(&harness.model).unwrap())[0].clone();
    assert!(head.contains("state:all") && head.contains("customer:c1"), "{head}");
}

#[test]
fn a_link_searches_and_one_esc_takes_the_search_back() {
    let mut harness = at_customers();
    harness.press("g n");
    assert_eq!(bound(&mut harness, "orders"), map(&[("search", "Customer c1"), ("state", "open")]));
    assert!(plain(&[footer::line(&harness.model)])[0].contains("Esc back"));
    harness.press("Esc");
    assert_eq!(open(&harness), "customers");
    assert!(harness.panel("orders").choices.is_default());
}

#[test]
fn a_search_of_the_users_own_goes_before_the_one_that_a_link_set() {
    let mut harness = at_customers();
    harness.press("g n /");
    harness.type_in("pear");
    harness.press("Enter Esc");
    assert_eq!((open(&harness).as_str(), harness.panel("orders").choices.search.as_str()), ("orders", "Customer c1"));
    harness.press("Esc");
    assert_eq!(open(&harness), "customers");
}

#[test]
fn a_link_asks_a_lookup() {
    let mut harness = at_customers();
    harness.press("g f");
    assert_eq!(open(&harness), "finder");
    assert_eq!(bound(&mut harness, "finder"), map(&[("search", "c1")]));
    harness.press("Esc");
    assert_eq!(open(&harness), "customers");
}

#[test]
fn esc_gives_the_other_view_back_what_it_had_before_the_link() {
    let mut harness = at_customers();
    harness.press("2 f Right Esc /");
    harness.type_in("id:a");
    harness.press("Enter 3 g o");
    let orders = |harness: &Harness| {
        let panel = harness.panel("orders");
        (panel.choices.clone(), panel.list.narrowing.text.clone())
    };
    assert_eq!(orders(&harness).0.given.len(), 1);
    assert_eq!(orders(&harness).1, "", "the filter is not the link's");
    harness.press("Esc");
    let (choices, filter) = orders(&harness);
    assert_eq!((choices.facets, choices.given.len(), filter.as_str()), (vec![Some("all".to_owned())], 0, "id:a"));
}

#[test]
fn links_that_follow_each_other_are_taken_back_one_by_one() {
    let mut harness = at_customers();
    harness.press("g o");
    harness.answer("orders", Part::List, orders(&[("a", OK)]));
    harness.press("g c");
    harness.answer("customers", Part::List, customers(&["c1"]));
    harness.press("g n");
    assert_eq!(harness.panel("orders").choices.search, "Customer c1");
    harness.press("Esc");
    assert_eq!((open(&harness).as_str(), harness.panel("orders").choices.given.len()), ("customers", 1));
    assert_eq!(harness.panel("customers").choices.given.len(), 1);
    harness.press("Esc");
    assert_eq!((open(&harness).as_str(), harness.panel("customers").choices.given.len()), ("orders", 0));
    harness.press("Esc");
    assert_eq!(open(&harness), "customers");
    assert!(harness.panel("orders").choices.is_default());
}

#[test]
fn a_tab_is_a_fresh_start_without_what_links_set() {
    let mut harness = at_customers();
    harness.press("g o 4 2");
    assert!(harness.panel("orders").choices.is_default());
    harness.press("Esc");
    assert_eq!(open(&harness), "overview");
}

#[test]
fn a_choice_that_the_user_makes_below_a_link_stays() {
    let mut harness = at_customers();
    harness.press("g o f Right Esc");
    assert_eq!(harness.panel("orders").choices.facets, [None], "the default was chosen, and \"all\" was the link's");
    harness.press("f Right Esc");
    harness.press("Esc");
    assert_eq!(harness.panel("orders").choices.facets, [Some("all".to_owned())]);
}

#[test]
fn a_value_that_the_facet_does_not_have_opens_nothing_and_is_said() {
    let mut harness = at_customers();
    harness.press("g s");
    assert_eq!(open(&harness), "customers");
    assert_eq!(notice(&harness), "Orders has no state \"Customer c1\"");
}

#[test]
fn a_row_of_the_overview_opens_under_the_default_choices_and_esc_gives_the_users_back() {
    let mut harness = Harness::of(&linked_shop(), &FLOORS, (120, 30));
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    harness.press("2 f Right Esc 1 Enter");
    assert_eq!(open(&harness), "orders");
    assert!(harness.panel("orders").choices.is_default());
    harness.press("Esc");
    assert_eq!(harness.panel("orders").choices.facets, [Some("all".to_owned())]);
}
