//! Why rows are as they are: what a reason's id says in a sentence, what it means, and what to do about it.

use super::{Format, ViewId};

/// The column with the id of a row's reason, or with several ids, in a view that has `[reason.<id>]`.
pub const REASON: &str = "reason";

/// What is not known about a row is told under these ids; no query returns them. A view may say them in its own words.
pub const DOUBTS: [&str; 3] = ["source_down", "not_loaded", NO_SCOPE];

/// The doubt about what belongs to a scope while nobody has chosen one.
pub const NO_SCOPE: &str = "no_scope";

/// A file of a view of files is told under these ids, which are its verdicts in lowercase. A view may say them in its
/// own words.
pub const FILE_REASONS: [&str; 11] = [
    "missing_file",
    "bad_id",
    "size",
    "chunk_gap",
    "extra_chunks",
    "checksum_bad",
    "dup_ref",
    "name",
    "orphan_file",
    "orphan_chunks",
    "unverified",
];

/// A reason that rows of a view may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reason {
    /// The sentence. `None` where the query returns it as `why`.
    pub says: Option<Template>,
    /// What it means, in a sentence or two; empty when the sentence says it all.
    pub means: String,
    /// What to do about it, in order.
    pub remedies: Vec<Remedy>,
    /// The view whose rows bring this reason about: rows that have it follow from rows of that view.
    pub echo_of: Option<ViewId>,
}

/// One thing to do about a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// What to do, in words.
    pub says: String,
    /// What does it, or shows more; `None` for what is done elsewhere.
    pub by: Option<RemedyBy>,
}

/// What of a view, or of the runbook, helps with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemedyBy {
    /// The n-th of the view's links.
    Link(usize),
    /// The n-th of the view's actions.
    Action(usize),
    /// The n-th of the runbook's entries.
    Runbook(usize),
}

/// A sentence with places for the cells of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// In order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text as it is.
    Text(String),
    /// The cell of a column.
    Cell {
        /// The index in [`super::View::columns`].
        column: usize,
        /// How the cell is shown.
        format: Format,
    },
    /// One of two words, by the number in a cell.
    Plural {
        /// The index in [`super::View::columns`].
        column: usize,
        /// The word for 1.
        one: String,
        /// The word for any other number.
        many: String,
    },
    /// What the program itself found, in its own words.
    Finding,
    /// Parts that are left out when a cell in them is NULL. None of them is optional itself.
    Optional(Vec<TemplatePart>),
}

impl Template {
    /// The indexes of the columns whose cells it shows or counts by.
    pub fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        let inner = |part: &TemplatePart| match part {
            TemplatePart::Cell { column, .. } | TemplatePart::Plural { column, .. } => Some(*column),
            _ => None,
        };
        self.parts.iter().flat_map(move |part| match part {
            TemplatePart::Optional(parts) => parts.iter().filter_map(inner).collect::<Vec<_>>(),
            part => inner(part).into_iter().collect(),
        })
    }
}

/// That the rows of a view are causes of others' trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The column with how many it hurts.
    pub reach: usize,
    /// The column with the time since when.
    pub since: usize,
}
