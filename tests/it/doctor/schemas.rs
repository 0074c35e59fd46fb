//! A pack over two schemas and two databases, one of them optional: what it shows, what doctor says of it, and what the
//! logins may that `doctor --grants` makes for it.

use std::fs;

use opsdash_testbed::{shell::Shell, sql::run};

use super::{LOGINS, doctor, server};
use crate::support::shell;

const TABLES: &str = r#"
CREATE SCHEMA app; CREATE SCHEMA "Crm";
CREATE TABLE app.orders (id int PRIMARY KEY, due date, total numeric(40, 2), currency text, token text, internal text);
INSERT INTO app.orders VALUES (1991, '2026-06-01', 12345678901234567890.50, 'EUR', 't', 'i');
CREATE TABLE "Crm"."SupportTicket" (id int PRIMARY KEY, note text, waited interval, labels text[]);
INSERT INTO "Crm"."SupportTicket" VALUES (5, 'broken', '2 hours', ARRAY['a', NULL]);
"#;

const FILES: [(&str, &str); 9] = [
    (
        "pack.toml",
        r#"
title = "Shop"
views = ["orders", "tickets", "sessions"]
[[source]]
name = "main"
engine = "postgresql"
schema = "app"
[[source]]
name = "auth"
engine = "postgresql"
optional = true
[lookup.order]
view = "order"
yes = "payable"
no = "stuck"
"#,
    ),
    (
        "schema.toml",
        r#"
[table.orders]
source = "main"
key = "id"
[table.orders.column]
id = { type = "integer" }
due = { type = "date" }
total = { type = "numeric" }
currency = { type = "text" }
token = { type = "text", secret = true }
[table.SupportTicket]
source = "main"
schema = "Crm"
key = "id"
[table.SupportTicket.column]
id = { type = "integer" }
note = { type = "text" }
waited = { type = "interval" }
labels = { type = "text[]" }
"#,
    ),
    (
        "orders.toml",
        r#"
title = "Orders"
source = "main"
query = "orders.sql"
row_key = ["id"]
[[column]]
name = "id"
format = "id"
[[column]]
name = "due"
format = "date"
[[column]]
name = "total"
format = "money"
currency = "currency"
[[column]]
name = "currency"
hide = true
"#,
    ),
    ("orders.sql", "SELECT 'ok' AS severity, '' AS why, id, due, total, currency FROM orders"),
    (
        "tickets.toml",
        "title = \"Tickets\"\nsource = \"main\"\nquery = \"tickets.sql\"\nrow_key = [\"id\"]\n[[column]]\nname = \"labels\"\n",
    ),
    ("tickets.sql", "SELECT 'ok' AS severity, '' AS why, id, note, waited, labels FROM \"Crm\".\"SupportTicket\""),
    ("sessions.toml", "title = \"Sessions\"\nsource = \"auth\"\nquery = \"sessions.sql\"\nrow_key = [\"id\"]\n"),
    ("sessions.sql", "SELECT 'crit' AS severity, 'lost' AS why, 1 AS id"),
    (
        "order.toml",
        r#"
title = "Order"
source = "main"
query = "order.sql"
row_key = ["id"]
hidden = true
search = true
[[column]]
name = "usable"
hide = true
[[column]]
name = "reasons"
hide = true
"#,
    ),
];

const ORDER: &str = "SELECT 'ok' AS severity, '' AS why, id, false AS usable, ARRAY['not paid'] AS reasons FROM orders WHERE id::text = :search";

/// The shop as a login, with or without its optional source.
fn shop(url: &str, auth: bool) -> Shell {
    let source = |name: &str| format!("[targets.shop.sources.{name}]\nurl = \"{url}\"\n");
    let auth = if auth { source("auth") } else { String::new() };
    let shell = shell(&format!("[targets.shop]\nsystem = \"shop\"\n{}{auth}", source("main")));
    let folder = shell.path(".config/opsdash/packs/shop");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in FILES.into_iter().chain([("order.sql", ORDER)]) {
        fs::write(folder.join(name), text).unwrap();
    }
    shell
}

