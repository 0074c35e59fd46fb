//! The pane of the runbook in a terminal, and what Esc takes back of a link.

use std::{fs, os::unix::fs::PermissionsExt};

use opsdash_testbed::pty::keys;

use super::on_pristine;
use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_runbook_opens_over_a_view_is_searched_and_ticked_and_the_tick_stays() {
    let mut screen = on_pristine().await.size(80, 24).start();
    screen.type_in(&["2"]);
    screen.shows(&["lab-012"]);
    screen.type_in(&["b"]);
    screen.shows(&["Runbook of CyberSensei Central", "PostgreSQL does not start", "DESTRUCTIVE"]);
    screen.type_in(&["/", "vacuum full"]);
    screen.shows(&["VACUUM FULL;", "locks every read and write"]);
    screen.hides(&["PostgreSQL does not start"]);
    screen.type_in(&[keys::ENTER, ESC, "G"]);
    screen.shows(&["Before production", "0 of 11 ticked"]);
    screen.type_in(&[keys::ENTER, "j", " "]);
    screen.shows(&["[x]", "1 of 11 ticked"]);
    let kept = screen.state().join("ticks.json");
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&kept).unwrap().contains("security.default_passwords"));
    screen.type_in(&["b"]);
    screen.hides(&["Before production"]);
    screen.shows(&["lab-012"]);
    screen.type_in(&["b", "G"]);
    screen.shows(&["1 of 11 ticked"]);
    screen.type_in(&[ESC]);
    screen.hides(&["1 of 11 ticked"]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn esc_takes_back_what_a_link_set_and_the_other_view_has_its_own_choice_again() {
    let mut screen = on_pristine().await.start();
    screen.type_in(&["5"]);
    screen.shows(&["500 of 521"]);
    screen.type_in(&["f", keys::RIGHT, ESC]);
    screen.hides(&["500 of 521"]);
    let head = lines_with(&screen.screen(), "level:").remove(0);
    let chosen = head.split_whitespace().find(|word| word.starts_with("level:")).unwrap().to_owned();
    screen.type_in(&["2"]);
    screen.shows(&["last metric", "lab-012"]);
    screen.go_to("lab-012");
    screen.type_in(&["g", "e"]);
    screen.shows(&["tenant:lab-012"]);
    screen.hides(&[&chosen]);
    screen.type_in(&[ESC]);
    screen.shows(&["last metric"]);
    screen.type_in(&["5"]);
    screen.shows(&[&chosen]);
    screen.hides(&["tenant:lab-012"]);
    screen.quit();
}
