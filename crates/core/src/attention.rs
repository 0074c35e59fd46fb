//! What needs somebody: the troubled rows of all views that ask for attention, worst first.

use std::collections::BTreeMap;

use crate::{
    model::{Board, Row, Snapshot},
    pack::ViewId,
    value::{RowKey, Severity},
};

/// Lines at most: beyond that the tabs are the place to look.
const LINES: usize = 200;
/// Fewer crit rows than this are no flood, whatever part of the view they are.
const FLOOD_LEAST: u64 = 6;

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
    /// Present when it stands for many rows.
    pub flood: Option<Flood>,
}

/// Rows of one view that are crit for one reason, more than half of them all: the cause is one, not many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flood {
    /// How many rows; where not all are loaded, as many as the loaded ones let expect.
    pub rows: u64,
    /// The reason without its numbers: "silent for #h".
    pub reason: String,
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
    let mut lines: Vec<Line> = views.flat_map(|view| lines_of(board, view)).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.severity));
    lines.truncate(LINES);
    lines
}

/// The lines of one view: a row each, those of a flood in one line at the place of its first.
fn lines_of(board: &Board, view: ViewId) -> Vec<Line> {
    let Some(snapshot) = board.panel(view).judged() else { return Vec::new() };
    let flood = flood(snapshot);
    let mut is_told = false;
    let mut lines = Vec::new();
    for (row, known) in snapshot.rows.iter().enumerate() {
        if !matches!(known.severity, Severity::Crit | Severity::Warn) {
            continue;
        }
        let own_flood = flood.as_ref().filter(|flood| is_of(flood, known));
        if own_flood.is_some() && std::mem::replace(&mut is_told, true) {
            continue;
        }
        lines.push(Line { view, row, key: known.key.clone(), severity: known.severity, flood: own_flood.cloned() });
    }
    lines
}

fn is_of(flood: &Flood, row: &Row) -> bool {
    row.severity == Severity::Crit && without_numbers(&row.why) == flood.reason
}

/// The flood of a view, when it has one.
fn flood(snapshot: &Snapshot) -> Option<Flood> {
    let counts = snapshot.counts;
    if counts.crit < FLOOD_LEAST || counts.crit * 2 <= counts.total() {
        return None;
    }
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in snapshot.rows.iter().filter(|row| row.severity == Severity::Crit) {
        *reasons.entry(without_numbers(&row.why)).or_default() += 1;
    }
    let loaded: u64 = reasons.values().sum();
    let (reason, n) = reasons.into_iter().max_by_key(|(_, n)| *n)?;
    let rows = counts.crit * n / loaded.max(1);
    (rows >= FLOOD_LEAST && rows * 2 > counts.total()).then_some(Flood { rows, reason })
}

fn without_numbers(text: &str) -> String {
    let mut reason = String::new();
    for c in text.chars() {
        match c {
            c if !c.is_ascii_digit() => reason.push(c),
            _ if !reason.ends_with('#') => reason.push('#'),
            _ => {}
        }
    }
    reason
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
