//! Where packs come from: the binary, the machine's folder, the user's folder. Never the working directory.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use include_dir::{Dir, File, include_dir};
use opsdash_pack::{
    config::ViewOverride,
    document::{Problem, Problems, SourceLocation, suggest},
    language::{self, FRAGMENTS, PackFiles},
    pack::{LookupWords, Pack},
};

use crate::settings::{Environment, trust};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/packs");

/// The folder of packs that others include; they are no systems.
const SHARED: &str = "shared";

/// The file of a pack that says what the system is.
const PACK_FILE: &str = "pack.toml";

/// Endings of files that belong to a pack.
const ENDINGS: [&str; 3] = ["toml", "sql", "json"];

/// A system that there is a pack for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What a target's `system` says.
    pub system: String,
    /// The folders that it is layered from, lowest first, as messages show them.
    pub origins: Vec<String>,
}

/// Packs of one run, with what the config changes of their views: each is loaded once, when it is first needed, and again
/// only when its files have changed. Targets of one system share it.
#[derive(Debug)]
pub struct PackStore {
    environment: Arc<Environment>,
    overrides: BTreeMap<String, ViewOverride>,
    /// By system. The lock is held to find the place of a pack, not while it is loaded.
    loaded: Mutex<BTreeMap<String, Arc<OnceLock<LoadedPack>>>>,
}

/// A pack, and what it was loaded from beside the program's own files, which do not change while it runs.
#[derive(Debug)]
struct LoadedPack {
    folders: Result<FolderFiles, Problems>,
    pack: Result<Arc<Pack>, Problems>,
}

impl PackStore {
    /// A store that has loaded nothing yet. The overrides are those of the config, as [`Pack::with_overrides`] takes them.
    #[must_use]
    pub fn new(environment: Arc<Environment>, overrides: BTreeMap<String, ViewOverride>) -> Self {
        Self { environment, overrides, loaded: Mutex::default() }
    }

    /// The pack of a system, as [`load`] read it when it was first needed.
    ///
    /// # Errors
    /// Those of [`load`] and of [`Pack::with_overrides`].
    pub fn load(&self, system: &str) -> Result<Arc<Pack>, Problems> {
        let place = self.place(system);
        place.get_or_init(|| self.loaded_from(system, FolderFiles::read(system, &self.environment))).pack.clone()
    }

    /// Loads the packs of these systems side by side: a start waits for the slowest of them, not for their sum. What is
    /// wrong with one is told when it is asked for.
    pub fn load_ahead(&self, systems: &BTreeSet<&str>) {
        thread::scope(|scope| {
            // The first one is left to this thread.
            for system in systems.iter().skip(1) {
                let started = thread::Builder::new().spawn_scoped(scope, || self.load(system));
                // Where there is no thread to be had, the pack is loaded when it is asked for.
                drop(started);
            }
            systems.first().map(|system| self.load(system))
        });
    }

    /// The pack of a system as its files are now: the same one again where they are what they were.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn reload(&self, system: &str) -> Result<Arc<Pack>, Problems> {
        let folders = FolderFiles::read(system, &self.environment);
        let place = self.place(system);
        if let Some(known) = place.get().filter(|known| known.folders == folders) {
            return known.pack.clone();
        }
        let again = self.loaded_from(system, folders);
        let pack = again.pack.clone();
        self.places().insert(system.to_owned(), Arc::new(OnceLock::from(again)));
        pack
    }

    fn place(&self, system: &str) -> Arc<OnceLock<LoadedPack>> {
        self.places().entry(system.to_owned()).or_default().clone()
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<String, Arc<OnceLock<LoadedPack>>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loaded_from(&self, system: &str, folders: Result<FolderFiles, Problems>) -> LoadedPack {
        let pack = match &folders {
            Ok(folders) => folders.over_ours(system, &self.environment),
            Err(problems) => Err(problems.clone()),
        };
        let pack = pack.and_then(|pack| pack.with_overrides(&self.overrides)).map(Arc::new);
        LoadedPack { folders, pack }
    }
}

