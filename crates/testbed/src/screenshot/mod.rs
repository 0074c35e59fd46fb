//! `cargo xtask docs screenshot`: pictures of the real program on the demo's servers.

mod svg;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use self::svg::svg;
use crate::demo::DemoServers;
use crate::program::build_opsdash;
use crate::pty::{Program, Terminal, keys};

/// Where the pictures go, below the root of the repository.
const DIRECTORY: &str = "docs/screenshots";

/// How long the rest of a frame is waited for.
const FRAME: Duration = Duration::from_secs(2);

/// The tab of the sample's tenants once their open errors are known too: 30 are crit then, some more after a while.
const JUDGED: &str = "Tenants ✖3";

/// What is done before a picture is taken.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// Types this.
    Press(&'static str),
    /// Waits until this text is on the screen.
    WaitFor(&'static str),
    /// Waits until this text is no longer on the screen.
    WaitUntilGone(&'static str),
}

/// One picture.
#[derive(Debug, Clone, Copy)]
pub struct Shot {
    /// The file's name, without `.svg`.
    pub name: &'static str,
    /// In cells.
    pub columns: u16,
    /// In cells.
    pub rows: u16,
    /// Arguments after `--config F`.
    pub args: &'static [&'static str],
    /// In this order, from the start of the program.
    pub steps: &'static [Step],
}

/// Every picture.
pub const SHOTS: &[Shot] = &[
    Shot {
        name: "overview",
        columns: 120,
        rows: 30,
        args: &[],
        steps: &[
            Step::WaitFor("quota sync"),
            Step::WaitFor("Updates ✖"),
            Step::WaitFor(JUDGED),
            Step::WaitFor("tenants active"),
            Step::WaitUntilGone("asking"),
            Step::WaitUntilGone("connecting"),
        ],
    },
    Shot {
        name: "errors",
        columns: 160,
        rows: 45,
        args: &["--view", "errors", "--set", "level=all"],
        steps: &[
            Step::WaitFor("quota sync"),
            Step::WaitFor("Licenses ✖"),
            Step::WaitFor("Updates ✖"),
            Step::WaitFor(JUDGED),
            Step::Press("j"),
            Step::Press(keys::ENTER),
            Step::WaitFor("syncQuota"),
            Step::WaitUntilGone("asking"),
        ],
    },
    Shot {
        name: "resolve",
        columns: 100,
        rows: 24,
        args: &["--view", "errors", "--search", "could not delete archive"],
        steps: &[
            Step::WaitFor("could not delete archive #"),
            Step::WaitFor(JUDGED),
            Step::Press("r"),
            Step::WaitFor("Resolution note"),
        ],
    },
    Shot {
        name: "metrics",
        columns: 160,
        rows: 45,
        args: &["--view", "metrics"],
        steps: &[
            Step::WaitFor("lab-011"),
            Step::WaitFor("Updates ✖"),
            Step::WaitFor(JUDGED),
            Step::Press(keys::ENTER),
            Step::WaitFor("max "),
            Step::Press("c"),
            Step::WaitFor("6h  (c"),
            Step::Press("c"),
            Step::WaitFor("24h  (c"),
            Step::WaitUntilGone("asking"),
        ],
    },
    Shot {
        name: "licenses",
        columns: 80,
        rows: 24,
        args: &["--view", "licenses"],
        steps: &[Step::WaitFor("LAB-"), Step::WaitFor(JUDGED), Step::WaitUntilGone("on its way")],
    },
];

/// Builds opsdash, starts the demo's servers and takes every picture.
pub fn run() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let opsdash = runtime.block_on(build_opsdash(false))?;
    let servers = runtime.block_on(DemoServers::start(true))?;
    let directory = crate::repository().join(DIRECTORY);
    fs::create_dir_all(&directory)?;
    for shot in SHOTS {
        let config = [OsStr::new("--config"), servers.config().as_os_str(), OsStr::new("--target"), OsStr::new("demo")];
        let mut program = Program::new(&opsdash).args(config).args(shot.args);
        for (name, value) in servers.environment() {
            program = program.env(name, value);
        }
        let picture = take(&program, shot).with_context(|| format!("no picture `{}`", shot.name))?;
        let path = directory.join(format!("{}.svg", shot.name));
        write_if_changed(&path, &picture)?;
    }
    Ok(())
}

/// Runs the program in a terminal of the shot's size, does its steps, and draws the screen as SVG.
pub fn take(program: &Program, shot: &Shot) -> Result<String> {
    let mut terminal = Terminal::start(program, shot.columns, shot.rows)?;
    for step in shot.steps {
        match *step {
            Step::Press(text) => terminal.press(text)?,
            Step::WaitFor(text) => terminal.wait_for(text)?,
            Step::WaitUntilGone(text) => {
                terminal.wait_until(&format!("`{text}` went"), |screen| !screen.contents().contains(text))?;
            }
        }
    }
    wait_for_whole_frame(&terminal);
    Ok(svg(&terminal.screen()))
}

/// A frame comes in several reads; programs that mark where one ends (mode 2026) are waited for.
fn wait_for_whole_frame(terminal: &Terminal) {
    let is_marked = |bytes: &[u8], mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
    let end = b"\x1b[?2026l";
    let asked = Instant::now();
    while asked.elapsed() < FRAME {
        let bytes = terminal.bytes();
        if !is_marked(&bytes, end) || bytes.ends_with(end) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn write_if_changed(path: &Path, picture: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == picture) {
        return Ok(());
    }
    eprintln!("wrote {}", path.display());
    fs::write(path, picture).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_shows_the_text_with_its_style() -> Result<()> {
        let program =
            Program::new("/bin/sh").args(["-c", r"printf 'plain \033[1;31mred & bold\033[0m \033[7mback'; read -r _"]);
        let shot = Shot { name: "test", columns: 30, rows: 3, args: &[], steps: &[Step::WaitFor("back")] };
        let picture = take(&program, &shot)?;
        assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
        assert!(picture.contains(">plain<"), "{picture}");
        let red = picture.lines().find(|line| line.contains("red &amp; bold")).context("the red run")?;
        assert!(red.contains("font-weight") && red.contains("fill="), "{red}");
        assert!(picture.lines().any(|line| line.starts_with("<rect") && line.contains("x=\"154.8")), "{picture}");
        Ok(())
    }
}
