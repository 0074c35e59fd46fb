//! Builds a table from the rows of a statement as they come: ranks and counts them here. T-SQL takes no query with an
//! order or with WITH as a subquery, so the server cannot do it.

use opsdash_core::{
    contract::{Failure, FailureKind, RawRow, ResultShape, Table},
    text,
    value::{ArcStr, ReasonIds, RowKey, Severity, Value},
};
use opsdash_pack::pack::{REASON, WHY};
use tiberius::{Column, ColumnData, ColumnType, Row};

use super::decode::{self, NaiveZone};
use crate::{interner::Interner, judgement, limits, text as incoming};

/// Whether more rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    More,
    Enough,
}

/// Builds a table row by row.
pub struct TableBuilder<'a> {
    shape: &'a ResultShape,
    zone: &'a NaiveZone,
    layout: Layout,
    table: Table,
    /// The rows of each severity that may be shown, worst first.
    ranked: [Vec<RawRow>; 5],
    interner: Interner,
    rows: usize,
    bytes: usize,
}

/// Where the columns of a result are.
#[derive(Default)]
struct Layout {
    severity: Option<usize>,
    why: Option<usize>,
    reason: Option<usize>,
    keys: Vec<usize>,
    /// The columns that become cells.
    cells: Vec<usize>,
}

impl<'a> TableBuilder<'a> {
    /// A builder without rows, for a result of these columns.
    ///
    /// # Errors
    /// A column that the shape needs and the result does not have, or one of a type that is not read.
    pub fn new(shape: &'a ResultShape, zone: &'a NaiveZone, columns: &[Column]) -> Result<Self, Failure> {
        if let Some(odd) =
            columns.iter().find(|column| matches!(column.column_type(), ColumnType::Udt | ColumnType::SSVariant))
        {
            let kind = if odd.column_type() == ColumnType::Udt { "a CLR type" } else { "sql_variant" };
            let what = format!("column {} is of {kind}: cast it to text in the query", odd.name());
            return Err(Failure::new(FailureKind::Schema, &what).of_object(odd.name()));
        }
        let layout = Layout::of(shape, columns)?;
        let names = layout.cells.iter().map(|index| text::inert(columns[*index].name()).into_owned()).collect();
        let table = Table { columns: names, ..Table::default() };
        let (ranked, interner) = (Default::default(), Interner::default());
        Ok(Self { shape, zone, layout, table, ranked, interner, rows: 0, bytes: 0 })
    }

    /// Adds one row.
    ///
    /// # Errors
    /// More bytes than a result may have.
    pub fn add(&mut self, row: &Row) -> Result<Wanted, Failure> {
        let cells: Vec<&ColumnData<'static>> = row.cells().map(|(_, data)| data).collect();
        self.bytes += cells.iter().map(|data| decode::size(data)).sum::<usize>();
        if self.bytes > limits::RESULT_BYTES {
            let what = format!("the result has more than {} MB", limits::RESULT_BYTES / 1_000_000);
            return Err(Failure::new(FailureKind::Other, &what)
                .remedied("let the query return fewer rows, or LEFT(column, 200) of long texts"));
        }
        match self.shape {
            ResultShape::List { limit, troubled, .. } => {
                // The row beyond the bound only tells that there are more.
                if self.rows == limits::RANKED_ROWS {
                    self.table.counts.more_from = Some(Severity::Crit);
                    return Ok(Wanted::Enough);
                }
                self.rows += 1;
                self.add_ranked(&cells, whole(*limit), *troubled);
            }
            ResultShape::Uncounted { limit, .. } => {
                if self.table.rows.len() == whole(*limit) {
                    self.table.truncated = true;
                    return Ok(Wanted::Enough);
                }
                let row = self.judged(&cells);
                self.table.counts.add(row.severity, 1);
                if let Some(reason) = row.reasons.first() {
                    self.table.reasons.add(row.severity, reason, 1);
                }
                self.table.rows.push(row);
            }
            ResultShape::Rows { limit } => {
                if self.table.rows.len() == whole(*limit) {
                    self.table.truncated = true;
                    return Ok(Wanted::Enough);
                }
                let key = cells.first().and_then(|data| decode::raw_text(data)).unwrap_or_default();
                let cells = self.layout.cells(&cells, self.zone, limits::DETAIL_CELL_BYTES);
                self.table.rows.push(RawRow { key: RowKey(key.into()), cells, ..RawRow::default() });
            }
        }
        Ok(Wanted::More)
    }

