//! Cargo, run from the root of the repository.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Error, Result, bail};

/// The root of the repository.
pub fn repository() -> PathBuf {
    // The variable wins: a build in a shared target directory may have been compiled in another checkout.
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.ancestors().find(|dir| dir.join("migrations").is_dir()).unwrap_or(&package).to_owned()
}

/// A run of the same cargo that runs this task.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository());
    command
}

/// Runs cargo to its end.
pub fn run(args: &[&str]) -> Result<()> {
    eprintln!("cargo {}", args.join(" "));
    succeed(cargo().args(args))
}

/// Runs a command to its end; another exit code than 0 is an error.
pub fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(())
}

/// Becomes a program of the test bed, which needs the database drivers that this package does without. The process stays
/// the same, so terminal, signals and exit code are the program's own. Returns only when cargo cannot be started.
pub fn become_testbed_program(program: &str, args: impl IntoIterator<Item = OsString>) -> Error {
    let mut command = Command::new(cargo().get_program());
    command
        .args(["run", "--quiet", "--package", "opsdash-testbed", "--bin", program, "--manifest-path"])
        .arg(repository().join("Cargo.toml"))
        .arg("--")
        .args(args);
    Error::new(command.exec()).context("cannot run cargo")
}
