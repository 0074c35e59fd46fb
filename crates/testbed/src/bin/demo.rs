//! `cargo demo`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use opsdash_testbed::demo::{self, Arguments};

fn main() -> Result<ExitCode> {
    demo::run(&Arguments::parse()).map(ExitCode::from)
}
