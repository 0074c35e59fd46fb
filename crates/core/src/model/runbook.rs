use std::collections::BTreeSet;

use super::{Search, TargetId};

/// The pane of the runbook and the checklists of a target's system.
#[derive(Debug, Clone, PartialEq)]
pub struct RunbookPane {
    /// Whose.
    pub target: TargetId,
    /// What is searched for.
    pub search: Search,
    /// Entries and checklists that are unfolded.
    pub unfolded: BTreeSet<RunbookPlace>,
    /// Where the cursor is.
    pub at: RunbookPlace,
    /// First line on screen.
    pub top: usize,
}

/// A place where the cursor of the pane can be, by places in the pack's runbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunbookPlace {
    /// An entry.
    Entry(usize),
    /// A step of an entry.
    Step(usize, usize),
    /// A checklist.
    Checklist(usize),
    /// A tick of a checklist.
    Tick(usize, usize),
}

impl RunbookPlace {
    /// The entry or the checklist that it is or belongs to.
    #[must_use]
    pub fn whole(self) -> Self {
        match self {
            Self::Entry(entry) | Self::Step(entry, _) => Self::Entry(entry),
            Self::Checklist(list) | Self::Tick(list, _) => Self::Checklist(list),
        }
    }
}
