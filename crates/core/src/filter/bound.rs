//! What a cell is compared with: a number, a size, a length of time, a moment, a text; the column's format says which.

use std::cmp::Ordering;

use jiff::{Timestamp, civil, tz::TimeZone};
use opsdash_pack::{
    document::{parse_bytes, parse_ms},
    pack::{Column, Format},
};

use super::words::Sign;
use crate::{
    cell_text::CellText,
    sort,
    time::{Date, Time, Zone},
    value::Value,
};

const DAY_MS: i64 = 86_400_000;

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    Number(f64),
    /// A part of what is full.
    Share(f64),
    /// An age, what is left, or a length, in ms.
    Length(i64),
    Day(Date),
    Moment(Time),
    Text(String),
}

/// What a column's values are, to whoever compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Size,
    Length,
    Moment,
    Text,
    Flag,
    /// What has no order.
    Opaque,
}

impl Kind {
    fn of(format: Format) -> Self {
        match format {
            Format::Int
            | Format::Float
            | Format::Decimal
            | Format::Money
            | Format::Percent
            | Format::Gauge
            | Format::Spark => Self::Number,
            Format::Bytes => Self::Size,
            Format::Duration => Self::Length,
            Format::Age | Format::Countdown | Format::Time | Format::Date => Self::Moment,
            Format::Text | Format::Id | Format::Status => Self::Text,
            Format::Bool => Self::Flag,
            Format::Json | Format::Secret => Self::Opaque,
        }
    }
}

impl Bound {
    /// Reads what a column is compared with.
    ///
    /// # Errors
    /// A sentence: the value is none of the column's kind, or the column has no order.
    pub(super) fn read(column: &Column, sign: Sign, typed: &str, zone: &Zone) -> Result<Self, String> {
        let title = column.title.trim();
        let wrong = |what: &str| format!("\"{typed}\" is no {what}");
        match Kind::of(column.format) {
            Kind::Number if column.format == Format::Gauge && typed.ends_with('%') => {
                let share = number(typed.trim_end_matches('%')).map(|percent| Self::Share(percent / 100.0));
                share.ok_or_else(|| wrong("number"))
            }
            Kind::Number if column.format == Format::Percent => {
                number(typed.trim_end_matches('%')).map(Self::Number).ok_or_else(|| wrong("number"))
            }
            Kind::Number => number(typed).map(Self::Number).ok_or_else(|| wrong("number")),
            Kind::Size => size(typed).map(Self::Number).ok_or_else(|| wrong("size: write 200000, 200KB or 1.5MiB")),
            Kind::Length => length(typed).map(Self::Length).ok_or_else(|| match number(typed) {
                Some(_) => without_unit(typed, &["ms", "s", "h"]),
                None => wrong("length of time: write 500ms, 30s or 2h"),
            }),
            Kind::Moment => match (length(typed), moment(typed, zone)) {
                (Some(_), _) if sign == Sign::Equal => {
                    Err(format!("a time is more or less than {typed}, and never just that: {title}<{typed}"))
                }
                (Some(ms), _) => Ok(Self::Length(ms)),
                (None, Some(bound)) => Ok(bound),
                (None, None) if number(typed).is_some() => Err(without_unit(typed, &["s", "h", "d"])),
                (None, None) => Err(wrong("time: write 2h, 30d, 2026-11-01 or 2026-11-01T14:00")),
            },
            Kind::Text => Ok(Self::Text(typed.to_owned())),
            Kind::Flag => Err(format!("{title} is yes or no, and neither more nor less: {title}:yes")),
            Kind::Opaque => Err(format!("{title} has no order")),
        }
    }

    /// How a cell stands to it; `None` when there is nothing to compare.
    pub(super) fn order(&self, cell: &Value, text: &CellText<'_>) -> Option<Ordering> {
        match (self, cell) {
            (_, Value::Null | Value::Unknown) => None,
            (Self::Number(bound), Value::List(items)) => sort::last_number(items)?.partial_cmp(bound),
            (Self::Number(bound), cell) => cell.as_number()?.partial_cmp(bound),
            (Self::Share(bound), cell) => share(cell, text)?.partial_cmp(bound),
            (Self::Length(bound), cell) => length_of(cell, text)?.partial_cmp(bound),
            (Self::Day(bound), Value::Date(day)) => Some(day.cmp(bound)),
            (Self::Day(bound), Value::Time(time)) => Some(day_of(*time, text.zone)?.cmp(bound)),
            (Self::Moment(bound), Value::Time(time)) => Some(time.cmp(bound)),
            (Self::Moment(bound), Value::Date(day)) => Some(day.cmp(&day_of(*bound, text.zone)?)),
            (Self::Day(_) | Self::Moment(_), _) => None,
            (Self::Text(bound), Value::Text(cell)) => Some(sort::natural(cell, bound)),
            (Self::Text(bound), cell) => match (cell.as_number(), number(bound)) {
                (Some(cell), Some(bound)) => cell.partial_cmp(&bound),
                _ => Some(sort::natural(&text.of(cell), bound)),
            },
        }
    }
}

