//! Decodes cells from PostgreSQL's binary format. No bytes of a server make it panic. Times stay integers, because
//! `infinity` and far years are beyond every calendar.

use std::net::{Ipv4Addr, Ipv6Addr};

use opsdash_core::{format, time::Time, value::Value};
use sqlx::{
    TypeInfo,
    postgres::{PgTypeInfo, PgTypeKind},
};

use super::{
    numeric,
    zone::{self, NaiveZone},
};
use crate::text;

/// How the bytes of a column are decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    Bool,
    Int2,
    Int4,
    Int8,
    /// An unsigned number of four bytes: oid, xid.
    Word,
    Float4,
    Float8,
    Numeric,
    /// Anything whose binary form is its text.
    Text,
    Uuid,
    Inet,
    Json,
    Jsonb,
    TimestampTz,
    Timestamp,
    Date,
    Interval,
    Bytes,
    Array(Box<ColumnKind>),
}

impl ColumnKind {
    /// The kind of a type; `None` for types that are not supported. A query has to cast those to text.
    pub fn of(info: &PgTypeInfo) -> Option<Self> {
        match info.kind() {
            PgTypeKind::Simple | PgTypeKind::Pseudo => Self::named(info.name()),
            PgTypeKind::Enum(_) => Some(Self::Text),
            PgTypeKind::Domain(base) => Self::of(base),
            PgTypeKind::Array(element) => match Self::of(element)? {
                Self::Json | Self::Jsonb | Self::Bytes | Self::Array(_) => None,
                element => Some(Self::Array(Box::new(element))),
            },
            PgTypeKind::Composite(_) | PgTypeKind::Range(_) => None,
        }
    }

    fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Int2
                | Self::Int4
                | Self::Int8
                | Self::Word
                | Self::Float4
                | Self::Float8
                | Self::Numeric
                | Self::Interval
        )
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().trim_matches('"') {
            "BOOL" => Self::Bool,
            "INT2" => Self::Int2,
            "INT4" => Self::Int4,
            "INT8" => Self::Int8,
            "OID" | "XID" => Self::Word,
            "FLOAT4" => Self::Float4,
            "FLOAT8" => Self::Float8,
            "NUMERIC" => Self::Numeric,
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" | "CITEXT" | "XML" => Self::Text,
            "UUID" => Self::Uuid,
            "INET" | "CIDR" => Self::Inet,
            "JSON" => Self::Json,
            "JSONB" => Self::Jsonb,
            "TIMESTAMPTZ" => Self::TimestampTz,
            "TIMESTAMP" => Self::Timestamp,
            "DATE" => Self::Date,
            "INTERVAL" => Self::Interval,
            "BYTEA" => Self::Bytes,
            _ => return None,
        })
    }

    /// The value; `None` when the bytes do not fit the type. `limit` bounds texts, in bytes.
    pub fn value(&self, bytes: &[u8], zone: &NaiveZone, limit: usize) -> Option<Value> {
        Some(match self {
            Self::Bool => Value::Bool(*bytes.first()? != 0),
            Self::Int2 => Value::Int(i16::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Int4 => Value::Int(i32::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Int8 => Value::Int(i64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Word => Value::Int(u32::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Float4 => Value::Float(shortest_double(f32::from_be_bytes(bytes.try_into().ok()?))),
            Self::Float8 => Value::Float(f64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Numeric => numeric::value(bytes)?,
            // A database without an encoding may hold any bytes.
            Self::Text => text::bounded(&String::from_utf8_lossy(bytes), limit),
            Self::Uuid => Value::Text(uuid(bytes)?.into()),
            Self::Inet => Value::Text(inet(bytes)?.into()),
            Self::Json => text::json(&String::from_utf8_lossy(bytes), limit),
            // The first byte is the version of the format; there is only version 1.
            Self::Jsonb => text::json(&String::from_utf8_lossy(bytes.strip_prefix(&[1])?), limit),
            Self::TimestampTz => Value::Time(zone::timestamptz(i64::from_be_bytes(bytes.try_into().ok()?))),
            Self::Timestamp => Value::Time(zone.timestamp(i64::from_be_bytes(bytes.try_into().ok()?))),
            Self::Date => Value::Date(zone::date(i32::from_be_bytes(bytes.try_into().ok()?))),
            Self::Interval => interval(bytes)?,
            Self::Bytes => Value::Text(format!("<{} bytes>", bytes.len()).into()),
            Self::Array(element) => array(element, bytes, zone, limit)?,
        })
    }

    /// The raw and complete text of a key, which a cast turns back into the same value; `None` as in
    /// [`ColumnKind::value`]. Bytes that are no text are no key, as NULL is none: an empty one.
    pub fn key(&self, bytes: &[u8], zone: &NaiveZone) -> Option<String> {
        if *self == Self::Text {
            return Some(std::str::from_utf8(bytes).unwrap_or_default().to_owned());
        }
        if *self == Self::Timestamp {
            return Some(zone::wall_clock(i64::from_be_bytes(bytes.try_into().ok()?)));
        }
        Some(match self.value(bytes, zone, usize::MAX)? {
            Value::Text(text) => text.as_str().into(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(int) => int.to_string(),
            Value::Float(float) => format::exact_float(float),
            Value::Decimal(digits) => digits.as_str().into(),
            Value::Date(date) => date.to_string(),
            Value::Time(time) => time_key(time),
            Value::Json(document) => document.to_string(),
            Value::Duration(ms) => format!("{ms} ms"),
            Value::List(_) | Value::Null | Value::Unknown => return None,
        })
    }
}

fn time_key(time: Time) -> String {
    match time {
        Time::INFINITY => "infinity".into(),
        Time::NEG_INFINITY => "-infinity".into(),
        time => time.calendar().map_or_else(|| time.0.to_string(), |at| at.to_string()),
    }
}

/// The `f64` that prints like the `f32`: 0.1 and not 0.10000000149.
fn shortest_double(float: f32) -> f64 {
    float.to_string().parse().unwrap_or(f64::NAN)
}

fn uuid(bytes: &[u8]) -> Option<String> {
    let n = u128::from_be_bytes(bytes.try_into().ok()?);
    let hex = format!("{n:032x}");
    Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

fn inet(bytes: &[u8]) -> Option<String> {
    let [_family, prefix, is_cidr, _length, address @ ..] = bytes else { return None };
    let (text, full_prefix) = if let Ok(octets) = <[u8; 4]>::try_from(address) {
        (Ipv4Addr::from(octets).to_string(), 32)
    } else {
        (Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?).to_string(), 128)
    };
    Some(if *prefix == full_prefix && *is_cidr == 0 { text } else { format!("{text}/{prefix}") })
}

/// An interval in ms, with 30 days a month. Unlike `extract(epoch ..)`, this counts a year as 360 days. The infinities of
/// PostgreSQL 17 are the largest and the smallest of all three fields.
fn interval(bytes: &[u8]) -> Option<Value> {
    let (micros, rest) = bytes.split_first_chunk::<8>()?;
    let (days, months) = rest.split_first_chunk::<4>()?;
    let (days, months) = (i32::from_be_bytes(*days), i32::from_be_bytes(months.try_into().ok()?));
    Some(match (i64::from_be_bytes(*micros), days, months) {
        (i64::MAX, i32::MAX, i32::MAX) => Value::Float(f64::INFINITY),
        (i64::MIN, i32::MIN, i32::MIN) => Value::Float(f64::NEG_INFINITY),
        (micros, days, months) => {
            let days = i64::from(days) + 30 * i64::from(months);
            Value::Duration((micros / 1_000).saturating_add(days.saturating_mul(86_400_000)))
        }
    })
}

/// The array as a list, of lists where it has several dimensions. A long list of texts is cut, and ends with a note of
/// its full length; it is not nested then. Numbers are not cut: they are the points of a spark.
fn array(element: &ColumnKind, bytes: &[u8], zone: &NaiveZone, limit: usize) -> Option<Value> {
    let (dimensions, elements) = elements(bytes)?;
    let (count, mut room) = (elements.len(), limit);
    let mut values: Vec<Value> = Vec::with_capacity(count.min(limit));
    for bytes in elements {
        if !element.is_number() {
            let Some(left) = room.checked_sub(bytes.map_or(0, <[u8]>::len) + size_of::<Value>()) else {
                values.push(Value::Text(format!("… [cut, {count} in all]").into()));
                return Some(Value::list(values));
            };
            room = left;
        }
        values.push(match bytes {
            Some(bytes) => element.value(bytes, zone, limit)?,
            None => Value::Null,
        });
    }
    Some(nested(values, &dimensions))
}

/// The values in lists of lists, innermost dimension last.
fn nested(mut values: Vec<Value>, dimensions: &[usize]) -> Value {
    for length in dimensions.iter().skip(1).rev().filter(|length| **length > 0) {
        let mut rest = values.into_iter();
        let mut lists = Vec::new();
        loop {
            let list: Vec<Value> = rest.by_ref().take(*length).collect();
            if list.is_empty() {
                break;
            }
            lists.push(Value::list(list));
        }
        values = lists;
    }
    Value::list(values)
}

/// The length of each dimension, and the elements in storage order. A `None` element is NULL; the result is `None` when
/// the bytes are no array.
type Elements<'b> = (Vec<usize>, Vec<Option<&'b [u8]>>);

fn elements(bytes: &[u8]) -> Option<Elements<'_>> {
    let (header, mut rest) = bytes.split_first_chunk::<12>()?;
    let count = usize::try_from(i32::from_be_bytes([header[0], header[1], header[2], header[3]])).ok()?;
    let (sizes, after) = rest.split_at_checked(count.checked_mul(8)?)?;
    rest = after;
    let length = |size: &[u8]| usize::try_from(i32::from_be_bytes(size.first_chunk::<4>().copied()?)).ok();
    let dimensions: Vec<usize> = sizes.chunks_exact(8).map(length).collect::<Option<_>>()?;
    let mut elements = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        rest = after;
        elements.push(match usize::try_from(i32::from_be_bytes(*length)) {
            Ok(length) => {
                let (element, after) = rest.split_at_checked(length)?;
                rest = after;
                Some(element)
            }
            Err(_) => None,
        });
    }
    Some((dimensions, elements))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_bytes_are_refused_without_a_panic() {
        let zone = NaiveZone::named("UTC", None).unwrap();
        let kinds = [
            ColumnKind::Bool,
            ColumnKind::Int8,
            ColumnKind::Numeric,
            ColumnKind::Uuid,
            ColumnKind::Inet,
            ColumnKind::Jsonb,
            ColumnKind::TimestampTz,
            ColumnKind::Interval,
            ColumnKind::Array(Box::new(ColumnKind::Float8)),
        ];
        for kind in kinds {
            assert_eq!(kind.value(&[], &zone, 10), None, "{kind:?}");
        }
        let endless = [[0, 0, 0, 1], [0; 4], [0; 4], [0; 4], [0; 4], [127, 0, 0, 0]].concat();
        assert_eq!(ColumnKind::Array(Box::new(ColumnKind::Text)).value(&endless, &zone, 10), None);
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let elements = (0..100).flat_map(|_| [5_i32.to_be_bytes().as_slice(), b"hello"].concat());
        let bytes: Vec<u8> = [[0, 0, 0, 1], [0; 4], [0, 0, 0, 25], [0, 0, 0, 100], [0, 0, 0, 1]]
            .concat()
            .into_iter()
            .chain(elements)
            .collect();
        let list = |limit| match ColumnKind::Array(Box::new(ColumnKind::Text)).value(
            &bytes,
            &NaiveZone::named("UTC", None).unwrap(),
            limit,
        ) {
            Some(Value::List(list)) => list,
            other => panic!("{other:?}"),
        };
        assert_eq!(list(usize::MAX).len(), 100);
        let cut = list(100);
        assert!(cut.len() < 10, "{cut:?}");
        let text = |value: Option<&Value>| value.and_then(Value::as_text).map(str::to_owned);
        assert_eq!(text(cut.first()).as_deref(), Some("hello"));
        assert_eq!(text(cut.last()).as_deref(), Some("… [cut, 100 in all]"));
    }

    fn interval_of(micros: i64, days: i32, months: i32) -> Option<Value> {
        interval(&[micros.to_be_bytes().as_slice(), &days.to_be_bytes(), &months.to_be_bytes()].concat())
    }

    #[test]
    fn a_month_is_thirty_days() {
        assert_eq!(interval_of(1_500_000, 2, 1), Some(Value::Duration(1_500 + 32 * 86_400_000)));
    }

    #[test]
    fn an_endless_interval_is_infinite_and_no_number_of_days() {
        assert_eq!(interval_of(i64::MAX, i32::MAX, i32::MAX), Some(Value::Float(f64::INFINITY)));
        assert_eq!(interval_of(i64::MIN, i32::MIN, i32::MIN), Some(Value::Float(f64::NEG_INFINITY)));
        assert_eq!(interval_of(0, i32::MAX, 0), Some(Value::Duration(i64::from(i32::MAX) * 86_400_000)));
    }

    #[test]
    fn a_float_keeps_the_digits_it_was_written_with() {
        assert_eq!(shortest_double(0.1).to_string(), "0.1");
    }
}
