//! The login that writes, where a source has one of its own: whether it may do what actions do, and nothing more.

use opsdash_pack::pack::{ObjectKind, SchemaTable};

use super::{Findings, is_in_schema, login, objects, shortened};
use crate::contract::{DatabaseCatalog, Facts, FoundTable};

const GRANTS: &str = "opsdash doctor --grants prints what the operator's login needs";

pub(super) fn examine(findings: &mut Findings<'_>, facts: &Facts) {
    let catalog = match &facts.writer {
        None => return,
        Some(Err(failure)) => {
            findings.crit("writer", &failure.message, failure.hint());
            return;
        }
        Some(Ok(catalog)) => catalog,
    };
    let subject = format!("writer {}", catalog.login.as_deref().unwrap_or_default());
    let before = findings.troubles();
    let lacks = lacking(findings, catalog);
    if !lacks.is_empty() {
        findings.crit(&subject, &format!("may not {}, so actions fail", shortened(&lacks)), GRANTS);
    }
    let beyond = if catalog.powers.is_empty() { beyond(findings, catalog) } else { catalog.powers.clone() };
    if !beyond.is_empty() {
        let found = format!("may do more than actions do: {}", shortened(&beyond));
        findings.warn(&subject, &found, "use a login of its own: opsdash doctor --grants prints one");
    }
    if findings.troubles() == before {
        findings.ok(&subject, "may do what actions do, and nothing more");
    }
}

/// What actions need and the login may not.
fn lacking(findings: &Findings<'_>, catalog: &DatabaseCatalog) -> Vec<String> {
    let schema = findings.schema;
    let mut lacks = Vec::new();
    for table in &schema.tables {
        let written = table.delete || table.columns.iter().any(|column| column.write);
        let found = catalog.tables.iter().find(|found| is(table, found));
        let Some(found) = found else {
            if written {
                lacks.push(format!("see {}", table.name));
            }
            continue;
        };
        let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
            let columns = table.columns.iter().filter(|column| wanted(&column.name));
            columns.map(|column| column.name.clone()).collect()
        };
        let right = |name: &str| found.columns.iter().find(|column| login::spelled(name, &column.name));
        let documented = |name: &str| table.columns.iter().find(|column| column.name == name);
        let unread = of(&|name| {
            written && documented(name).is_some_and(|it| !it.secret) && right(name).is_some_and(|it| !it.readable)
        });
        let unwritten =
            of(&|name| documented(name).is_some_and(|it| it.write) && right(name).is_some_and(|it| !it.writable));
        if !unread.is_empty() {
            lacks.push(format!("read {} of {}", unread.join(", "), table.name));
        }
        if !unwritten.is_empty() {
            lacks.push(format!("write {} of {}", unwritten.join(", "), table.name));
        }
        if table.delete && !found.writes.iter().any(|right| right == "DELETE") {
            lacks.push(format!("delete rows of {}", table.name));
        }
    }
    for object in schema.objects.iter().filter(|object| object.called) {
        if !objects::find(&catalog.objects, object).is_some_and(|found| found.usable) {
            lacks.push(format!("call {}", object.name));
        }
    }
    lacks
}

/// What the login may and no action needs.
fn beyond(findings: &Findings<'_>, catalog: &DatabaseCatalog) -> Vec<String> {
    let schema = findings.schema;
    let mut beyond = login::writes_beyond(&catalog.tables, |table| schema.tables.iter().find(|known| is(known, table)));
    for object in schema.objects.iter().filter(|object| object.kind == ObjectKind::Procedure && !object.called) {
        if objects::find(&catalog.objects, object).is_some_and(|found| found.usable) {
            beyond.push(format!("EXECUTE of {}", object.name));
        }
    }
    beyond.extend(login::secrets_read(findings, &catalog.tables).iter().map(|secret| format!("SELECT of {secret}")));
    beyond
}

fn is(table: &SchemaTable, found: &FoundTable) -> bool {
    login::spelled(&table.name, &found.name) && is_in_schema(table, found)
}
