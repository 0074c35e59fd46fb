//! The filter line: `text`, `/regex/`, `!not`, `column:value`, `column>n`; several are all wanted.

use opsdash_pack::pack::View;
use regex::{Regex, RegexBuilder};

use crate::value::{Severity, Value};

/// A filter line, understood.
#[derive(Debug, Clone)]
pub struct Filter {
    terms: Vec<Term>,
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
    /// The cell of this column holds it; lower case.
    Cell(usize, String),
    /// The row's severity is this one.
    Severity(Severity),
    Compares(usize, Comparison, f64),
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    Above,
    Below,
}

impl Filter {
    /// Understands a line; `None` for an empty one.
    ///
    /// # Errors
    /// A sentence about what cannot be understood: a broken regular expression, no such column.
    pub fn parse(line: &str, view: &View) -> Result<Option<Self>, String> {
        let terms = words(line).map(|word| term(word, view)).collect::<Result<Vec<_>, _>>()?;
        Ok((!terms.is_empty()).then_some(Self { terms }))
    }

    /// Whether a row passes. `why` and `severity` count as cells.
    #[must_use]
    pub fn accepts(&self, severity: Severity, why: &str, cells: &[Value]) -> bool {
        self.terms.iter().all(|term| term.test.accepts(severity, why, cells) != term.negated)
    }
}

/// Words, separated by spaces; a `/regex/` may contain some.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line.trim();
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let opens = rest.len() - rest.trim_start_matches('!').len();
        let end = match rest[opens..].strip_prefix('/').and_then(|regex| regex.find('/')) {
            Some(close) => opens + close + 2,
            None => rest.find(' ').unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn term(word: &str, view: &View) -> Result<Term, String> {
    let mut rest = word;
    while let Some(inner) = rest.strip_prefix('!').filter(|inner| !inner.is_empty()) {
        rest = inner;
    }
    Ok(Term { negated: (word.len() - rest.len()) % 2 == 1, test: test(rest, view)? })
}

fn test(word: &str, view: &View) -> Result<Test, String> {
    if let Some(pattern) = word.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        let regex = RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
        return regex.map(Test::Matches).map_err(|_| format!("/{pattern}/ is no regular expression"));
    }
    for (sign, comparison) in [('>', Comparison::Above), ('<', Comparison::Below)] {
        let parts = word.split_once(sign).and_then(|(name, number)| Some((name, number.parse().ok()?)));
        if let Some((name, number)) = parts {
            return Ok(Test::Compares(column(name, view)?, comparison, number));
        }
    }
    match word.split_once(':') {
        Some((name, value)) if name.eq_ignore_ascii_case("severity") => severity(value).map(Test::Severity),
        // A colon within a text (a time, an address) is a text unless a column stands before it.
        Some((name, value)) if column(name, view).is_ok() => Ok(Test::Cell(column(name, view)?, value.to_lowercase())),
        _ => Ok(Test::Contains(word.to_lowercase())),
    }
}

/// Unlike the severities of queries, where any other word means unknown: here it would ask for the unknown rows.
fn severity(word: &str) -> Result<Severity, String> {
    let word = word.to_lowercase();
    let known = Severity::WORST_FIRST.into_iter().find(|severity| severity.word() == word);
    known.ok_or_else(|| format!("\"{word}\" is no severity; there are crit, unknown, warn and ok"))
}

/// A column by its name or title, or by what they start with when only one does.
fn column(name: &str, view: &View) -> Result<usize, String> {
    let name = name.to_lowercase();
    if name.is_empty() {
        return Err("a comparison begins with a column".to_owned());
    }
    let exact = view.columns.iter().position(|column| column.name == name || column.title.to_lowercase() == name);
    let mut near = (0..view.columns.len()).filter(|at| view.columns[*at].name.starts_with(&name));
    match (exact, near.next(), near.next()) {
        (Some(at), ..) | (None, Some(at), None) => Ok(at),
        _ => Err(format!("no column \"{name}\" here")),
    }
}

impl Test {
    fn accepts(&self, severity: Severity, why: &str, cells: &[Value]) -> bool {
        match self {
            Self::Contains(text) => contains(why, text) || cells.iter().any(|cell| cell_contains(cell, text)),
            Self::Matches(regex) => regex.is_match(why) || cells.iter().any(|cell| cell_matches(cell, regex)),
            Self::Cell(at, text) => cells.get(*at).is_some_and(|cell| cell_contains(cell, text)),
            Self::Severity(wanted) => severity == *wanted,
            Self::Compares(at, comparison, number) => {
                cells.get(*at).and_then(Value::as_number).is_some_and(|value| match comparison {
                    Comparison::Above => value > *number,
                    Comparison::Below => value < *number,
                })
            }
        }
    }
}

/// Whether a text holds a lower-case one, whatever its own case.
fn contains(text: &str, lower: &str) -> bool {
    if text.is_ascii() && lower.is_ascii() {
        let (text, lower) = (text.as_bytes(), lower.as_bytes());
        return lower.is_empty() || text.windows(lower.len()).any(|part| part.eq_ignore_ascii_case(lower));
    }
    text.to_lowercase().contains(lower)
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
