//! Moments, and the clock that the loop reads for everyone.

use jiff::{Timestamp, tz::TimeZone};

/// A moment in UTC, in µs since 1970. `infinity` and `-infinity` are real values of a database column, so they are
/// kept apart from every calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// PostgreSQL's `infinity`.
    pub const INFINITY: Self = Self(i64::MAX);
    /// PostgreSQL's `-infinity`.
    pub const NEG_INFINITY: Self = Self(i64::MIN);

    /// From ms since 1970.
    #[must_use]
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// `None` for the infinities and for years beyond the calendar (9999).
    #[must_use]
    pub fn calendar(self) -> Option<Timestamp> {
        if self == Self::INFINITY || self == Self::NEG_INFINITY {
            return None;
        }
        Timestamp::from_microsecond(self.0).ok()
    }

    /// How long after `earlier` this is, in ms; negative when it is before it. Saturates.
    #[must_use]
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / 1_000
    }

    /// This moment `ms` later. The infinities stay what they are.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        if self.0 == i64::MAX || self.0 == i64::MIN {
            return self;
        }
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }
}

/// Monotonic ms since the start of the program: for ages, deadlines and intervals, which a corrected wall clock must
/// not disturb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Monotonic(pub u64);

impl Monotonic {
    /// This moment `ms` later.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// How many ms after `earlier` this is; 0 when it is before it.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Both clocks, read together once for every batch of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// For ages and intervals.
    pub mono: Monotonic,
    /// For the header and for times that are shown.
    pub utc: Time,
}

/// The zone that absolute times are shown in.
#[derive(Debug, Clone, PartialEq)]
pub enum Zone {
    /// Shown with `Z`.
    Utc,
    /// Shown with the zone's own abbreviation or offset.
    Local(TimeZone),
}
