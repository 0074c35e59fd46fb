//! Reads the facts that `doctor` judges from the server's catalogs. A login sees there only what it has a right on: what is
//! not found may be there all the same.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use futures_util::TryStreamExt;
use opsdash_core::{
    contract::{DatabaseCatalog, Facts, Failure, FailureKind, FoundColumn, FoundIndex, FoundTable, Inspection, Within},
    time::Time,
};
use tiberius::QueryItem;
use tokio::time::{Instant, timeout_at};

use super::{
    SqlServer, decode,
    endpoint::{self, TdsClient},
    failure, server, session,
    statement::Access,
};
use crate::{engine, limits};

/// Who we are, and what we may do beyond the tables of the pack. Roles and rights that the server does not know are NULL.
const LOGIN: &str = "SELECT SUSER_SNAME() AS login,
  (SELECT compatibility_level FROM sys.databases WHERE database_id = DB_ID()) AS compatibility,
  IS_SRVROLEMEMBER('sysadmin') AS [is a member of sysadmin],
  HAS_PERMS_BY_NAME(NULL, NULL, 'CONTROL SERVER') AS [controls the server],
  IS_ROLEMEMBER('db_owner') AS [is a member of db_owner],
  IS_ROLEMEMBER('db_datawriter') AS [is a member of db_datawriter],
  IS_ROLEMEMBER('db_ddladmin') AS [is a member of db_ddladmin],
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CONTROL') AS [controls the database],
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'UPDATE') AS [may update every table],
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'EXECUTE') AS [may call every procedure]";

/// Of tables and views whose names stand in `@P1` between bars, in lower case.
const TABLES: &str = "SELECT s.name AS [schema], o.name AS name,
  CASE WHEN s.name = SCHEMA_NAME() THEN 1 ELSE 0 END AS visible,
  HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'INSERT') AS [INSERT],
  HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'DELETE') AS [DELETE]
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND CHARINDEX(N'|' + LOWER(o.name) + N'|', @P1) > 0
ORDER BY visible DESC, s.name, o.name";

const COLUMNS: &str = "SELECT s.name AS [schema], o.name AS [table], c.name AS name,
  TYPE_NAME(CASE WHEN c.system_type_id = 240 THEN c.user_type_id ELSE c.system_type_id END) AS kind,
  HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'SELECT', c.name, 'COLUMN') AS readable,
  HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'UPDATE', c.name, 'COLUMN') AS writable
FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND CHARINDEX(N'|' + LOWER(o.name) + N'|', @P1) > 0
ORDER BY s.name, o.name, c.column_id";

const INDEXES: &str = "SELECT s.name AS [schema], o.name AS [table], i.name AS name, c.name AS [column],
  ic.is_descending_key AS descending, i.is_unique AS is_unique, i.is_disabled AS is_disabled,
  i.filter_definition AS predicate
FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = i.object_id AND c.column_id = ic.column_id
WHERE o.type = 'U' AND i.name IS NOT NULL AND ic.is_included_column = 0
  AND CHARINDEX(N'|' + LOWER(o.name) + N'|', @P1) > 0
ORDER BY s.name, o.name, i.name, ic.key_ordinal";

/// What the server's clock shows.
const NOW: &str = "SELECT SYSUTCDATETIME() AS now";

/// A row by its columns; NULL is absent.
type Cells = BTreeMap<String, String>;

impl SqlServer {
    /// See [`crate::Source::inspect`]. Uses a connection of its own, which is closed afterwards.
    pub(super) async fn facts(&self, inspection: &Inspection, within: &Within) -> Result<Facts, Failure> {
        engine::check_unscoped(within, "SQL Server")?;
        let work = Duration::from_millis(inspection.timeout_ms.into());
        let deadline = Instant::now() + work + limits::MARGIN;
        let endpoints = &self.server.endpoints;
        let (mut client, endpoint) = endpoint::connect(endpoints, 0, deadline).await?;
        let endpoint = &endpoints[endpoint];
        let facts = match timeout_at(deadline, read_facts(&mut client, inspection)).await {
            Ok(Ok(facts)) => Ok(Facts { transport: endpoint.transport(), ..facts }),
            Ok(Err(error)) => Err(failure::of(&error, &endpoint.label)),
            Err(_) => {
                session::abandon(client).await;
                let what = format!("{}: the catalogs were not read within {:.1} s", endpoint.label, work.as_secs_f64());
                return Err(Failure::new(FailureKind::Timeout, &what));
            }
        };
        session::finish(&mut client, false).await;
        tokio::time::timeout(limits::CLOSE, client.close()).await.ok();
        facts
    }
}

