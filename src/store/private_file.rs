//! Files that only their owner may read.

use std::{
    fs::{DirBuilder, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
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
