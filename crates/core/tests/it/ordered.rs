//! Views whose query is in the order of severities: their first rows come at once, and their counts when they can.

use std::sync::Arc;

use opsdash_core::{
    contract::{
        Answer, Content, Coverage, FailedMember, Failure, FailureKind, Part, Question, Read, ResultShape, Table,
    },
    effect::Effect,
    model::{Choices, Demand, Start},
    msg::Msg,
    value::{Counts, Severity},
    view::{header, list},
};
use opsdash_pack::pack::Pack;

use crate::support::{CRIT, FLOORS, Harness, OK, WARN, orders, plain, shop_made, start};

/// The shop, whose open orders are all of one severity; a list has at most 300 rows.
fn ordered_shop() -> Arc<Pack> {
    shop_made(|files| {
        let orders = files["orders.toml"].replace("limit = 100", "limit = 300\nordered = { state = [\"open\"] }");
        files.insert("orders.toml".into(), orders);
    })
}

fn at_orders() -> Harness {
    let mut harness = Harness::of(&ordered_shop(), &FLOORS, (140, 30));
    harness.press("2");
    harness
}

/// So many crit rows, and whether there are more.
fn rows(n: usize, more: bool) -> Table {
    let ids: Vec<String> = (0..n).map(|at| format!("A-{at}")).collect();
    let mut table = orders(&ids.iter().map(|id| (id.as_str(), CRIT)).collect::<Vec<_>>());
    table.truncated = more;
    table.counts.more_from = more.then_some(Severity::Crit);
    table
}

/// What counting them comes to.
fn counted(crit: u64) -> Table {
    let counts = Counts { crit, ..Counts::default() };
    Table { counts, truncated: true, ..orders(&[("A-0", CRIT)]) }
}

fn shape(read: &Read) -> &ResultShape {
    let Question::Statement { shape, .. } = &read.question else { panic!("a statement") };
    shape
}

/// How many rows are asked for without counting them; `None` where they are counted.
fn uncounted(read: &Read) -> Option<u32> {
    match shape(read) {
        ResultShape::Uncounted { limit, .. } => Some(*limit),
        _ => None,
    }
}

/// The list with what stands above it.
fn screen(harness: &Harness) -> String {
    plain(&list::lines(&harness.model).unwrap()).join("\n")
}

/// The line of tabs.
fn tabs(harness: &Harness) -> String {
    plain(&[header::tabs(&harness.model)]).join("")
}

#[test]
fn the_first_rows_are_shown_at_once_then_all_then_how_many_there_are() {
    let mut harness = at_orders();
    let first = harness.take("orders", Part::List);
    assert_eq!(uncounted(&first), Some(100));
    harness.reply(&first, Ok(Content::Table(rows(100, true))));
    assert!(tabs(&harness).contains("100+"), "{}", tabs(&harness));
    assert!(screen(&harness).contains("100+ rows"), "{}", screen(&harness));
    // The others and the counts are asked for together.
    let (all, counts) = (harness.take("orders", Part::List), harness.take("orders", Part::Counts));
    assert_eq!((uncounted(&all), uncounted(&counts)), (Some(300), None));
    harness.reply(&all, Ok(Content::Table(rows(300, true))));
    assert!(tabs(&harness).contains("300+"), "{}", tabs(&harness));
    harness.reply(&counts, Ok(Content::Table(counted(5_000))));
    assert!(tabs(&harness).contains("5000 ") && !screen(&harness).contains('+'), "{}", screen(&harness));
    assert!(screen(&harness).contains("300 of 5 000"), "{}", screen(&harness));
    // A refresh asks for rows alone and keeps the counts, which are asked for as often.
    harness.wait(15_000);
    harness.answer("orders", Part::List, rows(300, true));
    assert!(tabs(&harness).contains("5000 "), "{}", tabs(&harness));
    assert!(harness.has_asked("orders", Part::Counts));
}

#[test]
fn a_list_that_is_whole_is_counted_by_its_rows() {
    let mut harness = at_orders();
    harness.answer("orders", Part::List, rows(40, false));
    assert!(!harness.has_asked("orders", Part::Counts) && !harness.has_asked("orders", Part::List));
    assert!(screen(&harness).contains("40 rows") && !tabs(&harness).contains('+'), "{}", screen(&harness));
}

