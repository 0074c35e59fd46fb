//! Decodes cells from what the driver read. No value makes it panic, and none loses a digit.

use jiff::{civil, tz::TimeZone};
use opsdash_core::{
    contract::{Failure, FailureKind},
    format,
    time::{Date, Time},
    value::Value,
};
use tiberius::{ColumnData, numeric::Numeric, time as tds};

use crate::text;

/// Days from the first of January of year 1 to that of 1970.
const UNIX_DAY: i64 = 719_162;
/// The same from 1900.
const UNIX_DAY_OF_1900: i64 = 25_567;
const DAY_MICROS: i64 = 86_400_000_000;
/// The same in 100 ns.
const DAY_TICKS: i64 = DAY_MICROS * 10;
/// Bytes that are shown; of more, their number is.
const SHOWN_BYTES: usize = 32;

/// The zone of a source's times that carry none.
pub struct NaiveZone(TimeZone);

impl NaiveZone {
    /// The zone of that name.
    ///
    /// # Errors
    /// A zone that this machine does not know.
    pub fn named(name: &str) -> Result<Self, Failure> {
        let zone = if name.eq_ignore_ascii_case("utc") { Ok(TimeZone::UTC) } else { TimeZone::get(name) };
        let unknown =
            |_| Failure::new(FailureKind::Other, &format!("naive_zone: this machine knows no zone \"{name}\""));
        zone.map(Self).map_err(unknown)
    }

    /// The moment at which a wall clock of the zone shows so many µs since 1970.
    fn time(&self, micros: i64) -> Time {
        let utc = Time(micros);
        let Some(calendar) = utc.calendar() else { return utc };
        let wall: civil::DateTime = TimeZone::UTC.to_datetime(calendar);
        match self.0.to_ambiguous_timestamp(wall).compatible() {
            Ok(at) => Time(at.as_microsecond()),
            Err(_) => utc,
        }
    }
}

/// A day and the time in it.
struct Wall {
    /// Since 1970.
    day: i64,
    /// Within the day, in 100 ns.
    ticks: i64,
}

impl Wall {
    fn of(data: &ColumnData<'_>) -> Option<Self> {
        match data {
            ColumnData::DateTime(Some(at)) => {
                // As the server itself writes it: in ms.
                let ms = (i64::from(at.seconds_fragments()) * 10 + 1) / 3;
                Some(Self { day: i64::from(at.days()) - UNIX_DAY_OF_1900, ticks: ms * 10_000 })
            }
            ColumnData::SmallDateTime(Some(at)) => Some(Self {
                day: i64::from(at.days()) - UNIX_DAY_OF_1900,
                ticks: i64::from(at.seconds_fragments()) * 60 * 10_000_000,
            }),
            ColumnData::DateTime2(Some(at)) => Some(Self::of_datetime2(*at)),
            _ => None,
        }
    }

    fn of_datetime2(at: tds::DateTime2) -> Self {
        Self { day: i64::from(at.date().days()) - UNIX_DAY, ticks: ticks(at.time()) }
    }

    fn plus_minutes(&self, minutes: i64) -> Self {
        let ticks = self.ticks + minutes * 60 * 10_000_000;
        Self { day: self.day + ticks.div_euclid(DAY_TICKS), ticks: ticks.rem_euclid(DAY_TICKS) }
    }

    fn micros(&self) -> i64 {
        self.day.saturating_mul(DAY_MICROS).saturating_add(self.ticks / 10)
    }

    /// As ISO 8601 has it, with all seven digits where there are any.
    fn text(&self) -> String {
        format!("{}T{}", day(self.day), time_of_day(self.ticks))
    }
}

/// The moment of a `datetime2` in UTC.
pub fn utc(data: &ColumnData<'_>) -> Option<Time> {
    Wall::of(data).map(|wall| Time(wall.micros()))
}

