//! SQL Server's statements for declared writes.
//!
//! A table with triggers refuses OUTPUT, and no statement returns what it wrote. So a write is a look at the locked rows,
//! the effect, and a look again, within one transaction; what was seen is compared by who runs it. Values pass as text:
//! a look writes every column as a text that the column's type reads back exactly.

use super::MadeSql;
use crate::dialect::WriteGuard;
use crate::pack::{
    AFTER, Argument, BEFORE, CHANGED_AT, ColumnType, Effect, GuardedCall, GuardedRows, GuardedUpdate, KEY, SetTo,
    Table, TableColumn,
};

/// Characters that a preview returns of a column which is only shown.
const SHOWN: usize = 1_000;
/// Types of times, whose text is that of ISO 8601 with all digits.
const TIMES: [&str; 6] = ["date", "time", "datetime", "datetime2", "smalldatetime", "datetimeoffset"];
const BYTES: [&str; 4] = ["binary", "varbinary", "image", "rowversion"];

/// The statements of a declared write; `None` for a statement of the pack.
pub(super) fn made(effect: &Effect) -> Option<MadeSql> {
    match effect {
        Effect::Sql => None,
        Effect::Update(update) => Some(MadeSql {
            preview: Some(preview(&update.rows, &returned(update))),
            write: write(update),
            undo: Some(undo(update)),
        }),
        Effect::Delete(rows) => {
            let compared: Vec<&TableColumn> = rows.compared().collect();
            Some(MadeSql { preview: Some(preview(rows, &compared)), write: delete(rows), undo: None })
        }
        Effect::Call(call) => Some(MadeSql { preview: None, write: execute(call), undo: None }),
    }
}

/// Locks rows until the end of the transaction, and returns the key of each that it has locked, as text. Takes `:keys`. Of
/// a set, rows that others have locked are left out; else they are waited for.
#[must_use]
pub fn lock(rows: &GuardedRows) -> String {
    let hints = if rows.skips_locked { "UPDLOCK, READPAST, ROWLOCK" } else { "UPDLOCK, HOLDLOCK, ROWLOCK" };
    format!(
        "SELECT {} AS [{KEY}]\nFROM {} AS t WITH ({hints})\nWHERE {}",
        text(&rows.key),
        table(&rows.table),
        found(rows)
    )
}

/// What is known of a declared write beside its text; `None` of a statement of the pack.
pub(crate) fn guard(effect: &Effect) -> Option<WriteGuard> {
    let permission = permission(effect)?;
    let names: Vec<&str> = match effect {
        Effect::Update(update) => returned(update).into_iter().map(|column| column.alias.as_str()).collect(),
        Effect::Delete(_) | Effect::Call(_) | Effect::Sql => Vec::new(),
    };
    let pairs = [BEFORE, AFTER].into_iter().flat_map(|prefix| names.iter().map(move |name| format!("{prefix}{name}")));
    Some(WriteGuard { permission, returns: std::iter::once(KEY.to_owned()).chain(pairs).collect() })
}

/// Asks whether the login may do what is declared: one row, whose column `refused` names what it may not do, or is NULL.
fn permission(effect: &Effect) -> Option<String> {
    let asks: Vec<(String, String)> = match effect {
        Effect::Sql => return None,
        Effect::Update(update) => update
            .set_columns()
            .map(|column| {
                let object = literal(&table(&update.rows.table));
                let may =
                    format!("HAS_PERMS_BY_NAME({object}, 'OBJECT', 'UPDATE', {}, 'COLUMN')", literal(&column.name));
                (may, format!("UPDATE ({}) ON {}", bracketed(&column.name), table(&update.rows.table)))
            })
            .collect(),
        Effect::Delete(rows) => vec![of_object(&table(&rows.table), "DELETE")],
        Effect::Call(call) => vec![of_object(&table(&call.procedure), "EXECUTE")],
    };
    let parts: Vec<String> =
        asks.iter().map(|(may, what)| format!("CASE WHEN {may} = 1 THEN NULL ELSE {} END", literal(what))).collect();
    let parts = if parts.len() == 1 { parts.concat() } else { format!("COALESCE({})", parts.join(", ")) };
    Some(format!("SELECT {parts} AS refused"))
}

fn of_object(object: &str, right: &str) -> (String, String) {
    (format!("HAS_PERMS_BY_NAME({}, 'OBJECT', '{right}')", literal(object)), format!("{right} ON {object}"))
}

