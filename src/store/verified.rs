//! What reading files found, kept between runs in `$XDG_STATE_HOME/opsdash/verified.json`: by target, source and bucket,
//! for as long as a file keeps its id, length and upload date.

use std::{
    collections::BTreeMap,
    mem,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use opsdash_core::{
    contract::{Listing, StoredFile, VerifyResult},
    time::Time,
};
use serde::{Deserialize, Serialize};

use super::private_file;
use crate::settings::trust;

const FILE: &str = "verified.json";
/// Held while the file is read, changed and replaced: two that verify at a time must not lose each other's results.
const LOCK: &str = "verified.lock";
const SCHEMA: u32 = 1;
/// Files of one bucket that are kept at most; the oldest results go first.
const MOST: usize = 10_000;
/// What is found within this time is kept at once.
const AT_ONCE: Duration = Duration::from_secs(1);

#[derive(Debug, Default, Serialize, Deserialize)]
struct VerifiedFile {
    schema: u32,
    /// By scope, then by file id.
    files: BTreeMap<String, BTreeMap<String, VerifiedEntry>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct VerifiedEntry {
    length: Option<i64>,
    /// µs since 1970.
    uploaded: Option<i64>,
    checked: VerifyResult,
    /// When it was read, in ms since 1970.
    at: i64,
}

/// Says of each listed file what reading it found, where that is kept. `scope` is `target/source/bucket`.
pub fn fill(state_dir: &Path, scope: &str, listing: &mut Listing) {
    let mut kept = read(state_dir);
    let Some(known) = kept.files.remove(scope) else { return };
    for file in &mut listing.files {
        let same = known.get(&file.id).filter(|kept| is_of(kept, file));
        file.checked = same.map(|kept| kept.checked.clone());
    }
}

/// Keeps what reading a file found, provided that its record has a length and an upload date.
///
/// # Errors
/// When the state folder cannot be written to.
pub fn keep(state_dir: &Path, scope: &str, file: &StoredFile, checked: &VerifyResult) -> anyhow::Result<()> {
    add(state_dir, scope, found(file, checked).into_iter().collect())
}

/// Keeps what reading many files finds. The file of results is replaced as a whole, and so once in a while only: what was
/// found since then is kept at the latest when this is dropped.
#[derive(Debug)]
pub struct VerifiedWriter {
    state_dir: PathBuf,
    scope: String,
    waiting: Vec<(String, VerifiedEntry)>,
    /// When the file was last replaced.
    kept: Option<Instant>,
}

impl VerifiedWriter {
    /// For files of this `target/source/bucket`.
    #[must_use]
    pub fn new(state_dir: &Path, scope: &str) -> Self {
        Self { state_dir: state_dir.to_owned(), scope: scope.to_owned(), waiting: Vec::new(), kept: None }
    }

    /// Keeps what reading a file found, provided that its record has a length and an upload date.
    ///
    /// # Errors
    /// When the state folder cannot be written to; then what was waiting is not kept.
    pub fn keep(&mut self, file: &StoredFile, checked: &VerifyResult) -> anyhow::Result<()> {
        self.waiting.extend(found(file, checked));
        if self.kept.is_none_or(|kept| kept.elapsed() >= AT_ONCE) { self.flush() } else { Ok(()) }
    }

    /// Keeps what is waiting.
    ///
    /// # Errors
    /// When the state folder cannot be written to; then what was waiting is not kept.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        let added = add(&self.state_dir, &self.scope, mem::take(&mut self.waiting));
        self.kept = Some(Instant::now());
        added
    }
}

impl Drop for VerifiedWriter {
    /// A run that a signal ends comes here alone.
    fn drop(&mut self) {
        if let Err(why) = self.flush() {
            tracing::warn!("results of reading files are not kept: {why:#}");
        }
    }
}

/// A result by its file's id; `None` where nothing would tell when such a file was replaced.
fn found(file: &StoredFile, checked: &VerifyResult) -> Option<(String, VerifiedEntry)> {
    let (length, uploaded) = (Some(file.length?), Some(file.uploaded?.0));
    let at = jiff::Timestamp::now().as_millisecond();
    Some((file.id.clone(), VerifiedEntry { length, uploaded, checked: checked.clone(), at }))
}

fn add(state_dir: &Path, scope: &str, found: Vec<(String, VerifiedEntry)>) -> anyhow::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    private_file::make_dir(state_dir)?;
    let _lock = private_file::lock(&state_dir.join(LOCK))?;
    let mut kept = read(state_dir);
    kept.schema = SCHEMA;
    let known = kept.files.entry(scope.to_owned()).or_default();
    known.extend(found);
    while known.len() > MOST
        && let Some(oldest) = known.iter().min_by_key(|(_, kept)| kept.at).map(|(id, _)| id.clone())
    {
        known.remove(&oldest);
    }
    private_file::replace(&state_dir.join(FILE), &serde_json::to_vec_pretty(&kept)?)
}

