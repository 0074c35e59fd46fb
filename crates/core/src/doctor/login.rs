//! What the login may do: too little for the views, or more than a reader needs.

use std::collections::BTreeMap;

use opsdash_pack::pack::{Engine, ObjectKind, SchemaTable};

use super::{Findings, count, is_in_schema, objects, shortened};
use crate::{
    contract::{DatabaseCatalog, Facts, FoundTable},
    value::Severity,
};

const GRANTS: &str = "use a login of its own: opsdash doctor --grants prints one";

pub(super) fn examine(findings: &mut Findings<'_>, facts: &Facts) {
    let before = findings.troubles();
    let catalog = &facts.catalog;
    // PostgreSQL holds every read to its read-only transaction; nothing holds the others.
    let too_much = if findings.engine == Engine::PostgreSql { Severity::Warn } else { Severity::Crit };
    let Some(login) = &catalog.login else {
        if facts.version.is_some() {
            let fix = "turn authentication on, then opsdash doctor --grants prints a login that may only read";
            findings.add(too_much, "login", "the server asks for none: everybody may read and write", fix);
        }
        return;
    };
    if catalog.powers.is_empty() {
        examine_writes(findings, login, catalog, too_much);
        examine_secrets(findings, login, &catalog.tables);
    } else {
        // Whatever else it may do follows from that, or is mended with it.
        findings.add(too_much, &format!("login {login}"), &catalog.powers.join(", "), GRANTS);
    }
    let columns = catalog.tables.iter().flat_map(|table| &table.columns);
    let writes = columns.filter(|column| column.writable).count();
    if findings.troubles() == before {
        let operates = if writes > 0 {
            format!(", and writes {} that actions write", count(writes, "column"))
        } else {
            String::new()
        };
        let found = if findings.schema.tables.is_empty() {
            format!("{login}; what views read is not documented: opsdash packs check --live asks it")
        } else {
            format!("{login} reads what schema.toml lists{operates}")
        };
        findings.ok("login", &found);
    }
    if catalog.powers.is_empty() {
        let schema = findings.schema;
        roles(findings, &schema.reader_roles, &catalog.roles);
        if writes > 0 {
            roles(findings, &schema.operator_roles, &catalog.roles);
        }
    }
}

/// Rights to write beyond what actions write.
fn examine_writes(findings: &mut Findings<'_>, login: &str, catalog: &DatabaseCatalog, severity: Severity) {
    // The login of the URL only reads SQL Server: actions have a login of their own.
    let only_reads = findings.engine == Engine::SqlServer;
    let mut found = writes_beyond(&catalog.tables, |table| documented(findings, table).filter(|_| !only_reads));
    for object in findings.schema.objects.iter().filter(|object| object.kind == ObjectKind::Procedure) {
        if objects::find(&catalog.objects, object).is_some_and(|found| found.usable) {
            found.push(format!("EXECUTE of {}", object.name));
        }
    }
    if !found.is_empty() {
        let found = format!("may write: {}", shortened(&found));
        findings.add(severity, &format!("login {login}"), &found, GRANTS);
    }
}

/// What may be written of each table beyond what actions write of it, by its documented columns.
pub(super) fn writes_beyond<'a>(
    tables: &[FoundTable],
    documented: impl Fn(&FoundTable) -> Option<&'a SchemaTable>,
) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables {
        let documented = documented(table);
        let may =
            |name: &str| documented.is_some_and(|it| it.columns.iter().any(|it| it.write && spelled(&it.name, name)));
        let beyond: Vec<&str> = table
            .columns
            .iter()
            .map(|column| (column.writable, column.name.as_str()))
            .filter_map(|(writable, name)| (writable && !may(name)).then_some(name))
            .collect();
        let deletes = documented.is_some_and(|table| table.delete);
        let writes: Vec<&str> =
            table.writes.iter().map(String::as_str).filter(|word| !(deletes && *word == "DELETE")).collect();
        if !writes.is_empty() {
            found.push(format!("{} on {}", writes.join(", "), table.name));
        } else if !beyond.is_empty() {
            found.push(format!("UPDATE of {} on {}", beyond.join(", "), table.name));
        }
    }
    found
}

fn examine_secrets(findings: &mut Findings<'_>, login: &str, tables: &[FoundTable]) {
    let found = secrets_read(findings, tables);
    if !found.is_empty() {
        let found = format!("may read {}, which no view needs", shortened(&found));
        findings.warn(&format!("login {login}"), &found, GRANTS);
    }
}

/// The secret columns that may be read.
pub(super) fn secrets_read(findings: &Findings<'_>, tables: &[FoundTable]) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables {
        let Some(documented) = documented(findings, table) else { continue };
        for column in table.columns.iter().filter(|column| column.readable) {
            if documented.secret().any(|secret| spelled(&secret.name, &column.name)) {
                found.push(format!("{}.{}", table.name, column.name));
            }
        }
    }
    found
}

/// Roles that show or allow more: nice to have, and the administrator's to decide.
fn roles(findings: &mut Findings<'_>, wanted: &BTreeMap<String, String>, held: &[String]) {
    for (role, why) in wanted.iter().filter(|(role, _)| !held.contains(role)) {
        findings.hint(&format!("role {role}"), &format!("not granted. {why}"), "grant it if you want that");
    }
}

fn documented<'a>(findings: &Findings<'a>, table: &FoundTable) -> Option<&'a SchemaTable> {
    findings.schema.tables.iter().find(|known| spelled(&known.name, &table.name) && is_in_schema(known, table))
}

/// Whether a name is a documented one, in whatever naming.
pub(super) fn spelled(documented: &str, name: &str) -> bool {
    opsdash_pack::pack::Naming::ALL.iter().any(|(_, naming)| naming.of(documented) == name)
}
