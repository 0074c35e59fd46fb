//! Builds a table from the rows of a wrapped statement.

use opsdash_core::{
    contract::{Failure, FailureKind, RawRow, ResultShape, Table},
    text,
    value::{Counts, ReasonCounts, RowKey, Severity, Value},
};
use opsdash_pack::pack::{REASON, WHY};
use sqlx::{
    Column as _, Row, TypeInfo, ValueRef,
    postgres::{PgColumn, PgRow, PgValueRef},
};

use super::{
    decode::ColumnKind,
    statement::{self, Form, ReturnedColumn},
    zone::NaiveZone,
};
use crate::{interner::Interner, judgement, limits};

/// One column of the pack's statement.
struct ResultColumn {
    name: String,
    index: usize,
    kind: ColumnKind,
}

impl ResultColumn {
    fn bytes<'r>(&self, row: &'r PgRow) -> Result<Option<&'r [u8]>, Failure> {
        let raw: PgValueRef<'r> = row.try_get_raw(self.index).map_err(|_| self.broken())?;
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

/// Builds a table row by row. Each wire row is dropped before the next one is read, so that a long list is in memory
/// only once. The rows come from [`statement::wrapped`] with the same shape.
pub struct TableBuilder<'a> {
    shape: &'a ResultShape,
    zone: &'a NaiveZone,
    layout: Option<ResultLayout>,
    table: Table,
    interner: Interner,
    failure: Option<Failure>,
    is_odd: bool,
}

/// Where the columns of a result are, as the first row says.
struct ResultLayout {
    columns: Vec<ResultColumn>,
    /// An index into `columns`, as are `why` and `keys`. Only for a list.
    severity: Option<usize>,
    why: Option<usize>,
    keys: Vec<usize>,
    /// The indexes of the columns that become cells.
    cells: Vec<usize>,
}

impl<'a> TableBuilder<'a> {
    /// A builder without rows.
    pub fn new(shape: &'a ResultShape, zone: &'a NaiveZone) -> Self {
        Self {
            shape,
            zone,
            layout: None,
            table: Table::default(),
            interner: Interner::default(),
            failure: None,
            is_odd: false,
        }
    }

    /// Adds one row. After a failure further rows are ignored: the connection can be used again only when all rows have
    /// been read.
    pub fn add_row(&mut self, row: &PgRow) {
        if self.failure.is_none()
            && let Err(failure) = self.try_add(row)
        {
            self.failure = Some(failure);
        }
    }

    /// Whether some column has a type without a decoder, so that the rows have to be asked for once more.
    pub fn is_odd(&self) -> bool {
        self.is_odd
    }

    /// Whether the server answered without a row, which a wrapped statement does only where its gate is shut.
    pub fn has_no_row(&self) -> bool {
        self.failure.is_none() && self.layout.is_none()
    }

    /// The finished table.
    ///
    /// # Errors
    /// The first row that could not be decoded, or a result without a row.
    pub fn finish(self) -> Result<Table, Failure> {
        match (self.failure, self.layout) {
            (Some(failure), _) => Err(failure),
            (None, None) => Err(Failure::new(FailureKind::Other, "the server answered without a row")),
            (None, Some(_)) if matches!(self.shape, ResultShape::Uncounted { .. }) => Ok(tallied(self.table)),
            (None, Some(_)) => Ok(self.table),
        }
    }

