//! `packs check --live` asks everything that a pack says: a pack that is right is counted, and each thing that only a
//! server knows is told when it is broken.

use std::{fs, path::PathBuf};

use opsdash_testbed::{servers::postgres::shared, shell::Shell};

use crate::support::shell;

const DATABASE: &str = r"
    CREATE TABLE orders (id int PRIMARY KEY, state text NOT NULL, stat int NOT NULL DEFAULT 1, version int NOT NULL);
    CREATE TABLE items (order_id int REFERENCES orders, no int, name text, PRIMARY KEY (order_id, no));
    INSERT INTO orders VALUES (1, 'new', 1, 1);
    INSERT INTO items VALUES (1, 7, 'lamp');";

/// A pack that is right: its files, and their texts.
const FILES: [(&str, &str); 12] = [
    (
        "pack.toml",
        "title = \"Shop\"\nviews = [\"orders\", \"items\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n",
    ),
    (
        "orders.toml",
        r#"
title = "Orders"
source = "main"
query = "orders.sql"
row_key = ["id"]
[[facet]]
name = "state"
choices = ["all", "new"]
[[column]]
name = "id"
[[column]]
name = "state"
[[enrich]]
query = "orders.items.sql"
columns = ["items"]
[[column]]
name = "items"
[detail]
query = "orders.detail.sql"
[[detail.list]]
title = "Items"
query = "orders.list.sql"
[[detail.list.column]]
name = "name"
[[chart]]
title = "Orders"
query = "orders.chart.sql"
windows = ["1 hour", "1 day"]
[[link]]
view = "items"
press = "i"
set = { order = "id" }
[[action]]
id = "pay"
title = "Pay"
press = "P"
preview = "orders.look.sql"
when = { state = ["new"] }
sql = "orders.pay.sql"
undo = "orders.undo.sql"
change = { state = "paid" }
ask = [{ name = "to", prompt = "To", kind = "choice" }]
confirm = { danger = "high", type = "version" }
"#,
    ),
    (
        "orders.sql",
        "SELECT 'ok' AS severity, '' AS why, o.id, o.state\nFROM orders AS o\nWHERE :state::text IN ('all', o.state)\nORDER BY o.id;\n",
    ),
    (
        "orders.items.sql",
        "SELECT k.key, count(i.no) AS items\nFROM unnest(:keys::text[]) AS k (key)\nLEFT JOIN items AS i ON i.order_id = k.key::int\nGROUP BY k.key;\n",
    ),
    ("orders.detail.sql", "SELECT version FROM orders WHERE id = :key::int;\n"),
    ("orders.list.sql", "SELECT no, name FROM items WHERE order_id = :key::int;\n"),
    (
        "orders.chart.sql",
        "SELECT now() - :window::interval AS time, version AS value FROM orders WHERE id = :key::int;\n",
    ),
    (
        "orders.look.sql",
        "SELECT o.id::text AS key, o.state, o.version::text AS version, '[\"paid\"]' AS choices_to\nFROM orders AS o\nWHERE o.id = ANY (:keys::int[]);\n",
    ),
    (
        "orders.pay.sql",
        "UPDATE orders AS o\nSET state = 'paid', version = o.version + 1\nFROM unnest(:keys::int[], :seen_version::int[]) AS seen (id, version)\nWHERE o.id = seen.id AND o.version = seen.version AND (:to::text IS NULL OR :to::text = 'paid')\nRETURNING o.id::text AS key, 'new' AS before_state, o.state AS after_state,\n    seen.version::text AS before_version, o.version::text AS after_version;\n",
    ),
    (
        "orders.undo.sql",
        "UPDATE orders AS o\nSET state = was.state, version = o.version + 1\nFROM unnest(:keys::int[], :before_state::text[], :after_version::int[]) AS was (id, state, version)\nWHERE o.id = was.id AND o.version = was.version\nRETURNING o.id::text AS key;\n",
    ),
    (
        "items.toml",
        r#"
title = "Items"
source = "main"
query = "items.sql"
row_key = ["order_id", "no"]
[[given]]
name = "order"
[[column]]
name = "name"
[detail]
query = "items.detail.sql"
"#,
    ),
    (
        "items.sql",
        "SELECT 'ok' AS severity, '' AS why, i.name, i.order_id, i.no\nFROM items AS i\nWHERE :order::int IS NULL OR i.order_id = :order::int\nORDER BY i.no;\n",
    ),
];

