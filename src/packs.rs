//! Where packs come from: those in the binary, and the folders of users and of the machine.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use include_dir::{Dir, include_dir};
use opsdash_core::pack::{self, Pack, PackFiles};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/packs");

/// The folder of packs that others include; it is no system.
const SHARED: &str = "shared";

/// The pack in a folder, by itself: for `packs check DIR`.
///
/// # Errors
/// When it cannot be read, or with everything that is wrong with it.
pub fn load_dir(path: &Path) -> Result<Pack> {
    let path = path.canonicalize().with_context(|| format!("cannot read {}", path.display()))?;
    let files = PackFiles {
        system: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        origin: path.display().to_string(),
        files: read_folder(&path)?,
    };
    Ok(pack::load(&[files], &shared())?)
}

fn read_folder(path: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.insert(name, fs::read_to_string(entry.path())?);
        }
    }
    Ok(files)
}

fn shared() -> Vec<PackFiles> {
    EMBEDDED.get_dir(SHARED).into_iter().flat_map(Dir::dirs).map(embedded).collect()
}

fn embedded(folder: &Dir<'_>) -> PackFiles {
    let name = folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files = folder.files().filter_map(|file| {
        let name = file.path().file_name()?.to_string_lossy().into_owned();
        Some((name, file.contents_utf8()?.to_owned()))
    });
    PackFiles { system: name, origin: format!("packs/{}", folder.path().display()), files: files.collect() }
}
