//! Files of a store, and a catalog of them held against what is there.

mod file_verdict;
mod reconcile;

pub use file_verdict::FileVerdict;
pub use reconcile::{ADDED_COLUMNS, CATALOG_PREFIX, chunk_parts, reconcile, wanted};

use crate::contract::StoredFile;

/// A file that is to be fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchRequest {
    /// The file.
    pub file: StoredFile,
    /// What it is to be called.
    pub name: String,
    /// Its SHA-256 in lower-case hex, as the catalog promises; `None` when it does not.
    pub promised: Option<String>,
}
