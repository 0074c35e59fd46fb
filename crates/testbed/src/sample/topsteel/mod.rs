//! Sample data for `TopSteel`: AUTH, SHARED and a database for each of a dozen sociétés, with every trap of a fleet.

pub mod many;

use anyhow::{Context, Result};
use jiff::{Timestamp, ToSpan};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::servers::postgres::PostgresServer;

/// Users and sociétés.
pub const AUTH: &str = "erp_topsteel_auth";
/// What sociétés share.
pub const SHARED: &str = "erp_topsteel_shared";
/// The one database of before the migration.
pub const ORIGIN: &str = "topsteel_erp";
/// What a pattern that takes `_` for any character would find, and one that excludes nothing.
const DECOYS: [&str; 2] = ["erpxtopsteelxleurre", "erp_topsteel_inox_old"];
/// The database that nobody but its owner may read.
const UNREADABLE: &str = "erp_topsteel_droits";
/// The database that has become larger this week.
const GROWING: &str = "erp_topsteel_inox";

/// A société's database.
struct Tenant {
    database: &'static str,
    /// The code of the société in AUTH, of which its id is made.
    code: &'static str,
    /// How many clients it has; eight orders for each.
    clients: u16,
    /// How old its newest order is.
    newest: &'static str,
    /// How many of the migrations it has had.
    migrations: usize,
    /// What is wrong with it.
    trap: &'static str,
}

/// A société's database in which nothing is wrong.
const fn sound(database: &'static str, code: &'static str, clients: u16) -> Tenant {
    Tenant { database, code, clients, newest: "2 hours", migrations: 3, trap: "" }
}

const TENANTS: [Tenant; 13] = [
    sound("erp_topsteel_topsteel", "TOPSTEEL", 90),
    sound("erp_topsteel_inox", "INOX", 40),
    Tenant {
        trap: "UPDATE stocks SET quantite = -3 WHERE material_code = 'MAT-0004';
               UPDATE stocks SET quantite = 10 WHERE material_code IN ('MAT-0005', 'MAT-0006')",
        ..sound("erp_topsteel_fonderie", "FONDERIE", 35)
    },
    // What is left of a CREATE INDEX CONCURRENTLY that was broken off, and a table without an index.
    Tenant {
        trap: "CREATE INDEX idx_commandes_statut ON commandes (statut);
               UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_commandes_statut'::regclass;
               DROP INDEX idx_stocks_societe_id",
        ..sound("erp_topsteel_tubes", "TUBES", 25)
    },
    Tenant { migrations: 1, ..sound("erp_topsteel_retard", "RETARD", 20) },
    Tenant { trap: "ALTER TABLE clients ADD COLUMN siret VARCHAR(14)", ..sound("erp_topsteel_ecart", "ECART", 15) },
    Tenant {
        trap: "DELETE FROM commandes; DELETE FROM clients; DELETE FROM stocks",
        ..sound("erp_topsteel_vide", "VIDE", 1)
    },
    Tenant { newest: "200 days", ..sound("erp_topsteel_dormant", "DORMANT", 12) },
    Tenant {
        trap: "UPDATE commandes SET societe_id = md5('INOX')::uuid WHERE numero IN ('CMD-00003', 'CMD-00004');
               UPDATE clients SET societe_id = md5('TUBES')::uuid WHERE code = 'C0001'",
        ..sound("erp_topsteel_melange", "MELANGE", 18)
    },
    sound(UNREADABLE, "SECRET", 5),
    sound("erp_topsteel_suspendue", "SUSPENDUE", 4),
    // Their sociétés: one was deleted, one never was.
    sound("erp_topsteel_fermee", "FERMEE", 6),
    sound("erp_topsteel_orpheline", "ORPHELINE", 3),
];

/// Makes and fills all of the databases on a server, as of `now`.
pub async fn load(server: &PostgresServer, now: Timestamp) -> Result<()> {
    for (database, migrations, statements) in
        [(AUTH, "topsteel/auth", include_str!("auth.sql")), (SHARED, "topsteel/shared", include_str!("shared.sql"))]
    {
        server.create_database(database).await?;
        server.migrate(database, migrations).await?;
        fill(&server.url(database), &[("now", now.to_string())], &[statements, "ANALYZE"]).await?;
    }
    server.create_database(ORIGIN).await?;
    fill(&server.url(ORIGIN), &[], &[include_str!("origin.sql")]).await?;
    for decoy in DECOYS {
        server.create_database(decoy).await?;
    }
    for tenant in &TENANTS {
        load_tenant(server, tenant, now).await.with_context(|| format!("the database {}", tenant.database))?;
    }
    Ok(())
}

