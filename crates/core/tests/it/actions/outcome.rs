//! What is written, what came of it, and how it is taken back.

use opsdash_core::{
    action::{ActionReport, Outcome, Refusal, WriteKind},
    contract::{Freshness, Part},
    effect::Effect,
    history::RecordedWrite,
    model::{Overlay, UNDO_MS},
    msg::{Msg, UnknownWrite},
    time::Time,
};

use super::{at_orders, box_of, end, settle, told, with_dialog, written};
use crate::support::{CRIT, Harness, map, notice, orders};

#[test]
fn an_action_is_looked_at_confirmed_and_written_with_what_was_seen_and_asked() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    let [(_, order, WriteKind::Do(prepared))] = &harness.writes()[..] else { panic!("{:?}", harness.writes()) };
    assert_eq!(order.rows, ["A-1"]);
    assert_eq!(prepared.seen[0].get("state"), Some(Some("open")));
    assert_eq!(prepared.asked, map(&[("note", "paid")]));
    assert!(harness.model.overlays.is_empty() && harness.model.writing.is_some());
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&harness), "Settle: done, 1 row; u takes it back");
    assert!(harness.model.writing.is_none());
}

#[test]
fn what_it_names_is_asked_anew_and_of_the_server_that_was_written_to() {
    let mut harness = at_orders();
    harness.asked.clear();
    settle(&mut harness, &["A-1"]);
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(harness.take("customers", Part::Summary).freshness, Freshness::Primary);
    let read = harness.take("orders", Part::List);
    assert_eq!(read.freshness, Freshness::Primary);
    harness.reply(&read, Ok(opsdash_core::contract::Content::Table(orders(&[("A-2", CRIT)]))));
    harness.wait(60_000);
    assert_eq!(harness.take("orders", Part::List).freshness, Freshness::Any);
}

#[test]
fn an_answer_from_before_the_write_is_dropped() {
    let mut harness = at_orders();
    harness.press("r");
    harness.looked(&[("A-1", "open", "")]);
    harness.wait(16_000);
    let old = harness.take("orders", Part::List);
    harness.type_in("paid");
    harness.mean("BackTab Enter");
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    harness.reply(&old, Ok(opsdash_core::contract::Content::Table(orders(&[("A-1", CRIT)]))));
    assert_eq!(harness.keys("orders").len(), 3, "the old rows stay until the new ones have come");
    harness.answer("orders", Part::List, orders(&[("A-2", CRIT)]));
    assert_eq!(harness.keys("orders"), ["A-2"]);
}

#[test]
fn marked_rows_are_written_together_and_unmarked_when_they_are() {
    let mut harness = at_orders();
    harness.press("Space Space");
    settle(&mut harness, &["A-1", "A-2"]);
    assert_eq!(harness.writes()[0].1.rows, ["A-1", "A-2"]);
    end(&mut harness, ActionReport { done: written(&["A-1", "A-2"]), ..ActionReport::default() });
    assert!(harness.panel("orders").list.marks.is_empty());
}

#[test]
fn what_changed_since_is_told_and_stays_on_screen() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    let refusal = Refusal::new("A-1".into(), "state is settled, was open; changed by bob".into(), None);
    end(&mut harness, ActionReport { failed: Some(Outcome::Changed(vec![refusal])), ..ActionReport::default() });
    let text = told(&harness);
    assert!(text.contains("not done: the rows had changed") && text.contains("changed by bob"), "{text}");
    assert!(harness.model.target().last_action.is_none());
}

#[test]
fn an_outcome_that_nobody_knows_is_told_as_such() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    let unknown = Outcome::Unknown { why: "the link was lost at the commit".into(), rows: written(&["A-1"]) };
    end(&mut harness, ActionReport { failed: Some(unknown), ..ActionReport::default() });
    let text = told(&harness);
    assert!(text.contains("the outcome is unknown") && text.contains("A-1"), "{text}");
}

#[test]
fn after_an_unknown_outcome_the_action_before_it_is_not_taken_for_it() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    settle(&mut harness, &["A-1"]);
    let unknown = Outcome::Unknown { why: "the link was lost at the commit".into(), rows: Vec::new() };
    end(&mut harness, ActionReport { failed: Some(unknown), ..ActionReport::default() });
    harness.mean("Esc u");
    assert_eq!(notice(&harness), "nothing was done on floor-1 that can be taken back");
}

#[test]
fn what_must_be_read_is_not_closed_by_a_key_for_something_else() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    end(&mut harness, ActionReport { failed: Some(Outcome::Refused("no".into())), ..ActionReport::default() });
    harness.press("Enter q Esc");
    told(&harness);
    harness.mean("Esc");
    assert!(harness.model.overlays.is_empty());
}

#[test]
fn the_last_action_is_taken_back_for_fifteen_minutes() {
    let mut harness = at_orders();
    harness.press("u");
    assert_eq!(notice(&harness), "nothing was done on floor-1 that can be taken back");
    settle(&mut harness, &["A-1"]);
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    harness.press("u");
    assert!(box_of(&harness).contains("settled → open"), "{}", box_of(&harness));
    harness.mean("Right Enter");
    assert_eq!(harness.writes()[1].2, WriteKind::Undo(written(&["A-1"])));
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&harness), "Undo of Settle: done, 1 row");
    harness.press("u");
    assert!(notice(&harness).contains("nothing was done"), "it is taken back once");
    settle(&mut harness, &["A-1"]);
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    harness.wait(UNDO_MS + 1);
    harness.press("u");
    assert!(notice(&harness).contains("more than 15 minutes old"), "{}", notice(&harness));
}

