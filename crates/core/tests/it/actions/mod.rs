//! Guarded actions on the screen.

mod dialog;
mod history;
mod opening;
mod outcome;
mod sets;

use opsdash_core::{
    action::{ActionReport, TextRow},
    model::{Overlay, Start},
    msg::Msg,
    view::overlay,
};

use crate::support::{CRIT, FLOORS, Harness, OK, acting_shop, plain};

/// At the list of orders A-1, A-2 and A-3.
fn at_orders() -> Harness {
    at_orders_with(|_| {})
}

/// The same with something else to start with.
fn at_orders_with(change: impl FnOnce(&mut Start)) -> Harness {
    Harness::changed(&acting_shop(), &FLOORS, (120, 30), change).open_orders(&[
        ("A-1", CRIT),
        ("A-2", CRIT),
        ("A-3", OK),
    ])
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
