//! JSON for programs: raw values, in ASCII where a character could act on a terminal.

use std::io;

use opsdash_core::{
    contract::Failure,
    export::{Document, ExportRow},
    format,
    scope::ScopeChoice,
    text,
    value::Value,
};
use opsdash_pack::pack::Format;
use serde::Serialize;
use serde_json::{Value as Json, json, ser::Formatter};

/// Version of the envelopes.
pub const SCHEMA: u32 = 1;

/// Whole numbers beyond this are texts: readers that know only doubles would change them.
const EXACT: u64 = 1 << 53;

/// Whose rows are seen, as the `scope` of an envelope; the id is null for all.
#[must_use]
pub fn scope(chosen: &ScopeChoice) -> Json {
    json!({"id": chosen.id(), "label": chosen.label()})
}

/// A failure, as the `error` of an envelope.
#[must_use]
pub fn error(failure: &Failure) -> Json {
    json!({
        "kind": failure.kind,
        "message": failure.message,
        "object": failure.object,
        "hint": failure.hint(),
    })
}

/// The rows of a document for a file, where no envelope says whose they are.
#[must_use]
pub fn file(document: &Document) -> Json {
    let of_scope = |row| {
        let mut record = record(document, row);
        if let Some(scope) = &document.scope {
            record["scope"] = self::scope(&scope.choice);
        }
        record
    };
    document.rows.iter().map(of_scope).collect()
}

/// The rows of a document, as the `rows` of an envelope.
#[must_use]
pub fn rows(document: &Document) -> Json {
    document.rows.iter().map(|row| record(document, row)).collect()
}

fn record(document: &Document, row: &ExportRow) -> Json {
    let mut record = json!({
        "key": row.key.as_str(),
        "severity": row.severity.word(),
        "why": &*row.why,
        "reason": row.reason.as_deref(),
        "doubt": row.doubt,
        "values": values(document, row),
    });
    if let Some([reach, since]) = &row.cause {
        record["cause"] = json!({"reach": value(reach), "since": value(since)});
    }
    record
}

/// The values of a row by column.
#[must_use]
pub fn values(document: &Document, row: &ExportRow) -> Json {
    let cells = document.columns.iter().zip(&row.cells);
    cells
        .filter(|(column, _)| column.format != Format::Secret)
        .map(|(column, cell)| (column.name.clone(), value(cell)))
        .collect()
}

/// A value: numbers as numbers, durations in ms, bytes as whole numbers, times in RFC 3339, dates as `2026-06-01`, lists as
/// lists. A number that a double does not hold is a text: whole ones beyond 2^53, decimals beyond it, NaN and the
/// infinities. What is not there and what is not known are null.
#[must_use]
pub fn value(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) | Value::Duration(n) => whole(*n),
        Value::Float(f) if f.is_finite() => (*f).into(),
        Value::Float(f) => format::exact_float(*f).into(),
        Value::Decimal(text) => decimal(text),
        Value::Text(text) => (**text).into(),
        Value::Date(date) => date.to_string().into(),
        Value::Time(time) => format::rfc3339(*time).into(),
        Value::List(items) => items.iter().map(self::value).collect(),
        Value::Json(document) => exact(document),
    }
}

fn whole(n: i64) -> Json {
    if n.unsigned_abs() > EXACT { n.to_string().into() } else { n.into() }
}

/// A decimal as a number where a double holds all that is before its point.
fn decimal(text: &str) -> Json {
    let (whole_part, fraction) = text.split_once('.').unwrap_or((text, ""));
    match (whole_part.parse::<i64>(), text.parse::<f64>()) {
        (Ok(n), _) if fraction.bytes().all(|digit| digit == b'0') => whole(n),
        (Ok(n), Ok(f)) if n.unsigned_abs() < EXACT => f.into(),
        _ => text.into(),
    }
}

