//! What the program takes of its machine.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::super::table::{Budget, Figure, Unit};
use super::{Bench, leave, many_rows, settle};
use crate::pty::Terminal;

/// Of 10 000 rows.
const MEMORY: f64 = 30e6;
const ROWS: f64 = 10_000.0;
/// Of each row more.
const MEMORY_OF_A_ROW: f64 = 600.0;
const CPU: Budget = Budget::AtMost(0.5);
const BINARY: Budget = Budget::AtMost(20e6);

const IDLE_FOR: Duration = Duration::from_secs(30);

pub(super) fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let config = bench.direct(&many_rows())?;
    let mut screen = bench.open_many_rows(&config)?;
    let resident = resident(&screen, "memory: resident with 10 000 rows", ROWS)?;
    let list = idle_cpu(&screen, "CPU: idle, list")?;
    screen.press("1")?;
    settle(&screen);
    let overview = idle_cpu(&screen, "CPU: idle, overview")?;
    leave(screen)?;
    #[expect(clippy::cast_precision_loss, reason = "a file of some MB")]
    let binary = fs::metadata(bench.program)?.len() as f64;
    Ok(vec![resident, list, overview, Figure::new("binary, stripped", binary, Unit::Bytes, BINARY)])
}

/// What it holds now, and has held at most, where it holds so many rows.
pub(super) fn resident(screen: &Terminal, what: &str, rows: f64) -> Result<Figure> {
    let highest = memory(screen, "VmHWM")?;
    let budget = Budget::AtMost(MEMORY + (rows - ROWS).max(0.0) * MEMORY_OF_A_ROW);
    let figure = Figure::new(what, memory(screen, "VmRSS")?, Unit::Bytes, budget);
    Ok(figure.note(format!("at most {:.1} MB", highest / 1e6)))
}

/// Waits until it has held about the same for some seconds, and returns since when. Answers that change nothing on the screen
/// come unseen, and while they do, what they replace is held too. No longer than half a minute.
pub(super) fn wait_until_memory_stands(screen: &Terminal) -> Result<Instant> {
    const STANDS: Duration = Duration::from_secs(4);
    const NOISE: f64 = 300e3;
    let begun = Instant::now();
    let (mut since, mut held) = (begun, memory(screen, "VmRSS")?);
    while since.elapsed() < STANDS && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(200));
        let now = memory(screen, "VmRSS")?;
        if (now - held).abs() > NOISE {
            (since, held) = (Instant::now(), now);
        }
    }
    Ok(since)
}

/// A line of `/proc/PID/status`, in bytes. Linux alone tells.
fn memory(screen: &Terminal, what: &str) -> Result<f64> {
    let path = format!("/proc/{}/status", screen.pid().context("it runs")?);
    let status = fs::read_to_string(path).context("memory is measured on Linux alone")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).context("no such line")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024.0)
}

/// Of one core, while nobody types.
pub(super) fn idle_cpu(screen: &Terminal, what: &str) -> Result<Figure> {
    let before = cpu_seconds(screen)?;
    std::thread::sleep(IDLE_FOR);
    let part = (cpu_seconds(screen)? - before) / IDLE_FOR.as_secs_f64() * 100.0;
    Ok(Figure::new(what, part, Unit::Percent, CPU))
}

/// From `/proc/PID/stat`: user and system time, in hundredths of a second on every Linux.
fn cpu_seconds(screen: &Terminal) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", screen.pid().context("it runs")?))?;
    let (_, fields) = stat.rsplit_once(')').context("no such line")?;
    let ticks: Vec<f64> = fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
}
