//! `schema.toml`, right and wrong.

use super::*;

const SCHEMA: &str = r#"
[source.main]
version = "15"
clock = "jobs.at"
migrations = ["Init"]
[source.server]
version = "12"
reader_roles = { pg_monitor = "sees more" }
[table.jobs]
key = "id"
index = ["state, at DESC"]
[[table.jobs.worth]]
index = "at WHERE NOT done"
why = "faster"
[table.jobs.column]
id = { type = "uuid" }
state = { labels = ["NEW", "DONE"], write = true }
at = { type = "timestamp" }
done = { type = "boolean" }
token = { type = "varchar", secret = true }
labels = { type = "text[]" }
waited = { type = "interval" }
odd = { type = "any" }
[collection.packages]
unique = ["files_id, n"]
[[query]]
title = "All jobs"
why = "it fails"
instead = "opsdash show jobs"
"#;

/// The demo with a schema, and the shared pack that calls `main` `server`.
fn with_schema(schema: &str) -> Result<Pack, crate::document::Problems> {
    let mut files = demo();
    files.files.insert("schema.toml".into(), schema.into());
    let pack = files.files.get_mut("pack.toml").unwrap();
    *pack = pack.replace("views =", "include = [\"postgres\"]\nviews =");
    load(&[files], &[shared()])
}

#[test]
fn a_schema_is_sorted_by_source_and_the_systems_word_wins_over_the_shared_packs() {
    let schema = with_schema(SCHEMA).unwrap().schema;
    let main = &schema.sources[0];
    assert_eq!((main.version, main.reader_roles.len()), (Some(15), 1));
    assert_eq!(main.clock, Some(("jobs".into(), "at".into())));
    let jobs = &main.tables[0];
    assert_eq!((jobs.indexes.len(), jobs.worth.len(), jobs.secret().count()), (2, 1, 1));
    assert!(jobs.indexes[0].unique && !jobs.indexes[1].unique);
    assert_eq!(schema.sources[1].tables[0].name, "packages");
    assert_eq!(main.queries[0].title, "All jobs");
}

#[test]
fn a_table_has_its_own_schema_or_that_of_its_source() {
    let table = |pack: &str, schema: &str| {
        let mut files = demo();
        files.files.insert("schema.toml".into(), SCHEMA.into());
        let text = files.files.get_mut("schema.toml").unwrap();
        *text = text.replacen("[table.jobs]", &format!("[table.jobs]\n{schema}"), 1);
        *text = text.replace("[source.server]\nversion = \"12\"\nreader_roles = { pg_monitor = \"sees more\" }\n", "");
        let text = files.files.get_mut("pack.toml").unwrap();
        *text = text.replacen("name = \"main\"", &format!("name = \"main\"\n{pack}"), 1);
        load(&[files], &[]).unwrap().schema.sources[0].tables[0].schema.clone()
    };
    assert_eq!(table("", ""), None);
    assert_eq!(table("schema = \"app\"", "").as_deref(), Some("app"));
    assert_eq!(table("schema = \"app\"", "schema = \"Crm\"").as_deref(), Some("Crm"));
}