    fn try_add(&mut self, row: &PgRow) -> Result<(), Failure> {
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None => self.read_layout(row)?,
        };
        let added = match self.shape {
            ResultShape::Uncounted { limit, .. } if self.is_full(*limit) => {
                self.table.truncated = true;
                Ok(())
            }
            ResultShape::List { .. } | ResultShape::Uncounted { .. } => self.add_list_row(&layout, row),
            ResultShape::Rows { limit } => self.add_plain_row(&layout, row, *limit),
        };
        self.layout = Some(layout);
        added
    }

    fn read_layout(&mut self, first: &PgRow) -> Result<ResultLayout, Failure> {
        self.is_odd = returned(first.columns(), self.shape).iter().any(|column| column.form == Form::Text);
        let layout = ResultLayout::of(first, self.shape)?;
        let names = layout.cells.iter().map(|index| text::inert(&layout.columns[*index].name).into_owned());
        self.table.columns = names.collect();
        if let ResultShape::List { limit, troubled, .. } = self.shape {
            let counts = counts(first);
            let left_out = if *troubled { counts.ok + counts.off } else { 0 };
            self.table.truncated = counts.total() - left_out > u64::from(*limit);
            self.table.counts = counts;
            self.table.reasons = reason_counts(first);
        }
        Ok(layout)
    }

    fn is_full(&self, limit: u32) -> bool {
        self.table.rows.len() == usize::try_from(limit).unwrap_or(usize::MAX)
    }

    fn add_list_row(&mut self, layout: &ResultLayout, row: &PgRow) -> Result<(), Failure> {
        if !is_row(row, statement::LIST_LEAD) {
            return Ok(());
        }
        let zone = self.zone;
        let text_of = |index: usize| layout.columns[index].key(row, zone);
        let parts = layout.keys.iter().map(|index| text_of(*index)).collect::<Result<Vec<_>, _>>()?;
        let why = match layout.why.map(|index| layout.columns[index].value(row, zone, limits::WHY_BYTES)).transpose()? {
            Some(Value::Text(why)) => why.to_string(),
            _ => layout.why.map(text_of).transpose()?.unwrap_or_default(),
        };
        // NULL comes as an empty text, which is no word.
        let word = layout.severity.map(text_of).transpose()?.filter(|word| !word.is_empty());
        let (severity, why) = judgement::severity_and_why(word.as_deref(), &why);
        let reasons = row.try_get_unchecked::<Option<&str>, _>(statement::REASON).ok().flatten();
        let mut row = RawRow {
            key: RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
            severity,
            why,
            reasons: judgement::reason_ids(statement::ids(reasons.unwrap_or_default())),
            cells: layout.cells(row, zone, limits::LIST_CELL_BYTES)?,
            ..RawRow::default()
        };
        self.interner.intern(&mut row);
        self.table.rows.push(row);
        Ok(())
    }

    fn add_plain_row(&mut self, layout: &ResultLayout, row: &PgRow, limit: u32) -> Result<(), Failure> {
        if !is_row(row, statement::ROWS_LEAD) {
            return Ok(());
        }
        if self.is_full(limit) {
            self.table.truncated = true;
            return Ok(());
        }
        let key = layout.columns.first().map_or(Ok(String::new()), |column| column.key(row, self.zone))?;
        let cells = layout.cells(row, self.zone, limits::DETAIL_CELL_BYTES)?;
        self.table.rows.push(RawRow { key: RowKey(key.into()), cells, ..RawRow::default() });
        Ok(())
    }
}

impl ResultLayout {
    fn of(first: &PgRow, shape: &ResultShape) -> Result<Self, Failure> {
        let columns = columns(first, lead(shape))?;
        let (ResultShape::List { row_key, reasons, .. } | ResultShape::Uncounted { row_key, reasons, .. }) = shape
        else {
            let cells = (0..columns.len()).collect();
            return Ok(Self { columns, severity: None, why: None, keys: Vec::new(), cells });
        };
        let named = |name: &str| columns.iter().position(|column| column.name == name);
        let required = |name: &str| named(name).ok_or_else(|| no_column(name));
        let (severity, why) = (Some(required("severity")?), named(WHY));
        let keys = row_key.iter().map(|name| required(name)).collect::<Result<_, _>>()?;
        let reason = named(REASON).filter(|_| *reasons);
        let judging = [severity, why, reason];
        let cells = (0..columns.len()).filter(|index| !judging.contains(&Some(*index))).collect();
        Ok(Self { columns, severity, why, keys, cells })
    }

    fn cells(&self, row: &PgRow, zone: &NaiveZone, limit: usize) -> Result<Vec<Value>, Failure> {
        // Collecting into a Result does not know the length, and would leave unused capacity in every row.
        let mut cells = Vec::with_capacity(self.cells.len());
        for index in &self.cells {
            cells.push(self.columns[*index].value(row, zone, limit)?);
        }
        Ok(cells)
    }
}

/// The table with the counts of its rows, which came in the order of severities.
fn tallied(mut table: Table) -> Table {
    for row in &table.rows {
        table.counts.add(row.severity, 1);
        if let Some(reason) = row.reasons.first() {
            table.reasons.add(row.severity, reason, 1);
        }
    }
    if table.truncated {
        // Where the order is another one than the view says, there may be more of every severity.
        let is_ordered = table.rows.is_sorted_by(|row, next| row.severity >= next.severity);
        let last = table.rows.last().map_or(Severity::Crit, |row| row.severity);
        table.counts.more_from = Some(if is_ordered { last } else { Severity::Crit });
    }
    table
}

