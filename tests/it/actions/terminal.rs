//! `opsdash act` at a terminal: it shows, asks, and takes no for an answer.

use opsdash_testbed::{
    pty::{Terminal, keys},
    shell::Shell,
};

use super::on;
use crate::support::Lab;

const KEY: &str =
    "SELECT id::text || ' ' || right(key, 4) FROM licenses WHERE status = 'ACTIVE' AND length(key) >= 12 LIMIT 1";

fn start(shell: &Shell, arguments: &[&str]) -> Terminal {
    Terminal::start(&shell.program(arguments), 100, 30).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dangerous_is_typed_and_what_is_not_is_confirmed() {
    let lab = Lab::new("actions_terminal").await;
    let shell = on(&lab.operator_url(), "");
    let found = lab.one(KEY).await;
    let (id, end) = found.split_once(' ').unwrap();
    let status = format!("SELECT status::text FROM licenses WHERE id = '{id}'");
    for (typed, expected, code) in [("0000", "ACTIVE", 2), ("", "ACTIVE", 2), (end, "REVOKED", 0)] {
        let mut terminal = start(&shell, &["act", "licenses", "revoke", id]);
        terminal.wait_for("Type the last 4 characters of license key to confirm:").unwrap();
        assert!(terminal.text().contains("Revoke on lab") && terminal.text().contains("status: ACTIVE -> REVOKED"));
        assert!(terminal.text().contains(&format!("…{end}")), "says which one: {}", terminal.text());
        terminal.press(&format!("{typed}{}", keys::ENTER)).unwrap();
        assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), code, "{}", terminal.text());
        assert_eq!(lab.one(&status).await, expected, "typed {typed:?}");
    }
    let notes = format!("SELECT notes FROM licenses WHERE id = '{id}'");
    let was = lab.one(&notes).await;
    for (typed, code) in [("n", 2), ("", 2), ("y", 0)] {
        let mut terminal = start(&shell, &["act", "licenses", "note", id, "--set", "note=called"]);
        terminal.wait_for("Write? [y/N]").unwrap();
        assert_eq!(lab.one(&notes).await, was);
        terminal.press(&format!("{typed}{}", keys::ENTER)).unwrap();
        assert_eq!(terminal.wait_for_exit().unwrap().exit_code(), code, "{}", terminal.text());
    }
    assert!(lab.one(&notes).await.ends_with(": called"));
}
