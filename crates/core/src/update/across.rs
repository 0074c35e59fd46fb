//! Rows of a view that are compared with each other.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use opsdash_pack::pack::{Across, AcrossRule, Finding, Format, View};

use crate::{
    format,
    model::Snapshot,
    reason,
    sort::natural,
    time::Time,
    value::{Doubt, NotKnown, Row, Severity, Value},
};

/// What the rows of a view are compared with; while that is not known, why not.
pub(super) type Comparison = Result<Vec<BTreeMap<String, Compared>>, NotKnown>;

/// What rows of one group are compared with.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    /// The value of most, the greatest one, or the sum; `None` where there is none.
    value: Option<Value>,
}

/// Compares all rows of a view, as they are under the default choices: what is narrowed is judged by the whole.
pub(super) fn compare(view: &View, snapshot: Option<&Snapshot>) -> Comparison {
    let Some(snapshot) = snapshot else {
        return Err(NotKnown::new(Doubt::NotLoaded, "waiting for all rows, with which it is compared"));
    };
    if snapshot.truncated || snapshot.troubled {
        return Err(NotKnown::new(Doubt::NotLoaded, "not all rows are loaded, with which it is compared"));
    }
    Ok(view.across.iter().map(|across| groups(across, &snapshot.rows)).collect())
}

fn groups(across: &Across, rows: &[Row]) -> BTreeMap<String, Compared> {
    let mut groups: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    for row in rows {
        let group = group(across, row);
        if row.old.is_some() || row.cells[across.column] == Value::Unknown {
            unknown.insert(group);
        } else {
            groups.entry(group).or_default().push(&row.cells[across.column]);
        }
    }
    // A row that is not known may belong to any group whose sum is asked for.
    let is_gap = !unknown.is_empty();
    let compared = |values: Vec<&Value>| match across.rule {
        AcrossRule::Majority => of_most(&values),
        AcrossRule::Newest => greatest(&values),
        AcrossRule::Sum { .. } if is_gap => Some(Value::Unknown),
        AcrossRule::Sum { .. } => sum(&values),
    };
    groups.into_iter().map(|(group, values)| (group, Compared { value: compared(values) })).collect()
}

fn group(across: &Across, row: &Row) -> String {
    across.per.map_or_else(String::new, |per| format::plain(&row.cells[per], Format::Text))
}

fn of_most(values: &[&Value]) -> Option<Value> {
    let mut counts: Vec<(&Value, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.into_iter().find(|(_, count)| count * 2 > values.len()).map(|(value, _)| value.clone())
}

fn greatest(values: &[&Value]) -> Option<Value> {
    let known = values.iter().filter(|value| ***value != Value::Null);
    known.max_by(|one, other| ordered(one, other)).map(|value| (*value).clone())
}

fn ordered(one: &Value, other: &Value) -> Ordering {
    match (one.as_number(), other.as_number()) {
        (Some(one), Some(other)) => one.total_cmp(&other),
        _ => natural(&format::plain(one, Format::Text), &format::plain(other, Format::Text)),
    }
}

fn sum(values: &[&Value]) -> Option<Value> {
    let whole = |value: &&Value| match value {
        Value::Int(n) => Some(*n),
        Value::Null => Some(0),
        _ => None,
    };
    values.iter().map(whole).try_fold(0_i64, |sum, n| sum.checked_add(n?)).map(Value::Int)
}

/// Judges a row by what all are: fills its cells, and the worse of both severities counts.
pub(super) fn judge(view: &View, row: &mut Row, comparison: &Comparison, now: Time) {
    let compared = match comparison {
        Ok(compared) => compared,
        Err(not_known) => {
            if !view.across.is_empty() {
                doubt(row, view, not_known, now);
            }
            return;
        }
    };
    for (across, groups) in view.across.iter().zip(compared) {
        let with = groups.get(&group(across, row)).and_then(|compared| compared.value.clone());
        let own = row.cells[across.column].clone();
        if let Some(at) = across.fills {
            row.cells[at] = with.clone().unwrap_or(Value::Null);
        }
        if let Some(at) = across.behind {
            row.cells[at] = behind(across, row, &own, with.as_ref());
        }
        if own != Value::Unknown && differs(across, row, &own, with.as_ref()) {
            find(row, view, &across.finding, now);
        }
    }
}

fn differs(across: &Across, row: &Row, own: &Value, with: Option<&Value>) -> bool {
    match across.rule {
        AcrossRule::Majority => with != Some(own),
        AcrossRule::Newest => {
            with.is_some_and(|greatest| *own == Value::Null || ordered(own, greatest) == Ordering::Less)
        }
        AcrossRule::Sum { to } => {
            let wanted = row.cells[to].as_number();
            wanted.zip(with.and_then(Value::as_number)).is_some_and(|(wanted, sum)| wanted.total_cmp(&sum).is_ne())
        }
    }
}

/// How much a row has less than it should.
fn behind(across: &Across, row: &Row, own: &Value, with: Option<&Value>) -> Value {
    let (more, less) = match across.rule {
        AcrossRule::Sum { to } => (Some(&row.cells[to]), with),
        _ => (with, Some(own)),
    };
    match (more, less) {
        (Some(Value::Int(more)), Some(Value::Int(less))) => more.checked_sub(*less).map_or(Value::Null, Value::Int),
        (Some(Value::Unknown), _) | (_, Some(Value::Unknown)) => Value::Unknown,
        _ => Value::Null,
    }
}

/// Makes a row as bad as something that was found of it, with its reason, unless it is worse already.
pub(super) fn find(row: &mut Row, view: &View, finding: &Finding, now: Time) {
    let severity = row.severity.judged_also(if finding.is_crit { Severity::Crit } else { Severity::Warn });
    if severity > row.severity {
        row.severity = severity;
        row.why = reason::joined_why(view, row, Some(&finding.reason), &"".into(), now);
        row.reason = Some(finding.reason.as_str().into());
    }
}

/// Makes a row unknown, unless it is worse, because what also judges it is not known.
pub(super) fn doubt(row: &mut Row, view: &View, not_known: &NotKnown, now: Time) {
    row.doubt = row.doubt.or(Some(not_known.doubt));
    let severity = row.severity.judged_also(Severity::Unknown);
    if severity > row.severity {
        row.severity = severity;
        row.why = reason::doubted(view, row, not_known, now);
    }
}
