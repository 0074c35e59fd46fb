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
