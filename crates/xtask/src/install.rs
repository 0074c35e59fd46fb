//! `cargo xtask install`: what the tests need and the machine lacks.

// Included, not depended on: the test bed builds two database drivers, which takes minutes on a new machine.
#[path = "../../testbed/src/install/mod.rs"]
mod servers;

use std::process::Command;

use anyhow::Result;

use self::servers::Tool;
pub use self::servers::releases;
use crate::cargo::{cargo, succeed};

/// Installs the servers, rustfmt and clippy, as far as they are missing.
pub fn run() -> Result<()> {
    for tool in [Tool::Postgres, Tool::PgBouncer, Tool::Mongod, Tool::FreeTds] {
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
    cargo().args([name, "--version"]).output().is_ok_and(|output| output.status.success())
}
