//! Actions on sets: whatever is chosen, a query finds the rows, and their number is typed.

use opsdash_core::{
    action::{ActionReport, Refusal},
    model::Overlay,
};

use super::{box_of, end, problem, told, written};
use crate::support::{CRIT, FLOORS, Harness, notice, purging_shop};

/// At a list of orders, which plays no part.
fn at_orders(orders: &[&str]) -> Harness {
    let rows: Vec<_> = orders.iter().map(|id| (*id, CRIT)).collect();
    Harness::changed(&purging_shop(), &FLOORS, (120, 30), |_| {}).open_orders(&rows)
}

/// With its dialog open, over two rows that were found.
fn wanted() -> Harness {
    let mut harness = at_orders(&["A-1"]);
    harness.press("P");
    assert_eq!(harness.preview().1.rows, [""; 0], "no row is named");
    harness.looked(&[("B-1", "done", "first"), ("B-2", "done", "second")]);
    harness.wait(200);
    harness
}

#[test]
fn the_box_counts_names_some_and_says_that_nothing_brings_them_back() {
    let harness = wanted();
    let said = box_of(&harness);
    for text in ["first", "second", "2 rows. This cannot be undone.", "Type the number of rows, 2, to confirm"] {
        assert!(said.contains(text), "{text}: {said}");
    }
}

#[test]
fn only_the_number_that_was_counted_confirms_it() {
    let mut harness = wanted();
    harness.type_in("3");
    harness.mean("Enter");
    assert_eq!(problem(&harness), "this is not the number of rows");
    harness.type_in("2");
    harness.mean("Enter");
    let writes = harness.writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].2.rows(), 2);
}

#[test]
fn it_needs_no_row_in_the_list_and_says_when_it_finds_none() {
    let mut harness = at_orders(&[]);
    harness.press("P");
    harness.looked(&[]);
    assert!(notice(&harness).contains("Purge old ones: there is nothing to do"), "{}", notice(&harness));
    assert!(harness.model.overlays.is_empty() && harness.writes().is_empty());
}

#[test]
fn what_was_left_is_named_with_why() {
    let mut harness = wanted();
    harness.type_in("2");
    harness.mean("Enter");
    let left = vec![Refusal::new("B-2".into(), "is locked by another session".into(), None)];
    end(&mut harness, ActionReport { done: written(&["B-1"]), left, ..ActionReport::default() });
    let said = told(&harness);
    for text in ["done, 1 row", "1 row left:", "B-2: is locked by another session"] {
        assert!(said.contains(text), "{text}: {said}");
    }
    harness.wait(200);
    harness.press("Esc u");
    assert!(notice(&harness).contains("cannot be taken back"), "{}", notice(&harness));
    assert!(!matches!(harness.model.overlays.last(), Some(Overlay::Act(_))));
}
