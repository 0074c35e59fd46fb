//! The database that everything is measured on: large, the same every time, and with the documented indexes alone.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::bucket;
use crate::sample::cybersensei::{FILES_DATABASE, POSTGRES_DATABASE, grant_operator};
use crate::servers::mongod::Mongod;
use crate::servers::postgres::{Options, PostgresServer};
use crate::servers::private_dir::PrivateDir;

/// The login that the program uses; what it asks, and nothing else, is in the server's log.
pub(super) const OPERATOR: &str = "opsdash";
/// Of [`OPERATOR`].
pub(super) const PASSWORD: &str = "bench";

/// The tables that hold nearly everything: whoever reads one of them whole is slow.
pub(super) const LARGE: [&str; 2] = ["tenant_metrics", "error_logs"];

const METRICS: u64 = 10_000_000;
const ERRORS: u64 = 2_000_000;
const TENANTS: u64 = 2_000;

/// What a server of this size is given: the default of 128 MB is for small ones. The rest makes loading fast.
const SETTINGS: [(&str, &str); 11] = [
    ("shared_buffers", "1GB"),
    ("maintenance_work_mem", "512MB"),
    ("max_wal_size", "16GB"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("autovacuum", "off"),
    ("track_io_timing", "off"),
    // A file to be read as data: one JSON object a line.
    ("logging_collector", "on"),
    ("log_destination", "jsonlog"),
    ("log_filename", "statements"),
    ("log_rotation_age", "0"),
];

/// Running servers with everything in them. All of it goes when this is dropped.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) postgres: PostgresServer,
    pub(super) mongod: Mongod,
    dir: PrivateDir,
}

impl Database {
    /// Takes minutes. `scale` is the part of the metrics and errors that is made; there are always all tenants.
    pub(super) async fn build(scale: f64) -> Result<Self> {
        let settings = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let postgres = PostgresServer::start_with(&Options { settings, ..Options::default() })?;
        let mongod = Mongod::start()?;
        postgres.create_database(POSTGRES_DATABASE).await?;
        postgres.migrate(POSTGRES_DATABASE, "cybersensei").await?;
        let mut connection = postgres.connect(POSTGRES_DATABASE).await?;
        fill(&mut connection, scale).await?;
        bucket::fill(&mongod, &mut connection).await?;
        for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
            run(&mut connection, statement).await?;
        }
        connection.close().await?;
        grant_operator(&postgres.url(POSTGRES_DATABASE), OPERATOR, PASSWORD).await?;
        let log = format!("ALTER ROLE {OPERATOR} SET log_statement = 'all'");
        postgres.run(POSTGRES_DATABASE, &log).await?;
        Ok(Self { postgres, mongod, dir: PrivateDir::create(None)? })
    }

    /// The program's URL of the PostgreSQL database.
    pub(super) fn main_url(&self) -> String {
        self.postgres.url_of(OPERATOR, PASSWORD, POSTGRES_DATABASE)
    }

    /// The program's URL of the file store.
    pub(super) fn files_url(&self) -> String {
        self.mongod.url(FILES_DATABASE)
    }

    /// Writes a config that leads to these URLs, and says where it is. `more` is appended.
    pub(super) fn config(&self, main: &str, files: &str, more: &str) -> Result<PathBuf> {
        let text = format!(
            "[targets.bench]\nsystem = \"cybersensei\"\n\
             [targets.bench.sources.main]\nurl = \"{main}\"\n\
             [targets.bench.sources.files]\nurl = \"{files}\"\n{more}"
        );
        self.write_config(&text)
    }

    /// Writes a config of any targets, and says where it is.
    pub(super) fn write_config(&self, text: &str) -> Result<PathBuf> {
        self.dir.write("config.toml", text, None)
    }

    /// The server's log: what the program has asked, one JSON object a line.
    pub(super) fn log_file(&self) -> PathBuf {
        self.postgres.dir().join("data/log/statements.json")
    }

    /// A superuser's connection.
    pub(super) async fn connect(&self) -> Result<PgConnection> {
        self.postgres.connect(POSTGRES_DATABASE).await
    }

    /// The connection of the program's own login, which sees what it sees.
    pub(super) async fn connect_as_operator(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.main_url()).await?)
    }
}

/// Rows first and indexes afterwards: five times as fast as both at once.
async fn fill(connection: &mut PgConnection, scale: f64) -> Result<()> {
    run(connection, "SET session_replication_role = replica; SET synchronous_commit = off").await?;
    run(connection, include_str!("database/tenants.sql")).await?;
    let samples = scaled(METRICS, scale).div_ceil(TENANTS);
    let loads = [
        ("tenant_metrics", include_str!("database/metrics.sql").replace(":samples", &samples.to_string())),
        ("error_logs", include_str!("database/errors.sql").replace(":errors", &scaled(ERRORS, scale).to_string())),
    ];
    for (table, load) in loads {
        let started = Instant::now();
        let indexes = indexes(connection, table).await?;
        let (drop, create): (String, String) = indexes.into_iter().unzip();
        // What a transaction writes to a table that it has truncated itself goes past the write-ahead log.
        run(connection, &format!("BEGIN; {drop} TRUNCATE {table}; {load} {create} COMMIT")).await?;
        eprintln!("{table}: {:.0} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn scaled(count: u64, scale: f64) -> u64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
    let scaled = (count as f64 * scale) as u64;
    scaled.max(1)
}

/// The statements that drop and that make again each index of a table.
async fn indexes(connection: &mut PgConnection, table: &str) -> Result<Vec<(String, String)>> {
    let query = "SELECT
            CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s;', i.indexrelid::regclass)
                ELSE format('ALTER TABLE %s DROP CONSTRAINT %I;', i.indrelid::regclass, c.conname) END,
            CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid) || ';'
                ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s;', i.indrelid::regclass, c.conname,
                    pg_get_constraintdef(c.oid)) END
        FROM pg_index AS i
        LEFT JOIN pg_constraint AS c
            ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid
        WHERE i.indrelid = $1::text::regclass";
    let rows = sqlx::query(query).bind(table).fetch_all(connection).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Runs statements, separated by semicolons.
pub(super) async fn run(connection: &mut PgConnection, statements: &str) -> Result<()> {
    let start = || statements.chars().take(80).collect::<String>();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.with_context(|| format!("{}..", start()))?;
    Ok(())
}
