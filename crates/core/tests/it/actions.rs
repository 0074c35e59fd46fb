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

use crate::support::{CRIT, Desk, OK, acting_shop, map, notice, orders, plain};

/// At the list of orders A-1, A-2 and A-3.
fn at_orders() -> Desk {
    Desk::at_orders(&acting_shop(), &[("A-1", CRIT), ("A-2", CRIT), ("A-3", OK)])
}

/// With the dialog of an action on A-1 open.
fn with_dialog(letter: &str) -> Desk {
    let mut desk = at_orders();
    desk.press(letter);
    desk.looked(&[("A-1", "open", "")]);
    desk.wait(200);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Act(_))));
    desk
}

fn told(desk: &Desk) -> String {
    match desk.model.overlays.last() {
        Some(Overlay::Told(told)) => format!("{}\n{}", told.title, told.text.join("\n")),
        other => panic!("nothing is told: {other:?}"),
    }
}

fn problem(desk: &Desk) -> &str {
    match desk.model.overlays.last() {
        Some(Overlay::Act(dialog)) => &dialog.problem,
        other => panic!("no dialog: {other:?}"),
    }
}

fn box_of(desk: &Desk) -> String {
    plain(&overlay::popup(&desk.model).expect("a box is open").lines).join("\n")
}

/// What a write of these keys returned.
fn written(keys: &[&str]) -> Vec<TextRow> {
    let text = |name: &str, text: &str| (name.to_owned(), Some(text.to_owned()));
    let record =
        |key: &&str| TextRow(vec![text("key", key), text("before_state", "open"), text("after_state", "settled")]);
    keys.iter().map(record).collect()
}

fn end(desk: &mut Desk, report: ActionReport) {
    let ticket = desk.writes().last().expect("something is written").0;
    desk.tell(Msg::Written { ticket, report: Box::new(report) });
}

fn settle(desk: &mut Desk, rows: &[&str]) {
    desk.press("r");
    let looked: Vec<(&str, &str, &str)> = rows.iter().map(|row| (*row, "open", "")).collect();
    desk.looked(&looked);
    desk.wait(200);
    desk.type_in("paid");
    desk.mean("BackTab Enter");
}

#[test]
fn an_action_is_looked_at_confirmed_and_written_with_what_was_seen_and_asked() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    let [(_, order, WriteKind::Do(prepared))] = &desk.writes()[..] else { panic!("{:?}", desk.writes()) };
    assert_eq!(order.rows, ["A-1"]);
    assert_eq!(prepared.seen[0].get("state"), Some(Some("open")));
    assert_eq!(prepared.asked, map(&[("note", "paid")]));
    assert!(desk.model.overlays.is_empty() && desk.model.writing.is_some());
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&desk), "Settle: done, 1 row; u takes it back");
    assert!(desk.model.writing.is_none());
}

#[test]
fn what_it_names_is_asked_anew_and_of_the_server_that_was_written_to() {
    let mut desk = at_orders();
    desk.asked.clear();
    settle(&mut desk, &["A-1"]);
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert!(desk.take("customers", Part::Summary).primary);
    let read = desk.take("orders", Part::List);
    assert!(read.primary);
    desk.reply(&read, Ok(opsdash_core::contract::Content::Table(orders(&[("A-2", CRIT)]))));
    desk.wait(60_000);
    assert!(!desk.take("orders", Part::List).primary);
}

#[test]
fn an_answer_from_before_the_write_is_dropped() {
    let mut desk = at_orders();
    desk.press("r");
    desk.looked(&[("A-1", "open", "")]);
    desk.wait(16_000);
    let old = desk.take("orders", Part::List);
    desk.type_in("paid");
    desk.mean("BackTab Enter");
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    desk.reply(&old, Ok(opsdash_core::contract::Content::Table(orders(&[("A-1", CRIT)]))));
    assert_eq!(desk.keys("orders").len(), 3, "the old rows stay until the new ones have come");
    desk.answer("orders", Part::List, orders(&[("A-2", CRIT)]));
    assert_eq!(desk.keys("orders"), ["A-2"]);
}

#[test]
fn cancel_is_the_default_and_esc_writes_nothing() {
    for keys in ["Enter", "Esc", "q", "Tab Enter Esc"] {
        let mut desk = with_dialog("o");
        desk.press("Left");
        desk.mean(keys.split(' ').next().unwrap());
        assert!(desk.writes().is_empty() && desk.model.overlays.len() <= 1, "{keys}");
    }
    let mut desk = with_dialog("o");
    desk.mean("Right Enter");
    assert_eq!(desk.writes().len(), 1);
}

