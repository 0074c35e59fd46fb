//! The files of tests, and what they load.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use opsdash_core::text;
use opsdash_pack::{
    document::{Problem, Problems, SourceLocation},
    language,
    pack::{FixtureContent, Pack, PackTest},
};

use crate::{
    cli::{error::CliError, setup::wrong},
    packs,
    settings::{Environment, trust},
};

/// The folder of a pack's tests, in the pack's own.
const TESTS: &str = "tests";

/// The texts of the fixtures of one file of tests, by the name that the tests use.
pub(super) type Loaded = Arc<BTreeMap<String, (PathBuf, String)>>;

/// The folder of a pack: the one that is named, else that of the user's or the machine's pack of that name.
///
/// # Errors
/// When there is none.
pub(super) fn folder_of(pack: &Path, environment: &Environment) -> Result<PathBuf, CliError> {
    if pack.is_dir() {
        return Ok(pack.to_owned());
    }
    let named = environment.pack_folders().into_iter().rev().map(|folder| folder.join(pack));
    if let Some(found) = named.into_iter().find(|folder| folder.is_dir()) {
        return Ok(found);
    }
    let shown = pack.display().to_string();
    let shown = text::inert(&shown).into_owned();
    let is_ours = packs::list(environment).is_ok_and(|known| known.iter().any(|listed| listed.system == shown));
    let remedy = if is_ours {
        "the tests of a pack that is in the program are in its repository: give the folder packs/.. there"
    } else {
        "give the folder of a pack, or the name of one of yours"
    };
    Err(CliError::usage(format!("there is no folder {shown}, and no pack of yours has that name"), remedy))
}

/// Every test of a pack with the texts that it loads.
///
/// # Errors
/// With everything that is wrong with them, or when there are none.
pub(super) fn tests(
    folder: &Path,
    pack: &Pack,
    environment: &Environment,
) -> Result<Vec<(Loaded, PackTest)>, CliError> {
    let folder = folder.join(TESTS);
    let mut problems = Problems::default();
    let mut found = Vec::new();
    for file in toml_files(&folder) {
        let shown = file.display().to_string();
        let read = trust::read(&file, environment.euid).map_err(|problem| Problems(vec![problem]));
        let tests =
            read.and_then(|trusted| language::load_tests(pack, &shown, &trusted.map(|it| it.text).unwrap_or_default()));
        match tests {
            Ok(tests) => {
                let loaded = Arc::new(load(&folder, &tests.tests, environment, &mut problems));
                found.extend(tests.tests.into_iter().map(|test| (loaded.clone(), test)));
            }
            Err(wrong) => problems.0.extend(wrong.0),
        }
    }
    let found = problems.or(found).map_err(|problems| wrong(&problems))?;
    if found.is_empty() {
        let what = format!("there are no tests in {}", folder.display());
        return Err(CliError::usage(what, "write one: docs/packs.md has an example"));
    }
    Ok(found)
}

/// In the order of names.
fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    files.sort();
    files
}

/// The files that tests name, each once.
fn load(
    folder: &Path,
    tests: &[PackTest],
    environment: &Environment,
    problems: &mut Problems,
) -> BTreeMap<String, (PathBuf, String)> {
    let mut loaded = BTreeMap::new();
    for fixture in tests.iter().flat_map(|test| &test.fixtures) {
        let FixtureContent::File(name) = &fixture.content else { continue };
        if loaded.contains_key(name) {
            continue;
        }
        let path = folder.join(name);
        match trust::read(&path, environment.euid) {
            Ok(Some(trusted)) => {
                loaded.insert(name.clone(), (path, trusted.text));
            }
            Ok(None) => problems.0.push(missing(&fixture.at, &path)),
            Err(problem) => problems.0.push(problem),
        }
    }
    loaded
}

fn missing(at: &SourceLocation, path: &Path) -> Problem {
    Problem {
        place: at.clone(),
        what: format!("there is no file {}", path.display()),
        remedy: "name a file by its path from this one".to_owned(),
    }
}
