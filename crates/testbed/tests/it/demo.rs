//! The demo hands over to the program, and leaves nothing behind however it ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A running demo whose program is a stand-in, a shell script.
struct Demo {
    child: Child,
    /// The first line that the stand-in printed: its arguments.
    arguments: String,
    config: PathBuf,
    ports: Vec<u16>,
    _script: tempfile::TempDir,
}

impl Demo {
    fn start(script: &str) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let program = dir.path().join("program");
        fs::write(&program, format!("#!/bin/sh\necho \"$@\"\n{script}\n"))?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
            .arg("--program")
            .arg(&program)
            .args(["license", "--json", "DEMO"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("it is piped")?).lines();
        let arguments = lines.next().context("the program says something")??;
        let config = PathBuf::from(arguments.split(' ').nth(1).context("--config and its file")?);
        // Every URL names its port between the last colon and a slash.
        let ports = fs::read_to_string(&config)?
            .lines()
            .filter_map(|line| line.split("127.0.0.1:").nth(1)?.split('/').next()?.parse().ok())
            .collect();
        Ok(Self { child, arguments, config, ports, _script: dir })
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill(Pid::from_raw(self.child.id().try_into()?), signal)?)
    }

    fn everything_goes(&self) -> Result<()> {
        let directory = self.config.parent().unwrap_or(Path::new("/"));
        let start = Instant::now();
        while directory.exists() || self.ports.iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok()) {
            ensure!(start.elapsed() < Duration::from_mins(1), "something is left");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

#[test]
fn arguments_and_exit_code_pass_through() -> Result<()> {
    let mut demo = Demo::start("sleep 1; test -d \"$XDG_STATE_HOME\" && exit 7")?;
    assert!(demo.arguments.ends_with("license --json DEMO"), "{}", demo.arguments);
    assert_eq!(demo.ports.len(), 9, "one for each source of each target");
    assert_eq!(demo.child.wait()?.code(), Some(7));
    demo.everything_goes()
}

#[test]
fn a_polite_signal_ends_the_program_and_cleans_up() -> Result<()> {
    let mut demo = Demo::start("exec sleep 600")?;
    // It holds a password.
    assert_eq!(fs::metadata(&demo.config)?.permissions().mode() & 0o777, 0o600);
    demo.signal(Signal::SIGTERM)?;
    assert_eq!(demo.child.wait()?.code(), Some(128 + 15));
    demo.everything_goes()
}

#[test]
fn servers_stop_when_the_demo_is_killed_hard() -> Result<()> {
    let mut demo = Demo::start("sleep 1")?;
    demo.signal(Signal::SIGKILL)?;
    demo.child.wait()?;
    // The config's directory has no server, so it waits for the next start.
    let directory = demo.config.parent().context("a directory")?.to_owned();
    opsdash_testbed::servers::private_dir::sweep();
    assert!(!directory.exists());
    demo.everything_goes()
}
