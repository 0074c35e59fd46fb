//! `cargo xtask test`: everything that must hold before a change is merged, on a machine that may have nothing yet
//! but Rust, apt and pip.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::cargo::{self, cargo};
use crate::{docs, install};

/// How many tests did what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Installs what is missing, then checks format, lints and generated documents, and runs all tests; `args` go to
/// `cargo test`. Every step runs, also after one failed. The last line on standard output is `N passed, N failed`.
/// Returns whether all was well.
pub fn run(args: &[OsString]) -> Result<bool> {
    install::run()?;
    let mut failed: Vec<&str> = Vec::new();
    let mut step = |name: &'static str, outcome: Result<()>| {
        if let Err(error) = outcome {
            eprintln!("{name}: {error:#}");
            failed.push(name);
        }
    };
    step("format", cargo::run(&["fmt", "--all", "--check"]));
    step("lints", cargo::run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    step("documents", docs::check());
    let (tally, tests) = run_tests(args)?;
    step("tests", tests);
    if !failed.is_empty() {
        eprintln!("failed: {}", failed.join(", "));
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(failed.is_empty())
}

fn run_tests(args: &[OsString]) -> Result<(Tally, Result<()>)> {
    eprintln!("cargo test --workspace --no-fail-fast");
    let mut child = cargo()
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(args)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let output = child.stdout.take().context("the output is piped")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        tally.add(&String::from_utf8_lossy(&line));
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&line)?;
        stdout.write_all(b"\n")?;
    }
    let status = child.wait()?;
    let outcome = if status.success() { Ok(()) } else { Err(anyhow::anyhow!("{status}")) };
    Ok((tally, outcome))
}

impl Tally {
    /// Counts a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; ...`.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split("; ") {
            match count.split_once(' ').map(|(number, what)| (number.parse().unwrap_or(0), what)) {
                Some((number, "passed")) => self.passed += number,
                Some((number, "failed")) => self.failed += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_are_summed() {
        let mut tally = Tally::default();
        for line in [
            "running 2 tests",
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.48s",
            "test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 2.60s",
        ] {
            tally.add(line);
        }
        assert_eq!(tally, Tally { passed: 9, failed: 2 });
    }
}
