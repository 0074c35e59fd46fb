//! `cargo xtask bench`.

use anyhow::Result;
use clap::Parser;
use opsdash_testbed::bench::{self, Arguments};

fn main() -> Result<()> {
    bench::run(&Arguments::parse())
}
