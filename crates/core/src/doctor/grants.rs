//! Logins that may do what opsdash does, and nothing more: as statements for an administrator to read and run.

use std::collections::BTreeSet;

use opsdash_pack::pack::{
    Effect, Engine, GuardedRows, ObjectKind, Pack, SchemaObject, SchemaTable, Scope, SourceId, SourceSchema,
};

use super::quoted;

/// The login that the views need.
pub const READER: &str = "opsdash_reader";
/// The login that the actions need too.
pub const OPERATOR: &str = "opsdash_operator";

/// The statements for a source, in the language of its engine; `None` for an engine that is not served. `database` is the
/// name of its database where the config tells it.
#[must_use]
pub fn grants(pack: &Pack, source: SourceId, database: Option<String>) -> Option<String> {
    let (name, schema) = (&pack.source(source).name, pack.schema.sources.get(source.0)?);
    match pack.source(source).engine {
        Engine::PostgreSql => {
            let views = pack.views.iter().filter(|view| view.source == source);
            let effects = views.flat_map(|view| &view.actions).map(|action| &action.effect).collect();
            let scope = pack.scope.as_ref().filter(|scope| scope.source == source);
            Some(postgres(pack, name, &Rights { schema, effects, scope }))
        }
        Engine::MongoDb => Some(mongo(pack, name, schema, database)),
        Engine::SqlServer => {
            let views = pack.views.iter().filter(|view| view.source == source);
            let effects = views.flat_map(|view| &view.actions).map(|action| &action.effect).collect();
            Some(sql_server(pack, name, &Rights { schema, effects, scope: None }))
        }
    }
}

/// What rights follow from: the documented schema, and what actions declare.
struct Rights<'a> {
    schema: &'a SourceSchema,
    effects: Vec<&'a Effect>,
    /// What its rows are seen by; `None` when they are all seen together.
    scope: Option<&'a Scope>,
}

impl<'a> Rights<'a> {
    /// The rows that declared writes are of, each with the effect.
    fn declared(&self) -> impl Iterator<Item = (&'a GuardedRows, &'a Effect)> {
        self.effects.iter().filter_map(|effect| Some((effect.rows()?, *effect)))
    }

    /// Whether a declared write compares the version that PostgreSQL itself gives the rows of a documented table.
    fn compares_row_version(&self, table: &SchemaTable) -> bool {
        self.declared().any(|(rows, _)| rows.row_version && rows.table.documented == table.name)
    }

    /// The tables that declared writes are of and the schema does not document, by their SQL.
    fn undocumented(&self) -> BTreeSet<String> {
        let is_documented =
            |rows: &GuardedRows| self.schema.tables.iter().any(|table| table.name == rows.table.documented);
        self.declared().filter(|(rows, _)| !is_documented(rows)).map(|(rows, _)| table_sql(rows)).collect()
    }

    /// Rights on such a table: what its declared writes read, and for the operator what they write.
    fn of_undocumented(&self, table: &str, role: &str) -> String {
        let (mut read, mut set, mut deletes) = (BTreeSet::new(), BTreeSet::new(), false);
        for (rows, effect) in self.declared().filter(|(rows, _)| table_sql(rows) == *table) {
            let columns = rows.show.iter().chain(rows.compared()).chain([&rows.key]).chain(effect.set_columns());
            read.extend(columns.map(|column| quoted(&column.name)));
            read.extend(rows.row_version.then(|| XMIN.to_owned()));
            set.extend(effect.set_columns().map(|column| quoted(&column.name)));
            deletes |= effect.deletes();
            // To lock a row, PostgreSQL wants the right to update one of its columns.
            set.extend(rows.skips_locked.then(|| quoted(&rows.key.name)));
        }
        let list = |columns: BTreeSet<String>| columns.into_iter().collect::<Vec<_>>().join(", ");
        let mut out = vec![format!("GRANT SELECT ({}) ON {table} TO {role};\n", list(read))];
        if role == OPERATOR && !set.is_empty() {
            out.push(format!("GRANT UPDATE ({}) ON {table} TO {role};\n", list(set)));
        }
        if role == OPERATOR && deletes {
            out.push(format!("GRANT DELETE ON {table} TO {role};\n"));
        }
        out.concat()
    }
}

/// The version that PostgreSQL gives every row. Without a right to the whole table it needs one of its own.
const XMIN: &str = "xmin";

fn table_sql(rows: &GuardedRows) -> String {
    let schema = rows.table.schema.iter().map(|schema| format!("{}.", quoted(schema)));
    schema.chain([quoted(&rows.table.name)]).collect()
}

