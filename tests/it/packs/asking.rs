//! Views asked as the program asks them, of real servers.

use std::sync::Arc;

use opsdash_core::{
    contract::{RawRow, ResultShape, Table},
    time::Time,
    update::rows_of,
    value::{RowKey, Severity, Value},
};
use opsdash_pack::{config::Secret, pack::View};
use opsdash_sources::Source;
use opsdash_testbed::{
    reads::{self, ask, defaults, list_of},
    sql,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::support::our_pack;

pub fn view(id: &str) -> &'static View {
    our_pack().view(our_pack().find(id).unwrap())
}

pub fn source(url: &str) -> Source {
    Source::open("main", &reads::config(url), Arc::new(None::<Secret>), "alice").unwrap()
}

pub fn postgres_source(url: &str) -> Source {
    source(url)
}

/// The list of a view.
pub async fn list(source: &Source, id: &str, with: &[(&str, &str)]) -> Table {
    let view = view(id);
    let read = ask(&view.query, defaults(view, with), list_of(view));
    let answer = source.read(&read).await.unwrap();
    let server_now = answer.server_now.unwrap_or(Time(0));
    let mut table = reads::table(answer);
    // Reasons are told as the program tells them. A catalog is no list of rows before it is reconciled.
    if view.files.is_none() {
        let told = rows_of(view, table.clone(), server_now).unwrap();
        for (row, told) in table.rows.iter_mut().zip(told) {
            row.why = told.why;
        }
    }
    let is_enriched = |name: &String| view.enrich.iter().any(|enrich| enrich.columns.contains(name));
    for column in view.columns.iter().filter(|column| column.name != "why" && !is_enriched(&column.name)) {
        let is_there = table.rows.is_empty() || table.columns.contains(&column.name);
        assert!(is_there, "{id} returns no {}", column.name);
    }
    table
}

/// The fields and the lists of a row's detail.
pub async fn detail(source: &Source, id: &str, key: &RowKey) -> Vec<Table> {
    let detail = view(id).detail.as_ref().unwrap();
    let queries = detail.query.iter().chain(detail.lists.iter().map(|list| &list.query));
    let mut tables = Vec::new();
    for query in queries {
        let bind = defaults(view(id), &[("key", key.as_str())]);
        let read = ask(query, bind, ResultShape::Rows { limit: 200 });
        tables.push(reads::table(source.read(&read).await.unwrap()));
    }
    tables
}

pub fn cell<'t>(table: &'t Table, row: &'t RawRow, column: &str) -> &'t Value {
    &row.cells[table.columns.iter().position(|name| name == column).unwrap()]
}

pub fn text(table: &Table, row: &RawRow, column: &str) -> String {
    cell(table, row, column).as_text().unwrap_or_default().to_owned()
}

pub fn row<'t>(table: &'t Table, key: &str) -> &'t RawRow {
    table.rows.iter().find(|row| row.key.as_str() == key).unwrap_or_else(|| panic!("no {key} in {:?}", table.rows))
}

pub fn said(row: &RawRow) -> (Severity, &str) {
    (row.severity, &row.why)
}

/// A session of its own, and its process.
pub async fn session(url: &str) -> (PgConnection, String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let pid = sql::cell(&mut connection, "SELECT pg_backend_pid()::text").await.unwrap();
    (connection, pid.unwrap())
}

pub async fn run(connection: &mut PgConnection, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.unwrap();
}

/// Waits until the condition is true.
pub async fn until(connection: &mut PgConnection, condition: &str) {
    sql::wait_for(connection, &format!("SELECT ({condition})::text"), "true").await.unwrap();
}