/// The lookups of all systems by name, without loading a pack: of each pack only `pack.toml` is read. A folder that may
/// not be believed names none; whoever loads its pack is told.
#[must_use]
pub fn lookups(environment: &Environment) -> BTreeMap<String, LookupWords> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in EMBEDDED.dirs() {
        let text = folder.get_file(folder.path().join(PACK_FILE)).and_then(File::contents_utf8);
        texts.entry(name_of(folder.path())).or_default().extend(text.map(str::to_owned));
    }
    for folder in environment.pack_folders() {
        let is_trusted = |path: &Path| trust::check_folder(path, environment.euid).is_ok();
        let packs = entries(&folder).unwrap_or_default();
        for path in packs.into_iter().filter(|path| path.is_dir() && is_trusted(&folder) && is_trusted(path)) {
            if let Ok(Some(trusted)) = trust::read(&path.join(PACK_FILE), environment.euid) {
                texts.entry(name_of(&path)).or_default().push(trusted.text);
            }
        }
    }
    texts.remove(SHARED);
    texts.into_values().flat_map(|layers| language::lookups(layers.iter().map(String::as_str))).collect()
}

/// The pack of a system: ours, the machine's over it, the user's over that.
///
/// # Errors
/// When there is none, or with everything that is wrong with it.
pub fn load(system: &str, environment: &Environment) -> Result<Pack, Problems> {
    FolderFiles::read(system, environment)?.over_ours(system, environment)
}

/// What the machine's and the user's folders have of a system, and of what packs include; lowest layer first.
#[derive(Debug, PartialEq)]
struct FolderFiles {
    layers: Vec<PackFiles>,
    shared: Vec<PackFiles>,
}

impl FolderFiles {
    fn read(system: &str, environment: &Environment) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let layers = folder_layers(environment, |name| name == system, &mut problems);
        let shared = folder_shared(environment, &mut problems);
        problems.or(Self { layers, shared })
    }

    fn over_ours(&self, system: &str, environment: &Environment) -> Result<Pack, Problems> {
        let layers: Vec<PackFiles> = our_layers(|name| name == system).chain(self.layers.iter().cloned()).collect();
        if layers.is_empty() {
            let systems: Vec<String> = list(environment)?.into_iter().map(|listed| listed.system).collect();
            let known = suggest(system, systems.iter().map(String::as_str));
            let what = format!("there is no pack for the system \"{system}\"");
            return Err(Problems(vec![Problem { place: SourceLocation::file("packs"), what, remedy: known }]));
        }
        let shared: Vec<PackFiles> = our_shared().chain(self.shared.iter().cloned()).collect();
        language::load(&layers, &shared)
    }
}

/// The pack of a system as it comes, without what the machine or the user lay over it: its files and what they say.
///
/// # Errors
/// When there is none, or with everything that is wrong with it.
pub fn original(system: &str, environment: &Environment) -> Result<(PackFiles, Pack), Problems> {
    let mut problems = Problems::default();
    let lowest = layers(environment, |name| name == system, &mut problems).into_iter().next();
    let Some(files) = lowest else { return Err(load(system, environment).err().unwrap_or(problems)) };
    let shared = shared(environment, &mut problems);
    problems.or(())?;
    let pack = language::load(std::slice::from_ref(&files), &shared)?;
    Ok((files, pack))
}

/// Every system that there is a pack for.
///
/// # Errors
/// When a folder of packs may not be believed.
pub fn list(environment: &Environment) -> Result<Vec<Listed>, Problems> {
    let mut problems = Problems::default();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for files in layers(environment, |name| name != SHARED, &mut problems) {
        found.entry(files.system).or_default().push(files.origin);
    }
    problems.or(found.into_iter().map(|(system, origins)| Listed { system, origins }).collect())
}

/// The pack in a folder, for `packs check DIR`: by itself when it names sources, else over ours of the same name, as a
/// user's pack would lie.
///
/// # Errors
/// When it cannot be read or may not be believed, or with everything that is wrong with it.
pub fn load_dir(path: &Path, environment: &Environment) -> Result<Pack, Problems> {
    let mut problems = Problems::default();
    let files = path.canonicalize().map_err(|error| unreadable(path, &error));
    let files = files.and_then(|path| read_folder(&path, path.display().to_string(), environment.euid));
    let top = match files {
        Ok(files) => files,
        Err(problem) => return Err(Problems(vec![problem])),
    };
    let shared = shared(environment, &mut problems);
    problems.or(())?;
    let ours = EMBEDDED.get_dir(&top.system).filter(|_| top.system != SHARED && !names_sources(&top)).map(embedded);
    let layers: Vec<PackFiles> = ours.into_iter().chain([top]).collect();
    language::load(&layers, &shared)
}

fn names_sources(files: &PackFiles) -> bool {
    let pack = files.files.get(PACK_FILE).and_then(|text| text.parse::<toml::Table>().ok());
    pack.is_some_and(|pack| pack.contains_key("source"))
}

