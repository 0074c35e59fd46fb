//! Rows that somebody does not want to see for a while: on this screen alone, and nothing is counted otherwise.

use std::fs;

use opsdash_testbed::pty::{Screen, keys};

use crate::support::*;

/// What `opsdash check` says.
fn checked(config: &str, lab: &Lab) -> (Option<i32>, String) {
    let ran = shell(config).env("XDG_STATE_HOME", lab.state.path().to_str().unwrap()).run(&["check", "errors"]);
    (ran.code, ran.out)
}

/// Whether the overview's list has a line with this text; cards name the worst row too.
fn is_in_attention(screen: &Screen, text: &str) -> bool {
    screen.contents().split("Attention").nth(1).is_some_and(|list| list.contains(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snoozed_row_leaves_the_lists_and_no_count_until_it_is_shown_again() {
    let lab = Lab::new("act_snooze").await;
    let cause = lab.cause("wheel").await;
    let config = target("lab", &lab.operator_url(), NO_FILES);
    let before = checked(&config, &lab);
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.shows(&["Attention", "Errors ✖6", "Log ✖524"]);
    screen.until("the overview lists it", |screen| is_in_attention(screen, &cause));
    screen.open_view("Errors", &[&cause]);
    screen.go_to(&cause);
    screen.type_in(&["S"]);
    screen.shows(&["Snooze", "1 hour", "7 days"]);
    screen.type_in(&["1 hour", keys::ENTER]);
    screen.shows(&["1 row snoozed until ", "1 snoozed; S shows them", "Errors ✖6", "Log ✖524"]);
    screen.hides(&[&cause]);
    screen.type_in(&["1"]);
    screen.shows(&["1 snoozed, ", "Errors ✖6"]);
    screen.until("the overview does not list it", |screen| !is_in_attention(screen, &cause));
    let state = lab.kept().join("state.toml");
    eventually("it is kept", || fs::read_to_string(&state).is_ok_and(|kept| kept.contains("CRITICAL-")));
    screen.quit();
    assert_eq!(checked(&config, &lab), before);

    let mut screen = lab.on(&lab.operator_url()).start();
    screen.shows(&["1 snoozed, ", "Errors ✖6", "Log ✖524"]);
    assert!(!is_in_attention(&screen.screen(), &cause), "{}", screen.text());
    screen.open_view("Errors", &["1 snoozed; S shows them"]);
    screen.hides(&[&cause]);
    screen.type_in(&["S"]);
    screen.shows(&["show those that are snoozed"]);
    screen.type_in(&["show those", keys::ENTER]);
    screen.shows(&[&cause]);
    screen.hides(&["1 snoozed; S shows them"]);
    screen.go_to(&cause);
    screen.type_in(&["S"]);
    screen.shows(&["show it again"]);
    screen.type_in(&["show it", keys::ENTER]);
    screen.shows(&["1 row shown again", &cause]);
    screen.type_in(&["1"]);
    screen.until("the overview lists it again", |screen| is_in_attention(screen, &cause));
    eventually("it is kept", || fs::read_to_string(&state).is_ok_and(|kept| !kept.contains("CRITICAL-")));
    screen.quit();
    assert_eq!(lab.told(), [""; 0]);
}
