//! The dialog of an action: what confirms it, and what does not.

use opsdash_core::{
    action::WriteKind,
    model::{Focus, Overlay},
    msg::Msg,
    time::Zone,
    update::edits,
};
use opsdash_pack::keymap::KeyCode;

use super::{at_orders, at_orders_with, box_of, problem, with_dialog};

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
    assert!(box_of(&harness).contains("Type the last 4 characters of key, 4711, to confirm"), "{}", box_of(&harness));
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
fn a_box_that_is_left_says_that_nothing_is_written_and_leaves_the_list_as_it_was() {
    for way in ["Esc", "q", "Enter"] {
        let mut harness = at_orders();
        harness.press("j Enter x");
        harness.looked(&[("A-2", "open", "")]);
        harness.wait(200);
        harness.mean(if way == "Esc" { "Esc" } else { "Tab" });
        if way != "Esc" {
            harness.mean(way);
        }
        assert_eq!(
            (crate::support::notice(&harness), harness.writes().len()),
            ("Void: left, nothing is written", 0),
            "{way}"
        );
        let panel = harness.panel("orders");
        assert_eq!(panel.detail.as_ref().map(|detail| detail.key.as_str()), Some("A-2"), "{way}");
        assert_eq!(panel.list.cursor, 1, "{way}");
    }
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
fn a_time_is_typed_in_the_zone_of_the_screen_and_said_in_utc_before_it_is_written() {
    let mut harness = at_orders_with(|start| {
        start.appearance.zone = Zone::Local(jiff::tz::TimeZone::fixed(jiff::tz::offset(-5)));
    });
    harness.press("E");
    harness.looked(&[("A-1", "open", "")]);
    harness.wait(200);
    assert!(box_of(&harness).contains("Until (2030-01-31, 2030-01-31 18:00 -05, or +30d):"), "{}", box_of(&harness));
    harness.type_in("2030-01-31 18:00");
    let shown = box_of(&harness);
    assert!(shown.contains("2030-01-31 18:00:00 -05 = 2030-01-31 23:00:00 Z, in "), "{shown}");
    harness.mean("BackTab Enter");
    let (_, _, WriteKind::Do(prepared)) = harness.writes().remove(0) else { panic!("a write") };
    assert_eq!(prepared.asked["until"], "2030-01-31 23:00:00", "the source's times are in UTC");
}

#[test]
fn a_time_may_be_so_long_from_now() {
    let mut harness = with_dialog("E");
    harness.type_in("+30d");
    assert!(box_of(&harness).contains(", in 30d"), "{}", box_of(&harness));
    harness.mean("BackTab Enter");
    assert_eq!(harness.writes().len(), 1);
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
fn a_box_that_is_too_low_to_show_what_is_written_does_not_confirm() {
    for letter in ["r", "o", "x"] {
        let mut harness = with_dialog(letter);
        harness.tell(Msg::Resize(60, 6));
        if letter == "r" {
            harness.type_in("seen");
        }
        if letter == "x" {
            harness.type_in("A-1");
            harness.mean("Enter");
        } else {
            harness.mean(if letter == "r" { "BackTab" } else { "Right" });
            harness.mean("Enter");
        }
        assert!(harness.writes().is_empty(), "{letter}: {}", box_of(&harness));
        assert!(
            problem(&harness).contains("too low") && problem(&harness).contains("and has 6"),
            "{}",
            problem(&harness)
        );
        harness.tell(Msg::Resize(60, 24));
        assert!(box_of(&harness).contains("1 row."), "{}", box_of(&harness));
        harness.mean("Enter");
        assert_eq!(harness.writes().len(), 1, "{letter}: {}", problem(&harness));
    }
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
