//! PostgreSQL's statements for declared writes.
//!
//! Values pass as text in both directions, so a column is compared as its text: that is right for every type, whatever
//! its name, and is never looser than the type's own equality. Where a text must become a value of a column, for the key
//! and for what is set, `json_populate_record` reads it as the column's own type.

use crate::pack::{
    AFTER, BEFORE, CHANGED_AT, ColumnType, Effect, GuardedRows, GuardedUpdate, KEY, ROW_VERSION, SEEN, SetTo, Table,
    TableColumn,
};

/// Characters that a preview returns of a column which is only shown.
const SHOWN: usize = 1_000;
/// What a key of these types looks like. A key of another form belongs to no row; PostgreSQL would fail to read it.
const KEY_FORMS: [(&str, &str); 4] = [
    ("uuid", "^[0-9a-fA-F-]{36}$"),
    ("smallint", "^-?[0-9]{1,5}$"),
    ("integer", "^-?[0-9]{1,10}$"),
    ("bigint", "^-?[0-9]{1,19}$"),
];

/// The texts of the statements of a declared write, with `:name` for each parameter, as a pack's files have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardedSql {
    /// Takes `:keys`, and returns the rows as they are now.
    pub preview: String,
    /// Takes `:keys`, `:seen_<column>`, `:operator` and the answers to the prompts; writes, and returns `key`,
    /// `before_<column>` and `after_<column>`.
    pub write: String,
    /// Takes `:keys`, `:before_<column>` and `:after_<column>`, and returns the same. `None` of what cannot be undone.
    pub undo: Option<String>,
}

impl GuardedSql {
    /// The statements of a declared write; `None` for a statement of the pack.
    #[must_use]
    pub fn of(effect: &Effect) -> Option<Self> {
        match effect {
            // A call is SQL Server's.
            Effect::Sql | Effect::Call(_) => None,
            Effect::Update(update) => Some(Self {
                preview: preview(&update.rows, &shown_of_update(update)),
                write: write(update),
                undo: Some(undo(update)),
            }),
            Effect::Delete(rows) => {
                Some(Self { preview: preview(rows, &shown_of_rows(rows)), write: delete(rows), undo: None })
            }
        }
    }
}

/// A column of a result: its name, and the text of the column `t`.
struct Cell<'a> {
    alias: &'a str,
    text: String,
}

impl<'a> Cell<'a> {
    fn of(column: &'a TableColumn) -> Self {
        Self { alias: &column.alias, text: format!("t.{}::text", quoted(&column.name)) }
    }

    /// The version that the database itself gives the row.
    fn row_version() -> Self {
        Self { alias: ROW_VERSION, text: "t.xmin::text".to_owned() }
    }
}

/// What is compared with what was seen: nothing where the key alone is.
fn compared(rows: &GuardedRows) -> Vec<Cell<'_>> {
    let columns = rows.compared().map(Cell::of);
    columns.chain(rows.row_version.then(Cell::row_version)).collect()
}

/// What a write returns as it was before and is after: what is compared, and what is set.
fn returned(update: &GuardedUpdate) -> Vec<Cell<'_>> {
    let mut cells = compared(&update.rows);
    for column in update.set_columns() {
        if !cells.iter().any(|cell| cell.alias == column.alias) {
            cells.push(Cell::of(column));
        }
    }
    cells
}

fn shown_of_update(update: &GuardedUpdate) -> Vec<Cell<'_>> {
    with_shown(&update.rows, returned(update))
}

fn shown_of_rows(rows: &GuardedRows) -> Vec<Cell<'_>> {
    with_shown(rows, compared(rows))
}

/// The columns that only tell which row it is, then the others.
fn with_shown<'a>(rows: &'a GuardedRows, others: Vec<Cell<'a>>) -> Vec<Cell<'a>> {
    let mut cells: Vec<Cell<'a>> = Vec::new();
    for column in &rows.show {
        if !others.iter().chain(&cells).any(|cell| cell.alias == column.alias) {
            cells.push(Cell { text: format!("left({}, {SHOWN})", Cell::of(column).text), ..Cell::of(column) });
        }
    }
    cells.extend(others);
    cells
}

