//! Tests of a pack: known rows in, rows of a view out.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{SourceId, ViewId};
use crate::document::SourceLocation;

/// The severities that a row can have.
pub(crate) const SEVERITIES: [&str; 5] = ["ok", "warn", "crit", "unknown", "off"];

/// What can come of an action in a test, as [`TestAct::outcome`] says it.
pub(crate) const OUTCOMES: [&str; 4] = ["done", "refused", "changed", "failed"];

/// The tests of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct TestFile {
    /// The file, for messages.
    pub file: String,
    /// The tests, each with the fixtures of the file before its own.
    pub tests: Vec<PackTest>,
}

/// One test: a view, and the rows that it must return.
#[derive(Debug, Clone, PartialEq)]
pub struct PackTest {
    /// What it proves.
    pub name: String,
    /// Where it is.
    pub at: SourceLocation,
    /// What the databases hold, in the order in which it is loaded.
    pub fixtures: Vec<Fixture>,
    /// The view that is asked.
    pub view: ViewId,
    /// Values of facets, and of parameters that links set.
    pub set: Vec<(String, String)>,
    /// The text that is looked for; empty for all rows.
    pub search: String,
    /// Values of the view's thresholds in place of the pack's.
    pub thresholds: BTreeMap<String, String>,
    /// The id of the scope that is seen and written to; `None` when none is set.
    pub scope: Option<String>,
    /// The role that reads and acts; `None` for whoever runs the tests.
    pub role: Option<String>,
    /// What rows had on earlier days.
    pub remembered: Vec<RememberedValue>,
    /// What is done before the view is asked, in this order.
    pub acts: Vec<TestAct>,
    /// The rows that the view must return.
    pub rows: Vec<ExpectedRow>,
    /// Whether it may return other rows too.
    pub others: bool,
    /// Whether the rows stand in this order.
    pub ordered: bool,
    /// A part of the message with which the view must fail; `None` when it must not.
    pub fails: Option<String>,
}

/// What is loaded into a database.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixture {
    /// The source that it fills.
    pub source: SourceId,
    /// The name of the database that it fills in a family, or as a member of one; `None` where nobody names it.
    pub database: Option<String>,
    /// The kind of that database; `None` for the usual one.
    pub kind: Option<String>,
    /// What it holds.
    pub content: FixtureContent,
    /// Where it begins: with a text, the text itself.
    pub at: SourceLocation,
}

/// What a fixture holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixtureContent {
    /// A file with SQL or documents, by its path from the file of the test.
    File(String),
    /// SQL statements.
    Sql(String),
    /// A JSON object of collections with their documents.
    Documents(String),
}

/// What a row had on an earlier day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedValue {
    /// The column's place in the view.
    pub column: usize,
    /// The row's key, its columns apart.
    pub key: Vec<String>,
    /// How many days ago, from 1 on.
    pub days_ago: i32,
    /// The value.
    pub value: i64,
}

/// An action that a test carries out.
#[derive(Debug, Clone, PartialEq)]
pub struct TestAct {
    /// Where it is.
    pub at: SourceLocation,
    /// The action's place in the view.
    pub action: usize,
    /// The rows that it is done to; `None` when the action finds them itself.
    pub rows: Option<RowPick>,
    /// The answers to what it asks.
    pub answers: Vec<(String, String)>,
    /// Whether it is undone again at once.
    pub undo: bool,
    /// What must come of it: one of `done`, `refused`, `changed` and `failed`.
    pub outcome: String,
    /// A part of what must be said of it; `None` when anything may.
    pub says: Option<String>,
}

/// Which row is meant.
#[derive(Debug, Clone, PartialEq)]
pub enum RowPick {
    /// The row with this key, its columns apart.
    Key(Vec<String>),
    /// The row that has these values.
    Find(BTreeMap<String, Json>),
}

/// A row that a view must return.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedRow {
    /// Where it is.
    pub at: SourceLocation,
    /// Which row it is.
    pub pick: RowPick,
    /// The word of its severity; `None` when it does not matter.
    pub severity: Option<String>,
    /// The id of its reason, empty for none; `None` when it does not matter.
    pub reason: Option<String>,
    /// Why, in full; `None` when it does not matter.
    pub why: Option<String>,
    /// Values of columns; NULL is [`Json::Null`].
    pub cells: BTreeMap<String, Json>,
}