#[test]
fn keys_that_come_as_it_opens_are_dropped_and_so_is_what_is_typed_then() {
    let mut desk = at_orders();
    desk.press("r");
    desk.looked(&[("A-1", "open", "")]);
    desk.type_in("was meant for something else");
    desk.press("BackTab Enter");
    assert!(desk.writes().is_empty());
    assert_eq!(desk.model.input().map(|input| input.text.as_str()), Some(""));
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Act(dialog)) if dialog.focus == Focus::Field(0)));
}

#[test]
fn enter_right_after_another_key_is_no_yes() {
    let mut desk = with_dialog("o");
    desk.press("Right Enter");
    assert!(desk.writes().is_empty());
    assert_eq!(problem(&desk), "that key came too fast to be meant: press Enter again");
    desk.mean("Enter");
    assert_eq!(desk.writes().len(), 1);
}

#[test]
fn what_is_dangerous_is_typed_and_the_refusal_does_not_tell_it() {
    let mut desk = at_orders();
    desk.press("x");
    desk.looked(&[("order-77-4711", "open", "")]);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Told(_))), "the look found other rows");
    let mut desk = at_orders();
    desk.answer_list(&["order-77-4711"]);
    desk.press("x");
    desk.looked(&[("order-77-4711", "open", "")]);
    desk.wait(200);
    assert!(box_of(&desk).contains("Type the last 4 characters of key to confirm"), "{}", box_of(&desk));
    for wrong in ["", "471", "order-77-4711", "4712"] {
        desk.type_in(wrong);
        desk.mean("Enter");
        assert!(desk.writes().is_empty(), "{wrong}");
        assert!(!problem(&desk).is_empty() && !problem(&desk).contains("4711"), "{}", problem(&desk));
    }
    desk.type_in("4711");
    desk.mean("Enter");
    assert_eq!(desk.writes().len(), 1);
}

#[test]
fn what_is_asked_is_checked_in_the_dialog() {
    let mut desk = with_dialog("E");
    for (typed, why) in
        [("", "Until: it is empty"), ("soon", "is no date"), ("2020-01-01", "2020-01-01 00:00:00 is in the past")]
    {
        desk.type_in(typed);
        desk.mean("BackTab Enter");
        assert!(problem(&desk).contains(why), "{typed}: {}", problem(&desk));
        assert!(matches!(desk.model.overlays.last(), Some(Overlay::Act(dialog)) if dialog.focus == Focus::Field(0)));
    }
    desk.type_in("2030-01-31");
    desk.mean("BackTab Enter");
    let (_, _, WriteKind::Do(prepared)) = desk.writes().remove(0) else { panic!("a write") };
    assert_eq!(prepared.asked["until"], "2030-01-31 00:00:00");
}

#[test]
fn a_note_that_is_too_long_or_acts_on_a_terminal_is_refused_in_the_dialog() {
    for (note, why) in [("n".repeat(1_000_000), "4000 are allowed"), ("a\u{1b}[31mb".into(), "U+001B")] {
        let mut desk = with_dialog("r");
        desk.type_in(&note);
        desk.mean("BackTab Enter");
        assert!(problem(&desk).contains(why), "{}", problem(&desk));
        assert!(desk.writes().is_empty());
    }
}

#[test]
fn a_choice_is_made_by_nobody_but_the_operator() {
    let mut desk = with_dialog("i");
    desk.mean("Enter BackTab Enter");
    assert!(problem(&desk).contains("it is empty"), "{}", problem(&desk));
    desk.mean("Right Right BackTab Enter");
    let (_, _, WriteKind::Do(prepared)) = desk.writes().remove(0) else { panic!("a write") };
    assert_eq!(prepared.asked["to"], "South");
}

#[test]
fn in_a_field_of_several_lines_enter_is_a_new_line_and_in_the_others_it_is_a_key() {
    let desk = with_dialog("r");
    for code in [KeyCode::Enter, KeyCode::Up, KeyCode::Down] {
        assert!(edits(&desk.model, code.into()));
    }
    assert!(!edits(&desk.model, KeyCode::Tab.into()) && !edits(&desk.model, KeyCode::Esc.into()));
    let desk = with_dialog("E");
    assert!(!edits(&desk.model, KeyCode::Enter.into()));
}