fn postgres(pack: &Pack, source: &str, rights: &Rights<'_>) -> String {
    let schema = rights.schema;
    let tables = schema.tables.iter().map(|table| in_sql(schema, table));
    let kept = schema.migrations.iter().map(|migrations| quoted(&migrations.table));
    let undocumented = rights.undocumented();
    let tables: Vec<String> = tables.chain(kept).chain(undocumented.iter().cloned()).collect();
    let mut out = vec![format!(
        "\
-- {}, source {source}: two logins, one that reads and one that may also do what actions do.
-- Run it in that database as a superuser, or, once the roles are there, as the owner of its tables.
-- Running it again gives the same rights.
-- It sets no passwords. Do that with psql's \\password, which neither shows nor logs them:
--     \\password {READER}
--     \\password {OPERATOR}

BEGIN;
",
        pack.title
    )];
    for role in [READER, OPERATOR] {
        out.push(format!(
            "
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
        CREATE ROLE {role} LOGIN;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO {role}', current_database());
{}END $$;
",
            usage_of_current(schema, role)
        ));
        out.push(usage(rights, role));
        if !tables.is_empty() {
            // What was granted before would make column rights meaningless.
            out.push(format!("REVOKE ALL ON {} FROM {role};\n", tables.join(", ")));
        }
        out.push(selects(rights, role));
        if role == OPERATOR {
            out.push(writes(schema));
        }
        out.extend(undocumented.iter().map(|table| rights.of_undocumented(table, role)));
        out.push(optional(schema, role));
    }
    out.extend(rights.scope.map(under_policies));
    out.push("\nCOMMIT;\n".to_owned());
    out.concat()
}

/// What else it takes for policies to bind the logins, and to let them see the rows of one scope.
fn under_policies(scope: &Scope) -> String {
    let Scope { title, setting, query, .. } = scope;
    format!(
        "
-- Row-level security binds these logins as long as they own no table and have neither SUPERUSER nor BYPASSRLS. opsdash
-- sets {setting} for each transaction, which needs no right. A policy that is for some roles alone must be for these
-- too, else it hides every row:
--     ALTER POLICY .. ON .. TO .., {READER}, {OPERATOR};
-- Which {title} can be chosen is asked without one ({file}): no policy may bind the logins on that table. Where one
-- does, let the query read a view or a function whose owner it does not bind, and grant that:
--     GRANT SELECT ON .. TO {READER}, {OPERATOR};
",
        file = query.file()
    )
}

/// A documented table, with its schema where one is documented.
fn in_sql(schema: &SourceSchema, table: &SchemaTable) -> String {
    let name = quoted(&schema.named(&table.name));
    table.schema.as_ref().map_or(name.clone(), |schema| format!("{}.{name}", quoted(schema)))
}

/// The schema that the administrator's session has, for tables without a documented one.
fn usage_of_current(schema: &SourceSchema, role: &str) -> String {
    let elsewhere = !schema.tables.is_empty() && schema.tables.iter().all(|table| table.schema.is_some());
    if elsewhere && schema.migrations.is_none() {
        return String::new();
    }
    format!("    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema());\n")
}

/// The schemas of documented tables and of declared writes, each once.
fn usage(rights: &Rights<'_>, role: &str) -> String {
    let documented = rights.schema.tables.iter().filter_map(|table| table.schema.as_ref());
    let declared = rights.declared().filter_map(|(rows, _)| rows.table.schema.as_ref());
    let names: BTreeSet<&String> = documented.chain(declared).collect();
    let grant = |name: &String| format!("GRANT USAGE ON SCHEMA {} TO {role};\n", quoted(name));
    names.into_iter().map(grant).collect::<Vec<_>>().concat()
}

/// Whole tables, and of those with secrets the other columns.
fn selects(rights: &Rights<'_>, role: &str) -> String {
    let schema = rights.schema;
    let named = |name: &str| quoted(&schema.named(name));
    let (some, whole): (Vec<&SchemaTable>, Vec<&SchemaTable>) =
        schema.tables.iter().partition(|table| table.secret().next().is_some());
    let mut out: Vec<String> = Vec::new();
    if !whole.is_empty() {
        let tables: Vec<String> = whole.iter().map(|table| in_sql(schema, table)).collect();
        out.push(format!("GRANT SELECT ON {} TO {role};\n", tables.join(", ")));
    }
    for table in some {
        let columns = table.columns.iter().filter(|column| !column.secret).map(|column| named(&column.name));
        let row_version = rights.compares_row_version(table).then(|| XMIN.to_owned());
        let columns: Vec<String> = columns.chain(row_version).collect();
        let secret: Vec<&str> = table.secret().map(|column| column.name.as_str()).collect();
        let (columns, table) = (columns.join(", "), in_sql(schema, table));
        out.push(format!("-- Not {}.\nGRANT SELECT ({columns}) ON {table} TO {role};\n", secret.join(", ")));
    }
    out.concat()
}

fn writes(schema: &SourceSchema) -> String {
    let of_table = |table: &SchemaTable| {
        let columns: Vec<String> = table
            .columns
            .iter()
            .filter(|column| column.write)
            .map(|column| quoted(&schema.named(&column.name)))
            .collect();
        let deletes = table.delete;
        let table = in_sql(schema, table);
        let update =
            (!columns.is_empty()).then(|| format!("GRANT UPDATE ({}) ON {table} TO {OPERATOR};\n", columns.join(", ")));
        let delete = deletes.then(|| format!("GRANT DELETE ON {table} TO {OPERATOR};\n"));
        update.into_iter().chain(delete).collect::<String>()
    };
    schema.tables.iter().map(of_table).collect()
}

