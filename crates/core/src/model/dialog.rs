use opsdash_pack::pack::ViewId;

use super::{Input, TargetId};
use crate::{
    action::{ActionRequest, Confirmation, TextRow, WriteKind},
    contract::Ticket,
    scope::ScopeChoice,
    time::Monotonic,
};

/// Rows of a view that are meant, captured when a command was given: what happens on screen since does not change them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// On whose target.
    pub target: TargetId,
    /// The view.
    pub view: ViewId,
    /// Keys of its rows, in the order of the screen.
    pub rows: Vec<String>,
    /// Whose rows they are; `None` where the view is not asked within a scope.
    pub scope: Option<ScopeChoice>,
}

/// An action that waits to be confirmed. It holds what will be written; the server compares it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialog {
    /// On whose target.
    pub target: TargetId,
    /// What is wanted.
    pub request: ActionRequest,
    /// What will be written. What is asked joins it when it is confirmed.
    pub write: WriteKind,
    /// Rows of an undo as they were seen before they were written: their names are for who confirms.
    pub seen: Vec<TextRow>,
    /// How it is confirmed.
    pub confirmation: Confirmation,
    /// What is asked, and last what is typed to confirm.
    pub fields: Vec<Field>,
    /// Where keys go.
    pub focus: Focus,
    /// When it opened: keys that come too soon were meant for something else.
    pub opened: Monotonic,
    /// When the last key came.
    pub touched: Monotonic,
    /// Why it was not carried out; empty when nothing is wrong.
    pub problem: String,
    /// First row of the preview on screen.
    pub scroll: usize,
}

/// Where the keys of a dialog go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// To this field.
    Field(usize),
    /// The button that leaves everything as it is.
    Cancel,
    /// The button that writes.
    Go,
}

/// One field of a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The ask that it answers; `None` when its text confirms.
    pub ask: Option<String>,
    /// What stands before it.
    pub prompt: String,
    /// What it takes.
    pub kind: FieldKind,
    /// What stands in it.
    pub input: Input,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// One of these; nothing is chosen until somebody does.
    Choice(Vec<String>),
}

impl Dialog {
    /// The field with the focus.
    #[must_use]
    pub fn field(&self) -> Option<&Field> {
        match self.focus {
            Focus::Field(at) => self.fields.get(at),
            Focus::Cancel | Focus::Go => None,
        }
    }

    /// Its text field with the focus.
    #[must_use]
    pub fn input(&self) -> Option<&Input> {
        self.field().filter(|field| !matches!(field.kind, FieldKind::Choice(_))).map(|field| &field.input)
    }
}

/// A write that has been confirmed and whose end has not been heard.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteInFlight {
    /// The number of the write; a report under another number is dropped.
    pub ticket: Ticket,
    /// On whose target.
    pub target: TargetId,
    /// What was wanted.
    pub request: ActionRequest,
    /// What is written.
    pub task: ActionKind,
    /// How many rows.
    pub rows: usize,
    /// The rows as they were seen before.
    pub seen: Vec<TextRow>,
    /// Rows of the batches that are done.
    pub done: usize,
    /// Whether the program is left as soon as it ends.
    pub leaves: bool,
}

/// Whether something is done or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// Done.
    Do,
    /// Taken back.
    Undo,
}
