use super::Search;
use crate::{
    contract::Ticket,
    history::{History, HistoryEntry},
    time::Zone,
};

/// The list of what was done on the targets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistoryPane {
    /// The number of the question that is out; `None` when none is.
    pub awaited: Option<Ticket>,
    /// What the record said last, or why it could not be read; `None` before it did.
    pub known: Option<Result<History, String>>,
    /// What is searched for.
    pub search: Search,
    /// The line with the cursor, as a place among those that are shown.
    pub at: usize,
    /// The first line on screen, as a place among those that are shown.
    pub top: usize,
}

impl HistoryPane {
    /// The actions that have every word of the search, newest first.
    pub fn shown<'p>(&'p self, zone: &'p Zone) -> impl Iterator<Item = &'p HistoryEntry> {
        let known = self.known.iter().flatten().flat_map(|history| &history.entries);
        known.filter(move |entry| self.search.text.trim().is_empty() || entry.has_words(&self.search.text, zone))
    }

    /// The action with the cursor.
    #[must_use]
    pub fn current<'p>(&'p self, zone: &'p Zone) -> Option<&'p HistoryEntry> {
        self.shown(zone).nth(self.at)
    }
}
