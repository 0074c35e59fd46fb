//! The terminal shows what a program draws, types into it, and sees it end.

use anyhow::Result;
use opsdash_testbed::pty::{Program, Terminal, keys};

fn shell(script: &str) -> Program {
    Program::new("/bin/sh").args(["-c", script])
}

#[test]
fn a_program_is_typed_into_and_its_answer_is_seen() -> Result<()> {
    let mut terminal = Terminal::start(&shell("read -r line; echo \"got $line\"; exit 3"), 40, 10)?;
    terminal.press("hello")?;
    terminal.press(keys::ENTER)?;
    terminal.wait_for("got hello")?;
    assert_eq!(terminal.wait_for_exit()?.exit_code(), 3);
    Ok(())
}

#[test]
fn the_environment_is_fixed_and_the_home_is_empty() -> Result<()> {
    let mut terminal = Terminal::start(&shell("env; ls -A \"$HOME\"; stty size").env("EXTRA", "1"), 80, 24)?;
    terminal.wait_for_exit()?;
    let text = terminal.text();
    for line in ["TERM=xterm-256color", "LANG=C.UTF-8", "TZ=UTC", "EXTRA=1", "24 80"] {
        assert!(text.contains(line), "{line} in:\n{text}");
    }
    assert!(!text.contains("CARGO"), "{text}");
    Ok(())
}

#[test]
fn bells_and_copies_are_noticed() -> Result<()> {
    let mut terminal = Terminal::start(&shell(r"printf '\a\a\033]52;c;aGk=\a\033[1mbold'"), 20, 4)?;
    terminal.wait_for_exit()?;
    assert_eq!(terminal.bells(), 2);
    assert_eq!(terminal.copied(), ["aGk="]);
    assert!(terminal.screen().cell(0, 0).is_some_and(|cell| cell.bold() && cell.contents() == "b"));
    Ok(())
}

#[test]
fn a_wait_fails_with_the_screen_when_the_program_ends_first() -> Result<()> {
    let terminal = Terminal::start(&shell("echo other"), 20, 4)?;
    let error = terminal.wait_for("expected").expect_err("it never appears").to_string();
    assert!(error.contains("other") && error.contains("expected"), "{error}");
    Ok(())
}

#[test]
fn what_a_program_asks_its_terminal_is_answered() -> Result<()> {
    let ask = r#"stty -icanon -echo min 1; answer() { printf "$1"; dd bs=1 count="$2" 2>/dev/null | od -An -c | tr -d ' \n'; echo; }
        answer '\033[6n' 6; answer '\033[5n' 4; answer '\033[c' 9; answer '\033]11;?\033\\' 25; answer '\033[?2026$p' 11"#;
    let mut terminal = Terminal::start(&shell(ask), 80, 10)?;
    terminal.wait_for_exit()?;
    let text = terminal.text();
    for answer in [r"033[1;1R", r"033[0n", r"033[?62;22c", "rgb:0000/0000/0000", "033[?2026;0$y"] {
        assert!(text.contains(answer), "{answer} in:\n{text}");
    }
    Ok(())
}
