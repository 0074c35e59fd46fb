//! What a terminal does to a program by accident: pastes, keys that are held, sequences that come in parts.

use std::time::Duration;

use opsdash_testbed::pty::keys;

use super::ALL;
use crate::support::*;

/// Both views, and a row of each.
const VIEWS: [(&str, &str); 2] = [("Errors", "wheel # came off"), ("Licenses", "LAB-…0010")];

/// Keys of actions, and what moves through a dialog and confirms.
const LETTERS: &str = "r\t\t\rx0010\ri\t\t\t\rE2030-01-01\t\t\ra note\t\t\ro\t\ru\t\r\x20\r\n\rS\rw lab\r\t\t\t\r\r";

/// As much as somebody may have on the clipboard.
fn clipboard() -> String {
    LETTERS.repeat(4096 / LETTERS.len() + 1)
}

/// Takes back whatever is open, until a key does what it is to do: then all that was typed before has been taken in.
#[track_caller]
fn come_to_rest(screen: &mut Dashboard) {
    for _ in 0..100 {
        screen.type_in(&[ESC, ":"]);
        if screen.comes_to(Duration::from_millis(300), |screen| screen.contents().contains("Go to, find or do")) {
            screen.type_in(&[ESC]);
            return screen.hides(&["Go to, find or do"]);
        }
    }
    panic!("it does not come to rest:\n{}", screen.text());
}

/// Does this to a row of each view, and compares all that there is before and after.
async fn changes_nothing(database: &str, accident: impl Fn(&mut Dashboard, &str, &str)) {
    let lab = Lab::new(database).await;
    lab.cause("wheel").await;
    let was = lab.column(ALL).await;
    let mut screen = lab.on(&lab.operator_url()).start();
    for (view, row) in VIEWS {
        screen.open_view(view, &[row]);
        screen.go_to(row);
        accident(&mut screen, view, row);
        come_to_rest(&mut screen);
        assert_eq!(lab.column(ALL).await, was, "{view}");
    }
    screen.quit();
    let told = lab.told();
    assert!(told.iter().all(|line| !line.ends_with(" done")), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_that_the_terminal_marks_changes_nothing() {
    changes_nothing("act_pasted", |screen, _, _| {
        screen.type_in(&["\x1b[200~", &clipboard(), "\x1b[201~"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_that_the_terminal_does_not_mark_changes_nothing() {
    changes_nothing("act_typed", |screen, _, _| screen.type_in(&[&clipboard()])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_into_a_dialog_changes_nothing() {
    for (database, paste) in
        [("act_pasted_within", format!("\x1b[200~{}\x1b[201~", clipboard())), ("act_typed_within", clipboard())]
    {
        changes_nothing(database, |screen, view, _| {
            screen.type_in(&[if view == "Errors" { "r" } else { "a" }]);
            screen.shows(&["Esc write nothing"]);
            screen.press_meant(&paste);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_held_changes_nothing() {
    changes_nothing("act_held_keys", |screen, view, row| {
        for key in ["r", "x", "a", "E", "i", "o", "u", keys::ENTER] {
            screen.type_in(&[&key.repeat(20)]);
            come_to_rest(screen);
            screen.open_view(view, &[row]);
            screen.go_to(row);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_faster_than_anybody_types_confirms_nothing() {
    changes_nothing("act_too_fast", |screen, _, _| {
        screen.open_view("Licenses", &["LAB-…0010"]);
        screen.want("LAB-…0010", "x", "Revoke");
        // A busy machine may let enough time pass in between: so the text is a wrong one, and there are more tries.
        let fast = "that key came too fast to be meant: press Enter again";
        let refused = (0..20).any(|_| {
            screen.press_meant(&format!("{}0007{}", keys::BACKSPACE.repeat(4), keys::ENTER));
            screen.comes_to(Duration::from_secs(1), |screen| screen.contents().contains(fast))
        });
        assert!(refused, "{}", screen.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_that_comes_in_parts_is_esc_and_two_letters_and_changes_nothing() {
    changes_nothing("act_in_parts", |screen, view, _| {
        let action = if view == "Errors" { "r" } else { "a" };
        for (opens, shown) in [("f", "what the list holds"), ("S", "8 hours"), (action, "Esc write nothing")] {
            screen.type_in(&[opens]);
            screen.shows(&[shown]);
            screen.type_in(&["\x1b"]);
            // The program has taken the first part for a key.
            screen.hides(&[shown]);
            screen.type_in(&["[A"]);
        }
    })
    .await;
}
