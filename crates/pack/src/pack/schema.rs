//! The documented schema of a system's databases: `schema.toml` after its check. `doctor` compares servers with it, and
//! grants and ejected packs are made from it.

use std::collections::BTreeMap;

/// The documented schema of a system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// One for each source of the pack, in the same order.
    pub sources: Vec<SourceSchema>,
    /// Passwords that the system's document prints. A server that still has one of them is open to everybody.
    pub default_passwords: Vec<String>,
    /// What no source can tell, and how to look at it.
    pub by_hand: Vec<ManualCheck>,
}

/// The documented schema of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceSchema {
    /// The documented major version of the server; `None` when none is documented.
    pub version: Option<u32>,
    /// How names of more than one word are written in the database, and in the pack's queries.
    pub naming: Naming,
    /// Extensions that the schema needs.
    pub extensions: Vec<String>,
    /// Migrations that must have run; `None` when none is documented.
    pub migrations: Option<Migrations>,
    /// Table and column of a time that the system writes continuously. `doctor` compares it with the clock, to find a
    /// wrong zone. `None` when there is no such column.
    pub clock: Option<(String, String)>,
    /// Roles of the server that show more to a reader, each with what it shows.
    pub reader_roles: BTreeMap<String, String>,
    /// Roles of the server that an operator's actions need, each with what it allows.
    pub operator_roles: BTreeMap<String, String>,
    /// Tables, or collections of MongoDB, sorted by name.
    pub tables: Vec<SchemaTable>,
    /// Procedures, triggers and views, of each kind sorted by name.
    pub objects: Vec<SchemaObject>,
    /// Documented queries that cannot run as they are written.
    pub queries: Vec<BrokenQuery>,
}

impl SourceSchema {
    /// The name in the database of a documented table or column.
    #[must_use]
    pub fn named(&self, name: &str) -> String {
        self.naming.of(name)
    }
}

/// How names of more than one word are written in a database. The document's own names are those of `Quoted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Naming {
    /// As documented, in quotes where that is needed: `"createdAt"`.
    #[default]
    Quoted,
    /// In snake case: `created_at`.
    Snake,
    /// Folded to lower case, as PostgreSQL does with names that are not quoted: `createdat`.
    Folded,
}

impl Naming {
    /// Every naming and its word.
    pub const ALL: [(&'static str, Self); 3] =
        [("quoted", Self::Quoted), ("snake", Self::Snake), ("folded", Self::Folded)];

    /// The word of `schema.toml` and of `packs eject --naming`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Quoted => "quoted",
            Self::Snake => "snake",
            Self::Folded => "folded",
        }
    }

    /// The naming in words, for messages.
    #[must_use]
    pub fn described(self) -> &'static str {
        match self {
            Self::Quoted => "as documented, in quotes",
            Self::Snake => "snake_case",
            Self::Folded => "lower case without underscores",
        }
    }

    /// A documented name in this naming.
    #[must_use]
    pub fn of(self, name: &str) -> String {
        match self {
            Self::Quoted => name.to_owned(),
            Self::Snake => snake(name),
            Self::Folded => name.to_lowercase(),
        }
    }
}

/// As TypeORM's and most others' naming strategies do: `userId` is `user_id`, `HTTPCode` is `http_code`.
///
/// Not by the `heck` crate: it drops underscores at the ends of a name, and `_migrations` is another
/// table than `migrations`.
fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let begins_word = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase())
            });
        if begins_word {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Migrations that a tool keeps a table of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrations {
    /// The table. Its column `name` holds the names.
    pub table: String,
    /// The names, oldest first. A name in the table may have digits appended.
    pub names: Vec<String>,
}

/// A documented table, or a collection of MongoDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaTable {
    /// As documented, without the schema.
    pub name: String,
    /// Its own schema, else that of its source; `None` leaves that to the login's `search_path`.
    pub schema: Option<String>,
    /// Sorted by name. A collection has none.
    pub columns: Vec<SchemaColumn>,
    /// Documented indexes, the primary key among them.
    pub indexes: Vec<SchemaIndex>,
    /// Indexes that are not documented but worth having, each with the reason.
    pub worth: Vec<(SchemaIndex, String)>,
    /// The columns of each documented check constraint.
    pub checks: Vec<Vec<String>>,
    /// Documented foreign keys, sorted by their columns.
    pub references: Vec<SchemaReference>,
    /// Whether it is documented as partitioned.
    pub partitioned: bool,
    /// Whether an action deletes rows, so that an operator must be able to.
    pub delete: bool,
}

