//! How long it takes from the sources to the program that users get.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::table::{Budget, Figure, Unit};
use crate::program::cargo;

/// On two cores.
const BUDGET: Budget = Budget::AtMost(300.0);

/// Builds in a folder that is removed afterwards. What is built on must have been fetched before.
pub(super) fn measure() -> Result<Figure> {
    let target = tempfile::tempdir()?;
    let mut command = Command::new(cargo());
    command
        .args(["build", "--release", "--offline", "--package", "opsdash", "--target-dir"])
        .arg(target.path())
        .current_dir(crate::repository());
    let started = Instant::now();
    let status = command.status().context("cannot run cargo")?;
    ensure!(status.success(), "opsdash does not build");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let figure = Figure::new("clean release build", started.elapsed().as_secs_f64(), Unit::Seconds, BUDGET);
    Ok(figure.note(format!("{cores} cores")))
}
