//! The dashboard as a guest of its terminal: the shell may take it away, other programs may write on it, it may go.

use std::{fs, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use opsdash_testbed::pty::{self, Program, keys};

use super::on_pristine;
use crate::support::{Dashboard, eventually, shell, target};

const START: &str = "eval \"$JOB\"\r";

/// The process of the dashboard that runs in the shell of this terminal.
fn job(screen: &Dashboard) -> Option<Pid> {
    let pid = screen.pid().unwrap();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    children.split_whitespace().next().map(|child| Pid::from_raw(child.parse().unwrap()))
}

/// The dashboard, started from a shell and with its first screen drawn.
async fn in_shell() -> Dashboard {
    let mut screen = on_pristine().await.start_as(Program::in_shell);
    screen.shows(&["ready>"]);
    screen.type_in(&[START]);
    screen.shows(&["Attention", "Tenants"]);
    screen
}

/// Leaves the dashboard and the shell that started it.
fn leave(mut screen: Dashboard) {
    screen.type_in(&["q"]);
    // Until then it may still take the keys.
    eventually("the dashboard has ended", || job(&screen).is_none());
    screen.type_in(&["exit\r"]);
    screen.ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_draws_everything_anew() {
    let mut screen = in_shell().await;
    // Also while a field is open.
    for before in ["", "/"] {
        screen.type_in(&[before, keys::CTRL_Z]);
        screen.shows(&["Stopped", "ready>"]);
        assert!(!screen.screen().alternate_screen() && !screen.screen().hide_cursor() && screen.is_cooked());
        screen.type_in(&["echo $((6 * 7))\r"]);
        screen.shows(&["42"]);
        screen.type_in(&["clear; fg\r"]);
        screen.shows(&["Attention", "Tenants"]);
        assert!(screen.screen().alternate_screen() && !screen.is_cooked());
    }
    screen.type_in(&[keys::ESC]);
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_that_was_stopped_from_outside_is_whole_again_in_the_foreground() {
    let mut screen = in_shell().await;
    kill(job(&screen).unwrap(), Signal::SIGSTOP).unwrap();
    screen.shows(&["Stopped", "ready>"]);
    screen.type_in(&["stty sane; echo left behind\r"]);
    screen.shows(&["left behind"]);
    screen.type_in(&["fg\r"]);
    screen.hides(&["left behind", "Stopped"]);
    screen.shows(&["Attention", "Tenants"]);
    // Keys come one by one again, unseen.
    screen.type_in(&["2"]);
    screen.hides(&["Attention"]);
    screen.type_in(&["1"]);
    screen.shows(&["Attention"]);
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_background_nothing_is_drawn_until_it_is_brought_to_the_front() {
    let mut screen = on_pristine().await.start_as(Program::in_shell);
    screen.shows(&["ready>"]);
    screen.type_in(&["eval \"$JOB\" &\r"]);
    let state = || job(&screen).and_then(|job| fs::read_to_string(format!("/proc/{job}/stat")).ok());
    eventually("the job is stopped", || state().is_some_and(|state| state.contains(") T ")));
    assert!(!screen.screen().alternate_screen() && !screen.text().contains("Attention"), "{}", screen.text());
    screen.type_in(&["fg\r"]);
    screen.shows(&["Attention", "Tenants"]);
    leave(screen);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_write_on_the_screen_goes_with_ctrl_l() {
    let mut screen = on_pristine().await.start();
    screen.shows(&["Attention", "Tenants"]);
    let place = format!("/proc/{}/fd/1", screen.pid().unwrap());
    // Also while a field is open, which takes other keys.
    for before in ["", "/"] {
        screen.type_in(&[before]);
        fs::write(&place, "\x1b[10;1HBroadcast message from root").unwrap();
        screen.shows(&["Broadcast message"]);
        screen.type_in(&[keys::CTRL_L]);
        screen.hides(&["Broadcast message"]);
        screen.shows(&["Attention", "Tenants"]);
    }
    screen.type_in(&[keys::ESC]);
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_text_is_cleared_on_entry_and_an_empty_screen_is_left_where_there_is_no_other() {
    let screen = on_pristine().await.start();
    screen.shows(&["Attention"]);
    let written = String::from_utf8_lossy(&screen.bytes()).into_owned();
    let (entered, cleared) = (written.find("\x1b[?1049h").unwrap(), written.find("\x1b[2J").unwrap());
    assert!(entered < cleared && !written[..cleared].contains("opsdash"), "{written:?}");
    let mut screen = screen;
    screen.type_in(&["q"]);
    screen.ended();
    let written = String::from_utf8_lossy(&screen.bytes()).into_owned();
    let left = written.rfind("\x1b[?1049l").unwrap();
    assert!(written[..left].ends_with("\x1b[2J\x1b[1;1H\x1b[?2004l"), "{:?}", &written[left - 60..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_goes_away_ends_it_at_once_though_hangups_are_ignored() {
    let (main, files) = (super::pristine().await, super::pristine_files().await);
    let shell = shell(&target("lab", main, files));
    let program = shell.program(&[]).ignoring("HUP");
    let (status, took) = pty::hang_up_after(&program, "Attention").unwrap();
    assert!(status.success() && took < Duration::from_secs(1), "{status} after {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_without_a_size_has_the_usual_one() {
    let sizeless = |program: Program| {
        Program::new("/bin/sh").args(["-c", "stty rows 0 columns 0; exec \"$@\"", "sh"]).followed_by(program)
    };
    let mut screen = on_pristine().await.size(160, 45).start_as(sizeless);
    screen.shows(&["Attention", "Tenants"]);
    let rows: Vec<String> = screen.screen().rows(0, 160).collect();
    assert!(rows[23].contains("quit") && rows[24..].iter().all(|row| row.trim().is_empty()), "{rows:#?}");
    screen.type_in(&["q"]);
    screen.ended();
    let mut shown = on_pristine().await.args(&["show", "tenants"]).start_as(sizeless);
    shown.ended();
    assert!(shown.text().contains("severity") && shown.text().contains("last metric"), "{}", shown.text());
}
