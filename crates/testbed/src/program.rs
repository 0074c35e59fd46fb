//! Building the program that the demo, the screenshots and the bench run.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

/// The cargo that runs us.
pub(crate) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Builds `opsdash`, with cargo's own progress on standard error, and says where it is.
pub(crate) async fn build_opsdash(release: bool) -> Result<PathBuf> {
    let mut command = Command::new(cargo());
    command
        .args(["build", "--package", "opsdash", "--bin", "opsdash"])
        .args(release.then_some("--release"))
        .arg("--message-format=json-render-diagnostics")
        .current_dir(crate::repository())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let output = command.output().await.context("cannot run cargo")?;
    if !output.status.success() {
        bail!("opsdash does not build");
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .context("cargo named no executable")
}