/// What is kept; nothing where there is none, where it cannot be read, or where others could have written it: a file that is
/// not known to be good is read again.
fn read(state_dir: &Path) -> VerifiedFile {
    let trusted = trust::read(&state_dir.join(FILE), nix::unistd::Uid::effective().as_raw());
    let text = trusted.ok().flatten().map(|file| file.text).unwrap_or_default();
    serde_json::from_str::<VerifiedFile>(&text).ok().filter(|kept| kept.schema == SCHEMA).unwrap_or_default()
}

fn is_of(kept: &VerifiedEntry, file: &StoredFile) -> bool {
    kept.length == file.length && kept.uploaded.map(Time) == file.uploaded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, length: i64) -> StoredFile {
        StoredFile {
            stored_id: None,
            id: id.into(),
            name: "a.zip".into(),
            length: Some(length),
            chunk_size: Some(4),
            uploaded: Some(Time(7)),
            chunks: None,
            metadata: None,
            checked: None,
        }
    }

    fn found(dir: &Path, scope: &str, file: StoredFile) -> Option<VerifyResult> {
        let mut listing = Listing { files: vec![file], ..Listing::default() };
        fill(dir, scope, &mut listing);
        listing.files.remove(0).checked
    }

    #[test]
    fn a_result_is_of_that_file_of_that_target_and_of_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let checked = VerifyResult::Sha256("ab".into());
        keep(dir.path(), "prod/files/packages", &file("1", 9), &checked).unwrap();
        assert_eq!(found(dir.path(), "prod/files/packages", file("1", 9)), Some(checked.clone()));
        assert_eq!(found(dir.path(), "prod/files/packages", file("1", 8)), None);
        assert_eq!(found(dir.path(), "prod/files/packages", StoredFile { uploaded: None, ..file("1", 9) }), None);
        assert_eq!(found(dir.path(), "staging/files/packages", file("1", 9)), None);
        keep(dir.path(), "prod/files/packages", &StoredFile { uploaded: None, ..file("2", 9) }, &checked).unwrap();
        assert_eq!(found(dir.path(), "prod/files/packages", StoredFile { uploaded: None, ..file("2", 9) }), None);
        let others = std::os::unix::fs::PermissionsExt::from_mode(0o622);
        std::fs::set_permissions(dir.path().join(FILE), others).unwrap();
        assert_eq!(found(dir.path(), "prod/files/packages", file("1", 9)), None, "somebody else could have written it");
        std::fs::write(dir.path().join(FILE), "{").unwrap();
        assert_eq!(found(dir.path(), "prod/files/packages", file("1", 9)), None);
    }

    #[test]
    fn those_who_verify_at_a_time_lose_nothing_of_each_other() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for id in 0..8 {
                let dir = dir.path();
                scope.spawn(move || {
                    keep(dir, "s", &file(&id.to_string(), 1), &VerifyResult::Damaged("x".into())).unwrap();
                });
            }
        });
        assert!((0..8).all(|id| found(dir.path(), "s", file(&id.to_string(), 1)).is_some()));
    }

    #[test]
    fn what_is_found_in_quick_succession_is_kept_together_and_at_the_latest_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let is_kept = |id: &str| found(dir.path(), "s", file(id, 1)).is_some();
        let damaged = VerifyResult::Damaged("x".into());
        let mut writer = VerifiedWriter::new(dir.path(), "s");
        // It has just been replaced, and will not be again for a long time.
        writer.kept = Some(Instant::now() + Duration::from_hours(1));
        writer.keep(&file("1", 1), &damaged).unwrap();
        writer.keep(&file("2", 1), &damaged).unwrap();
        assert!(!is_kept("1") && !is_kept("2"));
        writer.kept = None;
        writer.keep(&file("3", 1), &damaged).unwrap();
        assert!(["1", "2", "3"].into_iter().all(is_kept));
        writer.kept = Some(Instant::now() + Duration::from_hours(1));
        writer.keep(&file("4", 1), &damaged).unwrap();
        drop(writer);
        assert!(is_kept("4"));
    }
}
