//! How rows are ordered by a column.

use std::cmp::Ordering;

use opsdash_pack::pack::{Format, View};

use crate::value::{Row, Value};

/// An order by a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Place of the column in the view.
    pub column: usize,
    /// Largest first.
    pub descending: bool,
    /// Whether the column shows ages: the later a time, the smaller its age.
    is_age: bool,
}

impl Sort {
    /// By a column of a view.
    #[must_use]
    pub fn by(view: &View, column: usize, descending: bool) -> Self {
        Self { column, descending, is_age: view.columns[column].format == Format::Age }
    }

    /// As a list is first ordered by a column: the largest number first, anything else from its beginning.
    #[must_use]
    pub fn first(view: &View, column: usize) -> Self {
        Self::by(view, column, is_amount(view.columns[column].format))
    }

    /// The other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { descending: !self.descending, ..self }
    }

    /// Which of two rows comes first. Values that are not there come last, in either direction.
    #[must_use]
    pub fn compare(&self, a: &Row, b: &Row) -> Ordering {
        let [a, b] = [a, b].map(|row| &row.cells[self.column]);
        let absent = |value: &Value| matches!(value, Value::Null | Value::Unknown);
        match (absent(a), absent(b)) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        let is_moment = |value: &Value| matches!(value, Value::Time(_) | Value::Date(_));
        let ordering = compare(a, b);
        let turns = self.is_age && is_moment(a) && is_moment(b);
        if self.descending == turns { ordering } else { ordering.reverse() }
    }
}

/// Whether a column counts or measures something, so that its largest values are looked for first.
fn is_amount(format: Format) -> bool {
    use Format::{Bytes, Decimal, Duration, Float, Gauge, Int, Money, Spark};
    matches!(format, Int | Float | Decimal | Money | Bytes | Duration | Gauge | Spark)
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => {
            let last = |items: &[Value]| last_number(items).unwrap_or(f64::MIN);
            last(a).total_cmp(&last(b))
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => kind(a).cmp(&kind(b)),
        },
    }
}

/// The last number of a list, by which it is ordered: of a line of bars the newest.
#[must_use]
pub fn last_number(items: &[Value]) -> Option<f64> {
    items.iter().rev().find_map(number)
}

/// The number that a value is ordered by, NaN and the infinities included.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(f) => Some(*f),
        Value::Decimal(text) => text.parse().ok(),
        value => value.as_number(),
    }
}

/// Documents may hold a number here and a text there. Each kind stays together: were they all equal to each other, there
/// would be no order at all, and sorting may panic without one.
fn kind(value: &Value) -> u8 {
    match value {
        Value::Null | Value::Unknown => 0,
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Duration(_) => 1,
        Value::Time(_) => 2,
        Value::Date(_) => 3,
        Value::Text(_) => 4,
        Value::List(_) => 5,
        Value::Json(_) => 6,
    }
}

/// Text order in which numbers count as numbers, so that 1.10.0 comes after 1.9.0.
#[must_use]
pub fn natural(left: &str, right: &str) -> Ordering {
    let alike = alike(left, right);
    let (mut left, mut right) = (&left[alike..], &right[alike..]);
    while let (Some((part, after)), Some((other, other_after))) = (next_part(left), next_part(right)) {
        let is_number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
        let ordering = if is_number(part) && is_number(other) {
            let (part, other) = (part.trim_start_matches('0'), other.trim_start_matches('0'));
            part.len().cmp(&other.len()).then_with(|| part.cmp(other))
        } else {
            part.chars().flat_map(char::to_lowercase).cmp(other.chars().flat_map(char::to_lowercase))
        };
        if ordering.is_ne() {
            return ordering;
        }
        (left, right) = (after, other_after);
    }
    left.len().cmp(&right.len())
}

/// How many bytes of both are the same and need no closer look. Of a run of digits all of it counts, so it ends before one.
/// Texts of a column tend to begin alike, and thousands of them are compared while a key waits.
fn alike(left: &str, right: &str) -> usize {
    let bytes = left.as_bytes();
    let same = bytes.iter().zip(right.as_bytes()).take_while(|(a, b)| a == b).count();
    let digits = bytes[..same].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    left.floor_char_boundary(same - digits)
}

/// A run of digits, or of anything else, and what comes after it; `None` at the end.
fn next_part(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?.is_ascii_digit();
    let end = text.find(|c: char| c.is_ascii_digit() != first).unwrap_or(text.len());
    Some(text.split_at(end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_texts_begin_with_alike_does_not_order_them(
            beginning in "([a-zÉ0-9 ]{0,6}[a-zÉ ])?",
            left in "[aAbé019. ]{0,6}",
            right in "[aAbé019. ]{0,6}",
        ) {
            let [longer, other] = [&left, &right].map(|text| format!("{beginning}{text}"));
            prop_assert_eq!(natural(&longer, &other), natural(&left, &right));
            prop_assert_eq!(natural(&other, &longer), natural(&left, &right).reverse());
        }
    }

    #[test]
    fn numbers_in_texts_count_as_numbers() {
        let less = [("1.9.0", "1.10.0"), ("v2", "v10"), ("a", "a1"), ("a1b", "a1c"), ("a12", "a112"), ("É1", "é2")];
        for (one, other) in less {
            assert_eq!(natural(one, other), Ordering::Less, "{one} {other}");
        }
        assert_eq!(natural("x07", "x7"), Ordering::Equal);
    }
}
