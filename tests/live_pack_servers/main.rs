//! The views that are data alone, asked as the program asks them, of real servers: rollout, administrators, and what the
//! shared packs tell of PostgreSQL and MongoDB.

#![expect(clippy::unwrap_used, reason = "tests")]

mod cybersensei;
mod grouping;
mod mongodb;
mod postgres;
mod statements;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use opsdash::{packs, settings::Environment};
use opsdash_core::{
    contract::{Address, Answer, Bind, Content, Failure, Part, Question, RawRow, Read, ResultShape, Table, Ticket},
    value::{RowKey, Severity, Value},
};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    pack::{Engine, Pack, SourceId, Statement, View},
};
use opsdash_sources::Source;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

const RELAXED_MS: u32 = 20_000;

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    // Nobody's packs but ours.
    let nowhere = Path::new("/nonexistent").to_owned();
    let process = Environment::of_process();
    let environment = Environment { config_home: nowhere.clone(), etc: nowhere, ..process };
    packs::load("cybersensei", &environment).unwrap()
});

fn view(id: &str) -> &'static View {
    PACK.view(PACK.find(id).unwrap())
}

fn source(engine: Engine, url: &str) -> Source {
    let config = SourceConfig { urls: vec![Secret(url.into())], ..SourceConfig::default() };
    Source::open("main", engine, &config, None, "alice").unwrap()
}

fn postgres_source(url: &str) -> Source {
    source(Engine::PostgreSql, url)
}

/// The parameters of a view at their defaults, but for some.
fn bind(view: &View, with: &[(&str, &str)]) -> Bind {
    let facets = view.facets.iter().map(|facet| (facet.name.clone(), facet.choices[0].clone()));
    let mut values: BTreeMap<String, String> = view.thresholds.clone().into_iter().chain(facets).collect();
    values.extend(with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Bind { values, keys: Vec::new() }
}

fn read(statement: &Arc<Statement>, bind: Bind, shape: ResultShape) -> Read {
    static TICKETS: AtomicU64 = AtomicU64::new(1);
    Read {
        to: Address { view: opsdash_pack::pack::ViewId(0), part: Part::List },
        ticket: Ticket(TICKETS.fetch_add(1, Ordering::Relaxed)),
        source: SourceId(0),
        question: Question::Statement { statement: Arc::clone(statement), bind, shape, setting: None },
        timeout_ms: RELAXED_MS,
        primary: false,
    }
}

fn table(answer: Result<Answer, Failure>) -> Table {
    match answer.unwrap().content {
        Content::Table(table) => table,
        Content::Listing(_) => panic!("a listing"),
    }
}

/// The list of a view.
async fn list(source: &Source, id: &str, with: &[(&str, &str)]) -> Table {
    let view = view(id);
    let shape = ResultShape::List { row_key: view.row_key.clone(), limit: view.limit, troubled: false };
    let table = table(source.read(&read(&view.query, bind(view, with), shape)).await);
    let is_enriched = |name: &String| view.enrich.iter().any(|enrich| enrich.columns.contains(name));
    for column in view.columns.iter().filter(|column| column.name != "why" && !is_enriched(&column.name)) {
        let is_there = table.rows.is_empty() || table.columns.contains(&column.name);
        assert!(is_there, "{id} returns no {}", column.name);
    }
    table
}

/// The fields and the lists of a row's detail.
async fn detail(source: &Source, id: &str, key: &RowKey) -> Vec<Table> {
    let detail = view(id).detail.as_ref().unwrap();
    let queries = detail.query.iter().chain(detail.lists.iter().map(|list| &list.query));
    let mut tables = Vec::new();
    for query in queries {
        let bind = bind(view(id), &[("key", key.as_str())]);
        tables.push(table(source.read(&read(query, bind, ResultShape::Rows { limit: 200 })).await));
    }
    tables
}

fn cell<'t>(table: &'t Table, row: &'t RawRow, column: &str) -> &'t Value {
    &row.cells[table.columns.iter().position(|name| name == column).unwrap()]
}

fn text(table: &Table, row: &RawRow, column: &str) -> String {
    cell(table, row, column).as_text().unwrap_or_default().to_owned()
}

fn row<'t>(table: &'t Table, key: &str) -> &'t RawRow {
    table.rows.iter().find(|row| row.key.as_str() == key).unwrap_or_else(|| panic!("no {key} in {:?}", table.rows))
}

fn said(row: &RawRow) -> (Severity, &str) {
    (row.severity, &row.why)
}

/// A session of its own, and its process.
async fn session(url: &str) -> (PgConnection, String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let pid = told(&mut connection, "SELECT pg_backend_pid()::text").await;
    (connection, pid)
}

async fn run(connection: &mut PgConnection, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.unwrap();
}

async fn told(connection: &mut PgConnection, query: &str) -> String {
    sqlx::raw_sql(AssertSqlSafe(query)).fetch_one(connection).await.unwrap().get_unchecked(0)
}

/// Waits until the query says `true`.
async fn until(connection: &mut PgConnection, condition: &str) {
    for _ in 0..500 {
        if told(connection, &format!("SELECT ({condition})::text")).await == "true" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("10 s passed and this was never true: {condition}");
}
