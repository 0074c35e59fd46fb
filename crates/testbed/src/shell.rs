//! The real program without a terminal, in a home of its own.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::pty::Program;

/// Where the user's config is, below the home.
const CONFIG: &str = ".config/opsdash/config.toml";

/// A home with a config and nothing else from outside.
#[derive(Debug)]
pub struct Shell {
    program: PathBuf,
    home: TempDir,
    env: Vec<(String, String)>,
}

/// What a run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// stdout.
    pub out: String,
    /// stderr.
    pub err: String,
}

impl Shell {
    /// The program at this path in a home without any file.
    pub fn empty(program: impl Into<PathBuf>) -> Result<Self> {
        Ok(Self { program: program.into(), home: tempfile::tempdir()?, env: Vec::new() })
    }

    /// The program at this path with this config, which nobody else can read.
    pub fn new(program: impl Into<PathBuf>, config: &str) -> Result<Self> {
        let shell = Self::empty(program)?;
        shell.write(CONFIG, config)?;
        Ok(shell)
    }

    /// Sets a variable for every run.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The home, which is also the working directory.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A path below the home.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The user's config.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.path(CONFIG)
    }

    /// Where the program keeps what it remembers from run to run, the record of actions among it.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path(".local/state/opsdash")
    }

    /// Writes a file below the home, 0600, and the folders that lead to it.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().context("a file below the home")?)?;
        fs::write(&path, text)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(path)
    }

    /// A run that is still to start, its environment set.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(&self.program, arguments)
    }

    /// The same of another program, such as a shell that starts ours.
    #[must_use]
    pub fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home())
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("PATH", "/usr/bin:/bin");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.args(arguments).current_dir(self.home()).stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When the program cannot be started, or prints what is no text: a test cannot go on then.
    #[must_use]
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// The program in a terminal, still to start, in the same home and environment.
    #[must_use]
    pub fn program(&self, arguments: &[&str]) -> Program {
        let program = Program::new(&self.program).args(arguments).env("HOME", self.home());
        self.env.iter().fold(program, |program, (name, value)| program.env(name, value))
    }
}

impl Ran {
    /// Runs a command to its end.
    ///
    /// # Panics
    /// As [`Shell::run`].
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        match command.output() {
            Ok(output) => Self::from(output),
            Err(why) => panic!("{command:?}: {why}"),
        }
    }

    /// What was printed, as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {self:?}"))
    }

    /// The same of a run that was to end with this exit code.
    ///
    /// # Panics
    /// When it ended with another one, or printed no JSON.
    #[must_use]
    #[track_caller]
    pub fn json_of(&self, code: i32) -> Json {
        assert_eq!(self.code, Some(code), "{self:?}");
        self.json()
    }
}

impl From<Output> for Ran {
    /// Panics when a text is none.
    #[track_caller]
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|why| panic!("it is no text: {why}"));
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}
