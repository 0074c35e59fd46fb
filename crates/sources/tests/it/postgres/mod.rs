//! The PostgreSQL source against a real server, through a real pooler and over a bad network.

mod answers;
mod family;
mod operators;
mod pooler;
mod reasons;
mod roles;
mod safety;
mod scope;
mod secrets;
mod settings;
mod tls;
mod trouble;
mod types;

use std::sync::Arc;

use opsdash_core::contract::{Bind, Failure, Question, Read, ResultShape, Table};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    dialect::{Param, Sql},
    pack::Statement,
};
use opsdash_sources::Source;
use opsdash_testbed::{
    reads::{self, config},
    servers::postgres::{PostgresServer, shared},
    sql,
};
use sqlx::PgConnection;

fn open(config: &SourceConfig) -> Source {
    Source::open("main", config, Arc::new(None::<Secret>), "alice").unwrap()
}

fn source(url: &str) -> Source {
    open(&config(url))
}

/// An empty database of its own on the shared server, and a source that reads it.
async fn database(name: &str, statements: &str) -> (Source, &'static PostgresServer) {
    let server = shared();
    server.create_database(name).await.unwrap();
    server.run(name, statements).await.unwrap();
    (source(&server.url(name)), server)
}

fn read(sql: &str, shape: ResultShape) -> Read {
    let statement = Statement::Sql(Sql { file: "test.sql".into(), text: sql.into(), ..Sql::default() });
    reads::ask(&Arc::new(statement), Bind::default(), shape)
}

fn rows(sql: &str) -> Read {
    read(sql, ResultShape::Rows { limit: 100 })
}

fn list(sql: &str, limit: u32, troubled: bool) -> Read {
    read(sql, ResultShape::List { row_key: vec!["id".into()], limit, troubled, reasons: false })
}

/// The same read with parameters, in the order of `$1`, `$2`.
fn with_params(mut read: Read, params: &[(&str, bool)], bind: Bind) -> Read {
    let Question::Statement { statement, bind: old, .. } = &mut read.question else { unreachable!() };
    let Statement::Sql(sql) = &**statement else { unreachable!() };
    let params = params.iter().map(|(name, is_list)| Param { name: (*name).into(), is_list: *is_list }).collect();
    *statement = Arc::new(Statement::Sql(Sql { params, ..sql.clone() }));
    *old = bind;
    read
}

async fn read_table(source: &Source, read: &Read) -> Table {
    reads::table(source.read(read).await.unwrap())
}

async fn read_failure(source: &Source, read: &Read) -> Failure {
    source.read(read).await.unwrap_err()
}

/// Reads one text from the server, on a connection of the test.
async fn query_text(connection: &mut PgConnection, query: &str) -> Option<String> {
    sql::cell(connection, query).await.unwrap()
}

/// Waits until the query returns the wanted text.
async fn wait_for(connection: &mut PgConnection, query: &str, wanted: &str) {
    sql::wait_for(connection, query, wanted).await.unwrap();
}
