//! The words of `schema.toml`.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::{
    document::{Name, vocabulary, words_of},
    pack::{Naming, OnDelete},
};

const NAMINGS: [&str; Naming::ALL.len()] = words_of(&Naming::ALL);
const ON_DELETE: [&str; OnDelete::ALL.len()] = words_of(&OnDelete::ALL);

vocabulary! {
    /// The documented schema of the system's databases. `opsdash doctor` compares the servers with it, and `doctor
    /// --grants` makes logins from it. Names are the document's own.
    #[derive(Default)]
    struct RawSchema: "schema.toml" {
        /// What is documented of a source as a whole, by the source's name.
        optional source: BTreeMap<Name, RawSchemaSource>,
        /// Tables, by name.
        optional table: BTreeMap<Name, RawTable>,
        /// Collections, by name.
        optional collection: BTreeMap<Name, RawCollection>,
        /// Of SQL Server: procedures that the system has, by name.
        optional procedure: BTreeMap<Name, RawObject>,
        /// Of SQL Server: triggers, by name.
        optional trigger: BTreeMap<Name, RawObject>,
        /// Of SQL Server: views of the database, by name. `--grants` lets a reader read them.
        optional view: BTreeMap<Name, RawObject>,
        /// Documented queries that cannot run as they are written.
        optional query: Vec<RawBrokenQuery>,
        /// Passwords that the document prints. They are compared, never shown.
        optional default_passwords: Vec<String>,
        /// What no source can tell, so that somebody has to look.
        optional by_hand: Vec<RawManualCheck>,
    }

    /// What is documented of a source as a whole.
    struct RawSchemaSource: "[source.<name>] of schema.toml" {
        /// The documented major version of the server, such as `"15"`.
        optional version: Option<Name>,
        /// How the database and the queries write names of several words: `quoted` (as documented), `snake` or
        /// `folded`. `opsdash packs eject --naming` writes a pack with another naming. Default: quoted.
        optional naming: Option<Name> where one_of(&NAMINGS),
        /// Extensions that the schema needs.
        optional extensions: Vec<String>,
        /// Migrations that must have run, oldest first, without digits that the tool appends.
        optional migrations: Vec<String>,
        /// The table whose column `name` has the names of migrations. Default: migrations.
        optional migrations_table: Option<String>,
        /// `table.column` of a time that the system writes continuously. It shows whether the zone is wrong.
        optional clock: Option<Name>,
        /// Roles of the server that let a reader see more, each with what it shows.
        optional reader_roles: BTreeMap<String, String>,
        /// Roles of the server that actions need, each with what it allows.
        optional operator_roles: BTreeMap<String, String>,
        disabled,
    }

    /// A table. An index is identified by its columns and condition, never by its name: `"a, b DESC WHERE NOT done"`.
    struct RawTable: "[table.<name>]" {
        /// The source of the table. Default: the only SQL source.
        optional source: Option<Name>,
        /// The schema of the table, where queries name it. Default: the source's, else the first of the login's
        /// `search_path` that has the table.
        optional schema: Option<Name>,
        /// The columns of the primary key.
        optional key: Option<Name>,
        /// Unique indexes and constraints.
        optional unique: Vec<Name>,
        /// Other indexes.
        optional index: Vec<Name>,
        /// Of SQL Server: what refuses rows (`CHECK`), each by the columns that it is about: `"from_day, to_day"`.
        optional check: Vec<Name>,
        /// Of SQL Server: foreign keys, each by its columns: `customer_id = { to = "customers", on_delete = "cascade" }`.
        optional reference: BTreeMap<Name, RawReference>,
        /// The columns that queries read, by name. The list need not be complete: doctor asks for no other column.
        required column: BTreeMap<Name, RawSchemaColumn>,
        /// The SQL of an action deletes rows: `--grants` lets an operator delete them. Of what an action declares it
        /// follows by itself. Default: false.
        optional delete: bool,
        /// The document says that the table is partitioned. Default: false.
        optional partitioned: bool,
        /// Indexes that are not documented but worth having.
        optional worth: Vec<RawWorth>,
        disabled,
    }

    /// A column: `id = { type = "uuid" }`. It has a `type`, or `labels`.
    struct RawSchemaColumn: "[table.<name>.column]" {
        /// `uuid`, `text`, `varchar`, `boolean`, `smallint`, `integer`, `bigint`, `numeric`, `real`, `double`, `money`,
        /// `timestamp`, `timestamptz`, `date`, `time`, `timetz`, `interval`, `json`, `jsonb`, `bytea`, `inet`, `cidr`,
        /// `macaddr`, `oid`, `xml`, `tsvector` or `point`; with `[]` after it an array, such as `text[]`. Of SQL Server,
        /// its own words without a length: `int`, `tinyint`, `bit`, `decimal`, `float`, `smallmoney`, `datetime`,
        /// `datetime2`, `smalldatetime`, `datetimeoffset`, `char`, `nchar`, `nvarchar`, `ntext`, `binary`, `varbinary`,
        /// `image`, `uniqueidentifier`, `rowversion`, `sql_variant`, and those of the others that it has too. `any` is
        /// not compared.
        optional kind as "type": Option<Name>,
        /// The labels of an enum type.
        optional labels: Option<Spanned<Vec<Name>>>,
        /// The column holds a hash or another secret: `--grants` lets nobody read it. Default: false.
        optional secret: bool,
        /// The SQL of an action writes the column: `--grants` lets an operator write it. Of what an action declares it
        /// follows by itself. Default: false.
        optional write: bool,
        disabled,
    }

    /// A foreign key, told by its columns as an index is.
    struct RawReference: "[table.<name>.reference]" {
        /// The table that it leads to.
        required to: Name,
        /// What becomes of the rows when the one that they refer to is deleted: `no_action`, `cascade`, `set_null` or
        /// `set_default`. Default: not compared.
        optional on_delete: Option<Name> where one_of(&ON_DELETE),
        disabled,
    }

    /// A procedure, a trigger or a view of the database.
    struct RawObject: "[procedure.<name>], [trigger.<name>] and [view.<name>]" {
        /// The source that has it. Default: the only SQL source.
        optional source: Option<Name>,
        /// Its schema. Default: any.
        optional schema: Option<Name>,
        /// Of a trigger: its table.
        optional on: Option<Name>,
        /// What it is for: what does not happen without it.
        optional purpose as "for": Option<String>,
        /// Why no server has it, though the document lists it. `doctor` says so and does not look for it.
        optional impossible: Option<String>,
        /// Of what is impossible: what serves in its place.
        optional instead: Option<String>,
        disabled,
    }

    /// An index worth having. `doctor` shows its SQL and creates nothing.
    struct RawWorth: "[[table.<name>.worth]]", by ["index"] {
        /// The columns, and `WHERE` with the condition of a partial index.
        required index: Name,
        /// What it makes better, measured.
        required why: String,
        disabled,
    }

    /// A collection of MongoDB.
    struct RawCollection: "[collection.<name>]" {
        /// The source of the collection. Default: the only MongoDB source.
        optional source: Option<Name>,
        /// Unique indexes.
        optional unique: Vec<Name>,
        /// Other indexes.
        optional index: Vec<Name>,
        disabled,
    }

    /// A query of the document that cannot run as it is written.
    struct RawBrokenQuery: "[[query]]", by ["title"] {
        /// The title of the query in the document.
        required title: Name,
        /// Why the query fails. Queries that fail for the same reason have the same text.
        required why: String,
        /// What answers the question instead: a command, or what to write.
        required instead: String,
        /// The source that the query is for. Default: the only SQL source.
        optional source: Option<Name>,
        disabled,
    }

    /// Something that no source can tell. `doctor` says that nobody looked.
    struct RawManualCheck: "[[by_hand]]", by ["what"] {
        /// What is to be looked at.
        required what: String,
        /// How to look.
        required how: String,
        disabled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::TYPES;

    #[test]
    fn every_type_is_told() {
        let meaning = RawSchemaColumn::SPEC.word("type").unwrap().meaning;
        for (word, _) in TYPES {
            assert!(meaning.contains(&format!("`{word}`")), "{word}");
        }
    }
}
