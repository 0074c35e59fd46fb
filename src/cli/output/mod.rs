//! What the shell prints for people.

pub mod grid;
pub mod rows;
pub mod table;

use std::io::IsTerminal;

use crate::cli::exit::Exit;
use crate::settings::locale;

/// Columns of texts that are wrapped and nobody watches being printed, or whose terminal does not tell how wide it is.
const UNWATCHED_COLUMNS: u16 = 120;

/// What text for people is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputStyle {
    /// Columns.
    pub columns: u16,
    /// Whether escapes for color may be among the text.
    pub color: bool,
    /// ASCII glyphs alone.
    pub ascii: bool,
    /// Whether somebody watches: nothing else cuts a text that is too long, or leaves a column out.
    pub is_watched: bool,
}

impl OutputStyle {
    /// What stdout leads to. Color only where somebody looks and did not decline it.
    #[must_use]
    pub fn stdout() -> Self {
        let watched = std::io::stdout().is_terminal();
        let size = watched.then(crossterm::terminal::size).and_then(Result::ok);
        // A size of 0 is one that nobody knows.
        let columns = size.map(|(columns, _)| columns).filter(|columns| *columns > 0).unwrap_or(UNWATCHED_COLUMNS);
        Self {
            columns: columns.max(20),
            color: watched && !locale::declines_color(),
            ascii: !locale::has_utf8(),
            is_watched: watched,
        }
    }

    /// Cells that a line of a table may have; `None` where nothing is cut.
    #[must_use]
    pub fn room(self) -> Option<usize> {
        self.is_watched.then_some(usize::from(self.columns))
    }
}

/// What a command has to say: data for stdout, notes for stderr, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutput {
    /// Bytes for stdout.
    pub data: Vec<u8>,
    /// Lines for stderr.
    pub notes: Vec<String>,
    /// How it ended.
    pub exit: Exit,
}

impl CommandOutput {
    /// Data, and nothing to add.
    #[must_use]
    pub fn done(data: impl Into<Vec<u8>>) -> Self {
        Self { data: data.into(), notes: Vec::new(), exit: Exit::Done }
    }
}
