//! Guarded actions on the screen: what opens a dialog, what closes it, what writes, and what came of it.

use opsdash_core::{
    action::{ActionReport, Outcome, Refusal, TextRow, WriteKind},
    contract::{Failure, FailureKind, Part},
    effect::Effect,
    model::{Focus, Guard, Overlay, TargetId, UNDO_MS},
    msg::{Msg, UnknownWrite},
    update::{edits, next_wake},
    view::{self, overlay},
};
use opsdash_pack::keymap::KeyCode;

use crate::support::{CRIT, Harness, OK, acting_shop, map, notice, orders, plain};

/// At the list of orders A-1, A-2 and A-3.
fn at_orders() -> Harness {
    Harness::at_orders(&acting_shop(), &[("A-1", CRIT), ("A-2", CRIT), ("A-3", OK)])
}

/// With the dialog of an action on A-1 open.
fn with_dialog(letter: &str) -> Harness {
    let mut harness = at_orders();
    harness.press(letter);
    harness.looked(&[("A-1", "open", "")]);
    harness.wait(200);
    assert!(matches!(harness.model.overlays.last(), Some(Overlay::Act(_))));
    harness
}

fn told(harness: &Harness) -> String {
    match harness.model.overlays.last() {
        Some(Overlay::Told(told)) => format!("{}\n{}", told.title, told.text.join("\n")),
        other => panic!("nothing is told: {other:?}"),
    }
}

fn problem(harness: &Harness) -> &str {
    match harness.model.overlays.last() {
        Some(Overlay::Act(dialog)) => &dialog.problem,
        other => panic!("no dialog: {other:?}"),
    }
}

fn box_of(harness: &Harness) -> String {
    plain(&overlay::popup(&harness.model).expect("a box is open").lines).join("\n")
}

/// What a write of these keys returned.
fn written(keys: &[&str]) -> Vec<TextRow> {
    let text = |name: &str, text: &str| (name.to_owned(), Some(text.to_owned()));
    let record =
        |key: &&str| TextRow(vec![text("key", key), text("before_state", "open"), text("after_state", "settled")]);
    keys.iter().map(record).collect()
}

fn end(harness: &mut Harness, report: ActionReport) {
    let ticket = harness.writes().last().expect("something is written").0;
    harness.tell(Msg::Written { ticket, report: Box::new(report) });
}

fn settle(harness: &mut Harness, rows: &[&str]) {
    harness.press("r");
    let looked: Vec<(&str, &str, &str)> = rows.iter().map(|row| (*row, "open", "")).collect();
    harness.looked(&looked);
    harness.wait(200);
    harness.type_in("paid");
    harness.mean("BackTab Enter");
}

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
    assert!(harness.take("customers", Part::Summary).primary);
    let read = harness.take("orders", Part::List);
    assert!(read.primary);
    harness.reply(&read, Ok(opsdash_core::contract::Content::Table(orders(&[("A-2", CRIT)]))));
    harness.wait(60_000);
    assert!(!harness.take("orders", Part::List).primary);
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
fn cancel_is_the_default_and_esc_writes_nothing() {
    for keys in ["Enter", "Esc", "q", "Tab Enter Esc"] {
        let mut harness = with_dialog("o");
        harness.press("Left");
        harness.mean(keys.split(' ').next().unwrap());
        assert!(harness.writes().is_empty() && harness.model.overlays.len() <= 1, "{keys}");
    }
    let mut harness = with_dialog("o");
    harness.mean("Right Enter");
    assert_eq!(harness.writes().len(), 1);
}

#[test]
fn keys_that_come_as_it_opens_are_dropped_and_so_is_what_is_typed_then() {
    let mut harness = at_orders();
    harness.press("r");
    harness.looked(&[("A-1", "open", "")]);
    harness.type_in("was meant for something else");
    harness.press("BackTab Enter");
    assert!(harness.writes().is_empty());
    assert_eq!(harness.model.input().map(|input| input.text.as_str()), Some(""));
    assert!(matches!(harness.model.overlays.last(), Some(Overlay::Act(dialog)) if dialog.focus == Focus::Field(0)));
}

