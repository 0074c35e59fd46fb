//! The source of SQL Server against a server that says what a test wants, and against a real one where somebody has it.

mod answers;
mod client;
mod facts;
mod live;
mod trouble;
mod writes;

use std::sync::Arc;

use opsdash_core::contract::{Bind, Failure, Read, ResultShape, Table};
use opsdash_pack::{
    config::Secret,
    dialect::{Flavor, Param, Sql},
    pack::Statement,
};
use opsdash_sources::Source;
use opsdash_testbed::{
    reads::{self, config},
    tds::{Request, Step, TdsServer},
};

/// A server that answers one statement so, and all else by itself.
async fn answering(sql: &'static str, steps: Vec<Step>) -> TdsServer {
    TdsServer::start(move |request| match request {
        Request::Call { sql: asked, .. } if asked.contains(sql) => Some(steps.clone()),
        _ => None,
    })
    .await
    .unwrap()
}

fn open(url: &str) -> Source {
    Source::open("main", &config(url), Arc::new(None::<Secret>), "alice").unwrap()
}

fn statement(text: &str, params: &[&str]) -> Arc<Statement> {
    let params = params.iter().map(|name| Param { name: (*name).into(), is_list: *name == "keys" }).collect();
    let sql = Sql { file: "x.sql".into(), text: text.into(), params, flavor: Flavor::SqlServer, ..Sql::default() };
    Arc::new(Statement::Sql(sql))
}

fn rows(text: &str) -> Read {
    reads::ask(&statement(text, &[]), Bind::default(), ResultShape::Rows { limit: 100 })
}

fn list(text: &str, limit: u32) -> Read {
    let shape = ResultShape::List { row_key: vec!["id".into()], limit, troubled: false, reasons: true };
    reads::ask(&statement(text, &[]), Bind::default(), shape)
}

async fn table(source: &Source, read: &Read) -> Table {
    reads::table(source.read(read).await.unwrap())
}

async fn failure(source: &Source, read: &Read) -> Failure {
    source.read(read).await.unwrap_err()
}
