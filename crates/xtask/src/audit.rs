//! `cargo xtask audit`: the crates that we build on, held against `deny.toml`: licenses, bans, sources, advisories.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo::cargo;

const INSTALL: &str = "cargo install cargo-deny --locked";

/// Runs cargo-deny, which must be installed. Without the network the advisories are left out, which is said.
pub fn run() -> Result<()> {
    if !succeeds(deny(&["--version"]).stdout(Stdio::null()).stderr(Stdio::null()))? {
        bail!("cargo-deny is missing. This gets it, in some minutes:\n  {INSTALL}");
    }
    let mut failed = Vec::new();
    // By themselves first: they need no network, and what they find is not drowned by the advisories.
    if !succeeds(&mut deny(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))? {
        failed.push("bans, licenses or sources");
    }
    if !succeeds(&mut deny(&["fetch", "db"]))? {
        eprintln!("the database of advisories cannot be reached: advisories are NOT CHECKED");
    } else if !succeeds(&mut deny(&["check", "advisories"]))? {
        failed.push("advisories");
    }
    if !failed.is_empty() {
        bail!("the audit found something in: {}", failed.join(", "));
    }
    Ok(())
}

fn deny(args: &[&str]) -> Command {
    let mut command = cargo();
    command.arg("deny").args(args).stdin(Stdio::null());
    command
}

fn succeeds(command: &mut Command) -> Result<bool> {
    Ok(command.status().context("cannot run cargo")?.success())
}
