//! The program: everything is in the library.

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

/// Every refresh frees as many rows as it brings; this allocator gives their memory back to the system.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// libpq's options of a session. The driver takes them from the environment and cannot be told not to; they would
/// change what every read relies on, and PgBouncer refuses them.
const SESSION_OPTIONS: &str = "PGOPTIONS";

fn main() -> ExitCode {
    if std::env::var_os(SESSION_OPTIONS).is_some() {
        return start_without(SESSION_OPTIONS);
    }
    opsdash::cli::run(std::env::args_os())
}

/// Becomes the same program without this variable; comes back only when that cannot be.
fn start_without(variable: &str) -> ExitCode {
    let mut arguments = std::env::args_os();
    let why = std::env::current_exe().map(|program| {
        let mut again = Command::new(program);
        if let Some(name) = arguments.next() {
            again.arg0(name);
        }
        again.args(arguments).env_remove(variable).exec()
    });
    let (Ok(why) | Err(why)) = why;
    eprintln!(
        "opsdash: {variable} must not reach the servers, and opsdash cannot start itself without it: {why}\n  unset {variable}"
    );
    // Neither a wrong call nor, to monitoring, a critical row: nothing was asked.
    ExitCode::from(3)
}
