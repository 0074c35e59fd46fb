//! `cargo xtask test`: everything that must hold before a change is merged, on a machine that may have nothing yet
//! but Rust, apt and pip.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::docs;
use super::program::cargo;
use crate::install::Tool;

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
    install()?;
    let mut failed: Vec<&str> = Vec::new();
    let mut step = |name: &'static str, outcome: Result<()>| {
        if let Err(error) = outcome {
            eprintln!("{name}: {error:#}");
            failed.push(name);
        }
    };
    step("format", run_cargo(&["fmt", "--all", "--check"]));
    step("lints", run_cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    step("documents", docs::check());
    let (tally, tests) = run_tests(args)?;
    step("tests", tests);
    if !failed.is_empty() {
        eprintln!("failed: {}", failed.join(", "));
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(failed.is_empty())
}

/// Installs every tool that a test needs and the machine lacks.
pub fn install() -> Result<()> {
    for tool in [Tool::Postgres, Tool::PgBouncer, Tool::Mongod] {
        if tool.find().is_none() {
            eprintln!("installing {}", tool.name());
            tool.install()?;
        }
    }
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if !has_cargo_command(subcommand) {
            eprintln!("installing {component}");
            succeed(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

fn has_cargo_command(name: &str) -> bool {
    Command::new(cargo()).args([name, "--version"]).output().is_ok_and(|output| output.status.success())
}

fn run_cargo(args: &[&str]) -> Result<()> {
    eprintln!("cargo {}", args.join(" "));
    succeed(Command::new(cargo()).args(args))
}

fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.current_dir(crate::repository()).status().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(())
}

fn run_tests(args: &[OsString]) -> Result<(Tally, Result<()>)> {
    eprintln!("cargo test --workspace --no-fail-fast");
    let mut child = Command::new(cargo())
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(args)
        .current_dir(crate::repository())
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