#[test]
fn enter_right_after_another_key_is_no_yes() {
    let mut harness = with_dialog("o");
    harness.press("Right Enter");
    assert!(harness.writes().is_empty());
    assert_eq!(problem(&harness), "that key came too fast to be meant: press Enter again");
    harness.mean("Enter");
    assert_eq!(harness.writes().len(), 1);
}

#[test]
fn what_is_dangerous_is_typed_and_the_refusal_does_not_tell_it() {
    let mut harness = at_orders();
    harness.press("x");
    harness.looked(&[("order-77-4711", "open", "")]);
    assert!(matches!(harness.model.overlays.last(), Some(Overlay::Told(_))), "the look found other rows");
    let mut harness = at_orders();
    harness.answer_list(&["order-77-4711"]);
    harness.press("x");
    harness.looked(&[("order-77-4711", "open", "")]);
    harness.wait(200);
    assert!(box_of(&harness).contains("Type the last 4 characters of key to confirm"), "{}", box_of(&harness));
    for wrong in ["", "471", "order-77-4711", "4712"] {
        harness.type_in(wrong);
        harness.mean("Enter");
        assert!(harness.writes().is_empty(), "{wrong}");
        assert!(!problem(&harness).is_empty() && !problem(&harness).contains("4711"), "{}", problem(&harness));
    }
    harness.type_in("4711");
    harness.mean("Enter");
    assert_eq!(harness.writes().len(), 1);
}

#[test]
fn what_is_asked_is_checked_in_the_dialog() {
    let mut harness = with_dialog("E");
    for (typed, why) in
        [("", "Until: it is empty"), ("soon", "is no date"), ("2020-01-01", "2020-01-01 00:00:00 is in the past")]
    {
        harness.type_in(typed);
        harness.mean("BackTab Enter");
        assert!(problem(&harness).contains(why), "{typed}: {}", problem(&harness));
        assert!(matches!(harness.model.overlays.last(), Some(Overlay::Act(dialog)) if dialog.focus == Focus::Field(0)));
    }
    harness.type_in("2030-01-31");
    harness.mean("BackTab Enter");
    let (_, _, WriteKind::Do(prepared)) = harness.writes().remove(0) else { panic!("a write") };
    assert_eq!(prepared.asked["until"], "2030-01-31 00:00:00");
}

#[test]
fn a_note_that_is_too_long_or_acts_on_a_terminal_is_refused_in_the_dialog() {
    for (note, why) in [("n".repeat(1_000_000), "4000 are allowed"), ("a\u{1b}[31mb".into(), "U+001B")] {
        let mut harness = with_dialog("r");
        harness.type_in(&note);
        harness.mean("BackTab Enter");
        assert!(problem(&harness).contains(why), "{}", problem(&harness));
        assert!(harness.writes().is_empty());
    }
}

#[test]
fn a_choice_is_made_by_nobody_but_the_operator() {
    let mut harness = with_dialog("i");
    harness.mean("Enter BackTab Enter");
    assert!(problem(&harness).contains("it is empty"), "{}", problem(&harness));
    harness.mean("Right Right BackTab Enter");
    let (_, _, WriteKind::Do(prepared)) = harness.writes().remove(0) else { panic!("a write") };
    assert_eq!(prepared.asked["to"], "South");
}

#[test]
fn in_a_field_of_several_lines_enter_is_a_new_line_and_in_the_others_it_is_a_key() {
    let harness = with_dialog("r");
    for code in [KeyCode::Enter, KeyCode::Up, KeyCode::Down] {
        assert!(edits(&harness.model, code.into()));
    }
    assert!(!edits(&harness.model, KeyCode::Tab.into()) && !edits(&harness.model, KeyCode::Esc.into()));
    let harness = with_dialog("E");
    assert!(!edits(&harness.model, KeyCode::Enter.into()));
}

