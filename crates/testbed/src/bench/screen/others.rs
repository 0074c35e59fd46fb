//! The same of tools that do a part of it, where they are installed.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::super::database::{OPERATOR, PASSWORD};
use super::super::found;
use super::super::table::{Budget, Figure, Unit, median};
use super::{Bench, COLUMNS, ROWS, ms, recording};
use crate::pty::{Program, Terminal};
use crate::sample::cybersensei::POSTGRES_DATABASE;

const RUNS: usize = 5;
const IDLE_FOR: Duration = Duration::from_secs(20);

pub(super) fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let mut figures = vec![show(bench)?];
    if let Some(psql) = found("PSQL", "psql") {
        figures.push(query_by_psql(bench, &psql)?);
    }
    if let Some(activity) = found("PG_ACTIVITY", "pg_activity") {
        figures.extend(pg_activity(bench, &activity)?);
    }
    Ok(figures)
}

fn show(bench: &Bench<'_>) -> Result<Figure> {
    let config = bench.direct("")?;
    let mut command = Command::new(bench.program);
    command.arg("--config").arg(config).args(["show", "tenants", "--format", "json"]);
    Ok(Figure::new("opsdash show tenants: start to end", took(&mut command)?, Unit::Ms, Budget::None)
        .note("with what is joined to each row"))
}

/// What `opsdash packs sql` prints of the view.
fn query_by_psql(bench: &Bench<'_>, psql: &PathBuf) -> Result<Figure> {
    let printed = Command::new(bench.program).args(["packs", "sql", "tenants", "--system", "cybersensei"]).output()?;
    ensure!(printed.status.success(), "packs sql: {}", String::from_utf8_lossy(&printed.stderr));
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), printed.stdout)?;
    let mut command = Command::new(psql);
    command.args(["-X", "-q", "-A", "-f"]).arg(file.path()).arg(bench.database.main_url());
    Ok(Figure::new("psql, the same query: start to end", took(&mut command)?, Unit::Ms, Budget::None))
}

/// In ms: the median of several runs.
fn took(command: &mut Command) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let started = Instant::now();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        times.push(ms(started.elapsed()));
        ensure!(status.success(), "{}: {status}", command.get_program().display());
    }
    Ok(median(&mut times))
}

fn pg_activity(bench: &Bench<'_>, path: &PathBuf) -> Result<Vec<Figure>> {
    let port = bench.database.postgres.port().to_string();
    let program = Program::new(path)
        .args(["-h", "127.0.0.1", "-p", &port, "-U", OPERATOR, "-d", POSTGRES_DATABASE])
        .env("PGPASSWORD", PASSWORD);
    let mut starts = Vec::new();
    let mut idle = 0.0;
    for run in 0..RUNS {
        let screen = Terminal::start(&program, COLUMNS, ROWS)?;
        screen.wait_for("RUNNING QUERIES")?;
        let shown = recording::first(&screen, |screen| screen.contents().contains("RUNNING QUERIES"));
        starts.push(ms(shown.context("it was on the screen")? - screen.started()));
        if run == 0 {
            let before = screen.written();
            std::thread::sleep(IDLE_FOR);
            #[expect(clippy::cast_precision_loss, reason = "bytes of a terminal's session")]
            let bytes = (screen.written() - before) as f64;
            idle = bytes / IDLE_FOR.as_secs_f64();
        }
    }
    Ok(vec![
        Figure::new("pg_activity: start to first frame", median(&mut starts), Unit::Ms, Budget::None),
        Figure::new("pg_activity: idle", idle, Unit::BytesPerSecond, Budget::None),
    ])
}
