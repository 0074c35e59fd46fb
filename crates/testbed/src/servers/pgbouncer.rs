//! `PgBouncer` in transaction mode: the pooler that makes session state leak and startup options
//! fail.

use anyhow::Result;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use super::postgres::{ADMIN, PostgresServer};
use super::private_dir::{PrivateDir, ServerUser};
use super::supervised::{Launch, Supervised};
use super::{accepts_connections, free_port};
use crate::install::Tool;

/// A running pooler in front of one `PostgreSQL` server, for all its databases and users.
#[derive(Debug)]
pub struct PgBouncer {
    /// Held for its drop, which stops the pooler.
    server: Supervised,
    port: u16,
    password: String,
}

impl PgBouncer {
    /// Two server connections for each database and user, and not one startup parameter more
    /// than the protocol's own is tolerated.
    pub fn start(postgres: &PostgresServer) -> Result<Self> {
        Self::start_in_mode(postgres, "transaction")
    }

    /// The same in one of PgBouncer's other modes: `session` or `statement`.
    pub fn start_in_mode(postgres: &PostgresServer, pool_mode: &str) -> Result<Self> {
        let program = Tool::PgBouncer.require()?;
        let user = ServerUser::when_root()?;
        let dir = PrivateDir::create(user)?;
        let port = free_port()?;
        let password = postgres.password().to_owned();
        let users = dir.write("users", &format!("\"{ADMIN}\" \"{password}\"\n"), user)?;
        let config = format!(
            "[databases]\n\
             * = host=127.0.0.1 port={server_port}\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {port}\n\
             unix_socket_dir = {dir}\n\
             auth_type = scram-sha-256\n\
             auth_file = {users}\n\
             ; the other users' secrets are looked up on the server\n\
             auth_user = {ADMIN}\n\
             admin_users = {ADMIN}\n\
             pool_mode = {pool_mode}\n\
             default_pool_size = 2\n\
             max_client_conn = 200\n\
             ignore_startup_parameters =\n",
            server_port = postgres.port(),
            dir = dir.path().display(),
            users = users.display(),
        );
        let config = dir.write("pgbouncer.ini", &config, user)?;
        let launch = Launch { program, args: vec![config.to_string_lossy().into_owned()], stop_signal: "TERM", user };
        let server = Supervised::start(dir, launch)?;
        server.wait_until(|| accepts_connections(port))?;
        Ok(Self { server, port, password })
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The superuser's URL of a database through the pooler.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{ADMIN}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The superuser's connection to a database through the pooler, in the one way that works:
    /// without the `extra_float_digits` that sqlx sends at startup unless told otherwise.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        let options: PgConnectOptions = self.url(database).parse()?;
        let options = options.extra_float_digits(None).statement_cache_capacity(0);
        Ok(options.connect().await?)
    }

    /// A connection to the admin console, which takes `SHOW SERVERS`, `SHOW POOLS` and the like
    /// by the simple protocol only (`sqlx::raw_sql`).
    pub async fn console(&self) -> Result<PgConnection> {
        self.connect("pgbouncer").await
    }

    /// What the pooler has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.server.log()
    }
}
