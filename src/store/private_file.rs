//! Files that only their owner may read.

use std::{
    fs::{DirBuilder, File, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use anyhow::Context;

/// Makes a directory, 0700, with what leads to it. One that is there stays as it is.
///
/// # Errors
/// Names the directory.
pub fn make_dir(dir: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| format!("{} cannot be made", dir.display()))
}

/// Waits for the file to be free and holds it until the answer is dropped; it is made where it is not there.
///
/// # Errors
/// Names the file.
pub fn lock(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.with_context(|| format!("{} cannot be opened", path.display()))?;
    file.lock().with_context(|| format!("{} cannot be locked", path.display()))?;
    Ok(file)
}

/// Writes a new file, 0600. It never takes the place of another.
///
/// # Errors
/// Names the file; one that is there already is an error.
pub fn create(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    create_as(path, content, 0o600)
}

fn create_as(path: &Path, content: &[u8], mode: u32) -> anyhow::Result<()> {
    let named = || path.display().to_string();
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.with_context(|| format!("{} cannot be made", named()))?;
    // The umask has a say in how a file is made, and none in what it becomes.
    let permitted = if mode == 0o600 { Ok(()) } else { file.set_permissions(Permissions::from_mode(mode)) };
    let written = permitted.and_then(|()| file.write_all(content)).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file is worse than none; when it cannot be removed either, the error below names it.
        let _gone = std::fs::remove_file(path);
    }
    written.with_context(|| format!("{} cannot be written", named()))
}

/// Writes a file, 0600, in one step: a reader sees the old one or the new one.
///
/// # Errors
/// Names the file.
pub fn replace(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    replace_as(path, content, 0o600)
}

/// The same for a file that others may read as well. A link stays, and the file that it leads to is replaced.
///
/// # Errors
/// Names the file; a device, a pipe or a folder is none.
pub fn replace_as(path: &Path, content: &[u8], mode: u32) -> anyhow::Result<()> {
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // Renamed over, a device would be gone for everybody.
    anyhow::ensure!(path.metadata().map_or(true, |known| known.is_file()), "{} is no file", path.display());
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    // Left behind by a run of the same number that was killed.
    let _stale = std::fs::remove_file(&beside);
    create_as(&beside, content, mode)?;
    let renamed = std::fs::rename(&beside, path);
    if renamed.is_err() {
        let _gone = std::fs::remove_file(&beside);
    }
    renamed.with_context(|| format!("{} cannot be replaced", path.display()))
}

/// Writes where the user says: a file of ours is replaced in one step. To a pipe, a terminal, a device, or a file that is
/// open already (`/dev/stdout`), it is written; nothing else is touched.
///
/// # Errors
/// Names the file; a folder, a socket, a disk, or a file of somebody else is none.
pub fn put(path: &Path, content: &[u8], mode: u32) -> anyhow::Result<()> {
    let named = || path.display().to_string();
    let found = path.metadata().ok().map(|known| (known.file_type(), known.uid()));
    match found {
        _ if is_open_already(path) => {}
        Some((kind, _)) if kind.is_fifo() || kind.is_char_device() => {}
        Some((kind, _)) if !kind.is_file() => anyhow::bail!("{} is no file", named()),
        Some((_, owner)) if owner != nix::unistd::Uid::effective().as_raw() => {
            anyhow::bail!("{} belongs to somebody else, and is not replaced", named())
        }
        _ => return replace_as(path, content, mode),
    }
    let opened = OpenOptions::new().append(true).open(path);
    let mut file = opened.with_context(|| format!("{} cannot be opened", named()))?;
    file.write_all(content).with_context(|| format!("{} cannot be written", named()))
}

/// Whether the path leads, by links, to what a process has open.
fn is_open_already(path: &Path) -> bool {
    /// More links than a path may have.
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        if path.starts_with("/proc") || path.starts_with("/dev/fd") {
            return true;
        }
        let Ok(next) = path.read_link() else { return false };
        path = path.parent().unwrap_or(Path::new("/")).join(next);
    }
    false
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_replaced_in_one_step_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.prom");
        for text in ["old", "new"] {
            replace_as(&path, text.as_bytes(), 0o644).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        replace(&path, b"private").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_file_of_ours_is_written_through_or_refused_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (log, link) = (dir.path().join("log.txt"), dir.path().join("out"));
        fs::write(&log, "before\n").unwrap();
        let open = OpenOptions::new().append(true).open(&log).unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&open);
        std::os::unix::fs::symlink(format!("/proc/self/fd/{number}"), &link).unwrap();
        put(&link, b"answer\n", 0o600).unwrap();
        put(Path::new(&format!("/dev/fd/{number}")), b"again\n", 0o600).unwrap();
        assert_eq!(fs::read_to_string(&log).unwrap(), "before\nanswer\nagain\n");
        put(Path::new("/dev/null"), b"nothing", 0o600).unwrap();
        assert!(put(dir.path(), b"x", 0o600).unwrap_err().to_string().ends_with("is no file"));
        let new = dir.path().join("new");
        for text in ["one", "two"] {
            put(&new, text.as_bytes(), 0o600).unwrap();
            assert_eq!(fs::read_to_string(&new).unwrap(), text);
        }
    }

    #[test]
    fn a_link_stays_and_a_folder_or_a_device_is_never_renamed_over() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.is_symlink() && fs::read_to_string(&real).unwrap() == "new");
        for path in [dir.path(), Path::new("/dev/null")] {
            assert!(replace(path, b"new").unwrap_err().to_string().ends_with("is no file"));
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
