//! Tables, columns, labels, extensions and migrations.

use std::collections::BTreeSet;

use opsdash_pack::{
    dialect::Sql,
    document::suggest,
    pack::{ColumnType, Engine, Naming, SchemaColumn, SchemaTable, Statement},
};

use super::{Findings, constraints, count, find_table, indexes, quoted, table_in_sql};
use crate::contract::{Facts, FoundColumn, FoundTable};

const MIGRATE: &str = "run the system's migrations";

pub(super) fn examine(findings: &mut Findings<'_>, facts: &Facts) {
    let schema = findings.schema;
    if schema.tables.is_empty() || facts.version.is_none() {
        return;
    }
    let naming = naming_seen(findings, &facts.catalog.tables);
    let look = TablesFound { naming, tables: &facts.catalog.tables };
    let what = if findings.engine == Engine::MongoDb { "collection" } else { "table" };
    let there: Vec<(&SchemaTable, &FoundTable)> =
        schema.tables.iter().filter_map(|table| Some((table, look.table(table)?))).collect();
    if there.is_empty() {
        let found =
            format!("none of the {} is in this database", count(schema.tables.len(), &format!("documented {what}")));
        findings.crit(
            &format!("{what}s"),
            &found,
            "does the url name the right database? if it does, run the migrations",
        );
        return;
    }
    examine_naming(findings, naming);
    examine_tables(findings, &look, &there, what);
    indexes::examine(findings, look.naming, &there);
    constraints::examine(findings, &there);
    examine_extensions(findings, facts);
    examine_migrations(findings, facts);
    if naming == schema.naming {
        examine_queries(findings);
    }
}

/// The tables that are there, under the naming that they are in.
struct TablesFound<'a> {
    naming: Naming,
    tables: &'a [FoundTable],
}

impl<'a> TablesFound<'a> {
    fn table(&self, documented: &SchemaTable) -> Option<&'a FoundTable> {
        find_table(documented, self.naming, self.tables)
    }
}

/// The naming in which most names are there; the pack's own where there is nothing to choose.
fn naming_seen(findings: &Findings<'_>, tables: &[FoundTable]) -> Naming {
    let schema = findings.schema;
    let fitting = |naming: Naming| {
        let look = TablesFound { naming, tables };
        let there = schema.tables.iter().filter_map(|table| Some((table, look.table(table)?)));
        there
            .flat_map(|(table, found)| {
                table.columns.iter().filter(move |column| found.column(&naming.of(&column.name)).is_some())
            })
            .count()
    };
    let own = fitting(schema.naming);
    let best = Naming::ALL.iter().map(|(_, naming)| (fitting(*naming), *naming)).max_by_key(|(fitting, _)| *fitting);
    best.filter(|(fitting, _)| *fitting > own).map_or(schema.naming, |(_, naming)| naming)
}

fn examine_naming(findings: &mut Findings<'_>, seen: Naming) {
    let (schema, system) = (findings.schema, &findings.pack.system);
    let mut names = schema.tables.iter().flat_map(|table| &table.columns).map(|column| &column.name);
    let varies = |name: &&String| Naming::Snake.of(name) != **name || Naming::Folded.of(name) != **name;
    let Some(example) = names.find(varies) else { return };
    if seen == schema.naming {
        findings.ok("naming", &format!("{}: {}", seen.described(), quoted(&seen.of(example))));
        return;
    }
    let (found, wanted) = (quoted(&seen.of(example)), quoted(&schema.naming.of(example)));
    let found = format!("{}: the database says {found}, the pack's queries {wanted}", seen.described());
    // Ours are as documented: any other naming was ejected before, and is not overwritten.
    let fix = match (schema.naming, seen) {
        (Naming::Quoted, _) => format!("opsdash packs eject {system} --naming {}", seen.word()),
        (_, Naming::Quoted) => "move the ejected pack out of your folder of packs: ours fits".to_owned(),
        _ => format!("move the ejected pack away, then opsdash packs eject {system} --naming {}", seen.word()),
    };
    findings.crit("naming", &found, &fix);
}

