//! A signal ends `opsdash act` at once, wherever it is.

use std::{
    net::TcpListener,
    os::unix::process::ExitStatusExt,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use opsdash::store::audit;
use opsdash_testbed::{
    commit::{Cut, Cutter},
    pty::Terminal,
    servers::postgres::shared,
    shell::Shell,
};

use super::on;
use crate::support::{Lab, eventually, recorded};

const ENTRIES: &str = "SELECT id::text FROM error_logs WHERE NOT resolved ORDER BY id LIMIT 2";
/// The statements of these targets may take 20 seconds.
const AT_ONCE: Duration = Duration::from_secs(5);

fn start(shell: &Shell, arguments: &[&str]) -> Child {
    shell.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[track_caller]
fn ends_by(mut child: Child, signal: Signal) {
    let sent = Instant::now();
    kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(signal as i32));
    assert!(sent.elapsed() < AT_ONCE, "it took {:?}", sent.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_during_the_write_ends_it_and_records_that_nobody_knows() {
    let lab = Lab::new("act_signal_write").await;
    // An entry for each: what the one has begun holds its row until the server gives it up.
    let entries = lab.column(ENTRIES).await;
    for (signal, entry) in [Signal::SIGINT, Signal::SIGTERM].into_iter().zip(&entries) {
        let cutter = Cutter::start(shared().port(), Cut::Swallowed).await.unwrap();
        let shell = on(&cutter.through(&lab.operator_url(), shared().port()), "");
        let child = start(&shell, &["act", "error_log", "resolve", entry, "--yes", "--set", "note=x"]);
        eventually("it commits", || cutter.has_cut());
        ends_by(child, signal);
        let lines = recorded(&shell.state());
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert_eq!((&lines[0]["phase"], &lines[1]["outcome"]), (&"intent".into(), &"unknown".into()), "{lines:#?}");
        assert_eq!(audit::unsettled(&shell.state()).len(), 1);
    }
}

#[test]
fn a_signal_while_the_source_hangs_ends_it_and_nothing_is_recorded() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://u:p@{}/x", silent.local_addr().unwrap());
    let shell = on(&url, "");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let child = start(&shell, &["act", "error_log", "resolve", "1", "--yes", "--set", "note=x"]);
        // Held until the end: closed, the source would not hang.
        let _held = silent.accept().unwrap();
        ends_by(child, signal);
        assert!(recorded(&shell.state()).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_while_it_asks_ends_it() {
    let lab = Lab::new("act_signal_prompt").await;
    let entry = lab.one(ENTRIES).await;
    let shell = on(&lab.operator_url(), "");
    let arguments = ["act", "error_log", "resolve", &entry, "--set", "note=x"];
    let mut terminal = Terminal::start(&shell.program(&arguments), 100, 30).unwrap();
    terminal.wait_for("Write? [y/N]").unwrap();
    terminal.signal(Signal::SIGTERM).unwrap();
    assert!(terminal.wait_for_exit().unwrap().signal().is_some(), "{}", terminal.text());
    assert!(recorded(&shell.state()).is_empty());
}
