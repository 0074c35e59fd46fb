//! The order of the rows of a list: by the filter, the sort and what is snoozed, else as the query returns them.

use crate::{
    model::Panel,
    value::{Row, Value},
};

/// Orders the rows that are here by the filter and the sort. The query's order is the order when nothing else is said.
pub(super) fn reorder(panel: &mut Panel) {
    let Some(snapshot) = panel.list_snapshot() else {
        panel.list.order.clear();
        return;
    };
    let narrowing = &panel.list.narrowing;
    let passes =
        |row: &Row| narrowing.filter.as_ref().is_none_or(|filter| filter.accepts(row.severity, &row.why, &row.cells));
    let mut order: Vec<u32> = (0u32..).zip(&snapshot.rows).filter(|(_, row)| passes(row)).map(|(at, _)| at).collect();
    if let Some(sort) = narrowing.sort {
        order.sort_by(|a, b| {
            let cell = |at: &u32| &snapshot.rows[*at as usize].cells[sort.column];
            compare(cell(a), cell(b), sort.descending)
        });
    }
    if !panel.snoozed.is_empty() {
        let is_snoozed = |at: &u32| panel.snoozed.contains_key(&snapshot.rows[*at as usize].key);
        if panel.list.shows_snoozed {
            order.sort_by_key(is_snoozed);
        } else {
            order.retain(|at| !is_snoozed(at));
        }
    }
    panel.list.order = order;
}

/// Values that are not there come last, in either direction.
fn compare(a: &Value, b: &Value, descending: bool) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let absent = |value: &Value| matches!(value, Value::Null | Value::Unknown);
    match (absent(a), absent(b)) {
        (true, true) => return Equal,
        (true, false) => return Greater,
        (false, true) => return Less,
        (false, false) => {}
    }
    let ordering = match (a, b) {
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => {
            let last = |items: &[Value]| items.iter().rev().find_map(number).unwrap_or(f64::MIN);
            last(a).total_cmp(&last(b))
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => kind(a).cmp(&kind(b)),
        },
    };
    if descending { ordering.reverse() } else { ordering }
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
fn natural(left: &str, right: &str) -> std::cmp::Ordering {
    let (mut left, mut right) = (left, right);
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

/// A run of digits, or of anything else, and what comes after it; `None` at the end.
fn next_part(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?.is_ascii_digit();
    let end = text.find(|c: char| c.is_ascii_digit() != first).unwrap_or(text.len());
    Some(text.split_at(end))
}