const ITEMS_DETAIL: &str =
    "SELECT name FROM items\nWHERE order_id = (:key::json ->> 0)::int AND no = (:key::json ->> 1)::int;\n";

/// The pack in a folder of a shell whose config has a target for it.
fn written(database: &str) -> (Shell, PathBuf) {
    let url = shared().url(database);
    let config = format!("[targets.shop]\nsystem = \"shop\"\n[targets.shop.sources.main]\nurl = \"{url}\"\n");
    let shell = shell(&config);
    let folder = shell.path("shop");
    fs::create_dir(&folder).unwrap();
    for (file, text) in FILES.into_iter().chain([("items.detail.sql", ITEMS_DETAIL)]) {
        fs::write(folder.join(file), text).unwrap();
    }
    (shell, folder)
}

fn check(shell: &Shell) -> (Option<i32>, String) {
    let ran = shell.run(&["packs", "check", "shop", "--live"]);
    (ran.code, format!("{}{}", ran.out, ran.err))
}

#[tokio::test]
async fn all_that_a_pack_says_is_asked_and_counted_and_nothing_is_written() {
    let server = shared();
    server.create_database("live_right").await.unwrap();
    server.run("live_right", DATABASE).await.unwrap();
    let (shell, _) = written("live_right");
    let told = "shop: ok on shop, 13 questions, 3 writes planned, a row tried in 2 of 2 views\n";
    assert_eq!(check(&shell), (Some(0), told.to_owned()));
    let left = opsdash_testbed::sql::column(&server.url("live_right"), "SELECT state || version FROM orders").await;
    assert_eq!(left.unwrap(), ["new1"]);
    server.run("live_right", "TRUNCATE items, orders").await.unwrap();
    let (code, told) = check(&shell);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.ends_with("a row tried in 0 of 2 views\n"), "what had no row is told: {told}");
}

#[tokio::test]
async fn each_thing_that_only_the_server_knows_is_told_with_its_line_and_remedy() {
    let server = shared();
    server.create_database("live_broken").await.unwrap();
    server.run("live_broken", DATABASE).await.unwrap();
    let (shell, folder) = written("live_broken");
    let breaks: [(&str, &str, &str, &[&str]); 25] = [
        (
            "orders.sql",
            "o.id, o.state",
            "o.id,\n    o.stat",
            &["orders.sql: ", "no column \"state\"", "did you mean \"stat\""],
        ),
        ("orders.sql", "FROM orders", "FROM orderz", &["orders.sql:2: ", "\"orderz\" does not exist"]),
        ("orders.sql", "'ok' AS severity", "'critical' AS severity", &["severity \"critical\"", "return one of crit"]),
        ("orders.sql", "'' AS why", "'' AS wyh", &["no column \"why\"", "return why"]),
        ("orders.sql", "o.id, o.state", "o.id, o.state, money '1' AS m, time '1:00' AS t", &[]),
        ("orders.sql", "o.id, o.state", "o.id, o.state, int4multirange() AS m", &["multirange", "cast it to text"]),
        ("orders.toml", "[\"all\", \"new\"]", "[\"all\", \"new\", \"7\"]", &[]),
        (
            "orders.sql",
            "o.state)",
            "o.state) OR :state::text <> 'all' AND :state::int = 1",
            &["orders.sql:", "type integer"],
        ),
        (
            "orders.items.sql",
            "SELECT k.key",
            "SELECT 'x' || k.key AS key",
            &["for the row 1 it returns the key x1", "k.key"],
        ),
        ("orders.detail.sql", ":key::int", "(:key || 'x')::int", &["orders.detail.sql", "type integer: \"1x\""]),
        ("orders.list.sql", "no, name", "no", &["orders.list.sql", "is a column of the list \"Items\""]),
        ("orders.chart.sql", "AS value", "AS valu", &["no column \"value\", which a chart draws"]),
        ("orders.look.sql", "FROM orders", "\nFROM orderz", &["orders.look.sql:3: ", "\"orderz\""]),
        ("orders.look.sql", "AS key", "AS id", &["no column \"key\", which tells the rows apart"]),
        ("orders.look.sql", "o.id::text AS key", "'[' || o.id AS key", &["for the row 1 it returns the key [1"]),
        ("orders.look.sql", "o.state,", "", &["no column \"state\", which when names", "which change names"]),
        (
            "orders.look.sql",
            "AS choices_to",
            "AS choices_of",
            &["no column \"choices_to\", which an ask of kind choice"],
        ),
        (
            "orders.toml",
            "type = \"version\"",
            "type = \"versoin\"",
            &["no column \"versoin\", which confirm names", "did you mean"],
        ),
        ("orders.pay.sql", "SET state", "SET stat", &["orders.pay.sql:2: ", "type integer: \"paid\""]),
        ("orders.pay.sql", ":seen_version::int[]", ":seen_stat::int[]", &["orders.look.sql", "takes as :seen_stat"]),
        (
            "orders.pay.sql",
            "AS before_state",
            "AS before_stat",
            &["orders.pay.sql: ", "orders.undo.sql takes as :before_state"],
        ),
        ("orders.pay.sql", "o.id::text AS key", "o.id::text AS id", &["orders.pay.sql: ", "\"key\""]),
        ("orders.undo.sql", "UPDATE orders", "UPDATE orderz", &["orders.undo.sql:1: ", "\"orderz\""]),
        (
            "items.detail.sql",
            "(:key::json ->> 0)::int",
            ":key::int",
            &["items.detail.sql", "type integer: \"[\"1\",\"7\"]\""],
        ),
        ("items.sql", ":order::int IS NULL", ":order::date IS NULL", &["items.sql", "type date: \"1\""]),
    ];
    let version = "SELECT current_setting('server_version_num')";
    let version = opsdash_testbed::sql::column(&server.url("live_broken"), version).await.unwrap().remove(0);
    // Multiranges came with release 14.
    let has_multiranges = version.parse::<u32>().unwrap() >= 140_000;
    for (file, from, to, told) in breaks {
        if to.contains("multirange") && !has_multiranges {
            continue;
        }
        let path = folder.join(file);
        let right = fs::read_to_string(&path).unwrap();
        assert!(right.contains(from), "{file} has no {from}");
        fs::write(&path, right.replacen(from, to, 1)).unwrap();
        let (code, found) = check(&shell);
        assert_eq!(code, Some(if told.is_empty() { 0 } else { 2 }), "{file}: {from} -> {to}\n{found}");
        for part in told {
            assert!(found.contains(part), "{file}: {from} -> {to}: no {part} in\n{found}");
        }
        fs::write(&path, right).unwrap();
    }
}

