use std::collections::{BTreeMap, BTreeSet};

use super::List;
use crate::{
    time::Monotonic,
    value::{RowKey, Severity},
};

/// The overview's list, of all targets that are watched.
#[derive(Debug, Clone)]
pub struct AttentionState {
    /// Cursor and scroll.
    pub list: List,
    /// What stands first.
    pub order: AttentionOrder,
    /// Ids of the lines whose rows are listed beneath them.
    pub unfolded: BTreeSet<RowKey>,
    /// What the user has seen of it.
    pub(crate) seen: Seen,
}

/// What stands first on the overview's list, below the sources that do not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttentionOrder {
    /// Causes, then what no cause explains, worst first.
    Causes,
    /// The rows of the first tab of the first target.
    Tabs,
}

impl AttentionState {
    /// As the program starts.
    pub(crate) fn new(now: Monotonic) -> Self {
        Self {
            list: List::default(),
            order: AttentionOrder::Causes,
            unfolded: BTreeSet::new(),
            seen: Seen::nothing(now),
        }
    }
}

/// Who pressed a key so many ms ago is still at it: what was new when the first key came stays marked so long.
const ATTENTIVE_MS: u64 = 60_000;
/// Answers of so many ms after the start are what there is, and not what has come since.
const SETTLING_MS: u64 = 10_000;

/// What the user has seen of the list, so that what has come since can be marked: its lines at the last key, and at the last key before the user came back.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// `None` until the list was there for the first time.
    last: Option<SeenLines>,
    before: SeenLines,
    /// When the last key came; at first, when the program started.
    at: Monotonic,
}

/// Lines by their ids, with how bad they are and for how many rows they stand.
pub(crate) type SeenLines = BTreeMap<RowKey, (Severity, u64)>;

impl Seen {
    /// Nothing has been seen; the program starts now.
    pub(crate) fn nothing(now: Monotonic) -> Self {
        Self { at: now, ..Self::default() }
    }

    /// Whether the list has been there.
    pub(crate) fn has_settled(&self) -> bool {
        self.last.is_some()
    }

    /// The list is there for the first time: nothing in it is new. `is_whole` when every view has answered.
    pub(crate) fn settle(&mut self, lines: SeenLines, is_whole: bool, now: Monotonic) {
        if self.last.is_none() && (is_whole || now.since(self.at) >= SETTLING_MS) {
            self.before = lines;
            self.last = Some(self.before.clone());
        }
    }

    /// A key was pressed before these lines.
    pub(crate) fn pressed(&mut self, lines: SeenLines, now: Monotonic) {
        let Some(last) = &mut self.last else { return };
        let seen = std::mem::replace(last, lines);
        if now.since(self.at) >= ATTENTIVE_MS {
            self.before = seen;
        }
        self.at = now;
    }

    /// Whether a line has come, got worse or stands for more rows since.
    pub(crate) fn is_new(&self, id: &RowKey, severity: Severity, rows: u64, now: Monotonic) -> bool {
        let Some(last) = &self.last else { return false };
        let seen = if now.since(self.at) < ATTENTIVE_MS { &self.before } else { last };
        seen.get(id).is_none_or(|(before, rows_before)| severity > *before || rows > *rows_before)
    }
}
