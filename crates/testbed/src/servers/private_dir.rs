//! The directory that a server or the demo owns, and the removal of those whose owner died.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::sys::statvfs::statvfs;
use nix::unistd::{Pid, User, geteuid};

const PREFIX: &str = "opsdash-testbed-";
const LOCK: &str = "lock";
/// A file system in memory, on Linux.
const MEMORY: &str = "/dev/shm";
/// Holds the server's process id; written by the supervisor.
pub(super) const SERVER_PID: &str = "server.pid";

/// The unprivileged account that runs a server which refuses to run as root.
#[derive(Debug, Clone, Copy)]
pub struct ServerUser {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl ServerUser {
    /// None when this process is not root, and servers simply run as its own user.
    pub fn when_root() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name)? {
                return Ok(Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() }));
            }
        }
        bail!("running as root, and there is neither a user `postgres` nor `nobody` for the server")
    }
}

/// A directory under the system's temporary one, 0700, removed on drop.
///
/// A lock file in it is held for as long as the owner lives, so that [`sweep`] can tell a
/// directory in use from one that was left behind.
#[derive(Debug)]
pub struct PrivateDir {
    path: PathBuf,
    _lock: File,
}

impl PrivateDir {
    /// Creates the directory, owned by `user`, or by the current user when None.
    pub fn create(user: Option<ServerUser>) -> Result<Self> {
        Self::create_in(&std::env::temp_dir(), user)
    }

    /// The same in memory, where it has room for so many bytes: a disk may take a minute to delete some ten thousand files.
    pub fn create_in_memory(bytes: u64, user: Option<ServerUser>) -> Result<Self> {
        let has_room = statvfs(MEMORY).is_ok_and(|memory| memory.blocks_available() * memory.fragment_size() >= bytes);
        if has_room { Self::create_in(Path::new(MEMORY), user) } else { Self::create(user) }
    }

    fn create_in(parent: &Path, user: Option<ServerUser>) -> Result<Self> {
        let path = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(parent)
            .context("cannot create a temporary directory")?
            .keep();
        let lock = lock(&path).with_context(|| format!("cannot lock {}", path.display()))?;
        let dir = Self { path, _lock: lock };
        dir.give_to(dir.path(), user)?;
        Ok(dir)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates a directory (0700) in this one, for the same user.
    pub fn subdirectory(&self, name: &str, user: Option<ServerUser>) -> Result<PathBuf> {
        let path = self.path.join(name);
        fs::DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        self.give_to(&path, user)?;
        Ok(path)
    }

    /// Writes a file (0600) in this directory, for the same user.
    pub fn write(&self, name: &str, text: &str, user: Option<ServerUser>) -> Result<PathBuf> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let path = self.path.join(name);
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        self.give_to(&path, user)?;
        Ok(path)
    }

    #[expect(clippy::unused_self, reason = "only paths of this directory may be given away")]
    fn give_to(&self, path: &Path, user: Option<ServerUser>) -> Result<()> {
        if let Some(user) = user {
            chown(path, Some(user.uid), Some(user.gid))
                .with_context(|| format!("cannot give {} away", path.display()))?;
        }
        Ok(())
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        // The supervisor may have removed it already.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The lock file gets its name only once it is locked, so that a sweep in between cannot take a
/// directory that is just being made for one whose owner died.
fn lock(dir: &Path) -> Result<File> {
    let unfinished = dir.join("lock.new");
    let file = File::create(&unfinished)?;
    file.try_lock()?;
    fs::rename(unfinished, dir.join(LOCK))?;
    Ok(file)
}

/// Removes the directories that dead owners left behind, and stops their servers if they still
/// run. Returns how many it removed.
#[expect(clippy::must_use_candidate, reason = "the count is only of interest to some")]
pub fn sweep() -> usize {
    sweep_in(&std::env::temp_dir()) + sweep_in(Path::new(MEMORY))
}

fn sweep_in(parent: &Path) -> usize {
    let Ok(entries) = fs::read_dir(parent) else {
        return 0;
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path())
        .filter(|dir| is_abandoned(dir))
        .filter(|dir| {
            stop_server_of(dir);
            fs::remove_dir_all(dir).is_ok()
        })
        .count()
}

fn is_abandoned(dir: &Path) -> bool {
    match File::open(dir.join(LOCK)) {
        Ok(file) => file.try_lock().is_ok(),
        // Killed between creating and locking; a living owner is through that in no time.
        Err(_) => fs::metadata(dir)
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|at| SystemTime::now() > at + Duration::from_hours(1)),
    }
}

fn stop_server_of(dir: &Path) {
    let Some(pid) = fs::read_to_string(dir.join(SERVER_PID)).ok().and_then(|text| text.trim().parse::<i32>().ok())
    else {
        return;
    };
    // The id may belong to something else by now: it is our server only if its command line
    // names this very directory.
    if command_line(pid).contains(&*dir.to_string_lossy()) {
        let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
}

fn command_line(pid: i32) -> String {
    std::process::Command::new("ps")
        .args(["-ww", "-o", "args=", "-p", &pid.to_string()])
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .or_else(|_| fs::read_to_string(format!("/proc/{pid}/cmdline")))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_goes_when_its_value_goes() -> Result<()> {
        let dir = PrivateDir::create(None)?;
        let path = dir.path().to_owned();
        dir.write("inner", "text", None)?;
        assert!(path.join("inner").exists());
        drop(dir);
        assert!(!path.exists());
        Ok(())
    }

    #[test]
    fn a_sweep_takes_abandoned_directories_and_leaves_those_in_use() -> Result<()> {
        let parent = tempfile::tempdir()?;
        let in_use = parent.path().join(format!("{PREFIX}used"));
        let abandoned = parent.path().join(format!("{PREFIX}left"));
        let foreign = parent.path().join("something-else");
        for dir in [&in_use, &abandoned, &foreign] {
            fs::create_dir(dir)?;
        }
        let _held = lock(&in_use)?;
        drop(lock(&abandoned)?);
        // A program that another test starts has our locks until it runs.
        let swept = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            sweep_in(parent.path()) == 1
        });
        assert!(swept && in_use.exists() && foreign.exists() && !abandoned.exists());
        Ok(())
    }
}
