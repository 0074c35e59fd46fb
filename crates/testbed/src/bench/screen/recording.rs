//! What a program wrote and when, played again: the playing takes no time from what is measured.

use std::time::Instant;

use crate::pty::{Screen, Terminal};

/// What the program writes at the end of each frame: the end of a synchronized update.
pub(super) const FRAME_END: &[u8] = b"\x1b[?2026l";

/// When the screen first satisfied the condition at the end of a piece that arrived; `None` when it never did.
pub(super) fn first(terminal: &Terminal, condition: impl Fn(&Screen) -> bool) -> Option<Instant> {
    let bytes = terminal.bytes();
    let (rows, columns) = terminal.screen().size();
    let mut parser = vt100::Parser::new(rows, columns, 0);
    let mut begin = 0;
    terminal.arrivals().into_iter().find_map(|arrival| {
        parser.process(&bytes[begin..arrival.end]);
        begin = arrival.end;
        condition(parser.screen()).then_some(arrival.at)
    })
}

/// Bytes of each frame that was written after the first `from` bytes.
pub(super) fn frames(terminal: &Terminal, from: usize) -> Vec<usize> {
    let bytes = terminal.bytes();
    let ends = bytes[from..].windows(FRAME_END.len()).enumerate().filter(|(_, window)| *window == FRAME_END);
    let ends: Vec<usize> = ends.map(|(at, _)| from + at + FRAME_END.len()).collect();
    let begins = std::iter::once(from).chain(ends.iter().copied());
    begins.zip(&ends).map(|(begin, end)| end - begin).collect()
}
