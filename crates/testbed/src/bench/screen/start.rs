//! How soon there is something to see.

use std::time::Duration;

use anyhow::{Context, Result};

use super::super::table::{Budget, Figure, Unit, median};
use super::recording;
use super::{Bench, has_cursor, has_finding, leave, ms};
use crate::pty::Screen;

const RUNS: usize = 7;
pub(super) const SKELETON: Budget = Budget::AtMost(50.0);
pub(super) const FIRST_ROWS: Budget = Budget::AtMost(150.0);

pub(super) fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let config = bench.direct("")?;
    let (mut skeleton, mut finding, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let times = times(bench, &config, &[], &[&has_tabs, &has_finding])?;
        skeleton.push(ms(times[0]));
        finding.push(ms(times[1]));
        rows.push(ms(times_of_rows(bench, &config)?));
    }
    Ok(vec![
        Figure::new("start: skeleton", median(&mut skeleton), Unit::Ms, SKELETON),
        Figure::new("start: first rows of the overview", median(&mut finding), Unit::Ms, FIRST_ROWS),
        Figure::new("start: first rows of all tenants", median(&mut rows), Unit::Ms, FIRST_ROWS),
    ])
}

fn times_of_rows(bench: &Bench<'_>, config: &std::path::Path) -> Result<Duration> {
    Ok(times(bench, config, &["--view", "tenants"], &[&has_cursor])?[0])
}

/// Condition on a screen.
pub(super) type Condition<'c> = &'c dyn Fn(&Screen) -> bool;

pub(super) fn has_tabs(screen: &Screen) -> bool {
    screen.contents().contains("Overview")
}

/// From the start of the program until each of these was on the screen.
pub(super) fn times(
    bench: &Bench<'_>,
    config: &std::path::Path,
    args: &[&str],
    conditions: &[Condition<'_>],
) -> Result<Vec<Duration>> {
    let screen = bench.open(config, args)?;
    screen.wait_until("the first rows", |screen| conditions.iter().all(|condition| condition(screen)))?;
    let first = |condition: &Condition<'_>| recording::first(&screen, condition).context("it was on the screen");
    let times = conditions.iter().map(|condition| Ok(first(condition)? - screen.started())).collect();
    leave(screen)?;
    times
}
