//! Rollout and administrators.

use std::fs;

use opsdash_core::{
    contract::Table,
    value::{Severity, Value},
};
use opsdash_pack::pack::Statement;
use opsdash_testbed::{
    reads::defaults,
    sample::cybersensei::{fresh_database, grant_operator},
    servers::postgres::shared,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::packs::asking::{cell, detail, list, postgres_source, row, run, said, session, text, view};

/// A migrated database with one tenant for each version, which it reported a minute ago, and a catalog.
async fn versions(name: &str, nodes: &[&str], catalog: &[(&str, bool, u32)]) -> String {
    let server = shared();
    server.create_database(name).await.unwrap();
    server.migrate(name, "cybersensei").await.unwrap();
    let url = server.url(name);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for (place, version) in nodes.iter().enumerate() {
        let insert = r#"WITH t AS (INSERT INTO tenants ("name", "contactEmail", "licenseKey")
                VALUES ('n' || $1, 'ops@example', $1) RETURNING id)
            INSERT INTO tenant_metrics ("tenantId", "version", "timestamp")
            SELECT t.id, v, LOCALTIMESTAMP - ago FROM t, (VALUES ($2, interval '1 minute'), ('0.0.1', '1 day')) AS m (v, ago)"#;
        sqlx::query(insert).bind(place.to_string()).bind(version).execute(&mut connection).await.unwrap();
    }
    for (version, active, days_ago) in catalog {
        let insert = r#"INSERT INTO updates_metadata ("version", "filename", "fileSize", "mongoFileId", "active", "createdAt")
            VALUES ($1, 'f', 1, 'x', $2, LOCALTIMESTAMP - $3 * interval '1 day')"#;
        let query = sqlx::query(insert).bind(*version).bind(*active).bind(i32::try_from(*days_ago).unwrap());
        query.execute(&mut connection).await.unwrap();
    }
    url
}

#[tokio::test]
async fn versions_are_placed_by_semantic_order_and_judged_by_how_long_they_are_outdated() {
    let nodes = ["1.9.0", "v1.10.0", "1.10.0", "1.11.0", "2.0.0-rc.10", "3.0.0", "nightly", "", "1.8.0"];
    let catalog = [
        ("1.8.0", false, 90),
        ("1.9.0", true, 60),
        ("1.10.0", true, 40),
        ("1.11.0", true, 5),
        ("2.0.0-rc.9", true, 2),
        ("2.0.0-rc.10", true, 1),
        ("nightly", true, 1),
        ("99999999999999999999999999", false, 1),
    ];
    let url = versions("rollout_versions", &nodes, &catalog).await;
    let source = postgres_source(&url);
    let rollout = list(&source, "rollout", &[]).await;
    let told = |version: &str| {
        let (severity, why) = said(row(&rollout, version));
        (severity, why.to_owned(), text(&rollout, row(&rollout, version), "state"))
    };
    let is = |severity, why: &str, state: &str| (severity, why.to_owned(), state.to_owned());
    assert_eq!(told("1.9.0"), is(Severity::Warn, "behind 1.11.0, outdated for 40d", "behind"));
    assert_eq!(told("1.10.0"), is(Severity::Ok, "behind 1.11.0, outdated for 5d", "behind"));
    assert_eq!(told("1.11.0"), is(Severity::Ok, "", "newest"));
    assert_eq!(told("2.0.0-rc.10"), is(Severity::Ok, "", "prerelease"));
    assert_eq!(told("3.0.0"), is(Severity::Unknown, "no such update, above 1.11.0", "not listed"));
    assert_eq!(told("1.8.0"), is(Severity::Warn, "inactive, behind 1.11.0", "inactive"));
    assert_eq!(told("nightly").0, Severity::Unknown);
    assert_eq!(told("(no version)"), is(Severity::Unknown, "the last metric names no version", "not known"));
    assert_eq!(cell(&rollout, row(&rollout, "1.10.0"), "nodes"), &Value::Int(2), "v1.10.0 is 1.10.0");
    let strict = list(&source, "rollout", &[("behind_for", "1 day")]).await;
    assert_eq!(row(&strict, "1.10.0").severity, Severity::Warn);

    let nodes = list(&source, "rollout_nodes", &[("version", "1.10.0")]).await;
    let names: Vec<String> = nodes.rows.iter().map(|row| text(&nodes, row, "tenant")).collect();
    assert_eq!(names, ["n1", "n2"]);
    for of in &rollout.rows {
        let parts = detail(&source, "rollout", &of.key).await;
        assert_eq!((parts[0].rows.len(), parts[1].rows.is_empty()), (1, false), "{:?}", of.key);
    }
}

#[tokio::test]
async fn an_active_release_that_no_node_has_is_listed_and_old_ones_are_not() {
    let catalog = [("1.0.0", true, 90), ("1.1.0", true, 60), ("1.2.0", true, 30)];
    let url = versions("rollout_unused", &["1.0.0"], &catalog).await;
    let rollout = list(&postgres_source(&url), "rollout", &[]).await;
    assert_eq!(rollout.rows.len(), 2);
    assert_eq!(said(row(&rollout, "1.2.0")), (Severity::Warn, "no node has it after 30d"));
}

