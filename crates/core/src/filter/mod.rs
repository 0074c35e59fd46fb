//! The language of filters, of the screen and of the shell: `text`, `/regex/`, `!not`, `column:value`, `column=value`,
//! `column>=value`; several are all wanted.

mod bound;
mod columns;
mod words;

pub use columns::{ColumnSearch, find_column, search_column};

use opsdash_pack::pack::{Column, Format, REASON, WHY};
use regex::{Regex, RegexBuilder};

use self::{
    bound::Bound,
    words::{Sign, Word, WordKind, words},
};
use crate::{
    cell_text::CellText,
    time::{Time, Zone},
    value::{Row, Severity, Value},
};

/// What stands for the severity of a row, where a column may stand.
pub const SEVERITY: &str = "severity";

/// A filter line, understood.
#[derive(Debug, Clone)]
pub struct Filter {
    terms: Vec<Term>,
    /// The zone in which days begin, and in which times are shown.
    zone: Zone,
    /// Columns that nothing is looked for in.
    secret: Vec<usize>,
    /// The text of the line when it is nothing but text.
    plain: Option<String>,
}

#[derive(Debug, Clone)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    /// Any cell, or the reason, holds it; lower case.
    Contains(String),
    Matches(Regex),
    /// The cell holds it, or shows it; lower case.
    Cell(Box<Place>, String),
    /// The cell is it, or shows it; lower case. Empty: there is nothing in it.
    Is(Box<Place>, String),
    /// How the cell stands to it.
    Compares(Box<Place>, Sign, Bound),
    /// How the severity of the row stands to it.
    Severity(Sign, Severity),
    /// `why` holds it, or is it; lower case.
    Why(Sign, String),
    /// The id of the reason holds it, or is it; lower case.
    Reason(Sign, String),
}

/// A column of the view, and the one that its format needs.
#[derive(Debug, Clone)]
struct Place {
    at: usize,
    beside: Option<usize>,
    column: Column,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// How bad the row is.
    pub severity: Severity,
    /// Why.
    pub why: &'a str,
    /// The id of its reason; `None` without one.
    pub reason: Option<&'a str>,
    /// Its cells, in the order of the view's columns.
    pub cells: &'a [Value],
    /// The moment that ages count from, by the clock of the server.
    pub now: Time,
}

impl<'a> Candidate<'a> {
    /// A row.
    #[must_use]
    pub fn of(row: &'a Row, now: Time) -> Self {
        Self { severity: row.severity, why: &row.why, reason: row.reason.as_deref(), cells: &row.cells, now }
    }
}

impl Filter {
    /// Understands a line; `None` for an empty one.
    ///
    /// # Errors
    /// A sentence about what cannot be understood: a broken regular expression, no such column, a value that is none
    /// of the column's kind.
    pub fn parse(line: &str, columns: &[Column], zone: &Zone) -> Result<Option<Self>, String> {
        let terms = words(line).map(|word| term(&word, columns, zone)).collect::<Result<Vec<_>, _>>()?;
        let is_plain = terms.iter().all(|term| !term.negated && matches!(term.test, Test::Contains(_)));
        let plain = match words(line).collect::<Vec<_>>().as_slice() {
            _ if !is_plain => None,
            [Word { kind: WordKind::Quoted(text), .. }] => Some((*text).to_owned()),
            several if several.iter().any(|word| matches!(word.kind, WordKind::Quoted(_))) => None,
            _ => Some(line.trim().to_owned()),
        };
        let secret = (0..columns.len()).filter(|at| columns[*at].format == Format::Secret).collect();
        Ok((!terms.is_empty()).then(|| Self { terms, zone: zone.clone(), secret, plain }))
    }

    /// The text of a line that is nothing but text, for a server to look for; `None` for any other.
    #[must_use]
    pub fn plain_text(&self) -> Option<&str> {
        self.plain.as_deref()
    }

    /// Whether a row passes. `why` and `severity` count as cells.
    #[must_use]
    pub fn accepts(&self, row: &Candidate<'_>) -> bool {
        self.terms.iter().all(|term| self.passes(&term.test, row) != term.negated)
    }

    fn passes(&self, asked: &Test, row: &Candidate<'_>) -> bool {
        let open = || row.cells.iter().enumerate().filter(|(at, _)| !self.secret.contains(at)).map(|(_, cell)| cell);
        match asked {
            Test::Contains(text) => contains(row.why, text) || open().any(|cell| cell_contains(cell, text)),
            Test::Matches(regex) => regex.is_match(row.why) || open().any(|cell| cell_matches(cell, regex)),
            Test::Cell(place, text) => place
                .cell(row)
                .is_some_and(|cell| cell_contains(cell, text) || contains(&place.text(row, &self.zone).of(cell), text)),
            Test::Is(place, text) => place.cell(row).is_some_and(|cell| is(cell, text, &place.text(row, &self.zone))),
            Test::Compares(place, sign, bound) => {
                let order = place.cell(row).and_then(|cell| bound.order(cell, &place.text(row, &self.zone)));
                order.is_some_and(|order| holds(*sign, order))
            }
            Test::Severity(sign, wanted) => holds(*sign, row.severity.cmp(wanted)),
            Test::Why(sign, text) => holds_text(*sign, row.why, text),
            Test::Reason(sign, text) => holds_text(*sign, row.reason.unwrap_or_default(), text),
        }
    }
}

