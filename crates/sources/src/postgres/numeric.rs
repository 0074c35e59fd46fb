//! Decodes PostgreSQL's binary `numeric`: digits in base 10 000.

use std::fmt::Write;

use opsdash_core::value::Value;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITE: u16 = 0xD000;
const NEGATIVE_INFINITE: u16 = 0xF000;

/// The number in decimal digits, or `NaN`, `Infinity`, `-Infinity`. `None` when the bytes are no numeric.
pub fn decimal(bytes: &[u8]) -> Option<String> {
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = words.next()?;
    let weight = i32::from(words.next()?.cast_signed());
    let sign = words.next()?;
    let scale = usize::from(words.next()?);
    let digits: Vec<u16> = words.collect();
    if digits.len() != usize::from(count) || digits.iter().any(|digit| *digit > 9_999) {
        return None;
    }
    match sign {
        NAN => return Some("NaN".to_owned()),
        INFINITE => return Some("Infinity".to_owned()),
        NEGATIVE_INFINITE => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let digit_at =
        |power: i32| usize::try_from(weight - power).ok().and_then(|at| digits.get(at)).copied().unwrap_or(0);
    let mut text = String::from(if sign == NEGATIVE { "-" } else { "" });
    write!(text, "{}", digit_at(weight.max(0))).ok()?;
    for power in (0..weight.max(0)).rev() {
        write!(text, "{:04}", digit_at(power)).ok()?;
    }
    if scale > 0 {
        let groups = i32::try_from(scale.div_ceil(4)).ok()?;
        text.push('.');
        let point = text.len();
        for power in 1..=groups {
            write!(text, "{:04}", digit_at(-power)).ok()?;
        }
        text.truncate(point + scale);
    }
    Some(text)
}

/// The number as a value, with all its digits: an `Int` when it has no decimals and fits, else a `Decimal`. NaN and the
/// infinities are a `Float`. `None` when the bytes are no numeric.
pub fn value(bytes: &[u8]) -> Option<Value> {
    let text = decimal(bytes)?;
    Some(match (text.parse::<i64>(), text.as_str()) {
        (Ok(int), _) => Value::Int(int),
        (Err(_), "NaN") => Value::Float(f64::NAN),
        (Err(_), "Infinity") => Value::Float(f64::INFINITY),
        (Err(_), "-Infinity") => Value::Float(f64::NEG_INFINITY),
        (Err(_), digits) => Value::Decimal(digits.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
        let count = u16::try_from(digits.len()).unwrap();
        let head = [count, weight.cast_unsigned(), sign, scale];
        head.iter().chain(digits).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn digits_are_placed_by_their_weight() {
        let text = |bytes: &[u8]| decimal(bytes).unwrap();
        assert_eq!(text(&numeric(1, 0, 2, &[12, 3456, 7800])), "123456.78");
        assert_eq!(text(&numeric(-1, NEGATIVE, 3, &[10])), "-0.001");
        assert_eq!(text(&numeric(-2, 0, 6, &[100])), "0.000001");
        assert_eq!(text(&numeric(2, 0, 0, &[1])), "100000000");
        assert_eq!(text(&numeric(0, 0, 0, &[])), "0");
    }

    #[test]
    fn every_digit_is_kept_and_nan_is_not_null() {
        assert_eq!(value(&numeric(0, 0, 0, &[5])), Some(Value::Int(5)));
        assert_eq!(value(&numeric(0, 0, 2, &[5])), Some(Value::Decimal("5.00".into())));
        assert_eq!(value(&numeric(0, 0, 1, &[5, 5000])), Some(Value::Decimal("5.5".into())));
        assert!(matches!(value(&numeric(0, NAN, 0, &[])), Some(Value::Float(f)) if f.is_nan()));
        assert_eq!(value(&numeric(0, NEGATIVE_INFINITE, 0, &[])), Some(Value::Float(f64::NEG_INFINITY)));
        assert_eq!(value(&numeric(5, 0, 0, &[1])), Some(Value::Decimal("100000000000000000000".into())));
    }

    #[test]
    fn broken_bytes_are_no_number() {
        assert_eq!(value(&[0, 1]), None);
        assert_eq!(value(&numeric(0, 0, 0, &[10_000])), None);
        assert_eq!(value(&numeric(0, 0, 0, &[1])[..8]), None);
    }
}
