//! The language of packs: from the files of a folder to a checked [`Pack`].
//!
//! `words` declares every word, with its type. `layer` parses the files of every layer, merges them, checks them against
//! those words, and deserializes them. `check` resolves the names and applies the rules.

mod check;
mod layer;
mod template;
mod words;

#[cfg(test)]
mod tests;

pub use check::load_tests;
pub use layer::{FRAGMENTS, PackFiles};
pub use words::{PackFile, reference};

use std::collections::BTreeMap;

use crate::{
    document::Problems,
    pack::{LookupWords, Pack},
};

/// Loads the pack of one system. `layers` are the folders of the system, lowest first. `shared` are the packs that the
/// system may include; several of one name are layers too, lowest first.
///
/// # Errors
/// With every problem of every file.
pub fn load(layers: &[PackFiles], shared: &[PackFiles]) -> Result<Pack, Problems> {
    let mut problems = Problems::default();
    let layered = layer::layer(layers, shared, &mut problems);
    check::check(layered, problems)
}

const ID_REMEDY: &str = "use a lowercase letter, then lowercase letters, digits and _";

fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A pack's lookups by name, from the texts of its `pack.toml`, lowest layer first. A command line can be parsed with
/// them before a pack is loaded. A text that is not TOML has no lookups here; loading the pack reports the error.
#[must_use]
pub fn lookups<'t>(layers: impl IntoIterator<Item = &'t str>) -> BTreeMap<String, LookupWords> {
    let mut lookups: BTreeMap<String, LookupWords> = BTreeMap::new();
    for table in layers.into_iter().filter_map(|text| text.parse::<toml::Table>().ok()) {
        for (name, lookup) in table.get("lookup").and_then(toml::Value::as_table).into_iter().flatten() {
            if lookup.get("disabled").and_then(toml::Value::as_bool) == Some(true) {
                lookups.remove(name);
                continue;
            }
            let text = |word| lookup.get(word).and_then(toml::Value::as_str);
            let below = lookups.get(name).cloned().unwrap_or_else(|| LookupWords::of(None, None, false));
            let secret = lookup.get("secret").and_then(toml::Value::as_bool).unwrap_or(below.secret);
            let words = LookupWords::of(text("yes").or(Some(&below.yes)), text("no").or(Some(&below.no)), secret);
            lookups.insert(name.clone(), words);
        }
    }
    lookups
}
