//! The query languages of the engines: what a pack's statements may be, and which parameters they take.

mod mongodb;
mod postgres;

pub(crate) use mongodb::MongoError;
pub use mongodb::{MongoCommand, MongoInput, MongoQuery};
pub use postgres::{Param, Sql};

/// A list parameter of a write begins so: `:seen_<column>` is what was seen of each row.
pub const SEEN: &str = "seen_";
/// What a write returns of a column as it was, and an undo is given.
pub const BEFORE: &str = "before_";
/// What a write returns of a column as it is now, and an undo is given.
pub const AFTER: &str = "after_";