#[test]
fn an_action_that_is_off_says_why_and_asks_nothing() {
    let off = |harness: &mut Harness, why: &str| {
        harness.press("r");
        assert!(notice(harness).contains(why), "{why}: {}", notice(harness));
        assert!(!harness.other.iter().any(|effect| matches!(effect, Effect::Preview { .. })));
        assert!(harness.model.overlays.is_empty());
    };
    let mut harness = at_orders();
    harness.model.read_only = true;
    off(&mut harness, "floor-1 is read-only here");
    let mut harness = at_orders();
    harness.model.targets[0].guard = Guard::Protected;
    off(&mut harness, "floor-1 is protected: w and its name");
    let mut harness = at_orders();
    harness.wait(16_000);
    harness.fail("orders", Part::List, FailureKind::Timeout);
    off(&mut harness, "these rows are old (timed out)");
    let mut harness = at_orders();
    harness.press("p");
    harness.wait(61_000);
    off(&mut harness, "these rows are old: the refresh is paused");
    let mut harness = at_orders();
    harness.answer_list(&[]);
    off(&mut harness, "there is no row here");
    let mut harness = at_orders();
    harness.press("Space Space");
    harness.press("o");
    assert!(notice(&harness).contains("Reopen takes one row at a time"), "{}", notice(&harness));
}

#[test]
fn while_one_write_is_on_its_way_no_other_begins() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    harness.press("x");
    assert_eq!(notice(&harness), "the last action is still being written");
    assert_eq!(harness.writes().len(), 1);
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
fn rows_to_which_it_does_not_apply_are_refused_before_any_dialog_and_recorded() {
    let mut harness = at_orders();
    harness.press("r");
    harness.looked(&[("A-1", "settled", "")]);
    assert!(
        told(&harness).contains("Settle on floor-1: refused\nNothing is written.\nA-1: state is settled, not open")
    );
    assert!(matches!(harness.other.last(), Some(Effect::Record { refused, .. }) if refused.len() == 1));
    harness.mean("Enter");
    assert!(harness.model.overlays.is_empty());
}

#[test]
fn a_right_that_the_login_lacks_is_told_before_any_dialog_and_then_at_once() {
    let mut harness = at_orders();
    harness.press("r");
    let (ticket, _) = harness.preview();
    let failure = Failure::new(FailureKind::Privilege, "permission denied for table orders");
    harness.tell(Msg::Previewed { ticket, result: Err(Outcome::Failed(failure)) });
    let text = told(&harness);
    assert!(text.contains("permission denied for table orders") && text.contains("doctor --grants"), "{text}");
    harness.mean("Enter");
    harness.other.clear();
    harness.press("r");
    assert!(notice(&harness).contains("Settle is not allowed: permission denied"), "{}", notice(&harness));
    assert!(harness.other.is_empty());
    harness.press("R r");
    assert_eq!(harness.preview().1.rows, ["A-1"], "a right may have been granted since");
}

