//! The words of `tests/<name>.toml`.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::{
    document::{Name, vocabulary},
    pack::{OUTCOMES, SEVERITIES},
};

vocabulary! {
    /// Tests of a pack, in its folder `tests`: which rows views return of databases with known rows. `opsdash packs test`
    /// runs each test in databases of its own, which it makes and drops.
    #[derive(Default)]
    struct RawTestFile: "tests/<name>.toml" {
        /// What is in the databases before each of the tests.
        optional fixture: Vec<Spanned<RawFixture>>,
        /// The tests.
        optional test: Vec<Spanned<RawTest>>,
    }

    /// What is loaded into a database: one of `file`, `sql` and `documents`. Several are loaded in their order; those of
    /// the file first, then a test's own (`[[test.fixture]]`).
    struct RawFixture: "[[fixture]]" {
        /// The source that it fills. Default: the only source of its kind.
        optional source: Option<Name>,
        /// Of a family: the database that it fills, by the name that rows have; of another source of PostgreSQL, the name
        /// that its database has as a member of a family. The true database has a name of its own.
        optional database: Option<Name>,
        /// Of a family: the kind of that database. Default: the family's.
        optional kind: Option<Name>,
        /// A file with SQL (`.sql`) or documents (`.json`), by its path from this file.
        optional file: Option<Name>,
        /// SQL statements, for PostgreSQL or SQL Server; there a line with `GO` alone parts batches.
        optional sql: Option<Name>,
        /// A JSON object with a list of documents for each collection, in extended JSON, for MongoDB.
        optional documents: Option<Name>,
    }

    /// One test: a view, and the rows that it must return.
    struct RawTest: "[[test]]" {
        /// What it proves, in a sentence.
        required name: Name,
        /// The view that is asked.
        required view: Name,
        /// What this test adds to the fixtures of the file.
        optional fixture: Vec<Spanned<RawFixture>>,
        /// The values of facets and of parameters that links set. Default: as when nobody has chosen anything.
        optional set: BTreeMap<Name, Name>,
        /// The text that is looked for, in a view with `search = true`.
        optional search: Option<Name>,
        /// Other values of the view's thresholds.
        optional threshold: BTreeMap<Name, Name>,
        /// The role of PostgreSQL that reads and acts; one that is not there is made for the test, and dropped. Default:
        /// whoever runs the tests.
        optional role as "as": Option<Name>,
        /// The `id` of the scope that the view is asked within and its actions write to. Default: none, as when all are
        /// seen.
        optional scope: Option<Name>,
        /// What opsdash remembers of earlier days, for a view with `[[growth]]`. Default: nothing.
        optional remembered: Vec<Spanned<RawRemembered>>,
        /// What is done to rows before the view is asked, in this order.
        optional act: Vec<Spanned<RawTestAct>>,
        /// The rows that the view must return.
        optional row: Vec<Spanned<RawExpectedRow>>,
        /// Whether the view may return other rows too. Default: false.
        optional others: bool,
        /// Whether the rows must stand in this order, as on screen. Default: false.
        optional ordered: bool,
        /// A part of the message with which the view must fail. Default: it must not.
        optional fails: Option<Name>,
    }

    /// A value that a row had on an earlier day.
    struct RawRemembered: "[[test.remembered]]" {
        /// The column, of one of the view's `[[growth]]`.
        required column: Name,
        /// The key of the row; of several columns, each of them.
        required key: Spanned<Vec<String>>,
        /// How many days ago it was so, from 1 on.
        required days_ago: Spanned<i64>,
        /// The value.
        required value: i64,
    }

    /// An action that the test carries out.
    struct RawTestAct: "[[test.act]]" {
        /// The id of an action of the view.
        required action: Name,
        /// The key of the row; of several columns, each of them. An action of a set has neither `key` nor `find`.
        optional key: Option<Spanned<Vec<String>>>,
        /// Values of columns: every row that has them is acted on.
        optional find: BTreeMap<String, toml::Value>,
        /// The answers to what the action asks.
        optional set: BTreeMap<Name, Name>,
        /// Whether it is undone again at once. Default: false.
        optional undo: bool,
        /// What must come of it: `done`; `refused`, because it does not apply; `changed`, because a row had changed; or
        /// `failed`, because the server did not do it. Default: done.
        optional outcome: Option<Name> where one_of(&OUTCOMES),
        /// A part of what must be said of it.
        optional says: Option<Name>,
    }

    /// A row that a view must return.
    struct RawExpectedRow: "[[test.row]]" {
        /// The key of the row; of several columns, each of them.
        optional key: Option<Spanned<Vec<String>>>,
        /// Values of columns that this row has and no other.
        optional find: BTreeMap<String, toml::Value>,
        /// How bad it is. Default: it does not matter.
        optional severity: Option<Name> where one_of(&SEVERITIES),
        /// The id of its reason; an empty text when it has none. Default: it does not matter.
        optional reason: Option<Name>,
        /// Why, in full. Default: it does not matter.
        optional why: Option<Name>,
        /// Values of columns, as JSON has them: times as text.
        optional cells: BTreeMap<String, toml::Value>,
        /// Columns that are NULL.
        optional null: Vec<Name>,
    }
}