#[test]
fn an_action_that_is_off_says_why_and_asks_nothing() {
    let off = |desk: &mut Desk, why: &str| {
        desk.press("r");
        assert!(notice(desk).contains(why), "{why}: {}", notice(desk));
        assert!(!desk.other.iter().any(|effect| matches!(effect, Effect::Preview { .. })));
        assert!(desk.model.overlays.is_empty());
    };
    let mut desk = at_orders();
    desk.model.read_only = true;
    off(&mut desk, "floor-1 is read-only here");
    let mut desk = at_orders();
    desk.model.targets[0].guard = Guard::Protected;
    off(&mut desk, "floor-1 is protected: w and its name");
    let mut desk = at_orders();
    desk.wait(16_000);
    desk.fail("orders", Part::List, FailureKind::Timeout);
    off(&mut desk, "these rows are old (timed out)");
    let mut desk = at_orders();
    desk.press("p");
    desk.wait(61_000);
    off(&mut desk, "these rows are old: the refresh is paused");
    let mut desk = at_orders();
    desk.answer_list(&[]);
    off(&mut desk, "there is no row here");
    let mut desk = at_orders();
    desk.press("Space Space");
    desk.press("o");
    assert!(notice(&desk).contains("Reopen takes one row at a time"), "{}", notice(&desk));
}

#[test]
fn while_one_write_is_on_its_way_no_other_begins() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    desk.press("x");
    assert_eq!(notice(&desk), "the last action is still being written");
    assert_eq!(desk.writes().len(), 1);
}

#[test]
fn marked_rows_are_written_together_and_unmarked_when_they_are() {
    let mut desk = at_orders();
    desk.press("Space Space");
    settle(&mut desk, &["A-1", "A-2"]);
    assert_eq!(desk.writes()[0].1.rows, ["A-1", "A-2"]);
    end(&mut desk, ActionReport { done: written(&["A-1", "A-2"]), ..ActionReport::default() });
    assert!(desk.panel("orders").list.marks.is_empty());
}

#[test]
fn rows_to_which_it_does_not_apply_are_refused_before_any_dialog_and_recorded() {
    let mut desk = at_orders();
    desk.press("r");
    desk.looked(&[("A-1", "settled", "")]);
    assert!(told(&desk).contains("Settle on floor-1: refused\nNothing is written.\nA-1: state is settled, not open"));
    assert!(matches!(desk.other.last(), Some(Effect::Record { refused, .. }) if refused.len() == 1));
    desk.mean("Enter");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn a_right_that_the_login_lacks_is_told_before_any_dialog_and_then_at_once() {
    let mut desk = at_orders();
    desk.press("r");
    let (ticket, _) = desk.preview();
    let failure = Failure::new(FailureKind::Privilege, "permission denied for table orders");
    desk.tell(Msg::Previewed { ticket, result: Err(Outcome::Failed(failure)) });
    let text = told(&desk);
    assert!(text.contains("permission denied for table orders") && text.contains("doctor --grants"), "{text}");
    desk.mean("Enter");
    desk.other.clear();
    desk.press("r");
    assert!(notice(&desk).contains("Settle is not allowed: permission denied"), "{}", notice(&desk));
    assert!(desk.other.is_empty());
    desk.press("R r");
    assert_eq!(desk.preview().1.rows, ["A-1"], "a right may have been granted since");
}

#[test]
fn what_changed_since_is_told_and_stays_on_screen() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    let refusal = Refusal { key: "A-1".into(), why: "state is settled, was open; changed by bob".into(), now: None };
    end(&mut desk, ActionReport { failed: Some(Outcome::Changed(vec![refusal])), ..ActionReport::default() });
    let text = told(&desk);
    assert!(text.contains("not done: the rows had changed") && text.contains("changed by bob"), "{text}");
    assert!(desk.model.target().last_action.is_none());
}

#[test]
fn an_outcome_that_nobody_knows_is_told_as_such() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    let unknown = Outcome::Unknown { why: "the link was lost at the commit".into(), rows: written(&["A-1"]) };
    end(&mut desk, ActionReport { failed: Some(unknown), ..ActionReport::default() });
    let text = told(&desk);
    assert!(text.contains("the outcome is unknown") && text.contains("A-1"), "{text}");
}

#[test]
fn after_an_unknown_outcome_the_action_before_it_is_not_taken_for_it() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    settle(&mut desk, &["A-1"]);
    let unknown = Outcome::Unknown { why: "the link was lost at the commit".into(), rows: Vec::new() };
    end(&mut desk, ActionReport { failed: Some(unknown), ..ActionReport::default() });
    desk.mean("Esc u");
    assert_eq!(notice(&desk), "nothing was done on floor-1 in this session that can be taken back");
}

