//! Declared writes, right and wrong.

use super::*;
use crate::pack::{ColumnType, Effect, PlannedValue, SetTo};

const ACTION: &str = r#"
[[action]]
id = "close"
title = "Close"
press = "x"
rows = "many"
show = ["ownerName"]
when = { state = ["NEW"] }
ask = [{ name = "note", prompt = "Why" }, { name = "to", prompt = "To", kind = "choice", choices = ["NEW", "DONE"] }]
confirm = { danger = "high", type = "owner_name" }
update = { table = "jobs", key = "id", version = "updatedAt", compare = ["ownerName", "xmin"], set = { state = { ask = "to" }, tries = 0, done = true, closedAt = { from = "now" }, closedBy = { from = "operator" }, notes = { append = "note" }, lockedBy = { from = "null" }, hue = "it's \\ blue" } }
"#;

const DELETE: &str = r#"
[[action]]
id = "remove"
title = "Remove"
press = "x"
show = ["ownerName"]
delete = { table = "jobs", key = "id", compare = ["state"] }
"#;

const SCHEMA: &str = r#"
[source.main]
naming = "quoted"
[table.jobs]
key = "id"
[table.jobs.column]
id = { type = "uuid" }
state = { labels = ["NEW", "DONE"] }
tries = { type = "integer" }
done = { type = "boolean" }
hue = { type = "text" }
notes = { type = "text" }
ownerName = { type = "varchar" }
closedAt = { type = "timestamp" }
closedBy = { type = "varchar" }
lockedBy = { type = "varchar" }
updatedAt = { type = "timestamptz" }
hash = { type = "text", secret = true }
"#;

