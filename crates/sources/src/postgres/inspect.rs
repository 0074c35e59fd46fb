//! What doctor wants to know of a PostgreSQL server: catalogs, in one read-only transaction.

use std::time::{Duration, SystemTime};

use opsdash_core::contract::{DatabaseCatalog, Facts, Failure, FoundTable, Inspection, Transport};
use sqlx::{AssertSqlSafe, Connection, Error, PgConnection, Row};
use tokio::time::{Instant, timeout_at};

use super::{Postgres, connect, failure, statement::quoted};
use crate::limits;

const CATALOG: &str = include_str!("inspect.sql");

impl Postgres {
    /// See [`crate::Source::inspect`]. On a connection of its own, which is closed afterwards.
    pub async fn inspect(&self, inspection: &Inspection) -> Result<Facts, Failure> {
        let deadline = Instant::now() + Duration::from_millis(inspection.timeout_ms.into()) + limits::MARGIN;
        let (mut connection, endpoint) = connect::connect(self.pool.endpoints(), deadline).await?;
        let endpoint = &self.pool.endpoints()[endpoint];
        let asked = timeout_at(deadline, self.ask_facts(&mut connection, inspection)).await;
        let (mut facts, encrypted) = match asked {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => return Err(failure::of(&error, &endpoint.label)),
            Err(_) => {
                return Err(connect::no_answer(&endpoint.label, Duration::from_millis(inspection.timeout_ms.into())));
            }
        };
        facts.transport = endpoint.transport(encrypted);
        // The transaction is over; whether the goodbye arrives matters to nobody.
        tokio::time::timeout(limits::CLOSE, connection.close()).await.ok();
        Ok(facts)
    }

    async fn ask_facts(&self, connection: &mut PgConnection, inspection: &Inspection) -> Result<(Facts, bool), Error> {
        let began = Instant::now();
        let opened = sqlx::raw_sql(AssertSqlSafe(self.opening(inspection))).fetch_all(&mut *connection).await?;
        let rtt = began.elapsed();
        let ours = SystemTime::now();
        let told = opened.last().ok_or(Error::RowNotFound)?;
        let version: &str = told.try_get_unchecked("version")?;
        let now: &str = told.try_get_unchecked("now")?;
        let row = sqlx::query(CATALOG)
            .bind(&inspection.tables)
            .bind(&inspection.roles)
            .persistent(false)
            .fetch_one(&mut *connection)
            .await?;
        let catalog: &str = row.try_get("catalog")?;
        let catalog: DatabaseCatalog = serde_json::from_str(catalog).map_err(|error| Error::Decode(error.into()))?;
        let encrypted = row.try_get::<&str, _>("ssl")? == "true";
        let migrations = migrations(connection, inspection).await?;
        let newest_ahead_ms = newest(connection, inspection, &catalog.tables).await?;
        sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
        let facts = Facts {
            server: format!("PostgreSQL {}", version.split(' ').next().unwrap_or(version)),
            version: version.split(['.', ' ']).next().and_then(|major| major.parse().ok()),
            rtt_us: u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX),
            ahead_ms: ahead(now, ours, rtt),
            transport: Transport::Local,
            catalog,
            migrations,
            newest_ahead_ms,
        };
        Ok((facts, encrypted))
    }

    fn opening(&self, inspection: &Inspection) -> String {
        let work_ms = inspection.timeout_ms;
        let lock_ms = limits::LOCK_TIMEOUT.as_millis();
        let silent_ms = limits::IDLE_IN_READ.as_millis();
        // A zone is a name that was looked up; it has no NUL.
        let zone = quoted(&self.zone.name).unwrap_or_default();
        format!(
            "BEGIN READ ONLY; SET LOCAL statement_timeout = {work_ms}; SET LOCAL lock_timeout = {lock_ms}; \
             SET LOCAL idle_in_transaction_session_timeout = {silent_ms}; SET LOCAL TIME ZONE {zone}; \
             SET LOCAL jit = off; SELECT current_setting('server_version') AS version, \
             (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now"
        )
    }
}

/// How far the server's clock is ahead of ours, in ms. It was read half a round trip before its answer came.
fn ahead(now: &str, ours: SystemTime, rtt: Duration) -> Option<i64> {
    let theirs: i64 = now.parse().ok()?;
    let ours = ours.duration_since(SystemTime::UNIX_EPOCH).ok()?.saturating_sub(rtt / 2);
    Some(theirs - i64::try_from(ours.as_millis()).ok()?)
}

/// Names of migrations, or `None` where they may not be read.
async fn migrations(connection: &mut PgConnection, inspection: &Inspection) -> Result<Option<Vec<String>>, Error> {
    let Some(table) = &inspection.migrations else { return Ok(None) };
    let may = "SELECT coalesce(has_column_privilege(to_regclass($1), a.attname, 'SELECT'), false)::text AS may \
               FROM pg_attribute AS a WHERE a.attrelid = to_regclass($1) AND a.attname = 'name'";
    let table = name(table);
    let may = sqlx::query(may).bind(&table).persistent(false).fetch_optional(&mut *connection).await?;
    if may.is_none_or(|row| row.try_get::<&str, _>("may").ok() != Some("true")) {
        return Ok(None);
    }
    let names = format!("SELECT name::text AS name FROM {table} ORDER BY 1 LIMIT 1000");
    let rows = sqlx::query(AssertSqlSafe(names)).persistent(false).fetch_all(&mut *connection).await?;
    rows.iter().map(|row| row.try_get("name")).collect::<Result<_, _>>().map(Some)
}

/// How far the newest time is ahead of the server's clock, in ms. An index on it makes this one step.
async fn newest(
    connection: &mut PgConnection,
    inspection: &Inspection,
    tables: &[FoundTable],
) -> Result<Option<i64>, Error> {
    let is_there = |(table, column): &&(String, String)| {
        let found = tables.iter().find(|found| found.name == *table && found.visible && found.usable);
        let column = found.and_then(|found| found.column(column));
        column.is_some_and(|column| column.readable && column.kind.starts_with("timestamp"))
    };
    let Some((table, column)) = inspection.clock.iter().find(is_there) else { return Ok(None) };
    let (table, column) = (name(table), name(column));
    let newest = format!(
        "SELECT (extract(epoch FROM {column}::timestamptz - clock_timestamp()) * 1000)::bigint AS ahead \
         FROM {table} WHERE isfinite({column}) ORDER BY {column} DESC LIMIT 1"
    );
    let row = sqlx::query(AssertSqlSafe(newest)).persistent(false).fetch_optional(connection).await?;
    row.map(|row| row.try_get("ahead")).transpose()
}

/// A name, so that it means itself.
fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_compared_at_the_middle_of_the_round_trip() {
        let ours = SystemTime::UNIX_EPOCH + Duration::from_millis(10_100);
        assert_eq!(ahead("10000", ours, Duration::from_millis(200)), Some(0));
        assert_eq!(ahead("soon", ours, Duration::ZERO), None);
    }
}
