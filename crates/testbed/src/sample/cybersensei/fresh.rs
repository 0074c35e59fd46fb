//! A sample of its own for each test, on the servers that a test binary shares.

use std::sync::OnceLock;

use anyhow::Result;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::{load_files, load_postgres};
use crate::{
    servers::{
        mongod,
        postgres::{self, PostgresServer},
    },
    sql::column,
};

/// Migrated and filled once for each cluster; copying it takes a tenth of the time.
const TEMPLATE: &str = "sample_template";

/// The template while it is made.
const UNFINISHED: &str = "sample_unfinished";

/// The time as of which both samples are: the ids of files carry it, and catalog and store must agree. It is when it
/// was first asked for.
pub fn fresh_now() -> Timestamp {
    static NOW: OnceLock<Timestamp> = OnceLock::new();
    *NOW.get_or_init(Timestamp::now)
}

/// Makes a database of this name, full of sample data as of [`fresh_now`], on the shared cluster; returns the superuser's
/// URL. The name must be unique in the test binary.
pub async fn fresh_database(name: &str) -> Result<String> {
    fresh_database_on(postgres::shared(), name).await
}

/// The same on another cluster, for tests whose roles or sessions others must not meet.
pub async fn fresh_database_on(server: &PostgresServer, name: &str) -> Result<String> {
    make_template(server).await?;
    server.copy_database(TEMPLATE, name).await?;
    Ok(server.url(name))
}

/// Makes a database of this name, in which an incident of 2 000 tenants is under way; returns the superuser's URL.
pub async fn incident_database_on(server: &PostgresServer, name: &str) -> Result<String> {
    server.create_database(name).await?;
    server.migrate(name, "cybersensei").await?;
    server.run(name, include_str!("incident.sql")).await?;
    Ok(server.url(name))
}

async fn make_template(server: &PostgresServer) -> Result<()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    let _turn = TURN.lock().await;
    let found = format!("SELECT datname::text FROM pg_database WHERE datname = '{TEMPLATE}'");
    if !column(&server.admin_url(), &found).await?.is_empty() {
        return Ok(());
    }
    // Left half done by a test that failed, perhaps.
    server.run("postgres", &format!("DROP DATABASE IF EXISTS {UNFINISHED}")).await?;
    server.create_database(UNFINISHED).await?;
    server.migrate(UNFINISHED, "cybersensei").await?;
    load_postgres(&server.url(UNFINISHED), fresh_now()).await?;
    server.run("postgres", &format!("ALTER DATABASE {UNFINISHED} RENAME TO {TEMPLATE}")).await
}

/// Fills a database of this name with the sample's files as of [`fresh_now`], on the shared mongod; returns its URL.
/// The name must be unique in the test binary.
pub async fn fresh_files(name: &str) -> Result<String> {
    let url = mongod::shared().url(name);
    load_files(&url, fresh_now()).await?;
    Ok(url)
}
