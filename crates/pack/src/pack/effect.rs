//! What an action does to rows, as data: the statements of an engine, grants and the confirmation are made of it.

use std::fmt;

use super::ColumnType;

/// The name in results of the version that the database itself gives a row: `xmin` of PostgreSQL.
pub const ROW_VERSION: &str = "row_version";

/// What an action does to the rows that it writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// What a statement of the pack does. Nothing is known of it but its text.
    Sql,
    /// Columns are set.
    Update(GuardedUpdate),
    /// The rows are deleted.
    Delete(GuardedRows),
    /// A procedure is called.
    Call(GuardedCall),
}

impl Effect {
    /// The declared rows; `None` for a statement of the pack and for a procedure.
    #[must_use]
    pub fn rows(&self) -> Option<&GuardedRows> {
        match self {
            Self::Sql | Self::Call(_) => None,
            Self::Update(update) => Some(&update.rows),
            Self::Delete(rows) => Some(rows),
        }
    }

    /// Whether the rows are gone afterwards.
    #[must_use]
    pub fn deletes(&self) -> bool {
        matches!(self, Self::Delete(_))
    }

    /// The columns that it sets, those of the version among them. Empty for a statement of the pack.
    pub fn set_columns(&self) -> impl Iterator<Item = &TableColumn> {
        let update = match self {
            Self::Update(update) => Some(update),
            Self::Sql | Self::Delete(_) | Self::Call(_) => None,
        };
        update.into_iter().flat_map(GuardedUpdate::set_columns)
    }
}

/// Columns of a table's rows that are set where the rows still are as they were seen.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardedUpdate {
    /// The rows.
    pub rows: GuardedRows,
    /// The columns that are set, each with its new value; at least one. The version is not among them.
    pub set: Vec<(TableColumn, SetTo)>,
}

impl GuardedUpdate {
    /// The columns that it sets, with the version.
    pub fn set_columns(&self) -> impl Iterator<Item = &TableColumn> {
        self.set.iter().map(|(column, _)| column).chain(&self.rows.version)
    }
}

/// A procedure that is called for rows which still are as they were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardedCall {
    /// The procedure.
    pub procedure: Table,
    /// Its arguments, by name without the `@`.
    pub arguments: Vec<(String, Argument)>,
    /// The columns of the preview that must still be as they were seen. Empty where the key alone must.
    pub compare: Vec<String>,
    /// Whether it is called once for a whole set, rather than for each row.
    pub once: bool,
}

/// An argument of a procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// The key of the row.
    Key,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// NULL.
    Null,
    /// The name of the operator.
    Operator,
    /// The answer to the prompt of this name; NULL when nothing was answered.
    Asked(String),
}

/// Rows of a table that are found by a key, and written only where they still are as they were seen.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardedRows {
    /// The table.
    pub table: Table,
    /// The column that identifies a row of the table.
    pub key: TableColumn,
    /// Columns that only tell people which row it is.
    pub show: Vec<TableColumn>,
    /// Columns that are compared with what was seen, without the version. Empty where only the version or the row's own
    /// version is, and where the key alone is.
    pub compare: Vec<TableColumn>,
    /// The column that every write changes, an undo too: a time becomes the time of the write, a number one more. It is
    /// compared. `None` when the table has no such column.
    pub version: Option<TableColumn>,
    /// Whether the version that the database itself gives a row is compared.
    pub row_version: bool,
    /// Whether rows that others have locked are left alone instead of waited for, as of a set.
    pub skips_locked: bool,
}

impl GuardedRows {
    /// Whether nothing is compared but the key: what is written moves by itself.
    #[must_use]
    pub fn is_by_key_alone(&self) -> bool {
        self.compare.is_empty() && self.version.is_none() && !self.row_version
    }

    /// The columns that are compared, with the version.
    pub fn compared(&self) -> impl Iterator<Item = &TableColumn> {
        self.compare.iter().chain(&self.version)
    }
}

/// A table of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// As the pack and `schema.toml` name it.
    pub documented: String,
    /// Its schema in the database; `None` for the login's own search path.
    pub schema: Option<String>,
    /// As the database names it.
    pub name: String,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.documented)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// As the pack and `schema.toml` name it.
    pub documented: String,
    /// As the database names it.
    pub name: String,
    /// As results, prompts and the record name it: `paid_at` for `paidAt`.
    pub alias: String,
    /// Its documented type; `None` when it is not documented.
    pub kind: Option<ColumnType>,
}

/// The value that a column is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetTo {
    /// A text, as the column's type reads it.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// NULL.
    Null,
    /// The time of the write.
    Now,
    /// The name of the operator.
    Operator,
    /// The answer to the prompt of this name; NULL when nothing was answered.
    Asked(String),
    /// What the column has, and below it a line with the day, the operator and the answer to the prompt of this name.
    Appended(String),
}
