//! Snoozed rows: out of sight for a while, and in every count as before.

use opsdash_core::{
    contract::Part,
    effect::Effect,
    model::Remembered,
    update::next_wake,
    view::{list, overlay, overview},
};

use crate::support::{CRIT, Harness, OK, orders, plain, shop};

const HOUR: u64 = 3_600_000;

fn at_orders() -> Harness {
    Harness::at_orders(&shop(), &[("A-1", CRIT), ("A-2", CRIT), ("A-3", OK)])
}

/// Snoozes the row with the cursor for an hour.
fn snoozed() -> Harness {
    let mut harness = at_orders();
    harness.press("S Enter");
    harness
}

fn shown(harness: &Harness) -> String {
    plain(&list::lines(&harness.model).expect("a list is open")).join("\n")
}

fn kept(harness: &Harness) -> Remembered {
    let kept = harness.other.iter().rev().find_map(|effect| match effect {
        Effect::Remember(kept) => Some(kept.clone()),
        _ => None,
    });
    kept.expect("something was kept")
}

#[test]
fn a_snoozed_row_leaves_the_list_and_the_line_below_says_so() {
    let harness = snoozed();
    assert_eq!(harness.keys("orders"), ["A-2", "A-3"]);
    let shown = shown(&harness);
    assert!(shown.contains("1 snoozed; S shows them") && shown.contains("1 snoozed  2 of 3"), "{shown}");
    assert!(harness.model.notice.as_ref().unwrap().text.starts_with("1 row snoozed until 2026-11-20 15:02"));
}

#[test]
fn counts_and_severities_stay_and_attention_passes_over_it() {
    let mut harness = snoozed();
    assert_eq!(harness.panel("orders").default_snapshot().unwrap().counts.crit, 2);
    harness.press("1");
    let overview = plain(&overview::lines(&harness.model)).join("\n");
    assert!(overview.contains("1 snoozed") && !overview.contains("A-1") && overview.contains("A-2"), "{overview}");
}

#[test]
fn the_box_says_which_row_it_is() {
    let mut harness = at_orders();
    harness.press("S");
    let title = overlay::popup(&harness.model).unwrap().title;
    assert_eq!(title, "Snooze on floor-1: Orders  A-1  note of A-1");
}

#[test]
fn it_comes_back_by_itself_when_its_time_is_over() {
    let mut harness = snoozed();
    assert!(next_wake(&harness.model).unwrap().0 <= HOUR + 1);
    harness.wait(HOUR - 1);
    assert_eq!(harness.keys("orders").len(), 2);
    harness.wait(1);
    assert_eq!(harness.keys("orders"), ["A-1", "A-2", "A-3"]);
}

#[test]
fn it_can_be_shown_below_the_others_and_woken() {
    let mut harness = snoozed();
    harness.press("S Up Enter");
    assert_eq!(harness.keys("orders"), ["A-2", "A-3", "A-1"]);
    assert!(shown(&harness).lines().any(|line| line.contains("z✖ A-1")), "{}", shown(&harness));
    harness.press("G S Enter");
    assert_eq!(harness.keys("orders"), ["A-1", "A-2", "A-3"]);
    assert!(kept(&harness).snoozed.is_empty());
}

#[test]
fn when_every_row_is_snoozed_the_list_says_how_to_see_them() {
    let mut harness = at_orders();
    harness.press("Space Space Space S Enter");
    assert!(harness.keys("orders").is_empty());
    assert!(shown(&harness).contains("Every row is snoozed; S shows them."), "{}", shown(&harness));
    harness.press("S Enter");
    assert_eq!(harness.keys("orders").len(), 3);
}

#[test]
fn it_is_kept_for_the_next_run_and_for_this_target_alone() {
    let kept = kept(&snoozed());
    assert_eq!(kept.snoozed.keys().collect::<Vec<_>>(), ["floor-1.orders"]);
    for (targets, left) in [(["floor-1", "floor-2"], vec!["A-2"]), (["floor-2", "floor-1"], vec!["A-1", "A-2"])] {
        let mut harness = Harness::remembering(&shop(), &targets.map(|name| (name, true)), (120, 30), kept.clone());
        harness.press("2");
        harness.answer("orders", Part::List, orders(&[("A-1", CRIT), ("A-2", CRIT)]));
        assert_eq!(harness.keys("orders"), left, "{targets:?}");
    }
}

#[test]
fn the_row_that_was_meant_is_snoozed_whatever_moves_beneath() {
    let mut harness = at_orders();
    harness.press("S");
    harness.wait(16_000);
    harness.answer("orders", Part::List, orders(&[("A-0", CRIT), ("A-2", CRIT)]));
    harness.press("Enter");
    assert_eq!(harness.keys("orders"), ["A-0", "A-2"]);
    harness.wait(16_000);
    harness.answer("orders", Part::List, orders(&[("A-1", CRIT), ("A-2", CRIT)]));
    assert_eq!(harness.keys("orders"), ["A-2"]);
}
