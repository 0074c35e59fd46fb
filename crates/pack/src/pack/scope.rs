//! Whose rows are seen: one scope of many, chosen by somebody.

use std::sync::Arc;

use super::{SourceId, Statement};

/// The parameter with the id of the chosen scope; NULL when all are seen.
pub const SCOPE: &str = "scope";

/// The column of [`Scope::query`] that the setting is set to.
pub const SCOPE_ID: &str = "id";

/// The column of [`Scope::query`] that people know a scope by.
pub const SCOPE_LABEL: &str = "label";

/// What a system's rows are divided by, with row-level security: its clients, its sites.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// What one of them is called, in lowercase.
    pub title: String,
    /// The source with row-level security.
    pub source: SourceId,
    /// The setting that its policies read.
    pub setting: String,
    /// Returns all that can be chosen, in the columns [`SCOPE_ID`] and [`SCOPE_LABEL`]. It takes no parameter.
    pub query: Arc<Statement>,
}
