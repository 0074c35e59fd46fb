//! The contract with sources: what a source is asked, what it answers, and what it tells about itself.

mod description;
mod facts;
mod family;
mod files;
mod read;

pub use description::{DatabaseDescription, DescribedColumn, DescribedReference, DescribedTable};
pub use facts::{
    ClockColumn, ConstraintState, DatabaseCatalog, Facts, FoundCheck, FoundColumn, FoundIndex, FoundObject,
    FoundReference, FoundTable, Inspection, Transport,
};
pub use family::{add_failed, failed_key, is_incomplete, put_to_members};
pub use files::{ChunkCount, Listing, OrphanChunks, StoredFile, VerifyResult};
pub use read::*;
