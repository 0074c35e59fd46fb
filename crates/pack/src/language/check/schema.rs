//! `schema.toml`: the sources, columns and types that it names exist.

use std::collections::BTreeMap;

use super::{Resolver, objects, owner::validate_owner};
use crate::{
    document::{Name, Problems, suggest},
    language::words::{RawCollection, RawSchema, RawSchemaColumn, RawSchemaSource, RawTable, RawWorth},
    pack::{
        BrokenQuery, ColumnType, Effect, ManualCheck, Migrations, Naming, Schema, SchemaColumn, SchemaIndex,
        SchemaTable, SourceId, SourceSchema, TYPES, View,
    },
};

const MIGRATIONS: &str = "migrations";
const INDEX_REMEDY: &str = "write columns with commas between them, perhaps DESC, then perhaps WHERE and a condition";

/// The schema, with one part for each source. A source that `schema.toml` does not name has an empty part.
pub(super) fn validate_schema(resolver: &Resolver, raw: &RawSchema, problems: &mut Problems) -> Schema {
    let mut sources = vec![SourceSchema::default(); resolver.sources.len()];
    // An included pack has its own name for a source. Both parts count; the system's own is read last and wins.
    let is_own = |name: &Name| resolver.sources.iter().any(|source| source.name == *name.get_ref());
    let (own, shared): (Vec<_>, Vec<_>) = raw.source.iter().partition(|(name, _)| is_own(name));
    for (name, raw) in shared.into_iter().chain(own) {
        if let Some(source) = resolver.source(name, problems) {
            validate_source(resolver, raw, &mut sources[source.0], problems);
        }
    }
    for (name, table) in &raw.table {
        let source = validate_owner(resolver, name, table.source.as_ref(), false, problems);
        let mut checked = validate_table(resolver, name, table, problems);
        if let Some(source) = source {
            objects::validate_constraints(resolver, source, table, raw, &mut checked, problems);
            let of_source = || resolver.sources[source.0].schema.clone();
            checked.schema = table.schema.as_ref().map(|schema| schema.get_ref().clone()).or_else(of_source);
            sources[source.0].tables.push(checked);
        }
    }
    for (name, raw) in &raw.collection {
        let source = validate_owner(resolver, name, raw.source.as_ref(), true, problems);
        let table = validate_collection(resolver, name, raw, problems);
        if let Some(source) = source {
            sources[source.0].tables.push(table);
        }
    }
    objects::validate_objects(resolver, raw, &mut sources, problems);
    for raw in &raw.query {
        if let Some(source) = validate_owner(resolver, &raw.title, raw.source.as_ref(), false, problems) {
            let (title, why, instead) = (raw.title.get_ref().clone(), raw.why.clone(), raw.instead.clone());
            sources[source.0].queries.push(BrokenQuery { title, why, instead });
        }
    }
    for (name, raw) in &raw.source {
        if let (Some(clock), Some(source)) = (&raw.clock, find_source(resolver, name)) {
            sources[source.0].clock = validate_clock(resolver, clock, &sources[source.0].tables, problems);
        }
    }
    Schema {
        sources,
        default_passwords: raw.default_passwords.clone(),
        by_hand: raw.by_hand.iter().map(|raw| ManualCheck { what: raw.what.clone(), how: raw.how.clone() }).collect(),
    }
}

/// Marks what actions declare that they write, as `schema.toml` marks what their SQL writes.
pub(super) fn mark_declared(schema: &mut Schema, views: &[View]) {
    for view in views {
        for effect in view.actions.iter().map(|action| &action.effect) {
            if let Effect::Call(call) = effect {
                objects::mark_called(&mut schema.sources[view.source.0], call);
            }
            let Some(rows) = effect.rows() else { continue };
            let tables = &mut schema.sources[view.source.0].tables;
            let Some(table) = tables.iter_mut().find(|table| table.name == rows.table.documented) else { continue };
            table.delete |= effect.deletes();
            for column in &mut table.columns {
                column.write |= effect.set_columns().any(|set| set.documented == column.name);
                // To lock a row, PostgreSQL wants the right to update one of its columns: the key, which nothing sets.
                column.write |= rows.skips_locked && rows.key.documented == column.name;
            }
        }
    }
}

fn validate_source(resolver: &Resolver, raw: &RawSchemaSource, source: &mut SourceSchema, problems: &mut Problems) {
    if let Some(version) = &raw.version {
        match version.get_ref().parse() {
            Ok(major) => source.version = Some(major),
            Err(_) => problems.add(
                resolver.location_of(version),
                format!("\"{}\" is no major version", version.get_ref()),
                "write the number before the first dot, in quotes",
            ),
        }
    }
    if let Some(naming) = &raw.naming {
        match Naming::ALL.iter().find(|(word, _)| word == naming.get_ref()) {
            Some((_, known)) => source.naming = *known,
            None => resolver.add_unknown("naming", naming, Naming::ALL.map(|(word, _)| word), problems),
        }
    }
    if !raw.migrations.is_empty() {
        let table = raw.migrations_table.clone().unwrap_or_else(|| MIGRATIONS.to_owned());
        source.migrations = Some(Migrations { table, names: raw.migrations.clone() });
    }
    source.extensions.extend(raw.extensions.iter().cloned());
    source.reader_roles.extend(raw.reader_roles.clone());
    source.operator_roles.extend(raw.operator_roles.clone());
}

