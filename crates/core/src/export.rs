//! Rows for files and for the shell: what the tab shows, as raw values.

use std::sync::Arc;

use opsdash_pack::pack::{Column, Format, View, WHY};

use crate::value::{Row, RowKey, Severity, Value};

/// Rows to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The target's name.
    pub target: String,
    /// The view's id.
    pub view: String,
    /// What the values are, in order.
    pub columns: Vec<ExportColumn>,
    /// What stands under them.
    pub rows: Vec<ExportRow>,
}

/// A column to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportColumn {
    /// The name in the query.
    pub name: String,
    /// How its values are shown.
    pub format: Format,
    /// The word for NULL in what people read; `None` leaves the place empty.
    pub null: Option<String>,
}

/// One row to write.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportRow {
    /// What identifies it.
    pub key: RowKey,
    /// How bad it is.
    pub severity: Severity,
    /// Why.
    pub why: Arc<str>,
    /// Values, in the order of the columns. Secrets are `Null`.
    pub cells: Vec<Value>,
}

/// Formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated values with a header.
    Csv,
    /// An array of objects.
    Json,
    /// A table.
    Markdown,
}

impl FileFormat {
    /// Every format, its name and its file ending.
    pub const ALL: [(&'static str, &'static str, Self); 3] =
        [("CSV", "csv", Self::Csv), ("JSON", "json", Self::Json), ("Markdown", "md", Self::Markdown)];
}

impl ExportColumn {
    fn of(column: &Column) -> Self {
        Self { name: column.name.clone(), format: column.format, null: column.null.clone() }
    }
}

impl Document {
    /// The given rows of a view. Columns of format secret are left out.
    #[must_use]
    pub fn of<'a>(target: &str, view: &View, rows: impl Iterator<Item = &'a Row>) -> Self {
        // The reason is a field of the record already.
        let is_open = |column: &Column| column.format != Format::Secret && column.name != WHY;
        let open: Vec<usize> = (0..view.columns.len()).filter(|at| is_open(&view.columns[*at])).collect();
        let record = |row: &Row| ExportRow {
            key: row.key.clone(),
            severity: row.severity,
            why: row.why.clone(),
            cells: open.iter().map(|at| row.cells[*at].clone()).collect(),
        };
        Self {
            target: target.to_owned(),
            view: view.id.clone(),
            columns: open.iter().map(|at| ExportColumn::of(&view.columns[*at])).collect(),
            rows: rows.map(record).collect(),
        }
    }
}
