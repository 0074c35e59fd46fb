//! The packs of this repository, read from its folder.
//!
//! `crates/xtask` includes this file, so nothing here may need a database driver.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use opsdash_pack::language::{self, FRAGMENTS, PackFiles};
use opsdash_pack::pack::Pack;

/// Packs that others include.
const SHARED: &str = "shared";

/// The packs in the repository at `root`, in the order of their names.
pub(crate) fn all(root: &Path) -> Result<Vec<Pack>> {
    let root = root.join("packs");
    let shared: Vec<PackFiles> = match root.join(SHARED) {
        dir if dir.is_dir() => folders(&dir)?.iter().map(|dir| files(dir)).collect::<Result<_>>()?,
        _ => Vec::new(),
    };
    let systems = folders(&root)?.into_iter().filter(|dir| !dir.ends_with(SHARED));
    systems
        .map(|dir| language::load(&[files(&dir)?], &shared).with_context(|| format!("the pack {}", dir.display())))
        .collect()
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = entries(dir)?;
    found.retain(|path| path.is_dir());
    Ok(found)
}

/// In the order of names, whatever the file system's is.
fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn files(dir: &Path) -> Result<PackFiles> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = BTreeMap::new();
    let fragments = dir.join(FRAGMENTS);
    let fragments = if fragments.is_dir() { entries(&fragments)? } else { Vec::new() };
    for path in entries(dir)?.into_iter().chain(fragments).filter(|path| path.is_file()) {
        let below = path.strip_prefix(dir)?.display().to_string();
        files.insert(below, fs::read_to_string(&path).with_context(|| path.display().to_string())?);
    }
    Ok(PackFiles { system: name(dir), origin: format!("packs/{}", name(dir)), files })
}
