//! What a cell, a row and a severity are.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::{Date, Time};

/// One cell as the server gave it. How it is shown is the column's format, never the value's.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// SQL NULL, a missing document field.
    #[default]
    Null,
    /// Not known now: an enrichment that has not answered. Never shown as a number, never compared as one.
    Unknown,
    /// A truth value.
    Bool(bool),
    /// A whole number; the column's format says of what (bytes, ms, events).
    Int(i64),
    /// A number; NaN and the infinities are values too.
    Float(f64),
    /// A number with all its decimals, as the database writes it, such as `12.50`. A whole number that fits is an
    /// [`Value::Int`].
    Decimal(Arc<str>),
    /// Text that [`crate::text::inert`] has been through. Rows share it: most lists say the same few things many times.
    Text(Arc<str>),
    /// A moment, in UTC.
    Time(Time),
    /// A day.
    Date(Date),
    /// A length of time in ms; negative when it lies in the past.
    Duration(i64),
    /// A list of values, such as the points of a spark, oldest first. Lists may hold lists, and any value may be NULL.
    List(Box<[Value]>),
    /// A JSON document, its strings inert.
    Json(Box<serde_json::Value>),
}

impl Value {
    /// Text that is made inert on the way in.
    #[must_use]
    pub fn text(raw: &str) -> Self {
        Self::Text(crate::text::inert(raw).into())
    }

    /// The text of a `Text`, else `None`.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number in an `Int`, `Float`, `Decimal` or `Duration` (ms). `None` for anything else, NaN and the infinities
    /// included: nothing is drawn or compared of those.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "compared and drawn, never stored: 53 bits are plenty")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(n) | Self::Duration(n) => Some(*n as f64),
            Self::Float(f) => Some(*f).filter(|f| f.is_finite()),
            Self::Decimal(text) => text.parse().ok().filter(|f: &f64| f.is_finite()),
            Self::Bool(b) => Some(f64::from(u8::from(*b))),
            _ => None,
        }
    }

    /// The points of a list of numbers, for a spark; `None` is a gap. Empty for any other value.
    #[must_use]
    pub fn points(&self) -> Vec<Option<f64>> {
        match self {
            Self::List(items) => items.iter().map(Self::as_number).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether there is nothing to show: `Null`, or text without a character.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }
}

/// One row, its cells in the order of the view's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What identifies it.
    pub key: RowKey,
    /// As the view's own query says.
    pub own: Severity,
    /// The worse of its own and those of the enrichments.
    pub severity: Severity,
    /// Why, as the view's own query says.
    pub own_why: Arc<str>,
    /// Why, of the worst of them.
    pub why: Arc<str>,
    /// Values; enriched ones are `Unknown` until they have come.
    pub cells: Vec<Value>,
    /// One bit per enrichment that has answered for this row since the snapshot came.
    pub enriched: u32,
}

/// How bad a row is, as its query says. The order is that of a list: what needs eyes first comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing to do.
    #[default]
    Ok,
    /// Somebody should look today.
    Warn,
    /// Not known; never shown as ok and never counted as 0.
    Unknown,
    /// Somebody should look now.
    Crit,
}

impl Severity {
    /// Every severity, worst first.
    pub const WORST_FIRST: [Self; 4] = [Self::Crit, Self::Unknown, Self::Warn, Self::Ok];

    /// The word that queries return and JSON carries.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Crit => "crit",
        }
    }

    /// Reads the word; whatever is not one of the four words is `Unknown`, as an unread severity must be.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "ok" => Self::Ok,
            "warn" => Self::Warn,
            "crit" => Self::Crit,
            _ => Self::Unknown,
        }
    }
}

/// How many rows of each severity the whole query has, loaded or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Rows that need somebody now.
    pub crit: u64,
    /// Rows that need somebody today.
    pub warn: u64,
    /// Rows in order.
    pub ok: u64,
    /// Rows of which nothing is known.
    pub unknown: u64,
}

impl Counts {
    /// The count of one severity.
    #[must_use]
    pub fn of(self, severity: Severity) -> u64 {
        match severity {
            Severity::Ok => self.ok,
            Severity::Warn => self.warn,
            Severity::Unknown => self.unknown,
            Severity::Crit => self.crit,
        }
    }

    /// All rows.
    #[must_use]
    pub fn total(self) -> u64 {
        self.crit + self.warn + self.ok + self.unknown
    }

    /// Counts `n` more rows of a severity.
    pub fn add(&mut self, severity: Severity, n: u64) {
        match severity {
            Severity::Ok => self.ok += n,
            Severity::Warn => self.warn += n,
            Severity::Unknown => self.unknown += n,
            Severity::Crit => self.crit += n,
        }
    }

    /// Takes one row away from a severity; at 0 it stays 0.
    pub fn remove_one(&mut self, severity: Severity) {
        let count = match severity {
            Severity::Ok => &mut self.ok,
            Severity::Warn => &mut self.warn,
            Severity::Unknown => &mut self.unknown,
            Severity::Crit => &mut self.crit,
        };
        *count = count.saturating_sub(1);
    }

    /// The worst severity that has a row; `Ok` when there is none.
    #[must_use]
    pub fn worst(self) -> Severity {
        Severity::WORST_FIRST.into_iter().find(|severity| self.of(*severity) > 0).unwrap_or_default()
    }
}

/// What identifies a row: its key column as text, several as a JSON array of texts. It is bound as a parameter
/// exactly as it came, so it is not inert: show it through [`crate::text::inert`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowKey(pub Arc<str>);

impl RowKey {
    /// The key of the given parts: one is itself, several are a JSON array.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        match parts {
            [one] => Self((*one).into()),
            many => Self(serde_json::json!(many).to_string().into()),
        }
    }

    /// The text that is bound.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_severity_is_unknown_not_ok() {
        assert_eq!(Severity::from_word("fine"), Severity::Unknown);
        assert_eq!(Severity::from_word(""), Severity::Unknown);
    }

    #[test]
    fn unknown_is_worse_than_warn_and_better_than_crit() {
        let counts = Counts { warn: 4, unknown: 1, ..Counts::default() };
        assert_eq!(counts.worst(), Severity::Unknown);
        assert_eq!(Counts { crit: 1, ..counts }.worst(), Severity::Crit);
        assert_eq!(Counts::default().worst(), Severity::Ok);
    }

    #[test]
    fn a_composite_key_is_a_json_array_of_texts() {
        assert_eq!(RowKey::of(&["a", "b\"c"]).as_str(), r#"["a","b\"c"]"#);
        assert_eq!(RowKey::of(&["a"]).as_str(), "a");
    }
}
