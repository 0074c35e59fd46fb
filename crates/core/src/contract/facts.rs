//! What a source is asked for, and what it is found to be: catalogs alone, no rows.

use std::collections::BTreeSet;

use opsdash_pack::pack::{Naming, ObjectKind, OnDelete, SourceSchema};
use serde::Deserialize;

use super::Failure;

/// What a source is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// Tables or collections, in every naming that there is.
    pub tables: Vec<String>,
    /// Procedures, triggers and views.
    pub objects: Vec<String>,
    /// Roles of the server, of which the login may be a member.
    pub roles: Vec<String>,
    /// The table with the names of migrations.
    pub migrations: Option<String>,
    /// Columns of which the first that exists tells the newest time.
    pub clock: Vec<ClockColumn>,
    /// How long the server may work on one statement, in ms.
    pub timeout_ms: u32,
}

/// A column that tells the newest time of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockColumn {
    /// The schema of the table; `None` leaves that to the login's `search_path`.
    pub schema: Option<String>,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

impl Inspection {
    /// What the schema of a source can be held against.
    #[must_use]
    pub fn of(schema: &SourceSchema, timeout_ms: u32) -> Self {
        let spellings = |name: &str| Naming::ALL.map(|(_, naming)| naming.of(name));
        let tables: BTreeSet<String> = schema.tables.iter().flat_map(|table| spellings(&table.name)).collect();
        let migrations = schema.migrations.as_ref().map(|migrations| migrations.table.clone());
        let tables: BTreeSet<String> = tables.into_iter().chain(migrations.clone()).collect();
        let schema_of = |name: &String| schema.tables.iter().find(|table| table.name == *name)?.schema.clone();
        let clock = |(table, column): &(String, String)| {
            Naming::ALL.map(|(_, naming)| ClockColumn {
                schema: schema_of(table),
                table: naming.of(table),
                column: naming.of(column),
            })
        };
        Self {
            tables: tables.into_iter().collect(),
            objects: schema.objects.iter().map(|object| object.name.clone()).collect(),
            roles: schema.reader_roles.keys().chain(schema.operator_roles.keys()).cloned().collect(),
            migrations,
            clock: schema.clock.iter().flat_map(clock).collect(),
            timeout_ms,
        }
    }
}

/// What a source is found to be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Product and version, as in `PostgreSQL 15.18`.
    pub server: String,
    /// The major version; `None` when the server is no database.
    pub version: Option<u32>,
    /// One round trip, in µs.
    pub rtt_us: u64,
    /// How far the server's clock is ahead of ours, in ms; `None` when it does not tell.
    pub ahead_ms: Option<i64>,
    /// What lies between the server and us.
    pub transport: Transport,
    /// Login, tables, indexes.
    pub catalog: DatabaseCatalog,
    /// The same as the login sees it that writes, or why it could not be asked; `None` where the source has no such login
    /// of its own.
    pub writer: Option<Result<DatabaseCatalog, Failure>>,
    /// Names of migrations that have run; `None` when they are not asked for or may not be read.
    pub migrations: Option<Vec<String>>,
    /// How far the newest time of the schema's clock is ahead of the server's, in ms, read in the source's
    /// `naive_zone`; `None` when there is no row, or it could not be read.
    pub newest_ahead_ms: Option<i64>,
}

/// What lies between a server and us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Transport {
    /// A socket or the loopback device: nobody listens.
    #[default]
    Local,
    /// A network, unencrypted.
    Plain {
        /// What the URL asks for, in its own words.
        asked: String,
    },
    /// A network, encrypted.
    Tls {
        /// What the URL asks for, in its own words.
        asked: String,
        /// Whether it is known who answers.
        verified: bool,
    },
}

