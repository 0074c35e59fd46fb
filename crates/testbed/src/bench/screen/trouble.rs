//! How soon trouble is told, and how soon it is over.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::super::table::{Budget, Figure, Unit};
use super::line::Detour;
use super::{Bench, has_cursor, leave, settle};
use crate::forwarder::Mode;

/// How long the server may work on a statement here. The program waits a second longer for its words.
const TIMEOUT: &str = "[targets.bench.sources.main]\ntimeout = \"1s\"\n";
/// That deadline and a second.
const STALE: Budget = Budget::AtMost(3.0);
const BACK: Budget = Budget::AtMost(6.0);
const EXIT: Budget = Budget::AtMost(300.0);

/// Long enough for the pauses between tries to have grown.
const BLACK_HOLE: Duration = Duration::from_secs(15);

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let detour = Detour::start(bench.database).await?;
    let config = bench.database.config(&detour.main_url, &detour.files_url, "")?;
    let text = std::fs::read_to_string(&config)?.replace("[targets.bench.sources.main]\n", TIMEOUT);
    std::fs::write(&config, text)?;
    let mut screen = bench.open(&config, &["--view", "licenses"])?;
    screen.wait_until("the list has rows", has_cursor)?;
    settle(&screen);
    let switch = |mode| [&detour.main, &detour.files].map(|line| line.set_mode(mode));

    switch(Mode::Stall);
    let asked = Instant::now();
    screen.press("R")?;
    screen.wait_for("STALE")?;
    let stale = asked.elapsed();
    std::thread::sleep(BLACK_HOLE);

    switch(Mode::Pass);
    let passes = Instant::now();
    screen.wait_until("the rows are fresh again", |screen| !screen.contents().contains("STALE"))?;
    let back = passes.elapsed();

    switch(Mode::Stall);
    screen.press("R")?;
    screen.wait_for("STALE").context("the second time")?;
    let exit = leave(screen)?;
    Ok(vec![
        Figure::new("black hole: until STALE", stale.as_secs_f64(), Unit::Seconds, STALE).note("timeout 1 s"),
        Figure::new("black hole: until fresh after it", back.as_secs_f64(), Unit::Seconds, BACK),
        Figure::new("black hole: until it has left", exit, Unit::Ms, EXIT),
    ])
}
