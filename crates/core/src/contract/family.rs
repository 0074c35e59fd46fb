//! Questions to a source that stands for many databases.

use std::collections::BTreeSet;

use opsdash_pack::pack::{DATABASE, KIND, LABEL, Pack, View};

use super::{Coverage, FailedMember, FailureKind, Members, Question, RawRow, Read, ReadLimits, Table};
use crate::value::{Doubt, NotKnown, RowKey, Severity, Value};

/// The column of a key in a statement's values.
const KEY: &str = "key";

/// Puts a view's question to the databases that it is of: one about a row to that row's own, one about several rows to
/// theirs, any other to all of the view's kinds. Where the view's source is one database, it stays as it is.
pub fn put_to_members(read: &mut Read, pack: &Pack, view: &View) {
    if !pack.is_of_family(view) {
        return;
    }
    let columns = view.row_key.len();
    let Question::Statement { bind, .. } = &mut read.question else { return };
    read.within.members = match bind.values.get(KEY).map(|key| RowKey(key.as_str().into()).in_member(columns)) {
        Some(Some((database, own))) => {
            bind.values.insert(KEY.to_owned(), own.as_str().to_owned());
            // One database is asked as long as one.
            Members::Only(BTreeSet::from([database]))
        }
        // A key of another form is of no database.
        Some(None) => Members::Only(BTreeSet::from([String::new()])),
        None if !bind.keys.is_empty() => Members::OfKeys(columns),
        None => view.kinds.clone().map_or(Members::All, Members::Kinds),
    };
    if !matches!(read.within.members, Members::Only(_)) {
        read.limits = ReadLimits::of_family(read.limits.statement_ms);
    }
}

/// Adds a row for each database that did not answer: what is not known of it is a row too, so that it is counted, listed
/// and told.
pub fn add_failed(table: &mut Table, view: &View, coverage: &Coverage) {
    if coverage.failed.is_empty() {
        return;
    }
    if table.columns.is_empty() {
        table.columns = view.columns.iter().map(|column| column.name.clone()).collect();
    }
    for member in &coverage.failed {
        let row = failed_row(member, view, &table.columns);
        table.counts.add(row.severity, 1);
        let id = row.reasons.first().map_or(Doubt::SourceDown.word(), |id| id);
        table.reasons.add(row.severity, id, 1);
        table.rows.push(row);
    }
    // Stable: within a severity the rows of those that answered come first.
    table.rows.sort_by_key(|row| std::cmp::Reverse(row.severity));
}

/// The key of the row that says of a database that it did not answer.
#[must_use]
pub fn failed_key(database: &str, view: &View) -> RowKey {
    let mut key = vec![database];
    key.resize(view.row_key.len().max(1), "");
    RowKey::of(&key)
}

fn failed_row(member: &FailedMember, view: &View, columns: &[String]) -> RawRow {
    let cell = |column: &String| match column.as_str() {
        DATABASE => Value::text(&member.name),
        KIND => Value::text(&member.kind),
        LABEL => member.label.as_deref().map_or(Value::Null, Value::text),
        _ => Value::Unknown,
    };
    let key = failed_key(&member.name, view);
    let row = RawRow { key, cells: columns.iter().map(cell).collect(), ..RawRow::default() };
    let why = member.failure.to_string();
    match view.unreachable.as_ref().filter(|_| is_out_of_reach(member.failure.kind)) {
        Some(finding) => RawRow {
            severity: if finding.is_crit { Severity::Crit } else { Severity::Warn },
            why: why.into(),
            reasons: std::iter::once(finding.reason.as_str().into()).collect(),
            ..row
        },
        None => RawRow { severity: Severity::Unknown, doubt: Some(NotKnown::new(Doubt::SourceDown, why)), ..row },
    }
}

/// Whether a database is not there for anybody, or not for this login; else it is only this question that it did not
/// answer.
fn is_out_of_reach(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unreachable | FailureKind::Auth | FailureKind::Timeout)
}

/// Whether rows may be missing that databases have which did not answer. Of a view with one row a database every one is
/// there, answered or not; that of a server which did not tell its databases is not.
#[must_use]
pub fn is_incomplete(coverage: &Coverage, view: &View) -> bool {
    let is_of_databases = view.row_key.len() == 1;
    coverage.failed.iter().any(|member| !is_of_databases || member.is_server())
}
