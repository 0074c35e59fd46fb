//! What its own tests (`packs/cybersensei/tests/`) cannot say: plans, other schemas, and the document's queries beside ours.

use std::fs;

use opsdash_core::{contract::Table, value::Value};
use opsdash_pack::pack::Statement;
use opsdash_testbed::{reads::defaults, sample::cybersensei::fresh_database, servers::postgres::shared};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::packs::asking::{cell, list, postgres_source, row, run, session, text, view};

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
