//! What a cell, a row and a severity are.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A text that many share, behind one pointer: lists hold many of them.
pub use arcstr::ArcStr;
use opsdash_pack::pack::{Format, NO_SCOPE};
use serde::{Deserialize, Serialize};

use crate::time::{Date, Monotonic, Time};

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
    Decimal(ArcStr),
    /// Text that [`crate::text::inert`] has been through. Rows share it: most lists say the same few things many times.
    Text(ArcStr),
    /// A moment, in UTC.
    Time(Time),
    /// A day.
    Date(Date),
    /// A length of time in ms; negative when it lies in the past.
    Duration(i64),
    /// A list of values, such as the points of a spark, oldest first. Lists may hold lists, and any value may be NULL.
    List(Arc<Vec<Value>>),
    /// A JSON document, its strings inert.
    Json(Box<serde_json::Value>),
}

impl Value {
    /// Text that is made inert on the way in.
    #[must_use]
    pub fn text(raw: &str) -> Self {
        Self::Text(crate::text::inert(raw).into())
    }

    /// A list of these.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(Arc::new(items.into_iter().collect()))
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

    /// The value of a column of this format: for a spark, a text that holds a list of numbers in JSON is that list, because
    /// a server without arrays has to send it so. Every other value is as it is.
    #[must_use]
    pub fn in_format(self, format: Format) -> Self {
        let (Self::Text(text), Format::Spark) = (&self, format) else { return self };
        match serde_json::from_str::<Vec<Option<f64>>>(text) {
            Ok(numbers) => Self::list(numbers.into_iter().map(|number| number.map_or(Self::Null, Self::Float))),
            Err(_) => self,
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
    /// What the query says as `why`; where the program found the reason, what it found.
    pub told: ArcStr,
    /// Why, by its own reasons.
    pub own_why: ArcStr,
    /// Why, of the worst of them.
    pub why: ArcStr,
    /// Ids of its own reasons, as the view's own query gives them.
    pub own_reasons: ReasonIds,
    /// The id of the reason for its severity: of the worst of its own and those of the enrichments. `None` when nothing
    /// is to be explained, or when the query gives `why` alone.
    pub reason: Option<ArcStr>,
    /// What of it is not known, before anything is joined.
    pub own_doubt: Option<Doubt>,
    /// What of it is not known now, whatever its reason says. `None` when everything is.
    pub doubt: Option<Doubt>,
    /// Values; enriched ones are `Unknown` until they have come.
    pub cells: Vec<Value>,
    /// When the values were read, where that is longer ago than those of the other rows: the row's own database has not
    /// answered since. `None` where they are of the last answer, or where none was ever read.
    pub old: Option<Old>,
    /// One bit per enrichment that has answered for this row since the snapshot came.
    pub enriched: u32,
}

/// What is left of a row whose database does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Old {
    /// When its values were read.
    pub since: Monotonic,
    /// How bad it was then.
    pub severity: Severity,
}

impl Row {
    /// What of it is not known: also of values that are old.
    #[must_use]
    pub fn in_doubt(&self) -> Option<Doubt> {
        self.doubt.or(self.old.map(|_| Doubt::SourceDown))
    }

    /// The id under which the row is counted: of what is not known where the row is unknown, else its reason.
    #[must_use]
    pub fn counted_reason(&self) -> Option<&str> {
        let doubt = self.doubt.filter(|_| self.severity == Severity::Unknown);
        doubt.map(Doubt::word).or(self.reason.as_deref())
    }
}

/// Ids of the reasons of a row, the first of which counts. Rows share them: most lists have the same few.
pub type ReasonIds = Arc<[ArcStr]>;

/// Why something about a row is not known, although the row itself is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// What also judges the row did not answer.
    SourceDown,
    /// What also judges the row has not answered yet, or has more rows than are loaded.
    NotLoaded,
    /// What also judges the row belongs to a scope, and nobody has chosen one.
    NoScope,
}

impl Doubt {
    /// The id under which packs say it and JSON carries it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SourceDown => "source_down",
            Self::NotLoaded => "not_loaded",
            Self::NoScope => NO_SCOPE,
        }
    }
}

/// Something that is not known, and what the program found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKnown {
    /// Of what kind.
    pub doubt: Doubt,
    /// The words of the program, on one line.
    pub finding: ArcStr,
}

impl NotKnown {
    /// Of the kind, in these words.
    #[must_use]
    pub fn new(doubt: Doubt, finding: impl Into<ArcStr>) -> Self {
        Self { doubt, finding: finding.into() }
    }
}