fn preview(rows: &GuardedRows, cells: &[Cell<'_>]) -> String {
    let (table, key) = (table(&rows.table), quoted(&rows.key.name));
    let form = KEY_FORMS.iter().find(|(word, _)| rows.key.kind == Some(ColumnType::Plain(word)));
    let given = form.map_or_else(
        || "given.key".to_owned(),
        |(_, form)| format!("CASE WHEN given.key ~ '{form}' THEN given.key END"),
    );
    let mut items = vec![format!("t.{key}::text AS {KEY}")];
    items.extend(cells.iter().map(|cell| format!("{} AS {}", cell.text, cell.alias)));
    if let Some(version) = rows.version.as_ref().filter(|column| !is_number(column)) {
        items.push(format!("t.{}::timestamptz::text AS {CHANGED_AT}", quoted(&version.name)));
    }
    format!(
        "-- Rows of {} as they are now.
SELECT
    {}
FROM unnest(:keys::text[]) AS given (key)
{}
JOIN {table} AS t
    ON t.{key} = found.{key}
ORDER BY t.{key};
",
        comment(&rows.table),
        items.join(",\n    "),
        found(rows, &[(&rows.key, given)], "found"),
    )
}

fn write(update: &GuardedUpdate) -> String {
    let rows = &update.rows;
    let (table, key) = (table(&rows.table), quoted(&rows.key.name));
    let compared = compared(rows);
    let returned = returned(update);
    let mut from = vec![lists("seen", SEEN, &compared), found(rows, &[(&rows.key, "seen.key".to_owned())], "found")];
    if rows.is_by_key_alone() {
        from.push(locked(rows, &returned));
    }
    from.extend(given(update));
    let was = if rows.is_by_key_alone() { format!("was.{BEFORE}") } else { format!("seen.{SEEN}") };
    let pairs: Vec<(String, String, &str)> =
        returned.into_iter().map(|cell| (format!("{was}{}", cell.alias), cell.text, cell.alias)).collect();
    format!(
        "-- Writes rows of {} that still are as they were seen.
UPDATE {table} AS t
SET
    {}
FROM {}
WHERE t.{key} = found.{key}{}
RETURNING
    t.{key}::text AS {KEY},
    {};
",
        comment(&rows.table),
        assignments(update, new_value),
        from.join("\n"),
        conditions(&compared, "seen", SEEN),
        before_and_after(&pairs),
    )
}

/// Puts back what the columns had before, where all that the write returned still is as the write left it. The version
/// is set anew: whoever saw the row meanwhile must notice.
fn undo(update: &GuardedUpdate) -> String {
    let rows = &update.rows;
    let (table, key) = (table(&rows.table), quoted(&rows.key.name));
    let returned = returned(update);
    let befores: Vec<String> = update.set.iter().map(|(column, _)| format!("{BEFORE}{}", column.alias)).collect();
    let afters = returned.iter().map(|cell| format!("{AFTER}{}", cell.alias));
    let names: Vec<String> = befores.into_iter().chain(afters).collect();
    let mut fields = vec![(&rows.key, "ours.key".to_owned())];
    fields.extend(update.set.iter().map(|(column, _)| (column, format!("ours.{BEFORE}{}", column.alias))));
    // A document in a column that nobody documented would come back as a text in quotes: then nothing is written.
    let read_back = update.set.iter().filter(|(column, _)| column.kind.is_none());
    let read_back: Vec<String> = read_back
        .map(|(column, _)| {
            let name = quoted(&column.name);
            format!("\n    AND back.{name}::text IS NOT DISTINCT FROM ours.{BEFORE}{}", column.alias)
        })
        .collect();
    let pairs: Vec<(String, String, &str)> =
        returned.iter().map(|cell| (format!("ours.{AFTER}{}", cell.alias), cell.text.clone(), cell.alias)).collect();
    format!(
        "-- Undoes a write of rows of {} that still are as it left them.
UPDATE {table} AS t
SET
    {}
FROM {}
{}
WHERE t.{key} = back.{key}{}{}
RETURNING
    t.{key}::text AS {KEY},
    {};
",
        comment(&rows.table),
        assignments(update, |column, _| format!("back.{}", quoted(&column.name))),
        unnest("ours", &names),
        found(rows, &fields, "back"),
        conditions(&returned, "ours", AFTER),
        read_back.concat(),
        before_and_after(&pairs),
    )
}

fn delete(rows: &GuardedRows) -> String {
    let (table, key) = (table(&rows.table), quoted(&rows.key.name));
    let compared = compared(rows);
    let mut cells: Vec<Cell<'_>> = rows.show.iter().map(Cell::of).collect();
    cells.retain(|cell| !compared.iter().any(|other| other.alias == cell.alias));
    let free = if rows.skips_locked { free(rows) } else { String::new() };
    let before = cells.iter().chain(&compared).map(|cell| format!(",\n    {} AS {BEFORE}{}", cell.text, cell.alias));
    format!(
        "-- Deletes rows of {} that still are as they were seen.
DELETE FROM {table} AS t
USING {}
{}{free}
WHERE t.{key} = found.{key}{}
RETURNING
    t.{key}::text AS {KEY}{};
",
        comment(&rows.table),
        lists("seen", SEEN, &compared),
        found(rows, &[(&rows.key, "seen.key".to_owned())], "found"),
        conditions(&compared, "seen", SEEN),
        before.collect::<String>(),
    )
}

/// `column = value` of everything that is set, the version last.
fn assignments(update: &GuardedUpdate, value: impl Fn(&TableColumn, &SetTo) -> String) -> String {
    let set = update.set.iter().map(|(column, to)| format!("{} = {}", quoted(&column.name), value(column, to)));
    let version = update.rows.version.iter().map(next_version);
    set.chain(version).collect::<Vec<_>>().join(",\n    ")
}

/// The version that a write gives the row: one more of a number, else the time.
fn next_version(column: &TableColumn) -> String {
    let name = quoted(&column.name);
    if is_number(column) { format!("{name} = t.{name} + 1") } else { format!("{name} = CURRENT_TIMESTAMP") }
}

fn is_number(column: &TableColumn) -> bool {
    matches!(column.kind, Some(ColumnType::Plain("smallint" | "integer" | "bigint")))
}

fn new_value(column: &TableColumn, to: &SetTo) -> String {
    match to {
        // Without a type of its own, a text is read as the column's type.
        SetTo::Text(text) => literal(text),
        SetTo::Integer(number) => number.to_string(),
        SetTo::Boolean(flag) => flag.to_string(),
        SetTo::Null => "NULL".to_owned(),
        // In a column without a zone it becomes the time in the session's zone.
        SetTo::Now => "CURRENT_TIMESTAMP".to_owned(),
        SetTo::Operator => ":operator::text".to_owned(),
        SetTo::Asked(_) => format!("given.{}", quoted(&column.name)),
        SetTo::Appended(ask) => format!(
            "concat_ws(E'\\n', NULLIF(t.{}, ''),\n        to_char(CURRENT_TIMESTAMP, 'YYYY-MM-DD') || ' ' || \
             :operator::text || ': ' || :{ask}::text)",
            quoted(&column.name)
        ),
    }
}

/// The answers to the prompts as values of their columns; `None` when none is set.
fn given(update: &GuardedUpdate) -> Option<String> {
    let asked = update.set.iter().filter_map(|(column, to)| match to {
        SetTo::Asked(ask) => Some((column, format!(":{ask}::text"))),
        _ => None,
    });
    let fields: Vec<(&TableColumn, String)> = asked.collect();
    (!fields.is_empty()).then(|| found(&update.rows, &fields, "given"))
}

/// Texts as values of the columns that they are for.
fn found(rows: &GuardedRows, fields: &[(&TableColumn, String)], name: &str) -> String {
    let field = |(column, text): &(&TableColumn, String)| {
        let is_document = matches!(column.kind, Some(ColumnType::Plain("json" | "jsonb")));
        let cast = if is_document { "::json" } else { "" };
        format!("{}, {text}{cast}", literal(&column.name))
    };
    let fields: Vec<String> = fields.iter().map(field).collect();
    format!(
        "CROSS JOIN LATERAL json_populate_record(\n    NULL::{}, json_build_object({})\n) AS {name}",
        table(&rows.table),
        fields.join(", ")
    )
}

/// What the columns are at this moment, locked until the end: for a write that compares nothing.
fn locked(rows: &GuardedRows, cells: &[Cell<'_>]) -> String {
    let (table, key) = (table(&rows.table), quoted(&rows.key.name));
    let items: Vec<String> = cells.iter().map(|cell| format!("{} AS {BEFORE}{}", cell.text, cell.alias)).collect();
    format!(
        "CROSS JOIN LATERAL (\n    SELECT {}\n    FROM {table} AS t\n    WHERE t.{key} = found.{key}\n    FOR NO KEY UPDATE\n) AS was",
        items.join(", ")
    )
}

/// Only the rows that nobody else has locked, without waiting for the others.
fn free(rows: &GuardedRows) -> String {
    let (table, key) = (table(&rows.table), quoted(&rows.key.name));
    format!(
        "\nCROSS JOIN LATERAL (\n    SELECT\n    FROM {table} AS t\n    WHERE t.{key} = found.{key}\n    FOR UPDATE SKIP LOCKED\n) AS free"
    )
}

fn lists(name: &str, prefix: &str, cells: &[Cell<'_>]) -> String {
    let names: Vec<String> = cells.iter().map(|cell| format!("{prefix}{}", cell.alias)).collect();
    unnest(name, &names)
}

/// The keys and lists of the same length, a row for each key.
fn unnest(name: &str, lists: &[String]) -> String {
    let params = ["keys"].into_iter().chain(lists.iter().map(String::as_str)).map(|list| format!(":{list}::text[]"));
    let columns = ["key"].into_iter().chain(lists.iter().map(String::as_str));
    let (params, columns): (Vec<String>, Vec<&str>) = (params.collect(), columns.collect());
    format!("unnest(\n    {}\n) AS {name} ({})", params.join(",\n    "), columns.join(", "))
}

fn conditions(cells: &[Cell<'_>], name: &str, prefix: &str) -> String {
    let condition =
        |cell: &Cell<'_>| format!("\n    AND {} IS NOT DISTINCT FROM {name}.{prefix}{}", cell.text, cell.alias);
    cells.iter().map(condition).collect()
}

/// All columns as they were, then all as they are.
fn before_and_after(pairs: &[(String, String, &str)]) -> String {
    let before = pairs.iter().map(|(was, _, alias)| format!("{was} AS {BEFORE}{alias}"));
    let after = pairs.iter().map(|(_, is, alias)| format!("{is} AS {AFTER}{alias}"));
    before.chain(after).collect::<Vec<_>>().join(",\n    ")
}

fn table(table: &Table) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&table.name)),
        None => quoted(&table.name),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a constant, read the same under every setting of the server.
fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") }
}

/// A table's name within a comment that ends with its line.
fn comment(table: &Table) -> String {
    table.documented.replace(char::is_control, " ")
}
