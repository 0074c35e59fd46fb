//! What it takes to ask two hundred databases the same, beside a loop of `psql` over them.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    found,
    table::{Budget, Figure, Unit},
};
use crate::{
    forwarder::{Forwarder, Line},
    install::Tool,
    sample::topsteel::{AUTH, SHARED, many},
    servers::private_dir::PrivateDir,
};

/// With AUTH and SHARED 200.
const TENANTS: f64 = 198.0;
const RUNS: usize = 3;

/// Between a bastion and its databases, which are never one machine.
const ROUND_TRIP: Duration = Duration::from_millis(2);

const TIMES: Budget = Budget::AtLeast(5.0);

/// Makes the databases, or this part of them, and asks them in turn: with the `psql` that a user has, with the binary that the
/// one of Debian and Ubuntu looks for first, and with the program.
pub(super) async fn measure(program: &Path, scale: f64) -> Result<Vec<Figure>> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let tenants = ((TENANTS * scale) as usize).max(1);
    let server = many::start(tenants).await?;
    let line = Forwarder::start(server.port()).await?;
    line.set_line(Line::round_trip(ROUND_TRIP));
    let through = |text: &str| line.through(text, server.port());
    let dir = PrivateDir::create(None)?;
    let config = dir.write("config.toml", &through(&many::config(&server, &many::shared_url(&server))), None)?;
    let sql = output(Command::new(program).args(["packs", "sql", "fleet", "--system", "topsteel"]))?;
    let query = dir.write("fleet.sql", &sql, None)?;
    let names: Vec<String> =
        [AUTH, SHARED].map(str::to_owned).into_iter().chain((1..=tenants).map(many::tenant)).collect();
    let urls: Vec<String> =
        names.iter().map(|name| through(&server.url_of(many::READER_OF_TENANTS, "any", name))).collect();
    let binary = Tool::Postgres.require()?.join("psql");
    let usual = found("PSQL", "psql");
    let (mut looped, mut looped_binary, mut ours) = (None, None, None);
    for _ in 0..RUNS {
        for (psql, least) in [(usual.as_deref(), &mut looped), (Some(&*binary), &mut looped_binary)] {
            let Some(psql) = psql.filter(|psql| psql.exists()) else { continue };
            let (rows, took) = timed(|| loop_of_psql(psql, &urls, &query))?;
            ensure!(rows == names.len(), "{rows} rows of {} databases", names.len());
            shorten(least, took);
        }
        let (rows, took) = timed(|| show_fleet(program, &config, dir.path()))?;
        ensure!(rows == names.len(), "{rows} rows of {} databases", names.len());
        shorten(&mut ours, took);
    }
    let note = format!("{} databases, {} ms there and back, the best of {RUNS}", names.len(), ROUND_TRIP.as_millis());
    let seconds = |name: &str, took: Option<f64>| {
        took.map(|took| Figure::new(name, took, Unit::Seconds, Budget::None).note(note.clone()))
    };
    let times = |name: &str, looped: Option<f64>, budget| {
        looped.zip(ours).map(|(looped, ours)| Figure::new(name, looped / ours, Unit::Times, budget))
    };
    let figures = [
        seconds("a loop of psql", looped),
        seconds("a loop of psql without its wrapper", looped_binary),
        seconds("opsdash show fleet", ours),
        times("as fast as the loop", looped, TIMES),
        times("as fast as that without the wrapper", looped_binary, Budget::None),
    ];
    Ok(figures.into_iter().flatten().collect())
}

/// How many rows there were, and the seconds that it took.
fn timed(rows: impl FnOnce() -> Result<usize>) -> Result<(usize, f64)> {
    let started = Instant::now();
    let rows = rows()?;
    Ok((rows, started.elapsed().as_secs_f64()))
}

fn shorten(least: &mut Option<f64>, took: f64) {
    *least = Some(least.map_or(took, |least| least.min(took)));
}

/// One `psql` after the other, as a shell does it; how many rows they printed.
fn loop_of_psql(psql: &Path, urls: &[String], query: &Path) -> Result<usize> {
    let mut rows = 0;
    for url in urls {
        let mut command = Command::new(psql);
        command.args(["-X", "-A", "-t", "-f"]).arg(query).arg(url);
        rows += output(&mut command)?.lines().count();
    }
    Ok(rows)
}

/// How many databases the program lists.
fn show_fleet(program: &Path, config: &Path, dir: &Path) -> Result<usize> {
    let home = tempfile::tempdir_in(dir)?;
    let mut command = Command::new(program);
    command.args(["show", "fleet", "--format", "csv", "--limit", "10000", "--config"]).arg(config);
    let csv = output(command.env("XDG_STATE_HOME", home.path()))?;
    Ok(csv.lines().count() - 1)
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
