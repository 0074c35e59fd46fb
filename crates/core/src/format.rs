//! Numbers, ages, times, cells and rows in words.

use jiff::tz::TimeZone;

use opsdash_pack::pack::{Format, View, WHY, Width};

use crate::{
    text,
    time::{Date, Time, Zone},
    value::{Row, Value},
};

/// Digits in groups of three, separated by a space: 1 412.
#[must_use]
pub fn thousands(n: impl std::fmt::Display) -> String {
    let digits = n.to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let mut grouped = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// How many rows: `1 row`, `1 412 rows`.
#[must_use]
pub fn rows(n: usize) -> String {
    format!("{} row{}", thousands(n), if n == 1 { "" } else { "s" })
}

/// How many files: `1 file`, `12 files`.
#[must_use]
pub fn files(n: usize) -> String {
    format!("{} file{}", thousands(n), if n == 1 { "" } else { "s" })
}

/// A length of time, short: its largest unit, two of them from an hour on.
#[must_use]
pub fn duration(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    let (s, m, h, d) = (ms / 1_000, ms / 60_000, ms / 3_600_000, ms / 86_400_000);
    match ms {
        0..1_000 => format!("{sign}{ms} ms"),
        1_000..60_000 => format!("{sign}{}.{} s", s, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{sign}{m}m {:02}s", s % 60),
        3_600_000..86_400_000 => format!("{sign}{h}h {:02}m", m % 60),
        _ => format!("{sign}{d}d {:02}h", h % 24),
    }
}

/// A length of time in one unit: `34s`, `2m`, `3h`, `5d`, `2y`.
#[must_use]
pub fn short(ms: i64) -> String {
    let s = ms.unsigned_abs() / 1_000;
    match s {
        0..60 => format!("{s}s"),
        60..3_600 => format!("{}m", s / 60),
        3_600..86_400 => format!("{}h", s / 3_600),
        86_400..63_072_000 => format!("{}d", s / 86_400),
        _ => format!("{}y", s / 31_536_000),
    }
}

/// How long ago something was; `in 5m` when it lies ahead, as it may where clocks differ.
#[must_use]
pub fn age(time: Time, now: Time) -> String {
    match time {
        Time::INFINITY => "never".to_owned(),
        Time::NEG_INFINITY => "always".to_owned(),
        _ if time > now && time.since_ms(now) >= 1_000 => format!("in {}", short(time.since_ms(now))),
        _ => short(now.since_ms(time)),
    }
}

/// How long until something: `in 5d`, `3d ago`, `never`.
#[must_use]
pub fn countdown(time: Time, now: Time) -> String {
    match time {
        Time::INFINITY => "never".to_owned(),
        Time::NEG_INFINITY => "always ago".to_owned(),
        _ if time >= now => format!("in {}", short(time.since_ms(now))),
        _ => format!("{} ago", short(now.since_ms(time))),
    }
}

/// A date and time with its zone: `2026-11-20 14:02:11 Z`.
#[must_use]
pub fn time(time: Time, zone: &Zone) -> String {
    match (time, time.calendar()) {
        (Time::INFINITY, _) => "infinity".to_owned(),
        (Time::NEG_INFINITY, _) => "-infinity".to_owned(),
        (_, None) => "beyond the calendar".to_owned(),
        (_, Some(stamp)) => match zone {
            Zone::Utc => stamp.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S Z").to_string(),
            Zone::Local(zone) => stamp.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
        },
    }
}

/// How long ago a day was, counted in days: `today`, `3d`, `in 5d`.
#[must_use]
pub fn date_age(date: Date, today: Date) -> String {
    match (date, date.since_days(today)) {
        (Date::INFINITY, _) => "never".to_owned(),
        (Date::NEG_INFINITY, _) => "always".to_owned(),
        (_, 0) => "today".to_owned(),
        (_, days) if days > 0 => format!("in {}", days_short(days)),
        (_, days) => days_short(days),
    }
}

/// How long until a day, counted in days: `today`, `in 5d`, `3d ago`, `never`.
#[must_use]
pub fn date_countdown(date: Date, today: Date) -> String {
    match (date, date.since_days(today)) {
        (Date::INFINITY, _) => "never".to_owned(),
        (Date::NEG_INFINITY, _) => "always ago".to_owned(),
        (_, 0) => "today".to_owned(),
        (_, days) if days > 0 => format!("in {}", days_short(days)),
        (_, days) => format!("{} ago", days_short(days)),
    }
}

fn days_short(days: i32) -> String {
    short(i64::from(days) * 86_400_000)
}

/// The clock of the first line: `2026-11-20 14:02 Z`, without the date where there is little room.
#[must_use]
pub fn clock(time: Time, zone: &Zone, with_date: bool) -> String {
    let (zoned, suffix) = match (time.calendar(), zone) {
        (None, _) => return "--:--".to_owned(),
        (Some(stamp), Zone::Utc) => (stamp.to_zoned(TimeZone::UTC), "Z".to_owned()),
        (Some(stamp), Zone::Local(zone)) => {
            let zoned = stamp.to_zoned(zone.clone());
            let name = zoned.strftime("%Z").to_string();
            (zoned, name)
        }
    };
    let format = if with_date { "%Y-%m-%d %H:%M" } else { "%H:%M" };
    format!("{} {suffix}", zoned.strftime(format))
}

/// A time for machines: RFC 3339 in UTC; the infinities in PostgreSQL's words.
#[must_use]
pub fn rfc3339(time: Time) -> String {
    match (time, time.calendar()) {
        (Time::INFINITY, _) => "infinity".to_owned(),
        (Time::NEG_INFINITY, _) => "-infinity".to_owned(),
        (_, Some(stamp)) => stamp.to_string(),
        (Time(us), None) => format!("{us} us since 1970"),
    }
}

/// Bytes in binary units: `1.4 MiB`.
#[must_use]
pub fn bytes(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", bytesize::ByteSize(n.unsigned_abs()).display().iec())
}

/// A number with at most two decimals and no closing zeros; NaN and the infinities in words.
#[must_use]
pub fn float(f: f64) -> String {
    if !f.is_finite() {
        return exact_float(f);
    }
    if f.abs() >= 1e15 {
        return format!("{f:e}");
    }
    let fixed = format!("{f:.2}");
    let trimmed = fixed.trim_end_matches('0').trim_end_matches('.');
    match trimmed.split_once('.') {
        Some((whole, rest)) => format!("{}.{rest}", thousands(whole)),
        None => thousands(trimmed),
    }
}

/// A number with all its digits; NaN and the infinities in PostgreSQL's words.
#[must_use]
pub fn exact_float(f: f64) -> String {
    match f {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        f => f.to_string(),
    }
}

/// A number written in decimal digits, its thousands separated. With `digits` it is rounded, half away from zero, or
/// filled with zeros. A text that is no such number stays as it is.
#[must_use]
pub fn decimal(number: &str, digits: Option<u8>) -> String {
    let (sign, unsigned) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let (whole, fraction) = match digits.map(usize::from) {
        Some(digits) => rounded(whole, fraction, digits),
        None => (whole.to_owned(), fraction.to_owned()),
    };
    let is_zero = whole.bytes().chain(fraction.bytes()).all(|digit| digit == b'0');
    let sign = if is_zero { "" } else { sign };
    let whole = thousands(whole);
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// The digits before and after the point, with this many after it.
fn rounded(whole: &str, fraction: &str, digits: usize) -> (String, String) {
    let mut all: Vec<u8> = whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(digits)).collect();
    if fraction.as_bytes().get(digits).is_some_and(|next| *next >= b'5') {
        // The nines at the end become zeros, and the digit before them grows.
        let nines = all.iter().rev().take_while(|digit| **digit == b'9').count();
        let kept = all.len() - nines;
        all[kept..].fill(b'0');
        match all[..kept].last_mut() {
            Some(digit) => *digit += 1,
            None => all.insert(0, b'1'),
        }
    }
    let text: String = all.into_iter().map(char::from).collect();
    let (whole, fraction) = text.split_at(text.len() - digits);
    (whole.to_owned(), fraction.to_owned())
}

/// All of a text on one line.
#[must_use]
pub fn line(text: &str) -> String {
    text::one_line(text).into_owned()
}

/// A value as machines and other programs want it: raw numbers, RFC 3339, ms, bytes. Secrets are empty.
#[must_use]
pub fn plain(value: &Value, format: Format) -> String {
    if format == Format::Secret {
        return String::new();
    }
    match value {
        Value::Null | Value::Unknown => String::new(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) | Value::Duration(n) => n.to_string(),
        Value::Float(f) => exact_float(*f),
        Value::Text(text) | Value::Decimal(text) => text.to_string(),
        Value::Time(time) => rfc3339(*time),
        Value::Date(date) => date.to_string(),
        Value::List(items) => list(items, &|item| plain(item, format)),
        Value::Json(json) => json.to_string(),
    }
}

/// The values of a list, with commas between them; a list within it is in brackets. `show` makes the text of a value
/// that is no list.
#[must_use]
pub fn list(items: &[Value], show: &dyn Fn(&Value) -> String) -> String {
    let text = |item: &Value| match item {
        Value::List(items) => format!("[{}]", list(items, show)),
        item => show(item),
    };
    items.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// What the columns say that tell people which row it is, in order; those that are empty are left out.
pub fn names<'a>(view: &'a View, row: &'a Row) -> impl Iterator<Item = String> + 'a {
    let names = view.name.iter().map(|at| plain(&row.cells[*at], view.columns[*at].format));
    names.filter(|name| !name.trim().is_empty())
}

/// What a row is called on one line: the columns that the view names. Where it names none, the first columns of text,
/// and the one that fills as the last: that one says most.
#[must_use]
pub fn label(view: &View, row: &Row) -> String {
    let declared: Vec<String> = names(view, row).map(|text| line(&text)).collect();
    if !declared.is_empty() {
        return declared.join("  ");
    }
    let text_of = |at: &usize| row.cells[*at].as_text().filter(|text| !text.is_empty()).map(line);
    let is_text = |at: &usize| {
        let column = &view.columns[*at];
        column.format == Format::Text && !column.hide && column.name != WHY
    };
    let fills = (0..view.columns.len()).find(|at| view.columns[*at].width == Width::Fill && is_text(at));
    let names: Vec<usize> = match fills {
        Some(fill) => (0..fill).filter(is_text).take(2).chain([fill]).collect(),
        None => (0..view.columns.len()).filter(is_text).take(2).collect(),
    };
    let parts: Vec<String> = names.iter().filter_map(text_of).collect();
    if parts.is_empty() { line(&text::inert(row.key.as_str())) } else { parts.join("  ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short_and_never_lie_about_the_direction() {
        let now = Time::from_ms(10_000_000_000);
        assert_eq!(age(now.plus_ms(-34_000), now), "34s");
        assert_eq!(age(now.plus_ms(-3 * 3_600_000), now), "3h");
        assert_eq!(age(now.plus_ms(90_000), now), "in 1m");
        assert_eq!(age(Time::NEG_INFINITY, now), "always");
        assert_eq!(countdown(now.plus_ms(5 * 86_400_000), now), "in 5d");
        assert_eq!(countdown(now.plus_ms(-3 * 86_400_000), now), "3d ago");
        assert_eq!(countdown(Time::INFINITY, now), "never");
    }

    #[test]
    fn absolute_times_carry_their_zone() {
        let stamp: jiff::Timestamp = "2026-11-20T14:02:11Z".parse().unwrap();
        let moment = Time(stamp.as_microsecond());
        assert_eq!(time(moment, &Zone::Utc), "2026-11-20 14:02:11 Z");
        assert_eq!(clock(moment, &Zone::Utc, false), "14:02 Z");
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(time(moment, &Zone::Local(zone)), "2026-11-20 15:02:11 +01");
        assert_eq!(time(Time(i64::MAX - 1), &Zone::Utc), "beyond the calendar");
    }

    #[test]
    fn numbers_read_easily() {
        assert_eq!(thousands(1_412), "1 412");
        assert_eq!(thousands(-999), "-999");
        assert_eq!(float(3.50), "3.5");
        assert_eq!(float(12_345.0), "12 345");
        assert_eq!(duration(3_512), "3.5 s");
        assert_eq!(bytes(1_500_000), "1.4 MiB");
        assert_eq!((float(f64::NAN).as_str(), float(f64::NEG_INFINITY).as_str()), ("NaN", "-Infinity"));
    }

    #[test]
    fn a_decimal_keeps_its_digits_and_rounds_as_the_database_does() {
        assert_eq!(decimal("12345678901234567890.123456789", None), "12 345 678 901 234 567 890.123456789");
        assert_eq!(decimal("-5.00", None), "-5.00");
        assert_eq!(decimal("1234.5", Some(2)), "1 234.50");
        assert_eq!(decimal("1234.565", Some(2)), "1 234.57");
        assert_eq!(decimal("-0.004", Some(2)), "0.00");
        assert_eq!(decimal("999.995", Some(2)), "1 000.00");
        assert_eq!(decimal("9.5", Some(0)), "10");
        assert_eq!(decimal("7", Some(2)), "7.00");
        assert_eq!(decimal("NaN", Some(2)), "NaN");
        assert_eq!(decimal("1e20", None), "1e20");
    }

    #[test]
    fn a_day_is_counted_in_days() {
        let today = Date(20_605);
        assert_eq!(date_age(Date(20_605), today), "today");
        assert_eq!(date_age(Date(20_600), today), "5d");
        assert_eq!(date_age(Date(20_606), today), "in 1d");
        assert_eq!(date_countdown(Date(20_610), today), "in 5d");
        assert_eq!(date_countdown(Date(20_604), today), "1d ago");
        assert_eq!(date_countdown(Date::INFINITY, today), "never");
    }
}
