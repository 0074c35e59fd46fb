//! How the program leaves while something is being written, and what the next start knows of it.

use std::{fs, time::Duration};

use nix::sys::signal::Signal;
use opsdash_testbed::{
    commit::{Cut, Cutter},
    forwarder::{Forwarder, Mode},
    pty::keys,
    servers::postgres::shared,
};

use crate::support::*;

const TOLD: &str = "An outcome is unknown";

/// A session that has sent a COMMIT to resolve a cause, which nobody answers; `told` is what it is to be told first.
async fn committing(lab: &Lab, cause: &str, told: Option<&str>) -> Dashboard {
    let cutter = Cutter::start(shared().port(), Cut::Swallowed).await.unwrap();
    let mut screen = lab.on(&cutter.through(&lab.operator_url(), shared().port())).start();
    if let Some(told) = told {
        screen.close_told(told);
    }
    screen.want_resolved(cause, "left");
    screen.press_meant(keys::ENTER);
    eventually("it commits", || cutter.has_cut());
    screen
}

/// A session that waits, over a line that stands still, for a connection to resolve a cause, and is to be left then.
async fn waiting(lab: &Lab, line: &Forwarder) -> Dashboard {
    let cause = lab.cause("wheel").await;
    let mut screen = lab.on(&line.through(&lab.operator_url(), shared().port())).start();
    screen.want_resolved(&cause, "slow");
    line.set_mode(Mode::Stall);
    screen.press_meant(keys::ENTER);
    screen.until("it is being written", |screen| first_line(screen).contains("  writing  "));
    screen.type_in(&["q"]);
    screen.shows(&["leaving when it ends"]);
    screen
}

fn first_line(screen: &opsdash_testbed::pty::Screen) -> String {
    screen.rows(0, screen.size().1.get()).next().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_q_leaves_at_once_and_the_next_start_tells_of_it_until_it_is_read() {
    let lab = Lab::new("act_left").await;
    let cause = lab.cause("wheel").await;
    let mut screen = committing(&lab, &cause, None).await;
    screen.type_in(&["q"]);
    screen.shows(&["an action is being written: leaving when it ends; again: at once, its outcome unknown"]);
    screen.quit();
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome unknown"]);
    assert_eq!(lab.recorded()[1]["error"], "opsdash was left while it was being written");
    // Left without reading it.
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.shows(&[
        TOLD,
        "lab",
        "errors.resolve  3 rows: CRITICAL  wheel",
        "opsdash was left while it was being written",
    ]);
    screen.type_in(&[keys::CTRL_C]);
    screen.ended();
    let mut screen = lab.on(&lab.operator_url()).start();
    screen.close_told(TOLD);
    let state = lab.kept().join("state.toml");
    eventually("it is kept that it was read", || {
        fs::read_to_string(&state).is_ok_and(|kept| kept.contains("reported"))
    });
    screen.quit();
    let screen = lab.on(&lab.operator_url()).start();
    screen.shows(&["Attention", "Errors ✖6", "q quit"]);
    screen.hides(&[TOLD]);
    screen.quit();
    // The commit never arrived, and the server gives it up by itself.
    assert_eq!(lab.resolved("wheel").await, "0 of 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_q_during_a_write_waits_for_its_end_and_says_what_came_of_it() {
    let lab = Lab::new("act_waits").await;
    let line = Forwarder::start(shared().port()).await.unwrap();
    let mut screen = waiting(&lab, &line).await;
    line.set_mode(Mode::Pass);
    screen.ended();
    assert!(screen.text().contains("opsdash: Resolve: done, 3 rows"), "{}", screen.text());
    assert_eq!(lab.resolved("wheel").await, "3 of 3");
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_while_it_is_waited_for_is_read_before_the_program_is_left() {
    let lab = Lab::new("act_fails").await;
    let line = Forwarder::start(shared().port()).await.unwrap();
    let mut screen = waiting(&lab, &line).await;
    line.set_mode(Mode::Refuse);
    screen.close_told("Resolve on lab: not done");
    screen.quit();
    assert_eq!(lab.resolved("wheel").await, "0 of 3");
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome failed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_during_a_write_leaves_at_once_and_the_next_start_tells_of_it() {
    let lab = Lab::new("act_signaled").await;
    // A cause for each: what the one has begun holds its rows until the server gives it up.
    let both = [(Signal::SIGTERM, lab.cause("wheel").await), (Signal::SIGHUP, lab.cause("door").await)];
    for (signal, cause) in &both {
        let mut screen = committing(&lab, cause, (*signal == Signal::SIGHUP).then_some(TOLD)).await;
        screen.signal(*signal).unwrap();
        screen.ended();
    }
    let each = ["resolve intent", "resolve outcome unknown"];
    assert_eq!(lab.told(), [each, each].concat());
    let screen = lab.on(&lab.operator_url()).start();
    screen.shows(&[TOLD]);
    let told = lines_with(&screen.screen(), "errors.resolve  3 rows");
    assert_eq!(told.len(), 1, "the first one has been read: {told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_waits_for_the_record_of_a_write_on_a_slow_disk() {
    let lab = Lab::new("act_slow_record").await;
    let mut screen = committing(&lab, &lab.cause("wheel").await, None).await;
    let record = fs::File::open(lab.kept().join("audit.jsonl")).unwrap();
    record.lock().unwrap();
    screen.signal(Signal::SIGTERM).unwrap();
    // Longer than leaving waits for anything else.
    std::thread::sleep(Duration::from_millis(500));
    record.unlock().unwrap();
    screen.ended();
    assert_eq!(lab.told(), ["resolve intent", "resolve outcome unknown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_write_is_left_its_outcome_is_recorded() {
    let lab = Lab::new("act_any_moment").await;
    let cause = lab.cause("wheel").await;
    let mut read = 0;
    for _ in 0..5 {
        let line = Forwarder::start(shared().port()).await.unwrap();
        let mut screen = lab.on(&line.through(&lab.operator_url(), shared().port())).start();
        if lab.told().len() > read {
            screen.close_told(TOLD);
            read = lab.told().len();
        }
        screen.want_resolved(&cause, "left");
        line.set_mode(Mode::Stall);
        screen.press_meant(keys::ENTER);
        // It may be recording what it is about to write just now.
        screen.until("it is being written", |screen| first_line(screen).contains("  writing  "));
        screen.signal(Signal::SIGTERM).unwrap();
        screen.ended();
        let told = lab.told();
        assert!(told.chunks(2).all(|both| both == ["resolve intent", "resolve outcome unknown"]), "{told:#?}");
    }
}