#[test]
fn what_must_be_read_is_not_closed_by_a_key_for_something_else() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    end(&mut desk, ActionReport { failed: Some(Outcome::Refused("no".into())), ..ActionReport::default() });
    desk.press("Enter q Esc");
    told(&desk);
    desk.mean("Esc");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn the_last_action_is_taken_back_for_fifteen_minutes() {
    let mut desk = at_orders();
    desk.press("u");
    assert_eq!(notice(&desk), "nothing was done on floor-1 in this session that can be taken back");
    settle(&mut desk, &["A-1"]);
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    desk.press("u");
    assert!(box_of(&desk).contains("settled → open"), "{}", box_of(&desk));
    desk.mean("Right Enter");
    assert_eq!(desk.writes()[1].2, WriteKind::Undo(written(&["A-1"])));
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&desk), "Undo of Settle: done, 1 row");
    desk.press("u");
    assert!(notice(&desk).contains("nothing was done"), "it is taken back once");
    settle(&mut desk, &["A-1"]);
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    desk.wait(UNDO_MS + 1);
    desk.press("u");
    assert!(notice(&desk).contains("more than 15 minutes old"), "{}", notice(&desk));
}

#[test]
fn of_batches_that_were_done_before_one_that_was_not_those_can_be_taken_back() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    let failed = Some(Outcome::Refused("the disk is full".into()));
    end(&mut desk, ActionReport { done: written(&["A-1"]), failed, notes: Vec::new() });
    let text = told(&desk);
    assert!(text.contains("1 row of earlier batches are written.") && text.contains("Nothing of this batch"), "{text}");
    desk.mean("Esc u");
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Act(_))));
}

#[test]
fn an_action_without_an_undo_says_so_before_and_after() {
    let mut desk = with_dialog("o");
    assert!(box_of(&desk).contains("This cannot be undone."));
    desk.mean("Right Enter");
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&desk), "Reopen: done, 1 row");
    desk.press("u");
    assert_eq!(notice(&desk), "Reopen cannot be taken back");
}

#[test]
fn a_protected_target_is_armed_by_its_name_and_locks_when_idle() {
    let mut desk = at_orders();
    desk.model.targets[0].guard = Guard::Protected;
    desk.press("w");
    desk.type_in("floor-2");
    desk.press("Enter");
    assert_eq!(desk.model.targets[0].guard, Guard::Protected);
    assert!(box_of(&desk).contains("This is not its name."));
    desk.type_in("floor-1");
    desk.press("Enter");
    assert_eq!(desk.model.targets[0].guard, Guard::Unlocked);
    assert_eq!(desk.model.targets[1].guard, Guard::Open, "each target for itself");
    assert!(plain(&[view::header::line(&desk.model)])[0].contains("ARMED"));
    desk.press("r");
    desk.looked(&[("A-1", "open", "")]);
    assert!(box_of(&desk).contains("a protected target, armed"));
    let locks = next_wake(&desk.model).unwrap();
    assert!(locks <= desk.model.last_key.plus(600_001));
    desk.wait(600_001);
    assert_eq!(desk.model.targets[0].guard, Guard::Protected);
    assert!(desk.model.overlays.is_empty(), "whoever comes back does not confirm what somebody else began");
    let mut desk = at_orders();
    desk.model.targets[0].guard = Guard::ReadOnly;
    desk.press("w");
    assert_eq!(notice(&desk), "floor-1 is read-only here, and stays so");
}

#[test]
fn a_look_that_is_given_up_is_canceled_and_its_answer_opens_nothing() {
    let mut desk = at_orders();
    desk.press("r");
    let (ticket, _) = desk.preview();
    desk.press("j j x");
    assert!(plain(&[view::footer::line(&desk.model)])[0].contains("looking at 1 row"));
    desk.press("Esc");
    assert_eq!(desk.cancelled, [ticket]);
    desk.tell(Msg::Previewed { ticket, result: Ok(Vec::new()) });
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn leaving_waits_for_a_write_once_and_ends_with_it() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    desk.press("q");
    assert!(!desk.other.contains(&Effect::Quit));
    assert!(notice(&desk).contains("leaving when it ends"), "{}", notice(&desk));
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert!(desk.other.contains(&Effect::Quit));
    assert_eq!(desk.model.farewell.as_deref(), Some("Settle: done, 1 row; u takes it back"));
}