/// The same rule for the numbers inside a document.
fn exact(json: &Json) -> Json {
    match json {
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(n), _) => whole(n),
            (None, Some(n)) => n.to_string().into(),
            (None, None) => fraction(n),
        },
        Json::Array(items) => items.iter().map(exact).collect(),
        Json::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), exact(field))).collect(),
        Json::Null | Json::Bool(_) | Json::String(_) => json.clone(),
    }
}

/// A number that is none of 64 bits. With an exponent a double holds it, or its size is beyond all of them.
fn fraction(n: &serde_json::Number) -> Json {
    let text = n.to_string();
    let is_double = text.contains(['e', 'E']) && n.as_f64().is_some_and(f64::is_finite);
    if is_double { Json::Number(n.clone()) } else { decimal(&text) }
}

/// A document on one line, with a line break. Row keys are bound back by scripts and therefore raw; whatever in them is
/// not inert is escaped, so that the text is harmless and the value is exact.
#[must_use]
pub fn bytes(json: &Json) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, Inert);
    // Writing to memory does not fail, and every key is a text.
    let _always_ok = json.serialize(&mut writer);
    bytes.push(b'\n');
    bytes
}

struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| !text::is_inert(c)) {
            let (harmless, tail) = rest.split_at(at);
            writer.write_all(harmless.as_bytes())?;
            let mut tail = tail.chars();
            for unit in tail.next().into_iter().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = tail.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use opsdash_core::time::{Date, Time};

    use super::*;

    #[test]
    fn values_are_raw_and_nothing_is_invented() {
        assert_eq!(value(&Value::Int(9_007_199_254_740_992)), json!(9_007_199_254_740_992_i64));
        assert_eq!(value(&Value::Int(9_007_199_254_740_993)), json!("9007199254740993"));
        assert_eq!(value(&Value::Int(i64::MIN)), json!("-9223372036854775808"));
        assert_eq!(value(&Value::Unknown), Json::Null);
        assert_eq!(value(&Value::Float(f64::NAN)), json!("NaN"));
        assert_eq!(value(&Value::Float(f64::NEG_INFINITY)), json!("-Infinity"));
        let list = [Value::Float(1.5), Value::Null, Value::Bool(true), Value::Int(i64::MAX), Value::list([])];
        assert_eq!(value(&Value::list(list)), json!([1.5, null, true, "9223372036854775807", []]));
        for (decimal, expected) in [
            ("12.50", json!(12.5)),
            ("-5.00", json!(-5)),
            ("9007199254740993.0", json!("9007199254740993")),
            ("12345678901234567890.123456789", json!("12345678901234567890.123456789")),
        ] {
            assert_eq!(value(&Value::Decimal(decimal.into())), expected);
        }
        assert_eq!(value(&Value::Date(Date(20_605))), json!("2026-06-01"));
        assert_eq!(value(&Value::Time(Time::from_ms(0))), json!("1970-01-01T00:00:00Z"));
        assert_eq!(
            value(&Value::Json(Box::new(json!({"a": [u64::MAX, 1, 1.5]})))),
            json!({"a": [u64::MAX.to_string(), 1, 1.5]})
        );
        let digits = "1234567890123456789012345678901234567890";
        let long: Json = serde_json::from_str(&format!("[{digits}, {digits}.5, 1e3, 1e999, -0.5]")).unwrap();
        let expected = [json!(digits), json!(format!("{digits}.5")), json!(1e3), json!("1e+999"), json!(-0.5)];
        assert_eq!(value(&Value::Json(Box::new(long))).as_array().unwrap()[..2], expected[..2]);
    }

    #[test]
    fn what_could_act_on_a_terminal_is_escaped_and_reads_back_as_it_was() {
        let hostile = json!("\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{e0041}é\n日本");
        let bytes = bytes(&hostile);
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text, "\"\\u001b[31m\\u007f\\u009b\\u202e\\udb40\\udc41é\\n日本\"\n");
        assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), hostile);
    }
}
