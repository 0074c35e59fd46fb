//! Passwords: from the environment, a file or a program.

use std::{path::Path, process::Stdio, time::Duration};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use opsdash_pack::{
    config::{PasswordFrom, Secret},
    document::Problem,
};
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use thiserror::Error;
use tokio::{io::AsyncReadExt as _, time::timeout};

use super::{Environment, trust};

/// How long a program may take, typing a PIN on a token included.
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// Longest output of a program that is looked at, in bytes.
const OUTPUT_LIMIT: u64 = 16 * 1024;

/// Why there is no password. None of these texts holds one.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PasswordError {
    /// The variable is unset or empty.
    #[error("the variable {0} is not set: export it, or name another source of the password")]
    Unset(String),
    /// The variable is one that sudo makes worthless.
    #[error("the variable {0} does not count under sudo: use a file or a command")]
    Ignored(String),
    /// The file may not be believed.
    #[error("{0}")]
    File(Problem),
    /// The file is missing.
    #[error("there is no password file {0}")]
    NoFile(String),
    /// Others can read the file.
    #[error("others may read the password file {0}: run chmod 600 on it, or mount it with defaultMode 0440")]
    NotPrivate(String),
    /// There is no first line, or it is empty.
    #[error("{0} gave no password: its first line is empty")]
    Empty(String),
    /// The program could not be started.
    #[error("the password program {program} could not be started: {reason}")]
    Start {
        /// Without its arguments.
        program: String,
        /// From the operating system.
        reason: String,
    },
    /// The program took too long.
    #[error("the password program {0} did not finish within 10 s: it must not ask anything")]
    Slow(String),
    /// The program failed.
    #[error("the password program {0} failed: run it by hand to see why")]
    Failed(String),
}

/// The password.
///
/// # Errors
/// When there is none, or its source may not be believed.
pub async fn find(from: &PasswordFrom, environment: &Environment) -> Result<Secret, PasswordError> {
    match from {
        PasswordFrom::Env(name) => from_env(name, environment),
        PasswordFrom::File(path) => from_file(path, environment.euid),
        PasswordFrom::Command(argv) => from_command(argv, COMMAND_LIMIT).await,
    }
}

/// Whether there is a password, as far as that can be known without running a program.
///
/// # Errors
/// As [`find`].
pub fn check(from: &PasswordFrom, environment: &Environment) -> Result<(), PasswordError> {
    match from {
        PasswordFrom::Env(name) => from_env(name, environment).map(drop),
        PasswordFrom::File(path) => from_file(path, environment.euid).map(drop),
        PasswordFrom::Command(_) => Ok(()),
    }
}

fn from_env(name: &str, environment: &Environment) -> Result<Secret, PasswordError> {
    if environment.ignores(name) {
        return Err(PasswordError::Ignored(name.into()));
    }
    let value = environment.variable(name).and_then(|value| value.into_string().ok());
    value.filter(|value| !value.is_empty()).map(Secret).ok_or_else(|| PasswordError::Unset(name.into()))
}

fn from_file(path: &Path, euid: u32) -> Result<Secret, PasswordError> {
    let shown = path.display().to_string();
    let file = trust::read(path, euid).map_err(PasswordError::File)?;
    let file = file.ok_or_else(|| PasswordError::NoFile(shown.clone()))?;
    if !file.private {
        return Err(PasswordError::NotPrivate(shown));
    }
    first_line(&file.text, &shown)
}

async fn from_command(argv: &[String], limit: Duration) -> Result<Secret, PasswordError> {
    let (program, arguments) = argv.split_first().expect("the config refuses an empty command");
    let start_failed =
        |error: std::io::Error| PasswordError::Start { program: program.clone(), reason: error.to_string() };
    let mut command = CommandWrap::with_new(program, |command| {
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    });
    // In a session of its own it has no terminal to ask on or to write to, and what it starts ends with it.
    let mut child = command.wrap(ProcessSession).spawn().map_err(start_failed)?;
    // Dropped before the child: until the child has been waited for, its number is nobody else's.
    let mut group = ProcessGroup(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
    let Ok(output) = timeout(limit, output(&mut *child)).await else {
        drop(group);
        let _ = child.wait().await;
        return Err(PasswordError::Slow(program.clone()));
    };
    // It ended by itself; what it has left behind, an agent perhaps, is meant to stay.
    group.0 = None;
    let output = output.map_err(start_failed)?;
    let text = output.ok_or_else(|| PasswordError::Failed(program.clone()))?;
    first_line(&text, program)
}

/// A program and whatever it started, ended when nobody waits for it any more.
struct ProcessGroup(Option<Pid>);

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _gone = killpg(group, Signal::SIGKILL);
        }
    }
}

/// What it printed; `None` when it failed.
async fn output(child: &mut dyn ChildWrapper) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if let Some(stdout) = child.stdout().take() {
        stdout.take(OUTPUT_LIMIT).read_to_end(&mut bytes).await?;
    }
    let status = child.wait().await?;
    Ok(status.success().then(|| trust::decoded(bytes).ok()).flatten())
}

fn first_line(text: &str, from: &str) -> Result<Secret, PasswordError> {
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret(line.to_owned())),
        _ => Err(PasswordError::Empty(from.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    #[tokio::test]
    async fn the_first_line_that_a_program_prints_is_the_password() {
        let found = from_command(&shell("printf 'one\\ntwo\\n'"), COMMAND_LIMIT).await;
        assert_eq!(found, Ok(Secret("one".into())));
    }

    #[tokio::test]
    async fn a_program_that_fails_gives_no_password_even_if_it_printed_one() {
        let found = from_command(&shell("echo one; exit 1"), COMMAND_LIMIT).await;
        assert_eq!(found, Err(PasswordError::Failed("sh".into())));
    }

    #[tokio::test]
    async fn a_program_cannot_wait_for_input() {
        let found = from_command(&shell("read -r line; echo \"got $line\""), COMMAND_LIMIT).await;
        assert_eq!(found, Ok(Secret("got ".into())));
    }

    /// A program that starts another one and waits for it, and what tells when both have ended: their pipe ends when the
    /// last one that could write to it has.
    fn slow() -> (tempfile::TempDir, Vec<String>, std::thread::JoinHandle<std::io::Result<Vec<u8>>>) {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let script = format!("sleep 60 > {} & sleep 60", pipe.display());
        (folder, shell(&script), std::thread::spawn(move || std::fs::read(pipe)))
    }

    #[tokio::test]
    async fn a_program_that_takes_too_long_is_ended_with_what_it_started() {
        let (_folder, argv, ended) = slow();
        let found = from_command(&argv, Duration::from_secs(1)).await;
        assert_eq!(found, Err(PasswordError::Slow("sh".into())));
        assert!(ended.join().unwrap().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_program_that_nobody_waits_for_is_ended_with_what_it_started() {
        let (_folder, argv, ended) = slow();
        let canceled = timeout(Duration::from_secs(1), from_command(&argv, COMMAND_LIMIT)).await;
        assert!(canceled.is_err());
        assert!(ended.join().unwrap().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let found = from_command(&["/nonexistent/program".into()], COMMAND_LIMIT).await;
        assert!(matches!(found, Err(PasswordError::Start { program, .. }) if program == "/nonexistent/program"));
    }

    #[tokio::test]
    async fn an_empty_answer_is_no_password() {
        assert_eq!(from_command(&shell("true"), COMMAND_LIMIT).await, Err(PasswordError::Empty("sh".into())));
    }
}