async fn load_tenant(server: &PostgresServer, tenant: &Tenant, now: Timestamp) -> Result<()> {
    const MIGRATIONS: [&str; 3] = [
        include_str!("../../../../../migrations/topsteel/tenant/001_create_tenant_tables.sql"),
        include_str!("../../../../../migrations/topsteel/tenant/002_add_order_dates.sql"),
        include_str!("../../../../../migrations/topsteel/tenant/003_add_stock_places.sql"),
    ];
    server.create_database(tenant.database).await?;
    let url = server.url(tenant.database);
    let settings = [
        ("now", now.to_string()),
        ("code", tenant.code.to_owned()),
        ("clients", tenant.clients.to_string()),
        ("newest", tenant.newest.to_owned()),
    ];
    let societe = "SELECT set_config('sample.societe', md5(current_setting('sample.code'))::uuid::text, false)";
    let fixed = [societe, include_str!("tenant.sql"), tenant.trap, "ANALYZE"];
    let statements: Vec<&str> = MIGRATIONS.iter().take(tenant.migrations).copied().chain(fixed).collect();
    fill(&url, &settings, &statements).await
}

/// What opsdash would have seen of the sizes of the databases on each of the seven days before `now`, as it keeps that for the
/// target: one of them has grown by more than a fifth.
pub async fn sizes_of_last_week(server: &PostgresServer, now: Timestamp, target: &str) -> Result<serde_json::Value> {
    let mut connection = server.connect("postgres").await?;
    let sizes = "SELECT datname::text, pg_database_size(oid) FROM pg_database WHERE datname LIKE 'erp\\_%'";
    let sizes: Vec<(String, i64)> = sqlx::query_as(sizes).fetch_all(&mut connection).await?;
    connection.close().await?;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let days = |database: &str, size: i64| -> Result<serde_json::Value> {
        let percent_a_day = if database == GROWING { 4 } else { 0 };
        let day = |ago: i64| {
            Ok((today.checked_sub(ago.days())?.to_string(), (size * 100 / (100 + ago * percent_a_day)).into()))
        };
        Ok(serde_json::Value::Object((1..=7).map(day).collect::<Result<_>>()?))
    };
    let rows = sizes.into_iter().map(|(database, size)| Ok((database.clone(), days(&database, size)?)));
    let rows: serde_json::Map<_, _> = rows.collect::<Result<_>>()?;
    Ok(serde_json::json!({ "schema": 1, "targets": { target: { "fleet.size": rows } } }))
}

/// Runs statements on one connection, with settings `sample.<name>`.
async fn fill(url: &str, settings: &[(&str, String)], statements: &[&str]) -> Result<()> {
    let mut connection = PgConnection::connect(url).await.context("cannot connect to the sample's database")?;
    for (name, value) in settings {
        let name = format!("sample.{name}");
        sqlx::query("SELECT set_config($1, $2, false)").bind(name).bind(value).execute(&mut connection).await?;
    }
    for statement in statements.iter().filter(|statement| !statement.is_empty()) {
        sqlx::raw_sql(AssertSqlSafe((*statement).to_owned())).execute(&mut connection).await.with_context(|| {
            let start: String = statement.chars().take(80).collect();
            format!("the sample's statements failed, which start with: {start}")
        })?;
    }
    connection.close().await?;
    Ok(())
}

/// Lets a login that is there read all databases but one, without hashes, and purge sessions.
pub async fn grant_operator(server: &PostgresServer, user: &str) -> Result<()> {
    let auth = include_str!("operator.sql").replace(":operator", &format!("\"{user}\""));
    fill(&server.url(AUTH), &[], &[&auth]).await?;
    let read = format!(
        "GRANT USAGE ON SCHEMA public TO \"{user}\"; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \"{user}\""
    );
    let tenants = TENANTS.iter().map(|tenant| tenant.database).filter(|database| *database != UNREADABLE);
    for database in tenants.chain([SHARED, ORIGIN]) {
        fill(&server.url(database), &[], &[&read]).await?;
    }
    Ok(())
}