impl SchemaTable {
    /// The columns that no reader may see.
    pub fn secret(&self) -> impl Iterator<Item = &SchemaColumn> {
        self.columns.iter().filter(|column| column.secret)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaColumn {
    /// As documented.
    pub name: String,
    /// The type of its values.
    pub kind: ColumnType,
    /// Whether it holds a hash or another secret, which no reader may see.
    pub secret: bool,
    /// Whether an action writes it, so that an operator must be able to.
    pub write: bool,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnType {
    /// One of [`TYPES`].
    Plain(&'static str),
    /// An array of one of [`TYPES`].
    Array(&'static str),
    /// An enum type with these labels.
    Enum(Vec<String>),
}

impl ColumnType {
    /// The type of that word: one of [`TYPES`], perhaps with `[]` after it. `None` when there is none.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let known = |word: &str| TYPES.iter().map(|(known, _)| *known).find(|known| *known == word);
        match word.strip_suffix("[]") {
            Some(element) => known(element).filter(|element| *element != ANY).map(Self::Array),
            None => known(word).map(Self::Plain),
        }
    }

    /// Whether a column whose type PostgreSQL calls `kind` is of this type. The name of an array's type is that of its
    /// element's, after a `_`.
    #[must_use]
    pub fn fits(&self, kind: &str) -> bool {
        let is = |word: &str, kind: &str| TYPES.iter().any(|(known, kinds)| *known == word && kinds.contains(&kind));
        match self {
            Self::Plain(word) => *word == ANY || is(word, kind),
            Self::Array(word) => kind.strip_prefix('_').is_some_and(|element| is(word, element)),
            Self::Enum(_) => false,
        }
    }
}

/// As it is written in `schema.toml`; of an enum, `enum`.
impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(word) => f.write_str(word),
            Self::Array(word) => write!(f, "{word}[]"),
            Self::Enum(_) => f.write_str("enum"),
        }
    }
}

/// The word for a type that is not compared.
const ANY: &str = "any";

/// The words for types, and the names that PostgreSQL and SQL Server have for each. The types of text count as one, because they are read alike.
pub const TYPES: [(&str, &[&str]); 48] = [
    ("uuid", &["uuid"]),
    ("text", TEXTS),
    ("varchar", TEXTS),
    ("boolean", &["bool"]),
    ("smallint", &["int2", "smallint"]),
    ("integer", &["int4"]),
    ("bigint", &["int8", "bigint"]),
    ("numeric", &["numeric", "decimal"]),
    ("real", &["float4", "real"]),
    ("double", &["float8"]),
    ("timestamp", &["timestamp"]),
    ("timestamptz", &["timestamptz"]),
    ("date", &["date"]),
    ("json", &["json"]),
    ("jsonb", &["jsonb"]),
    ("bytea", &["bytea"]),
    ("money", &["money"]),
    ("time", &["time"]),
    ("timetz", &["timetz"]),
    ("interval", &["interval"]),
    ("inet", &["inet"]),
    ("cidr", &["cidr"]),
    ("macaddr", &["macaddr", "macaddr8"]),
    ("oid", &["oid"]),
    ("xml", &["xml"]),
    ("tsvector", &["tsvector"]),
    ("point", &["point"]),
    ("int", &["int"]),
    ("tinyint", &["tinyint"]),
    ("bit", &["bit"]),
    ("decimal", &["decimal", "numeric"]),
    ("float", &["float"]),
    ("smallmoney", &["smallmoney"]),
    ("datetime", &["datetime"]),
    ("datetime2", &["datetime2"]),
    ("smalldatetime", &["smalldatetime"]),
    ("datetimeoffset", &["datetimeoffset"]),
    ("char", TEXTS),
    ("nchar", TEXTS),
    ("nvarchar", TEXTS),
    ("ntext", TEXTS),
    ("binary", &["binary"]),
    ("varbinary", &["varbinary"]),
    ("image", &["image"]),
    ("uniqueidentifier", &["uniqueidentifier"]),
    ("rowversion", &["timestamp", "rowversion"]),
    ("sql_variant", &["sql_variant"]),
    (ANY, &[]),
];

const TEXTS: &[&str] = &["text", "varchar", "bpchar", "citext", "char", "nchar", "nvarchar", "ntext", "sysname"];

/// An index. It is identified by its columns and its condition: the same index has another name in each database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaIndex {
    /// The columns in order, each with whether it is descending.
    pub columns: Vec<(String, bool)>,
    /// Whether it refuses a second row of the same values.
    pub unique: bool,
    /// The condition of a partial index as SQL; `None` for an index of all rows.
    pub predicate: Option<String>,
}