/// A number as people write it and as the screen shows it: `6902`, `6 902`, `6_902` and `6,902` are one.
fn number(typed: &str) -> Option<f64> {
    let plain = typed.replace([' ', '_'], "");
    let mut groups = plain.split(',').skip(1);
    let is_grouped = groups.all(|group| group.split('.').next().is_some_and(|digits| digits.len() == 3));
    let plain = if is_grouped { plain.replace(',', "") } else { plain };
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

#[expect(clippy::cast_precision_loss, reason = "compared, never stored: 53 bits are plenty")]
fn size(typed: &str) -> Option<f64> {
    number(typed).or_else(|| parse_bytes(typed).map(|bytes| bytes as f64))
}

/// A length of time in ms, with `-` before it one that lies behind. A year has 365 days, as in what the screen shows.
/// Without a unit only 0 is one.
fn length(typed: &str) -> Option<i64> {
    // In a filter case never counts: 2H is two hours.
    let typed = typed.to_lowercase();
    let unsigned = typed.trim_start_matches(['+', '-']);
    if typed.len() > unsigned.len() + 1 || unsigned.starts_with('p') {
        return None;
    }
    let years = || {
        let years: i64 = unsigned.strip_suffix('y')?.trim_end().parse().ok()?;
        years.checked_mul(365 * DAY_MS)
    };
    let parsed = || parse_ms(unsigned).and_then(|ms| i64::try_from(ms).ok());
    let ms = if unsigned == "0" { Some(0) } else { years().or_else(parsed) }?;
    Some(if typed.starts_with('-') { -ms } else { ms })
}

fn without_unit(typed: &str, units: &[&str]) -> String {
    let written: Vec<String> = units.iter().map(|unit| format!("{typed}{unit}")).collect();
    format!("\"{typed}\" has no unit: write {}", written.join(", "))
}

/// A day, or a moment in the zone of the screen.
fn moment(typed: &str, zone: &Zone) -> Option<Bound> {
    if let Ok(stamp) = typed.parse::<Timestamp>() {
        return Some(Bound::Moment(Time(stamp.as_microsecond())));
    }
    let zone = match zone {
        Zone::Utc => TimeZone::UTC,
        Zone::Local(zone) => zone.clone(),
    };
    // A date and time is a date too, so that one is tried before the other.
    if typed.contains([':', 'T', 't', ' ']) {
        let local: civil::DateTime = typed.parse().ok()?;
        return Some(Bound::Moment(Time(local.to_zoned(zone).ok()?.timestamp().as_microsecond())));
    }
    let day: civil::Date = typed.parse().ok()?;
    let midnight = Time(day.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond());
    Date::of(midnight, &Zone::Utc).map(Bound::Day)
}

fn day_of(time: Time, zone: &Zone) -> Option<Date> {
    match time {
        Time::INFINITY => Some(Date::INFINITY),
        Time::NEG_INFINITY => Some(Date::NEG_INFINITY),
        time => Date::of(time, zone),
    }
}

fn share(cell: &Value, text: &CellText<'_>) -> Option<f64> {
    let full = match text.beside {
        None => 100.0,
        Some(full) => full.as_number().filter(|full| *full > 0.0)?,
    };
    Some(cell.as_number()? / full)
}

/// How old a cell is, how much is left, or how long it took, in ms: what its format shows.
fn length_of(cell: &Value, text: &CellText<'_>) -> Option<i64> {
    let is_left = text.format == Format::Countdown;
    let left = match cell {
        Value::Duration(ms) | Value::Int(ms) => return Some(*ms),
        #[expect(clippy::cast_possible_truncation, reason = "a fraction of a ms is nothing, and the cast saturates")]
        Value::Float(_) | Value::Decimal(_) => return cell.as_number().map(|ms| ms.round() as i64),
        // What never was has no age.
        Value::Time(Time::INFINITY) | Value::Date(Date::INFINITY) if !is_left => return None,
        Value::Time(Time::INFINITY) | Value::Date(Date::INFINITY) => i64::MAX,
        Value::Time(Time::NEG_INFINITY) | Value::Date(Date::NEG_INFINITY) => -i64::MAX,
        Value::Time(time) => time.since_ms(text.now),
        Value::Date(day) => i64::from(day.since_days(Date::of(text.now, text.zone)?)) * DAY_MS,
        _ => return None,
    };
    Some(if is_left { left } else { -left })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_printed() {
        for typed in ["6902", "6 902", "6_902", "6,902", "6902.0", "6.902e3"] {
            assert_eq!(number(typed), Some(6902.0), "{typed}");
        }
        for typed in ["", "abc", "6,9", "nan", "inf", "1,23,456", "0x10"] {
            assert_eq!(number(typed), None, "{typed}");
        }
        assert_eq!(number("1,234,567.5"), Some(1_234_567.5));
    }

    #[test]
    fn lengths_of_time_are_read_as_they_are_shown() {
        for (typed, ms) in [
            ("1h", Some(3_600_000)),
            ("1h 30m", Some(5_400_000)),
            ("90m", Some(5_400_000)),
            ("1.5s", Some(1_500)),
            ("500ms", Some(500)),
            ("0D", Some(0)),
            ("2H", Some(7_200_000)),
            ("90M", Some(5_400_000)),
            ("P1D", None),
            ("p1d", None),
            ("2y", Some(730 * DAY_MS)),
            ("-3d", Some(-3 * DAY_MS)),
            ("+30d", Some(30 * DAY_MS)),
            ("0", Some(0)),
            ("30", None),
            ("--3d", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(length(typed), ms, "{typed}");
        }
    }
}
