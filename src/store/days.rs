//! What rows were on earlier days, in `$XDG_STATE_HOME/opsdash/days.json`: by target, column, row and day.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use opsdash_core::{
    days::{DayMemory, DayValue, Days},
    value::RowKey,
};
use serde::{Deserialize, Serialize};

use super::private_file;
use crate::settings::{self, Environment, trust};

const FILE: &str = "days.json";
/// Held while the file is read, changed and replaced: two dashboards must not lose each other's days.
const LOCK: &str = "days.lock";
const SCHEMA: u32 = 1;

/// Days in RFC 3339, as in `2026-06-01`.
type KeptRows = BTreeMap<RowKey, BTreeMap<String, i64>>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct DaysFile {
    schema: u32,
    /// By target, then by column, then by row.
    targets: BTreeMap<String, BTreeMap<String, KeptRows>>,
}

/// What is known of earlier days when a session begins, and where it keeps those that come.
pub struct KeptDays {
    /// The folder, or why there is none; `None` where nothing is to be kept.
    pub dir: Option<Result<PathBuf, String>>,
    /// By target; every target has the given one where nothing is to be kept.
    kept: Result<BTreeMap<String, DayMemory>, String>,
    given: Option<DayMemory>,
}

impl KeptDays {
    /// This alone is known, and nothing is kept.
    #[must_use]
    pub fn given(memory: DayMemory) -> Self {
        Self { dir: None, kept: Ok(BTreeMap::new()), given: Some(memory) }
    }

    /// What earlier runs kept. Without a folder nothing is known, which is no error before something is to be kept.
    #[must_use]
    pub fn read(environment: &Environment) -> Self {
        let dir = settings::state_dir(environment).map_err(|why| format!("{why:#}"));
        let kept =
            dir.as_deref().map_or_else(|_| Ok(BTreeMap::new()), |dir| all(dir).map_err(|why| format!("{why:#}")));
        if let Err(why) = &kept {
            tracing::warn!("what rows were on earlier days is not known: {why}");
        }
        Self { dir: Some(dir), kept, given: None }
    }

    /// What is known of a target.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn of_target(&self, name: &str) -> Result<DayMemory, String> {
        match (&self.given, &self.kept) {
            (Some(given), _) => Ok(given.clone()),
            (None, Ok(kept)) => Ok(kept.get(name).cloned().unwrap_or_default()),
            (None, Err(why)) => Err(why.clone()),
        }
    }
}

/// Keeps what rows of a target are on a day. A value of the same row and day that is there already stays.
///
/// # Errors
/// When the file cannot be read, is not ours, or others could have written it; when the folder cannot be written to.
pub fn keep(state_dir: &Path, target: &str, values: Vec<DayValue>) -> anyhow::Result<()> {
    private_file::make_dir(state_dir)?;
    let _lock = private_file::lock(&state_dir.join(LOCK))?;
    let mut file = read(state_dir)?;
    file.schema = SCHEMA;
    let mut memory = memory_of(file.targets.remove(target).unwrap_or_default())?;
    for value in values {
        memory.add(value);
    }
    file.targets.insert(target.to_owned(), kept_of(memory));
    private_file::replace(&state_dir.join(FILE), &serde_json::to_vec(&file)?)
}

fn all(state_dir: &Path) -> anyhow::Result<BTreeMap<String, DayMemory>> {
    let targets = read(state_dir)?.targets;
    targets.into_iter().map(|(target, columns)| Ok((target, memory_of(columns)?))).collect()
}

fn memory_of(columns: BTreeMap<String, KeptRows>) -> anyhow::Result<DayMemory> {
    let day = |(day, value): (String, i64)| -> anyhow::Result<_> {
        Ok((day.parse().with_context(|| format!("{FILE}: \"{day}\" is no day"))?, value))
    };
    let row = |(key, days): (RowKey, BTreeMap<String, i64>)| -> anyhow::Result<_> {
        Ok((key, days.into_iter().map(day).collect::<anyhow::Result<Days>>()?))
    };
    let column = |(name, rows): (String, KeptRows)| -> anyhow::Result<_> {
        Ok((name, rows.into_iter().map(row).collect::<anyhow::Result<_>>()?))
    };
    Ok(DayMemory(columns.into_iter().map(column).collect::<anyhow::Result<_>>()?))
}

fn kept_of(memory: DayMemory) -> BTreeMap<String, KeptRows> {
    let days = |days: Days| days.into_iter().map(|(day, value)| (day.to_string(), value)).collect();
    let rows = |rows: BTreeMap<RowKey, Days>| rows.into_iter().map(|(key, known)| (key, days(known))).collect();
    memory.0.into_iter().map(|(name, known)| (name, rows(known))).collect()
}

fn read(state_dir: &Path) -> anyhow::Result<DaysFile> {
    let path = state_dir.join(FILE);
    let named = || format!("{} cannot be read; remove it to begin anew", path.display());
    let trusted = trust::read(&path, nix::unistd::Uid::effective().as_raw());
    let trusted = trusted.map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let Some(file) = trusted else { return Ok(DaysFile::default()) };
    let kept: DaysFile = serde_json::from_str(&file.text).with_context(named)?;
    if kept.schema != SCHEMA {
        bail!("{}: another version of opsdash wrote it", named());
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn value(row: &str, day: &str, value: i64) -> DayValue {
        DayValue { column: "fleet.size".into(), key: RowKey::of(&[row]), day: day.parse().unwrap(), value }
    }

    #[test]
    fn days_of_several_writers_stay_the_first_of_a_day_counts_and_the_file_is_private() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for at in 1..=8 {
                let dir = dir.path();
                scope.spawn(move || keep(dir, "prod", vec![value("a", &format!("2026-06-0{at}"), at)]).unwrap());
            }
        });
        keep(dir.path(), "prod", vec![value("a", "2026-06-08", 99), value("b", "2026-06-08", 5)]).unwrap();
        keep(dir.path(), "staging", vec![value("a", "2026-06-08", 7)]).unwrap();
        let kept = all(dir.path()).unwrap();
        let days = |target: &str, row: &str| kept[target].0["fleet.size"][&RowKey::of(&[row])].clone();
        assert_eq!(days("prod", "a").into_values().collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
        assert_eq!((days("prod", "b").len(), days("staging", "a").len()), (1, 1));
        let mode = dir.path().join(FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_cannot_be_believed_is_told_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        keep(dir.path(), "prod", vec![value("a", "2026-06-01", 1)]).unwrap();
        let path = dir.path().join(FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(all(dir.path()).is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let broken = r#"{"schema": 1, "targets": {"prod": {"fleet.size": {"a": {"yesterday": 1}}}}}"#;
        for text in ["{", broken, r#"{"schema": 9, "targets": {}}"#] {
            std::fs::write(&path, text).unwrap();
            assert!(all(dir.path()).is_err(), "{text}");
            assert!(keep(dir.path(), "prod", vec![value("a", "2026-06-02", 2)]).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
