use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use opsdash_pack::pack::{SourceId, ViewId};

use super::{List, TargetId};
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
    /// Its lines, while it is on screen.
    pub(crate) lines: Arc<[AttentionItem]>,
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
            lines: Arc::default(),
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

/// One line of the overview's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionItem {
    /// Which target's.
    pub target: TargetId,
    /// Whose row. Of a source, the first view that rests on it.
    pub view: ViewId,
    /// Place of the row in the view's judged snapshot; of a line that stands for many, of the first of them.
    pub row: usize,
    /// The row.
    pub key: RowKey,
    /// How bad it is.
    pub severity: Severity,
    /// What it stands for.
    pub kind: LineKind,
}

/// What a line of the overview's list stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineKind {
    /// One row.
    Row,
    /// One row of those that the line above it stands for.
    Inner,
    /// Rows of one view that have one reason.
    Fold(ManyRows),
    /// Rows that follow from the lines above, which are of another view.
    Echoes {
        /// That view.
        cause: ViewId,
        /// The rows.
        many: ManyRows,
    },
    /// So many rows of its view, beyond those that are listed.
    Rest(u64),
    /// A source that does not answer, or that is not asked.
    Source(SourceId),
}

/// Rows of one view in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyRows {
    /// How many rows.
    pub rows: u64,
    /// Whether there may be more, because not all are loaded.
    pub or_more: bool,
    /// How many rows the view has; `None` where nobody has counted them.
    pub of: Option<u64>,
    /// What they have in common: "silent for …".
    pub reason: String,
    /// By what they are folded: the id of the reason, else what it says but for numbers.
    pub kind: String,
}

impl ManyRows {
    /// Whether they are more than half of the view: then one thing makes them what they are, whatever it is.
    #[must_use]
    pub fn are_most(&self) -> bool {
        self.of.is_some_and(|of| self.rows * 2 > of)
    }
}

impl AttentionItem {
    /// What identifies the line among those of all views and targets. That of many rows is by what they have in common, so
    /// that it stays when the first of them goes.
    #[must_use]
    pub fn id(&self) -> RowKey {
        let (target, view, severity) = (self.target.0, self.view.0, self.severity.word());
        let id = match &self.kind {
            LineKind::Row | LineKind::Inner => format!("{target}:{view}:{}", self.key.as_str()),
            LineKind::Fold(many) => format!("fold:{target}:{view}:{severity}:{}", many.kind),
            LineKind::Echoes { cause, .. } => format!("echoes:{target}:{view}:{severity}:{}", cause.0),
            LineKind::Rest(_) => format!("rest:{target}:{view}"),
            LineKind::Source(source) => format!("source:{target}:{}", source.0),
        };
        RowKey(id.into())
    }

    /// How many rows it stands for: a source for none, and a row beneath the line that it belongs to for none either.
    #[must_use]
    pub fn rows(&self) -> u64 {
        match &self.kind {
            LineKind::Row => 1,
            LineKind::Fold(many) | LineKind::Echoes { many, .. } => many.rows,
            LineKind::Rest(rows) => *rows,
            LineKind::Inner | LineKind::Source(_) => 0,
        }
    }

    /// The source that it is of, where it is of no row.
    #[must_use]
    pub fn source(&self) -> Option<SourceId> {
        match self.kind {
            LineKind::Source(source) => Some(source),
            _ => None,
        }
    }

    /// Whether it is of one row, which can be opened and acted on.
    #[must_use]
    pub fn is_row(&self) -> bool {
        matches!(self.kind, LineKind::Row | LineKind::Inner)
    }

    /// Whether it stands for rows that can be listed beneath it.
    #[must_use]
    pub fn unfolds(&self) -> bool {
        matches!(self.kind, LineKind::Fold(_) | LineKind::Echoes { .. })
    }
}