/// The pack with this action, this schema where there is one, and a query for a preview.
fn with(action: &str, schema: Option<&str>) -> Result<Pack, Problems> {
    let mut files = demo();
    files.files.insert("jobs.toml".into(), format!("{JOBS}{action}"));
    files.files.retain(|name, _| name != "schema.toml");
    files.files.extend(schema.map(|schema| ("schema.toml".to_owned(), schema.to_owned())));
    if action.contains("jobs.preview.sql") {
        let preview = "SELECT id AS key FROM jobs WHERE id = ANY (:keys)";
        files.files.insert("jobs.preview.sql".into(), preview.into());
    }
    if action.contains("jobs.write.sql") {
        let write = "UPDATE jobs SET done = true WHERE id = ANY (:keys) AND :seen_done IS NOT NULL RETURNING id AS key";
        files.files.insert("jobs.write.sql".into(), write.into());
    }
    load(&[files], &[])
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

fn sql(statement: &Statement) -> &str {
    match statement {
        Statement::Sql(sql) => &sql.text,
        Statement::Mongo(_) => panic!("it is SQL"),
    }
}

#[test]
fn a_declared_update_is_data_and_makes_its_statements() {
    let pack = with(ACTION, Some(SCHEMA)).unwrap();
    let action = &pack.views[0].actions[0];
    let Effect::Update(update) = &action.effect else { panic!("{:?}", action.effect) };
    assert_eq!((update.rows.table.name.as_str(), update.rows.key.alias.as_str()), ("jobs", "id"));
    assert_eq!(update.rows.key.kind, Some(ColumnType::Plain("uuid")));
    assert!(update.rows.row_version);
    let compared: Vec<&str> = update.rows.compared().map(|column| column.alias.as_str()).collect();
    let by_itself = ["closed_at", "closed_by", "done", "hue", "locked_by", "notes", "state", "tries", "updated_at"];
    assert_eq!(compared, [&["owner_name"][..], &by_itself].concat(), "what is set is compared");
    let set = |alias: &str| &update.set.iter().find(|(column, _)| column.alias == alias).unwrap().1;
    assert_eq!(*set("state"), SetTo::Asked("to".into()));
    assert_eq!(*set("tries"), SetTo::Integer(0));
    assert_eq!(*set("locked_by"), SetTo::Null);
    let change = |alias: &str| &action.change.iter().find(|(column, _)| column == alias).unwrap().1;
    assert_eq!(*change("done"), PlannedValue::To(Some("true".into())));
    assert_eq!(*change("closed_at"), PlannedValue::Now);
    assert_eq!(*change("notes"), PlannedValue::Appended("note".into()));
    assert!(action.undo.is_some() && !action.rechecks());
    let params: Vec<&str> = action.sql.params().iter().map(|param| param.name.as_str()).collect();
    assert!(["keys", "seen_state", "seen_row_version", "operator", "note", "to"].iter().all(|it| params.contains(it)));
    assert_eq!(action.sql.file(), "packs/demo/jobs.toml");
    let marked = |pack: &Pack| -> Vec<String> {
        let columns = pack.schema.sources[0].tables[0].columns.iter().filter(|column| column.write);
        columns.map(|column| column.name.clone()).collect()
    };
    assert_eq!(marked(&pack).len(), 9, "an operator may write them: {:?}", marked(&pack));
    assert!(!pack.schema.sources[0].tables[0].delete);
}

#[test]
fn a_declared_delete_cannot_be_undone_and_marks_its_table() {
    let pack = with(DELETE, Some(SCHEMA)).unwrap();
    let action = &pack.views[0].actions[0];
    assert!(action.effect.deletes() && action.undo.is_none() && action.change.is_empty());
    assert!(pack.schema.sources[0].tables[0].delete);
    assert!(sql(&action.sql).contains("DELETE FROM \"jobs\""));
}

#[test]
fn a_version_that_is_a_number_grows_by_one() {
    let text = changed(ACTION, &[("version = \"updatedAt\"", "version = \"tries\""), ("tries = 0, ", "")]);
    let pack = with(&text, Some(SCHEMA)).unwrap();
    let action = &pack.views[0].actions[0];
    for statement in [&action.sql, action.undo.as_ref().unwrap()] {
        assert!(sql(statement).contains("\"tries\" = t.\"tries\" + 1"), "{}", sql(statement));
    }
    assert!(!sql(&action.preview).contains("changed_at"));
}

#[test]
fn documented_names_become_those_of_the_database() {
    let snake = SCHEMA.replace("naming = \"quoted\"", "naming = \"snake\"");
    let pack = with(ACTION, Some(&snake)).unwrap();
    let action = &pack.views[0].actions[0];
    for statement in [&action.preview, &action.sql, action.undo.as_ref().unwrap()] {
        let text = sql(statement);
        assert!(text.contains("\"updated_at\"") && !text.contains("updatedAt"), "{text}");
    }
}

#[test]
fn a_pack_without_a_schema_declares_writes_too() {
    let pack = with(ACTION, None).unwrap();
    let undo = pack.views[0].actions[0].undo.as_ref().unwrap();
    assert!(sql(undo).contains("back.\"state\"::text IS NOT DISTINCT FROM ours.before_state"), "{}", sql(undo));
}

#[test]
fn a_condition_on_what_is_not_compared_is_looked_at_again_when_it_is_written() {
    let text =
        changed(ACTION, &[("show = [\"ownerName\"]", "preview = \"jobs.preview.sql\""), ("{ state =", "{ late =")]);
    let pack = with(&text.replacen("{ late = { ask", "{ state = { ask", 1), Some(SCHEMA)).unwrap();
    assert!(pack.views[0].actions[0].rechecks());
}

#[test]
fn every_mistake_of_a_declared_write_is_told_with_its_place_and_remedy() {
    let compare = "version = \"updatedAt\", compare = [\"ownerName\", \"xmin\"]";
    let mistakes: [&[(&str, &str)]; 30] = [
        &[("version = \"updatedAt\", compare = [\"ownerName\", \"xmin\"], ", "")],
        &[(compare, "compare = []")],
        &[(compare, "version = \"updatedAt\", compare = [\"key\"]")],
        &[(compare, "version = \"xmin\"")],
        &[(compare, "version = \"done\""), ("done = true, ", "")],
        &[("table = \"jobs\"", "table = \"job\"")],
        &[("key = \"id\"", "key = \"ident\"")],
        &[("\"xmin\"", "\"xmim\"")],
        &[("\"xmin\"", "\"hash\"")],
        &[("tries = 0", "tires = 0")],
        &[("tries = 0", "id = \"1\"")],
        &[("tries = 0", "updatedAt = { from = \"now\" }")],
        &[("tries = 0", "tries = 0.5")],
        &[("tries = 0", "tries = {}")],
        &[("{ from = \"now\" }", "{ from = \"tomorrow\" }")],
        &[("{ from = \"now\" }", "{ form = \"now\" }")],
        &[("{ ask = \"to\" }", "{ ask = \"too\" }"), ("name = \"to\"", "name = \"two\"")],
        &[("\"NEW\", \"DONE\"]", "\"NEW\", \"GONE\"]")],
        &[("state = { ask = \"to\" }", "state = \"OLD\"")],
        &[("state = { ask = \"to\" }, ", "")],
        &[("show = [\"ownerName\"]", "show = [\"owner\"]")],
        &[("show = [\"ownerName\"]", "preview = \"jobs.preview.sql\"\nshow = [\"ownerName\"]")],
        &[("show = [\"ownerName\"]", "sql = \"jobs.write.sql\"")],
        &[("show = [\"ownerName\"]", "undo = \"jobs.write.sql\"\nchange = { state = \"DONE\" }")],
        &[("show = [\"ownerName\"]", "delete = { table = \"jobs\", key = \"id\", compare = [\"state\"] }")],
        &[("type = \"owner_name\"", "type = \"ownerName\"")],
        &[("when = { state =", "when = { late =")],
        &[("update = {", "updte = {")],
        &[("table = \"jobs\", ", "")],
        &[("set = { state", "sets = { state")],
    ];
    let told = mistakes.iter().map(|changes| {
        let problems = with(&changed(ACTION, changes), Some(SCHEMA)).unwrap_err().to_string();
        format!("## {changes:?}\n{problems}")
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
    let nothing = with(&changed(DELETE, &[("delete = {", "# {")]), Some(SCHEMA)).unwrap_err().to_string();
    assert!(nothing.contains("jobs.toml:") && nothing.contains("does not say what it writes"), "{nothing}");
    let nothing = with(&changed(DELETE, &[(", compare = [\"state\"]", "")]), Some(SCHEMA)).unwrap_err().to_string();
    assert!(nothing.contains("a declared write without a version"), "{nothing}");
}

#[test]
fn two_columns_of_one_name_in_results_are_refused() {
    let text = DELETE.replace("[\"state\"]", "[\"owner_name\", \"ownerName\"]").replace("\nshow = [\"ownerName\"]", "");
    let problems = with(&text, None).unwrap_err().to_string();
    assert!(problems.contains("is called \"owner_name\" in results, as another"), "{problems}");
    let problems = with(&DELETE.replace("[\"state\"]", "[\"Key\", \"x\"]"), None).unwrap_err().to_string();
    assert!(problems.contains("is called \"key\" in results"), "{problems}");
}

#[test]
fn who_confirms_a_write_is_told_when_any_part_of_it_is_the_users() {
    let mut files = demo();
    files.files.insert("jobs.toml".into(), format!("{JOBS}{ACTION}"));
    files.files.insert("schema.toml".into(), SCHEMA.into());
    assert_eq!(load(std::slice::from_ref(&files), &[]).unwrap().views[0].actions[0].replaced().count(), 0);
    for part in
        ["update = { set = { tries = 5 } }", "update = { compare = [\"xmin\"] }", "show = [\"ownerName\", \"hue\"]"]
    {
        let over = folder("demo", "user", &[("jobs.toml", &format!("[[action]]\nid = \"close\"\n{part}\n"))]);
        let pack = load(&[files.clone(), over], &[]).unwrap();
        assert_eq!(pack.views[0].actions[0].replaced().collect::<Vec<_>>(), ["user/jobs.toml"], "{part}");
    }
}