#[tokio::test]
async fn rows_that_do_not_come_worst_first_as_the_view_says_are_told() {
    let server = shared();
    server.create_database("live_order").await.unwrap();
    server.run("live_order", DATABASE).await.unwrap();
    server.run("live_order", "INSERT INTO orders VALUES (2, 'late', 1, 1)").await.unwrap();
    let (shell, folder) = written("live_order");
    let edit = |file: &str, from: &str, to: &str| {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
    };
    edit("orders.toml", "row_key", "ordered = { state = [\"all\", \"new\"] }\nrow_key");
    edit("orders.sql", "'ok' AS severity", "CASE o.state WHEN 'late' THEN 'crit' ELSE 'ok' END AS severity");
    let (code, told) = check(&shell);
    assert_eq!(code, Some(2), "{told}");
    for part in ["orders.sql", "under state = \"all\" its rows do not come worst first", "sort by severity"] {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
    assert!(!told.contains("state = \"new\""), "its one row is in order: {told}");
    edit("orders.sql", "ORDER BY o.id", "ORDER BY o.state <> 'late', o.id");
    let (code, told) = check(&shell);
    assert_eq!(code, Some(0), "{told}");
}

#[tokio::test]
async fn a_login_that_may_only_read_is_told_what_its_actions_lack() {
    let server = shared();
    server.create_database("live_reader").await.unwrap();
    server.run("live_reader", DATABASE).await.unwrap();
    let grants = "CREATE ROLE live_reader LOGIN PASSWORD 'plain'; GRANT SELECT ON orders, items TO live_reader";
    server.run("live_reader", grants).await.unwrap();
    let (shell, folder) = written("live_reader");
    let url = server.url_of("live_reader", "plain", "live_reader");
    let config = format!("[targets.shop]\nsystem = \"shop\"\n[targets.shop.sources.main]\nurl = \"{url}\"\n");
    let reader = crate::support::shell(&config);
    let ran = reader.run(&["packs", "check", &folder.display().to_string(), "--live"]);
    drop(shell);
    assert_eq!(ran.code, Some(2), "{}{}", ran.out, ran.err);
    for part in ["orders.pay.sql: view orders: no privilege: permission denied for table orders", "grant the login"] {
        assert!(ran.out.contains(part), "no {part} in\n{}", ran.out);
    }
    assert!(!ran.out.contains("orders.look.sql"), "{}", ran.out);
}
