//! What needs somebody: the troubled rows of all views that ask for attention, worst first.

use std::collections::BTreeMap;

use crate::{
    model::Board,
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
    /// How many crit rows it stands for, when more than half of the view is crit: then the cause is one, not many.
    pub flood: Option<u64>,
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

/// The lines of one view: a row each, the crit ones in one line when they are a flood.
fn lines_of(board: &Board, view: ViewId) -> Vec<Line> {
    let Some(snapshot) = board.panel(view).judged() else { return Vec::new() };
    let counts = snapshot.counts;
    let flood = (counts.crit >= FLOOD_LEAST && counts.crit * 2 > counts.total()).then_some(counts.crit);
    let mut lines = Vec::new();
    for (row, known) in snapshot.rows.iter().enumerate() {
        let is_first = lines.is_empty();
        let is_shown = match known.severity {
            Severity::Crit => flood.is_none() || is_first,
            Severity::Warn => true,
            Severity::Ok | Severity::Unknown => false,
        };
        if is_shown {
            let flood = flood.filter(|_| known.severity == Severity::Crit);
            lines.push(Line { view, row, key: known.key.clone(), severity: known.severity, flood });
        }
    }
    lines
}

/// The reason that most rows of a flood have, without its numbers: "silent for #h".
#[must_use]
pub fn common_reason(board: &Board, view: ViewId) -> String {
    let rows = board.panel(view).judged().map_or(&[][..], |snapshot| &snapshot.rows);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.severity == Severity::Crit) {
        *reasons.entry(without_numbers(&row.why)).or_default() += 1;
    }
    reasons.into_iter().max_by_key(|(_, n)| *n).map(|(reason, _)| reason).unwrap_or_default()
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
