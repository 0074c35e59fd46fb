//! Moments, and the clock that the loop reads for everyone.

use std::{fmt, str::FromStr};

use jiff::{Span, Timestamp, civil, tz::TimeZone};

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

/// A day without a time and without a zone, in days since 1970. It is never shifted by a zone. As with [`Time`] the
/// infinities are values of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// PostgreSQL's `infinity`.
    pub const INFINITY: Self = Self(i32::MAX);
    /// PostgreSQL's `-infinity`.
    pub const NEG_INFINITY: Self = Self(i32::MIN);

    /// The day of a moment in a zone; `None` for the infinities and for years beyond the calendar.
    #[must_use]
    pub fn of(time: Time, zone: &Zone) -> Option<Self> {
        let zone = match zone {
            Zone::Utc => TimeZone::UTC,
            Zone::Local(zone) => zone.clone(),
        };
        let day = zone.to_datetime(time.calendar()?).date();
        let since = civil::date(1970, 1, 1).until(day).ok()?;
        Some(Self(since.get_days()))
    }

    /// `None` for the infinities and for years beyond the calendar (9999).
    #[must_use]
    pub fn calendar(self) -> Option<civil::Date> {
        let days = Span::new().try_days(self.0).ok()?;
        civil::date(1970, 1, 1).checked_add(days).ok()
    }

    /// How many days after `earlier` this is; negative when it is before it. Saturates.
    #[must_use]
    pub fn since_days(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// As in `2026-06-01`.
impl FromStr for Date {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        let day: civil::Date = text.parse()?;
        Ok(Self(civil::date(1970, 1, 1).until(day)?.get_days()))
    }
}

/// `2026-06-01`; the infinities in PostgreSQL's words.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (*self, self.calendar()) {
            (Self::INFINITY, _) => f.write_str("infinity"),
            (Self::NEG_INFINITY, _) => f.write_str("-infinity"),
            (_, Some(day)) => day.fmt(f),
            (Self(days), None) => write!(f, "{days} days since 1970"),
        }
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

impl Zone {
    /// The zone that a time without one is read in.
    #[must_use]
    pub fn to_time_zone(&self) -> TimeZone {
        match self {
            Self::Utc => TimeZone::UTC,
            Self::Local(zone) => zone.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        assert_eq!(Date(0).to_string(), "1970-01-01");
        assert_eq!(Date(20_605).to_string(), "2026-06-01");
        assert_eq!(Date(-1).to_string(), "1969-12-31");
        assert_eq!(Date::INFINITY.to_string(), "infinity");
        assert_eq!(Date::NEG_INFINITY.to_string(), "-infinity");
        assert_eq!(Date(100_000_000).to_string(), "100000000 days since 1970");
        let moment = Time("2026-06-01T23:30:00Z".parse::<Timestamp>().unwrap().as_microsecond());
        assert_eq!(Date::of(moment, &Zone::Utc), Some(Date(20_605)));
        assert_eq!(Date::of(moment, &Zone::Local(TimeZone::fixed(jiff::tz::offset(1)))), Some(Date(20_606)));
        assert_eq!(Date::of(Time::INFINITY, &Zone::Utc), None);
    }
}
