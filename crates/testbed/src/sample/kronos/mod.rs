//! Sample data for `Kronos`: every severity and trap of its views.

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The name of its database.
pub const DATABASE: &str = "kronos";

/// Fills a freshly migrated database, as of `now`.
pub async fn load(url: &str, now: Timestamp) -> Result<()> {
    let mut connection = PgConnection::connect(url).await.context("cannot connect to the sample's database")?;
    sqlx::query("SELECT set_config('sample.now', $1, false)").bind(now.to_string()).execute(&mut connection).await?;
    let parts = [include_str!("people.sql"), include_str!("traffic.sql"), include_str!("logs.sql"), "ANALYZE"];
    for statements in parts {
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.with_context(|| {
            let start: String = statements.chars().take(80).collect();
            format!("the sample's statements failed, which start with: {start}")
        })?;
    }
    connection.close().await?;
    Ok(())
}

/// Lets a login that is there read all but password hashes, and write what actions write.
///
/// The database's name is in `url`, which must be a superuser's.
pub async fn grant_operator(url: &str, user: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let grants = include_str!("operator.sql").replace(":operator", &format!("\"{user}\""));
    sqlx::raw_sql(AssertSqlSafe(grants)).execute(&mut connection).await.context("cannot grant")?;
    connection.close().await?;
    Ok(())
}