/// The value of a cell. `limit` bounds texts, in bytes.
pub fn value(data: &ColumnData<'_>, zone: &NaiveZone, limit: usize) -> Value {
    match data {
        ColumnData::U8(n) => int(*n),
        ColumnData::I16(n) => int(*n),
        ColumnData::I32(n) => int(*n),
        ColumnData::I64(n) => int(*n),
        ColumnData::F32(f) => f.map_or(Value::Null, |f| Value::Float(shortest_double(f))),
        ColumnData::F64(f) => f.map_or(Value::Null, Value::Float),
        ColumnData::Bit(flag) => flag.map_or(Value::Null, Value::Bool),
        ColumnData::String(text) => text.as_ref().map_or(Value::Null, |text| text::bounded(text, limit)),
        ColumnData::Xml(xml) => xml.as_ref().map_or(Value::Null, |xml| text::bounded(xml.as_ref().as_ref(), limit)),
        ColumnData::Guid(id) => id.map_or(Value::Null, |id| Value::Text(id.to_string().into())),
        ColumnData::Binary(bytes) => bytes.as_ref().map_or(Value::Null, |bytes| Value::Text(shown(bytes).into())),
        ColumnData::Numeric(number) => number.map_or(Value::Null, decimal),
        ColumnData::DateTime(_) | ColumnData::SmallDateTime(_) | ColumnData::DateTime2(_) => {
            Wall::of(data).map_or(Value::Null, |wall| Value::Time(zone.time(wall.micros())))
        }
        ColumnData::DateTimeOffset(at) => {
            // The wire has the moment in UTC, beside the offset.
            at.map_or(Value::Null, |at| Value::Time(Time(Wall::of_datetime2(at.datetime2()).micros())))
        }
        ColumnData::Date(day) => day.map_or(Value::Null, |day| Value::Date(date(day))),
        ColumnData::Time(time) => time.map_or(Value::Null, |time| Value::Text(time_of_day(ticks(time)).into())),
    }
}

/// The raw and complete text of a value, which a cast turns back into the same value; `None` of NULL.
pub fn raw_text(data: &ColumnData<'_>) -> Option<String> {
    match data {
        ColumnData::String(text) => text.as_ref().map(|text| text.as_ref().to_owned()),
        ColumnData::Xml(xml) => xml.as_ref().map(ToString::to_string),
        ColumnData::Binary(bytes) => bytes.as_ref().map(|bytes| hex(bytes)),
        // Of more digits than three the server makes no datetime.
        ColumnData::DateTime(_) => Wall::of(data).map(|wall| shortened(&wall.text())),
        ColumnData::SmallDateTime(_) | ColumnData::DateTime2(_) => Wall::of(data).map(|wall| wall.text()),
        ColumnData::DateTimeOffset(at) => at.map(|at| {
            // The wire has the moment in UTC; the text says it as it was written.
            let (utc, offset) = (Wall::of_datetime2(at.datetime2()), at.offset());
            let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
            format!("{}{sign}{:02}:{:02}", utc.plus_minutes(offset.into()).text(), minutes / 60, minutes % 60)
        }),
        other => match value(other, &NaiveZone(TimeZone::UTC), usize::MAX) {
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Int(int) => Some(int.to_string()),
            Value::Float(float) => Some(format::exact_float(float)),
            Value::Decimal(text) | Value::Text(text) => Some(text.to_string()),
            Value::Date(day) => Some(day.to_string()),
            _ => None,
        },
    }
}

/// About how many bytes a value takes.
pub fn size(data: &ColumnData<'_>) -> usize {
    match data {
        ColumnData::String(Some(text)) => text.len(),
        ColumnData::Xml(Some(xml)) => xml.as_ref().as_ref().len(),
        ColumnData::Binary(Some(bytes)) => bytes.len(),
        _ => 8,
    }
}

fn int<T: Into<i64>>(n: Option<T>) -> Value {
    n.map_or(Value::Null, |n| Value::Int(n.into()))
}

/// The double that is written with the same digits: `0.1` stays `0.1`.
fn shortest_double(f: f32) -> f64 {
    f.to_string().parse().unwrap_or_else(|_| f64::from(f))
}

fn decimal(number: Numeric) -> Value {
    let (digits, scale) = (number.value().unsigned_abs().to_string(), usize::from(number.scale()));
    let sign = if number.value() < 0 { "-" } else { "" };
    if scale == 0 {
        return match number.value().try_into() {
            Ok(int) => Value::Int(int),
            Err(_) => Value::Decimal(format!("{sign}{digits}").into()),
        };
    }
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    Value::Decimal(format!("{sign}{whole}.{part}").into())
}

fn date(day: tds::Date) -> Date {
    Date(i32::try_from(i64::from(day.days()) - UNIX_DAY).unwrap_or(i32::MAX - 1))
}

fn day(days: i64) -> String {
    Date(i32::try_from(days).unwrap_or(i32::MAX - 1)).to_string()
}