#[test]
fn what_is_wrong_in_a_schema_is_told_with_line_and_remedy() {
    let broken = [
        ("clock = \"jobs.at\"", "clock = \"jobs.ta\""),
        ("version = \"15\"", "version = \"fifteen\""),
        ("version = \"15\"", "naming = \"camel\""),
        ("[source.main]", "[source.mian]"),
        ("\"state, at DESC\"", "\"stat, at DESC\""),
        ("\"state, at DESC\"", "\"lower(state)\""),
        ("type = \"uuid\"", "type = \"guid\""),
        ("labels = [\"NEW\", \"DONE\"], ", ""),
        ("secret = true", "secret = true, write = true"),
        ("unique = [\"files_id", "source = \"main\"\nunique = [\"files_id"),
        ("why = \"faster\"", ""),
        ("type = \"text[]\"", "type = \"any[]\""),
        ("[table.jobs]", "[table.\"pgboss.job\"]\nschema = \"x\"\ncolumn = { id = { type = \"uuid\" } }\n[table.jobs]"),
    ];
    let told: Vec<String> = broken
        .iter()
        .map(|(from, to)| {
            assert!(SCHEMA.contains(from), "{from}");
            format!("{from} -> {to}\n{}", with_schema(&SCHEMA.replacen(from, to, 1)).unwrap_err())
        })
        .collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

const OF_SQL_SERVER: &str = r#"
[table.jobs]
check = ["state", "begins, ends"]
[table.jobs.reference]
owner = { to = "people", on_delete = "cascade" }
"begins, ends" = { to = "spans" }
[table.jobs.column]
state = { type = "nvarchar" }
begins = { type = "date" }
ends = { type = "date" }
owner = { type = "int" }
[table.people.column]
id = { type = "int" }
[table.spans.column]
begins = { type = "date" }
[procedure.sp_end]
schema = "dbo"
for = "ending"
[trigger.trg_jobs]
on = "jobs"
[trigger.trg_read]
on = "jobs"
impossible = "nothing fires then"
instead = "look at the log"
[view.vw_jobs]
schema = "report"
"#;

/// A pack of SQL Server that shows nothing much.
fn of_sql_server(schema: &str) -> Result<Pack, crate::document::Problems> {
    let pack = "title = \"Demo\"\nviews = [\"jobs\"]\n[[source]]\nname = \"main\"\nengine = \"sqlserver\"\n";
    let jobs =
        "title = \"Jobs\"\nsource = \"main\"\nquery = \"jobs.sql\"\nrow_key = [\"id\"]\n[[column]]\nname = \"id\"\n";
    let sql = "SELECT 'ok' AS severity, NULL AS why, id FROM dbo.jobs ORDER BY id;";
    let files = [("pack.toml", pack), ("jobs.toml", jobs), ("jobs.sql", sql), ("schema.toml", schema)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    load(&[PackFiles { system: "demo".into(), origin: "packs/demo".into(), files }], &[])
}

#[test]
fn procedures_triggers_views_references_and_checks_are_of_their_table_and_source() {
    let pack = of_sql_server(OF_SQL_SERVER).unwrap();
    let main = &pack.schema.sources[0];
    let objects: Vec<_> = main
        .objects
        .iter()
        .map(|it| (it.kind.word(), it.name.as_str(), it.schema.as_deref(), it.on.as_deref(), it.impossible.is_some()))
        .collect();
    assert_eq!(
        objects,
        [
            ("procedure", "sp_end", Some("dbo"), None, false),
            ("trigger", "trg_jobs", None, Some("jobs"), false),
            ("trigger", "trg_read", None, Some("jobs"), true),
            ("view", "vw_jobs", Some("report"), None, false),
        ]
    );
    let jobs = &main.tables[0];
    assert_eq!(jobs.checks, [vec!["state"], vec!["begins", "ends"]]);
    let references: Vec<_> =
        jobs.references.iter().map(|it| (it.columns.len(), it.to.as_str(), it.on_delete)).collect();
    assert_eq!(references, [(2, "spans", None), (1, "people", Some(crate::pack::OnDelete::Cascade))]);
}

#[test]
fn an_object_or_a_constraint_that_cannot_be_meant_is_told_with_its_remedy() {
    for (from, to, told) in [
        ("\"state\",", "\"stat\",", "a check of \"stat\", which is no column of the table"),
        ("owner = { to", "ower = { to", "a foreign key of \"ower\", which is no column of the table"),
        ("to = \"people\"", "to = \"peple\"", "a foreign key to \"peple\", which is no table of schema.toml"),
        ("\"cascade\"", "\"casade\"", "unknown on_delete \"casade\""),
        ("[trigger.trg_jobs]\non = \"jobs\"", "[trigger.trg_jobs]", "the trigger \"trg_jobs\" has no table"),
        ("[trigger.trg_jobs]\non = \"jobs\"", "[trigger.trg_jobs]\non = \"job\"", "unknown table \"job\""),
        ("for = \"ending\"", "on = \"jobs\"", "\"on\" of a procedure"),
        ("instead = \"look at the log\"", "", "has one of \"impossible\" and \"instead\""),
    ] {
        assert!(OF_SQL_SERVER.contains(from), "{from}");
        let problems = of_sql_server(&OF_SQL_SERVER.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(
            problems.contains(told) && problems.contains("schema.toml:"),
            "{from} -> {to}: no {told} in\n{problems}"
        );
    }
    let on_postgres = with_schema(&format!("{SCHEMA}[procedure.sp_end]\n")).unwrap_err().to_string();
    assert!(on_postgres.contains("a procedure of a source of postgresql"), "{on_postgres}");
}
