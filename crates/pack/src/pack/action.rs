//! Actions: guarded writes on rows of a view.

use std::{collections::BTreeMap, sync::Arc};

use super::{Effect, Statement, ViewId};

/// The paths of files that the program brings begin so.
pub(crate) const OURS: &str = "packs/";

/// The column that identifies a row in the result of a preview and of a write.
pub const KEY: &str = "key";
/// The column of a preview with the key of the view's row, where a row of the view is a group and [`KEY`] identifies a
/// member of the group.
pub const ROW: &str = "row";
/// The column of a preview with the name of who changed the row last.
pub const CHANGED_BY: &str = "changed_by";
/// The column of a preview with the time of the last change.
pub const CHANGED_AT: &str = "changed_at";

/// What the names of columns of a preview begin with that hold the choices of a prompt: a JSON list of texts.
pub const CHOICES: &str = "choices_";

/// A guarded write: rows are previewed, confirmed, and written only where they still are as they were seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The name, unique within the view: for `opsdash act` and the record.
    pub id: String,
    /// What the action does, for help and the confirmation.
    pub title: String,
    /// The key: one letter.
    pub press: char,
    /// Whether several rows of the view may be written at a time.
    pub many: bool,
    /// Returns the rows of the set that the action writes, those first that are to go first. `None` when the action writes
    /// rows of the view that somebody chooses.
    pub set: Option<Arc<Statement>>,
    /// Takes `:keys`, and returns the rows that the action writes as they are now.
    pub preview: Arc<Statement>,
    /// What the action does to the rows. The three statements are the pack's, or made of what it declares.
    pub effect: Effect,
    /// The action applies when each of these columns of the preview has one of the texts beside it; `None` is NULL.
    pub when: Vec<(String, Vec<Option<String>>)>,
    /// What is said where a column of `when` has another value.
    pub otherwise: BTreeMap<String, Otherwise>,
    /// Writes the rows that still are as they were seen.
    pub sql: Arc<Statement>,
    /// Undoes the write on the rows that still are as the write left them. `None` when the action cannot be undone.
    pub undo: Option<Arc<Statement>>,
    /// What the operator is asked for.
    pub prompts: Vec<Prompt>,
    /// How the action is confirmed.
    pub danger: Danger,
    /// Columns of the preview, each with the value that the confirmation shows as the new one.
    pub change: Vec<(String, PlannedValue)>,
    /// A column of the write's result that must be true; `None` when there is no such column.
    pub success: Option<String>,
    /// Whether the action applies only to rows of a view of files with the verdict OK.
    pub verified: bool,
    /// The most rows of one transaction; at least 1.
    pub batch: usize,
    /// The most rows of one confirmation; at least 1.
    pub most: usize,
    /// The views that are read again after the action. The action's own view is the first.
    pub reload: Vec<ViewId>,
}

impl Action {
    /// The files of its statements that are not the program's own. The confirmation names them, because the operator
    /// may not know what they do.
    pub fn replaced(&self) -> impl Iterator<Item = &str> {
        let mut files: Vec<&str> = self.statements().map(|statement| statement.file()).collect();
        // Statements that are made of one declaration have one file.
        files.dedup();
        files.into_iter().filter(|file| !file.starts_with(OURS))
    }

    /// Whether its preview is asked once more within the transaction of a write: a declared write compares columns, and
    /// `when` may be about more than those.
    #[must_use]
    pub fn rechecks(&self) -> bool {
        let Some(rows) = self.effect.rows() else { return false };
        self.when.iter().any(|(name, _)| !rows.compared().any(|column| column.alias == *name))
    }

    /// The set, the preview, the write and the undo.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Arc<Statement>> {
        self.set.iter().chain([&self.preview, &self.sql]).chain(&self.undo)
    }
}

/// Why an action is refused, in the pack's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// The sentence, after the name of the row.
    pub says: Vec<OtherwisePart>,
    /// What is to be done instead; `None` when there is nothing to do.
    pub way_out: Option<WayOut>,
}

/// A part of the sentence of an [`Otherwise`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherwisePart {
    /// Text as it is.
    Text(String),
    /// The text of this column of the preview.
    Cell(String),
}

/// An action of the same view that leads out of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    /// Its id.
    pub action: String,
    /// Its key.
    pub press: char,
}

/// A parameter that the operator is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The parameter.
    pub name: String,
    /// The text of the question.
    pub prompt: String,
    /// What may be answered.
    pub kind: PromptKind,
    /// Whether the answer may be empty; the parameter is then NULL.
    pub optional: bool,
}

/// What may be answered to a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptKind {
    /// One line.
    Text,
    /// Several lines.
    Multiline,
    /// A date, perhaps with a time.
    Date {
        /// Whether the date must be in the future.
        future: bool,
    },
    /// One of these texts.
    Choice(Vec<String>),
    /// One of the texts that the preview finds; see [`CHOICES`].
    Found,
}

/// How an action is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Danger {
    /// By a plain yes.
    Low,
    /// By typing the value of this column of the preview, or the number of rows when there are several.
    High {
        /// The column.
        column: String,
        /// How many of the last characters are typed; `None` means all.
        last: Option<usize>,
    },
}

/// The value of a column after the write, as far as it is known before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedValue {
    /// This text; `None` is NULL.
    To(Option<String>),
    /// The answer to the prompt of this name.
    Asked(String),
    /// What it is, and below that the answer to the prompt of this name.
    Appended(String),
    /// The name of the operator.
    Operator,
    /// The time of the write.
    Now,
}