/// What shows or allows more, for the administrator to choose.
fn optional(schema: &SourceSchema, role: &str) -> String {
    let of_operator = schema.operator_roles.iter().filter(|_| role == OPERATOR);
    let mut out: Vec<String> = Vec::new();
    for (name, why) in schema.reader_roles.iter().chain(of_operator) {
        out.push(format!("-- {why}:\n-- GRANT {} TO {role};\n", quoted(name)));
    }
    if let Some(migrations) = &schema.migrations {
        let table = quoted(&migrations.table);
        out.push(format!(
            "-- Lets doctor tell which migrations have run:\n-- GRANT SELECT (name) ON {table} TO {role};\n"
        ));
    }
    out.concat()
}

/// Two users of the database: one that reads, for the url, and one that writes, for the config's "writer".
fn sql_server(pack: &Pack, source: &str, rights: &Rights<'_>) -> String {
    let schema = rights.schema;
    let mut out = vec![format!(
        "\
-- {}, source {source}: two logins, one that reads (of the url) and one that does what actions do (the config's writer).
-- Run it in that database as its owner, after CREATE LOGIN {READER} and CREATE LOGIN {OPERATOR} WITH PASSWORD = '..' in
-- master. Running it again gives the same rights. Neither may be a member of db_owner, db_datawriter or sysadmin.
",
        pack.title
    )];
    for role in [READER, OPERATOR] {
        out.push(format!("\nIF USER_ID('{role}') IS NULL CREATE USER {role} FOR LOGIN {role};\n"));
        for table in &schema.tables {
            let name = in_sql(schema, table);
            out.push(format!("GRANT SELECT ON {name} TO {role};\n"));
            let secret: Vec<String> = table.secret().map(|column| quoted(&schema.named(&column.name))).collect();
            if !secret.is_empty() {
                out.push(format!("DENY SELECT ({}) ON {name} TO {role};\n", secret.join(", ")));
            }
        }
        out.extend(objects(schema, role));
        if role == OPERATOR {
            out.push(writes(schema));
        }
        out.extend(rights.undocumented().iter().map(|table| rights.of_undocumented(table, role)));
        let calls: BTreeSet<String> = rights.effects.iter().filter_map(|effect| procedure(effect)).collect();
        for procedure in calls.iter().filter(|_| role == OPERATOR) {
            out.push(format!("GRANT EXECUTE ON {procedure} TO {role};\n"));
        }
        let of_operator = schema.operator_roles.iter().filter(|_| role == OPERATOR);
        for (right, why) in schema.reader_roles.iter().chain(of_operator) {
            out.push(format!("-- {why}:\n-- USE master; GRANT {right} TO {role};\n"));
        }
    }
    out.concat()
}

/// Views, which rest on rights of their own, and the sight of what a login has no other right to.
fn objects(schema: &SourceSchema, role: &str) -> Vec<String> {
    let there = || schema.objects.iter().filter(|object| object.impossible.is_none());
    let named = |object: &SchemaObject| {
        let schema = object.schema.iter().map(|schema| format!("{}.", quoted(schema)));
        schema.chain([quoted(&object.name)]).collect::<String>()
    };
    let views = there().filter(|object| object.kind == ObjectKind::View);
    let mut out: Vec<String> = views.map(|view| format!("GRANT SELECT ON {} TO {role};\n", named(view))).collect();
    if role == READER && there().any(|object| object.kind != ObjectKind::View) {
        let why = "-- To tell a procedure or a trigger that is missing from one that it may not see.\n";
        out.push(format!("{why}GRANT VIEW DEFINITION TO {role};\n"));
    }
    out
}

fn procedure(effect: &Effect) -> Option<String> {
    let Effect::Call(call) = effect else { return None };
    let schema = call.procedure.schema.iter().map(|schema| format!("{}.", quoted(schema)));
    Some(schema.chain([quoted(&call.procedure.name)]).collect())
}

fn mongo(pack: &Pack, source: &str, schema: &SourceSchema, database: Option<String>) -> String {
    let database = database.unwrap_or_else(|| source.to_owned());
    let mut out = vec![format!(
        "\
// {}, source {source}: a login that may only read. Actions write nothing here.
// Run it in mongosh as a user administrator. Running it again changes nothing but the password.
{{
  const admin = db.getSiblingDB(\"admin\");
  const roles = [{{ \"role\": \"read\", \"db\": {} }}];
",
        pack.title,
        serde_json::Value::from(database)
    )];
    for (role, why) in &schema.reader_roles {
        out.push(format!("  // {why}:\n  // roles.push({{ \"role\": \"{role}\", \"db\": \"admin\" }});\n"));
    }
    out.push(format!(
        "  const user = {{ pwd: passwordPrompt(), roles: roles }};
  if (admin.getUser(\"{READER}\")) admin.updateUser(\"{READER}\", user);
  else admin.createUser({{ user: \"{READER}\", ...user }});
}}
"
    ));
    out.concat()
}
