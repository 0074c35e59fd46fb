//! The PostgreSQL source against a real server, through a real pooler and over bad lines.

#![expect(clippy::unwrap_used, reason = "tests")]

mod answers;
mod operators;
mod pooler;
mod safety;
mod tls;
mod trouble;
mod types;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use opsdash_core::contract::{
    Address, Answer, Bind, Content, Failure, Part, Question, Read, ResultShape, Table, Ticket,
};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    dialect::{Param, Sql},
    pack::{Engine, SourceId, Statement, ViewId},
};
use opsdash_sources::Source;
use opsdash_testbed::servers::postgres::{PostgresServer, shared};
use sqlx::{AssertSqlSafe, PgConnection, Row};

/// The statement's timeout where a test does not care.
const RELAXED_MS: u32 = 20_000;

fn config(url: &str) -> SourceConfig {
    SourceConfig { urls: vec![Secret(url.into())], ..SourceConfig::default() }
}

fn open(config: &SourceConfig) -> Source {
    Source::open("main", Engine::PostgreSql, config, None, "alice").unwrap()
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

fn read(sql: &str, shape: ResultShape, timeout_ms: u32) -> Read {
    static TICKETS: AtomicU64 = AtomicU64::new(1);
    Read {
        to: Address { view: ViewId(0), part: Part::List },
        ticket: Ticket(TICKETS.fetch_add(1, Ordering::Relaxed)),
        source: SourceId(0),
        question: Question::Statement {
            statement: Arc::new(Statement::Sql(Sql { file: "test.sql".into(), text: sql.into(), params: Vec::new() })),
            bind: Bind::default(),
            shape,
            setting: None,
        },
        timeout_ms,
        primary: false,
    }
}

fn rows(sql: &str) -> Read {
    read(sql, ResultShape::Rows { limit: 100 }, RELAXED_MS)
}

fn list(sql: &str, limit: u32, troubled: bool) -> Read {
    read(sql, ResultShape::List { row_key: vec!["id".into()], limit, troubled }, RELAXED_MS)
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

fn table(answer: Answer) -> Table {
    match answer.content {
        Content::Table(table) => table,
        Content::Listing(_) => panic!("a listing"),
    }
}

async fn asked(source: &Source, read: &Read) -> Table {
    table(source.read(read).await.unwrap())
}

async fn refused(source: &Source, read: &Read) -> Failure {
    source.read(read).await.unwrap_err()
}

/// One text from the server, from outside the source.
async fn told(connection: &mut PgConnection, sql: &str) -> Option<String> {
    let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap();
    row.try_get_unchecked(0).unwrap()
}

/// Waits until the server says so.
async fn until(connection: &mut PgConnection, sql: &str, wanted: &str) {
    let mut last = None;
    for _ in 0..500 {
        last = told(connection, sql).await;
        if last.as_deref() == Some(wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("10 s passed and this was {last:?}, never {wanted}: {sql}");
}
