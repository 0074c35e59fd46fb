//! One server process, tied to the life of the process that started it.
//!
//! Destructors do not run when a test is killed, and never for a static. So the server is the
//! child of a small shell that reads a pipe whose other end only we hold: when we are gone, for
//! whatever reason, the shell reads the end of the pipe, stops the server and removes its
//! directory.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::private_dir::{PrivateDir, SERVER_PID, ServerUser};

const LOG: &str = "server.log";
const EXITED: &str = "exited";
const KEEP: &str = "keep";
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// `$1` is the directory, `$2` the signal that stops the server, the rest its command.
const SUPERVISOR: &str = r#"
dir=$1 signal=$2
shift 2
exec 3<&0 </dev/null
"$@" >>"$dir/server.log" 2>&1 3<&- &
server=$!
echo "$server" >"$dir/server.pid"
( read -r _ <&3; [ -e "$dir/exited" ] || kill -s "$signal" "$server" ) 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
echo "$?" >"$dir/exited"
wait "$watcher"
[ -e "$dir/keep" ] || rm -rf "$dir"
"#;

/// How a server is started, and stopped.
#[derive(Debug)]
pub(super) struct Launch {
    pub program: PathBuf,
    pub args: Vec<String>,
    /// As `kill -s` names it. Data is thrown away, so the rudest that cleans up after itself.
    pub stop_signal: &'static str,
    pub user: Option<ServerUser>,
}

/// A server process and its directory. Dropping it stops the one and removes the other.
#[derive(Debug)]
pub(super) struct Supervised {
    launch: Launch,
    supervisor: Option<Child>,
    dir: PrivateDir,
}

impl Supervised {
    /// Starts the server; it is not yet ready to serve.
    pub fn start(dir: PrivateDir, launch: Launch) -> Result<Self> {
        let mut server = Self { launch, supervisor: None, dir };
        server.start_again()?;
        Ok(server)
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The server's process id; None when it is not running.
    pub fn pid(&self) -> Option<i32> {
        self.supervisor.as_ref()?;
        let text = fs::read_to_string(self.dir().join(SERVER_PID)).ok()?;
        text.trim().parse().ok()
    }

    /// Starts the server again on the data it had.
    pub fn start_again(&mut self) -> Result<()> {
        for leftover in [SERVER_PID, EXITED, KEEP] {
            let _ = fs::remove_file(self.dir().join(leftover));
        }
        let mut command = Command::new("sh");
        command
            .args(["-c", SUPERVISOR, "opsdash-testbed-supervisor"])
            .arg(self.dir())
            .arg(self.launch.stop_signal)
            .arg(&self.launch.program)
            .args(&self.launch.args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(self.dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of reach of the Ctrl-C that is meant for us.
            .process_group(0);
        if let Some(user) = self.launch.user {
            command.uid(user.uid).gid(user.gid);
        }
        self.supervisor = Some(command.spawn().context("cannot start `sh`")?);
        Ok(())
    }

    /// Waits for `ready`; fails with the server's log when it exits or takes too long.
    pub fn wait_until(&self, mut ready: impl FnMut() -> bool) -> Result<()> {
        let name = self.launch.program.display();
        let start = Instant::now();
        while !ready() {
            if self.dir().join(EXITED).exists() {
                bail!("{name} stopped at once:\n{}", self.log());
            }
            if start.elapsed() > Duration::from_mins(1) {
                bail!("{name} was not ready within 60 s:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What the server has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir().join(LOG)).unwrap_or_default()
    }

    /// Stops the server and keeps its data, for [`Self::start_again`].
    pub fn stop_and_keep(&mut self) -> Result<()> {
        fs::write(self.dir().join(KEEP), "")?;
        self.stop()
    }

    fn stop(&mut self) -> Result<()> {
        let Some(mut supervisor) = self.supervisor.take() else {
            return Ok(());
        };
        // The end of this pipe is the order to stop.
        drop(supervisor.stdin.take());
        let start = Instant::now();
        while supervisor.try_wait()?.is_none() {
            if start.elapsed() > STOP_LIMIT {
                supervisor.kill()?;
                supervisor.wait()?;
                bail!("{} did not stop", self.launch.program.display());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("opsdash-testbed: {error:#}");
        }
    }
}