#[test]
fn counts_that_fail_or_are_late_leave_it_open_how_many_there_are() {
    let mut harness = at_orders();
    harness.answer("orders", Part::List, rows(100, true));
    harness.answer("orders", Part::List, rows(300, true));
    harness.fail("orders", Part::Counts, FailureKind::Timeout);
    assert!(tabs(&harness).contains("300+"), "{}", tabs(&harness));
    assert!(harness.model.target().sources.iter().all(|source| source.trouble.is_none()), "its rows are here");
    assert!(!harness.has_asked("orders", Part::Counts), "not at once again");
    harness.wait(10_000);
    assert!(harness.has_asked("orders", Part::Counts));
}

#[test]
fn counts_are_asked_for_at_their_own_pace() {
    let mut harness = at_orders();
    harness.answer("orders", Part::List, rows(100, true));
    harness.answer("orders", Part::List, rows(300, true));
    let counts = harness.take("orders", Part::Counts);
    let answer = Answer {
        content: Content::Table(counted(5_000)),
        server_now: None,
        operators: None,
        took_ms: 1_200,
        rtt_ms: 100,
        coverage: None,
    };
    let target = harness.model.at;
    harness.tell(Msg::Loaded { target, to: counts.to, ticket: counts.ticket, result: Ok(Box::new(answer)) });
    // One second of counting is worth fifty of rest.
    for _ in 0..3 {
        harness.wait(15_000);
        harness.answer("orders", Part::List, rows(300, true));
        assert!(!harness.has_asked("orders", Part::Counts));
        assert!(tabs(&harness).contains("5000 "));
    }
    harness.wait(15_000);
    assert!(harness.has_asked("orders", Part::Counts));
    // Unanswered, they are old some time.
    harness.asked.retain(|read| read.to.part != Part::Counts);
    for _ in 0..5 {
        harness.answer("orders", Part::List, rows(300, true));
        harness.wait(15_000);
    }
    assert!(tabs(&harness).contains("300+"), "{}", tabs(&harness));
}

#[test]
fn reloading_counts_anew() {
    let mut harness = at_orders();
    harness.answer("orders", Part::List, rows(100, true));
    harness.answer("orders", Part::List, rows(300, true));
    harness.answer("orders", Part::Counts, counted(5_000));
    harness.press("R");
    harness.answer("orders", Part::List, rows(300, true));
    assert!(tabs(&harness).contains("300+"), "{}", tabs(&harness));
    harness.answer("orders", Part::Counts, counted(4_000));
    assert!(tabs(&harness).contains("4000 "), "{}", tabs(&harness));
}

#[test]
fn other_choices_other_parts_and_the_shell_get_counts_with_their_rows() {
    let mut harness = Harness::of(&ordered_shop(), &FLOORS, (140, 30));
    assert_eq!(uncounted(&harness.take("orders", Part::Summary)), None);
    harness.press("2");
    harness.answer("orders", Part::List, rows(40, false));
    harness.press("f Right Esc");
    assert_eq!(uncounted(&harness.take("orders", Part::List)), None, "all orders are in another order");
    let pack = ordered_shop();
    let view = pack.find("orders").unwrap();
    let demand = Demand::Once { view, choices: Choices::of(pack.view(view)) };
    let effects = Harness::starting(Start { demand, ..start(&pack, &FLOORS, (120, 30)) }).model.begin();
    let is_asked = |effect: Effect| match effect {
        Effect::Query { read, .. } if read.to.view == view => Some(*read),
        _ => None,
    };
    assert_eq!(uncounted(&effects.into_iter().find_map(is_asked).unwrap()), None);
}

#[test]
fn rows_after_the_first_ones_ring_no_bell() {
    let mut harness = at_orders();
    harness.answer("orders", Part::List, rows(100, true));
    harness.answer("orders", Part::List, rows(300, true));
    assert!(!harness.other.contains(&Effect::Bell));
}

#[test]
fn of_several_databases_the_list_says_how_many_answered() {
    let mut harness = at_orders();
    let read = harness.take("orders", Part::List);
    let failure = Failure::new(FailureKind::Unreachable, "no route");
    let failed = vec![FailedMember { name: "erp_acme".into(), kind: "tenant".into(), label: None, failure }];
    let answer = Answer {
        content: Content::Table(orders(&[("a", WARN), ("b", OK)])),
        server_now: None,
        operators: None,
        took_ms: 4,
        rtt_ms: 1,
        coverage: Some(Coverage { members: 40, answered: Vec::new(), failed }),
    };
    let target = harness.model.at;
    harness.tell(Msg::Loaded { target, to: read.to, ticket: read.ticket, result: Ok(Box::new(answer)) });
    assert!(screen(&harness).contains("39/40 databases"), "{}", screen(&harness));
}
