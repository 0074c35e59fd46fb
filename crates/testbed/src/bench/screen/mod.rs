//! What the program costs who sits before it: how soon it shows, answers keys and finds out about trouble, and what it
//! takes of the line and the machine.

mod bytes;
mod keys;
mod line;
mod many_targets;
mod others;
mod process;
mod recording;
mod start;
mod trouble;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use opsdash_pack::pack::LIMIT_RANGE;

use super::{database::Database, table::Figure};
use crate::pty::{Program, Screen, Terminal};

const COLUMNS: u16 = 160;
const ROWS: u16 = 45;

/// With this view open, as many rows are loaded as may be.
const MANY_ROWS: [&str; 4] = ["--view", "error_log", "--set", "state=all"];

/// Measures everything.
pub(super) async fn measure(program: &Path, database: &Database) -> Result<Vec<Figure>> {
    let bench = Bench { program, database };
    let mut figures = start::measure(&bench)?;
    figures.extend(line::measure(&bench).await?);
    figures.extend(keys::measure(&bench).await?);
    figures.extend(bytes::measure(&bench)?);
    figures.extend(process::measure(&bench)?);
    figures.extend(trouble::measure(&bench).await?);
    figures.extend(many_targets::measure(&bench).await?);
    figures.extend(others::measure(&bench)?);
    Ok(figures)
}

/// The program, and what it looks at.
struct Bench<'b> {
    program: &'b Path,
    database: &'b Database,
}

impl Bench<'_> {
    /// A config without detours.
    fn direct(&self, more: &str) -> Result<PathBuf> {
        self.database.config(&self.database.main_url(), &self.database.files_url(), more)
    }

    /// Starts the dashboard.
    fn open(&self, config: &Path, args: &[&str]) -> Result<Terminal> {
        Terminal::start(&Program::new(self.program).arg("--config").arg(config).args(args), COLUMNS, ROWS)
    }

    /// Starts the dashboard, and waits until a list has all the rows that a list may have.
    fn open_many_rows(&self, config: &Path) -> Result<Terminal> {
        let screen = self.open(config, &MANY_ROWS)?;
        screen.wait_until("the list has rows", has_cursor)?;
        settle(&screen);
        Ok(screen)
    }
}

/// More of a config: the log loads as many rows as it may, and everything else is asked as usual.
fn many_rows() -> String {
    format!("[views.error_log]\nlimit = {}\n", LIMIT_RANGE.end())
}

fn has_cursor(screen: &Screen) -> bool {
    screen.contents().lines().any(|line| line.trim_start().starts_with('▌'))
}

/// Whether a severity that is worth a look is on the screen: some view has answered.
fn has_finding(screen: &Screen) -> bool {
    screen.contents().contains(['✖', '▲'])
}

/// Waits until the program has written nothing for a second and a half: clocks and ages are redrawn each second at most,
/// and answers come sooner. No longer than ten seconds.
fn settle(screen: &Terminal) {
    let start = Instant::now();
    let mut written = screen.written();
    while start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(1_500));
        let now = screen.written();
        // A second's clock and ages are a few bytes, an answer is more.
        if now - written < 500 {
            return;
        }
        written = now;
    }
}

/// Leaves, and says how long that took, in ms.
fn leave(mut screen: Terminal) -> Result<f64> {
    let pressed = Instant::now();
    screen.press("q")?;
    let status = screen.wait_for_exit()?;
    ensure!(status.success(), "opsdash ended with {status}");
    Ok(ms(pressed.elapsed()))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
