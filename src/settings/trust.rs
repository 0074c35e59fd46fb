//! Whether a file may be believed: it and its folder belong to root or to us, and nobody else may write to them.

use std::{
    fs::{File, Metadata},
    io::{self, Read as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use nix::fcntl::OFlag;
use opsdash_pack::document::{Problem, SourceLocation};

const OTHERS_WRITE: u32 = 0o022;
const OTHERS_ANY: u32 = 0o077;

/// A file that may be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// What is in it.
    pub text: String,
    /// Whether nobody but its owner can read it.
    pub private: bool,
}

/// Reads a file; `None` when there is none.
///
/// # Errors
/// When it or its folder may not be believed, or it cannot be read.
pub fn read(path: &Path, euid: u32) -> Result<Option<Trusted>, Problem> {
    let unreadable = |error: &io::Error| problem(path, format!("cannot be read: {error}"), "let this user read it");
    // A pipe would wait for its writer, and a terminal would become ours.
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    let mut file = match File::options().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    // The opened file is asked, not the path, which may lead elsewhere by now.
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(problem(path, "is no file, but a folder, a pipe or a device".into(), "name a file"));
    }
    check(path, &metadata, euid)?;
    folder(path, euid)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| unreadable(&error))?;
    Ok(Some(Trusted { text, private: metadata.mode() & OTHERS_ANY == 0 }))
}

/// Checks the folder that a path names, by itself and without the one above it.
///
/// # Errors
/// When it may not be believed, or cannot be asked.
pub fn check_folder(path: &Path, euid: u32) -> Result<(), Problem> {
    let metadata = path.metadata();
    let metadata =
        metadata.map_err(|error| problem(path, format!("cannot be read: {error}"), "let this user read it"))?;
    check(path, &metadata, euid)
}

/// Both the folder that the path names and, behind a symbolic link, the one where the file really is.
fn folder(path: &Path, euid: u32) -> Result<(), Problem> {
    let real = path.canonicalize().ok();
    for path in [Some(path), real.as_deref()].into_iter().flatten() {
        match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => check_folder(Path::new("."), euid)?,
            Some(parent) => check_folder(parent, euid)?,
            None => {}
        }
    }
    Ok(())
}

fn check(path: &Path, metadata: &Metadata, euid: u32) -> Result<(), Problem> {
    let shown = path.display();
    if metadata.uid() != 0 && metadata.uid() != euid {
        let what = format!("belongs to uid {}, neither root nor uid {euid}", metadata.uid());
        return Err(problem(path, what, &format!("run: chown {euid} {shown}")));
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        let what = format!("others may write to it (mode {:04o})", metadata.mode() & 0o7777);
        return Err(problem(path, what, &format!("run: chmod go-w {shown}")));
    }
    Ok(())
}

fn problem(path: &Path, what: String, remedy: &str) -> Problem {
    Problem { place: SourceLocation::file(path.display().to_string()), what, remedy: remedy.into() }
}
