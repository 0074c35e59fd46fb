//! How values of the command line are read.

use std::{ops::RangeInclusive, time::Duration};

use opsdash_pack::{
    document::{parse_bytes, parse_ms},
    pack::LIMIT_RANGE,
};

/// A name and a value: `name=value`.
pub(super) fn name_and_value(typed: &str) -> Result<(String, String), String> {
    match typed.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE, for example level=ERROR".to_owned()),
    }
}

/// An age, in ms.
pub(super) fn age(typed: &str) -> Result<u64, String> {
    parse_ms(typed).ok_or_else(|| "write a duration, such as 8h or 7d".to_owned())
}

/// How long `check` waits, at most an hour.
pub(super) fn patience(typed: &str) -> Result<Duration, String> {
    let ms = parse_ms(typed).filter(|ms| (1..=3_600_000).contains(ms));
    ms.map(Duration::from_millis).ok_or_else(|| "write it as 10s or 2m; at most 1 h".to_owned())
}

/// Bytes a second; fewer than 1000 would never end.
pub(super) fn rate(typed: &str) -> Result<u64, String> {
    parse_bytes(typed).filter(|bytes| *bytes >= 1_000).ok_or_else(|| "write bytes a second, such as 50MB".to_owned())
}

/// The limits that a pack may set, as clap counts.
pub(super) fn limits() -> RangeInclusive<i64> {
    i64::from(*LIMIT_RANGE.start())..=i64::from(*LIMIT_RANGE.end())
}