fn no_column(name: &str) -> Failure {
    Failure::new(FailureKind::Schema, &format!("the query returns no column \"{name}\"")).of_object(name)
}

/// Whether this is a row of the pack's statement. The one row of an empty result has no place; see
/// [`statement::wrapped`].
fn is_row(row: &PgRow, lead: usize) -> bool {
    row.try_get_raw(lead - 1).is_ok_and(|place| !place.is_null())
}

fn counts(row: &PgRow) -> Counts {
    let mut counts = Counts::default();
    for (index, severity) in statement::RANKS.into_iter().enumerate() {
        let n = row.try_get_unchecked::<i64, _>(index).unwrap_or_default();
        counts.add(severity, u64::try_from(n).unwrap_or_default());
    }
    counts
}

/// What [`statement::COUNTED_REASONS`] says: the first reason of a row is the one that counts.
fn reason_counts(row: &PgRow) -> ReasonCounts {
    let json = row.try_get_unchecked::<Option<&str>, _>(statement::COUNTED_REASONS).ok().flatten().unwrap_or("[]");
    let groups: Vec<(usize, String, u64)> = serde_json::from_str(json).unwrap_or_default();
    let mut counts = ReasonCounts::default();
    for (rank, reasons, n) in groups {
        let ids = judgement::reason_ids(statement::ids(&reasons));
        if let (Some(severity), Some(id)) = (statement::RANKS.get(rank), ids.first()) {
            counts.add(*severity, id, n);
        }
    }
    counts
}

/// The columns of the pack's statement, by what the server says of the wrapped one.
pub fn returned(columns: &[PgColumn], shape: &ResultShape) -> Vec<ReturnedColumn> {
    let own = columns.iter().skip(lead(shape));
    let form = |column: &PgColumn| if ColumnKind::of(column.type_info()).is_none() { Form::Text } else { Form::Own };
    own.map(|column| ReturnedColumn { name: column.name().to_owned(), form: form(column) }).collect()
}

/// The same, with what has no bound of its own cut by the server to what is shown of it. A key stays whole, for it has to
/// find its row again.
pub fn returned_bounded(columns: &[PgColumn], shape: &ResultShape) -> Vec<ReturnedColumn> {
    let (keys, most): (&[String], usize) = match shape {
        ResultShape::List { row_key, .. } | ResultShape::Uncounted { row_key, .. } => {
            (row_key, limits::LIST_CELL_BYTES)
        }
        ResultShape::Rows { .. } => (&[], limits::DETAIL_CELL_BYTES),
    };
    let form = |column: &PgColumn| match ColumnKind::of(column.type_info()) {
        kind if keys.iter().any(|key| key == column.name()) => {
            if kind.is_none() {
                Form::Text
            } else {
                Form::Own
            }
        }
        Some(ColumnKind::Bytes) => Form::Size,
        Some(ColumnKind::Json) => Form::CutJson("json", most),
        Some(ColumnKind::Jsonb) => Form::CutJson("jsonb", most),
        None | Some(ColumnKind::Text | ColumnKind::Array(_)) => Form::Cut(most),
        Some(_) => Form::Own,
    };
    let own = columns.iter().skip(lead(shape));
    own.map(|column| ReturnedColumn { name: column.name().to_owned(), form: form(column) }).collect()
}

/// How many columns the wrapper puts before the statement's own.
fn lead(shape: &ResultShape) -> usize {
    match shape {
        ResultShape::List { .. } | ResultShape::Uncounted { .. } => statement::LIST_LEAD,
        ResultShape::Rows { .. } => statement::ROWS_LEAD,
    }
}

/// The columns of the pack's statement.
///
/// # Errors
/// With the first column that has no decoder.
fn columns(row: &PgRow, lead: usize) -> Result<Vec<ResultColumn>, Failure> {
    let column = |column: &PgColumn| match ColumnKind::of(column.type_info()) {
        Some(kind) => Ok(ResultColumn { name: column.name().to_owned(), index: column.ordinal(), kind }),
        None => Err(undecoded(column)),
    };
    row.columns().iter().skip(lead).map(column).collect()
}

fn undecoded(column: &PgColumn) -> Failure {
    let (name, type_name) = (column.name(), column.type_info().name());
    let what = format!("column {name} is of type {type_name}: cast it to text in the query");
    Failure::new(FailureKind::Schema, &what).of_object(name)
}
