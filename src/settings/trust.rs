//! Whether a file may be believed: it, its folder and every link on the way to it belong to root or to us, and nobody else
//! may write to them. A folder in which others may write, but replace nothing of root and of us (the sticky bit, as in a
//! mounted Secret of Kubernetes), does no harm.

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
/// Of a file of root, as libpq has it for keys: a group may read it, for that is how root gives it to us.
const OTHERS_ANY_OF_ROOT: u32 = 0o037;
const STICKY: u32 = 0o1000;

/// Links on the way to a file at most, as the kernel has it.
const LINKS: usize = 40;

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
    way(path, euid, LINKS)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    let text = decoded(bytes).map_err(|what| problem(path, what, "save it as UTF-8"))?;
    // What is root's and its own group's, root has given to nobody else.
    let is_given = metadata.uid() == 0 && (euid != 0 || metadata.gid() != 0);
    let others = if is_given { OTHERS_ANY_OF_ROOT } else { OTHERS_ANY };
    Ok(Some(Trusted { text, private: metadata.mode() & others == 0 }))
}

/// The text in bytes, without the mark that some editors put before it.
///
/// # Errors
/// What the bytes are instead.
pub fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    match bytes.as_slice() {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err("is UTF-16, not UTF-8".into()),
        [0xef, 0xbb, 0xbf, rest @ ..] => return decoded(rest.to_vec()),
        _ => {}
    }
    String::from_utf8(bytes).map_err(|error| format!("is not UTF-8, at byte {}", error.utf8_error().valid_up_to() + 1))
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

/// The folder of a path, and where the path or its folder is a symbolic link, the way on from there.
fn way(path: &Path, euid: u32, links: usize) -> Result<(), Problem> {
    let unreadable = |error: &io::Error| problem(path, format!("cannot be read: {error}"), "let this user read it");
    if links == 0 {
        return Err(problem(path, "leads through too many links".into(), "name the file itself"));
    }
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Ok(()),
    };
    let entry = path.symlink_metadata().map_err(|error| unreadable(&error))?;
    let metadata = folder.metadata().map_err(|error| unreadable(&error))?;
    if metadata.mode() & OTHERS_WRITE != 0 && metadata.mode() & STICKY != 0 {
        // Others may add to it; what root or we have put there stays.
        check_owner(folder, &metadata, euid)?;
        check_owner(path, &entry, euid)?;
    } else {
        check(folder, &metadata, euid)?;
    }
    if folder.symlink_metadata().is_ok_and(|folder| folder.is_symlink()) {
        way(folder, euid, links - 1)?;
    }
    if entry.is_symlink() {
        let target = path.read_link().map_err(|error| unreadable(&error))?;
        way(&folder.join(target), euid, links - 1)?;
    }
    Ok(())
}

fn check_owner(path: &Path, metadata: &Metadata, euid: u32) -> Result<(), Problem> {
    if metadata.uid() != 0 && metadata.uid() != euid {
        let what = format!("belongs to uid {}, neither root nor uid {euid}", metadata.uid());
        return Err(problem(path, what, &format!("run: chown {euid} {}", path.display())));
    }
    Ok(())
}

fn check(path: &Path, metadata: &Metadata, euid: u32) -> Result<(), Problem> {
    check_owner(path, metadata, euid)?;
    if metadata.mode() & OTHERS_WRITE != 0 {
        let what = format!("others may write to it (mode {:04o})", metadata.mode() & 0o7777);
        return Err(problem(path, what, &format!("run: chmod go-w {}", path.display())));
    }
    Ok(())
}

fn problem(path: &Path, what: String, remedy: &str) -> Problem {
    Problem { place: SourceLocation::file(path.display().to_string()), what, remedy: remedy.into() }
}