/// The source of that name; no problem when there is none.
fn find_source(resolver: &Resolver, name: &Name) -> Option<SourceId> {
    resolver.source(name, &mut Problems::default())
}

fn validate_table(resolver: &Resolver, name: &Name, raw: &RawTable, problems: &mut Problems) -> SchemaTable {
    if let Some((schema, table)) = name.get_ref().split_once('.') {
        let what = format!("the table \"{}\" has a schema in its name", name.get_ref());
        let remedy = format!("write [table.{table}] with schema = \"{schema}\"");
        problems.add(resolver.location_of(name), what, remedy);
    }
    let columns = raw.column.iter().filter_map(|(name, raw)| validate_column(resolver, name, raw, problems)).collect();
    let mut indexes = Vec::new();
    let uniques = raw.key.iter().chain(&raw.unique).map(|text| (text, true));
    for (text, unique) in uniques.chain(raw.index.iter().map(|text| (text, false))) {
        indexes.extend(validate_index(resolver, text, unique, Some(raw), problems));
    }
    let worth = |worth: &RawWorth| {
        let index = validate_index(resolver, &worth.index, false, Some(raw), problems)?;
        Some((index, worth.why.clone()))
    };
    SchemaTable {
        name: name.get_ref().clone(),
        schema: None,
        columns,
        indexes,
        worth: raw.worth.iter().filter_map(worth).collect(),
        checks: Vec::new(),
        references: Vec::new(),
        partitioned: raw.partitioned,
        delete: raw.delete,
    }
}

fn validate_collection(resolver: &Resolver, name: &Name, raw: &RawCollection, problems: &mut Problems) -> SchemaTable {
    let unique = raw.unique.iter().map(|text| (text, true));
    let all = unique.chain(raw.index.iter().map(|text| (text, false)));
    let indexes = all.filter_map(|(text, unique)| validate_index(resolver, text, unique, None, problems)).collect();
    SchemaTable {
        name: name.get_ref().clone(),
        schema: None,
        columns: Vec::new(),
        indexes,
        worth: Vec::new(),
        checks: Vec::new(),
        references: Vec::new(),
        partitioned: false,
        delete: false,
    }
}

/// The columns of an index are columns of the table. The fields of a collection are not declared: `table` is `None`.
fn validate_index(
    resolver: &Resolver,
    text: &Name,
    unique: bool,
    table: Option<&RawTable>,
    problems: &mut Problems,
) -> Option<SchemaIndex> {
    let index = SchemaIndex::parse(text.get_ref(), unique);
    if index.is_none() {
        problems.add(resolver.location_of(text), format!("\"{}\" is no index", text.get_ref()), INDEX_REMEDY);
    }
    if let (Some(index), Some(table)) = (&index, table) {
        let known: Vec<&str> = table.column.keys().map(|name| name.get_ref().as_str()).collect();
        for (column, _) in index.columns.iter().filter(|(column, _)| !known.contains(&column.as_str())) {
            let what = format!("an index on \"{column}\", which is no column of the table");
            problems.add(resolver.location_of(text), what, suggest(column, known.iter().copied()));
        }
    }
    index
}

fn validate_column(
    resolver: &Resolver,
    name: &Name,
    raw: &RawSchemaColumn,
    problems: &mut Problems,
) -> Option<SchemaColumn> {
    let kind = match (&raw.kind, &raw.labels) {
        (Some(word), None) => {
            let Some(known) = ColumnType::named(word.get_ref()) else {
                resolver.add_unknown("type", word, TYPES.map(|(word, _)| word), problems);
                return None;
            };
            known
        }
        (None, Some(labels)) if !labels.get_ref().is_empty() => {
            ColumnType::Enum(labels.get_ref().iter().map(|label| label.get_ref().clone()).collect())
        }
        _ => {
            let what = format!("the column \"{}\" has neither a type nor labels, or both", name.get_ref());
            problems.add(resolver.location_of(name), what, "give it type = \"..\", or the labels of its enum type");
            return None;
        }
    };
    if raw.secret && raw.write {
        let what = format!("the column \"{}\" is both secret and written by actions", name.get_ref());
        problems.add(resolver.location_of(name), what, "keep one of the two");
    }
    Some(SchemaColumn { name: name.get_ref().clone(), kind, secret: raw.secret, write: raw.write })
}

/// Types of PostgreSQL and of SQL Server that tell a moment.
const TIMES: [&str; 6] = ["timestamp", "timestamptz", "datetime", "datetime2", "datetimeoffset", "smalldatetime"];

/// The clock is a column of one of the tables, and holds a time.
fn validate_clock(
    resolver: &Resolver,
    clock: &Name,
    tables: &[SchemaTable],
    problems: &mut Problems,
) -> Option<(String, String)> {
    let times: BTreeMap<String, (String, String)> = tables
        .iter()
        .flat_map(|table| table.columns.iter().map(|column| (table.name.clone(), column)))
        .filter(|(_, column)| matches!(column.kind, ColumnType::Plain(kind) if TIMES.contains(&kind)))
        .map(|(table, column)| (format!("{table}.{}", column.name), (table, column.name.clone())))
        .collect();
    let found = times.get(clock.get_ref()).cloned();
    if found.is_none() {
        let what = format!("\"{}\" is no time of a table", clock.get_ref());
        problems.add(resolver.location_of(clock), what, suggest(clock.get_ref(), times.keys().map(String::as_str)));
    }
    found
}