/// 100 ns since midnight.
fn ticks(time: tds::Time) -> i64 {
    let power = 10_i64.saturating_pow(7_u32.saturating_sub(time.scale().into()));
    i64::try_from(time.increments()).unwrap_or_default().saturating_mul(power)
}

fn time_of_day(ticks: i64) -> String {
    let (seconds, part) = (ticks / 10_000_000, ticks % 10_000_000);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if part == 0 { clock } else { format!("{clock}.{part:07}") }
}

/// A time with three digits of its seconds in place of seven.
fn shortened(time: &str) -> String {
    time.strip_suffix("0000").filter(|_| time.contains('.')).unwrap_or(time).to_owned()
}

fn shown(bytes: &[u8]) -> String {
    if bytes.len() > SHOWN_BYTES { format!("<{} bytes>", bytes.len()) } else { hex(bytes) }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold("0x".to_owned(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32, increments: u64, scale: u8) -> ColumnData<'static> {
        ColumnData::DateTime2(Some(tds::DateTime2::new(tds::Date::new(day), tds::Time::new(increments, scale))))
    }

    #[test]
    fn a_time_keeps_all_seven_digits_as_a_key() {
        // 2026-11-28 is day 739 947 of our era.
        let time = at(739_947, 36_000 * 10_000_000 + 1_234_567, 7);
        assert_eq!(raw_text(&time).as_deref(), Some("2026-11-28T10:00:00.1234567"));
        assert_eq!(raw_text(&at(739_947, 36_000, 0)).as_deref(), Some("2026-11-28T10:00:00"));
        assert_eq!(raw_text(&at(0, 0, 7)).as_deref(), Some("0001-01-01T00:00:00"));
        let paris = NaiveZone::named("Europe/Paris").unwrap();
        let Value::Time(moment) = value(&time, &paris, 100) else { panic!("no time") };
        assert_eq!(moment.calendar().unwrap().to_string(), "2026-11-28T09:00:00.123456Z");
    }

    #[test]
    fn old_times_are_those_that_the_server_writes() {
        let datetime = |days, fragments| ColumnData::DateTime(Some(tds::DateTime::new(days, fragments)));
        assert_eq!(raw_text(&datetime(0, 1)).as_deref(), Some("1900-01-01T00:00:00.003"));
        assert_eq!(raw_text(&datetime(0, 2)).as_deref(), Some("1900-01-01T00:00:00.007"));
        assert_eq!(raw_text(&datetime(0, 300)).as_deref(), Some("1900-01-01T00:00:01"));
        let small = ColumnData::SmallDateTime(Some(tds::SmallDateTime::new(1, 61)));
        assert_eq!(raw_text(&small).as_deref(), Some("1900-01-02T01:01:00"));
    }

    #[test]
    fn a_time_with_an_offset_keeps_it() {
        let time = |increments, offset| {
            let utc = tds::DateTime2::new(tds::Date::new(739_947), tds::Time::new(increments, 7));
            raw_text(&ColumnData::DateTimeOffset(Some(tds::DateTimeOffset::new(utc, offset)))).unwrap()
        };
        assert_eq!(time(36_000 * 10_000_000, 120), "2026-11-28T12:00:00+02:00");
        assert_eq!(time(0, -90), "2026-11-27T22:30:00-01:30");
        assert_eq!(time(86_399 * 10_000_000 + 1, 60), "2026-11-29T00:59:59.0000001+01:00");
    }

    #[test]
    fn a_decimal_keeps_its_digits() {
        let of = |value, scale| raw_text(&ColumnData::Numeric(Some(Numeric::new_with_scale(value, scale)))).unwrap();
        assert_eq!(of(-5, 2), "-0.05");
        assert_eq!(of(1_234, 2), "12.34");
        assert_eq!(of(12, 0), "12");
        assert_eq!(of(i128::pow(10, 37), 0), format!("1{}", "0".repeat(37)));
    }

    #[test]
    fn bytes_are_counted_unless_they_are_few() {
        let of = |bytes: &[u8]| value(&ColumnData::Binary(Some(bytes.to_vec().into())), &utc_zone(), 100);
        assert_eq!(of(&[0, 255]), Value::Text("0x00ff".into()));
        assert_eq!(of(&[0; 100]), Value::Text("<100 bytes>".into()));
    }

    fn utc_zone() -> NaiveZone {
        NaiveZone::named("UTC").unwrap()
    }
}