fn examine_tables(
    findings: &mut Findings<'_>,
    look: &TablesFound<'_>,
    there: &[(&SchemaTable, &FoundTable)],
    what: &str,
) {
    let before = findings.troubles();
    let schema = findings.schema;
    for table in schema.tables.iter().filter(|table| look.table(table).is_none()) {
        let name = look.naming.of(&table.name);
        let name = table.schema.as_ref().map_or(name.clone(), |schema| format!("{schema}.{name}"));
        if findings.engine == Engine::MongoDb {
            let fix = "does the url name the right database? it is created when the first file is stored";
            findings.warn(&format!("{what} {name}"), "is not there", fix);
        } else {
            // A login of SQL Server does not even see the names of what it has no right to.
            let found = if findings.engine == Engine::SqlServer {
                "is not there, or not visible to this login"
            } else {
                "is not there"
            };
            findings.crit(&format!("{what} {name}"), found, MIGRATE);
        }
    }
    let (mut columns, mut enums) = (0, 0);
    for (table, found) in there {
        if !examine_reach(findings, look, table, found, what) {
            continue;
        }
        for column in &table.columns {
            columns += 1;
            enums += usize::from(matches!(column.kind, ColumnType::Enum(_)));
            examine_column(findings, look, found, table, column);
        }
    }
    if findings.troubles() == before {
        let columns =
            if columns == 0 { String::new() } else { format!(", {columns} columns, {}", count(enums, "enum")) };
        findings.ok(&format!("{what}s"), &format!("{}{columns}, as documented", count(there.len(), what)));
    }
    for (_, found) in there.iter().filter(|(table, found)| table.partitioned && !found.partitioned) {
        let fix = "a table is partitioned when it is made: make one with PARTITION BY beside it, move the rows, and change \
                   their names";
        findings.warn(&format!("{what} {}", found.name), "has no partitions, though it is documented with them", fix);
    }
}

/// Whether queries reach the table and may read it.
fn examine_reach(
    findings: &mut Findings<'_>,
    look: &TablesFound<'_>,
    table: &SchemaTable,
    found: &FoundTable,
    what: &str,
) -> bool {
    let subject = match &table.schema {
        Some(schema) => format!("{what} {schema}.{}", found.name),
        None => format!("{what} {}", found.name),
    };
    let login = "and opsdash doctor --grants prints all of them";
    if !found.usable {
        let fix = format!("GRANT USAGE ON SCHEMA {} to this login, {login}", quoted(&found.schema));
        findings.crit(&subject, &format!("this login may not use the schema {}", found.schema), &fix);
        return false;
    }
    // Queries name a documented schema, or the source sets it.
    if !found.visible && table.schema.is_none() {
        let fix = format!("ALTER ROLE .. SET search_path = {} for this login", quoted(&found.schema));
        let why = format!("is in the schema {}, which is not in this login's search_path", found.schema);
        findings.crit(&subject, &why, &fix);
        return false;
    }
    if !found.readable {
        let fix = format!("GRANT SELECT on it to this login, {login}");
        findings.crit(&subject, "this login may not read it", &fix);
        return true;
    }
    examine_policies(findings, found, &subject);
    examine_hidden(findings, look, table, found, &subject);
    true
}

/// Row-level security that hides rows: views then fail, because what is hidden must not look like what is not there.
fn examine_policies(findings: &mut Findings<'_>, found: &FoundTable, subject: &str) {
    let Some(policies) = &found.policies else { return };
    // Where rows are seen by scopes, a policy that shows a part of them does what is wanted.
    if !policies.is_empty() && findings.is_scoped {
        return;
    }
    let what = match &policies[..] {
        [] => "row-level security is on and no policy is for this login: every row is hidden from it".to_owned(),
        [only] => format!("row-level security shows this login only the rows of policy {only}"),
        several => format!("row-level security shows this login only the rows of policies {}", several.join(", ")),
    };
    let fix = format!(
        "views do not judge by a part of the rows: ALTER ROLE .. BYPASSRLS for this login, or ALTER TABLE {} DISABLE \
         ROW LEVEL SECURITY",
        table_in_sql(found)
    );
    findings.crit(subject, &what, &fix);
}

