//! Snoozed rows: out of sight for a while, and in every count as before.

use opsdash_core::{
    contract::Part,
    effect::Effect,
    model::Remembered,
    update::next_wake,
    view::{list, overlay, overview},
};

use crate::support::{CRIT, Desk, OK, orders, plain, shop};

const HOUR: u64 = 3_600_000;

fn at_orders() -> Desk {
    Desk::at_orders(&shop(), &[("A-1", CRIT), ("A-2", CRIT), ("A-3", OK)])
}

/// Snoozes the row with the cursor for an hour.
fn snoozed() -> Desk {
    let mut desk = at_orders();
    desk.press("S Enter");
    desk
}

fn shown(desk: &Desk) -> String {
    plain(&list::lines(&desk.model).expect("a list is open")).join("\n")
}

fn kept(desk: &Desk) -> Remembered {
    let kept = desk.other.iter().rev().find_map(|effect| match effect {
        Effect::Remember(kept) => Some(kept.clone()),
        _ => None,
    });
    kept.expect("something was kept")
}

#[test]
fn a_snoozed_row_leaves_the_list_and_the_line_below_says_so() {
    let desk = snoozed();
    assert_eq!(desk.keys("orders"), ["A-2", "A-3"]);
    let shown = shown(&desk);
    assert!(shown.contains("1 snoozed; S shows them") && shown.contains("1 snoozed  2 of 3"), "{shown}");
    assert!(desk.model.notice.as_ref().unwrap().text.starts_with("1 row snoozed until 2026-11-20 15:02"));
}

#[test]
fn counts_and_severities_stay_and_attention_passes_over_it() {
    let mut desk = snoozed();
    assert_eq!(desk.panel("orders").default_snapshot().unwrap().counts.crit, 2);
    desk.press("1");
    let overview = plain(&overview::lines(&desk.model)).join("\n");
    assert!(overview.contains("1 snoozed") && !overview.contains("A-1") && overview.contains("A-2"), "{overview}");
}

#[test]
fn the_box_says_which_row_it_is() {
    let mut desk = at_orders();
    desk.press("S");
    let title = overlay::popup(&desk.model).unwrap().title;
    assert_eq!(title, "Snooze on floor-1: Orders  A-1  note of A-1");
}

#[test]
fn it_comes_back_by_itself_when_its_time_is_over() {
    let mut desk = snoozed();
    assert!(next_wake(&desk.model).unwrap().0 <= HOUR + 1);
    desk.wait(HOUR - 1);
    assert_eq!(desk.keys("orders").len(), 2);
    desk.wait(1);
    assert_eq!(desk.keys("orders"), ["A-1", "A-2", "A-3"]);
}

#[test]
fn it_can_be_shown_below_the_others_and_woken() {
    let mut desk = snoozed();
    desk.press("S Up Enter");
    assert_eq!(desk.keys("orders"), ["A-2", "A-3", "A-1"]);
    assert!(shown(&desk).lines().any(|line| line.contains("z✖ A-1")), "{}", shown(&desk));
    desk.press("G S Enter");
    assert_eq!(desk.keys("orders"), ["A-1", "A-2", "A-3"]);
    assert!(kept(&desk).snoozed.is_empty());
}

#[test]
fn when_every_row_is_snoozed_the_list_says_how_to_see_them() {
    let mut desk = at_orders();
    desk.press("Space Space Space S Enter");
    assert!(desk.keys("orders").is_empty());
    assert!(shown(&desk).contains("Every row is snoozed; S shows them."), "{}", shown(&desk));
    desk.press("S Enter");
    assert_eq!(desk.keys("orders").len(), 3);
}

#[test]
fn it_is_kept_for_the_next_run_and_for_this_target_alone() {
    let kept = kept(&snoozed());
    assert_eq!(kept.snoozed.keys().collect::<Vec<_>>(), ["floor-1.orders"]);
    for (targets, left) in [(["floor-1", "floor-2"], vec!["A-2"]), (["floor-2", "floor-1"], vec!["A-1", "A-2"])] {
        let mut desk = Desk::remembering(&shop(), &targets.map(|name| (name, true)), (120, 30), kept.clone());
        desk.press("2");
        desk.answer("orders", Part::List, orders(&[("A-1", CRIT), ("A-2", CRIT)]));
        assert_eq!(desk.keys("orders"), left, "{targets:?}");
    }
}

#[test]
fn the_row_that_was_meant_is_snoozed_whatever_moves_beneath() {
    let mut desk = at_orders();
    desk.press("S");
    desk.wait(16_000);
    desk.answer("orders", Part::List, orders(&[("A-0", CRIT), ("A-2", CRIT)]));
    desk.press("Enter");
    assert_eq!(desk.keys("orders"), ["A-0", "A-2"]);
    desk.wait(16_000);
    desk.answer("orders", Part::List, orders(&[("A-1", CRIT), ("A-2", CRIT)]));
    assert_eq!(desk.keys("orders"), ["A-2"]);
}
