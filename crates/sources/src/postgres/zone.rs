//! Timestamps without a zone, and the zone that they are meant in.

use jiff::{civil, tz::TimeZone};
use opsdash_core::{
    contract::{Failure, FailureKind},
    time::Time,
};

/// µs from 1970 to 2000, where PostgreSQL's clock begins.
const EPOCH: i64 = 946_684_800_000_000;

/// The zone of a source's timestamps without one.
pub struct NaiveZone {
    /// For `SET LOCAL TIME ZONE`.
    pub name: String,
    zone: TimeZone,
}

impl NaiveZone {
    /// The zone of that name.
    pub fn named(name: &str) -> Result<Self, Failure> {
        let zone = if name.eq_ignore_ascii_case("utc") { Ok(TimeZone::UTC) } else { TimeZone::get(name) };
        let unknown =
            |_| Failure::new(FailureKind::Other, &format!("naive_zone: this machine knows no zone \"{name}\""));
        Ok(Self { name: name.to_owned(), zone: zone.map_err(unknown)? })
    }

    /// A naive timestamp, in µs of wall clock since 2000. Years beyond the calendar are taken as UTC: a zone has no
    /// rules for them.
    pub fn moment(&self, micros: i64) -> Time {
        let utc = moment(micros);
        let Some(calendar) = utc.calendar() else { return utc };
        let wall: civil::DateTime = TimeZone::UTC.to_datetime(calendar);
        match self.zone.to_ambiguous_timestamp(wall).compatible() {
            Ok(at) => Time(at.as_microsecond()),
            Err(_) => utc,
        }
    }

    /// The day's first moment, in days since 2000.
    pub fn day(&self, days: i32) -> Time {
        match days {
            i32::MAX => Time::INFINITY,
            i32::MIN => Time::NEG_INFINITY,
            // Dates reach further than an integer of µs: the last ones are as far as it goes.
            days => self.moment(i64::from(days).saturating_mul(86_400_000_000).clamp(i64::MIN + 1, i64::MAX - 1)),
        }
    }
}

/// A timestamp with a zone, in µs since 2000: the integer itself, because `infinity` and far years break calendars.
pub fn moment(micros: i64) -> Time {
    match micros {
        i64::MAX => Time::INFINITY,
        i64::MIN => Time::NEG_INFINITY,
        // One below the end, so that no far year is taken for infinity.
        micros => Time(micros.saturating_add(EPOCH).min(i64::MAX - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_naive_time_is_meant_in_its_zone() {
        let paris = NaiveZone::named("Europe/Paris").unwrap();
        // 2026-07-01 12:00 and 2026-12-01 12:00 on the wall.
        let summer = paris.moment(836_222_400_000_000).calendar().unwrap().to_string();
        let winter = paris.moment(849_441_600_000_000).calendar().unwrap().to_string();
        assert_eq!((summer.as_str(), winter.as_str()), ("2026-07-01T10:00:00Z", "2026-12-01T11:00:00Z"));
    }

    #[test]
    fn infinity_and_far_years_break_nothing() {
        let paris = NaiveZone::named("Europe/Paris").unwrap();
        assert_eq!(paris.moment(i64::MAX), Time::INFINITY);
        assert_eq!(paris.moment(i64::MIN), Time::NEG_INFINITY);
        assert!(paris.moment(i64::MAX - 5) < Time::INFINITY);
        assert_eq!(paris.day(i32::MAX), Time::INFINITY);
        assert!(paris.day(i32::MAX - 1) < Time::INFINITY);
    }

    #[test]
    fn a_zone_that_is_not_known_says_so() {
        assert!(NaiveZone::named("Mars/Olympus").err().unwrap().message.contains("Mars/Olympus"));
    }
}
