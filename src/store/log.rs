//! What went wrong inside: `$XDG_STATE_HOME/opsdash/opsdash.log`. The screen is taken, so it cannot be said there.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Mutex,
};

use anyhow::Context;
use tracing_subscriber::filter::LevelFilter;

const FILE: &str = "opsdash.log";

/// A log that has grown beyond so many bytes is started anew, the old one kept beside it until the next time.
const MOST_BYTES: u64 = 1 << 20;

/// Writes warnings and errors of this process, and of the libraries it uses, to the log from now on.
///
/// # Errors
/// When the file cannot be opened. The dashboard works without it.
pub fn start(dir: &Path) -> anyhow::Result<()> {
    let file = open(dir)?;
    let log =
        tracing_subscriber::fmt().with_writer(Mutex::new(file)).with_max_level(LevelFilter::WARN).with_ansi(false);
    // Only a second call in one process could fail, and then the first one serves.
    log.try_init().ok();
    Ok(())
}

fn open(dir: &Path) -> anyhow::Result<File> {
    let path = dir.join(FILE);
    if path.metadata().is_ok_and(|log| log.len() > MOST_BYTES) {
        std::fs::rename(&path, path.with_extension("log.old"))?;
    }
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    opened.with_context(|| format!("{} cannot be opened", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_grew_too_long_is_started_anew_and_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        std::fs::write(&path, vec![b'x'; 2 << 20]).unwrap();
        let log = open(dir.path()).unwrap();
        assert_eq!(log.metadata().unwrap().len(), 0);
        assert_eq!(path.with_extension("log.old").metadata().unwrap().len(), 2 << 20);
    }
}
