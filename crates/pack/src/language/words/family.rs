//! The words of a source that stands for many databases.

use crate::document::{Name, vocabulary};

/// How bad what the program finds may be.
pub(in crate::language) const FOUND: [&str; 2] = ["warn", "crit"];

vocabulary! {
    /// That the source stands for many databases of PostgreSQL. A view of it is asked in each of them, and its rows are
    /// those of all. Each row begins with `database`, `kind` and `label`, which are parameters of its queries too.
    struct RawFamily: "[source.family]" {
        /// Names of databases; `*` stands for any characters, everything else for itself. The members are those that the
        /// server has of these and of those that `query` names. Default: the rows of `query` are the members.
        optional databases: Vec<Name>,
        /// Names of databases that are no members, written in the same way.
        optional exclude: Vec<Name>,
        /// Sources whose databases are members too, reached by their own URLs. Their kind is the name of the source.
        optional also: Vec<Name>,
        /// The kind of the other members, where `query` says none. Default: member.
        optional kind: Option<Name>,
        /// A file whose query returns `database`, and perhaps `kind`, `label` (what people call the database) and what
        /// `binds` names. Until it has answered, and while it fails, these are NULL.
        optional query: Option<Name>,
        /// The source that `query` runs on.
        optional from: Option<Name>,
        /// Further columns of `query`. Each is a parameter of the family's queries, as text.
        optional binds: Vec<Name>,
    }

    /// What the program finds, and which reason of the view says so.
    struct RawFinding: "{ severity = \"..\", reason = \"..\" }" {
        /// `warn` or `crit`.
        required severity: Name where one_of(&FOUND),
        /// The id of a reason of this view.
        required reason: Name,
    }
}
