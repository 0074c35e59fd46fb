//! Reads the facts that `doctor` judges from the server's catalogs, in one read-only transaction.

use std::time::{Duration, SystemTime};

use opsdash_core::contract::{ClockColumn, DatabaseCatalog, Facts, Failure, FoundTable, Inspection, Transport, Within};
use sqlx::{AssertSqlSafe, Connection, Error, PgConnection, Row};
use tokio::time::{Instant, timeout_at};

use super::{
    Postgres, endpoint, failure,
    opening::{Access, Opening, TimeLimits},
};
use crate::{engine, limits};

const CATALOG: &str = include_str!("inspect.sql");

impl Postgres {
    /// See [`crate::Source::inspect`]. Uses a connection of its own, which is closed afterwards.
    pub(super) async fn facts(&self, inspection: &Inspection, within: &Within) -> Result<Facts, Failure> {
        engine::check_members(within)?;
        let opening = self.opening(inspection, within)?;
        let deadline = Instant::now() + Duration::from_millis(inspection.timeout_ms.into()) + limits::MARGIN;
        let (mut connection, endpoint) = endpoint::connect(self.server.pool.endpoints(), deadline).await?;
        let endpoint = &self.server.pool.endpoints()[endpoint];
        let result =
            timeout_at(deadline, read_facts(&mut connection, opening, inspection, within.scope.is_some())).await;
        let (mut facts, encrypted) = match result {
            Ok(Ok(facts)) => facts,
            Ok(Err(error)) => return Err(failure::of(&error, &endpoint.label)),
            Err(_) => {
                return Err(endpoint::no_answer(&endpoint.label, Duration::from_millis(inspection.timeout_ms.into())));
            }
        };
        facts.transport = endpoint.transport(encrypted);
        // The transaction is over, so it does not matter whether the connection closes properly.
        tokio::time::timeout(limits::CLOSE, connection.close()).await.ok();
        Ok(facts)
    }

    fn opening(&self, inspection: &Inspection, within: &Within) -> Result<String, Failure> {
        let work = Duration::from_millis(inspection.timeout_ms.into());
        let times = TimeLimits { work, lock: limits::LOCK_TIMEOUT, idle: limits::IDLE_IN_READ };
        let opening = Opening::of(&self.zone, within)?.sql(Access::Read, times);
        Ok(format!(
            "{opening}SELECT current_setting('server_version') AS version, \
             (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now"
        ))
    }
}

async fn read_facts(
    connection: &mut PgConnection,
    opening: String,
    inspection: &Inspection,
    is_scoped: bool,
) -> Result<(Facts, bool), Error> {
    let started = Instant::now();
    let opened = sqlx::raw_sql(AssertSqlSafe(opening)).fetch_all(&mut *connection).await?;
    let rtt = started.elapsed();
    let local = SystemTime::now();
    let opening = opened.last().ok_or(Error::RowNotFound)?;
    let version: &str = opening.try_get_unchecked("version")?;
    let now: &str = opening.try_get_unchecked("now")?;
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
    let newest_ahead_ms = newest_ahead_ms(connection, inspection, &catalog.tables, is_scoped).await?;
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    let facts = Facts {
        server: format!("PostgreSQL {}", version.split(' ').next().unwrap_or(version)),
        version: version.split(['.', ' ']).next().and_then(|major| major.parse().ok()),
        rtt_us: u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX),
        ahead_ms: ahead_ms(now, local, rtt),
        transport: Transport::Local,
        catalog,
        migrations,
        newest_ahead_ms,
        writer: None,
    };
    Ok((facts, encrypted))
}

/// How far the server's clock is ahead of the local one, in ms. `local` is the time when the answer arrived; the server
/// read its clock half a round trip before.
fn ahead_ms(now: &str, local: SystemTime, rtt: Duration) -> Option<i64> {
    let server: i64 = now.parse().ok()?;
    let local = local.duration_since(SystemTime::UNIX_EPOCH).ok()?.saturating_sub(rtt / 2);
    Some(server - i64::try_from(local.as_millis()).ok()?)
}

/// The names of the migrations; `None` when there is no table of them, or the login may not read all of it.
async fn migrations(connection: &mut PgConnection, inspection: &Inspection) -> Result<Option<Vec<String>>, Error> {
    let Some(table) = &inspection.migrations else { return Ok(None) };
    let privilege = "SELECT (coalesce(has_column_privilege(to_regclass($1), a.attname, 'SELECT'), false) \
               AND NOT row_security_active(to_regclass($1)::oid))::text AS may FROM pg_attribute AS a WHERE a.attrelid = to_regclass($1) AND a.attname = 'name'";
    let table = quoted_identifier(table);
    let row = sqlx::query(privilege).bind(&table).persistent(false).fetch_optional(&mut *connection).await?;
    if row.is_none_or(|row| row.try_get::<&str, _>("may").ok() != Some("true")) {
        return Ok(None);
    }
    let names = format!("SELECT name::text AS name FROM {table} ORDER BY 1 LIMIT 1000");
    let rows = sqlx::query(AssertSqlSafe(names)).persistent(false).fetch_all(&mut *connection).await?;
    rows.iter().map(|row| row.try_get("name")).collect::<Result<_, _>>().map(Some)
}

/// How far the newest timestamp of a table is ahead of the server's clock, in ms. The first of the inspection's columns
/// that exists is used. `None` when there is none, or its table is empty.
async fn newest_ahead_ms(
    connection: &mut PgConnection,
    inspection: &Inspection,
    tables: &[FoundTable],
    is_scoped: bool,
) -> Result<Option<i64>, Error> {
    let find = |clock: &ClockColumn| {
        let is_of = |found: &&FoundTable| match &clock.schema {
            Some(schema) => found.schema == *schema,
            None => found.visible,
        };
        let found = tables.iter().filter(is_of).find(|found| found.name == clock.table && found.usable)?;
        // Within a scope its rows are read; without one, they would be an error.
        if found.policies.is_some() && !is_scoped {
            return None;
        }
        let column = found.column(&clock.column)?;
        let is_time = column.readable && column.kind.starts_with("timestamp");
        is_time.then(|| {
            let table = [&found.schema, &found.name].map(|name| quoted_identifier(name)).join(".");
            (table, quoted_identifier(&column.name))
        })
    };
    let Some((table, column)) = inspection.clock.iter().find_map(find) else { return Ok(None) };
    let newest = format!(
        "SELECT (extract(epoch FROM {column}::timestamptz - clock_timestamp()) * 1000)::bigint AS ahead \
         FROM {table} WHERE isfinite({column}) ORDER BY {column} DESC LIMIT 1"
    );
    let row = sqlx::query(AssertSqlSafe(newest)).persistent(false).fetch_optional(connection).await?;
    row.map(|row| row.try_get("ahead")).transpose()
}

/// A name as a quoted SQL identifier.
fn quoted_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_compared_at_the_middle_of_the_round_trip() {
        let local = SystemTime::UNIX_EPOCH + Duration::from_millis(10_100);
        assert_eq!(ahead_ms("10000", local, Duration::from_millis(200)), Some(0));
        assert_eq!(ahead_ms("soon", local, Duration::ZERO), None);
    }
}
