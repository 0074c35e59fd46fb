//! Screens of somebody who acts.

use opsdash_core::{
    action::{ActionReport, Outcome, Refusal, TextRow},
    contract::Part,
    model::Guard,
    msg::Msg,
    value::Severity,
};

use super::support::{Desk, FLOORS, acting_shop, orders};

/// At the list of orders, the dialog of an action on its first row, or on all of them, open.
fn dialog(size: (u16, u16), keys: &str, rows: &[&str]) -> Desk {
    let mut desk = Desk::of(&acting_shop(), &FLOORS, size);
    desk.press("2");
    let listed: Vec<(&str, Severity)> = rows.iter().map(|row| (*row, Severity::Crit)).collect();
    desk.answer("orders", Part::List, orders(&listed));
    desk.press(keys);
    let (ticket, order) = desk.preview();
    let text = |name: &str, text: &str| (name.to_owned(), Some(text.to_owned()));
    let record = |row: &String| {
        let note = "\u{1b}[31mcalled twice,\nno answer";
        TextRow(vec![text("key", row), text("customer", "日本 Inc."), text("state", "open"), text("note", note)])
    };
    desk.tell(Msg::Previewed { ticket, result: Ok(order.rows.iter().map(record).collect()) });
    desk.wait(200);
    desk
}

pub fn one(size: (u16, u16)) -> Desk {
    let mut desk = dialog(size, "r", &["A-1041"]);
    desk.type_in("card replaced,\npaid by phone");
    desk.mean("Tab Right");
    desk
}

pub fn typed(size: (u16, u16)) -> Desk {
    let mut desk = dialog(size, "x", &["A-1041"]);
    desk.type_in("1042");
    desk.mean("Enter");
    desk
}

pub fn many(size: (u16, u16)) -> Desk {
    let rows: Vec<String> = (1..=250).map(|n| format!("A-{n:04}")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let marks = vec!["Space"; rows.len()].join(" ");
    dialog(size, &format!("{marks} r"), &rows)
}

pub fn choice(size: (u16, u16)) -> Desk {
    let mut desk = dialog(size, "i", &["A-1041"]);
    desk.mean("Right");
    desk
}

fn done(size: (u16, u16), report: ActionReport) -> Desk {
    let mut desk = one(size);
    desk.mean("Enter");
    let ticket = desk.writes()[0].0;
    desk.tell(Msg::Written { ticket, report: Box::new(report) });
    desk
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

pub fn undo(size: (u16, u16)) -> Desk {
    let mut desk = done(size, ActionReport { done: written(), ..ActionReport::default() });
    desk.press("u");
    desk
}

pub fn writing(size: (u16, u16)) -> Desk {
    let mut desk = one(size);
    desk.mean("Enter");
    desk
}

pub fn told(size: (u16, u16)) -> Desk {
    let why = "state is settled, was open; changed by bob at 2026-11-20 14:01:58+00".to_owned();
    let refused = vec![Refusal { key: "A-1041".into(), why, now: None }];
    done(size, ActionReport { failed: Some(Outcome::Changed(refused)), ..ActionReport::default() })
}

fn protected(size: (u16, u16)) -> Desk {
    let mut desk = Desk::of(&acting_shop(), &FLOORS, size);
    desk.model.targets[0].guard = Guard::Protected;
    desk.press("2");
    desk.answer("orders", Part::List, orders(&[("A-1041", Severity::Crit)]));
    desk
}

pub fn arm(size: (u16, u16)) -> Desk {
    let mut desk = protected(size);
    desk.press("w");
    desk.type_in("floor-2");
    desk.press("Enter");
    desk
}

pub fn armed(size: (u16, u16)) -> Desk {
    let mut desk = protected(size);
    desk.press("w");
    desk.type_in("floor-1");
    desk.press("Enter");
    desk
}

pub fn snoozed(size: (u16, u16)) -> Desk {
    let mut desk = protected(size);
    desk.answer_list(&["A-1041", "A-1038", "A-1029"]);
    desk.press("S Enter");
    desk
}
