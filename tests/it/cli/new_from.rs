//! `packs new NAME --from URL`: a first pack of a database that nobody prepared, which works at once.

use std::fs;

use opsdash_testbed::{servers::postgres::shared, shell::Shell};

use crate::support::shell;

/// A shop as people have it: mixed-case names, another schema, reserved words, keys of several columns, every odd type.
const SHOP: &str = r#"
    CREATE SCHEMA "Crm";
    CREATE EXTENSION IF NOT EXISTS hstore SCHEMA public;
    CREATE TYPE order_state AS ENUM ('new', 'paid', 'sent', 'it''s lost');
    CREATE TYPE "Priority" AS ENUM ('LOW', 'HIGH');
    CREATE TYPE address AS (street text, city text);
    CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');

    CREATE TABLE customers (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, email email, password_hash text,
        api_token text, active boolean NOT NULL DEFAULT true, created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id uuid NOT NULL REFERENCES customers,
        state order_state NOT NULL DEFAULT 'new', total numeric(12, 2), issued_on date, expires_at timestamptz,
        placed_at timestamp NOT NULL DEFAULT now(), channel text CHECK (channel IN ('web', 'shop')), data jsonb
    );
    CREATE TABLE order_lines (
        order_id bigint REFERENCES orders, no int, "productId" int, quantity int, PRIMARY KEY (order_id, no)
    );
    CREATE TABLE products (id serial PRIMARY KEY, name text, price money, tags text[], size_bytes bigint, weight float8);
    ALTER TABLE order_lines ADD FOREIGN KEY ("productId") REFERENCES products;
    CREATE TABLE "order" (id int PRIMARY KEY, "user" text, "select" text, severity text, why text, key text, row int);
    CREATE TABLE "Crm"."SupportTicket" (
        "tenantId" int, "openedAt" timestamptz, "priority" "Priority", "Subject Line" text, PRIMARY KEY ("tenantId", "openedAt")
    );
    CREATE TABLE "Crm"."Agent" (id int PRIMARY KEY, "fullName" text, boss int REFERENCES "Crm"."Agent");
    CREATE TABLE countries (code char(2) PRIMARY KEY, name text);
    CREATE TABLE rates (day date, currency text, rate numeric, PRIMARY KEY (day, currency));
    CREATE TABLE sessions (token text PRIMARY KEY, data bytea);
    CREATE TABLE audit_log (at timestamptz, what text);
    CREATE TABLE jobs (queue text NOT NULL, no int NOT NULL, state text, payload json, UNIQUE (queue, no));
    CREATE VIEW open_orders AS SELECT * FROM orders WHERE state = 'new';
    CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY 1;
    CREATE TABLE events (id int, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE TABLE odd (
        id int PRIMARY KEY, m money, t time, tz timetz, mac macaddr, mac8 macaddr8, doc tsvector, during int4range,
        days daterange, pairs hstore, flags bit(3), more varbit, at point, area box, home address, homes address[],
        net inet, range cidr, took interval, raw bytea, doc2 xml, list int[], "listOf" text[], big numeric, letter "char",
        what oid, lsn pg_lsn, states order_state[], dates date[], spans tstzmultirange, js jsonb, path text
    );

    INSERT INTO customers (name, email, password_hash, api_token) VALUES ('Ann', 'a@b', 'hunter2', 'hunter3');
    INSERT INTO orders (customer_id, total, issued_on, channel) SELECT id, 12.5, '2026-06-01', 'web' FROM customers;
    INSERT INTO products (name, price, tags) VALUES ('lamp', 5, '{red,"a b"}');
    INSERT INTO order_lines VALUES (1, 1, 1, 2);
    INSERT INTO "order" VALUES (1, 'u', 's', 'x', 'y', 'k', 2);
    INSERT INTO "Crm"."SupportTicket" VALUES (7, '2026-01-31 12:00:00.123456+00', 'HIGH', 'it burns');
    INSERT INTO "Crm"."Agent" VALUES (1, 'Bob', NULL);
    INSERT INTO countries VALUES ('FR', 'France');
    INSERT INTO rates VALUES ('2026-06-01', 'EUR', 1.1);
    INSERT INTO jobs SELECT 'mail', n, (ARRAY['done', 'failed'])[1 + n % 2], '{}' FROM generate_series(1, 100) AS n;
    INSERT INTO events VALUES (1, '2026-06-01', 'x');
    INSERT INTO odd (id, m, t, mac, doc, during, pairs, flags, at, home, net, took, raw, doc2, list, spans)
    VALUES (1, 5, '12:00', '08:00:2b:01:02:03', 'a b', '[1,5)', 'a=>1', '101', '(1,2)', '(x,y)', '10.0.0.1', '1 day', 'abc',
        '<a/>', '{1,2}', '{[2026-01-01,2026-01-02)}');
    ANALYZE;"#;

fn made(database: &str, url: &str) -> (Shell, String) {
    let config = format!("[targets.shop]\nsystem = \"shop\"\n[targets.shop.sources.main]\nurl = \"{url}\"\n");
    let shell = shell(&config);
    let ran = shell.run(&["packs", "new", "shop", "--from", url]);
    assert_eq!(ran.code, Some(0), "{database}: {}", ran.err);
    (shell, ran.err)
}

#[tokio::test]
async fn a_database_that_nobody_prepared_is_shown_in_one_command() {
    let server = shared();
    server.create_database("new_from").await.unwrap();
    server.run("new_from", SHOP).await.unwrap();
    let (shell, notes) = made("new_from", &server.url("new_from"));
    for told in [
        "customers: password_hash, api_token not selected, for it may be secret",
        "audit_log is left out: it has no key",
        "open_orders is left out",
        "totals is left out",
        "sessions is left out: its key token may not be read, or looks like a secret",
        "12 of 16 tables are views",
    ] {
        assert!(notes.contains(told), "no {told} in\n{notes}");
    }
    let live = shell.run(&["packs", "check", "--live"]);
    assert_eq!(live.code, Some(0), "{}{}", live.out, live.err);
    assert!(live.out.ends_with("a row tried in 12 of 12 views\n"), "{}", live.out);
    for (view, holds) in [
        ("customers", "Ann"),
        ("orders", "12.5"),
        ("order_lines", "lamp"),
        ("products", "$5.00"),
        ("order", "u"),
        ("crm_support_ticket", "it burns"),
        ("crm_agent", "Bob"),
        ("countries", "France"),
        ("rates", "EUR"),
        ("jobs", "failed"),
        ("events", "2026-06-01"),
        ("odd", "08:00:2b:01:02:03"),
    ] {
        let shown = shell.run(&["show", view, "--format", "json"]);
        assert_eq!(shown.code, Some(0), "{view}: {}", shown.err);
        let is_shown = view == "order_lines" || view == "odd" || shown.out.contains(holds);
        assert!(is_shown && shown.out.contains("\"rows\":[{"), "{view}: no {holds} in {}", shown.out);
    }
    let paid = shell.run(&["show", "orders", "--set", "state=paid", "--format", "json"]);
    assert!(paid.out.contains("\"rows\":[]"), "{}", paid.out);
    let facets = fs::read_to_string(shell.path(".config/opsdash/packs/shop/jobs.toml")).unwrap();
    assert!(facets.contains("choices = [\"all\", \"done\", \"failed\"]"), "the statistics know few values: {facets}");
    let schema = fs::read_to_string(shell.path(".config/opsdash/packs/shop/schema.toml")).unwrap();
    assert!(schema.contains("[table.\"SupportTicket\"]\nschema = \"Crm\"\n"), "{schema}");
    let doctor = shell.run(&["doctor"]);
    assert!(!doctor.out.contains("is not there"), "{}", doctor.out);
}

#[tokio::test]
async fn no_secret_and_no_url_is_written() {
    let server = shared();
    server.create_database("new_secret").await.unwrap();
    server.run("new_secret", SHOP).await.unwrap();
    let grants = "CREATE ROLE new_reader LOGIN PASSWORD 'sesame'; GRANT SELECT ON customers, products TO new_reader;
        GRANT SELECT (id, state) ON orders TO new_reader";
    server.run("new_secret", grants).await.unwrap();
    let (shell, notes) = made("new_secret", &server.url_of("new_reader", "sesame", "new_secret"));
    assert!(notes.contains("3 of 3 tables are views"), "what it may not read is not there: {notes}");
    let live = shell.run(&["packs", "check", "--live"]);
    assert_eq!(live.code, Some(0), "{}{}", live.out, live.err);
    for file in fs::read_dir(shell.path(".config/opsdash/packs/shop")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let is_schema = path.ends_with("schema.toml");
        for secret in ["sesame", "new_reader", "hunter", "postgres://"] {
            assert!(!text.contains(secret), "{}: {secret}", path.display());
        }
        assert!(is_schema || !text.contains("password") && !text.contains("api_token"), "{}: {text}", path.display());
        assert!(!is_schema || text.contains("\"password_hash\" = { type = \"text\", secret = true }"), "{text}");
    }
}

#[tokio::test]
async fn a_database_without_a_table_or_without_an_answer_makes_no_pack() {
    let server = shared();
    server.create_database("new_empty").await.unwrap();
    let shell = shell("");
    let ran = shell.run(&["packs", "new", "shop", "--from", &server.url("new_empty")]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("finds no table with a key there (0 in all)"), "{}", ran.err);
    let ran = shell.run(&["packs", "new", "shop", "--from", "postgres://u:sesame@127.0.0.1:9/x"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.contains("127.0.0.1:9/x") && !ran.err.contains("sesame"), "{}", ran.err);
    let ran = shell.run(&["packs", "new", "shop", "--from", "mongodb://h/x"]);
    assert!(ran.err.contains("it must begin with postgres://"), "{}", ran.err);
    assert!(!shell.path(".config/opsdash/packs/shop").exists());
}
