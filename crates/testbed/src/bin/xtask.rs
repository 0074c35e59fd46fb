//! The project's tasks: `cargo xtask <task>`, and `cargo demo`.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = opsdash_testbed::install::Tool::Mongod.install() {
        eprintln!("{error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
