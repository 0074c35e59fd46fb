use opsdash_pack::{command::Command, pack::ViewId};

use super::{Dialog, FieldKind, HistoryPane, Input, Route, RunbookPane, RunbookPlace, Selection, TargetId};
use crate::{
    action::ActionRequest,
    contract::Ticket,
    export::FileFormat,
    scope::ScopeChoice,
    time::Monotonic,
    value::{RowKey, Severity},
};

/// What lies over the target. Exactly one, the topmost, receives the keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    /// Every key; the first line on screen.
    Help {
        /// First line on screen.
        scroll: usize,
    },
    /// The filter line.
    Filter {
        /// What is typed.
        input: Input,
        /// What stood there before, for Esc.
        before: String,
        /// What of it cannot be understood; the list is as the last line that could be left it.
        wrong: Option<String>,
    },
    /// A list to choose from by typing.
    Picker(Picker),
    /// The facets of the view: up and down choose one, left and right its choice.
    Facets {
        /// Place of the chosen facet.
        at: usize,
    },
    /// The rows of an action are being looked at; nothing lies over the target yet.
    PreviewPending {
        /// The number of the preview; an answer under another number is dropped.
        ticket: Ticket,
        /// On whose target.
        target: TargetId,
        /// What is wanted.
        request: ActionRequest,
    },
    /// An action waits to be confirmed.
    Act(Box<Dialog>),
    /// A protected target waits for its name.
    Unlock {
        /// Which one.
        target: TargetId,
        /// What is typed.
        input: Input,
        /// Whether something else was typed before.
        failed: bool,
    },
    /// Something that must be read: it stays until it is closed.
    Told(MessageBox),
    /// The runbook and the checklists.
    Runbook(RunbookPane),
    /// What was done on the targets.
    History(HistoryPane),
}

/// Something that must be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageBox {
    /// The heading.
    pub title: String,
    /// Paragraphs, inert.
    pub text: Vec<String>,
    /// First line on screen.
    pub scroll: usize,
    /// When it opened.
    pub opened: Monotonic,
    /// Whether it is kept for the next run, when it is closed, that it was told.
    pub is_kept: bool,
}

impl Overlay {
    /// Its text field.
    #[must_use]
    pub fn input(&self) -> Option<&Input> {
        match self {
            Self::Filter { input, .. } | Self::Unlock { input, .. } => Some(input),
            Self::Picker(picker) => Some(&picker.input),
            Self::Act(dialog) => dialog.input(),
            Self::Runbook(pane) => pane.search.input.as_ref(),
            Self::History(pane) => pane.search.input.as_ref(),
            Self::Help { .. } | Self::Facets { .. } | Self::PreviewPending { .. } | Self::Told(_) => None,
        }
    }

    /// Whether its text field has several lines.
    #[must_use]
    pub fn has_lines(&self) -> bool {
        matches!(self, Self::Act(dialog) if dialog.field().is_some_and(|field| field.kind == FieldKind::Lines))
    }
}

/// A list to choose from by typing.
#[derive(Debug, Clone, PartialEq)]
pub struct Picker {
    /// The heading.
    pub title: String,
    /// What is typed.
    pub input: Input,
    /// Everything there is.
    pub items: Vec<PickerItem>,
    /// Places in `items` of what fits the text, best first.
    pub fits: Vec<usize>,
    /// Place in `fits`.
    pub at: usize,
    /// Rows that it is about, captured when it opened.
    pub chosen: Option<Selection>,
    /// The facet of the view on screen whose choices the items are; `None` for any other list.
    pub facet: Option<usize>,
    /// The target whose scopes the items are; `None` for any other list.
    pub scopes: Option<TargetId>,
    /// Whether rows that fit are among the items, once something is typed.
    pub finds_rows: bool,
}

/// One line of a picker.
#[derive(Debug, Clone, PartialEq)]
pub struct PickerItem {
    /// What it is called.
    pub label: String,
    /// What stands dim beside it.
    pub note: String,
    /// What else finds it, lower case.
    pub other_names: Vec<String>,
    /// How bad it is, where it is a row; how bad the worst row is, where it is a view.
    pub severity: Option<Severity>,
    /// What choosing it does.
    pub pick: PickerChoice,
}

impl PickerItem {
    /// An item with nothing beside it.
    pub(crate) fn new(label: impl Into<String>, pick: PickerChoice) -> Self {
        Self { label: label.into(), note: String::new(), other_names: Vec::new(), severity: None, pick }
    }
}

/// What choosing an item does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PickerChoice {
    /// Gives a command.
    Command(Command),
    /// Opens a tab.
    Route(Route),
    /// Opens a target.
    Target(TargetId),
    /// Opens a view with the cursor on a row.
    Row {
        /// Of which target.
        target: TargetId,
        /// Which view.
        view: ViewId,
        /// Which row.
        key: RowKey,
    },
    /// Opens a view of another target.
    View {
        /// Of which target.
        target: TargetId,
        /// Which view.
        view: ViewId,
    },
    /// Opens a view of the target on screen with what its server finds.
    Search {
        /// Which view.
        view: ViewId,
        /// What is looked for.
        text: String,
    },
    /// Chooses the label for a facet of the view, by the facet's place.
    Choice(usize),
    /// Sees the rows of this scope from now on.
    Scope(ScopeChoice),
    /// Narrows the overview's list to what passes this filter; an empty one widens it.
    Filter(String),
    /// Opens the runbook there.
    Runbook(RunbookPlace),
    /// Follows a link of the view, by its place.
    Link(usize),
    /// Writes the rows to a file.
    Export(FileFormat),
    /// Fetches the file of the row that the picker is about.
    Fetch,
    /// Wants an action of the view, by its place.
    Action(usize),
    /// Hides the rows that the picker is about for so many ms.
    Snooze(u64),
    /// Shows them again.
    Wake,
    /// Shows the rows that are hidden, or hides them again.
    ShowSnoozed,
}
