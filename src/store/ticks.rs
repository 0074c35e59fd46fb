//! The ticks of checklists that people have set, in `$XDG_STATE_HOME/opsdash/ticks.json`: by target, each with who set it
//! and when.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, bail};
use jiff::Timestamp;
use opsdash_core::{
    model::{HandTick, HandTicks},
    time::Time,
};
use serde::{Deserialize, Serialize};

use super::private_file;
use crate::settings::trust;

const FILE: &str = "ticks.json";
/// Held while the file is read, changed and replaced: two who tick at a time must not lose each other's ticks.
const LOCK: &str = "ticks.lock";
const SCHEMA: u32 = 1;

#[derive(Debug, Default, Serialize, Deserialize)]
struct TicksFile {
    schema: u32,
    /// By target, then by `<checklist>.<tick>`.
    targets: BTreeMap<String, BTreeMap<String, KeptTick>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptTick {
    by: String,
    /// In RFC 3339.
    at: String,
}

/// The ticks of a target; none where nobody has set any.
///
/// # Errors
/// When the file cannot be read, is not ours, or others could have written it: then nobody knows what is ticked.
pub fn of_target(state_dir: &Path, target: &str) -> anyhow::Result<HandTicks> {
    let mut kept = read(state_dir)?;
    ticks(kept.targets.remove(target).unwrap_or_default())
}

/// Sets a tick, or takes it back, and returns the ticks of the target.
///
/// # Errors
/// As [`of_target`]; and when the state folder cannot be written to.
pub fn keep(state_dir: &Path, target: &str, tick: &str, by: Option<&str>) -> anyhow::Result<HandTicks> {
    private_file::make_dir(state_dir)?;
    let _lock = private_file::lock(&state_dir.join(LOCK))?;
    let mut kept = read(state_dir)?;
    kept.schema = SCHEMA;
    let known = kept.targets.entry(target.to_owned()).or_default();
    match by {
        Some(by) => known.insert(tick.to_owned(), KeptTick { by: by.to_owned(), at: Timestamp::now().to_string() }),
        None => known.remove(tick),
    };
    let known = known.clone();
    private_file::replace(&state_dir.join(FILE), &serde_json::to_vec_pretty(&kept)?)?;
    ticks(known)
}

fn ticks(kept: BTreeMap<String, KeptTick>) -> anyhow::Result<HandTicks> {
    let tick = |kept: KeptTick| -> anyhow::Result<HandTick> {
        let at: Timestamp = kept.at.parse().with_context(|| format!("{FILE}: \"{}\" is no time", kept.at))?;
        Ok(HandTick { by: kept.by, at: Time::from_ms(at.as_millisecond()) })
    };
    kept.into_iter().map(|(name, kept)| Ok((name, tick(kept)?))).collect()
}

fn read(state_dir: &Path) -> anyhow::Result<TicksFile> {
    let path = state_dir.join(FILE);
    let named = || format!("{} cannot be read", path.display());
    let trusted = trust::read(&path, nix::unistd::Uid::effective().as_raw());
    let trusted = trusted.map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let Some(file) = trusted else { return Ok(TicksFile::default()) };
    let kept: TicksFile = serde_json::from_str(&file.text).with_context(named)?;
    if kept.schema != SCHEMA {
        bail!("{}: another version of opsdash wrote it", named());
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn ticks_of_several_writers_stay_each_with_its_name_and_the_file_is_private() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for at in 0..8 {
                let dir = dir.path();
                scope.spawn(move || keep(dir, "prod", &format!("security.{at}"), Some("alice")).unwrap());
            }
        });
        keep(dir.path(), "staging", "security.0", Some("bob")).unwrap();
        let ticks = keep(dir.path(), "prod", "security.3", None).unwrap();
        assert_eq!((ticks.len(), ticks["security.0"].by.as_str()), (7, "alice"));
        assert_eq!(ticks, of_target(dir.path(), "prod").unwrap());
        assert_eq!(of_target(dir.path(), "staging").unwrap()["security.0"].by, "bob");
        let mode = dir.path().join(FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_cannot_be_believed_is_an_error_and_not_an_empty_list() {
        let dir = tempfile::tempdir().unwrap();
        keep(dir.path(), "prod", "security.0", Some("alice")).unwrap();
        let path = dir.path().join(FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(of_target(dir.path(), "prod").is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "{").unwrap();
        assert!(keep(dir.path(), "prod", "security.1", Some("alice")).is_err(), "what is there is not overwritten");
    }
}
