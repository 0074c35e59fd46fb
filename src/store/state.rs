//! What is kept from run to run, in `$XDG_STATE_HOME/opsdash/state.toml`.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::Context;
use opsdash_core::model::Remembered;
use toml::Value;

use super::private_file;

const FILE: &str = "state.toml";
const LOCK: &str = "state.lock";

/// What earlier runs kept; nothing when there is none or when it cannot be read: it is a comfort, not a fact.
#[must_use]
pub fn recall(dir: &Path) -> Remembered {
    let text = std::fs::read_to_string(dir.join(FILE)).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// Writes what is to be kept, beside the loop: one writer after the other, and always the newest choices. Two at a time
/// would take each other's file, and the older could come last. What other dashboards kept meanwhile stays: only what
/// changed here is written, key by key.
#[derive(Debug, Default)]
pub struct StateWriter {
    newest: Mutex<Remembered>,
    /// What this dashboard has read or written last.
    known: Mutex<Remembered>,
}

impl StateWriter {
    /// A writer of a dashboard that began with this.
    #[must_use]
    pub fn new(known: Remembered) -> Self {
        Self { newest: Mutex::new(known.clone()), known: Mutex::new(known) }
    }

    /// Takes over what is to be written next; does not wait for the disk.
    pub fn note(&self, remembered: Remembered) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = remembered;
    }

    /// Writes what was noted last.
    ///
    /// # Errors
    /// When the directory cannot be made or written to.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        private_file::make_dir(dir)?;
        let _lock = private_file::lock(&dir.join(LOCK))?;
        let table = |kept: &Remembered| toml::Table::try_from(kept).context("state.toml cannot be written");
        let mut kept = table(&recall(dir))?;
        merge(&mut kept, &table(&known)?, &table(&newest)?);
        let text = toml::to_string(&kept).context("state.toml cannot be written")?;
        // Written beside and renamed, so that a crash leaves the old or the new one.
        private_file::replace(&dir.join(FILE), text.as_bytes())?;
        *known = newest;
        Ok(())
    }
}

/// Takes over into what is kept what has changed from `known` to `newest`.
fn merge(kept: &mut toml::Table, known: &toml::Table, newest: &toml::Table) {
    let empty = toml::Table::new();
    let keys: BTreeSet<&String> = known.keys().chain(newest.keys()).collect();
    for key in keys {
        match (known.get(key), newest.get(key)) {
            (old, new) if old == new => {}
            (old, Some(Value::Table(new))) => {
                let old = old.and_then(Value::as_table).unwrap_or(&empty);
                let place = kept.entry(key.clone()).or_insert_with(|| Value::Table(toml::Table::new()));
                if let Value::Table(place) = place {
                    merge(place, old, new);
                }
            }
            (Some(Value::Table(old)), None) => {
                if let Some(Value::Table(place)) = kept.get_mut(key) {
                    merge(place, old, &empty);
                }
            }
            (_, Some(new)) => {
                kept.insert(key.clone(), new.clone());
            }
            (_, None) => {
                kept.remove(key);
            }
        }
    }
    kept.retain(|_, value| !value.as_table().is_some_and(toml::Table::is_empty));
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
            remembered.scopes.insert("lab".into(), at.to_string());
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
    fn two_dashboards_keep_what_each_of_them_snoozed_and_took_back() {
        let dir = tempfile::tempdir().unwrap();
        let snoozed = |keys: &[&str]| {
            let mut remembered = Remembered::default();
            let rows = keys.iter().map(|key| ((*key).to_owned(), 7)).collect();
            remembered.snoozed.insert("lab.errors".into(), rows);
            remembered
        };
        let [one, two] = [(); 2].map(|()| StateWriter::new(Remembered::default()));
        let keep = |writer: &StateWriter, keys: &[&str]| {
            writer.note(snoozed(keys));
            writer.write(dir.path()).unwrap();
            recall(dir.path()).snoozed["lab.errors"].keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(keep(&one, &["a"]), ["a"]);
        assert_eq!(keep(&two, &["b"]), ["a", "b"]);
        assert_eq!(keep(&one, &["a", "c"]), ["a", "b", "c"]);
        assert_eq!(keep(&one, &["c"]), ["b", "c"], "what it took back itself goes");
    }

    #[test]
    fn what_is_remembered_is_recalled_and_a_broken_file_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut remembered = Remembered::default();
        remembered.scopes.insert("lab".into(), "all".into());
        let writer = StateWriter::default();
        writer.note(remembered.clone());
        writer.write(dir.path()).unwrap();
        assert_eq!(recall(dir.path()), remembered);
        std::fs::write(dir.path().join(FILE), "scopes = 3").unwrap();
        assert_eq!(recall(dir.path()), Remembered::default());
    }
}