/// What a write returns as it was before and is after: what is compared, and what is set.
fn returned(update: &GuardedUpdate) -> Vec<&TableColumn> {
    let mut columns: Vec<&TableColumn> = update.rows.compared().collect();
    for column in update.set_columns() {
        if !columns.iter().any(|known| known.alias == column.alias) {
            columns.push(column);
        }
    }
    columns
}

fn preview(rows: &GuardedRows, others: &[&TableColumn]) -> String {
    let mut items = vec![format!("{} AS [{KEY}]", text(&rows.key))];
    let mut shown: Vec<&str> = Vec::new();
    for column in &rows.show {
        if !shown.contains(&column.alias.as_str()) && !others.iter().any(|other| other.alias == column.alias) {
            shown.push(&column.alias);
            items.push(format!("{} AS {}", shown_text(column), bracketed(&column.alias)));
        }
    }
    items.extend(others.iter().map(|column| format!("{} AS {}", text(column), bracketed(&column.alias))));
    if let Some(version) = rows.version.as_ref().filter(|column| !is_number(column)) {
        items.push(format!("{} AS [{CHANGED_AT}]", text(version)));
    }
    format!(
        "-- Rows of {} as they are now.\nSELECT\n    {}\nFROM {} AS t\nWHERE {}\nORDER BY t.{};\n",
        comment(&rows.table),
        items.join(",\n    "),
        table(&rows.table),
        found(rows),
        bracketed(&rows.key.name)
    )
}

fn write(update: &GuardedUpdate) -> String {
    format!(
        "-- Writes rows of {} that are locked and still are as they were seen.\nUPDATE t\nSET\n    {}\nFROM {} AS t\nWHERE {};\n",
        comment(&update.rows.table),
        assignments(update, new_value),
        table(&update.rows.table),
        found(&update.rows)
    )
}

/// Puts back what the columns had before. The version is set anew: whoever saw the row meanwhile must notice.
fn undo(update: &GuardedUpdate) -> String {
    let rows = &update.rows;
    let joins = update.set.iter().map(|(column, _)| {
        let alias = &column.alias;
        format!("\nJOIN OPENJSON(:{BEFORE}{alias}) AS {BEFORE}{alias}\n    ON {BEFORE}{alias}.[key] = ours.[key]")
    });
    format!(
        "-- Undoes a write of rows of {} that are locked and still are as it left them.\nUPDATE t\nSET\n    {}\nFROM {} AS t\nJOIN OPENJSON(:keys) AS ours\n    ON t.{} = {}{};\n",
        comment(&rows.table),
        assignments(update, |column, _| read_back(column, &format!("{BEFORE}{}.[value]", column.alias))),
        table(&rows.table),
        bracketed(&rows.key.name),
        given("ours", &rows.key),
        joins.collect::<String>()
    )
}

fn delete(rows: &GuardedRows) -> String {
    format!(
        "-- Deletes rows of {} that are locked and still are as they were seen.\nDELETE t\nFROM {} AS t\nWHERE {};\n",
        comment(&rows.table),
        table(&rows.table),
        found(rows)
    )
}

/// Calls the procedure: once for a row, whose key is `:key`; of a set, once for all.
fn execute(call: &GuardedCall) -> String {
    let argument = |(name, argument): &(String, Argument)| {
        let value = match argument {
            Argument::Key => ":key".to_owned(),
            Argument::Text(text) => literal(text),
            Argument::Integer(number) => number.to_string(),
            Argument::Boolean(flag) => u8::from(*flag).to_string(),
            Argument::Null => "NULL".to_owned(),
            Argument::Operator => ":operator".to_owned(),
            Argument::Asked(ask) => format!(":{ask}"),
        };
        format!("\n    @{name} = {value}")
    };
    let arguments: Vec<String> = call.arguments.iter().map(argument).collect();
    format!("EXEC {}{};\n", table(&call.procedure), arguments.join(","))
}

/// `column = value` of everything that is set, the version last.
fn assignments(update: &GuardedUpdate, value: impl Fn(&TableColumn, &SetTo) -> String) -> String {
    let set = update.set.iter().map(|(column, to)| format!("{} = {}", bracketed(&column.name), value(column, to)));
    let version = update.rows.version.iter().map(|column| {
        let name = bracketed(&column.name);
        if is_number(column) { format!("{name} = t.{name} + 1") } else { format!("{name} = SYSUTCDATETIME()") }
    });
    set.chain(version).collect::<Vec<_>>().join(",\n    ")
}