/// How bad a row is, as its query says. The order is that of a list: what needs eyes first comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not meant to be judged: switched off, revoked, inactive. Neither good nor bad.
    Off,
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
    pub const WORST_FIRST: [Self; 5] = [Self::Crit, Self::Unknown, Self::Warn, Self::Ok, Self::Off];

    /// The severities of rows that need somebody, worst first.
    pub const TROUBLED: [Self; 3] = [Self::Crit, Self::Unknown, Self::Warn];

    /// The word that queries return and JSON carries.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Unknown => "unknown",
            Self::Crit => "crit",
        }
    }

    /// Reads the word; whatever is not one of the words is `Unknown`, as an unread severity must be.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::WORST_FIRST.into_iter().find(|severity| severity.word() == word).unwrap_or(Self::Unknown)
    }

    /// Whether somebody is needed: neither in order nor off.
    #[must_use]
    pub fn is_trouble(self) -> bool {
        self > Self::Ok
    }

    /// The severity of a row that something else judges too: the worse of both. What is off stays off, unless the other
    /// finds something to do.
    #[must_use]
    pub fn judged_also(self, other: Self) -> Self {
        match (self, other) {
            (Self::Off, Self::Warn | Self::Crit) => other,
            (Self::Off, _) => Self::Off,
            _ => self.max(other),
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
    /// Rows that are not meant to be judged.
    pub off: u64,
    /// From this severity on, down to the best, there may be more rows: they came in the order of severities, and were not
    /// counted. `None` when all are counted.
    #[serde(skip)]
    pub more_from: Option<Severity>,
}

impl Counts {
    /// The count of one severity.
    #[must_use]
    pub fn of(self, severity: Severity) -> u64 {
        match severity {
            Severity::Off => self.off,
            Severity::Ok => self.ok,
            Severity::Warn => self.warn,
            Severity::Unknown => self.unknown,
            Severity::Crit => self.crit,
        }
    }

    /// Whether there may be more rows of a severity than its count says.
    #[must_use]
    pub fn may_be_more(self, severity: Severity) -> bool {
        self.more_from.is_some_and(|from| severity <= from)
    }

    /// These rows and others. Where of one of them more may be there, more may be there of both.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for severity in Severity::WORST_FIRST {
            self.add(severity, others.of(severity));
        }
        self.more_from = self.more_from.max(others.more_from);
        self
    }

    /// All rows that are counted.
    #[must_use]
    pub fn total(self) -> u64 {
        self.crit + self.warn + self.ok + self.unknown + self.off
    }

    /// Counts `n` more rows of a severity.
    pub fn add(&mut self, severity: Severity, n: u64) {
        *self.count_of(severity) += n;
    }

    /// Takes one row away from a severity; at 0 it stays 0.
    pub fn remove_one(&mut self, severity: Severity) {
        let count = self.count_of(severity);
        *count = count.saturating_sub(1);
    }

    fn count_of(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Off => &mut self.off,
            Severity::Ok => &mut self.ok,
            Severity::Warn => &mut self.warn,
            Severity::Unknown => &mut self.unknown,
            Severity::Crit => &mut self.crit,
        }
    }

    /// The worst severity that has a row; `Ok` when there is none, and when all that there is, is off.
    #[must_use]
    pub fn worst(self) -> Severity {
        Severity::TROUBLED.into_iter().find(|severity| self.of(*severity) > 0).unwrap_or_default()
    }
}

/// How many rows of the whole query have each reason, by severity. Rows without a reason are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReasonCounts(BTreeMap<(Severity, ArcStr), u64>);

impl ReasonCounts {
    /// Counts `n` more rows.
    pub fn add(&mut self, severity: Severity, reason: &str, n: u64) {
        if n > 0 {
            *self.0.entry((severity, reason.into())).or_default() += n;
        }
    }

    /// Takes one row away; where there is none, nothing.
    pub fn remove_one(&mut self, severity: Severity, reason: &str) {
        let key = (severity, ArcStr::from(reason));
        match self.0.get_mut(&key) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) => drop(self.0.remove(&key)),
            None => {}
        }
    }

    /// Severity, reason and number of rows: worst first, within a severity the most frequent first.
    #[must_use]
    pub fn ranked(&self) -> Vec<(Severity, &str, u64)> {
        let mut ranked: Vec<_> = self.0.iter().map(|((severity, id), n)| (*severity, &**id, *n)).collect();
        ranked.sort_by_key(|(severity, id, n)| (Reverse(*severity), Reverse(*n), *id));
        ranked
    }

    /// How many rows of that severity have that reason.
    #[must_use]
    pub fn of(&self, severity: Severity, reason: &str) -> u64 {
        self.0.get(&(severity, reason.into())).copied().unwrap_or_default()
    }
}

/// What identifies a row: its key column as text, several as a JSON array of texts. It is bound as a parameter
/// exactly as it came, so it is not inert: show it through [`crate::text::inert`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct RowKey(pub ArcStr);

