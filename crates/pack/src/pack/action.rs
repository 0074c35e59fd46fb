//! What may be done to rows of a view.

use std::sync::Arc;

use super::{Statement, ViewId};

/// The column of a preview, and of what a write returns, that identifies a row.
pub const KEY: &str = "key";
/// The column of a preview with the key of the view's row, where `key` is that of one of its members.
pub const ROW: &str = "row";
/// The column of a preview with who changed the row last, for sentences.
pub const CHANGED_BY: &str = "changed_by";
/// The column of a preview with when that was.
pub const CHANGED_AT: &str = "changed_at";

/// A guarded write.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its name within the view.
    pub id: String,
    /// What it does, for help and the confirmation.
    pub title: String,
    /// Its key.
    pub press: char,
    /// Whether it takes several rows of the view at a time.
    pub many: bool,
    /// Takes `:keys`; returns what the action writes as it is now.
    pub preview: Arc<Statement>,
    /// Columns of the preview and the texts under which the action applies; `None` is NULL.
    pub when: Vec<(String, Vec<Option<String>>)>,
    /// Writes rows that still are as they were seen.
    pub sql: Arc<Statement>,
    /// Takes it back where the rows still are as we left them; `None` when nothing can.
    pub undo: Option<Arc<Statement>>,
    /// What the operator gives.
    pub prompts: Vec<Prompt>,
    /// How it is confirmed.
    pub danger: Danger,
    /// Columns of the preview and what the confirmation shows as after.
    pub change: Vec<(String, PlannedValue)>,
    /// A returned column that must be true.
    pub success: Option<String>,
    /// Whether it applies only to rows of a files view whose verdict is OK.
    pub verified: bool,
    /// Rows of one transaction, at least 1.
    pub batch: usize,
    /// Rows under one confirmation at most.
    pub most: usize,
    /// Views that are asked anew afterwards, the action's own among them.
    pub reload: Vec<ViewId>,
}

impl Action {
    /// Files of its statements that are not the program's own: who confirms should know.
    pub fn replaced(&self) -> impl Iterator<Item = &str> {
        self.statements().map(|statement| statement.file()).filter(|file| !file.starts_with("packs/"))
    }

    /// Its statements.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Arc<Statement>> {
        [&self.preview, &self.sql].into_iter().chain(&self.undo)
    }
}

/// What the operator gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The parameter.
    pub name: String,
    /// What is asked.
    pub prompt: String,
    /// What may be given.
    pub kind: PromptKind,
    /// Whether nothing is an answer too.
    pub optional: bool,
}

/// What may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptKind {
    /// One line.
    Text,
    /// Several lines.
    Multiline,
    /// A date, perhaps with a time.
    Date {
        /// Whether it must lie in the future.
        future: bool,
    },
    /// One of these.
    Choice(Vec<String>),
}

/// How an action is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Danger {
    /// By a plain yes.
    Low,
    /// By typing this column of the preview; of several rows, their number.
    High {
        /// The column.
        column: String,
        /// Only so many of its last characters; all of them when `None`.
        last: Option<usize>,
    },
}

/// What a column is afterwards, as far as it is known before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedValue {
    /// This text.
    To(String),
    /// What was given to this ask.
    Asked(String),
}