fn new_value(column: &TableColumn, to: &SetTo) -> String {
    match to {
        SetTo::Text(text) => literal(text),
        SetTo::Integer(number) => number.to_string(),
        SetTo::Boolean(flag) => u8::from(*flag).to_string(),
        SetTo::Null => "NULL".to_owned(),
        SetTo::Now => "SYSUTCDATETIME()".to_owned(),
        SetTo::Operator => ":operator".to_owned(),
        SetTo::Asked(ask) => read_back(column, &format!(":{ask}")),
        SetTo::Appended(ask) => format!(
            "CONCAT(NULLIF(t.{}, N'') + NCHAR(10), CONVERT(nvarchar(10), SYSUTCDATETIME(), 23), N' ', :operator, \
             N': ', :{ask})",
            bracketed(&column.name)
        ),
    }
}

/// Whether a row is one of `:keys`.
fn found(rows: &GuardedRows) -> String {
    format!("t.{} IN (SELECT {} FROM OPENJSON(:keys) AS given)", bracketed(&rows.key.name), given("given", &rows.key))
}

/// A key as a value of its column. A text that is none belongs to no row.
fn given(list: &str, key: &TableColumn) -> String {
    let value = format!("{list}.[value]");
    match &key.kind {
        Some(ColumnType::Plain(kind @ ("uniqueidentifier" | "bigint" | "int" | "smallint" | "tinyint" | "date"))) => {
            format!("TRY_CAST({value} AS {kind})")
        }
        Some(ColumnType::Plain("varchar" | "char")) => {
            format!("CAST({value} AS varchar(8000)) COLLATE DATABASE_DEFAULT")
        }
        Some(ColumnType::Plain(kind @ ("datetime2" | "datetimeoffset"))) => {
            format!("TRY_CONVERT({kind}, {value}, 126)")
        }
        _ => format!("CAST({value} AS nvarchar(4000)) COLLATE DATABASE_DEFAULT"),
    }
}

/// A text as a value of a column. Most types read it by themselves.
fn read_back(column: &TableColumn, text: &str) -> String {
    match &column.kind {
        Some(ColumnType::Plain(kind)) if BYTES.contains(kind) => format!("CONVERT(varbinary(max), {text}, 1)"),
        _ => text.to_owned(),
    }
}

/// A column of `t` that is only shown, cut where its text may have no end.
fn shown_text(column: &TableColumn) -> String {
    if is_told_exactly(column) { text(column) } else { format!("LEFT({}, {SHOWN})", text(column)) }
}

/// Whether the engine writes values of the column's type as a text that keeps every digit and is read back. What a set's own
/// query returns and what is looked at later are then the same text, whatever a CONVERT of the server would make of it.
fn is_told_exactly(column: &TableColumn) -> bool {
    matches!(&column.kind, Some(ColumnType::Plain(kind)) if TIMES.contains(kind) || ["float", "real"].contains(kind))
}

/// A column of `t` as a text, or as what the engine makes an exact text of.
fn text(column: &TableColumn) -> String {
    let name = format!("t.{}", bracketed(&column.name));
    match &column.kind {
        _ if is_told_exactly(column) => name,
        Some(ColumnType::Plain("uniqueidentifier")) => format!("LOWER(CONVERT(nvarchar(36), {name}))"),
        Some(ColumnType::Plain("bit")) => format!("CASE {name} WHEN 1 THEN N'true' WHEN 0 THEN N'false' END"),
        Some(ColumnType::Plain("money" | "smallmoney")) => format!("CONVERT(nvarchar(40), {name}, 2)"),
        Some(ColumnType::Plain(kind)) if BYTES.contains(kind) => format!("CONVERT(nvarchar(max), {name}, 1)"),
        Some(_) => format!("CONVERT(nvarchar(max), {name})"),
        // Of a time this keeps all digits; of most others it says nothing.
        None => format!("CONVERT(nvarchar(max), {name}, 126)"),
    }
}

fn is_number(column: &TableColumn) -> bool {
    matches!(column.kind, Some(ColumnType::Plain("tinyint" | "smallint" | "int" | "bigint")))
}

fn table(table: &Table) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", bracketed(schema), bracketed(&table.name)),
        // `dbo.sessions` names both.
        None => table.name.split('.').map(bracketed).collect::<Vec<_>>().join("."),
    }
}

fn bracketed(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

fn literal(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}

/// A table's name within a comment that ends with its line.
fn comment(table: &Table) -> String {
    table.documented.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " ")
}
