//! Screens of somebody who acts.

use opsdash_core::{
    action::{ActionReport, Outcome, Refusal, TextRow},
    contract::Part,
    msg::Msg,
    value::Severity,
};

use super::support::{FLOORS, Harness, acting_shop, orders};

/// At the list of orders, the dialog of an action on its first row, or on all of them, open.
fn dialog(size: (u16, u16), keys: &str, rows: &[&str]) -> Harness {
    let mut harness = Harness::of(&acting_shop(), &FLOORS, size);
    harness.press("2");
    let listed: Vec<(&str, Severity)> = rows.iter().map(|row| (*row, Severity::Crit)).collect();
    harness.answer("orders", Part::List, orders(&listed));
    harness.press(keys);
    let (ticket, order) = harness.preview();
    let text = |name: &str, text: &str| (name.to_owned(), Some(text.to_owned()));
    let record = |row: &String| {
        let note = "\u{1b}[31mcalled twice,\nno answer";
        TextRow(vec![text("key", row), text("customer", "日本 Inc."), text("state", "open"), text("note", note)])
    };
    harness.tell(Msg::Previewed { ticket, result: Ok(order.rows.iter().map(record).collect()) });
    harness.wait(200);
    harness
}

pub fn one(size: (u16, u16)) -> Harness {
    let mut harness = dialog(size, "r", &["A-1041"]);
    harness.type_in("card replaced,\npaid by phone");
    harness.mean("Tab Right");
    harness
}

pub fn typed(size: (u16, u16)) -> Harness {
    let mut harness = dialog(size, "x", &["A-1041"]);
    harness.type_in("1042");
    harness.mean("Enter");
    harness
}

pub fn many(size: (u16, u16)) -> Harness {
    let rows: Vec<String> = (1..=250).map(|n| format!("A-{n:04}")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let marks = vec!["Space"; rows.len()].join(" ");
    dialog(size, &format!("{marks} r"), &rows)
}

pub fn choice(size: (u16, u16)) -> Harness {
    let mut harness = dialog(size, "i", &["A-1041"]);
    harness.mean("Right");
    harness
}

fn done(size: (u16, u16), report: ActionReport) -> Harness {
    let mut harness = one(size);
    harness.mean("Enter");
    let ticket = harness.writes()[0].0;
    harness.tell(Msg::Written { ticket, report: Box::new(report) });
    harness
}

fn written() -> Vec<TextRow> {
    let text = |name: &str, text: &str| (name.to_owned(), Some(text.to_owned()));
    vec![TextRow(vec![
        text("key", "A-1041"),
        text("before_state", "open"),
        text("before_note", ""),
        text("after_state", "settled"),
        text("after_note", "card replaced,\npaid by phone"),
    ])]
}

pub fn undo(size: (u16, u16)) -> Harness {
    let mut harness = done(size, ActionReport { done: written(), ..ActionReport::default() });
    harness.press("u");
    harness
}

pub fn writing(size: (u16, u16)) -> Harness {
    let mut harness = one(size);
    harness.mean("Enter");
    harness
}

pub fn told(size: (u16, u16)) -> Harness {
    let why = "state is settled, was open; changed by bob at 2026-11-20 14:01:58+00".to_owned();
    let refused = vec![Refusal::new("A-1041".into(), why, None)];
    done(size, ActionReport { failed: Some(Outcome::Changed(refused)), ..ActionReport::default() })
}

fn protected(size: (u16, u16)) -> Harness {
    let mut harness = Harness::changed(&acting_shop(), &FLOORS, size, |start| start.targets[0].protected = true);
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("A-1041", Severity::Crit)]));
    harness
}

pub fn arm(size: (u16, u16)) -> Harness {
    let mut harness = protected(size);
    harness.press("w");
    harness.type_in("floor-2");
    harness.press("Enter");
    harness
}

pub fn armed(size: (u16, u16)) -> Harness {
    let mut harness = protected(size);
    harness.press("w");
    harness.type_in("floor-1");
    harness.press("Enter");
    harness
}

pub fn snoozed(size: (u16, u16)) -> Harness {
    let mut harness = protected(size);
    harness.answer_list(&["A-1041", "A-1038", "A-1029"]);
    harness.press("S Enter");
    harness
}
