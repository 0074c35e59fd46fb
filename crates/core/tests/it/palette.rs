//! One box that finds anything.

use opsdash_core::{
    contract::{Content, Part},
    model::{Overlay, Picker, Route, TargetId},
};

use crate::support::*;

fn picker(harness: &Harness) -> &Picker {
    match harness.model.overlays.last() {
        Some(Overlay::Picker(picker)) => picker,
        other => panic!("no picker but {other:?}"),
    }
}

/// What stands in the box for a text, best first.
fn found(harness: &mut Harness, text: &str) -> Vec<String> {
    if harness.model.overlays.is_empty() {
        harness.press(":");
    }
    harness.type_in(text);
    let picker = picker(harness);
    picker.fits.iter().map(|at| picker.items[*at].label.clone()).collect()
}

#[test]
fn every_command_is_found_by_its_name_and_by_what_people_call_it() {
    let mut harness = Harness::at_orders(&shop(), &[("a", CRIT)]);
    let expected = [
        ("pause", "pause"),
        ("undo", "undo"),
        ("help", "help"),
        ("reload", "reload"),
        ("refresh", "reload"),
        ("snoo", "snooze"),
        ("mute", "snooze"),
        ("export", "export"),
        ("csv", "export"),
        ("target", "targets"),
        ("q", "quit"),
        ("exit", "quit"),
        ("keys", "help"),
    ];
    for (text, command) in expected {
        let found = found(&mut harness, text);
        // What was not done yet cannot be taken back, so that is not offered.
        if command == "undo" {
            assert!(!found.iter().any(|label| label == "undo"), "{found:?}");
            continue;
        }
        assert_eq!(found.first().map(String::as_str), Some(command), "{text}: {found:?}");
    }
}

#[test]
fn a_view_that_only_a_link_leads_to_is_found_too() {
    let pack = shop_made(|files| {
        files.get_mut("orders.toml").unwrap().push_str("[[link]]\nview = \"lateness\"\npress = \"l\"\n");
    });
    let mut harness = Harness::of(&pack, &FLOORS, (120, 30));
    assert_eq!(found(&mut harness, "late").first().map(String::as_str), Some("Lateness"));
    harness.press("Enter");
    assert_eq!(harness.model.target().route, Route::View(harness.model.pack().find("lateness").unwrap()));
}

#[test]
fn rows_of_every_target_are_found_with_how_bad_they_are_and_opened() {
    let mut harness = Harness::with_targets(&[("floor-1", true), ("floor-2", true)], (120, 30));
    for (target, rows) in [(0, [("b-07", OK), ("a-07", CRIT)]), (1, [("c-07", WARN), ("x", OK)])] {
        let read = harness.take_of(TargetId(target), "orders", Part::Summary);
        harness.reply(&read, Ok(Content::Table(orders(&rows))));
    }
    assert!(!found(&mut harness, "0").iter().any(|label| label.contains("-07")), "one character would find them all");
    let labels = found(&mut harness, "07");
    assert!(labels[0].contains("a-07") && labels[1].contains("c-07") && labels[2].contains("b-07"), "{labels:?}");
    assert!(labels[3..].iter().any(|label| label == "search Orders for \"07\""), "{labels:?}");
    let second = &picker(&harness).items[picker(&harness).fits[1]];
    assert_eq!(second.severity, Some(WARN));
    assert!(second.note.contains("floor-2: Orders"), "{}", second.note);
    harness.press("Down Enter");
    assert_eq!((harness.model.at, harness.model.overlays.len()), (TargetId(1), 0));
    assert_eq!(harness.panel("orders").list.key.as_ref().map(opsdash_core::value::RowKey::as_str), Some("c-07"));
    harness.press("Esc");
    assert_eq!((harness.model.at, harness.model.target().route), (TargetId(0), Route::Overview));
}

#[test]
fn views_of_every_target_are_found_with_how_bad_they_are_those_of_this_one_first() {
    let mut harness = Harness::with_targets(&[("floor-1", true), ("floor-2", true), ("floor-3", true)], (120, 30));
    for (target, severity) in [(0, OK), (1, WARN), (2, CRIT)] {
        let read = harness.take_of(TargetId(target), "orders", Part::Summary);
        harness.reply(&read, Ok(Content::Table(orders(&[("a", severity)]))));
    }
    harness.press(":");
    assert!(picker(&harness).items.iter().all(|item| item.note != "floor-2"), "nothing is typed yet");
    found(&mut harness, "orders");
    let picker = picker(&harness);
    let seen: Vec<_> = picker.fits.iter().take(3).map(|at| &picker.items[*at]).collect();
    let told: Vec<_> = seen.iter().map(|item| (&*item.label, &*item.note, item.severity)).collect();
    let expected = [("Orders", "tab", Some(OK)), ("Orders", "floor-3", Some(CRIT)), ("Orders", "floor-2", Some(WARN))];
    assert_eq!(told, expected);
    harness.press("Down Enter");
    let orders = harness.model.pack().find("orders").unwrap();
    assert_eq!((harness.model.at, harness.model.target().route), (TargetId(2), Route::View(orders)));
    harness.press("Esc");
    assert_eq!((harness.model.at, harness.model.target().route), (TargetId(0), Route::Overview));
}

#[test]
fn what_is_not_loaded_is_asked_of_the_server() {
    let mut harness = Harness::new();
    let labels = found(&mut harness, "zebra-9");
    assert_eq!(labels, ["search Orders for \"zebra-9\""]);
    harness.press("Enter");
    assert_eq!(harness.panel("orders").choices.search, "zebra-9");
}
