//! Logins that may do what opsdash does, and nothing more: as statements for an administrator to read and run.

use opsdash_pack::pack::{Engine, Pack, SchemaTable, SourceId, SourceSchema};

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
        Engine::PostgreSql => Some(postgres(pack, name, schema)),
        Engine::MongoDb => Some(mongo(pack, name, schema, database)),
        Engine::SqlServer => None,
    }
}

fn postgres(pack: &Pack, source: &str, schema: &SourceSchema) -> String {
    let tables = schema.tables.iter().map(|table| schema.named(&table.name));
    let kept = schema.migrations.iter().map(|migrations| migrations.table.clone());
    let tables: Vec<String> = tables.chain(kept).map(|name| quoted(&name)).collect();
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
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema());
END $$;
"
        ));
        if !tables.is_empty() {
            // What was granted before would make column rights meaningless.
            out.push(format!("REVOKE ALL ON {} FROM {role};\n", tables.join(", ")));
        }
        out.push(selects(schema, role));
        if role == OPERATOR {
            out.push(updates(schema));
        }
        out.push(optional(schema, role));
    }
    out.push("\nCOMMIT;\n".to_owned());
    out.concat()
}

/// Whole tables, and of those with secrets the other columns.
fn selects(schema: &SourceSchema, role: &str) -> String {
    let named = |name: &str| quoted(&schema.named(name));
    let (some, whole): (Vec<&SchemaTable>, Vec<&SchemaTable>) =
        schema.tables.iter().partition(|table| table.secret().next().is_some());
    let mut out: Vec<String> = Vec::new();
    if !whole.is_empty() {
        let tables: Vec<String> = whole.iter().map(|table| named(&table.name)).collect();
        out.push(format!("GRANT SELECT ON {} TO {role};\n", tables.join(", ")));
    }
    for table in some {
        let columns: Vec<String> =
            table.columns.iter().filter(|column| !column.secret).map(|column| named(&column.name)).collect();
        let secret: Vec<&str> = table.secret().map(|column| column.name.as_str()).collect();
        let (columns, table) = (columns.join(", "), named(&table.name));
        out.push(format!("-- Not {}.\nGRANT SELECT ({columns}) ON {table} TO {role};\n", secret.join(", ")));
    }
    out.concat()
}

fn updates(schema: &SourceSchema) -> String {
    let of_table = |table: &SchemaTable| {
        let columns: Vec<String> = table
            .columns
            .iter()
            .filter(|column| column.write)
            .map(|column| quoted(&schema.named(&column.name)))
            .collect();
        let table = quoted(&schema.named(&table.name));
        (!columns.is_empty()).then(|| format!("GRANT UPDATE ({}) ON {table} TO {OPERATOR};\n", columns.join(", ")))
    };
    schema.tables.iter().filter_map(of_table).collect()
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
