//! On a long line, and how often it is gone along.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::super::database::Database;
use super::super::table::{Budget, Figure, Unit, median};
use super::start::{Condition, times};
use super::{Bench, has_cursor, has_finding, leave, ms};
use crate::forwarder::{Forwarder, Line};
use crate::sample::cybersensei::POSTGRES_DATABASE;
use crate::servers::pgbouncer::PgBouncer;

/// There and back.
const ROUND_TRIP: Duration = Duration::from_millis(200);
/// Nine round trips and 300 ms.
const FIRST_ROWS: Budget = Budget::AtMost(2_100.0);
const REFRESH: Budget = Budget::AtMost(3.0);
const REFRESH_BY_POOLER: Budget = Budget::AtMost(4.0);
const AFTERWARDS: &str = "and one after the answer, which ends the transaction";
const RUNS: usize = 3;
/// A view is asked every few seconds.
const AT_MOST: Duration = Duration::from_mins(2);
/// A view of one question, which nothing else is asked for.
const ONE_QUESTION: &str = "admins";
/// Not so often that one refresh runs into the next.
const OFTEN: &str = "[views.admins]\nrefresh = \"4s\"\n";

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let mut figures = first_rows(bench).await?;
    figures.extend(refreshes(bench).await?);
    Ok(figures)
}

/// Forwarders in front of both servers, and the config that leads through them.
pub(super) struct Detour {
    pub(super) main: Forwarder,
    pub(super) files: Forwarder,
    pub(super) main_url: String,
    pub(super) files_url: String,
}

impl Detour {
    pub(super) async fn start(database: &Database) -> Result<Self> {
        let (main_port, files_port) = (database.postgres.port(), database.mongod.port());
        let main = Forwarder::start(main_port).await?;
        let files = Forwarder::start(files_port).await?;
        let main_url = main.through(&database.main_url(), main_port);
        let files_url = files.through(&database.files_url(), files_port);
        Ok(Self { main, files, main_url, files_url })
    }
}

async fn first_rows(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let detour = Detour::start(bench.database).await?;
    for line in [&detour.main, &detour.files] {
        line.set_line(Line::round_trip(ROUND_TRIP));
    }
    let config = bench.database.config(&detour.main_url, &detour.files_url, "")?;
    let cases: [(&str, &[&str], Condition<'_>); 2] =
        [("the overview", &[], &has_finding), ("all tenants", &["--view", "tenants"], &has_cursor)];
    let mut figures = Vec::new();
    for (what, args, condition) in cases {
        let mut taken = Vec::new();
        for _ in 0..RUNS {
            taken.push(ms(times(bench, &config, args, &[condition])?[0]));
        }
        let taken = median(&mut taken);
        let note = format!("{:.1} round trips", taken / ms(ROUND_TRIP));
        let what = format!("200 ms away: first rows of {what}");
        figures.push(Figure::new(what, taken, Unit::Ms, FIRST_ROWS).note(note));
    }
    Ok(figures)
}

async fn refreshes(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let detour = Detour::start(bench.database).await?;
    let direct = round_trips(bench, &detour.main, &detour.main_url)?;
    let pooler = PgBouncer::start(&bench.database.postgres)?;
    let line = Forwarder::start(pooler.port()).await?;
    let behind = round_trips(bench, &line, &line.through(&pooler.url(POSTGRES_DATABASE), pooler.port()))?;
    Ok(vec![
        Figure::new("a refresh", direct, Unit::RoundTrips, REFRESH).note(AFTERWARDS),
        Figure::new("a refresh behind a pooler", behind, Unit::RoundTrips, REFRESH_BY_POOLER).note(AFTERWARDS),
    ])
}

/// What one refresh of one view takes until its answer: the least of several, for other views are asked too, if more rarely.
///
/// # Errors
/// When the view is not asked anew.
fn round_trips(bench: &Bench<'_>, line: &Forwarder, url: &str) -> Result<f64> {
    let config = bench.database.config(url, &bench.database.files_url(), OFTEN)?;
    let screen = bench.open(&config, &["--view", ONE_QUESTION])?;
    screen.wait_until("the list has rows", has_cursor)?;
    until_quiet(line);
    let start = Instant::now();
    let mut taken = Vec::new();
    while taken.len() < RUNS {
        ensure!(start.elapsed() < AT_MOST, "{ONE_QUESTION} was asked anew {} times in {AT_MOST:?}", taken.len());
        line.reset();
        until_quiet(line);
        let trips = line.traffic().round_trips;
        // Nothing, or a connection that is seen to be there still: a question has at least an answer and an end.
        if trips > 1 {
            taken.push(trips);
        }
    }
    leave(screen)?;
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    Ok(taken.into_iter().min().unwrap_or_default() as f64 - 1.0)
}

/// Waits until nothing has gone through for a second; no longer than ten.
fn until_quiet(line: &Forwarder) {
    let start = Instant::now();
    let mut before = line.traffic();
    while start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_secs(1));
        let now = line.traffic();
        if now == before {
            return;
        }
        before = now;
    }
}
