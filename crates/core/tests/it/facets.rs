//! Facets whose choices a query returns.

use std::sync::Arc;

use opsdash_core::{
    contract::{Content, FailureKind, Part, Question, Table},
    model::{Choices, Demand},
    view::{list, overlay},
};
use opsdash_pack::pack::Pack;

use crate::support::*;

/// Orders by depot, which a query lists.
fn depot_shop() -> Arc<Pack> {
    shop_made(|files| {
        let facet = "[[facet]]\nname = \"depot\"\nchoices = [\"every\"]\nquery = \"orders.depots.sql\"\n";
        files.get_mut("orders.toml").unwrap().push_str(facet);
        files.insert("orders.depots.sql".into(), "SELECT depot FROM depots".into());
        files.get_mut("orders.sql").unwrap().push_str(" AND :depot::text IS NULL");
    })
}

const DEPOTS: Part = Part::Choices(1);

fn depots(names: &[&'static str]) -> Table {
    table(&["depot"], names.iter().map(|name| (*name, OK, "", vec![])).collect())
}

fn at_orders() -> Harness {
    let mut harness = Harness::of(&depot_shop(), &FLOORS, (120, 30));
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("a", OK)]));
    harness
}

fn popup(harness: &Harness) -> String {
    plain(&overlay::popup(&harness.model).unwrap().lines).join("\n")
}

fn asked_depot(harness: &mut Harness) -> String {
    match harness.take("orders", Part::List).question {
        Question::Statement { bind, .. } => bind.values["depot"].clone(),
        _ => panic!("a statement"),
    }
}

#[test]
fn choices_are_asked_for_when_the_view_opens_and_chosen_by_typing() {
    let mut harness = at_orders();
    let read = harness.take("orders", DEPOTS);
    let Question::Statement { bind, .. } = &read.question else { panic!("a statement") };
    assert!(bind.values.is_empty(), "they do not depend on what is chosen");
    harness.press("f");
    harness.reply(&read, Ok(Content::Table(depots(&["North", "South", "North", ""]))));
    harness.press("j Enter");
    assert!(popup(&harness).contains("every"), "{}", popup(&harness));
    harness.type_in("so");
    harness.press("Enter");
    assert_eq!(harness.panel("orders").choices.facets, [None, Some("South".to_owned())]);
    assert_eq!(asked_depot(&mut harness), "South");
    assert_eq!(harness.panel("orders").options[&1].as_ref().unwrap().values, ["North", "South"], "each once, no NULL");
}

#[test]
fn what_did_not_come_is_said_and_the_default_choice_is_there() {
    let mut harness = at_orders();
    harness.press("f j Enter");
    assert!(popup(&harness).contains("asking for the choices"), "{}", popup(&harness));
    harness.fail("orders", DEPOTS, FailureKind::Privilege);
    assert!(popup(&harness).contains("no choices: no privilege: it did not answer"), "{}", popup(&harness));
    assert!(popup(&harness).contains("every"), "{}", popup(&harness));
    harness.press("Esc Esc f");
    harness.answer("orders", DEPOTS, depots(&[]));
    harness.press("j Enter");
    assert!(popup(&harness).contains("orders.depots.sql returns no choice now"), "{}", popup(&harness));
}

#[test]
fn choices_that_come_while_the_list_is_open_leave_the_cursor_where_it_is() {
    let mut harness = at_orders();
    harness.answer("orders", DEPOTS, depots(&["South"]));
    harness.press("f j Enter Down");
    harness.press("Esc Esc f j Enter Down");
    harness.answer("orders", DEPOTS, depots(&["North", "South"]));
    harness.press("Enter");
    assert_eq!(harness.panel("orders").choices.facets[1].as_deref(), Some("South"));
}

#[test]
fn a_choice_that_is_no_more_is_told_and_still_asked() {
    let mut harness = at_orders();
    harness.answer("orders", DEPOTS, depots(&["West"]));
    harness.press("f j Enter");
    harness.type_in("west");
    harness.press("Enter Esc");
    assert_eq!(asked_depot(&mut harness), "West");
    let head = |harness: &Harness| plain(&list::lines(&harness.model).unwrap())[0].clone();
    assert!(head(&harness).contains("depot:West") && !head(&harness).contains("no choice"), "{}", head(&harness));
    harness.press("f");
    harness.answer("orders", DEPOTS, depots(&["North"]));
    assert!(head(&harness).contains("depot:West (no choice now)"), "{}", head(&harness));
}

#[test]
fn the_shell_asks_whether_a_choice_is_one_and_asks_nothing_without() {
    let pack = depot_shop();
    let view = pack.find("orders").unwrap();
    let asked = |choices: Choices| {
        let demand = Demand::Once { view, choices };
        let mut harness = Harness::starting(opsdash_core::model::Start { demand, ..start(&pack, &FLOORS, (0, 0)) });
        harness.begin();
        harness.has_asked("orders", DEPOTS)
    };
    let mut choices = Choices::of(pack.view(view));
    assert!(!asked(choices.clone()));
    choices.facets[1] = Some("North".into());
    assert!(asked(choices));
}