#[test]
fn what_an_earlier_run_did_is_taken_back_as_long_as_it_can_be_and_what_is_done_now_comes_first() {
    let of = |harness: &Harness, target: &str, action: &str, ms: i64| RecordedWrite {
        target: target.into(),
        system: "shop".into(),
        view: "orders".into(),
        action: action.into(),
        scope: None,
        rows: vec!["A-1".into()],
        written: written(&["A-1"]),
        seen: Vec::new(),
        until: Time(harness.model.clock.utc.0 + ms * 1_000),
    };
    let mut harness = at_orders();
    let recorded = [of(&harness, "floor-1", "settle", 60_000), of(&harness, "elsewhere", "cancel", 60_000)];
    harness.tell(Msg::Recorded(recorded.to_vec()));
    harness.press("u");
    assert!(box_of(&harness).contains("settled → open"), "{}", box_of(&harness));
    harness.mean("Esc");
    harness.wait(61_000);
    harness.press("u");
    assert!(notice(&harness).contains("can no longer be taken back"), "{}", notice(&harness));
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    let late = of(&harness, "floor-1", "cancel", 60_000);
    let gone = of(&harness, "floor-1", "no such action", 60_000);
    harness.tell(Msg::Recorded(vec![late, gone]));
    let last = harness.model.target().last_action.as_ref().unwrap();
    let view = harness.model.target().pack.view(last.request.view);
    assert_eq!(view.actions[last.request.action].id, "settle");
}

#[test]
fn of_batches_that_were_done_before_one_that_was_not_those_can_be_taken_back() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    let failed = Some(Outcome::Refused("the disk is full".into()));
    end(&mut harness, ActionReport { done: written(&["A-1"]), failed, ..ActionReport::default() });
    let text = told(&harness);
    assert!(text.contains("1 row of earlier batches are written.") && text.contains("Nothing of this batch"), "{text}");
    harness.mean("Esc u");
    assert!(matches!(harness.model.overlays.last(), Some(Overlay::Act(_))));
}

#[test]
fn an_action_without_an_undo_says_so_before_and_after() {
    let mut harness = with_dialog("o");
    assert!(box_of(&harness).contains("This cannot be undone."));
    harness.mean("Right Enter");
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&harness), "Reopen: done, 1 row");
    harness.press("u");
    assert_eq!(notice(&harness), "Reopen cannot be taken back");
}

#[test]
fn leaving_waits_for_a_write_once_and_ends_with_it() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    harness.press("q");
    assert!(!harness.other.contains(&Effect::Quit));
    assert!(notice(&harness).contains("leaving when it ends"), "{}", notice(&harness));
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert!(harness.other.contains(&Effect::Quit));
    assert_eq!(harness.model.farewell.as_deref(), Some("Settle: done, 1 row; u takes it back"));
}

#[test]
fn leaving_twice_leaves_and_a_write_that_was_not_done_is_read_first() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    harness.press("q q");
    assert!(harness.other.contains(&Effect::Quit));
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    harness.press("q");
    end(&mut harness, ActionReport { failed: Some(Outcome::Refused("no".into())), ..ActionReport::default() });
    assert!(!harness.other.contains(&Effect::Quit));
    told(&harness);
}

#[test]
fn an_outcome_of_an_earlier_run_is_reported_until_it_was_read() {
    let unsettled = |at: &str| UnknownWrite {
        at: at.into(),
        target: "floor-1".into(),
        action: "orders.settle".into(),
        rows: 1,
        first: "A-1".into(),
        said: "no outcome was recorded".into(),
    };
    let mut harness = at_orders();
    harness.tell(Msg::Unsettled(vec![unsettled("2026-11-20T10:00:00Z"), unsettled("2026-11-20T12:00:00Z")]));
    assert!(told(&harness).contains("orders.settle  1 row: A-1"), "{}", told(&harness));
    assert!(!harness.other.iter().any(|effect| matches!(effect, Effect::Remember(_))), "not yet read");
    harness.mean("Enter");
    let Some(Effect::Remember(kept)) = harness.other.last().cloned() else { panic!("{:?}", harness.other) };
    assert_eq!(kept.reported, "2026-11-20T12:00:00Z");
    harness.tell(Msg::Unsettled(vec![unsettled("2026-11-20T12:00:00Z")]));
    assert!(harness.model.overlays.is_empty());
}

#[test]
fn of_an_undo_every_column_that_any_row_gets_back_is_shown() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    let mut done = written(&["A-1", "A-2"]);
    done[1].0.extend([("before_note".into(), Some("was".into())), ("after_note".into(), Some("is".into()))]);
    end(&mut harness, ActionReport { done, ..ActionReport::default() });
    harness.press("u");
    assert!(box_of(&harness).contains("note") && box_of(&harness).contains("is → was"), "{}", box_of(&harness));
}
