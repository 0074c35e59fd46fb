//! Loads the sample into `PostgreSQL`, and keeps writing to it.

use anyhow::{Context, Result};
use jiff::{Span, Timestamp};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::updates::UPDATES;

const CAST: &str = include_str!("cast.sql");
const METRICS: &str = include_str!("metrics.sql");
const ERRORS: &str = include_str!("errors.sql");

/// How many ticks it takes until each living tenant has sent one more metric.
const TICKS_A_ROUND: u64 = 12;

/// Fills a freshly migrated database, as of `now`.
pub async fn load_postgres(url: &str, now: Timestamp) -> Result<()> {
    let mut connection = connect(url, now).await?;
    run(&mut connection, "BEGIN").await?;
    let steps = [include_str!("tenants.sql"), include_str!("points.sql"), METRICS, include_str!("events.sql"), ERRORS];
    for statements in steps {
        run(&mut connection, statements).await?;
    }
    load_updates(&mut connection, now).await?;
    run(&mut connection, "COMMIT; ANALYZE").await?;
    connection.close().await?;
    Ok(())
}

/// Creates a login that may do what the dashboard does and nothing more: read everything but
/// password hashes, watch the server, and write the columns that actions write.
///
/// The database's name is in `url`, which must be a superuser's.
pub async fn grant_operator(url: &str, user: &str, password: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let create = format!("CREATE ROLE \"{user}\" LOGIN PASSWORD '{password}'");
    run(&mut connection, &create).await?;
    let grants = include_str!("operator.sql").replace(":operator", &format!("\"{user}\""));
    run(&mut connection, &grants).await?;
    connection.close().await?;
    Ok(())
}

/// Keeps the sample alive: each tick writes metrics, and now and then an error.
#[derive(Debug)]
pub struct Writer {
    connection: PgConnection,
    ticks: u64,
}

impl Writer {
    /// Connects to a database that [`load_postgres`] has filled.
    pub async fn connect(url: &str, now: Timestamp) -> Result<Self> {
        let connection = connect(url, now).await?;
        Ok(Self { connection, ticks: 0 })
    }

    /// Writes a metric for every twelfth living tenant, so that twelve ticks make a round, and
    /// every third time an error. Ticks five seconds apart continue the sample's own rate.
    pub async fn tick(&mut self, now: Timestamp) -> Result<()> {
        set_clock(&mut self.connection, now).await?;
        let slot = self.ticks % TICKS_A_ROUND;
        let points = format!(
            "INSERT INTO sample_points SELECT no, pg_temp.clock() FROM sample_tenants \
             WHERE no % {TICKS_A_ROUND} = {slot} \
             AND quirk NOT IN ('never', 'silent', 'late', 'inactive')"
        );
        run(&mut self.connection, &points).await?;
        run(&mut self.connection, METRICS).await?;
        if self.ticks.is_multiple_of(3) {
            let causes = ["quota", "billing", "slow model", "llm", "rate limit", "pool"];
            let turn = usize::try_from(self.ticks / 3).unwrap_or(0) % causes.len();
            let event = format!(
                "INSERT INTO sample_events SELECT '{}', \
                 extract(epoch FROM pg_temp.clock())::bigint, pg_temp.clock()",
                causes[turn]
            );
            run(&mut self.connection, &event).await?;
            run(&mut self.connection, ERRORS).await?;
        }
        self.ticks += 1;
        Ok(())
    }
}

async fn connect(url: &str, now: Timestamp) -> Result<PgConnection> {
    let mut connection = PgConnection::connect(url).await.context("cannot connect to the sample's database")?;
    set_clock(&mut connection, now).await?;
    run(&mut connection, CAST).await?;
    Ok(connection)
}

async fn set_clock(connection: &mut PgConnection, now: Timestamp) -> Result<()> {
    sqlx::query("SELECT set_config('sample.now', $1, false)").bind(now.to_string()).execute(connection).await?;
    Ok(())
}

async fn run(connection: &mut PgConnection, statements: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.with_context(|| {
        let start: String = statements.chars().take(80).collect();
        format!("the sample's statements failed, which start with: {start}")
    })?;
    Ok(())
}

async fn load_updates(connection: &mut PgConnection, now: Timestamp) -> Result<()> {
    for update in UPDATES {
        let created = now - Span::new().hours(i64::from(update.days_ago) * 24);
        sqlx::query(
            r#"INSERT INTO updates_metadata
                   ("id", "version", "changelog", "filename", "fileSize", "mongoFileId",
                    "checksum", "active", "metadata", "createdAt")
               VALUES (md5('update ' || $1)::uuid, $1, $2, $3, $4, $5, $6, $7, $8::text::jsonb,
                       $9::text::timestamptz AT TIME ZONE 'UTC')"#,
        )
        .bind(update.version)
        .bind(update.changelog())
        .bind(update.catalog_filename())
        .bind(update.catalog_size())
        .bind(update.catalog_file_id(now))
        .bind(update.catalog_checksum())
        .bind(update.active)
        .bind(r#"{"channel": "stable", "minimumNode": "1.8.0", "signedBy": "release@central.example"}"#)
        .bind(created.to_string())
        .execute(&mut *connection)
        .await
        .with_context(|| format!("cannot insert the update {}", update.version))?;
    }
    Ok(())
}
