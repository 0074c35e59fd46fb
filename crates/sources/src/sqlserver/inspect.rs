//! Reads the facts that `doctor` judges.

use std::time::{Duration, SystemTime};

use opsdash_core::{
    contract::{ClockColumn, DatabaseCatalog, Facts, Failure, FailureKind, FoundTable, Inspection, Within},
    time::Time,
    value::Value,
};
use tokio::time::{Instant, timeout_at};

use super::{
    SqlServer, catalog,
    decode::{self, NaiveZone},
    endpoint::{self, Endpoint, TdsClient},
    failure, server, session,
    statement::Access,
};
use crate::{engine, limits};

/// What the server's clock shows.
const NOW: &str = "SELECT SYSUTCDATETIME() AS now";

impl SqlServer {
    /// See [`crate::Source::inspect`]. Uses connections of its own, which are closed afterwards.
    pub(super) async fn facts(&self, inspection: &Inspection, within: &Within) -> Result<Facts, Failure> {
        engine::check_unscoped(within, "SQL Server")?;
        let (facts, endpoint) =
            asked(&self.server.endpoints, inspection, async |client| read_facts(client, inspection, &self.zone).await)
                .await?;
        let writer = match &self.write_endpoints[..] {
            [] => None,
            endpoints => Some(asked(endpoints, inspection, async |client| read_rights(client, inspection).await).await),
        };
        let writer = writer.map(|asked| asked.map(|(catalog, _)| catalog));
        Ok(Facts { transport: endpoint.transport(), writer, ..facts })
    }
}

/// What a question on a connection of its own comes to, and to which of the endpoints that was.
async fn asked<'e, T>(
    endpoints: &'e [Endpoint],
    inspection: &Inspection,
    question: impl AsyncFnOnce(&mut TdsClient) -> tiberius::Result<T>,
) -> Result<(T, &'e Endpoint), Failure> {
    let work = Duration::from_millis(inspection.timeout_ms.into());
    let deadline = Instant::now() + work + limits::MARGIN;
    let (mut client, endpoint) = endpoint::connect(endpoints, 0, deadline).await?;
    let endpoint = &endpoints[endpoint];
    let answer = match timeout_at(deadline, question(&mut client)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(failure::of(&error, &endpoint.label)),
        Err(_) => {
            session::abandon(client).await;
            let what = format!("{}: the catalogs were not read within {:.1} s", endpoint.label, work.as_secs_f64());
            return Err(Failure::new(FailureKind::Timeout, &what));
        }
    };
    session::finish(&mut client, false).await;
    tokio::time::timeout(limits::CLOSE, client.close()).await.ok();
    answer.map(|answer| (answer, endpoint))
}

/// What another login may do here.
async fn read_rights(client: &mut TdsClient, inspection: &Inspection) -> tiberius::Result<DatabaseCatalog> {
    session::open(client, Access::Read, limits::READER_LOCK, false).await?;
    catalog::read(client, inspection).await
}

async fn read_facts(client: &mut TdsClient, inspection: &Inspection, zone: &NaiveZone) -> tiberius::Result<Facts> {
    let opening = session::open(client, Access::Read, limits::READER_LOCK, false).await?;
    // Not the opening's own time: the server may have planned it first.
    let started = Instant::now();
    let now = client.simple_query(NOW).await?.into_row().await?;
    let (rtt, local) = (started.elapsed(), SystemTime::now());
    let now = now.and_then(|row| decode::utc(row.cells().next()?.1));
    let mut catalog = catalog::read(client, inspection).await?;
    let newest_ahead_ms = newest_ahead_ms(client, &inspection.clock, &catalog.tables, zone).await?;
    catalog::try_views(client, &mut catalog.objects).await?;
    Ok(Facts {
        server: server::named(&opening.version),
        version: opening.version.split('.').next().and_then(|major| major.parse().ok()),
        rtt_us: u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX),
        ahead_ms: ahead_ms(now, local, rtt),
        catalog,
        newest_ahead_ms,
        ..Facts::default()
    })
}

/// How far the newest time of a table is ahead of the server's clock, in ms. The first of these columns that exists is used.
/// `None` when there is none, or its table is empty.
async fn newest_ahead_ms(
    client: &mut TdsClient,
    clock: &[ClockColumn],
    tables: &[FoundTable],
    zone: &NaiveZone,
) -> tiberius::Result<Option<i64>> {
    let find = |clock: &ClockColumn| {
        let is_of = |found: &&FoundTable| match &clock.schema {
            Some(schema) => found.schema == *schema,
            None => found.visible,
        };
        let found = tables.iter().filter(is_of).find(|found| found.name == clock.table && found.usable)?;
        let column = found.column(&clock.column)?;
        let is_time = column.readable && column.kind.contains("datetime");
        is_time.then(|| [&found.schema, &found.name, &column.name].map(|name| catalog::quoted(name)))
    };
    let Some([schema, table, column]) = clock.iter().find_map(find) else { return Ok(None) };
    let newest = format!("SELECT MAX({column}) AS newest, SYSUTCDATETIME() AS now FROM {schema}.{table}");
    let asked = async { client.simple_query(newest).await?.into_row().await };
    let row = match asked.await {
        // A database that tells names apart by case has no such table: that is told of the table, and not here.
        Err(tiberius::error::Error::Server(_)) => None,
        answer => answer?,
    };
    Ok(row.and_then(|row| {
        let mut cells = row.cells().map(|(_, cell)| cell);
        let Value::Time(newest) = decode::value(cells.next()?, zone, 0) else { return None };
        Some((newest.0 - decode::utc(cells.next()?)?.0) / 1_000)
    }))
}

/// How far the server's clock is ahead of ours, in ms. `local` is the time when the answer arrived; the server read its clock
/// half a round trip before.
fn ahead_ms(now: Option<Time>, local: SystemTime, rtt: Duration) -> Option<i64> {
    let local = local.duration_since(SystemTime::UNIX_EPOCH).ok()?.saturating_sub(rtt / 2);
    Some(now?.0 / 1_000 - i64::try_from(local.as_millis()).ok()?)
}
