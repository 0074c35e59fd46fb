//! A fleet of any size, whose databases are alike and empty.

use anyhow::Result;

use super::{AUTH, SHARED};
use crate::servers::postgres::{Auth, Options, PostgresServer};

/// The login of AUTH and SHARED, which may read them and nothing else.
pub const READER: &str = "fleet_reader";

/// The same of the sociétés' databases. A ninth connection of it is refused.
pub const READER_OF_TENANTS: &str = "fleet_reader_of_tenants";

/// What the others are copied from; no member, for its name.
const TEMPLATE: &str = "topsteel_template";

/// The database of the société of that number, which counts from 1.
#[must_use]
pub fn tenant(number: usize) -> String {
    format!("erp_topsteel_t{number:03}")
}

/// A server with AUTH, SHARED and databases of so many sociétés, each about 50 ms and 8 MB.
pub async fn start(tenants: usize) -> Result<PostgresServer> {
    // With what the server has besides.
    let bytes = (tenants as u64 + 50) * 10_000_000;
    // To prove a password takes a debug build longer than all that is asked.
    let options = Options { in_memory: Some(bytes), auth: Auth::Trust, ..Options::default() };
    let server = PostgresServer::start_with(&options)?;
    load(&server, tenants).await?;
    Ok(server)
}

async fn load(server: &PostgresServer, tenants: usize) -> Result<()> {
    let roles = format!("CREATE ROLE {READER} LOGIN; CREATE ROLE {READER_OF_TENANTS} LOGIN CONNECTION LIMIT 8");
    server.run("postgres", &roles).await?;
    let read = format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}, {READER_OF_TENANTS}");
    for (database, migrations) in [(AUTH, "topsteel/auth"), (SHARED, "topsteel/shared"), (TEMPLATE, "topsteel/tenant")]
    {
        server.create_database(database).await?;
        server.migrate(database, migrations).await?;
        server.run(database, &read).await?;
    }
    let societes = format!(
        "INSERT INTO societes (code, nom, database_name)
         SELECT 'T' || n, 'Société ' || n, 'erp_topsteel_t' || to_char(n, 'FM000') FROM generate_series(1, {tenants}) AS n"
    );
    server.run(AUTH, &societes).await?;
    copy(server, &(1..=tenants).map(tenant).collect::<Vec<_>>()).await
}

/// Makes more databases of the same kind.
pub async fn copy(server: &PostgresServer, names: &[String]) -> Result<()> {
    server.copy_databases(TEMPLATE, names).await
}

/// A config of one target that leads to it, to SHARED by this URL.
#[must_use]
pub fn config(server: &PostgresServer, shared: &str) -> String {
    let source = |name: &str, url: &str| format!("[targets.fleet.sources.{name}]\nurl = \"{url}\"\n");
    let sources = [
        source("auth", &url(server, READER, AUTH)),
        source("shared", shared),
        source("tenants", &url(server, READER_OF_TENANTS, "postgres")),
    ];
    format!("[targets.fleet]\nsystem = \"topsteel\"\n{}", sources.concat())
}

/// The URL of SHARED.
#[must_use]
pub fn shared_url(server: &PostgresServer) -> String {
    url(server, READER, SHARED)
}

fn url(server: &PostgresServer, user: &str, database: &str) -> String {
    server.url_of(user, "any", database)
}
