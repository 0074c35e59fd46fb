//! Ten targets of two systems, all watched: what one target may take, all of them together may take, but for the memory of rows that
//! one does not have.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use jiff::Timestamp;

use super::super::database::{Database, OPERATOR, PASSWORD};
use super::super::table::{Budget, Figure, Unit, median};
use super::start::{FIRST_ROWS, SKELETON, has_tabs, times};
use super::{Bench, bytes, has_finding, keys, leave, ms, process, settle};
use crate::pty::Screen;
use crate::sample::kronos;

/// Of each system.
const TARGETS: usize = 5;
const RUNS: usize = 3;
/// What they hold: of five targets all tenants and, since these judge them, their metrics; of the other lists the troubled rows.
const ROWS: f64 = 5.0 * (2.0 * 2_000.0 + 500.0);

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let config = config(bench.database).await?;
    let (mut skeleton, mut rows, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let times = times(bench, &config, &[], &[&has_tabs, &has_finding, &has_heard_all])?;
        for (taken, time) in [&mut skeleton, &mut rows, &mut all].into_iter().zip(times) {
            taken.push(ms(time));
        }
    }
    let mut figures = vec![
        Figure::new("ten targets: skeleton", median(&mut skeleton), Unit::Ms, SKELETON),
        Figure::new("ten targets: first rows", median(&mut rows), Unit::Ms, FIRST_ROWS),
        Figure::new("ten targets: until each has answered", median(&mut all), Unit::Ms, Budget::None),
    ];
    let mut screen = bench.open(&config, &[])?;
    screen.wait_until("every target has answered", has_heard_all)?;
    settle(&screen);
    figures.push(process::resident(&screen, "ten targets: memory", ROWS)?);
    let moves = ["j"; 60].iter().chain(&["k"; 60]).copied().collect::<Vec<_>>();
    figures.extend(keys::figures("ten targets: key to redraw", &mut keys::times(&mut screen, &moves)?));
    figures.push(bytes::idle(&screen, "ten targets"));
    figures.push(process::idle_cpu(&screen, "ten targets: CPU, idle")?);
    let pressed = Instant::now();
    screen.press("R")?;
    let at_rest = process::wait_until_memory_stands(&screen)?;
    let note = format!("stood after {:.1} s", at_rest.saturating_duration_since(pressed).as_secs_f64());
    figures.push(process::resident(&screen, "ten targets: memory, all asked again", ROWS)?.note(note));
    leave(screen)?;
    Ok(figures)
}

/// Whether no target is waited for: each has a severity on the overview.
fn has_heard_all(screen: &Screen) -> bool {
    let contents = screen.contents();
    // The first line names the target on screen, and below the heading stand rows of the targets.
    let above = contents.lines().skip(1).take_while(|line| !line.trim_start().starts_with("Attention"));
    let lines = above.filter(|line| is_of_target(line));
    let heard = lines.filter(|line| line.contains(['✖', '▲', '●'])).count();
    heard == 2 * TARGETS
}

fn is_of_target(line: &str) -> bool {
    ["central", "kronos"].iter().any(|system| {
        let words = line.trim_start_matches(['›', '▌', ' ']);
        words
            .trim_start_matches(['✖', '▲', '●', '?', ' '])
            .strip_prefix(system)
            .is_some_and(|rest| rest.starts_with('-'))
    })
}

/// A config of five targets of each system, of which those of a system lead to one database.
async fn config(database: &Database) -> Result<PathBuf> {
    database.postgres.create_database(kronos::DATABASE).await?;
    database.postgres.migrate(kronos::DATABASE, "kronos").await?;
    let url = database.postgres.url(kronos::DATABASE);
    kronos::load(&url, Timestamp::now()).await?;
    kronos::grant_operator(&url, OPERATOR).await?;
    let kronos = database.postgres.url_of(OPERATOR, PASSWORD, kronos::DATABASE);
    let (main, files) = (database.main_url(), database.files_url());
    let mut text = String::new();
    for n in 1..=TARGETS {
        write!(
            text,
            "[targets.central-{n}]\nsystem = \"cybersensei\"\n\
             [targets.central-{n}.sources.main]\nurl = \"{main}\"\n\
             [targets.central-{n}.sources.files]\nurl = \"{files}\"\n\
             [targets.kronos-{n}]\nsystem = \"kronos\"\n\
             [targets.kronos-{n}.sources.main]\nurl = \"{kronos}\"\n"
        )?;
    }
    database.write_config(&text)
}