impl Place {
    fn of(columns: &[Column], at: usize) -> Box<Self> {
        let column = columns[at].clone();
        let beside = column.beside().and_then(|name| columns.iter().position(|column| column.name == name));
        Box::new(Self { at, beside, column })
    }

    fn cell<'r>(&self, row: &Candidate<'r>) -> Option<&'r Value> {
        row.cells.get(self.at)
    }

    fn text<'t>(&'t self, row: &Candidate<'t>, zone: &'t Zone) -> CellText<'t> {
        let beside = self.beside.and_then(|at| row.cells.get(at));
        CellText { column: &self.column, format: self.column.format, beside, now: row.now, zone, none: "" }
    }
}

fn term(word: &Word<'_>, all: &[Column], zone: &Zone) -> Result<Term, String> {
    let Word { negated, raw, kind } = word;
    let (unequal, test) = match kind {
        WordKind::Regex(pattern) => (false, regex(pattern)?),
        WordKind::Quoted(text) | WordKind::Plain(text) => (false, Test::Contains(text.to_lowercase())),
        WordKind::Signed { name, is_quoted, sign, value } => {
            // Not equal is what equal leaves.
            let asked = if *sign == Sign::Unequal { Sign::Equal } else { *sign };
            let test = signed((name, *is_quoted), asked, value, all, zone)?;
            (*sign == Sign::Unequal && test.is_some(), test.unwrap_or_else(|| Test::Contains(raw.to_lowercase())))
        }
    };
    Ok(Term { negated: *negated != unequal, test })
}

fn regex(pattern: &str) -> Result<Test, String> {
    let regex = RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
    regex.map(Test::Matches).map_err(|why| {
        let why = match why {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            // The last line says what is wrong; those before it draw where.
            why => why.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        };
        format!("/{pattern}/: {why}")
    })
}

/// What is asked of a column; `None` when the word is a text with a sign in it.
fn signed(
    (name, is_quoted): (&str, bool),
    sign: Sign,
    value: &str,
    all: &[Column],
    zone: &Zone,
) -> Result<Option<Test>, String> {
    if name.eq_ignore_ascii_case(SEVERITY) {
        return severity(value).map(|wanted| Some(Test::Severity(sign, wanted)));
    }
    // A URL or a path, whatever columns begin like its scheme or its drive.
    if sign == Sign::Holds && !is_quoted && (value.starts_with("//") || value.starts_with('\\')) {
        return Ok(None);
    }
    let at = match search_column(all, name) {
        ColumnSearch::One(at) => at,
        ColumnSearch::Several(found) => return Err(columns::several(all, name, &found)),
        ColumnSearch::None if name.eq_ignore_ascii_case(WHY) => {
            return word_test(Test::Why, (WHY, value), sign).map(Some);
        }
        ColumnSearch::None if name.eq_ignore_ascii_case(REASON) => {
            return word_test(Test::Reason, (REASON, value), sign).map(Some);
        }
        ColumnSearch::None if name.is_empty() && sign.is_order() && value.starts_with(|c: char| c.is_ascii_digit()) => {
            return Err("a comparison begins with a column".to_owned());
        }
        ColumnSearch::None if is_quoted || means_column(all, name, sign, value) => {
            let quoted =
                if is_quoted { String::new() } else { format!("; \"{name}{}{value}\" is a text", sign.text()) };
            return Err(columns::missing(all, name) + &quoted);
        }
        ColumnSearch::None => return Ok(None),
    };
    test(all, at, sign, value, zone).map(Some)
}

/// What is asked of the cells of a column.
fn test(all: &[Column], at: usize, sign: Sign, value: &str, zone: &Zone) -> Result<Test, String> {
    let (column, place) = (&all[at], Place::of(all, at));
    let title = column.title.trim();
    let is_text = matches!(column.format, Format::Text | Format::Id | Format::Status | Format::Bool | Format::Json);
    match sign {
        _ if column.format == Format::Secret => Err(format!("{title} is secret: nothing is looked for in it")),
        Sign::Holds => Ok(Test::Cell(place, value.to_lowercase())),
        Sign::Equal if is_text || value.is_empty() => Ok(Test::Is(place, value.to_lowercase())),
        _ if value.is_empty() => Err(format!("{title}{} needs a value", sign.text())),
        _ => Bound::read(column, sign, value, zone).map(|bound| Test::Compares(place, sign, bound)),
    }
}

