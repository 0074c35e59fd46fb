//! The project's tasks: `cargo xtask <task>`.
//!
//! No task here needs a database driver, an async runtime or the program itself, so each starts at once. What needs them is
//! a program of the test bed, which the task becomes.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Error, Result};
use clap::{Args, Parser, Subcommand};

mod audit;
mod cargo;
mod docs;
mod install;
#[path = "../../testbed/src/packs.rs"]
mod packs;
mod test;

/// The tasks of this project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Runs opsdash on private servers full of sample data.
    #[command(disable_help_flag = true)]
    Demo(PassedOn),
    /// Installs what the tests need, then checks and tests everything.
    Test {
        /// Releases of `PostgreSQL` on which what speaks to it is tested as well: `13,14` or `all`. Default: the oldest and
        /// the newest that opsdash serves, unless arguments narrow the tests.
        #[arg(long, value_delimiter = ',', value_name = "MAJORS")]
        postgres: Vec<String>,
        /// Handed to `cargo test`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Writes the generated documents.
    Docs {
        /// Write nothing; fail when one is not up to date.
        #[arg(long)]
        check: bool,
        #[command(subcommand)]
        what: Option<Pictures>,
    },
    /// Measures the program against its budgets, on a large database of its own; takes minutes.
    #[command(disable_help_flag = true)]
    Bench(PassedOn),
    /// Holds the crates that we build on against `deny.toml`: licenses, bans, sources, advisories.
    Audit,
    /// Installs what the tests need: `PostgreSQL`, `PgBouncer`, mongod, rustfmt and clippy.
    Install,
}

#[derive(Debug, Subcommand)]
enum Pictures {
    /// Takes the pictures of the screen that the README shows.
    Screenshot,
}

/// Arguments of a program of the test bed. The program itself reads them, `--help` included.
#[derive(Debug, Args)]
struct PassedOn {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

fn main() -> ExitCode {
    match run(&Task::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all was well.
fn run(task: &Task) -> Result<bool> {
    match task {
        Task::Demo(_) => return Err(pass_on("demo")),
        Task::Bench(_) => return Err(pass_on("bench")),
        Task::Docs { what: Some(Pictures::Screenshot), .. } => {
            return Err(cargo::become_testbed_program("screenshot", []));
        }
        Task::Test { args, postgres } => return test::run(args, postgres),
        Task::Docs { check: true, .. } => docs::check()?,
        Task::Docs { .. } => docs::write()?,
        Task::Audit => audit::run()?,
        Task::Install => install::run()?,
    }
    Ok(true)
}

/// Becomes the program of this name, with what was typed after the task. Clap's own list of it lacks a leading `--`.
fn pass_on(program: &str) -> Error {
    cargo::become_testbed_program(program, env::args_os().skip(2))
}
