//! Rows of a wrapped statement to a table.

use opsdash_core::{
    read::{Failure, FailureKind, RawRow, Shape, Table},
    text,
    value::{Counts, RowKey, Severity, Value},
};
use sqlx::{
    Column as _, Row, TypeInfo, ValueRef,
    postgres::{PgRow, PgValueRef},
};

use super::{decode::Kind, statement, zone::NaiveZone};
use crate::sources::{limits, text as incoming};

/// One column of the pack's statement.
struct Column<'a> {
    name: &'a str,
    at: usize,
    kind: Kind,
}

impl Column<'_> {
    fn bytes<'r>(&self, row: &'r PgRow) -> Result<Option<&'r [u8]>, Failure> {
        let raw: PgValueRef<'r> = row.try_get_raw(self.at).map_err(|_| self.broken())?;
        if raw.is_null() { Ok(None) } else { raw.as_bytes().map(Some).map_err(|_| self.broken()) }
    }

    fn value(&self, row: &PgRow, zone: &NaiveZone, limit: usize) -> Result<Value, Failure> {
        match self.bytes(row)? {
            Some(bytes) => self.kind.value(bytes, zone, limit).ok_or_else(|| self.broken()),
            None => Ok(Value::Null),
        }
    }

    fn key(&self, row: &PgRow, zone: &NaiveZone) -> Result<String, Failure> {
        match self.bytes(row)? {
            Some(bytes) => self.kind.key(bytes, zone).ok_or_else(|| self.broken()),
            None => Ok(String::new()),
        }
    }

    fn broken(&self) -> Failure {
        let what = format!("column {}: the server sent something that is no {:?}", self.name, self.kind);
        Failure::new(FailureKind::Other, &what).of_object(self.name)
    }
}

/// The table that the rows are. They come from [`statement::wrapped`] with the same shape.
pub fn read(rows: &[PgRow], shape: &Shape, zone: &NaiveZone) -> Result<Table, Failure> {
    let Some(first) = rows.first() else {
        return Err(Failure::new(FailureKind::Other, "the server answered without a row"));
    };
    match shape {
        Shape::List { row_key, limit, troubled } => list(rows, first, row_key, *limit, *troubled, zone),
        Shape::Rows { limit } => plain(rows, first, *limit, zone),
    }
}

fn list(
    rows: &[PgRow],
    first: &PgRow,
    row_key: &[String],
    limit: u32,
    troubled: bool,
    zone: &NaiveZone,
) -> Result<Table, Failure> {
    let all = columns(first, statement::LIST_LEAD)?;
    let named = |name: &str| all.iter().find(|column| column.name == name);
    let severity = named("severity").ok_or_else(|| no_column("severity"))?;
    let why = named("why");
    let keys: Vec<&Column<'_>> =
        row_key.iter().map(|name| named(name).ok_or_else(|| no_column(name))).collect::<Result<_, _>>()?;
    let counts = counts(first);
    let shown: Vec<&Column<'_>> = all.iter().filter(|column| !matches!(column.name, "severity" | "why")).collect();
    let mut table = Table {
        columns: shown.iter().map(|column| text::inert(column.name).into_owned()).collect(),
        truncated: (counts.total() - if troubled { counts.ok } else { 0 }) > u64::from(limit),
        counts,
        rows: Vec::with_capacity(rows.len()),
    };
    for row in rows.iter().filter(|row| is_row(row, statement::LIST_LEAD)) {
        let parts = keys.iter().map(|key| key.key(row, zone)).collect::<Result<Vec<_>, _>>()?;
        let why = match why {
            Some(why) => incoming::cut(&why.key(row, zone)?, limits::WHY),
            None => String::new(),
        };
        table.rows.push(RawRow {
            key: RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
            severity: Severity::from_word(&severity.key(row, zone)?),
            why: text::one_line(&why).into(),
            cells: cells(&shown, row, zone, limits::LIST_CELL)?,
        });
    }
    Ok(table)
}

fn plain(rows: &[PgRow], first: &PgRow, limit: u32, zone: &NaiveZone) -> Result<Table, Failure> {
    let all = columns(first, statement::ROWS_LEAD)?;
    let shown: Vec<&Column<'_>> = all.iter().collect();
    let names = all.iter().map(|column| text::inert(column.name).into_owned()).collect();
    let mut table = Table { columns: names, ..Table::default() };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    for row in rows.iter().filter(|row| is_row(row, statement::ROWS_LEAD)) {
        if table.rows.len() == limit {
            table.truncated = true;
            break;
        }
        table.rows.push(RawRow {
            key: RowKey(all.first().map_or(Ok(String::new()), |column| column.key(row, zone))?.into()),
            severity: Severity::Ok,
            why: "".into(),
            cells: cells(&shown, row, zone, limits::DETAIL_CELL)?,
        });
    }
    Ok(table)
}

fn cells(columns: &[&Column<'_>], row: &PgRow, zone: &NaiveZone, limit: usize) -> Result<Vec<Value>, Failure> {
    columns.iter().map(|column| column.value(row, zone, limit)).collect()
}

fn no_column(name: &str) -> Failure {
    Failure::new(FailureKind::Schema, &format!("the query returns no column \"{name}\"")).of_object(name)
}

/// Whether it is a row of the statement, and not the one that only carries counts.
fn is_row(row: &PgRow, lead: usize) -> bool {
    row.try_get_raw(lead - 1).is_ok_and(|place| !place.is_null())
}

fn counts(row: &PgRow) -> Counts {
    let count = |at: usize| u64::try_from(row.try_get_unchecked::<i64, _>(at).unwrap_or_default()).unwrap_or_default();
    Counts { crit: count(0), unknown: count(1), warn: count(2), ok: count(3) }
}

fn columns(row: &PgRow, lead: usize) -> Result<Vec<Column<'_>>, Failure> {
    let theirs = row.columns().iter().skip(lead);
    theirs
        .map(|column| {
            let info = column.type_info();
            let name = column.name();
            let kind = Kind::of(info).ok_or_else(|| {
                let what = format!("column {name} is of type {}: cast it to text in the query", info.name());
                Failure::new(FailureKind::Schema, &what).of_object(name)
            })?;
            Ok(Column { name, at: column.ordinal(), kind })
        })
        .collect()
}
