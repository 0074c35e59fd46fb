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
