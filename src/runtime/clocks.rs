//! The clocks that the model is told.

use std::time::Instant;

use opsdash_core::time::{Clock, Monotonic, Time};

/// Reads both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    started: Instant,
}

impl Clocks {
    /// Counts from now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Both, now.
    #[must_use]
    pub fn read(&self) -> Clock {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Clock { mono: Monotonic(elapsed), utc: Time(jiff::Timestamp::now().as_microsecond()) }
    }
}
