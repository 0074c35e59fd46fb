//! A box over the target, as lines.

use super::Line;

/// A box: its heading, its lines, how many of them are above the first on screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Popup {
    /// The heading.
    pub title: String,
    /// All lines.
    pub lines: Vec<Line>,
    /// The first one on screen.
    pub scroll: usize,
    /// Cells that the widest line takes.
    pub columns: usize,
    /// Where in it the text field is, which the terminal draws; `None` when there is none.
    pub input: Option<InputPosition>,
}

/// Where a text field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputPosition {
    /// Its first line.
    pub line: usize,
    /// How many lines it has.
    pub rows: usize,
    /// Cells before it.
    pub column: usize,
}
