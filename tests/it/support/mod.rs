//! What several themes share: the program and its config, our packs, databases to write to, a dashboard in a terminal.

mod config;
mod lab;
mod packs;
mod terminal;

use std::time::{Duration, Instant};

pub use config::{NO_FILES, NOWHERE, OPSDASH, lab, shell, target, target_within};
pub use lab::{Lab, recorded};
pub use packs::{nowhere, our_pack, pack};
pub use terminal::*;

/// How long a wait lasts before it fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for what no screen shows.
#[track_caller]
pub fn eventually(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what}: it took too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}
