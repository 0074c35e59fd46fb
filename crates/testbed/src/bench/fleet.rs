//! What it takes to ask two hundred databases the same, beside a loop of `psql` over them.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, ensure};

use super::table::{Budget, Figure, Unit};
use crate::{
    install::Tool,
    sample::topsteel::{AUTH, SHARED, many},
    servers::{postgres::PostgresServer, private_dir::PrivateDir},
};

/// With AUTH and SHARED 200.
const TENANTS: f64 = 198.0;
const RUNS: usize = 3;

const TIMES: Budget = Budget::AtLeast(5.0);

/// Makes the databases, or this part of them, and asks them both ways in turn.
pub(super) async fn measure(program: &Path, scale: f64) -> Result<Vec<Figure>> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let tenants = ((TENANTS * scale) as usize).max(1);
    let server = many::start(tenants).await?;
    let dir = PrivateDir::create(None)?;
    let config = dir.write("config.toml", &many::config(&server, &many::shared_url(&server)), None)?;
    let sql = output(Command::new(program).args(["packs", "sql", "fleet", "--system", "topsteel"]))?;
    let query = dir.write("fleet.sql", &sql, None)?;
    let names: Vec<String> =
        [AUTH, SHARED].map(str::to_owned).into_iter().chain((1..=tenants).map(many::tenant)).collect();
    let (mut looped, mut ours) = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        let started = Instant::now();
        let rows = loop_of_psql(&server, &names, &query)?;
        looped = looped.min(started.elapsed().as_secs_f64());
        let started = Instant::now();
        let shown = show_fleet(program, &config, dir.path())?;
        ours = ours.min(started.elapsed().as_secs_f64());
        ensure!(rows == names.len() && shown == names.len(), "{rows} and {shown} rows of {} databases", names.len());
    }
    let note = format!("{} databases, the best of {RUNS}", names.len());
    Ok(vec![
        Figure::new("a loop of psql", looped, Unit::Seconds, Budget::None).note(note.clone()),
        Figure::new("opsdash show fleet", ours, Unit::Seconds, Budget::None).note(note),
        Figure::new("as fast as the loop", looped / ours, Unit::Times, TIMES),
    ])
}

/// One `psql` after the other, as a shell does it; how many rows they printed.
fn loop_of_psql(server: &PostgresServer, names: &[String], query: &Path) -> Result<usize> {
    let psql = Tool::Postgres.require()?.join("psql");
    let psql = if psql.exists() { psql } else { "psql".into() };
    let mut rows = 0;
    for name in names {
        let mut command = Command::new(&psql);
        command.args(["-X", "-A", "-t", "-f"]).arg(query).arg(server.url_of(many::READER_OF_TENANTS, "any", name));
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
