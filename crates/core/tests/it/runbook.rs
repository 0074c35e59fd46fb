//! The pane of the runbook and the checklists.

use std::{collections::BTreeMap, sync::Arc};

use opsdash_core::{
    contract::{FailureKind, Part},
    effect::Effect,
    model::{HandTick, HandTicks, Overlay, RunbookPlace, TargetId},
    msg::Msg,
    time::Time,
    view::{footer, overlay},
};
use opsdash_pack::pack::Pack;

use crate::support::*;

const RUNBOOK: &str = r#"
[[runbook]]
id = "restart"
title = "Restart the till"
section = "Trouble"
when = "No order has come for an hour."
[[runbook.step]]
says = "See what it says."
command = "docker logs till"
label = "SAFE"
[[runbook.step]]
says = "Start it anew, its orders gone."
command = "docker-compose down -v\ndocker-compose up -d"
label = "DESTRUCTIVE"
loses = "every order since the last backup"
[[runbook]]
id = "call"
title = "Whom to call"
text = "Ring [on call] before anything else."
[[checklist]]
id = "opening"
title = "Before opening"
[[checklist.tick]]
id = "keys"
phase = "Doors"
says = "The keys hang where they belong."
runbook = "call"
[[checklist.tick]]
id = "late"
phase = "Orders"
says = "No order is late."
view = "orders"
[[checklist.tick]]
id = "c1"
phase = "Orders"
says = "The first customer is known."
view = "lateness"
row = "c1"
[placeholder]
"on call" = ""
"#;

fn shop_with_runbook() -> Arc<Pack> {
    shop_made(|files| drop(files.insert("runbook.toml".into(), RUNBOOK.into())))
}

fn pane(harness: &Harness) -> String {
    plain(&overlay::popup(&harness.model).unwrap().lines).join("\n")
}

fn at(harness: &Harness) -> RunbookPlace {
    match harness.model.overlays.last() {
        Some(Overlay::Runbook(pane)) => pane.at,
        other => panic!("{other:?}"),
    }
}

fn opened(size: (u16, u16)) -> Harness {
    let mut harness = Harness::of(&shop_with_runbook(), &FLOORS, size);
    harness.press("b");
    harness
}

fn ticks(names: &[&str]) -> HandTicks {
    names.iter().map(|name| ((*name).to_owned(), HandTick { by: "bob".into(), at: Time(NOON) })).collect()
}

