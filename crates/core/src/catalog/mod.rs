//! Files of a store, and a catalogue of them held against what is there.

mod reconcile;
mod verdict;

pub use reconcile::{ADDED_COLUMNS, CATALOG_PREFIX, chunk_parts, reconcile, wanted};
pub use verdict::FileVerdict;

use crate::contract::StoredFile;

/// A file that is to be fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchRequest {
    /// The file.
    pub file: StoredFile,
    /// What it is to be called.
    pub name: String,
    /// Its SHA-256 in lower-case hex, as the catalogue promises; `None` when it does not.
    pub promised: Option<String>,
}
