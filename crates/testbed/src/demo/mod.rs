//! `cargo demo`: opsdash on private servers full of sample data, and nothing left afterwards.

mod servers;

use std::ffi::OsString;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use jiff::Timestamp;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

pub use self::servers::DemoServers;
use crate::install::Tool;
use crate::program::build_opsdash;
use crate::sample::cybersensei::Writer;
use crate::servers::private_dir;

/// Twelve ticks bring each tenant one metric: one a minute.
const TICK: Duration = Duration::from_secs(5);
/// How long opsdash may take to leave after it was told to.
const LEAVE: Duration = Duration::from_secs(5);
/// The exit code when something is missing, as for any other wrong use.
const MISSING: u8 = 2;

/// Runs opsdash on private servers full of sample data.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo demo")]
pub struct Arguments {
    /// Install what is missing without asking.
    #[arg(long)]
    yes: bool,
    /// Build opsdash with optimizations: slow to build, and what users get.
    #[arg(long)]
    release: bool,
    /// Run this program instead of building opsdash.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// Handed to opsdash as they are: `cargo demo license DEMO-0001-ABCD-2001`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Runs the demo. Returns opsdash's exit code, or 128 and the number of the signal that ended one of us.
pub fn run(arguments: &Arguments) -> Result<u8> {
    if !obtain(Tool::Postgres, arguments.yes)? {
        say("the demo needs PostgreSQL's server; nothing was started");
        return Ok(MISSING);
    }
    let files = obtain(Tool::Mongod, arguments.yes)?;
    if !files {
        say("without mongod the files lie in a folder instead of GridFS, so nothing is said of their chunks");
    }
    let swept = private_dir::sweep();
    if swept > 0 {
        say(&format!("cleaned up after {swept} servers that were killed hard"));
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let mut stop = StopSignals::new()?;
        tokio::select! {
            // Dropped half done when a signal comes first, which stops what was started.
            prepared = prepare(arguments, files) => {
                let (opsdash, servers) = prepared?;
                show(&opsdash, &arguments.args, &servers, &mut stop).await
            }
            signal = stop.any() => Ok(exit_code_of(signal)),
        }
    })
}

/// True when the tool is there in the end.
fn obtain(tool: Tool, yes: bool) -> Result<bool> {
    if tool.find().is_some() {
        return Ok(true);
    }
    say(&format!("{} is missing. This gets it:", tool.name()));
    for command in tool.commands() {
        eprintln!("  {command}");
    }
    if !yes {
        let someone_is_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !someone_is_there {
            say("run that, or `cargo demo --yes`, which runs it for you");
        }
        if !someone_is_there || !ask("Run it now?")? {
            return Ok(false);
        }
    }
    if let Err(error) = tool.install() {
        say(&format!("that failed: {error:#}"));
    }
    Ok(tool.find().is_some())
}

fn ask(question: &str) -> Result<bool> {
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

async fn prepare(arguments: &Arguments, files: bool) -> Result<(PathBuf, DemoServers)> {
    let opsdash = match &arguments.program {
        Some(program) => program.clone(),
        None => build_opsdash(arguments.release).await?,
    };
    say("starting private servers and loading sample data");
    Ok((opsdash, DemoServers::start(files).await?))
}

/// Runs opsdash in the foreground, on our terminal, while the sample is kept alive.
async fn show(opsdash: &Path, args: &[OsString], servers: &DemoServers, stop: &mut StopSignals) -> Result<u8> {
    let mut child = Command::new(opsdash)
        .arg("--config")
        .arg(servers.config())
        .args(args)
        .envs(servers.environment())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", opsdash.display()))?;
    let writing = tokio::spawn(keep_writing(servers.writer_url()));
    let status = loop {
        tokio::select! {
            status = child.wait() => break status?,
            signal = stop.any() => match signal {
                // The terminal sends it to opsdash too, which decides what it means.
                Signal::SIGINT => {}
                signal => break told_to_leave(&mut child, signal).await?,
            }
        }
    };
    writing.abort();
    Ok(exit_code(status))
}

async fn told_to_leave(child: &mut Child, signal: Signal) -> Result<ExitStatus> {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        // It may be gone already.
        let _ = kill(Pid::from_raw(pid), signal);
    }
    if let Ok(status) = tokio::time::timeout(LEAVE, child.wait()).await {
        return Ok(status?);
    }
    child.kill().await?;
    Ok(child.wait().await?)
}

/// Silent whatever happens: the screen is not ours to write on.
async fn keep_writing(url: String) {
    let mut writer = None;
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        let now = Timestamp::now();
        if writer.is_none() {
            writer = Writer::connect(&url, now).await.ok();
        }
        if let Some(connected) = &mut writer
            && connected.tick(now).await.is_err()
        {
            writer = None;
        }
    }
}

struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl StopSignals {
    fn new() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn any(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::SIGINT,
            _ = self.terminate.recv() => Signal::SIGTERM,
            _ = self.hangup.recv() => Signal::SIGHUP,
        }
    }
}

fn exit_code(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

fn exit_code_of(signal: Signal) -> u8 {
    u8::try_from(128 + signal as i32).unwrap_or(1)
}

fn say(line: &str) {
    eprintln!("demo: {line}");
}
