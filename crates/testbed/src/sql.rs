//! What tests ask of a PostgreSQL server beside the program.

use std::time::Duration;

use anyhow::{Result, bail};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

/// Runs statements, separated by semicolons, on a connection of their own.
pub async fn run(url: &str, statements: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
    connection.close().await
}

/// The first column of a query's rows, which is of text; NULL is empty.
pub async fn column(url: &str, query: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await?;
    Ok(rows.iter().map(|row| row.get::<Option<String>, _>(0).unwrap_or_default()).collect())
}

/// The first cell of a query's one row, as text; None is NULL.
pub async fn cell(connection: &mut PgConnection, query: &str) -> Result<Option<String>> {
    let row = sqlx::raw_sql(AssertSqlSafe(query)).fetch_one(connection).await?;
    Ok(row.try_get_unchecked(0)?)
}

/// Waits until a query's first cell is this text.
pub async fn wait_for(connection: &mut PgConnection, query: &str, wanted: &str) -> Result<()> {
    let mut last = None;
    for _ in 0..500 {
        last = cell(connection, query).await?;
        if last.as_deref() == Some(wanted) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("10 s passed and this was {last:?}, never {wanted}: {query}")
}