impl RowKey {
    /// The key of the given parts: one is itself, several are a JSON array.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        match parts {
            [one] => Self((*one).into()),
            many => Self(serde_json::json!(many).to_string().into()),
        }
    }

    /// The parts of a key of so many columns, as far as it has them.
    #[must_use]
    pub fn parts(&self, columns: usize) -> Vec<String> {
        if columns == 1 {
            return vec![self.0.to_string()];
        }
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// The key of a row of one database in a list of several, where it has so many columns, the database among them.
    #[must_use]
    pub fn of_member(database: &str, own: &Self, columns: usize) -> Self {
        if columns == 1 {
            return Self(database.into());
        }
        let own = own.parts(columns - 1);
        let parts: Vec<&str> = std::iter::once(database).chain(own.iter().map(String::as_str)).collect();
        Self::of(&parts)
    }

    /// The database of a key of so many columns, and what the key is there. A key of one column is the database's name in
    /// both places. `None` for a key of another form.
    #[must_use]
    pub fn in_member(&self, columns: usize) -> Option<(String, Self)> {
        let parts = self.parts(columns);
        match parts.as_slice() {
            [database] => Some((database.clone(), self.clone())),
            [database, own @ ..] => {
                Some((database.clone(), Self::of(&own.iter().map(String::as_str).collect::<Vec<_>>())))
            }
            [] => None,
        }
    }

    /// Whether a key of so many columns, the database first, is of one of these databases.
    #[must_use]
    pub fn is_of_member(&self, databases: &BTreeSet<&str>, columns: usize) -> bool {
        !databases.is_empty() && self.in_member(columns).is_some_and(|(database, _)| databases.contains(&*database))
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
    fn rows_are_small_since_there_are_many() {
        assert_eq!((size_of::<Value>(), size_of::<Row>()), (16, 104));
    }

    #[test]
    fn a_word_that_is_no_severity_is_unknown_not_ok() {
        assert_eq!(Severity::from_word("fine"), Severity::Unknown);
        assert_eq!(Severity::from_word(""), Severity::Unknown);
    }

    #[test]
    fn a_text_with_a_list_of_numbers_in_json_is_that_list_and_any_other_text_stays() {
        let list = Value::Text("[1,null,2.5,-3]".into()).in_format(Format::Spark);
        assert_eq!(list.points(), [Some(1.0), None, Some(2.5), Some(-3.0)]);
        for text in ["", "[1,\"a\"]", "[1", "{}", "12", "[[1]]", "1, 2"] {
            assert_eq!(Value::Text(text.into()).in_format(Format::Spark), Value::Text(text.into()));
        }
        assert_eq!(Value::Null.in_format(Format::Spark), Value::Null);
        assert_eq!(Value::Text("[1]".into()).in_format(Format::Text), Value::Text("[1]".into()));
    }

    #[test]
    fn unknown_is_worse_than_warn_and_better_than_crit() {
        let counts = Counts { warn: 4, unknown: 1, ..Counts::default() };
        assert_eq!(counts.worst(), Severity::Unknown);
        assert_eq!(Counts { crit: 1, ..counts }.worst(), Severity::Crit);
        assert_eq!(Counts::default().worst(), Severity::Ok);
    }

    #[test]
    fn what_is_off_is_the_lowest_and_no_verdict() {
        assert!(Severity::Off < Severity::Ok && Severity::default() == Severity::Ok);
        assert_eq!(Counts { off: 3, ..Counts::default() }.worst(), Severity::Ok);
        assert_eq!(Counts { off: 3, ok: 1, ..Counts::default() }.total(), 4);
    }

    #[test]
    fn what_is_off_stays_off_until_there_is_something_to_do() {
        use Severity::{Crit, Off, Ok, Unknown, Warn};
        assert_eq!([Off, Ok, Unknown, Warn, Crit].map(|other| Off.judged_also(other)), [Off, Off, Off, Warn, Crit]);
        assert_eq!([Off, Ok, Warn, Unknown, Crit].map(|other| Ok.judged_also(other)), [Ok, Ok, Warn, Unknown, Crit]);
        assert_eq!(Crit.judged_also(Off), Crit);
    }

    #[test]
    fn reasons_are_ranked_by_severity_and_then_by_how_many_have_them() {
        let mut counts = ReasonCounts::default();
        for (severity, reason, n) in [
            (Severity::Warn, "late", 9),
            (Severity::Crit, "gone", 1),
            (Severity::Crit, "silent", 2),
            (Severity::Ok, "x", 0),
        ] {
            counts.add(severity, reason, n);
        }
        let expected = [(Severity::Crit, "silent", 2), (Severity::Crit, "gone", 1), (Severity::Warn, "late", 9)];
        assert_eq!(counts.ranked(), expected);
        counts.remove_one(Severity::Crit, "gone");
        counts.remove_one(Severity::Crit, "never was");
        assert_eq!(counts.ranked().len(), 2);
    }

    #[test]
    fn of_rows_in_order_of_severity_only_the_last_severity_and_better_ones_may_have_more() {
        let counts = Counts { crit: 3, warn: 97, more_from: Some(Severity::Warn), ..Counts::default() };
        assert!(!counts.may_be_more(Severity::Crit) && !counts.may_be_more(Severity::Unknown));
        assert!(counts.may_be_more(Severity::Warn) && counts.may_be_more(Severity::Ok));
        let both = Counts { crit: 1, ..Counts::default() }.and(counts);
        assert_eq!((both.crit, both.warn, both.more_from), (4, 97, Some(Severity::Warn)));
        assert_eq!(serde_json::to_value(both).unwrap().get("more_from"), None);
    }

    #[test]
    fn a_composite_key_is_a_json_array_of_texts() {
        assert_eq!(RowKey::of(&["a", "b\"c"]).as_str(), r#"["a","b\"c"]"#);
        assert_eq!(RowKey::of(&["a"]).as_str(), "a");
    }
}
