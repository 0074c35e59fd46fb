//! What needs somebody: the troubled rows of all views that ask for attention, worst first.

use crate::{
    model::Board,
    pack::ViewId,
    value::{RowKey, Severity},
};

/// Lines at most: beyond that the tabs are the place to look.
const LINES: usize = 200;

/// One line of the overview's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whose row.
    pub view: ViewId,
    /// Place of the row in the view's judged snapshot.
    pub row: usize,
    /// The row.
    pub key: RowKey,
    /// How bad it is.
    pub severity: Severity,
}

impl Line {
    /// What identifies the line among those of all views.
    #[must_use]
    pub fn id(&self) -> RowKey {
        RowKey(format!("{}:{}", self.view.0, self.key.as_str()).into())
    }
}

/// Lines, worst first, then in the order of tabs and queries.
#[must_use]
pub fn lines(board: &Board) -> Vec<Line> {
    let views = board.pack.tabs().filter(|id| board.pack.view(*id).attention);
    let mut lines: Vec<Line> = views
        .flat_map(|view| {
            let rows = board.panel(view).judged().map_or(&[][..], |snapshot| &snapshot.rows);
            rows.iter()
                .enumerate()
                .filter(|(_, row)| matches!(row.severity, Severity::Crit | Severity::Warn))
                .map(move |(at, row)| Line { view, row: at, key: row.key.clone(), severity: row.severity })
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.severity));
    lines.truncate(LINES);
    lines
}

/// How many rows need somebody, shown or not.
#[must_use]
pub fn total(board: &Board) -> u64 {
    let views = board.pack.tabs().filter(|id| board.pack.view(*id).attention);
    views
        .filter_map(|view| board.panel(view).judged())
        .map(|snapshot| snapshot.counts.crit + snapshot.counts.warn)
        .sum()
}
