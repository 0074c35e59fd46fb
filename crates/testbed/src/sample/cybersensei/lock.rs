//! A session that forgot its transaction, and one that waits for it: something for the activity and lock views.

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::task::JoinHandle;

/// A row that no action of the dashboard writes.
const UPDATE: &str = "UPDATE admin_users SET active = active WHERE email = 'former@central.example'";

/// Both sessions; the transaction ends when this is dropped.
#[derive(Debug)]
pub struct HeldLock {
    _holder: PgConnection,
    waiter: JoinHandle<()>,
}

impl HeldLock {
    /// Starts both sessions on a database that the sample fills.
    pub async fn start(url: &str) -> Result<Self> {
        let mut holder = connect(url, "nightly-report").await?;
        sqlx::raw_sql("BEGIN").execute(&mut holder).await?;
        sqlx::raw_sql(UPDATE).execute(&mut holder).await?;
        let mut waiter = connect(url, "admin-console").await?;
        let waiter = tokio::spawn(async move {
            // Ends when the holder does, or when someone cancels it.
            let _ = sqlx::raw_sql(UPDATE).execute(&mut waiter).await;
        });
        Ok(Self { _holder: holder, waiter })
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        self.waiter.abort();
    }
}

async fn connect(url: &str, application: &str) -> Result<PgConnection> {
    let options: PgConnectOptions = url.parse()?;
    options.application_name(application).connect().await.context("cannot connect to the sample's database")
}
