//! The texts that are made. That a server takes them and does what they promise, tests on real servers show.

use super::*;
use crate::pack::{Argument, ColumnType, Effect, GuardedCall, GuardedRows, GuardedUpdate, SetTo, Table, TableColumn};

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

#[test]
fn sql_server_gets_statements_of_its_own() {
    let key = column("id", Some("uniqueidentifier"));
    let rows = GuardedRows { key, row_version: false, ..rows() };
    let set = vec![(column("is]Open", Some("bit")), SetTo::Boolean(false))];
    let update =
        GuardedUpdate { rows: GuardedRows { compare: vec![column("is]Open", Some("bit"))], ..rows.clone() }, set };
    let made = MadeSql::of(Flavor::SqlServer, &Effect::Update(update.clone())).unwrap();
    let preview = made.preview.unwrap();
    assert!(preview.contains("LOWER(CONVERT(nvarchar(36), t.[id])) AS [key]"), "{preview}");
    assert!(preview.contains("TRY_CAST(given.[value] AS uniqueidentifier) FROM OPENJSON(:keys)"), "{preview}");
    assert!(made.write.contains("[is]]Open] = 0"), "{}", made.write);
    assert!(made.undo.unwrap().contains("[is]]Open] = before_is_open.[value]"));
    let lock = sqlserver::lock(&rows);
    assert!(lock.contains("WITH (UPDLOCK, HOLDLOCK, ROWLOCK)"), "{lock}");
    let of_set = sqlserver::lock(&GuardedRows { skips_locked: true, ..rows.clone() });
    assert!(of_set.contains("READPAST") && !of_set.contains("HOLDLOCK"), "{of_set}");
    let guard = sqlserver::guard(&Effect::Update(update)).unwrap();
    assert!(guard.permission.contains("'UPDATE', N'is]Open', 'COLUMN') = 1"), "{}", guard.permission);
    assert_eq!(guard.returns[0], "key");
    let procedure = Table { documented: "dbo.purge".into(), schema: Some("dbo".into()), name: "purge".into() };
    let arguments = vec![("id".to_owned(), Argument::Key), ("why".to_owned(), Argument::Text("it's".into()))];
    let call = Effect::Call(GuardedCall { procedure, arguments, compare: Vec::new(), once: false });
    let made = MadeSql::of(Flavor::SqlServer, &call).unwrap();
    assert_eq!(made.write, "EXEC [dbo].[purge]\n    @id = :key,\n    @why = N'it''s';\n");
    assert_eq!((made.preview, MadeSql::of(Flavor::PostgreSql, &call)), (None, None));
}
