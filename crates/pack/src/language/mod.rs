//! The language that packs are written in: its words, and the way from files to a checked [`Pack`].
//!
//! A pack is read raw, layered with the user's pack of the same name, and checked.

mod check;
mod layer;
mod raw;
mod words;

#[cfg(test)]
mod tests;

pub use layer::PackFiles;
pub use words::reference;

use std::collections::BTreeSet;

use crate::{document::Problems, pack::Pack};

/// Reads a pack: the layers of one system, lowest first, and the shared packs that it may include (several of one name
/// are layers too).
///
/// # Errors
/// With everything that is wrong.
pub fn load(layers: &[PackFiles], shared: &[PackFiles]) -> Result<Pack, Problems> {
    let mut problems = Problems::default();
    let layered = layer::layer(layers, shared, &mut problems);
    check::check(layered, problems)
}

/// Names of the lookups of a pack, from the texts of its `pack.toml`, lowest layer first. No view is read, so that a
/// command line can be parsed without loading a pack; a text that is no TOML names none, and says why when it is loaded.
#[must_use]
pub fn lookup_names<'t>(layers: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in layers.into_iter().filter_map(|text| text.parse::<toml::Table>().ok()) {
        for (name, lookup) in table.get("lookup").and_then(toml::Value::as_table).into_iter().flatten() {
            if lookup.get("disabled").and_then(toml::Value::as_bool) == Some(true) {
                names.remove(name);
            } else {
                names.insert(name.clone());
            }
        }
    }
    names
}