/// The folders of systems with a fitting name, lowest layer first.
fn layers(environment: &Environment, fits: impl Fn(&str) -> bool + Copy, problems: &mut Problems) -> Vec<PackFiles> {
    our_layers(fits).chain(folder_layers(environment, fits, problems)).collect()
}

/// Those of them that the program has itself.
fn our_layers(fits: impl Fn(&str) -> bool) -> impl Iterator<Item = PackFiles> {
    let fits = move |folder: &&Dir<'_>| match name_of(folder.path()) {
        name if name == SHARED => false,
        name => fits(&name),
    };
    EMBEDDED.dirs().filter(fits).map(embedded)
}

/// Those of them that lie in folders of the machine and of the user.
fn folder_layers(environment: &Environment, fits: impl Fn(&str) -> bool, problems: &mut Problems) -> Vec<PackFiles> {
    let mut found = Vec::new();
    for folder in environment.pack_folders() {
        found.extend(read_packs(&folder, environment.euid, |name| name != SHARED && fits(name), problems));
    }
    found
}

/// Shared packs of all layers, lowest first.
fn shared(environment: &Environment, problems: &mut Problems) -> Vec<PackFiles> {
    our_shared().chain(folder_shared(environment, problems)).collect()
}

fn our_shared() -> impl Iterator<Item = PackFiles> {
    EMBEDDED.get_dir(SHARED).into_iter().flat_map(Dir::dirs).map(embedded)
}

fn folder_shared(environment: &Environment, problems: &mut Problems) -> Vec<PackFiles> {
    let mut found = Vec::new();
    for folder in environment.pack_folders() {
        found.extend(read_packs(&folder.join(SHARED), environment.euid, |_| true, problems));
    }
    found
}

fn embedded(folder: &Dir<'_>) -> PackFiles {
    let fragments = folder.get_dir(folder.path().join(FRAGMENTS));
    let below = fragments.into_iter().flat_map(Dir::files);
    let files = folder.files().chain(below).filter(|file| belongs(file.path())).filter_map(|file| {
        let name = file.path().strip_prefix(folder.path()).ok()?.display().to_string();
        Some((name, file.contents_utf8()?.to_owned()))
    });
    PackFiles {
        system: name_of(folder.path()),
        origin: format!("packs/{}", folder.path().display()),
        files: files.collect(),
    }
}

/// The packs in a folder of packs, which need not exist.
fn read_packs(folder: &Path, euid: u32, fits: impl Fn(&str) -> bool, problems: &mut Problems) -> Vec<PackFiles> {
    let names = match entries(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            problems.0.push(unreadable(folder, &error));
            return Vec::new();
        }
    };
    if let Err(problem) = trust::check_folder(folder, euid) {
        problems.0.push(problem);
        return Vec::new();
    }
    let mut found = Vec::new();
    for path in names.into_iter().filter(|path| path.is_dir() && fits(&name_of(path))) {
        match read_folder(&path, path.display().to_string(), euid) {
            Ok(files) => found.push(files),
            Err(problem) => problems.0.push(problem),
        }
    }
    found
}

fn read_folder(path: &Path, origin: String, euid: u32) -> Result<PackFiles, Problem> {
    trust::check_folder(path, euid)?;
    let mut files = BTreeMap::new();
    for (folder, below) in [(path.to_owned(), ""), (path.join(FRAGMENTS), FRAGMENTS)] {
        if !below.is_empty() {
            if !folder.is_dir() {
                continue;
            }
            trust::check_folder(&folder, euid)?;
        }
        let found = entries(&folder).map_err(|error| unreadable(&folder, &error))?;
        for file in found.iter().filter(|path| belongs(path)) {
            if let Some(trusted) = trust::read(file, euid)? {
                files.insert(format!("{below}{}", name_of(file)), trusted.text);
            }
        }
    }
    Ok(PackFiles { system: name_of(path), origin, files })
}

/// What is in a folder, in the order of names; files that begin with a dot are editors' own.
fn entries(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    paths.filter(|path| path.as_ref().map_or(true, |path| !name_of(path).starts_with('.'))).collect()
}

fn belongs(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem {
        place: SourceLocation::file(path.display().to_string()),
        what: format!("cannot be read: {error}"),
        remedy: "name a folder that this user can read".into(),
    }
}

#[cfg(test)]
mod tests;