#[tokio::test]
async fn a_tenant_that_never_reported_is_unknown_and_an_inactive_one_is_left_out() {
    let source = postgres_source(&fresh_database("rollout_sample").await.unwrap());
    let rollout = list(&source, "rollout", &[]).await;
    let never = row(&rollout, "(never reported)");
    assert_eq!((never.severity, text(&rollout, never, "tenants").as_str()), (Severity::Unknown, "lab-013"));
    let counted: f64 = rollout.rows.iter().filter_map(|row| cell(&rollout, row, "nodes").as_number()).sum();
    let nodes = list(&source, "rollout_nodes", &[]).await;
    assert_eq!((counted.to_string().as_str(), nodes.rows.len()), ("39", 39));
    assert_eq!(list(&source, "rollout", &[("search", "lab-018")]).await.rows.len(), 1);
}

#[tokio::test]
async fn the_rollout_of_two_thousand_tenants_scans_no_metrics() {
    let server = shared();
    server.create_database("rollout_big").await.unwrap();
    server.migrate("rollout_big", "cybersensei").await.unwrap();
    // Without the triggers of foreign keys.
    let fill = r#"SET session_replication_role = replica;
        INSERT INTO tenants ("name", "contactEmail", "licenseKey") SELECT 'n' || n, 'a@b', n FROM generate_series(1, 2000) AS n;
        INSERT INTO tenant_metrics ("tenantId", "version", "timestamp")
        SELECT t.id, '1.' || n % 9 || '.0', LOCALTIMESTAMP - n * interval '15 minutes' - t.ago
        FROM generate_series(1, 500) AS n CROSS JOIN (SELECT id, random() * interval '15 minutes' AS ago FROM tenants) AS t;
        INSERT INTO updates_metadata ("version", "filename", "fileSize", "mongoFileId")
        SELECT '1.' || n || '.0', 'f', 1, n FROM generate_series(1, 40) AS n;
        ANALYZE"#;
    server.run("rollout_big", fill).await.unwrap();
    let mut connection = PgConnection::connect(&server.url("rollout_big")).await.unwrap();
    run(&mut connection, "SET jit = off; SET work_mem = '16MB'").await;
    for id in ["rollout", "rollout_nodes"] {
        let Statement::Sql(sql) = &*view(id).query else { panic!("no SQL") };
        let values = defaults(view(id), &[]).values;
        let explain = format!("EXPLAIN ANALYZE {}", sql.text);
        let query = sqlx::query(AssertSqlSafe(explain));
        let query = sql.params.iter().fold(query, |query, param| query.bind(values.get(&param.name).cloned()));
        let plan: Vec<String> = query.fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("IDX_tenant_metrics_tenantId_timestamp"), "{plan}");
        assert!(!plan.contains("Seq Scan on tenant_metrics"), "{plan}");
        println!("{id}: {}", plan.lines().last().unwrap_or_default());
    }
}

#[tokio::test]
async fn administrators_are_flagged_by_a_login_without_a_right_to_their_hashes() {
    let url = fresh_database("admins").await.unwrap();
    grant_operator(&url, "admins_reader", "reader").await.unwrap();
    let source = postgres_source(&shared().url_of("admins_reader", "reader", "admins"));
    let admins = list(&source, "admins", &[]).await;
    let of = |name: &str| {
        let found = admins.rows.iter().find(|row| text(&admins, row, "name") == name).unwrap();
        (found.severity, found.why.to_string())
    };
    assert_eq!(of("Erin Okafor"), (Severity::Warn, "never logged in".into()));
    assert_eq!(of("Alice Martin"), (Severity::Warn, "one of 4 active SUPERADMIN, more than 3".into()));
    assert!(of("Chloé Dubois").1.starts_with("last login 120d ago; "));
    assert_eq!(of("Former Helper"), (Severity::Ok, "inactive".into()));
    assert_eq!(of("Dan Reyes"), (Severity::Ok, String::new()));
    assert!(detail(&source, "admins", &admins.rows[0].key).await[0].columns.iter().all(|name| !name.contains("hash")));
    let loose = [("superadmins", "4"), ("login_within", "1 year")];
    assert_eq!(list(&source, "admins", &loose).await.counts.warn, 2, "those who never logged in");
}

#[tokio::test]
async fn the_schema_that_typeorm_makes_is_read_too() {
    let server = shared();
    server.create_database("views_typeorm").await.unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/testbed/fixtures/cybersensei_typeorm.sql");
    server.run("views_typeorm", &fs::read_to_string(fixture).unwrap()).await.unwrap();
    let (mut connection, _) = session(&server.url("views_typeorm")).await;
    let insert = r#"INSERT INTO tenants (name, "contactEmail") VALUES ('bare', 'a@b');
        INSERT INTO admin_users (name, email, "passwordHash") VALUES ('Ann', 'a@b', 'x')"#;
    run(&mut connection, insert).await;
    let source = postgres_source(&server.url("views_typeorm"));
    assert_eq!(list(&source, "rollout", &[]).await.rows.len(), 1);
    assert_eq!(list(&source, "rollout_nodes", &[]).await.rows.len(), 1);
    assert_eq!(list(&source, "admins", &[]).await.rows.len(), 1);
}

