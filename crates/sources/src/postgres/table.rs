//! Rows of a wrapped statement to a table.

use opsdash_core::{
    contract::{Failure, FailureKind, RawRow, ResultShape, Table},
    text,
    value::{Counts, RowKey, Severity, Value},
};
use sqlx::{
    Column as _, Row, TypeInfo, ValueRef,
    postgres::{PgRow, PgValueRef},
};

use super::{decode::ColumnKind, statement, zone::NaiveZone};
use crate::{interner::Interner, limits, text as incoming};

/// One column of the pack's statement.
struct ResultColumn {
    name: String,
    at: usize,
    kind: ColumnKind,
}

impl ResultColumn {
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
        Failure::new(FailureKind::Other, &what).of_object(&self.name)
    }
}

/// A table that grows by the row: what a row took on the wire is gone before the next one is read, so that a long list
/// is held once. The rows come from [`statement::wrapped`] with the same shape.
pub struct TableBuilder<'a> {
    shape: &'a ResultShape,
    zone: &'a NaiveZone,
    plan: Option<ResultLayout>,
    table: Table,
    interner: Interner,
    failure: Option<Failure>,
}

/// What the first row tells of all.
struct ResultLayout {
    columns: Vec<ResultColumn>,
    /// Of a list only, as places in `columns`.
    severity: Option<usize>,
    why: Option<usize>,
    keys: Vec<usize>,
    /// Places of the columns that become cells.
    shown: Vec<usize>,
}

impl<'a> TableBuilder<'a> {
    /// Nothing read yet.
    pub fn new(shape: &'a ResultShape, zone: &'a NaiveZone) -> Self {
        Self { shape, zone, plan: None, table: Table::default(), interner: Interner::default(), failure: None }
    }

    /// Takes one row. After a failure the rest is let pass: the connection is fit for more only at its end.
    pub fn take(&mut self, row: &PgRow) {
        if self.failure.is_none()
            && let Err(failure) = self.add(row)
        {
            self.failure = Some(failure);
        }
    }

    /// The table.
    pub fn end(self) -> Result<Table, Failure> {
        match (self.failure, self.plan) {
            (Some(failure), _) => Err(failure),
            (None, None) => Err(Failure::new(FailureKind::Other, "the server answered without a row")),
            (None, Some(_)) => Ok(self.table),
        }
    }

    fn add(&mut self, row: &PgRow) -> Result<(), Failure> {
        let plan = match self.plan.take() {
            Some(plan) => plan,
            None => self.start(row)?,
        };
        let added = match self.shape {
            ResultShape::List { .. } => self.add_listed(&plan, row),
            ResultShape::Rows { limit } => self.add_plain(&plan, row, *limit),
        };
        self.plan = Some(plan);
        added
    }

    fn start(&mut self, first: &PgRow) -> Result<ResultLayout, Failure> {
        let plan = ResultLayout::of(first, self.shape)?;
        let names = plan.shown.iter().map(|at| text::inert(&plan.columns[*at].name).into_owned());
        self.table.columns = names.collect();
        if let ResultShape::List { limit, troubled, .. } = self.shape {
            let counts = counts(first);
            self.table.truncated = (counts.total() - if *troubled { counts.ok } else { 0 }) > u64::from(*limit);
            self.table.counts = counts;
        }
        Ok(plan)
    }

    fn add_listed(&mut self, plan: &ResultLayout, row: &PgRow) -> Result<(), Failure> {
        if !is_row(row, statement::LIST_LEAD) {
            return Ok(());
        }
        let zone = self.zone;
        let text_of = |at: usize| plan.columns[at].key(row, zone);
        let parts = plan.keys.iter().map(|at| text_of(*at)).collect::<Result<Vec<_>, _>>()?;
        let why = plan.why.map(text_of).transpose()?.unwrap_or_default();
        let severity = plan.severity.map(text_of).transpose()?.unwrap_or_default();
        let mut row = RawRow {
            key: RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
            severity: Severity::from_word(&severity),
            why: text::one_line(&incoming::cut(&why, limits::WHY_BYTES)).into(),
            cells: plan.cells(row, zone, limits::LIST_CELL_BYTES)?,
        };
        self.interner.intern(&mut row);
        self.table.rows.push(row);
        Ok(())
    }

    fn add_plain(&mut self, plan: &ResultLayout, row: &PgRow, limit: u32) -> Result<(), Failure> {
        if !is_row(row, statement::ROWS_LEAD) {
            return Ok(());
        }
        if self.table.rows.len() == usize::try_from(limit).unwrap_or(usize::MAX) {
            self.table.truncated = true;
            return Ok(());
        }
        let key = plan.columns.first().map_or(Ok(String::new()), |column| column.key(row, self.zone))?;
        let cells = plan.cells(row, self.zone, limits::DETAIL_CELL_BYTES)?;
        self.table.rows.push(RawRow { key: RowKey(key.into()), severity: Severity::Ok, why: "".into(), cells });
        Ok(())
    }
}

impl ResultLayout {
    fn of(first: &PgRow, shape: &ResultShape) -> Result<Self, Failure> {
        let ResultShape::List { row_key, .. } = shape else {
            let columns = columns(first, statement::ROWS_LEAD)?;
            let shown = (0..columns.len()).collect();
            return Ok(Self { columns, severity: None, why: None, keys: Vec::new(), shown });
        };
        let columns = columns(first, statement::LIST_LEAD)?;
        let named = |name: &str| columns.iter().position(|column| column.name == name);
        let needed = |name: &str| named(name).ok_or_else(|| no_column(name));
        let (severity, why) = (Some(needed("severity")?), named("why"));
        let keys = row_key.iter().map(|name| needed(name)).collect::<Result<_, _>>()?;
        let shown = (0..columns.len()).filter(|at| Some(*at) != severity && Some(*at) != why).collect();
        Ok(Self { columns, severity, why, keys, shown })
    }

    fn cells(&self, row: &PgRow, zone: &NaiveZone, limit: usize) -> Result<Vec<Value>, Failure> {
        // Collecting a Result would not know how many there are, and leave room behind each of many rows.
        let mut cells = Vec::with_capacity(self.shown.len());
        for at in &self.shown {
            cells.push(self.columns[*at].value(row, zone, limit)?);
        }
        Ok(cells)
    }
}

fn no_column(name: &str) -> Failure {
    Failure::new(FailureKind::Schema, &format!("the query returns no column \"{name}\"")).of_object(name)
}

/// Whether it is a row of the statement, and not the one that only carries counts.
fn is_row(row: &PgRow, lead: usize) -> bool {
    row.try_get_raw(lead - 1).is_ok_and(|endpoint| !endpoint.is_null())
}

fn counts(row: &PgRow) -> Counts {
    let count = |at: usize| u64::try_from(row.try_get_unchecked::<i64, _>(at).unwrap_or_default()).unwrap_or_default();
    Counts { crit: count(0), unknown: count(1), warn: count(2), ok: count(3) }
}

fn columns(row: &PgRow, lead: usize) -> Result<Vec<ResultColumn>, Failure> {
    let theirs = row.columns().iter().skip(lead);
    theirs
        .map(|column| {
            let info = column.type_info();
            let name = column.name();
            let kind = ColumnKind::of(info).ok_or_else(|| {
                let what = format!("column {name} is of type {}: cast it to text in the query", info.name());
                Failure::new(FailureKind::Schema, &what).of_object(name)
            })?;
            Ok(ResultColumn { name: name.to_owned(), at: column.ordinal(), kind })
        })
        .collect()
}
