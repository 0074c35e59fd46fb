//! What a database holds, for a first pack of it: catalogs alone, no rows.

use serde::Deserialize;

/// The tables of a database that a login may see.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct DatabaseDescription {
    /// Product and version, as in `PostgreSQL 15.18`.
    pub server: String,
    /// By schema and name; neither the server's own nor those of extensions.
    pub tables: Vec<DescribedTable>,
}

/// A table, a view or what else has rows.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct DescribedTable {
    /// Its schema.
    pub schema: String,
    /// Whether queries find it without naming the schema.
    pub visible: bool,
    /// Its name.
    pub name: String,
    /// Its name as a query writes it, with its schema where that is needed.
    pub quoted: String,
    /// About how many rows it has; `None` when nobody has counted yet.
    pub rows: Option<f64>,
    /// The columns that tell its rows apart: of the primary key, else of a unique index without NULL. Empty when there
    /// are none.
    pub key: Vec<String>,
    /// In the table's order.
    pub columns: Vec<DescribedColumn>,
    /// What it refers to.
    pub references: Vec<DescribedReference>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct DescribedColumn {
    /// Its name.
    pub name: String,
    /// Its name as a query writes it.
    pub quoted: String,
    /// Its type in the server's own words, as a cast takes it.
    pub cast: String,
    /// The name of its type in the catalogs; of a domain, of the type below it.
    pub kind: String,
    /// What kind of type it is: `base`, `enum`, or another word.
    pub class: String,
    /// Whether the login may read it.
    pub readable: bool,
    /// The values that it may have: labels of an enum, else of a check. Empty when neither says.
    pub allowed: Vec<String>,
    /// The values that it has, where the server's statistics know few. Empty when they do not.
    pub common: Vec<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct DescribedReference {
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// The schema of the other table.
    pub schema: String,
    /// The other table.
    pub table: String,
    /// The columns of the other table, in the same order.
    pub to: Vec<String>,
}
