//! A pack of many databases: tested, tried, shown and judged.

use opsdash_testbed::{
    servers::postgres::shared,
    shell::{Ran, Shell},
};
use serde_json::Value as Json;

use crate::support::shell;

const FILES: [(&str, &str); 8] = [
    (
        "pack.toml",
        r#"
title = "Houses"
views = ["fleet", "societes", "orders"]
[[source]]
name = "auth"
engine = "postgresql"
[[source]]
name = "houses"
engine = "postgresql"
[source.family]
databases = ["house_*"]
also = ["auth"]
kind = "tenant"
query = "members.sql"
from = "auth"
binds = ["societe_id"]
"#,
    ),
    ("members.sql", "SELECT base AS database, nom AS label, id::text AS societe_id FROM societes\n"),
    (
        "fleet.toml",
        r#"
title = "Fleet"
source = "houses"
query = "fleet.sql"
row_key = ["database"]
attention = true
unreachable = { severity = "crit", reason = "gone" }
[reason.gone]
says = "{database} is out of reach: {finding}"
[reason.behind]
says = "{behind} {behind|migration|migrations} behind"
[reason.no_societe]
says = "no société has the database {database}"
[[column]]
name = "database"
[[column]]
name = "label"
[[column]]
name = "kind"
[[column]]
name = "applied"
format = "int"
[[column]]
name = "behind"
format = "int"
[[column]]
name = "owner"
[[across]]
column = "applied"
rule = "newest"
per = "kind"
behind = "behind"
severity = "warn"
reason = "behind"
[[enrich]]
view = "owners"
on = "database"
columns = ["owner"]
missing = { severity = "crit", reason = "no_societe" }
"#,
    ),
    (
        "fleet.sql",
        "SELECT 'ok' AS severity, NULL::text AS reason, '' AS why, (SELECT count(*) FROM migrations) AS applied\n",
    ),
    (
        "owners.toml",
        "title = \"Owners\"\nsource = \"auth\"\nquery = \"owners.sql\"\nrow_key = [\"base\"]\nhidden = true\n\
         [[column]]\nname = \"base\"\n[[column]]\nname = \"owner\"\n",
    ),
    (
        "owners.sql",
        "SELECT 'ok' AS severity, '' AS why, base, nom AS owner FROM societes\n\
         UNION ALL SELECT 'ok', '', current_database()::text, 'auth'\n",
    ),
    (
        "societes.toml",
        r#"
title = "Societes"
source = "auth"
query = "owners.sql"
row_key = ["base"]
attention = true
[reason.no_database]
says = "there is no database {base}"
[[column]]
name = "base"
[[column]]
name = "owner"
[[column]]
name = "applied"
format = "int"
[[enrich]]
view = "fleet_alone"
on = "base"
columns = ["applied"]
missing = { severity = "crit", reason = "no_database" }
"#,
    ),
    (
        "fleet_alone.toml",
        "title = \"Databases\"\nsource = \"houses\"\nquery = \"fleet.sql\"\nrow_key = [\"database\"]\nhidden = true\n\
         [[column]]\nname = \"database\"\n[[column]]\nname = \"applied\"\n",
    ),
];

const ORDERS: [(&str, &str); 3] = [
    (
        "orders.toml",
        r#"
title = "Orders"
source = "houses"
query = "orders.sql"
kinds = ["tenant"]
row_key = ["database", "id"]
[reason.of_another]
says = "of the société {societe_id}"
[[column]]
name = "database"
[[column]]
name = "id"
format = "id"
[[column]]
name = "societe_id"
format = "id"
[detail]
query = "orders.detail.sql"
"#,
    ),
    (
        "orders.sql",
        "SELECT CASE WHEN :societe_id::int IS NULL THEN 'unknown' WHEN societe_id <> :societe_id::int THEN 'crit' ELSE 'ok' END\n\
         AS severity, CASE WHEN societe_id <> :societe_id::int THEN 'of_another' END AS reason, '' AS why, id, societe_id\n\
         FROM orders\n",
    ),
    ("orders.detail.sql", "SELECT id, current_database() AS here FROM orders WHERE id::text = :key\n"),
];

const TESTS: &str = r#"
[[fixture]]
source = "auth"
database = "house_auth"
sql = """
CREATE TABLE societes (id int, base text, nom text);
CREATE TABLE migrations (n int);
INSERT INTO societes VALUES (11, 'house_a', 'Acier'), (12, 'house_b', 'Bronze')"""

[[fixture]]
source = "houses"
database = "house_a"
sql = "CREATE TABLE migrations (n int); INSERT INTO migrations VALUES (1), (2), (3); CREATE TABLE orders (id int, societe_id int); INSERT INTO orders VALUES (1, 11), (2, 12)"