#[test]
fn what_changed_since_is_told_and_stays_on_screen() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    let refusal = Refusal { key: "A-1".into(), why: "state is settled, was open; changed by bob".into(), now: None };
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
    assert_eq!(notice(&harness), "nothing was done on floor-1 in this session that can be taken back");
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
    assert_eq!(notice(&harness), "nothing was done on floor-1 in this session that can be taken back");
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
fn of_batches_that_were_done_before_one_that_was_not_those_can_be_taken_back() {
    let mut harness = at_orders();
    settle(&mut harness, &["A-1"]);
    let failed = Some(Outcome::Refused("the disk is full".into()));
    end(&mut harness, ActionReport { done: written(&["A-1"]), failed, notes: Vec::new() });
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
fn a_protected_target_is_armed_by_its_name_and_locks_when_idle() {
    let mut harness = at_orders();
    harness.model.targets[0].guard = Guard::Protected;
    harness.press("w");
    harness.type_in("floor-2");
    harness.press("Enter");
    assert_eq!(harness.model.targets[0].guard, Guard::Protected);
    assert!(box_of(&harness).contains("This is not its name."));
    harness.type_in("floor-1");
    harness.press("Enter");
    assert_eq!(harness.model.targets[0].guard, Guard::Unlocked);
    assert_eq!(harness.model.targets[1].guard, Guard::Open, "each target for itself");
    assert!(plain(&[view::header::line(&harness.model)])[0].contains("ARMED"));
    harness.press("r");
    harness.looked(&[("A-1", "open", "")]);
    assert!(box_of(&harness).contains("a protected target, armed"));
    let locks = next_wake(&harness.model).unwrap();
    assert!(locks <= harness.model.last_key.plus(600_001));
    harness.wait(600_001);
    assert_eq!(harness.model.targets[0].guard, Guard::Protected);
    assert!(harness.model.overlays.is_empty(), "whoever comes back does not confirm what somebody else began");
    let mut harness = at_orders();
    harness.model.targets[0].guard = Guard::ReadOnly;
    harness.press("w");
    assert_eq!(notice(&harness), "floor-1 is read-only here, and stays so");
}

#[test]
fn a_look_that_is_given_up_is_canceled_and_its_answer_opens_nothing() {
    let mut harness = at_orders();
    harness.press("r");
    let (ticket, _) = harness.preview();
    harness.press("j j x");
    assert!(plain(&[view::footer::line(&harness.model)])[0].contains("looking at 1 row"));
    harness.press("Esc");
    assert_eq!(harness.cancelled, [ticket]);
    harness.tell(Msg::Previewed { ticket, result: Ok(Vec::new()) });
    assert!(harness.model.overlays.is_empty());
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
fn the_overview_acts_on_the_row_of_the_line() {
    let mut harness = at_orders();
    harness.press("1 r");
    let (_, order) = harness.preview();
    assert_eq!((order.rows.as_slice(), order.view), (&["A-1".to_owned()][..], harness.at("orders", Part::List).view));
}

#[test]
fn what_the_palette_showed_is_done_to_the_row_that_it_was_opened_on() {
    let mut harness = at_orders();
    harness.press("1 :");
    harness.type_in("Void");
    harness.wait(61_000);
    harness.answer("orders", Part::Summary, orders(&[]));
    harness.press("Enter");
    assert_eq!(harness.preview().1.rows, ["A-1"], "though it has left the list");
}

/// Two targets with an order each, the overview open; the cursor on that of the second.
fn at_second_target() -> Harness {
    let mut harness = Harness::of(&acting_shop(), &[("floor-1", true), ("floor-2", true)], (120, 30));
    for target in [0, 1].map(TargetId) {
        let read = harness.take_of(target, "orders", Part::Summary);
        harness.reply(&read, Ok(opsdash_core::contract::Content::Table(orders(&[("A-1", CRIT)]))));
    }
    harness.press("j");
    harness
}

#[test]
fn on_the_overview_of_several_undo_and_arm_are_of_the_target_that_was_acted_on() {
    let mut harness = at_second_target();
    harness.model.targets[1].guard = Guard::Protected;
    harness.press("r");
    assert!(notice(&harness).contains("floor-2 is protected"), "{}", notice(&harness));
    harness.press("w");
    assert!(matches!(harness.model.overlays.last(), Some(Overlay::Unlock { target: TargetId(1), .. })));
    harness.type_in("floor-2");
    harness.press("Enter");
    settle(&mut harness, &["A-1"]);
    assert!(plain(&[view::header::line(&harness.model)])[0].contains("writing on floor-2"));
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&harness), "Settle: done, 1 row; u takes it back");
    harness.press("u");
    assert!(overlay::popup(&harness.model).expect("a box").title.contains("on floor-2"));
}

#[test]
fn a_page_of_the_preview_passes_no_row_over() {
    let mut harness = at_orders();
    let ids: Vec<String> = (1..=30).map(|n| format!("A-{n:02}")).collect();
    harness.answer_list(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    harness.press(&vec!["Space"; 30].join(" "));
    harness.press("x");
    let rows: Vec<(&str, &str, &str)> = ids.iter().map(|id| (id.as_str(), "open", id.as_str())).collect();
    harness.looked(&rows);
    let mut shown = String::new();
    for _ in 0..8 {
        shown += &box_of(&harness);
        harness.mean("PageDown");
    }
    assert!(ids.iter().all(|id| shown.contains(id.as_str())), "{shown}");
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
