//! What goes over the line to the terminal, at 160 by 45 cells.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::table::{Budget, Figure, Unit, percentile};
use super::recording::{FRAME_END, frames};
use super::{Bench, leave, many_rows, settle};
use crate::pty::Terminal;

const IDLE: Budget = Budget::AtMost(60.0);
const CURSOR: Budget = Budget::AtMost(500.0);
const FRAME: Budget = Budget::AtMost(10_000.0);
const HELD: Budget = Budget::AtMost(200_000.0);

const IDLE_FOR: Duration = Duration::from_secs(20);
/// As a keyboard repeats a key that is held.
const REPEAT: Duration = Duration::from_millis(33);
const HELD_ROWS: usize = 200;

pub(super) fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let config = bench.direct(&many_rows())?;
    let mut screen = bench.open_many_rows(&config)?;
    let mut figures = vec![idle(&screen, "list"), cursor(&mut screen)?, held(&mut screen)?];
    figures.push(tabs(&mut screen)?);
    screen.press("1")?;
    settle(&screen);
    figures.insert(1, idle(&screen, "overview"));
    leave(screen)?;
    Ok(figures)
}

pub(super) fn idle(screen: &Terminal, what: &str) -> Figure {
    let before = screen.written();
    std::thread::sleep(IDLE_FOR);
    let rate = size(screen.written() - before) / IDLE_FOR.as_secs_f64();
    Figure::new(format!("bytes: idle, {what}"), rate, Unit::BytesPerSecond, IDLE)
}

/// Within a page: nothing scrolls.
fn cursor(screen: &mut Terminal) -> Result<Figure> {
    let mut moves = Vec::new();
    for _ in 0..20 {
        let written = screen.written();
        screen.press("j")?;
        let drawn = screen.wait_for_bytes(FRAME_END, written)?;
        moves.push(size(drawn.end - written));
        std::thread::sleep(REPEAT);
    }
    let median = percentile(&mut moves, 0.5);
    Ok(Figure::new("bytes: cursor move", median, Unit::Bytes, CURSOR)
        .note(format!("at most {:.0}", percentile(&mut moves, 1.0))))
}

fn held(screen: &mut Terminal) -> Result<Figure> {
    let before = screen.written();
    for _ in 0..HELD_ROWS {
        let next = Instant::now() + REPEAT;
        screen.press("j")?;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let bytes = size(screen.written() - before);
    Ok(Figure::new("bytes: holding j for 200 rows", bytes, Unit::Bytes, HELD))
}

/// The largest frame that a change of the tab costs.
fn tabs(screen: &mut Terminal) -> Result<Figure> {
    let mut largest = (0, "");
    for tab in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "4", "1"] {
        let before = screen.written();
        screen.press(tab)?;
        settle(screen);
        largest = largest.max((frames(screen, before).into_iter().max().unwrap_or_default(), tab));
    }
    let (bytes, tab) = largest;
    Ok(Figure::new("bytes: full frame", size(bytes), Unit::Bytes, FRAME)
        .note(format!("the largest of all tabs, {tab}")))
}

#[expect(clippy::cast_precision_loss, reason = "bytes of a terminal's session")]
fn size(bytes: usize) -> f64 {
    bytes as f64
}