#[tokio::test]
async fn grants_doctor_and_views_agree_on_tables_of_other_schemas() {
    let name = "doctor_schemas";
    server().create_database(name).await.unwrap();
    let url = server().url(name);
    run(&url, TABLES).await.unwrap();
    let _logins = LOGINS.lock().await;
    let grants = shop(&url, false).run(&["doctor", "--grants", "main"]);
    assert_eq!(grants.code, Some(0), "{}", grants.err);
    run(&url, &grants.out).await.unwrap_or_else(|why| panic!("{why}\n{}", grants.out));
    run(&url, "ALTER ROLE opsdash_reader PASSWORD 'r'").await.unwrap();
    let reader = super::reader(name);
    let shell = shop(&reader, false);
    let said = doctor(&shell);
    assert_eq!((said.troubles(), said.code), (vec![], Some(0)), "{:#}", said.json);
    assert!(said.of("login").1.contains("reads what schema.toml lists"), "{:#}", said.json);
    assert!(said.of("source").1.contains("has no source \"auth\""), "{:#}", said.json);

    let orders = shell.run(&["show", "orders", "--format", "json"]).json();
    let values = &orders["rows"][0]["values"];
    assert_eq!(values["due"], "2026-06-01");
    assert_eq!(values["total"], "12345678901234567890.50");
    let table = shell.run(&["show", "orders"]).out;
    assert!(table.contains("1991  2026-06-01  12 345 678 901 234 567 890.50 E"), "{table}");
    let tickets = shell.run(&["show", "tickets", "--format", "json"]).json();
    assert_eq!(tickets["rows"][0]["values"]["labels"], serde_json::json!(["a", null]));
    let secret = "SELECT token FROM app.orders";
    assert!(run(&reader, secret).await.unwrap_err().to_string().contains("permission denied"));
}

#[tokio::test]
async fn a_source_that_a_target_leaves_out_fails_no_check_and_says_so_where_it_is_asked() {
    let name = "optional_source";
    server().create_database(name).await.unwrap();
    let url = server().url(name);
    run(&url, TABLES).await.unwrap();
    let without = shop(&url, false);
    let check = without.run(&["check"]);
    assert_eq!(check.code, Some(0), "{}{}", check.out, check.err);
    assert!(check.out.contains("2 views ok") && !check.out.contains("sessions"), "{}", check.out);
    let asked = without.run(&["check", "sessions"]);
    assert_eq!(asked.code, Some(3), "{}", asked.out);
    assert!(asked.out.contains("not configured: the target shop has no source \"auth\""), "{}", asked.out);
    let show = without.run(&["show", "sessions"]);
    assert!(show.code == Some(3) && show.err.contains("not configured"), "{}{}", show.out, show.err);
    let with = shop(&url, true).run(&["check"]);
    assert_eq!(with.code, Some(2), "{}", with.out);
    assert!(with.out.contains("sessions crit"), "{}", with.out);
}

#[tokio::test]
async fn a_lookup_speaks_in_the_packs_words() {
    let name = "lookup_words";
    server().create_database(name).await.unwrap();
    let url = server().url(name);
    run(&url, TABLES).await.unwrap();
    let shell = shop(&url, false);
    let found = shell.run(&["order", "1991"]);
    assert_eq!(found.code, Some(1), "{}{}", found.out, found.err);
    assert!(found.out.starts_with("stuck  1991\n") && found.out.contains("not paid"), "{}", found.out);
    assert_eq!(shell.run(&["order", "1991", "--json"]).json()["verdict"], "stuck");
    let help = shell.run(&["order", "--help"]).out;
    assert!(help.contains("Say whether the order is payable") && !help.contains("key"), "{help}");
    assert!(shell.run(&["license", "--help"]).out.contains("whole keys are never printed"));
}
