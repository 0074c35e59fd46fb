//! The query languages of the engines: which statements a pack may have, and which parameters a statement takes.
//!
//! A statement is read only as far as opsdash needs to know it. The server checks the rest.

mod mongodb;
mod sql;

pub use mongodb::{MongoCommand, MongoInput, MongoQuery};
pub(crate) use sql::{Expanded, SqlFile, expand};
pub use sql::{Flavor, Origin, Param, Sql, WriteGuard};

/// Prefix of the list parameters of a write: `:seen_<column>` has, for each row, the value that the operator saw.
pub const SEEN: &str = "seen_";
/// Prefix of the columns of a write's result with the values before the write. An undo takes them as list parameters.
pub const BEFORE: &str = "before_";
/// Prefix of the columns of a write's result with the values after the write. An undo takes them as list parameters.
pub const AFTER: &str = "after_";

/// Why the text of a file is not one statement that a pack may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatementError {
    /// Byte offset in the text that was read; of SQL, among all texts that are loaded together.
    pub offset: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it, as an instruction.
    pub remedy: String,
}
