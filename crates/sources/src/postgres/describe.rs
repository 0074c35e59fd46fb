//! Reads what a database holds from its catalogs, in one read-only transaction; see [`crate::describe`].

use std::time::Duration;

use opsdash_core::contract::{DatabaseDescription, Failure, Within};
use opsdash_pack::config::SourceConfig;
use sqlx::{AssertSqlSafe, Connection, Error, PgConnection, Row};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    endpoint, failure,
    opening::{Access, Opening, TimeLimits},
    scratch::unnamed,
    zone::NaiveZone,
};
use crate::limits;

const DESCRIBE: &str = include_str!("describe.sql");

/// How long the catalogs may take: a database may have thousands of tables.
const WORK: Duration = Duration::from_secs(30);

/// The tables that the login may read.
pub async fn describe(config: &SourceConfig, operator: &str) -> Result<DatabaseDescription, Failure> {
    let deadline = Instant::now() + WORK + limits::MARGIN;
    let zone = NaiveZone::named("UTC", None)?;
    let times = TimeLimits { work: WORK, lock: limits::LOCK_TIMEOUT, idle: limits::IDLE_IN_READ };
    let opening = Opening::of(&zone, &Within::default())?.sql(Access::Read, times);
    let endpoints = endpoint::for_reads(config, &unnamed(), operator)?;
    let (mut connection, at) = endpoint::connect(&endpoints, deadline).await?;
    let label = &endpoints[at].label;
    let described = match timeout_at(deadline, read(&mut connection, opening)).await {
        Ok(described) => described.map_err(|error| failure::of(&error, label)),
        Err(_) => Err(endpoint::no_answer(label, WORK)),
    };
    // The transaction is over, or ends with the connection.
    timeout(limits::CLOSE, connection.close()).await.ok();
    described
}

async fn read(connection: &mut PgConnection, opening: String) -> Result<DatabaseDescription, Error> {
    sqlx::raw_sql(AssertSqlSafe(opening)).execute(&mut *connection).await?;
    let row = sqlx::query(DESCRIBE).persistent(false).fetch_one(&mut *connection).await?;
    let text: &str = row.try_get("description")?;
    let description = serde_json::from_str(text).map_err(|error| Error::Decode(error.into()))?;
    sqlx::raw_sql("ROLLBACK").execute(connection).await?;
    Ok(description)
}
