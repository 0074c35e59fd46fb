//! What is kept from run to run, in `$XDG_STATE_HOME/opsdash/state.toml`.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::Context;
use opsdash_core::model::Remembered;

use super::private_file;

const FILE: &str = "state.toml";

/// What earlier runs kept; nothing when there is none or when it cannot be read: it is a comfort, not a fact.
#[must_use]
pub fn recall(dir: &Path) -> Remembered {
    let text = std::fs::read_to_string(dir.join(FILE)).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// Writes what is to be kept, beside the loop: one writer after the other, and always the newest choices. Two at a time
/// would take each other's file, and the older could come last.
#[derive(Debug, Default)]
pub struct StateWriter {
    newest: Mutex<Remembered>,
    turn: Mutex<()>,
}

impl StateWriter {
    /// Takes over what is to be written next; does not wait for the disk.
    pub fn note(&self, remembered: Remembered) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = remembered;
    }

    /// Writes what was noted last.
    ///
    /// # Errors
    /// When the directory cannot be made or written to.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        remember(dir, &newest)
    }
}

/// Keeps it for the next run: written beside and renamed, so that a crash leaves the old or the new one.
///
/// # Errors
/// When the directory cannot be made or written to.
pub fn remember(dir: &Path, remembered: &Remembered) -> anyhow::Result<()> {
    let text = toml::to_string(remembered).context("state.toml cannot be written")?;
    private_file::make_dir(dir)?;
    private_file::replace(&dir.join(FILE), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_at_the_same_time_all_succeed_and_the_newest_choices_stay() {
        let dir = tempfile::tempdir().unwrap();
        let writer = StateWriter::default();
        let of = |at: usize| {
            let mut remembered = Remembered::default();
            remembered.facets.entry("sys.log".into()).or_default().insert("level".into(), at.to_string());
            remembered
        };
        std::thread::scope(|scope| {
            for at in 0..8 {
                writer.note(of(at));
                scope.spawn(|| writer.write(dir.path()).unwrap());
            }
        });
        assert_eq!(recall(dir.path()), of(7));
    }

    #[test]
    fn what_is_remembered_is_recalled_and_a_broken_file_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut remembered = Remembered::default();
        remembered.facets.entry("sys.log".into()).or_default().insert("level".into(), "all".into());
        remember(dir.path(), &remembered).unwrap();
        assert_eq!(recall(dir.path()), remembered);
        std::fs::write(dir.path().join(FILE), "facets = 3").unwrap();
        assert_eq!(recall(dir.path()), Remembered::default());
    }
}