async fn read_facts(client: &mut TdsClient, inspection: &Inspection) -> tiberius::Result<Facts> {
    let opening = session::open(client, Access::Read, limits::READER_LOCK, false).await?;
    // Not the opening's own time: the server may have planned it first.
    let started = Instant::now();
    let now = client.simple_query(NOW).await?.into_row().await?;
    let (rtt, local) = (started.elapsed(), SystemTime::now());
    let now = now.and_then(|row| decode::utc(row.cells().next()?.1));
    let login = rows(client, LOGIN, &[]).await?.into_iter().next().unwrap_or_default();
    let names: Vec<String> = inspection.tables.iter().map(|name| name.to_lowercase()).collect();
    let names = [Some(format!("|{}|", names.join("|")))];
    let mut tables: Vec<FoundTable> =
        rows(client, TABLES, &names).await?.iter().map(|row| table(row, inspection)).collect();
    for row in rows(client, COLUMNS, &names).await? {
        if let Some(table) = table_of(&mut tables, &row) {
            table.columns.push(column(&row));
        }
    }
    for table in &mut tables {
        table.readable = table.columns.iter().any(|column| column.readable);
    }
    for row in rows(client, INDEXES, &names).await? {
        if let Some(table) = table_of(&mut tables, &row) {
            add_index(table, &row);
        }
    }
    let catalog = DatabaseCatalog {
        login: login.get("login").cloned(),
        compatibility: login.get("compatibility").and_then(|level| level.parse().ok()),
        powers: powers(&login),
        tables,
        ..DatabaseCatalog::default()
    };
    Ok(Facts {
        server: server::named(&opening.version),
        version: opening.version.split('.').next().and_then(|major| major.parse().ok()),
        rtt_us: u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX),
        ahead_ms: ahead_ms(now, local, rtt),
        catalog,
        ..Facts::default()
    })
}

/// What the login may do that concerns no single table.
fn powers(login: &Cells) -> Vec<String> {
    let may = login.iter().filter(|(name, value)| name.contains(' ') && *value == "1");
    may.map(|(name, _)| name.clone()).collect()
}

/// How far the server's clock is ahead of ours, in ms. `local` is the time when the answer arrived; the server read its clock
/// half a round trip before.
fn ahead_ms(now: Option<Time>, local: SystemTime, rtt: Duration) -> Option<i64> {
    let local = local.duration_since(SystemTime::UNIX_EPOCH).ok()?.saturating_sub(rtt / 2);
    Some(now?.0 / 1_000 - i64::try_from(local.as_millis()).ok()?)
}

/// Names are compared without case here, as most databases do; a found table has the name that was asked for.
fn table(row: &Cells, inspection: &Inspection) -> FoundTable {
    let found = text(row, "name");
    let asked = inspection.tables.iter().find(|name| name.eq_ignore_ascii_case(&found));
    FoundTable {
        schema: text(row, "schema"),
        name: asked.cloned().unwrap_or(found),
        usable: true,
        visible: is(row, "visible"),
        writes: ["INSERT", "DELETE"].into_iter().filter(|right| is(row, right)).map(str::to_owned).collect(),
        ..FoundTable::default()
    }
}

fn table_of<'t>(tables: &'t mut [FoundTable], row: &Cells) -> Option<&'t mut FoundTable> {
    let (schema, name) = (row.get("schema")?, row.get("table")?);
    tables.iter_mut().find(|table| table.schema == *schema && table.name.eq_ignore_ascii_case(name))
}

fn column(row: &Cells) -> FoundColumn {
    FoundColumn {
        name: text(row, "name"),
        kind: text(row, "kind"),
        labels: None,
        readable: is(row, "readable"),
        writable: is(row, "writable"),
    }
}

fn add_index(table: &mut FoundTable, row: &Cells) {
    let column = (row.get("column").cloned(), is(row, "descending"));
    let name = text(row, "name");
    match table.indexes.last_mut().filter(|index| index.name == name) {
        Some(index) => index.columns.push(column),
        None => table.indexes.push(FoundIndex {
            name,
            columns: vec![column],
            unique: is(row, "is_unique"),
            valid: !is(row, "is_disabled"),
            predicate: row.get("predicate").cloned(),
        }),
    }
}

fn text(row: &Cells, name: &str) -> String {
    row.get(name).cloned().unwrap_or_default()
}

fn is(row: &Cells, name: &str) -> bool {
    row.get(name).is_some_and(|value| value == "1" || value == "true")
}

async fn rows(client: &mut TdsClient, text: &str, params: &[Option<String>]) -> tiberius::Result<Vec<Cells>> {
    let mut stream = session::query(text, params).query(client).await?;
    let mut rows = Vec::new();
    while let Some(item) = stream.try_next().await? {
        if let QueryItem::Row(row) = item {
            let cell = |(column, data): (&tiberius::Column, &tiberius::ColumnData<'static>)| {
                Some((column.name().to_owned(), decode::raw_text(data)?))
            };
            rows.push(row.cells().filter_map(cell).collect());
        }
    }
    Ok(rows)
}
