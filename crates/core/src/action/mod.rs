//! Actions, as far as they are decided without a server: what is asked and seen, whether it may be written, and what
//! came of it. Whoever carries them out only asks, writes and reports.

mod bound_statement;
mod confirm;
mod judge;
mod preview;
mod prompts;
mod verified;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

pub use bound_statement::{BoundStatement, undoing};
pub use confirm::{Confirmation, confirmation, digits, is_typed};
pub use judge::{Commit, altered, changes, check_rows, compare, compare_some, left, prepare, recheck, resolve};
pub use preview::{ColumnChange, changed, name, sentence, told, undone};
pub use prompts::{NOTE, check_ask, check_asked, echo, with_choices};
pub use verified::check_verified;

use crate::{
    contract::{Failure, FailureKind},
    scope::ScopeChoice,
};
use opsdash_pack::pack::{AFTER, Action, BEFORE, CHOICES, KEY, ROW, ViewId, WayOut};

/// A row as a look or a write returned it: names of columns and texts, `None` for NULL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextRow(pub Vec<(String, Option<String>)>);

impl TextRow {
    /// The text of a column; `None` when there is no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<Option<&str>> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, text)| text.as_deref())
    }

    /// What identifies it; empty when it does not say.
    #[must_use]
    pub fn key(&self) -> &str {
        self.get(KEY).flatten().unwrap_or_default()
    }

    /// The row of the view that it belongs to.
    #[must_use]
    pub fn row(&self) -> &str {
        self.get(ROW).flatten().unwrap_or_else(|| self.key())
    }

    /// Its columns but for what identifies it and what may be answered.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let plain = self.0.iter().filter(|(name, _)| name != KEY && name != ROW && !name.starts_with(CHOICES));
        plain.map(|(name, text)| (name.as_str(), text.as_deref()))
    }

    /// The columns under a prefix, without it.
    pub fn prefixed<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter().filter_map(move |(name, text)| Some((name.strip_prefix(prefix)?, text.as_deref())))
    }

    /// The columns under a prefix as JSON; texts and nulls.
    #[must_use]
    pub fn json(&self, prefix: &str) -> Json {
        Json::Object(self.prefixed(prefix).map(|(name, text)| (name.to_owned(), text.into())).collect::<Map<_, _>>())
    }
}

/// What the columns of a row were before a write, and are after it, as the write returned them. A row that was deleted is
/// null afterwards: its write returned only what it was.
#[must_use]
pub fn before_and_after(written: &TextRow) -> (Json, Json) {
    let is_gone = written.prefixed(BEFORE).next().is_some() && written.prefixed(AFTER).next().is_none();
    (written.json(BEFORE), if is_gone { Json::Null } else { written.json(AFTER) })
}

/// What is to be written: what was seen when it was confirmed, and what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritePlan {
    /// Every row that is written, as it was seen.
    pub seen: Vec<TextRow>,
    /// What the operator gave, by ask; what is absent is bound as NULL.
    pub asked: BTreeMap<String, String>,
}

impl WritePlan {
    /// The rows of each transaction.
    #[must_use]
    pub fn batches(&self, action: &Action) -> impl ExactSizeIterator<Item = &[TextRow]> {
        self.seen.chunks(action.batch.max(1))
    }
}

/// One transaction of a write, as data. What becomes of the rows is the effect of the action.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// What is done: the action itself, or its undo (see [`undoing`]).
    pub action: &'a Action,
    /// The rows, as they were when the write was confirmed. None may be written that is not so any more.
    pub seen: &'a [TextRow],
    /// The statement that the engine's dialect has for the effect, with its values.
    pub write: &'a BoundStatement,
    /// Reads what the rows are.
    pub preview: &'a BoundStatement,
}

/// An action that somebody wants on rows of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRequest {
    /// The view.
    pub view: ViewId,
    /// Place of the action in the view.
    pub action: usize,
    /// Keys of the view's rows.
    pub rows: Vec<String>,
    /// Whose rows they were seen among; `None` where the view is not asked within a scope. It is written to the same.
    pub scope: Option<ScopeChoice>,
}

/// What is written of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteKind {
    /// What was prepared.
    Do(WritePlan),
    /// What a write returned is taken back.
    Undo(Vec<TextRow>),
}

impl WriteKind {
    /// How many rows it writes.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Do(prepared) => prepared.seen.len(),
            Self::Undo(written) => written.len(),
        }
    }
}

/// What came of a write, batch after batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ActionReport {
    /// Rows that are written, as the writes returned them.
    pub done: Vec<TextRow>,
    /// Rows of a set that were left, each with why: others have locked them, or changed them since they were counted.
    pub left: Vec<Refusal>,
    /// What came of the batch that was not done; those after it were not begun.
    pub failed: Option<Outcome>,
    /// What else is to be said: an outcome that could not be recorded.
    pub notes: Vec<String>,
}

/// Why a row is not written, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The row; empty when it is not about one.
    pub key: String,
    /// Why, with the column and its value.
    pub why: String,
    /// The row as it is; `None` when it is gone or was never there.
    pub now: Option<TextRow>,
    /// What is to be done instead, where the pack knows it.
    pub way_out: Option<WayOut>,
}

impl Refusal {
    /// One without a way out.
    #[must_use]
    pub const fn new(key: String, why: String, now: Option<TextRow>) -> Self {
        Self { key, why, now, way_out: None }
    }
}

/// What came of one transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Every row is written.
    Done(Vec<TextRow>),
    /// Rows are not as they were seen; nothing of this transaction is written.
    Changed(Vec<Refusal>),
    /// It was not even begun: a standby, a log that cannot be written.
    Refused(String),
    /// It was not written.
    Failed(Failure),
    /// The link was lost when it was to end, and nobody could tell since. Some rows may be written.
    Unknown {
        /// What is known.
        why: String,
        /// What the write had returned.
        rows: Vec<TextRow>,
    },
}

impl Outcome {
    /// One word, for records and envelopes.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Changed(_) => "changed",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// What there is to say beside the word; empty when it is done.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Done(_) => String::new(),
            Self::Changed(rows) => {
                rows.iter().map(|row| format!("{}: {}", row.key, row.why)).collect::<Vec<_>>().join("\n")
            }
            Self::Refused(why) | Self::Unknown { why, .. } => why.clone(),
            Self::Failed(failure) => failure.to_string(),
        }
    }
}

/// What somebody can do about a write that failed. Unlike a read, it is not tried again by itself.
#[must_use]
pub fn hint(failure: &Failure) -> &str {
    if let Some(remedy) = &failure.remedy {
        return remedy;
    }
    let kind = failure.kind;
    match kind {
        FailureKind::Unreachable
        | FailureKind::Auth
        | FailureKind::Schema
        | FailureKind::NotConfigured
        | FailureKind::NoScope => kind.hint(),
        FailureKind::Privilege => {
            "the login may not do it: `opsdash doctor --grants` prints the rights that actions need"
        }
        FailureKind::Timeout => "the server is slow or the link is; look at the rows, then try again",
        FailureKind::Busy => "somebody else holds the rows, or the server is at its limits; try again",
        FailureKind::Other => "see the message",
    }
}
