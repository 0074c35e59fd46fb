//! The clocks of the loop, and what it means when one of them jumps against the other.

use super::{schedule, snooze, unlock};
use crate::{model::Model, time::Clock};

/// UTC and the monotonic clock drift apart by less between two wake-ups, in ms, even while a clock is corrected.
const JUMP_MS: i64 = 30_000;

/// Takes the clocks in as they were read. While a machine sleeps its monotonic clock stands still: what UTC is ahead
/// counts as time that has passed, so that a protected target locks, an undo ends and ages are right. When UTC jumps
/// back, what servers said of their own clocks is still true, so that no age is of the future. Either way everything is
/// asked anew.
pub(super) fn tick(model: &mut Model, read: Clock) {
    let passed = ms(read.mono.0) - ms(model.last_read.mono.0);
    let jump = read.utc.since_ms(model.last_read.utc) - passed;
    model.last_read = read;
    if jump > JUMP_MS {
        model.slept_ms = model.slept_ms.saturating_add(jump.unsigned_abs());
    } else if jump < -JUMP_MS {
        for source in model.targets.iter_mut().flat_map(|target| &mut target.sources) {
            source.clock_offset_ms -= jump;
        }
    }
    model.clock = Clock { mono: read.mono.plus(model.slept_ms), utc: read.utc };
    if jump.abs() > JUMP_MS {
        ask_anew(model);
    }
    unlock::lock_when_idle(model);
    snooze::wake_what_is_due(model);
}

/// What is held by a pause stays as it is: it says how old it is.
fn ask_anew(model: &mut Model) {
    if model.paused.is_none() {
        let now = model.clock.mono;
        model.targets.iter_mut().flat_map(|target| &mut target.panels).for_each(|panel| schedule::hurry(panel, now));
    }
}

fn ms(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}
