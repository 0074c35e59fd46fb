//! Databases that write names another way, and the packs that are ejected for them.

use std::{fs, path::Path};

use opsdash_core::contract::Table;
use opsdash_pack::pack::{Naming, Pack};
use opsdash_sources::Source;
use opsdash_testbed::{
    reads,
    sql::{column, run},
};

use super::{
    doctor, fresh_database,
    grants::{pack, question, source, statements},
    of_postgres,
};

/// Writes every table's and column's name of the schema in another way, as a migration of that naming would have.
async fn rename_all(url: &str, pack: &Pack, naming: Naming) {
    let mut statements = Vec::new();
    for table in &pack.schema.sources[0].tables {
        for column in &table.columns {
            let (table, old, new) = (&table.name, &column.name, naming.of(&column.name));
            if *old != new {
                statements.push(format!(r#"ALTER TABLE "{table}" RENAME COLUMN "{old}" TO "{new}""#));
            }
        }
    }
    assert!(statements.len() > 30, "{statements:?}");
    run(url, &statements.join(";")).await.unwrap();
}

async fn answers(source: &Source, pack: &Pack) -> Vec<(String, Table)> {
    let mut answers = Vec::new();
    let mut keys = Vec::new();
    for (view, statement) in statements(pack) {
        let is_list = std::sync::Arc::ptr_eq(&statement, &view.query);
        let read = question(view, &statement, if is_list { &[] } else { &keys });
        let answer = source.read(&read).await.unwrap_or_else(|why| panic!("{}: {why}", statement.file()));
        let table = reads::table(answer);
        if is_list {
            keys = table.rows.iter().take(3).map(|row| row.key.clone()).collect();
        }
        let file = statement.file().rsplit('/').next().unwrap().to_owned();
        answers.push((file, table));
    }
    answers
}

/// What does not depend on when it was asked.
fn lasting(table: &Table) -> (Vec<String>, Vec<String>, opsdash_core::value::Counts) {
    let mut rows: Vec<String> =
        table.rows.iter().map(|row| format!("{} {}", row.key.as_str(), row.severity.word())).collect();
    rows.sort();
    (table.columns.clone(), rows, table.counts)
}

async fn serves(name: &str, naming: Naming, column_name: &str) {
    let ours = pack(Path::new("/nonexistent"));
    let (quoted, other) = (format!("{name}_quoted"), format!("{name}_other"));
    let quoted = fresh_database(&quoted).await;
    let other = fresh_database(&other).await;
    rename_all(&other, &ours, naming).await;
    let shell = of_postgres(&other);
    let before = doctor(&shell);
    let mut troubles = before.troubles();
    troubles.retain(|subject| !subject.starts_with("login "));
    assert_eq!((troubles, before.code), (vec!["naming"], Some(1)), "{:#}", before.json);
    let (_, found, fix) = before.of("naming");
    assert!(found.contains(column_name), "{found}");
    let eject: Vec<&str> = fix.strip_prefix("opsdash ").unwrap().split(' ').collect();
    let ran = shell.run(&eject);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let after = doctor(&shell);
    let mut troubles = after.troubles();
    troubles.retain(|subject| !subject.starts_with("login "));
    assert_eq!((troubles, after.code), (vec![], Some(0)), "{:#}", after.json);

    // Its actions write in that naming too, and who confirms is told whose statement it is.
    let first =
        async |table: &str| column(&other, &format!("SELECT min(id::text) FROM {table}")).await.unwrap().remove(0);
    let (license, tenant) = (first("licenses").await, first("tenants").await);
    let ran = shell.run(&["act", "licenses", "note", &license, "--set", "note=called", "--yes"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let state = column(&other, "SELECT active::text FROM tenants ORDER BY id LIMIT 1").await.unwrap().remove(0);
    let action = if state == "true" { "deactivate" } else { "activate" };
    let ran = shell.run(&["act", "tenants", action, &tenant, "--dry-run"]);
    assert!(ran.code == Some(0) && ran.out.contains("with the statement of "), "{}{}", ran.out, ran.err);

    // For a database of our naming, the ejected pack is in the way.
    let config = fs::read_to_string(shell.config()).unwrap().replace(&other, &quoted);
    fs::write(shell.config(), config).unwrap();
    assert!(doctor(&shell).of("naming").2.starts_with("move the ejected pack out"));

    let ejected = pack(&shell.path(".config/opsdash"));
    let theirs = answers(&source(&other), &ejected).await;
    for ((file, expected), (same, found)) in answers(&source(&quoted), &ours).await.iter().zip(&theirs) {
        assert_eq!(file, same);
        if !file.starts_with("pg_") {
            assert_eq!(lasting(expected), lasting(found), "{file}");
        }
    }
    // The logins too are of that naming.
    let grants = shell.run(&["doctor", "--grants", "main"]).out;
    assert!(grants.contains(&format!(r#""{column_name}""#)) && !grants.contains("createdAt"), "{grants}");
    assert_eq!(column(&other, "SELECT count(*)::text FROM tenants").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_database_in_snake_case_is_served_by_the_pack_that_doctor_names() {
    serves("eject_snake", Naming::Snake, "created_at").await;
}

#[tokio::test]
async fn a_database_in_folded_case_is_served_by_the_pack_that_doctor_names() {
    serves("eject_folded", Naming::Folded, "createdat").await;
}

#[test]
fn what_is_there_is_never_overwritten() {
    let shell = of_postgres("postgres://opsdash@127.0.0.1:9/central");
    let dir = shell.path("mine");
    let dir = dir.to_str().unwrap();
    let first = shell.run(&["packs", "eject", "cybersensei", dir]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("packs/cybersensei");
    let files = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let fragments = files(&ours.join("fragments"));
    for path in files(&ours).into_iter().filter(|path| path.is_file()).chain(fragments) {
        let copy = Path::new(dir).join(path.strip_prefix(&ours).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), fs::read_to_string(&copy).unwrap(), "{}", copy.display());
    }
    fs::remove_file(Path::new(dir).join("tenants.sql")).unwrap();
    let again = shell.run(&["packs", "eject", "cybersensei", "--naming", "snake", dir]);
    assert_eq!((again.code, again.out.as_str()), (Some(2), ""));
    assert!(again.err.contains("nothing is overwritten"), "{}", again.err);
    assert!(!Path::new(dir).join("tenants.sql").exists(), "nothing was written at all");
}

#[test]
fn types_are_named_as_the_database_names_them() {
    let shell = of_postgres("postgres://opsdash@127.0.0.1:9/central");
    let packs = shell.path(".config/opsdash/packs/shop");
    fs::create_dir_all(&packs).unwrap();
    fs::write(
        packs.join("pack.toml"),
        "title = \"Shop\"\nviews = [\"orders\"]\n[[source]]\nname = \"db\"\nengine = \"postgresql\"\n",
    )
    .unwrap();
    fs::write(
        packs.join("orders.toml"),
        "title = \"Orders\"\nsource = \"db\"\nquery = \"orders.sql\"\nrow_key = [\"id\"]\n[[column]]\nname = \"id\"\n",
    )
    .unwrap();
    fs::write(
        packs.join("orders.sql"),
        "SELECT 'ok' AS severity, '' AS why, id FROM orders WHERE state = 'NEW'::orders_state_enum;\n",
    )
    .unwrap();
    let dir = shell.path("shop");
    let ran =
        shell.run(&["packs", "eject", "shop", "--enum-types", "orders_state_enum=OrderState", dir.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(fs::read_to_string(dir.join("orders.sql")).unwrap().ends_with("'NEW'::\"OrderState\";\n"));
}