[[fixture]]
source = "houses"
database = "house_c"
sql = "CREATE TABLE migrations (n int); INSERT INTO migrations VALUES (1); CREATE TABLE orders (id int, societe_id int)"

[[test]]
name = "a database that is two migrations behind, and one that no société has"
view = "fleet"
others = true
row = [
  { key = ["house_a"], severity = "ok", cells = { label = "Acier", kind = "tenant", applied = 3, behind = 0 } },
  { key = ["house_c"], severity = "crit", reason = "no_societe", cells = { behind = 2 } },
]

[[test]]
name = "a société without a database"
view = "societes"
others = true
row = [
  { key = ["house_a"], severity = "ok", cells = { applied = 3 } },
  { key = ["house_b"], severity = "crit", reason = "no_database", why = "there is no database house_b" },
]

[[test]]
name = "rows of another société"
view = "orders"
row = [
  { key = ["house_a", "1"], severity = "ok" },
  { key = ["house_a", "2"], severity = "crit", reason = "of_another", why = "of the société 12" },
]
"#;

fn houses(config: &str) -> Shell {
    let shell = shell(config);
    for (name, text) in FILES.iter().chain(&ORDERS).chain(&[("tests/houses.toml", TESTS)]) {
        shell.write(&format!(".config/opsdash/packs/houses/{name}"), text).unwrap();
    }
    shell
}

fn run(shell: &Shell, arguments: &[&str], code: i32) -> Ran {
    let ran = shell.run(arguments);
    assert_eq!(ran.code, Some(code), "{arguments:?}: {}{}", ran.out, ran.err);
    ran
}

#[test]
fn a_packs_tests_fill_the_members_of_a_family() {
    let url = shared().url("postgres");
    let (auth, houses_on) = (format!("auth={url}"), format!("houses={url}"));
    let ran = run(&houses(""), &["packs", "test", "houses", "--on", &auth, "--on", &houses_on], 0);
    assert_eq!(ran.out, "houses: 3 tests, 3 passed, 0 failed\n", "{}", ran.err);
}

#[tokio::test]
async fn what_fails_is_a_row_in_show_and_check_and_what_is_missing_is_named() {
    let server = shared();
    let migrations = "CREATE TABLE migrations (n int); INSERT INTO migrations SELECT generate_series(1, ";
    let orders = "CREATE TABLE orders (id int, societe_id int); INSERT INTO orders VALUES (1, 11)";
    for (name, applied) in [("house_auth", 1), ("house_a", 3), ("house_b", 1), ("house_odd", 3)] {
        server.create_database(name).await.unwrap();
        server.run(name, &format!("{migrations}{applied}); {orders}")).await.unwrap();
    }
    let societes = "CREATE TABLE societes (id int, base text, nom text); INSERT INTO societes VALUES (11, 'house_a', \
                    'Acier'), (12, 'house_b', 'Bronze'), (13, 'house_odd', 'Odd'), (14, 'house_z', 'Zinc')";
    server.run("house_auth", societes).await.unwrap();
    server.run("house_odd", "ALTER TABLE migrations RENAME TO migration").await.unwrap();
    let config = format!(
        "[targets.x]\nsystem = \"houses\"\n[targets.x.sources.auth]\nurl = \"{}\"\n[targets.x.sources.houses]\nurl = \
         \"{}\"\n",
        server.url("house_auth"),
        server.url("postgres")
    );
    let shell = houses(&config);
    run(&shell, &["config", "check"], 0);
    let folder = shell.path(".config/opsdash/packs/houses").display().to_string();
    let live = run(&shell, &["packs", "check", &folder, "--live", "--target", "x"], 0);
    assert!(live.out.starts_with("houses: ok on x"), "{}", live.out);
    let shown = run(&shell, &["show", "fleet", "--format", "json"], 0);
    let json: Json = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(json["coverage"]["members"], 4, "{}", shown.out);
    assert_eq!(json["coverage"]["failed"][0]["member"], "house_odd");
    let row = |key: &str| {
        let rows = json["rows"].as_array().unwrap();
        let found = rows.iter().find(|row| row["key"] == key);
        found.unwrap_or_else(|| panic!("{key}: {rows:#?}")).clone()
    };
    assert_eq!(row("house_b")["reason"], "behind");
    assert_eq!(row("house_b")["why"], "2 migrations behind");
    assert_eq!(row("house_odd")["severity"], "unknown");
    assert!(shown.err.contains("3/4 databases answered") && shown.err.contains("house_odd: schema"), "{}", shown.err);
    let societes = run(&shell, &["show", "societes"], 0);
    assert!(societes.out.contains("there is no database house_z"), "{}", societes.out);
    let checked = run(&shell, &["check", "orders"], 2);
    assert!(checked.out.contains("house_b"), "its order is another's: {}", checked.out);
}
