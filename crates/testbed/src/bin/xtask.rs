//! The project's tasks: `cargo xtask <task>`, and `cargo demo`.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use opsdash_testbed::tasks::{audit, bench, demo, docs, screenshot, test};

/// The tasks of this project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Runs opsdash on private servers full of sample data.
    Demo(demo::Arguments),
    /// Installs what the tests need, then checks and tests everything.
    Test {
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
    Bench(bench::Arguments),
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

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<u8> {
    match task {
        Task::Demo(arguments) => return demo::run(&arguments),
        Task::Test { args } => return Ok(u8::from(!test::run(&args)?)),
        Task::Docs { check: true, .. } => docs::check()?,
        Task::Docs { what: Some(Pictures::Screenshot), .. } => screenshot::run()?,
        Task::Docs { .. } => docs::write()?,
        Task::Bench(arguments) => bench::run(&arguments)?,
        Task::Audit => audit::run()?,
        Task::Install => test::install()?,
    }
    Ok(0)
}
