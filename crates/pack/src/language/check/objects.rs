//! `schema.toml`: procedures, triggers, views, foreign keys and checks, which doctor looks for on SQL Server.

use super::{Resolver, owner::validate_owner};
use crate::{
    document::{Name, Problems, suggest},
    language::words::{RawObject, RawSchema, RawTable},
    pack::{
        Engine, GuardedCall, ObjectKind, OnDelete, SchemaObject, SchemaReference, SchemaTable, SourceId, SourceSchema,
    },
};

/// Adds the objects to their sources.
pub(super) fn validate_objects(
    resolver: &Resolver,
    raw: &RawSchema,
    sources: &mut [SourceSchema],
    problems: &mut Problems,
) {
    let of_kind =
        [(ObjectKind::Procedure, &raw.procedure), (ObjectKind::Trigger, &raw.trigger), (ObjectKind::View, &raw.view)];
    for (kind, objects) in of_kind {
        for (name, raw) in objects {
            let Some(source) = validate_owner(resolver, name, raw.source.as_ref(), false, problems) else { continue };
            validate_engine(resolver, source, name, kind.word(), problems);
            let object = validate_object(resolver, kind, (name, raw), &sources[source.0], problems);
            sources[source.0].objects.push(object);
        }
    }
}

fn validate_object(
    resolver: &Resolver,
    kind: ObjectKind,
    (name, raw): (&Name, &RawObject),
    of: &SourceSchema,
    problems: &mut Problems,
) -> SchemaObject {
    match (&raw.on, kind) {
        (None, ObjectKind::Trigger) => {
            let what = format!("the trigger \"{}\" has no table", name.get_ref());
            problems.add(resolver.location_of(name), what, "name its table with on = \"..\"");
        }
        (Some(on), ObjectKind::Trigger) => add_unknown_table(resolver, on, &of.tables, problems),
        (Some(on), _) => {
            problems.add(resolver.location_of(on), format!("\"on\" of a {}", kind.word()), "remove it");
        }
        (None, _) => {}
    }
    let impossible = match (&raw.impossible, &raw.instead) {
        (Some(why), Some(instead)) => Some((why.clone(), instead.clone())),
        (None, None) => None,
        _ => {
            let what = format!("the {} \"{}\" has one of \"impossible\" and \"instead\"", kind.word(), name.get_ref());
            problems.add(resolver.location_of(name), what, "say both: why it cannot be, and what serves in its place");
            None
        }
    };
    let text = |name: &Name| name.get_ref().clone();
    SchemaObject {
        kind,
        name: text(name),
        schema: raw.schema.as_ref().map(text),
        on: raw.on.as_ref().map(text),
        purpose: raw.purpose.clone().unwrap_or_default(),
        impossible,
        called: false,
    }
}

/// Reads the checks and foreign keys of a table. The tables that keys lead to may come later: they are looked for by name
/// in `schema.toml` as a whole.
pub(super) fn validate_constraints(
    resolver: &Resolver,
    source: SourceId,
    raw: &RawTable,
    all: &RawSchema,
    table: &mut SchemaTable,
    problems: &mut Problems,
) {
    for check in &raw.check {
        validate_engine(resolver, source, check, "check", problems);
        table.checks.extend(columns(resolver, check, "a check", raw, problems));
    }
    for (name, reference) in &raw.reference {
        validate_engine(resolver, source, name, "reference", problems);
        let Some(columns) = columns(resolver, name, "a foreign key", raw, problems) else { continue };
        let known: Vec<&str> = all.table.keys().map(|name| name.get_ref().as_str()).collect();
        let to = reference.to.get_ref();
        if !known.contains(&to.as_str()) {
            let what = format!("a foreign key to \"{to}\", which is no table of schema.toml");
            problems.add(resolver.location_of(&reference.to), what, suggest(to, known));
        }
        let on_delete = reference.on_delete.as_ref().and_then(|word| {
            let found = OnDelete::ALL.iter().find(|(known, _)| known == word.get_ref());
            if found.is_none() {
                resolver.add_unknown("on_delete", word, OnDelete::ALL.map(|(word, _)| word), problems);
            }
            found.map(|(_, on_delete)| *on_delete)
        });
        table.references.push(SchemaReference { columns, to: to.clone(), on_delete });
    }
}

/// An action calls the procedure: it is one of the objects, documented or not.
pub(super) fn mark_called(schema: &mut SourceSchema, call: &GuardedCall) {
    let called = &call.procedure;
    let is = |object: &&mut SchemaObject| {
        object.kind == ObjectKind::Procedure
            && object.name.eq_ignore_ascii_case(&called.name)
            && (object.schema.is_none() || called.schema.is_none() || object.schema == called.schema)
    };
    if let Some(object) = schema.objects.iter_mut().find(is) {
        object.called = true;
        return;
    }
    schema.objects.push(SchemaObject {
        kind: ObjectKind::Procedure,
        name: called.name.clone(),
        schema: called.schema.clone(),
        on: None,
        purpose: "an action calls it".to_owned(),
        impossible: None,
        called: true,
    });
    schema.objects.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
}

/// The columns between commas, which are columns of the table.
fn columns(
    resolver: &Resolver,
    text: &Name,
    what: &str,
    table: &RawTable,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let known: Vec<&str> = table.column.keys().map(|name| name.get_ref().as_str()).collect();
    let columns: Vec<String> = text.get_ref().split(',').map(|name| name.trim().to_owned()).collect();
    if let Some(unknown) = columns.iter().find(|column| !known.contains(&column.as_str())) {
        let what = format!("{what} of \"{unknown}\", which is no column of the table");
        problems.add(resolver.location_of(text), what, suggest(unknown, known));
        return None;
    }
    Some(columns)
}

fn validate_engine(resolver: &Resolver, source: SourceId, name: &Name, what: &str, problems: &mut Problems) {
    if resolver.engine(source) != Engine::SqlServer {
        let what = format!("a {what} of a source of {}", resolver.engine(source).word());
        let remedy =
            "remove it: doctor looks for procedures, triggers, views, references and checks on SQL Server alone";
        problems.add(resolver.location_of(name), what, remedy);
    }
}

fn add_unknown_table(resolver: &Resolver, name: &Name, tables: &[SchemaTable], problems: &mut Problems) {
    if !tables.iter().any(|table| table.name == *name.get_ref()) {
        resolver.add_unknown("table", name, tables.iter().map(|table| table.name.as_str()), problems);
    }
}
