//! How soon a key is answered on the screen, with every row loaded that may be and no source answering.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::table::{Budget, Figure, Unit, median, percentile};
use super::line::Detour;
use super::recording::FRAME_END;
use super::{Bench, leave, many_rows, ms};
use crate::forwarder::Mode;
use crate::pty::{Terminal, keys};

/// Of 99 keys in 100.
const P99: Budget = Budget::AtMost(16.0);
/// Between two keys: nobody types faster, and each is measured alone.
const PAUSE: Duration = Duration::from_millis(15);

pub(super) async fn measure(bench: &Bench<'_>) -> Result<Vec<Figure>> {
    let detour = Detour::start(bench.database).await?;
    let config = bench.database.config(&detour.main_url, &detour.files_url, &many_rows())?;
    let mut screen = bench.open_many_rows(&config)?;
    for line in [&detour.main, &detour.files] {
        line.set_mode(Mode::Stall);
    }
    screen.press("R")?;
    let scrolling: Vec<&str> =
        [["j"; 150].as_slice(), &["k"; 50], &[keys::PAGE_DOWN; 100], &["G", "k", "G", "k"]].concat();
    let typing: Vec<String> = "timed out after 10.1 tenant-01 quota sync".chars().map(String::from).collect();
    let mut typed: Vec<&str> = typing.iter().map(String::as_str).collect();
    typed.extend(vec![keys::BACKSPACE; typing.len()]);
    let typed = typed.repeat(4);
    let mut figures = figures(&redraw("scrolling"), &mut times(&mut screen, &scrolling)?);
    figures.extend(self::figures(&redraw("sorting"), &mut times(&mut screen, &["s"; 300])?));
    screen.press("/")?;
    screen.wait_for("Enter applies")?;
    figures.extend(self::figures(&redraw("filter typing"), &mut times(&mut screen, &typed)?));
    screen.press(keys::ESC)?;
    for line in [&detour.main, &detour.files] {
        line.set_mode(Mode::Pass);
    }
    leave(screen)?;
    Ok(figures)
}

/// The median, and what 99 in 100 take at most, which takes more than a hundred of them to know.
pub(super) fn figures(what: &str, times: &mut [f64]) -> Vec<Figure> {
    vec![
        Figure::new(format!("{what}, median"), median(times), Unit::Ms, Budget::None),
        Figure::new(format!("{what}, p99"), percentile(times, 0.99), Unit::Ms, P99)
            .note(format!("{} keys", times.len())),
    ]
}

fn redraw(what: &str) -> String {
    format!("key to redraw, 10 000 rows, sources hung: {what}")
}

/// From each key to the end of the frame that answers it, in ms.
pub(super) fn times(screen: &mut Terminal, keys: &[&str]) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for key in keys {
        let written = screen.written();
        let pressed = Instant::now();
        screen.press(key)?;
        let drawn = screen.wait_for_bytes(FRAME_END, written)?;
        times.push(ms(drawn.at.saturating_duration_since(pressed)));
        std::thread::sleep(PAUSE);
    }
    Ok(times)
}
