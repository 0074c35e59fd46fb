//! What went wrong inside: `$XDG_STATE_HOME/opsdash/opsdash.log`. The screen is taken, so it cannot be said there.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Mutex,
};

use anyhow::Context;
use tracing::Subscriber;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

const FILE: &str = "opsdash.log";

/// A log that has grown beyond so many bytes is started anew, the old one kept beside it until the next time.
const MOST_BYTES: u64 = 1 << 20;

/// Writes this program's own warnings and errors to the log from now on.
///
/// What libraries say is left out: nobody has read it for what it may hold, such as a line of a password file or a
/// statement with the values in it.
///
/// # Errors
/// When the file cannot be opened. The dashboard works without it.
pub fn start(dir: &Path) -> anyhow::Result<()> {
    let file = open(dir)?;
    // Only a second call in one process could fail, and then the first one serves.
    subscriber(Mutex::new(file)).try_init().ok();
    Ok(())
}

fn subscriber(to: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) -> impl Subscriber + Send + Sync {
    // The names of this program's packages all begin with its own.
    let ours = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::WARN);
    tracing_subscriber::fmt().with_writer(to).with_ansi(false).finish().with(ours)
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
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_log_holds_what_this_program_says_and_no_librarys_words() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let file = Arc::new(open(dir.path()).unwrap());
        tracing::subscriber::with_default(subscriber(file), || {
            tracing::warn!(target: "sqlx::postgres::options::pgpass", "Malformed line: host:5432:db:al:hunter2");
            tracing::error!(target: "rustls::conn", "hunter2");
            tracing::warn!(target: "opsdash_sources::postgres", "ours, of a package");
            tracing::info!("ours, but no warning");
            tracing::error!("ours");
        });
        let log = std::fs::read_to_string(path).unwrap();
        assert!(log.contains("ours, of a package") && log.trim_end().ends_with("ours"), "{log}");
        assert_eq!(log.lines().count(), 2, "{log}");
    }

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