    fn add_ranked(&mut self, cells: &[&ColumnData<'static>], limit: usize, troubled: bool) {
        let (severity, first_reason) = {
            let (severity, _) = self.judgement(cells);
            (severity, self.reasons(cells).first().cloned())
        };
        self.table.counts.add(severity, 1);
        if let Some(reason) = first_reason {
            self.table.reasons.add(severity, &reason, 1);
        }
        let rank = Severity::WORST_FIRST.iter().position(|known| *known == severity).unwrap_or(1);
        let before: usize = self.ranked[..=rank].iter().map(Vec::len).sum();
        if troubled && !severity.is_trouble() || before >= limit {
            return;
        }
        let row = self.judged(cells);
        self.ranked[rank].push(row);
    }

    fn judgement(&self, cells: &[&ColumnData<'static>]) -> (Severity, ArcStr) {
        let text = |index: Option<usize>| index.and_then(|index| decode::raw_text(cells[index]));
        let why = text(self.layout.why).unwrap_or_default();
        judgement::severity_and_why(text(self.layout.severity).as_deref(), &why)
    }

    /// T-SQL has no lists: several ids are one text with commas between them.
    fn reasons(&self, cells: &[&ColumnData<'static>]) -> ReasonIds {
        let text = self.layout.reason.and_then(|index| decode::raw_text(cells[index])).unwrap_or_default();
        judgement::reason_ids(text.split(',').map(str::trim))
    }

    fn judged(&mut self, cells: &[&ColumnData<'static>]) -> RawRow {
        let (severity, why) = self.judgement(cells);
        let parts: Vec<String> =
            self.layout.keys.iter().map(|index| decode::raw_text(cells[*index]).unwrap_or_default()).collect();
        let mut row = RawRow {
            key: RowKey::of(&parts.iter().map(String::as_str).collect::<Vec<_>>()),
            severity,
            why,
            reasons: self.reasons(cells),
            cells: self.layout.cells(cells, self.zone, limits::LIST_CELL_BYTES),
            ..RawRow::default()
        };
        self.interner.intern(&mut row);
        row
    }

    /// The finished table.
    pub fn finish(mut self) -> Table {
        match self.shape {
            ResultShape::List { limit, troubled, .. } => {
                let left_out = if *troubled { self.table.counts.ok + self.table.counts.off } else { 0 };
                let more = self.table.counts.more_from.is_some();
                self.table.truncated = more || self.table.counts.total() - left_out > u64::from(*limit);
                self.table.rows = self.ranked.into_iter().flatten().take(whole(*limit)).collect();
            }
            ResultShape::Uncounted { .. } if self.table.truncated => {
                // Where the order is another one than the view says, there may be more of every severity.
                let is_ordered = self.table.rows.is_sorted_by(|row, next| row.severity >= next.severity);
                let last = self.table.rows.last().map_or(Severity::Crit, |row| row.severity);
                self.table.counts.more_from = Some(if is_ordered { last } else { Severity::Crit });
            }
            ResultShape::Uncounted { .. } | ResultShape::Rows { .. } => {}
        }
        self.table
    }
}

impl Layout {
    fn of(shape: &ResultShape, columns: &[Column]) -> Result<Self, Failure> {
        let (ResultShape::List { row_key, reasons, .. } | ResultShape::Uncounted { row_key, reasons, .. }) = shape
        else {
            return Ok(Self { cells: (0..columns.len()).collect(), ..Self::default() });
        };
        let named = |name: &str| columns.iter().position(|column| column.name() == name);
        let required = |name: &str| named(name).ok_or_else(|| no_column(name));
        let (severity, why) = (Some(required("severity")?), named(WHY));
        let keys = row_key.iter().map(|name| required(name)).collect::<Result<_, _>>()?;
        let reason = named(REASON).filter(|_| *reasons);
        let judging = [severity, why, reason];
        let cells = (0..columns.len()).filter(|index| !judging.contains(&Some(*index))).collect();
        Ok(Self { severity, why, reason, keys, cells })
    }

    fn cells(&self, cells: &[&ColumnData<'static>], zone: &NaiveZone, limit: usize) -> Vec<Value> {
        self.cells
            .iter()
            .map(|index| cut_by_server(decode::value(cells[*index], zone, limit), cells[*index], limit))
            .collect()
    }
}

/// Of a text that the server has cut, nobody knows how long it is.
fn cut_by_server(value: Value, data: &ColumnData<'_>, limit: usize) -> Value {
    match data {
        ColumnData::String(Some(text))
            if text.len() >= limits::TEXT_SIZE / 2 && text.encode_utf16().count() * 2 >= limits::TEXT_SIZE =>
        {
            let kept = &text[..text.floor_char_boundary(limit)];
            incoming::bounded(&format!("{kept}… [cut]"), usize::MAX)
        }
        _ => value,
    }
}

fn whole(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn no_column(name: &str) -> Failure {
    Failure::new(FailureKind::Schema, &format!("the query returns no column \"{name}\"")).of_object(name)
}
