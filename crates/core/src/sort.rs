//! How rows are ordered by a column.

use std::cmp::{Ordering, Reverse};

use opsdash_pack::pack::{Format, View};

use crate::{
    time::{Date, Time},
    value::{Row, Value},
};

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

    /// What a row is ordered by. Values that are not there come last, in either direction.
    #[must_use]
    pub fn key(&self, row: &Row) -> SortKey {
        let value = &row.cells[self.column];
        let turns = self.is_age && matches!(value, Value::Time(_) | Value::Date(_));
        SortKey(match Comparable::of(value) {
            None => Directed::Absent,
            Some(key) if self.descending == turns => Directed::Up(key),
            Some(key) => Directed::Down(Reverse(key)),
        })
    }
}

/// Whether a column counts or measures something, so that its largest values are looked for first.
fn is_amount(format: Format) -> bool {
    use Format::{Bytes, Decimal, Duration, Float, Gauge, Int, Money, Spark};
    matches!(format, Int | Float | Decimal | Money | Bytes | Duration | Gauge | Spark)
}

/// What a row is ordered by. It is made once for each row, for it takes longer to make than to compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(Directed);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Directed {
    Up(Comparable),
    Down(Reverse<Comparable>),
    Absent,
}

/// A value as it is compared. Documents may hold a number here and a text there: each kind stays together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Comparable {
    Number(Number),
    Time(Time),
    Date(Date),
    Text(NaturalText),
    /// By its last number; a list without one comes before the others.
    List(Option<Number>),
    Json,
}

impl Comparable {
    /// `None` when there is nothing to compare.
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null | Value::Unknown => return None,
            Value::Time(time) => Self::Time(*time),
            Value::Date(date) => Self::Date(*date),
            Value::Text(text) => Self::Text(NaturalText::of(text)),
            Value::List(items) => Self::List(last_number(items).map(Number)),
            Value::Json(_) => Self::Json,
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Duration(_) => {
                Self::Number(Number(number(value).unwrap_or(f64::NAN)))
            }
        })
    }
}

/// A number with its place among all of them, NaN and the infinities included.
#[derive(Debug, Clone, Copy)]
struct Number(f64);

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

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

/// Text order in which numbers count as numbers, and case does not count.
#[must_use]
pub fn natural(left: &str, right: &str) -> Ordering {
    NaturalText::of(left).cmp(&NaturalText::of(right))
}

/// A text as bytes in an order in which numbers count as numbers, so that 1.10.0 comes after 1.9.0, and case does not count.
/// A run of digits is how many there are, without leading zeros, and then they.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct NaturalText(Box<[u8]>);

impl NaturalText {
    fn of(text: &str) -> Self {
        let mut key = Vec::with_capacity(text.len() + 16);
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            if is_number {
                add_number(&mut key, part);
            } else {
                add_text(&mut key, part);
            }
            rest = after;
        }
        Self(key.into())
    }
}

fn add_number(key: &mut Vec<u8>, digits: &str) {
    let digits = digits.trim_start_matches('0');
    // Among other texts a number stands where digits stand.
    key.push(b'0');
    key.extend(u32::try_from(digits.len()).unwrap_or(u32::MAX).to_be_bytes());
    key.extend(digits.as_bytes());
}

fn add_text(key: &mut Vec<u8>, part: &str) {
    for c in part.chars() {
        if c.is_ascii() {
            key.push(c.to_ascii_lowercase() as u8);
        } else {
            c.to_lowercase().for_each(|c| key.extend(c.encode_utf8(&mut [0; 4]).as_bytes()));
        }
    }
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
        let texts = [("ab1", "abc"), ("ab.", "AB1"), ("ab", "ab 1"), ("10", "a"), ("-", "1"), ("é", "ê"), ("z", "é")];
        for (one, other) in less.into_iter().chain(texts) {
            assert_eq!(natural(one, other), Ordering::Less, "{one} {other}");
        }
        assert_eq!(natural("x07", "x7"), Ordering::Equal);
    }
}