/// The values of a column, in the order of the rows.
fn column(table: &Table, name: &str) -> Vec<String> {
    table.rows.iter().map(|row| text(table, row, name)).collect()
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[tokio::test]
async fn every_query_that_the_document_calls_useful_has_its_place() {
    let url = fresh_database("useful").await.unwrap();
    let source = postgres_source(&url);
    let mut database = PgConnection::connect(&url).await.unwrap();
    let one = async |database: &mut PgConnection, query: &str| {
        sqlx::raw_sql(AssertSqlSafe(query))
            .fetch_all(database)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect::<Vec<String>>()
    };

    let numbers = list(&source, "overview_facts", &[]).await;
    assert_eq!(numbers.counts.ok, numbers.counts.total());
    let number = |key: &str| match cell(&numbers, row(&numbers, key), "value") {
        Value::Int(value) => value.to_string(),
        other => panic!("{key}: {other:?}"),
    };
    let active = one(&mut database, "SELECT count(*)::text FROM tenants WHERE active").await;
    assert_eq!(number(r#"["tenants","active"]"#), active[0]);
    let briefs = column(&numbers, "brief");
    assert_eq!(briefs[1], format!("{} of {} tenants active", active[0], number(r#"["tenants","in total"]"#)));
    assert_eq!(list(&source, "tenants", &[("state", "active")]).await.counts.total().to_string(), active[0]);

    for status in ["ACTIVE", "EXPIRED", "REVOKED", "PENDING"] {
        let count = one(&mut database, &format!("SELECT count(*)::text FROM licenses WHERE status = '{status}'")).await;
        assert_eq!(number(&format!(r#"["licenses","{status}"]"#)), count[0], "{status}");
        assert_eq!(list(&source, "licenses", &[("preset", status)]).await.counts.total().to_string(), count[0]);
    }

    let soon = r#"SELECT t.name FROM licenses l JOIN tenants t ON l."tenantId" = t.id WHERE l.status = 'ACTIVE'
        AND l."expiresAt" IS NOT NULL AND l."expiresAt" <= NOW() + INTERVAL '30 days' ORDER BY l."expiresAt""#;
    let mut told = column(&list(&source, "licenses", &[("preset", "ACTIVE but expired")]).await, "tenant");
    for preset in ["expiring", "within 30 days"] {
        let found = list(&source, "licenses", &[("preset", preset)]).await;
        assert_eq!(number(r#"["licenses","to expire within 30 days"]"#), found.rows.len().to_string());
        if preset == "expiring" {
            told.extend(column(&found, "tenant"));
        }
    }
    assert_eq!(sorted(told), sorted(one(&mut database, soon).await), "what has expired stands apart");

    let silent = r#"SELECT t.name FROM tenants t LEFT JOIN tenant_metrics tm ON t.id = tm."tenantId" WHERE t.active = true
        GROUP BY t.id, t.name HAVING MAX(tm."timestamp") < NOW() - INTERVAL '1 hour' OR MAX(tm."timestamp") IS NULL"#;
    let found = list(&source, "tenants", &[("state", "silent")]).await;
    assert_eq!(sorted(column(&found, "name")), sorted(one(&mut database, silent).await));
    assert_eq!(number(r#"["tenants","active, but silent"]"#), found.rows.len().to_string());

    let critical = r#"SELECT id::text FROM error_logs WHERE level = 'CRITICAL' AND resolved = false
        ORDER BY "timestamp" DESC LIMIT 100"#;
    let found = list(&source, "error_log", &[]).await;
    for id in one(&mut database, critical).await {
        assert_eq!(text(&found, row(&found, &id), "level"), "CRITICAL");
    }
    let level = list(&source, "error_log", &[("level", "CRITICAL"), ("source", "NODE")]).await;
    assert_eq!(number(r#"["open errors","CRITICAL NODE"]"#), level.counts.total().to_string());

    let day = r#"SELECT t.name || ' ' || count(*) FROM tenants t JOIN tenant_metrics tm ON t.id = tm."tenantId"
        WHERE tm."timestamp" >= NOW() - INTERVAL '24 hours' GROUP BY t.id, t.name ORDER BY count(*) DESC, t.id LIMIT 10"#;
    let found = list(&source, "metrics", &[("period", "24h"), ("top", "10 by samples")]).await;
    let told = found.rows.iter().map(|row| {
        let samples = cell(&found, row, "samples").as_number().unwrap();
        format!("{} {samples}", text(&found, row, "tenant"))
    });
    assert_eq!(sorted(told.collect()), sorted(one(&mut database, day).await));
}
