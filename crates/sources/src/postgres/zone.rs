//! Decodes timestamps and dates, and places those without a zone in the zone of their source.

use jiff::{civil, tz::TimeZone};
use opsdash_core::{
    contract::{Failure, FailureKind},
    time::{Date, Time},
};

use super::statement::quoted;

/// µs from 1970 to 2000, the epoch of PostgreSQL's timestamps.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// Days from 1970 to 2000.
const EPOCH_DAYS: i32 = 10_957;

/// The zone of a source's timestamps that carry none.
pub struct NaiveZone {
    /// What every transaction of the source sets: the zone, and the schema of names without one.
    pub settings: String,
    zone: TimeZone,
}

impl NaiveZone {
    /// The zone of that name, and the schema of the source's names; `None` leaves the schema to the login.
    ///
    /// # Errors
    /// A zone that this machine does not know.
    pub fn named(name: &str, schema: Option<&str>) -> Result<Self, Failure> {
        let zone = if name.eq_ignore_ascii_case("utc") { Ok(TimeZone::UTC) } else { TimeZone::get(name) };
        let unknown = |_| unknown_zone(name);
        let zone = zone.map_err(unknown)?;
        let literal = quoted(name).ok_or_else(|| unknown_zone(name))?;
        let path =
            schema.map(|schema| format!("; SET LOCAL search_path = \"{}\", public", schema.replace('"', "\"\"")));
        Ok(Self { settings: format!("SET LOCAL TIME ZONE {literal}{}", path.unwrap_or_default()), zone })
    }

    /// The time of a `timestamp`, given in µs of wall clock since 2000. Years beyond the calendar count as UTC, because
    /// a zone has no rules for them.
    pub fn timestamp(&self, micros: i64) -> Time {
        let utc = timestamptz(micros);
        let Some(calendar) = utc.calendar() else { return utc };
        let wall: civil::DateTime = TimeZone::UTC.to_datetime(calendar);
        match self.zone.to_ambiguous_timestamp(wall).compatible() {
            Ok(at) => Time(at.as_microsecond()),
            Err(_) => utc,
        }
    }
}

fn unknown_zone(name: &str) -> Failure {
    Failure::new(FailureKind::Other, &format!("naive_zone: this machine knows no zone \"{name}\""))
}

/// The day of a `date`, given in days since 2000.
pub fn date(days: i32) -> Date {
    match days {
        i32::MAX => Date::INFINITY,
        i32::MIN => Date::NEG_INFINITY,
        // One below the maximum, so that no far day counts as infinity.
        days => Date(days.saturating_add(EPOCH_DAYS).min(i32::MAX - 1)),
    }
}

/// The text of a `timestamp`, given in µs of wall clock since 2000, without a zone: what a cast to either type of
/// timestamp reads back as the same moment.
pub fn wall_clock(micros: i64) -> String {
    match (timestamptz(micros), timestamptz(micros).calendar()) {
        (Time::INFINITY, _) => "infinity".to_owned(),
        (Time::NEG_INFINITY, _) => "-infinity".to_owned(),
        (_, Some(at)) => TimeZone::UTC.to_datetime(at).to_string(),
        (time, None) => time.0.to_string(),
    }
}

/// The time of a `timestamptz`, given in µs since 2000. No calendar is involved, because `infinity` and far years are
/// beyond every calendar.
pub fn timestamptz(micros: i64) -> Time {
    match micros {
        i64::MAX => Time::INFINITY,
        i64::MIN => Time::NEG_INFINITY,
        // One below the maximum, so that no far year counts as infinity.
        micros => Time(micros.saturating_add(EPOCH_MICROS).min(i64::MAX - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_naive_time_is_in_its_zone() {
        let paris = NaiveZone::named("Europe/Paris", None).unwrap();
        // 2026-07-01 12:00 and 2026-12-01 12:00 on the wall.
        let summer = paris.timestamp(836_222_400_000_000).calendar().unwrap().to_string();
        let winter = paris.timestamp(849_441_600_000_000).calendar().unwrap().to_string();
        assert_eq!((summer.as_str(), winter.as_str()), ("2026-07-01T10:00:00Z", "2026-12-01T11:00:00Z"));
    }

    #[test]
    fn infinity_and_far_years_break_nothing() {
        let paris = NaiveZone::named("Europe/Paris", None).unwrap();
        assert_eq!(paris.timestamp(i64::MAX), Time::INFINITY);
        assert_eq!(paris.timestamp(i64::MIN), Time::NEG_INFINITY);
        assert!(paris.timestamp(i64::MAX - 5) < Time::INFINITY);
        assert_eq!(date(i32::MAX), Date::INFINITY);
        assert!(date(i32::MAX - 1) < Date::INFINITY);
    }

    #[test]
    fn a_key_without_a_zone_stays_without_one() {
        assert_eq!(wall_clock(836_222_400_000_000), "2026-07-01T12:00:00");
        assert_eq!(wall_clock(836_222_400_000_001), "2026-07-01T12:00:00.000001");
        assert_eq!(wall_clock(i64::MAX), "infinity");
        assert_eq!(date(9_648).to_string(), "2026-06-01");
    }

    #[test]
    fn a_schema_is_quoted_and_public_stays_in_reach() {
        let zone = NaiveZone::named("UTC", Some("Crm\"x")).unwrap();
        assert_eq!(zone.settings, "SET LOCAL TIME ZONE E'UTC'; SET LOCAL search_path = \"Crm\"\"x\", public");
    }

    #[test]
    fn an_unknown_zone_is_refused_by_name() {
        assert!(NaiveZone::named("Mars/Olympus", None).err().unwrap().message.contains("Mars/Olympus"));
    }
}