#[test]
fn leaving_twice_leaves_and_a_write_that_was_not_done_is_read_first() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    desk.press("q q");
    assert!(desk.other.contains(&Effect::Quit));
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    desk.press("q");
    end(&mut desk, ActionReport { failed: Some(Outcome::Refused("no".into())), ..ActionReport::default() });
    assert!(!desk.other.contains(&Effect::Quit));
    told(&desk);
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
    let mut desk = at_orders();
    desk.tell(Msg::Unsettled(vec![unsettled("2026-11-20T10:00:00Z"), unsettled("2026-11-20T12:00:00Z")]));
    assert!(told(&desk).contains("orders.settle  1 row: A-1"), "{}", told(&desk));
    assert!(!desk.other.iter().any(|effect| matches!(effect, Effect::Remember(_))), "not yet read");
    desk.mean("Enter");
    let Some(Effect::Remember(kept)) = desk.other.last().cloned() else { panic!("{:?}", desk.other) };
    assert_eq!(kept.reported, "2026-11-20T12:00:00Z");
    desk.tell(Msg::Unsettled(vec![unsettled("2026-11-20T12:00:00Z")]));
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn the_overview_acts_on_the_row_of_the_line() {
    let mut desk = at_orders();
    desk.press("1 r");
    let (_, order) = desk.preview();
    assert_eq!((order.rows.as_slice(), order.view), (&["A-1".to_owned()][..], desk.at("orders", Part::List).view));
}

#[test]
fn what_the_palette_showed_is_done_to_the_row_that_it_was_opened_on() {
    let mut desk = at_orders();
    desk.press("1 :");
    desk.type_in("Void");
    desk.wait(61_000);
    desk.answer("orders", Part::Summary, orders(&[]));
    desk.press("Enter");
    assert_eq!(desk.preview().1.rows, ["A-1"], "though it has left the list");
}

/// Two targets with an order each, the overview open; the cursor on that of the second.
fn at_second_target() -> Desk {
    let mut desk = Desk::of(&acting_shop(), &[("floor-1", true), ("floor-2", true)], (120, 30));
    for target in [0, 1].map(TargetId) {
        let read = desk.take_of(target, "orders", Part::Summary);
        desk.reply(&read, Ok(opsdash_core::contract::Content::Table(orders(&[("A-1", CRIT)]))));
    }
    desk.press("j");
    desk
}

#[test]
fn on_the_overview_of_several_undo_and_arm_are_of_the_target_that_was_acted_on() {
    let mut desk = at_second_target();
    desk.model.targets[1].guard = Guard::Protected;
    desk.press("r");
    assert!(notice(&desk).contains("floor-2 is protected"), "{}", notice(&desk));
    desk.press("w");
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Unlock { target: TargetId(1), .. })));
    desk.type_in("floor-2");
    desk.press("Enter");
    settle(&mut desk, &["A-1"]);
    assert!(plain(&[view::header::line(&desk.model)])[0].contains("writing on floor-2"));
    end(&mut desk, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_eq!(notice(&desk), "Settle: done, 1 row; u takes it back");
    desk.press("u");
    assert!(overlay::popup(&desk.model).expect("a box").title.contains("on floor-2"));
}

#[test]
fn a_page_of_the_preview_passes_no_row_over() {
    let mut desk = at_orders();
    let ids: Vec<String> = (1..=30).map(|n| format!("A-{n:02}")).collect();
    desk.answer_list(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    desk.press(&vec!["Space"; 30].join(" "));
    desk.press("x");
    let rows: Vec<(&str, &str, &str)> = ids.iter().map(|id| (id.as_str(), "open", id.as_str())).collect();
    desk.looked(&rows);
    let mut shown = String::new();
    for _ in 0..8 {
        shown += &box_of(&desk);
        desk.mean("PageDown");
    }
    assert!(ids.iter().all(|id| shown.contains(id.as_str())), "{shown}");
}

#[test]
fn of_an_undo_every_column_that_any_row_gets_back_is_shown() {
    let mut desk = at_orders();
    settle(&mut desk, &["A-1"]);
    let mut done = written(&["A-1", "A-2"]);
    done[1].0.extend([("before_note".into(), Some("was".into())), ("after_note".into(), Some("is".into()))]);
    end(&mut desk, ActionReport { done, ..ActionReport::default() });
    desk.press("u");
    assert!(box_of(&desk).contains("note") && box_of(&desk).contains("is → was"), "{}", box_of(&desk));
}
