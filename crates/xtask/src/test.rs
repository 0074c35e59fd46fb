//! `cargo xtask test`: everything that must hold before a change is merged, on a machine that may have nothing yet
//! but Rust, apt and pip.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::cargo::{self, cargo};
use crate::install::releases::{ARE_FOR_THIS_PLATFORM, RELEASE_VARIABLE, RELEASES, Release};
use crate::{docs, install};

/// The oldest and the newest release of PostgreSQL that opsdash serves; the machine's own lies between them.
const ENDS: [&str; 2] = ["13", "18"];

/// The tests of what speaks to PostgreSQL: sources, statements of packs, doctor, every action.
const ON_RELEASES: [&str; 6] =
    ["postgres::", "packs::", "doctor::", "actions::every::", "actions::declared::", "cli::live::"];

/// How many tests did what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Installs what is missing, then checks format, lints and generated documents, and runs all tests; `args` go to
/// `cargo test`. What speaks to PostgreSQL is tested again on each of the releases `on`: their major versions, or `all`.
/// Where there are neither, that is the oldest and the newest one. Every step runs, also after one failed. The last line
/// on standard output is `N passed, N failed`. Returns whether all was well.
pub fn run(args: &[OsString], on: &[String]) -> Result<bool> {
    let releases = releases(args, on)?;
    install::run()?;
    for release in &releases {
        release.fetch()?;
    }
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
    let everything: Vec<OsString> = ["--workspace", "--no-fail-fast"].iter().map(OsString::from).collect();
    let (mut tally, tests) = run_tests(&[&everything, args].concat(), None)?;
    step("tests", tests);
    for release in releases {
        let some = everything.iter().cloned().chain(["--test", "it", "--"].map(OsString::from));
        let some: Vec<OsString> = some.chain(ON_RELEASES.map(OsString::from)).collect();
        let (more, tests) = run_tests(&some, Some(release))?;
        step("tests on another PostgreSQL", tests.with_context(|| format!("PostgreSQL {}", release.major)));
        tally = tally.and(more);
    }
    if !failed.is_empty() {
        eprintln!("failed: {}", failed.join(", "));
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(failed.is_empty())
}

fn releases(args: &[OsString], on: &[String]) -> Result<Vec<Release>> {
    match on {
        [] if args.is_empty() && ARE_FOR_THIS_PLATFORM => ENDS.into_iter().map(Release::of).collect(),
        [] if args.is_empty() => {
            let ends = ENDS.join(" and ");
            eprintln!("PostgreSQL {ends} are NOT TESTED: there are no ready-made servers for this platform");
            Ok(Vec::new())
        }
        [all] if all == "all" => Ok(RELEASES.to_vec()),
        some => some.iter().map(|major| Release::of(major)).collect(),
    }
}

fn run_tests(args: &[OsString], on: Option<Release>) -> Result<(Tally, Result<()>)> {
    let place = on.map_or_else(String::new, |release| format!("   on PostgreSQL {}", release.major));
    eprintln!("cargo test {}{place}", args.join(" ".as_ref()).to_string_lossy());
    let mut command = cargo();
    command.arg("test").args(args).stdout(Stdio::piped());
    if let Some(release) = on {
        command.env(RELEASE_VARIABLE, release.major.to_string());
    }
    let mut child = command.spawn().context("cannot run cargo")?;
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
    fn and(self, more: Self) -> Self {
        Self { passed: self.passed + more.passed, failed: self.failed + more.failed }
    }

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
    fn the_oldest_and_the_newest_release_are_tested_unless_somebody_asks_for_less_or_more() {
        let majors = |args: &[&str], on: &[&str]| -> Vec<u32> {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            let on: Vec<String> = on.iter().map(ToString::to_string).collect();
            releases(&args, &on).unwrap().iter().map(|release| release.major).collect()
        };
        assert_eq!(majors(&[], &[]), [13, 18]);
        assert!(majors(&["late_answer"], &[]).is_empty());
        assert_eq!(majors(&[], &["all"]), [13, 14, 15, 16, 17, 18]);
        assert_eq!(majors(&["late_answer"], &["14", "16"]), [14, 16]);
        assert!(releases(&[], &["12".to_owned()]).unwrap_err().to_string().contains("known: 13, 14"));
    }

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