/// Columns that the login may not read: those that are documented and no secret, and those that queries seem to read.
fn examine_hidden(
    findings: &mut Findings<'_>,
    look: &TablesFound<'_>,
    table: &SchemaTable,
    found: &FoundTable,
    subject: &str,
) {
    let documented = |column: &FoundColumn| table.columns.iter().find(|it| look.naming.of(&it.name) == column.name);
    let hidden = || found.columns.iter().filter(|column| !column.readable);
    let wanted: Vec<&str> = hidden()
        .filter(|column| documented(column).is_some_and(|documented| !documented.secret))
        .map(|column| column.name.as_str())
        .collect();
    if !wanted.is_empty() {
        let columns: Vec<String> = wanted.iter().map(|name| quoted(name)).collect();
        let fix = format!(
            "GRANT SELECT ({}) ON {} to this login, and opsdash doctor --grants prints all of them",
            columns.join(", "),
            table_in_sql(found)
        );
        findings.crit(subject, &format!("this login may not read {}", wanted.join(", ")), &fix);
    }
    for column in hidden().filter(|column| documented(column).is_none()) {
        let readers = readers(findings, &table.name, &column.name);
        if !readers.is_empty() {
            let found = format!(
                "this login may not read {}, which schema.toml does not list and which queries name: {}",
                column.name,
                readers.join(", ")
            );
            let fix = "if they read it, add it to schema.toml, then opsdash doctor --grants; packs check --live tells";
            findings.warn(subject, &found, fix);
        }
    }
}

fn examine_column(
    findings: &mut Findings<'_>,
    look: &TablesFound<'_>,
    table: &FoundTable,
    of: &SchemaTable,
    column: &SchemaColumn,
) {
    let name = look.naming.of(&column.name);
    let subject = format!("column {}.{name}", table.name);
    let Some(found) = table.column(&name) else {
        missing_column(findings, look, table, of, &name);
        return;
    };
    match (&column.kind, &found.labels) {
        (ColumnType::Enum(documented), Some(labels)) => examine_labels(findings, &subject, documented, labels),
        (ColumnType::Enum(_), None) => {
            let what = format!("is {}, documented as an enum: nothing refuses a wrong word", found.kind);
            findings.warn(&subject, &what, MIGRATE);
        }
        (documented, _) => {
            if !documented.fits(&found.kind) {
                let what = format!("is {}, documented as {documented}", found.kind);
                findings.warn(
                    &subject,
                    &what,
                    "look at the views that read it; if they are right, change the pack's schema.toml",
                );
            }
        }
    }
}

/// A column that is not there: which queries miss it, and what it may be called now.
fn missing_column(
    findings: &mut Findings<'_>,
    look: &TablesFound<'_>,
    table: &FoundTable,
    of: &SchemaTable,
    name: &str,
) {
    let readers = readers(findings, &of.name, name);
    let documented: BTreeSet<String> = of.columns.iter().map(|column| look.naming.of(&column.name)).collect();
    let others: Vec<&str> =
        table.columns.iter().map(|column| column.name.as_str()).filter(|other| !documented.contains(*other)).collect();
    let renamed = if others.is_empty() { String::new() } else { format!("; not documented: {}", others.join(", ")) };
    let subject = format!("column {}.{name}", table.name);
    if readers.is_empty() {
        findings.warn(&subject, &format!("is not there, and no query reads it{renamed}"), MIGRATE);
        return;
    }
    let found = format!(
        "is not there, and {} it: {}{renamed}",
        if readers.len() == 1 { "one query reads" } else { "queries read" },
        readers.join(", ")
    );
    let fix = if let [only] = others[..] {
        let [only, name] = [only, name].map(quoted);
        let back = format!("ALTER TABLE {} RENAME COLUMN {only} TO {name}", table_in_sql(table));
        format!("was it renamed? {back}, or change the queries: opsdash packs eject {}", findings.pack.system)
    } else {
        let guess = suggest(name, others.iter().copied());
        let guess = if guess.starts_with("did you") { format!(" ({guess})") } else { String::new() };
        format!("{MIGRATE}, or change the queries: opsdash packs eject {}{guess}", findings.pack.system)
    };
    findings.crit(&subject, &found, &fix);
}

/// The first queries that name both the table and the column.
fn readers(findings: &Findings<'_>, table: &str, column: &str) -> Vec<String> {
    const SHOWN: usize = 3;
    let table = findings.schema.naming.of(table);
    let reads = |statement: &Statement| match statement {
        Statement::Sql(sql) => mentions(sql, &table) && mentions(sql, column),
        Statement::Mongo(_) => false,
    };
    let files: BTreeSet<&str> = findings.pack.statements().filter(|it| reads(it)).map(Statement::file).collect();
    let mut names: Vec<String> = files.iter().map(|file| file.rsplit('/').next().unwrap_or(file).to_owned()).collect();
    if names.len() > SHOWN {
        let more = names.len() - SHOWN;
        names.truncate(SHOWN);
        names.push(format!("and {more} more"));
    }
    names
}