impl SchemaIndex {
    /// Reads `a, b DESC WHERE condition`. `None` when a column is no name.
    #[must_use]
    pub(crate) fn parse(text: &str, unique: bool) -> Option<Self> {
        let (columns, predicate) = match text.split_once(" WHERE ") {
            Some((columns, predicate)) => (columns, Some(predicate.trim().to_owned()).filter(|text| !text.is_empty())),
            None => (text, None),
        };
        let column = |text: &str| {
            let text = text.trim();
            let (name, descending) = text.strip_suffix(" DESC").map_or((text, false), |name| (name.trim(), true));
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
            (!name.is_empty() && name.chars().all(is_name)).then(|| (name.to_owned(), descending))
        };
        let columns = columns.split(',').map(column).collect::<Option<Vec<_>>>()?;
        Some(Self { columns, unique, predicate })
    }
}

/// A foreign key. It is identified by its columns, as an index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaReference {
    /// The columns, in order.
    pub columns: Vec<String>,
    /// The table that it leads to.
    pub to: String,
    /// What a delete there does here; `None` is not compared.
    pub on_delete: Option<OnDelete>,
}

/// What becomes of rows when the one that they refer to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// It cannot be deleted.
    NoAction,
    /// They are deleted with it.
    Cascade,
    /// They refer to nothing.
    SetNull,
    /// They refer to what the default of their columns says.
    SetDefault,
}

impl OnDelete {
    /// Every one and its word in `schema.toml`, which is the catalog's word in lower case.
    pub const ALL: [(&'static str, Self); 4] = [
        ("no_action", Self::NoAction),
        ("cascade", Self::Cascade),
        ("set_null", Self::SetNull),
        ("set_default", Self::SetDefault),
    ];

    /// As it stands in SQL, after `ON DELETE`.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// A documented procedure, trigger or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaObject {
    /// What it is.
    pub kind: ObjectKind,
    /// As documented, without the schema.
    pub name: String,
    /// Its schema; `None` is any.
    pub schema: Option<String>,
    /// The table of a trigger; `None` of others.
    pub on: Option<String>,
    /// What it is for; empty when nobody says.
    pub purpose: String,
    /// Why no server has it, and what serves in its place.
    pub impossible: Option<(String, String)>,
    /// Whether an action calls it, so that an operator must be able to.
    pub called: bool,
}

/// What an object of a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A stored procedure.
    Procedure,
    /// A trigger of a table.
    Trigger,
    /// A view.
    View,
}

impl ObjectKind {
    /// Its word in `schema.toml` and in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Procedure => "procedure",
            Self::Trigger => "trigger",
            Self::View => "view",
        }
    }
}

/// A documented query that cannot run as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenQuery {
    /// Its title in the document.
    pub title: String,
    /// Why the query fails.
    pub why: String,
    /// What answers the question in its place.
    pub instead: String,
}

/// Something that no source can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualCheck {
    /// What is to be looked at.
    pub what: String,
    /// How to look.
    pub how: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_naming_strategies_do() {
        for (name, expected) in [
            ("userId", "user_id"),
            ("id", "id"),
            ("HTTPCode", "http_code"),
            ("lastLoginAt", "last_login_at"),
            ("user_id", "user_id"),
            ("sha256Sum", "sha256_sum"),
        ] {
            assert_eq!(Naming::Snake.of(name), expected);
        }
        assert_eq!(Naming::Folded.of("userId"), "userid");
        assert_eq!(Naming::Quoted.of("userId"), "userId");
    }

    #[test]
    fn an_index_is_read_as_it_is_written_in_sql() {
        let index = SchemaIndex::parse("level, at DESC WHERE NOT done", false).unwrap();
        assert_eq!(index.columns, [("level".to_owned(), false), ("at".to_owned(), true)]);
        assert_eq!(index.predicate.as_deref(), Some("NOT done"));
        assert!(SchemaIndex::parse("a,, b", false).is_none());
        assert!(SchemaIndex::parse("lower(a)", false).is_none());
    }
}