/// What is asked of a text of the row that is no cell.
fn word_test(test: fn(Sign, String) -> Test, (name, value): (&str, &str), sign: Sign) -> Result<Test, String> {
    if sign.is_order() {
        return Err(format!("{name} has no order"));
    }
    Ok(test(sign, value.to_lowercase()))
}

/// Whether a word with a sign speaks of a column that is not there, and is no time, address, URL or path.
fn means_column(all: &[Column], name: &str, sign: Sign, value: &str) -> bool {
    let is_name = name.starts_with(char::is_alphabetic)
        && name.ends_with(char::is_alphanumeric)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    // A host and its port, a part of a longer address.
    let is_address = value.bytes().all(|byte| byte.is_ascii_digit()) || value.contains(':');
    let is_text = value.is_empty()
        || value.starts_with(['/', '\\', ':'])
        || (sign == Sign::Holds && is_address && columns::near(all, name).is_none());
    is_name && !is_text
}

/// Unlike the severities of queries, where any other word means unknown: here it would ask for the unknown rows.
fn severity(word: &str) -> Result<Severity, String> {
    let word = word.to_lowercase();
    let known = Severity::WORST_FIRST.into_iter().find(|severity| severity.word() == word);
    known.ok_or_else(|| format!("\"{word}\" is no severity; there are crit, unknown, warn, ok and off"))
}

fn holds(sign: Sign, order: std::cmp::Ordering) -> bool {
    match sign {
        Sign::AtLeast => order.is_ge(),
        Sign::AtMost => order.is_le(),
        Sign::Above => order.is_gt(),
        Sign::Below => order.is_lt(),
        Sign::Equal | Sign::Holds => order.is_eq(),
        Sign::Unequal => order.is_ne(),
    }
}

fn holds_text(sign: Sign, text: &str, lower: &str) -> bool {
    if sign == Sign::Equal { text.to_lowercase() == lower } else { contains(text, lower) }
}

/// Whether a text holds a lower-case one, whatever its own case.
fn contains(text: &str, lower: &str) -> bool {
    if text.is_ascii() && lower.is_ascii() {
        let Some((first, rest)) = lower.as_bytes().split_first() else { return true };
        let text = text.as_bytes();
        let follows = |at: usize| text[at + 1..].get(..rest.len()).is_some_and(|part| part.eq_ignore_ascii_case(rest));
        return memchr::memchr2_iter(*first, first.to_ascii_uppercase(), text).any(follows);
    }
    text.to_lowercase().contains(lower)
}

/// Whether a cell is a lower-case text, as it is or as it is shown. Of a list one item is enough.
fn is(cell: &Value, lower: &str, text: &CellText<'_>) -> bool {
    match cell {
        Value::Unknown => false,
        cell if lower.is_empty() => cell.is_empty(),
        Value::Null => text.column.null.as_ref().is_some_and(|word| word.to_lowercase() == lower),
        Value::List(items) => items.iter().any(|item| is(item, lower, text)),
        cell => {
            let raw = crate::format::plain(cell, text.format);
            raw.to_lowercase() == lower || text.of(cell).to_lowercase() == lower
        }
    }
}

fn cell_contains(cell: &Value, lower: &str) -> bool {
    match cell {
        Value::Text(text) => contains(text, lower),
        Value::List(list) => list.iter().any(|item| cell_contains(item, lower)),
        Value::Decimal(text) => text.contains(lower),
        Value::Date(date) => date.to_string().contains(lower),
        Value::Int(n) => n.to_string().contains(lower),
        Value::Float(f) => f.to_string().contains(lower),
        Value::Bool(b) => (if *b { "yes" } else { "no" }).contains(lower),
        Value::Json(json) => contains(&json.to_string(), lower),
        _ => false,
    }
}

fn cell_matches(cell: &Value, regex: &Regex) -> bool {
    match cell {
        Value::Text(text) | Value::Decimal(text) => regex.is_match(text),
        Value::List(list) => list.iter().any(|item| cell_matches(item, regex)),
        Value::Date(date) => regex.is_match(&date.to_string()),
        Value::Int(n) => regex.is_match(&n.to_string()),
        Value::Float(f) => regex.is_match(&f.to_string()),
        Value::Json(json) => regex.is_match(&json.to_string()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_found_where_it_stands_whatever_its_case(text in "[abAB é]{0,9}", wanted in "[abAB é]{0,3}") {
            let lower = wanted.to_lowercase();
            prop_assert_eq!(contains(&text, &lower), text.to_lowercase().contains(&lower));
        }
    }
}
