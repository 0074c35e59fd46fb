//! The contract with sources: what a source is asked, what it answers, and what it tells about itself.

mod facts;
mod files;
mod read;

pub use facts::{Catalog, Facts, FoundColumn, FoundIndex, FoundTable, Inspection, Transport};
pub use files::{Checked, ChunkCount, Listing, OrphanChunks, StoredFile};
pub use read::*;
