//! A sample of its own for each test, on the servers that a test binary shares.

use std::sync::OnceLock;

use anyhow::Result;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{load_files, load_postgres};
use crate::servers::{mongod, postgres};

/// Migrated and filled once for each test binary; copying it takes a tenth of the time.
const TEMPLATE: &str = "sample_template";

/// The time as of which both samples are: the ids of files carry it, and catalog and store must agree. It is when it
/// was first asked for.
pub fn fresh_now() -> Timestamp {
    static NOW: OnceLock<Timestamp> = OnceLock::new();
    *NOW.get_or_init(Timestamp::now)
}

/// Makes a database of this name, full of sample data as of [`fresh_now`], on the shared cluster; returns the superuser's
/// URL. The name must be unique in the test binary.
pub async fn fresh_database(name: &str) -> Result<String> {
    static LOADED: OnceCell<()> = OnceCell::const_new();
    let server = postgres::shared();
    LOADED
        .get_or_try_init(|| async {
            // Left half done by a test that failed, perhaps.
            server.run("postgres", &format!("DROP DATABASE IF EXISTS {TEMPLATE}")).await?;
            server.create_database(TEMPLATE).await?;
            server.migrate(TEMPLATE, "cybersensei").await?;
            load_postgres(&server.url(TEMPLATE), fresh_now()).await
        })
        .await?;
    server.copy_database(TEMPLATE, name).await?;
    Ok(server.url(name))
}

/// Fills a database of this name with the sample's files as of [`fresh_now`], on the shared mongod; returns its URL.
/// The name must be unique in the test binary.
pub async fn fresh_files(name: &str) -> Result<String> {
    let url = mongod::shared().url(name);
    load_files(&url, fresh_now()).await?;
    Ok(url)
}
