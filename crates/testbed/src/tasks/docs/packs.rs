//! `docs/packs.md`: how to write a pack, and every word it may use.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use opsdash_pack::{
    language::{self, PackFiles},
    pack::Pack,
};

use super::made_from;

const INTRODUCTION: &str = include_str!("packs.md");
/// Packs that others include.
const SHARED: &str = "shared";

/// Makes `docs/packs.md`.
pub(super) fn document() -> String {
    let made_from = made_from("`crates/pack/src/language/words/` and `crates/testbed/src/tasks/docs/packs.md`");
    format!("{made_from}{INTRODUCTION}\n{}\n", language::reference().trim_end())
}

/// The packs of this repository, by name.
pub(in crate::tasks) fn all() -> Result<Vec<Pack>> {
    let root = crate::repository().join("packs");
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
    for path in entries(dir)?.into_iter().filter(|path| path.is_file()) {
        files.insert(name(&path), fs::read_to_string(&path).with_context(|| path.display().to_string())?);
    }
    Ok(PackFiles { system: name(dir), origin: format!("packs/{}", name(dir)), files })
}
