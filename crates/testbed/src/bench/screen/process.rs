//! What the program takes of its machine.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use super::super::table::{Budget, Figure, Unit};
use super::{Bench, leave, many_rows, settle};
use crate::pty::Terminal;

const MEMORY: Budget = Budget::AtMost(30e6);
const CPU: Budget = Budget::AtMost(0.5);
const BINARY: Budget = Budget::AtMost(20e6);

const IDLE_FOR: Duration = Duration::from_secs(30);

pub(super) fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let config = bench.direct(&many_rows())?;
    let mut screen = bench.open_many_rows(&config)?;
    let resident = memory(&screen, "VmRSS")?;
    let highest = memory(&screen, "VmHWM")?;
    let list = idle_cpu(&screen)?;
    screen.press("1")?;
    settle(&screen);
    let overview = idle_cpu(&screen)?;
    leave(screen)?;
    #[expect(clippy::cast_precision_loss, reason = "a file of some MB")]
    let binary = fs::metadata(bench.program)?.len() as f64;
    Ok(vec![
        Figure::new("memory: resident with 10 000 rows", resident, Unit::Bytes, MEMORY)
            .note(format!("at most {:.1} MB", highest / 1e6)),
        Figure::new("CPU: idle, list", list, Unit::Percent, CPU),
        Figure::new("CPU: idle, overview", overview, Unit::Percent, CPU),
        Figure::new("binary, stripped", binary, Unit::Bytes, BINARY),
    ])
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
fn idle_cpu(screen: &Terminal) -> Result<f64> {
    let before = cpu_seconds(screen)?;
    std::thread::sleep(IDLE_FOR);
    Ok((cpu_seconds(screen)? - before) / IDLE_FOR.as_secs_f64() * 100.0)
}

/// From `/proc/PID/stat`: user and system time, in hundredths of a second on every Linux.
fn cpu_seconds(screen: &Terminal) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", screen.pid().context("it runs")?))?;
    let (_, fields) = stat.rsplit_once(')').context("no such line")?;
    let ticks: Vec<f64> = fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / 100.0)
}
