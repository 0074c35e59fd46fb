//! What opens the dialog of an action, on which row, and what is refused before.

use std::sync::Arc;

use opsdash_core::{
    action::{ActionReport, Outcome},
    contract::{Failure, FailureKind, Part},
    effect::Effect,
    model::{Guard, Overlay, TargetId},
    msg::Msg,
    update::next_wake,
    value::Value,
    view::{self, footer, overlay},
};
use opsdash_pack::pack::{Column, Otherwise, OtherwisePart, WayOut};

use super::{at_orders, at_orders_with, box_of, end, settle, told, written};
use crate::support::{CRIT, FLOORS, Harness, OK, acting_shop, notice, orders, plain, table};

#[test]
fn an_action_that_is_off_says_why_and_asks_nothing() {
    let off = |harness: &mut Harness, why: &str| {
        harness.press("r");
        assert!(notice(harness).contains(why), "{why}: {}", notice(harness));
        assert!(!harness.other.iter().any(|effect| matches!(effect, Effect::Preview { .. })));
        assert!(harness.model.overlays.is_empty());
    };
    let mut harness = at_orders_with(|start| start.read_only = true);
    off(&mut harness, "floor-1 is read-only here");
    let mut harness = at_orders_with(|start| start.targets[0].protected = true);
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
fn the_footer_leaves_out_what_the_row_is_not_as_the_action_wants_it() {
    let mut pack = (*acting_shop()).clone();
    let id = pack.find("orders").unwrap();
    let state = Column { name: "state".into(), title: "state".into(), ..pack.views[id.0].columns[0].clone() };
    pack.views[id.0].columns.push(state);
    let mut harness = Harness::of(&Arc::new(pack), &FLOORS, (200, 30));
    harness.press("2");
    let row = |id: &'static str, state: Value| {
        (id, OK, "", vec![Value::text(id), Value::Null, Value::Int(1), Value::Null, Value::Null, state])
    };
    let rows = vec![row("a", Value::text("open")), row("b", Value::text("settled")), row("c", Value::Unknown)];
    harness.answer("orders", Part::List, table(&["id", "customer_id", "total", "placed_at", "note", "state"], rows));
    let offers = |harness: &Harness| plain(&[footer::line(&harness.model)])[0].contains("r settle");
    assert!(offers(&harness));
    harness.press("j");
    assert!(!offers(&harness), "it is settled");
    harness.press("j");
    assert!(offers(&harness), "nobody knows");
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
fn a_refusal_names_the_key_of_the_action_that_is_the_way_out() {
    let mut pack = (*acting_shop()).clone();
    let id = pack.find("orders").unwrap();
    let says = vec![OtherwisePart::Text("is ".into()), OtherwisePart::Cell("state".into())];
    let way_out = Some(WayOut { action: "reopen".into(), press: 'o' });
    pack.views[id.0].actions[0].otherwise = [("state".to_owned(), Otherwise { says, way_out })].into();
    let mut harness = Harness::of(&Arc::new(pack), &FLOORS, (100, 30)).open_orders(&[("A-1", CRIT)]);
    harness.press("r");
    harness.looked(&[("A-1", "settled", "")]);
    assert!(told(&harness).contains("A-1: is settled (o)"), "{}", told(&harness));
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
fn a_protected_target_is_armed_by_its_name_and_locks_when_idle() {
    let mut harness = at_orders_with(|start| start.targets[0].protected = true);
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
    let mut harness = at_orders_with(|start| start.targets[0].read_only = true);
    harness.press("w");
    assert_eq!(notice(&harness), "floor-1 is read-only here, and stays so");
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
fn at_second_target(protected: bool) -> Harness {
    let both = [("floor-1", true), ("floor-2", true)];
    let mut harness =
        Harness::changed(&acting_shop(), &both, (120, 30), |start| start.targets[1].protected = protected);
    for target in [0, 1].map(TargetId) {
        let read = harness.take_of(target, "orders", Part::Summary);
        harness.reply(&read, Ok(opsdash_core::contract::Content::Table(orders(&[("A-1", CRIT)]))));
    }
    harness.press("j");
    harness
}

#[test]
fn on_the_overview_of_several_undo_and_arm_are_of_the_target_that_was_acted_on() {
    let mut harness = at_second_target(true);
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
