//! Sources that stand for many databases.

use std::sync::Arc;

use super::{SourceId, Statement};

/// The column with the name of the database that a row came from; the first of every row key of a family's view.
pub const DATABASE: &str = "database";

/// The column with the kind of that database.
pub const KIND: &str = "kind";

/// The column with what people call that database; NULL where nobody says.
pub const LABEL: &str = "label";

/// What the program puts before the columns of a family's query, and what every such query may take as a parameter.
pub const OF_MEMBER: [&str; 3] = [DATABASE, KIND, LABEL];

/// Which databases a source stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Names of databases, in which `*` stands for any characters. Empty when the rows of [`Family::names`] are the members.
    pub databases: Vec<String>,
    /// Names of databases that are no members, in the same form.
    pub exclude: Vec<String>,
    /// Sources whose databases are members too, each of the kind of its name.
    pub also: Vec<SourceId>,
    /// The kind of the members of which nothing else says one.
    pub kind: String,
    /// What says more of the members; `None` when their names are all that is known.
    pub names: Option<MemberNames>,
}

/// A query that knows the members of a family.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberNames {
    /// Returns [`DATABASE`], perhaps [`KIND`] and [`LABEL`], and [`MemberNames::binds`].
    pub query: Arc<Statement>,
    /// The source that it runs on.
    pub from: SourceId,
    /// Its further columns, each a parameter of the family's queries.
    pub binds: Vec<String>,
}

/// How bad it is that something is so, and the reason that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is crit; else warn.
    pub is_crit: bool,
    /// The id of the reason.
    pub reason: String,
}