/// Whether a name stands in a statement as a word.
fn mentions(sql: &Sql, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    sql.text
        .match_indices(name)
        .any(|(at, _)| !sql.text[..at].ends_with(is_part) && !sql.text[at + name.len()..].starts_with(is_part))
}

fn examine_labels(findings: &mut Findings<'_>, subject: &str, documented: &[String], labels: &[String]) {
    let beyond = |of: &[String], than: &[String]| {
        of.iter().filter(|label| !than.contains(label)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (missing, added) = (beyond(documented, labels), beyond(labels, documented));
    if !missing.is_empty() {
        findings.warn(subject, &format!("its type lacks the label {missing}"), MIGRATE);
    }
    if !added.is_empty() {
        let found = format!("its type has the label {added}, which is not documented: no view knows what it means");
        let fix = format!(
            "add it to the views that judge by it and to schema.toml: opsdash packs eject {}",
            findings.pack.system
        );
        findings.warn(subject, &found, &fix);
    }
}

fn examine_extensions(findings: &mut Findings<'_>, facts: &Facts) {
    let (there, missing): (Vec<&String>, Vec<&String>) =
        findings.schema.extensions.iter().partition(|name| facts.catalog.extensions.contains(name));
    for name in &missing {
        let fix = format!("CREATE EXTENSION {}, as the database's owner", quoted(name));
        findings.warn(&format!("extension {name}"), "is not installed: the system's own functions need it", &fix);
    }
    if missing.is_empty() && !there.is_empty() {
        let names: Vec<&str> = there.iter().map(|name| name.as_str()).collect();
        findings.ok("extensions", &names.join(", "));
    }
}

fn examine_migrations(findings: &mut Findings<'_>, facts: &Facts) {
    let Some(documented) = &findings.schema.migrations else { return };
    if !facts.catalog.tables.iter().any(|table| table.name == documented.table) {
        let found = format!("there is no table {}: nothing says what has run", documented.table);
        findings.warn("migrations", &found, MIGRATE);
        return;
    }
    let Some(run) = &facts.migrations else {
        let found = format!("cannot be checked: this login may not read {}", documented.table);
        let fix = format!("GRANT SELECT (name) ON {} to it if you want that looked at", quoted(&documented.table));
        findings.hint("migrations", &found, &fix);
        return;
    };
    let is = |run: &str, name: &str| {
        run.strip_prefix(name).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let missing: Vec<&str> =
        documented.names.iter().filter(|name| !run.iter().any(|run| is(run, name))).map(String::as_str).collect();
    let extra: Vec<&str> =
        run.iter().filter(|run| !documented.names.iter().any(|name| is(run, name))).map(String::as_str).collect();
    if !missing.is_empty() {
        findings.warn("migrations", &format!("not run: {}", missing.join(", ")), MIGRATE);
    }
    if !extra.is_empty() {
        let fix = "compare the system's release with the pack; new tables and columns are not in its views";
        findings.warn("migrations", &format!("run, but not documented: {}", extra.join(", ")), fix);
    }
    if missing.is_empty() && extra.is_empty() {
        findings.ok("migrations", &format!("{} run, as documented", documented.names.len()));
    }
}

/// One line for each reason.
fn examine_queries(findings: &mut Findings<'_>) {
    let queries = &findings.schema.queries;
    let mut reasons: Vec<&str> = Vec::new();
    for query in queries {
        if !reasons.contains(&query.why.as_str()) {
            reasons.push(&query.why);
        }
    }
    for why in reasons {
        let of_reason = queries.iter().filter(|query| query.why == why);
        let titles: Vec<&str> = of_reason.clone().map(|query| query.title.as_str()).collect();
        let instead: BTreeSet<&str> = of_reason.map(|query| query.instead.as_str()).collect();
        let queries = if titles.len() == 1 { "query" } else { "queries" };
        let found = format!("{} {queries} cannot run as written, {why}: {}", titles.len(), titles.join("; "));
        let fix = format!("instead: {}", instead.into_iter().collect::<Vec<_>>().join("; "));
        findings.hint("documented queries", &found, &fix);
    }
}