#[test]
fn entries_unfold_to_their_steps_with_what_each_command_does() {
    let mut harness = opened((80, 24));
    let shown = pane(&harness);
    assert!(shown.contains("Trouble") && shown.contains("Restart the till"), "{shown}");
    assert!(shown.lines().any(|line| line.contains("Restart the till") && line.ends_with("DESTRUCTIVE")), "{shown}");
    assert!(!shown.contains("docker logs"), "{shown}");
    harness.press("Enter");
    let shown = pane(&harness);
    for text in
        ["No order has come for an hour.", "1. See what it says.", "│ docker logs till", "loses every order since"]
    {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(shown.lines().all(|line| opsdash_core::text::width(line) <= 76), "{shown}");
}

#[test]
fn a_command_is_copied_whole_and_nothing_of_it_is_run() {
    let mut harness = opened((120, 30));
    harness.press("y");
    assert_eq!(notice(&harness), "nothing to copy here: choose a step with a command");
    harness.press("Enter j j y");
    let copied = Effect::Copy("docker-compose down -v\ndocker-compose up -d".into());
    assert_eq!(harness.other.last(), Some(&copied));
    let effects = harness.other.iter();
    let others: Vec<_> = effects.filter(|effect| !matches!(effect, Effect::Copy(_) | Effect::ReadTicks(_))).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn what_is_searched_stays_and_the_only_find_is_unfolded() {
    let mut harness = opened((120, 30));
    harness.press("/");
    harness.type_in("DOWN orders");
    assert!(pane(&harness).contains("docker-compose down -v"), "{}", pane(&harness));
    harness.press("Enter");
    assert!(pane(&harness).contains("1 of 3") && !pane(&harness).contains("Whom to call"), "{}", pane(&harness));
    harness.press("Esc");
    assert!(pane(&harness).contains("Whom to call"), "Esc shows all again: {}", pane(&harness));
    harness.press("/");
    harness.type_in("zebra");
    assert!(pane(&harness).contains("Nothing has these words"), "{}", pane(&harness));
    harness.press("Esc Esc");
    assert!(harness.model.overlays.is_empty());
}

#[test]
fn the_palette_finds_an_entry_and_opens_the_pane_at_it() {
    let mut harness = Harness::of(&shop_with_runbook(), &FLOORS, (120, 30));
    harness.press("2 :");
    harness.type_in("restart the till");
    harness.press("Enter");
    assert_eq!(at(&harness), RunbookPlace::Entry(0));
    assert!(pane(&harness).contains("docker logs till"), "{}", pane(&harness));
    harness.press("b");
    assert!(harness.model.overlays.is_empty(), "over the view that it was opened over");
}

#[test]
fn a_placeholder_that_nobody_filled_stands_out() {
    let mut harness = opened((120, 30));
    harness.press("j Enter");
    let popup = overlay::popup(&harness.model).unwrap();
    let warned = popup.lines.iter().flatten().find(|span| span.tone == opsdash_pack::pack::Tone::Warn);
    assert_eq!(warned.map(|span| span.text.as_str()), Some("[on call]"));
}

#[test]
fn a_tick_by_hand_is_kept_with_the_ticks_that_others_set() {
    let mut harness = opened((120, 30));
    assert_eq!(harness.other, [Effect::ReadTicks(TargetId(0))]);
    harness.press("j j Enter j");
    assert_eq!(at(&harness), RunbookPlace::Tick(0, 0));
    assert!(pane(&harness).contains("[?] The keys hang"), "not read yet is unknown: {}", pane(&harness));
    harness.press("Space");
    assert_eq!(notice(&harness), "the ticks are not read yet");
    harness.tell(Msg::Ticks { target: TargetId(0), result: Ok(BTreeMap::new()) });
    assert!(pane(&harness).contains("[ ] The keys hang"), "{}", pane(&harness));
    harness.press("Space");
    let tick = |set| Effect::Tick { target: TargetId(0), tick: "opening.keys".into(), set };
    assert_eq!(harness.other.last(), Some(&tick(true)));
    harness.tell(Msg::Ticks { target: TargetId(0), result: Ok(ticks(&["opening.keys"])) });
    let line = pane(&harness).lines().find(|line| line.contains("The keys hang")).unwrap().to_owned();
    assert!(line.contains("[x]") && line.ends_with("bob, 2026-11-20 14:02:00 Z"), "{line}");
    harness.press("Space");
    assert_eq!(harness.other.last(), Some(&tick(false)));
    harness.press("Enter");
    assert_eq!(at(&harness), RunbookPlace::Entry(1), "the entry that tells how");
}

#[test]
fn ticks_that_cannot_be_read_are_unknown_and_those_read_before_stay() {
    let mut harness = opened((120, 30));
    let failed = || Msg::Ticks { target: TargetId(0), result: Err("ticks.json: others may write to it".into()) };
    harness.tell(failed());
    harness.press("j j Enter j");
    assert!(pane(&harness).contains("[?] The keys hang"), "{}", pane(&harness));
    assert!(pane(&harness).contains("others may write to it"), "{}", pane(&harness));
    harness.tell(Msg::Ticks { target: TargetId(0), result: Ok(ticks(&["opening.keys"])) });
    harness.tell(failed());
    assert!(pane(&harness).contains("[x] The keys hang"), "{}", pane(&harness));
    assert!(notice(&harness).contains("others may write to it"));
}

#[test]
fn a_tick_that_rows_decide_is_never_set_while_they_are_unknown() {
    let mut harness = opened((120, 40));
    harness.tell(Msg::Ticks { target: TargetId(0), result: Ok(BTreeMap::new()) });
    harness.press("j j Enter");
    let mark = |harness: &Harness, text: &str| {
        pane(harness).lines().find(|line| line.contains(text)).unwrap().trim_start()[..3].to_owned()
    };
    assert_eq!((mark(&harness, "No order is late"), mark(&harness, "first customer")), ("[?]".into(), "[?]".into()));
    assert!(pane(&harness).contains("2 unknown  0 of 3 ticked"), "{}", pane(&harness));
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    assert_eq!(mark(&harness, "No order is late"), "[ ]");
    assert!(pane(&harness).contains("Orders: a  note of a: payment failed"), "{}", pane(&harness));
    harness.wait(60_000);
    harness.answer("orders", Part::Summary, orders(&[]));
    assert_eq!(mark(&harness, "No order is late"), "[x]");
    harness.wait(60_000);
    harness.fail("orders", Part::Summary, FailureKind::Unreachable);
    assert_eq!(mark(&harness, "No order is late"), "[?]", "what was known before is not known now");
    harness.press("j j Space");
    assert_eq!(notice(&harness), "Orders tells this by itself");
}

#[test]
fn the_view_of_a_tick_is_asked_while_the_pane_is_open_and_its_row_must_be_there() {
    let mut harness = Harness::of(&shop_with_runbook(), &FLOORS, (120, 40));
    // Customers is judged by it too: that is as often as its tab is counted.
    harness.answer("lateness", Part::List, lateness(&[]));
    harness.press("2");
    harness.wait(20_000);
    harness.asked.clear();
    harness.press("b j j Enter");
    let mark = |harness: &Harness| {
        pane(harness).lines().find(|line| line.contains("first customer")).unwrap().trim_start()[..3].to_owned()
    };
    let mut rows = lateness(&[("c2", 1)]);
    harness.wait(15_000);
    harness.answer("lateness", Part::List, rows.clone());
    assert_eq!(mark(&harness), "[ ]", "no such row");
    rows.rows[0].key = opsdash_core::value::RowKey("c1".into());
    harness.wait(15_000);
    harness.answer("lateness", Part::List, rows.clone());
    assert_eq!(mark(&harness), "[ ]", "it is crit");
    rows.rows[0].severity = OK;
    harness.wait(15_000);
    harness.answer("lateness", Part::List, rows);
    assert_eq!(mark(&harness), "[x]");
}

#[test]
fn the_cursor_is_always_in_sight_on_a_low_screen() {
    let mut harness = opened((80, 12));
    harness.press("Enter");
    for _ in 0..8 {
        harness.press("j");
        assert!(pane(&harness).contains('▌'), "{}", pane(&harness));
    }
    harness.press("Home");
    assert_eq!(at(&harness), RunbookPlace::Entry(0));
    assert!(pane(&harness).contains("Trouble"), "with its heading: {}", pane(&harness));
    assert!(plain(&[footer::line(&harness.model)])[0].contains("Enter fold"));
}

#[test]
fn a_row_whose_reason_names_an_entry_opens_the_pane_there() {
    let pack = shop_made(|files| {
        files.insert("runbook.toml".into(), RUNBOOK.into());
        let reason = "[reason.unpaid]\ndo = [{ says = \"Call whom it concerns.\", runbook = \"call\" }]\n";
        files.get_mut("orders.toml").unwrap().push_str(reason);
        files.get_mut("orders.sql").unwrap().push_str(" -- unpaid");
    });
    let mut harness = Harness::of(&pack, &FLOORS, (120, 40));
    harness.press("2");
    let mut rows = orders(&[("a", CRIT), ("b", OK)]);
    rows.rows[0].reasons = ["unpaid".into()].into();
    harness.answer("orders", Part::List, rows);
    harness.press("Enter");
    let detail = plain(&opsdash_core::view::detail::lines(&harness.model)).join("\n");
    assert!(detail.contains("b  Call whom it concerns."), "{detail}");
    harness.press("b");
    assert_eq!(at(&harness), RunbookPlace::Entry(1));
    assert!(pane(&harness).contains("before anything else"), "{}", pane(&harness));
    harness.press("b Esc Esc j b");
    assert_eq!(at(&harness), RunbookPlace::Entry(0), "the other row has no such reason");
}

#[test]
fn a_system_without_a_runbook_says_so() {
    let mut harness = Harness::new();
    harness.press("b");
    assert_eq!(notice(&harness), "this system has no runbook");
}