/// What a server's catalogs say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct DatabaseCatalog {
    /// Who we are; `None` when the server asks nobody.
    pub login: Option<String>,
    /// The encoding of its texts, as the server calls it; `None` where there is one for all.
    #[serde(default)]
    pub encoding: Option<String>,
    /// The compatibility level of a database of SQL Server; `None` where there is no such thing.
    #[serde(default)]
    pub compatibility: Option<u32>,
    /// What the login may do that concerns no table of ours: `is a superuser`.
    pub powers: Vec<String>,
    /// Those of the asked roles that it is a member of.
    pub roles: Vec<String>,
    /// Installed extensions.
    pub extensions: Vec<String>,
    /// Tables or collections of the asked names, those that queries reach first.
    pub tables: Vec<FoundTable>,
    /// Procedures, triggers and views of the asked names.
    #[serde(skip)]
    pub objects: Vec<FoundObject>,
    /// Whether the login sees every object of the database: what it does not find is not there.
    #[serde(skip)]
    pub sees_definitions: bool,
}

/// A procedure, a trigger or a view that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundObject {
    /// What it is.
    pub kind: ObjectKind,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The table of a trigger.
    pub on: Option<String>,
    /// Whether it is switched off, as a trigger can be.
    pub disabled: bool,
    /// Whether the login may call the procedure, or read the view.
    pub usable: bool,
    /// What the server says against reading the view: it asks for a table or a column that is not there any more.
    pub broken: Option<String>,
}

/// A table that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct FoundTable {
    /// Its schema; empty for collections.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether the login may use the schema.
    pub usable: bool,
    /// Whether queries find it without naming the schema.
    pub visible: bool,
    /// Whether it, or some of its columns, may be read.
    pub readable: bool,
    /// The policies of row-level security that decide which rows the login sees: with none of them it sees no row.
    /// `None` where it sees every row.
    #[serde(default)]
    pub policies: Option<Vec<String>>,
    /// Whether its rows lie in partitions.
    #[serde(default)]
    pub partitioned: bool,
    /// What the login may do to whole rows: `INSERT`.
    pub writes: Vec<String>,
    /// In the table's order; none of a collection.
    pub columns: Vec<FoundColumn>,
    /// In the order of their names.
    pub indexes: Vec<FoundIndex>,
    /// Foreign keys of the table.
    #[serde(skip)]
    pub references: Vec<FoundReference>,
    /// What refuses rows of it.
    #[serde(skip)]
    pub checks: Vec<FoundCheck>,
}

/// A foreign key that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundReference {
    /// For messages.
    pub name: String,
    /// The columns, in order.
    pub columns: Vec<String>,
    /// The table that it leads to.
    pub to: String,
    /// What a delete there does here; `None` where the server has another word for it.
    pub on_delete: Option<OnDelete>,
    /// Whether it holds.
    pub state: ConstraintState,
}

/// A check constraint that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCheck {
    /// For messages.
    pub name: String,
    /// The columns that it names.
    pub columns: Vec<String>,
    /// Whether it holds.
    pub state: ConstraintState,
}

/// Whether a constraint holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintState {
    /// Every row keeps it.
    Kept,
    /// It is kept from now on; rows that were there before may break it.
    NotTrusted,
    /// It is switched off.
    Disabled,
}

impl FoundTable {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&FoundColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct FoundColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the server calls it.
    pub kind: String,
    /// The labels of its enum type, in order; `None` for other types.
    pub labels: Option<Vec<String>>,
    /// Whether the login may read it.
    pub readable: bool,
    /// Whether the login may change it.
    pub writable: bool,
}

/// An index that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct FoundIndex {
    /// For messages.
    pub name: String,
    /// Columns in order, and whether each is descending; an expression has no name.
    pub columns: Vec<(Option<String>, bool)>,
    /// Whether it refuses a second row of the same values.
    pub unique: bool,
    /// Whether queries may use it: building it may have broken off.
    pub valid: bool,
    /// The condition of a partial index, as the server writes it.
    pub predicate: Option<String>,
}
