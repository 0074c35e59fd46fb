//! `docs/opsdash.1`: the manual page, from the command line's own texts.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::cargo::cargo;

/// The page.
pub fn document() -> Result<String> {
    let mut print = cargo();
    print.args(["run", "--quiet", "--package", "opsdash-testbed", "--example", "man"]);
    print.stderr(Stdio::inherit());
    let output = print.output().context("cargo cannot be started")?;
    ensure!(output.status.success(), "the manual page cannot be printed");
    let page = String::from_utf8(output.stdout)?;
    Ok(format!(".\\\" Made by `cargo xtask docs` from the command line: change that instead.\n{page}"))
}
