//! The shell's progress, where somebody looks.

use opsdash_testbed::{
    pty::Terminal,
    sample::cybersensei::{fresh_database, fresh_files},
};

use super::file_id;
use crate::support::lab;

#[tokio::test]
async fn somebody_at_a_terminal_sees_how_far_it_is_and_then_what_came_of_it() {
    let shell = lab(&fresh_database("files_bar").await.unwrap(), &fresh_files("files_bar").await.unwrap());
    let program = shell.program(&["files", "verify", &file_id("1.16.0"), "--rate", "3MB"]);
    let terminal = Terminal::start(&program, 120, 30).unwrap();
    let is_told = |text: &str| {
        let parts = ["update-1.16.0.zip", " %", "of 8.40 MB", "/s", "left"];
        parts.iter().all(|part| text.contains(part))
    };
    terminal.wait_until("a bar", |screen| is_told(&screen.contents())).unwrap();
    terminal.wait_for("OK ").unwrap();
    assert!(!terminal.text().contains("left"), "the bar is gone: {}", terminal.text());
}
