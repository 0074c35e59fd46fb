//! The texts that are made. That a server takes them and does what they promise, tests on real servers show.

use super::*;
use crate::pack::{ColumnType, Effect, GuardedRows, GuardedUpdate, SetTo, Table, TableColumn};

fn column(name: &str, kind: Option<&'static str>) -> TableColumn {
    let alias = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    TableColumn { documented: name.into(), name: name.into(), alias, kind: kind.map(ColumnType::Plain) }
}

fn rows() -> GuardedRows {
    GuardedRows {
        skips_locked: false,
        table: Table { documented: "Jobs".into(), schema: Some("work\"shop".into()), name: "Jobs".into() },
        key: column("id", Some("uuid")),
        show: vec![column("owner", None), column("state", None)],
        compare: vec![column("state", None), column("meta", Some("jsonb"))],
        version: Some(column("updatedAt", Some("timestamp"))),
        row_version: true,
    }
}

fn update() -> GuardedUpdate {
    let set = vec![
        (column("state", None), SetTo::Text("it's \\ closed".into())),
        (column("meta", Some("jsonb")), SetTo::Asked("meta".into())),
    ];
    GuardedUpdate { rows: rows(), set }
}

#[test]
fn the_statements_of_an_update_and_a_delete_read_as_people_would_write_them() {
    let update = GuardedSql::of(&Effect::Update(update())).unwrap();
    let delete = GuardedSql::of(&Effect::Delete(rows())).unwrap();
    assert_eq!(delete.undo, None);
    insta::assert_snapshot!([update.preview, update.write, update.undo.unwrap(), delete.write].join("\n"));
}

#[test]
fn a_write_that_compares_only_the_key_takes_what_it_overwrites_from_the_locked_row() {
    let rows = GuardedRows { compare: Vec::new(), version: None, row_version: false, ..rows() };
    let set = vec![(column("tries", Some("integer")), SetTo::Integer(0))];
    let made = GuardedSql::of(&Effect::Update(GuardedUpdate { rows, set })).unwrap();
    insta::assert_snapshot!([made.write, made.undo.unwrap()].join("\n"));
}

#[test]
fn a_statement_of_the_pack_is_not_made() {
    assert_eq!(GuardedSql::of(&Effect::Sql), None);
}
