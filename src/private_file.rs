//! Files that only their owner may read.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
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
    let named = || path.display().to_string();
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.with_context(|| format!("{} cannot be made", named()))?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
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
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    // Left behind by a run of the same number that was killed.
    let _stale = std::fs::remove_file(&beside);
    create(&beside, content)?;
    std::fs::rename(&beside, path).with_context(|| format!("{} cannot be replaced", path.display()))
}
