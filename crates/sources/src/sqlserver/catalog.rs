//! What the catalogs of a server tell a login: its rights, tables, indexes, constraints and objects. A login sees there only what
//! it has a right on: what is not found may be there all the same.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use opsdash_core::contract::{
    ConstraintState, DatabaseCatalog, FoundCheck, FoundColumn, FoundIndex, FoundObject, FoundReference, FoundTable,
    Inspection,
};
use opsdash_pack::pack::{ObjectKind, OnDelete};
use tiberius::QueryItem;

use super::{decode, endpoint::TdsClient, session};

/// Who we are, and what we may do beyond the tables of the pack. Roles and rights that the server does not know are NULL.
const LOGIN: &str = "SELECT SUSER_SNAME() AS login,
  (SELECT compatibility_level FROM sys.databases WHERE database_id = DB_ID()) AS compatibility,
  HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION') AS definitions,
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

const REFERENCES: &str = "SELECT s.name AS [schema], o.name AS [table], f.name AS name,
  COL_NAME(c.parent_object_id, c.parent_column_id) AS [column], OBJECT_NAME(f.referenced_object_id) AS refers_to,
  f.delete_referential_action_desc AS on_delete, f.is_disabled AS is_disabled, f.is_not_trusted AS is_not_trusted
FROM sys.foreign_keys AS f JOIN sys.objects AS o ON o.object_id = f.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.foreign_key_columns AS c ON c.constraint_object_id = f.object_id
WHERE CHARINDEX(N'|' + LOWER(o.name) + N'|', @P1) > 0
ORDER BY s.name, o.name, f.name, c.constraint_column_id";

const CHECKS: &str = "SELECT s.name AS [schema], o.name AS [table], k.name AS name, u.COLUMN_NAME AS [column],
  k.is_disabled AS is_disabled, k.is_not_trusted AS is_not_trusted
FROM sys.check_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN INFORMATION_SCHEMA.CONSTRAINT_COLUMN_USAGE AS u ON u.CONSTRAINT_NAME = k.name AND u.TABLE_NAME = o.name
WHERE CHARINDEX(N'|' + LOWER(o.name) + N'|', @P1) > 0
ORDER BY s.name, o.name, k.name, u.COLUMN_NAME";

/// Of procedures, triggers and views whose names stand in `@P1` as those of tables do.
const OBJECTS: &str = "SELECT s.name AS [schema], o.name AS name, RTRIM(o.type) AS kind,
  OBJECT_NAME(o.parent_object_id) AS [table], t.is_disabled AS is_disabled,
  CASE WHEN o.type = 'TR' THEN 0 ELSE HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT',
    CASE WHEN o.type = 'P' THEN 'EXECUTE' ELSE 'SELECT' END) END AS usable
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.triggers AS t ON t.object_id = o.object_id
WHERE o.type IN ('P', 'TR', 'V') AND CHARINDEX(N'|' + LOWER(o.name) + N'|', @P1) > 0
ORDER BY s.name, o.name";

/// A row by its columns; NULL is absent.
type Cells = BTreeMap<String, String>;

/// Reads what the login sees of what is asked for.
///
/// # Errors
/// What the server or the driver reports.
pub async fn read(client: &mut TdsClient, inspection: &Inspection) -> tiberius::Result<DatabaseCatalog> {
    let login = rows(client, LOGIN, &[]).await?.into_iter().next().unwrap_or_default();
    let names = between_bars(&inspection.tables);
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
    for (text, add) in
        [(INDEXES, add_index as fn(&mut FoundTable, &Cells)), (REFERENCES, add_reference), (CHECKS, add_check)]
    {
        for row in rows(client, text, &names).await? {
            if let Some(table) = table_of(&mut tables, &row) {
                add(table, &row);
            }
        }
    }
    let objects = match &inspection.objects[..] {
        [] => Vec::new(),
        names => rows(client, OBJECTS, &between_bars(names)).await?.iter().filter_map(object).collect(),
    };
    Ok(DatabaseCatalog {
        login: login.get("login").cloned(),
        compatibility: login.get("compatibility").and_then(|level| level.parse().ok()),
        powers: powers(&login),
        sees_definitions: is(&login, "definitions"),
        tables,
        objects,
        ..DatabaseCatalog::default()
    })
}

/// A name as T-SQL quotes it.
pub fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// Asks every view that may be read for no row: the server then says whether what it rests on is there. After an error the
/// transaction may be over, so nothing is read after this.
///
/// # Errors
/// What the driver reports, when the connection is lost.
pub async fn try_views(client: &mut TdsClient, objects: &mut [FoundObject]) -> tiberius::Result<()> {
    for view in objects.iter_mut().filter(|object| object.kind == ObjectKind::View && object.usable) {
        let [schema, name] = [&view.schema, &view.name].map(|name| quoted(name));
        match rows(client, &format!("SELECT TOP (0) * FROM {schema}.{name}"), &[]).await {
            Ok(_) => {}
            Err(tiberius::error::Error::Server(told)) => view.broken = Some(told.message().to_owned()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Names in lower case, each between bars, as the statements look for them.
fn between_bars(names: &[String]) -> [Option<String>; 1] {
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    [Some(format!("|{}|", names.join("|")))]
}

/// What the login may do that concerns no single table.
fn powers(login: &Cells) -> Vec<String> {
    let may = login.iter().filter(|(name, value)| name.contains(' ') && *value == "1");
    may.map(|(name, _)| name.clone()).collect()
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

fn add_reference(table: &mut FoundTable, row: &Cells) {
    let (name, column) = (text(row, "name"), text(row, "column"));
    match table.references.last_mut().filter(|reference| reference.name == name) {
        Some(reference) => reference.columns.push(column),
        None => table.references.push(FoundReference {
            name,
            columns: vec![column],
            to: text(row, "refers_to"),
            on_delete: on_delete(&text(row, "on_delete")),
            state: state(row),
        }),
    }
}

fn on_delete(word: &str) -> Option<OnDelete> {
    OnDelete::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, on_delete)| *on_delete)
}

fn add_check(table: &mut FoundTable, row: &Cells) {
    let (name, column) = (text(row, "name"), text(row, "column"));
    match table.checks.last_mut().filter(|check| check.name == name) {
        Some(check) => check.columns.push(column),
        None => table.checks.push(FoundCheck { name, columns: vec![column], state: state(row) }),
    }
}

fn state(row: &Cells) -> ConstraintState {
    if is(row, "is_disabled") {
        ConstraintState::Disabled
    } else if is(row, "is_not_trusted") {
        ConstraintState::NotTrusted
    } else {
        ConstraintState::Kept
    }
}

/// `None` of a kind that nobody asked for.
fn object(row: &Cells) -> Option<FoundObject> {
    let kind = match row.get("kind")?.as_str() {
        "P" => ObjectKind::Procedure,
        "TR" => ObjectKind::Trigger,
        "V" => ObjectKind::View,
        _ => return None,
    };
    Some(FoundObject {
        kind,
        schema: text(row, "schema"),
        name: text(row, "name"),
        on: row.get("table").cloned(),
        disabled: is(row, "is_disabled"),
        usable: is(row, "usable"),
        broken: None,
    })
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
