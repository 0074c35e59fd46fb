//! Sample data for `MoonOps`: every severity and trap of its views, in a database with policies and in one without.

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The database whose policies are switched on.
pub const DATABASE: &str = "moonops";
/// The one whose policies are commented out, as in the document.
pub const OPEN_DATABASE: &str = "moonops_open";

/// Fills a freshly migrated database, as of `now`. It must be asked before policies are switched on, or by a superuser.
pub async fn load(url: &str, now: Timestamp) -> Result<()> {
    let mut connection = PgConnection::connect(url).await.context("cannot connect to the sample's database")?;
    sqlx::query("SELECT set_config('sample.now', $1, false)").bind(now.to_string()).execute(&mut connection).await?;
    let parts = [
        include_str!("people.sql"),
        include_str!("delivery.sql"),
        include_str!("watch.sql"),
        include_str!("money.sql"),
        "ANALYZE",
    ];
    for statements in parts {
        run(&mut connection, statements).await?;
    }
    connection.close().await?;
    Ok(())
}

/// Breaks the policies that `migrations/moonops/policies` has switched on: one fails on an empty setting, one table is
/// forgotten.
pub async fn break_policies(url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    run(&mut connection, include_str!("policies.sql")).await?;
    connection.close().await?;
    Ok(())
}

/// Lets a login that is there read all but password hashes, and write what actions write.
///
/// The database's name is in `url`, which must be a superuser's.
pub async fn grant_operator(url: &str, user: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let grants = include_str!("operator.sql").replace(":operator", &format!("\"{user}\""));
    run(&mut connection, &grants).await?;
    connection.close().await?;
    Ok(())
}

async fn run(connection: &mut PgConnection, statements: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(connection).await.with_context(|| {
        let start: String = statements.chars().take(80).collect();
        format!("the sample's statements failed, which start with: {start}")
    })?;
    Ok(())
}
