//! Durations as people write them.

use jiff::{Span, SpanRelativeTo, Unit};

/// A duration such as `15s`, `2 minutes` or `1d`, in ms. A day has 24 hours. `None` when the text is no duration, is
/// negative, or has months or years, which have no fixed length.
#[must_use]
pub fn parse_ms(text: &str) -> Option<u64> {
    let span: Span = text.parse().ok()?;
    let ms = span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours())).ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range just before")]
    (0.0..=9e15).contains(&ms).then_some(ms.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(parse_ms("15s"), Some(15_000));
        assert_eq!(parse_ms("2 minutes"), Some(120_000));
        assert_eq!(parse_ms("1d"), Some(86_400_000));
        assert_eq!(parse_ms("1 month"), None);
        assert_eq!(parse_ms("-5s"), None);
        assert_eq!(parse_ms("soon"), None);
        assert_eq!(parse_ms("15"), None);
    }
}
