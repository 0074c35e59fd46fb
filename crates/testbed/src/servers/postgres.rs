//! A private `PostgreSQL` cluster.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::private_dir::{PrivateDir, ServerUser};
use super::supervised::{Launch, Supervised};
use super::{free_port, random_password};
use crate::install::Tool;

/// The superuser of every private cluster.
pub const ADMIN: &str = "opsdash_admin";

/// How many times a start is tried when another process takes the port first.
const PORT_ATTEMPTS: usize = 3;

/// How clients prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auth {
    /// By password; a wrong one fails.
    #[default]
    Scram,
    /// Anyone is believed.
    Trust,
}

/// What a cluster may differ in.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How clients prove who they are.
    pub auth: Auth,
    /// More lines of `postgresql.conf`, as `name` and `value`; they win over our own.
    pub settings: Vec<(String, String)>,
    /// The bytes that its files will take, where they are to be kept in memory: many databases are many files. On disk
    /// when None, and where memory has no room.
    pub in_memory: Option<u64>,
}

/// A running cluster, without fsync, on loopback and on a Unix socket.
#[derive(Debug)]
pub struct PostgresServer {
    server: Supervised,
    port: u16,
    password: String,
}

impl PostgresServer {
    /// A cluster of the default options.
    pub fn start() -> Result<Self> {
        Self::start_with(&Options::default())
    }

    /// Creates a cluster, starts it and waits until it accepts connections.
    pub fn start_with(options: &Options) -> Result<Self> {
        let bin = Tool::Postgres.require()?;
        for _ in 1..PORT_ATTEMPTS {
            match Self::try_start(&bin, options) {
                Err(error) if format!("{error:#}").contains("could not bind") => {}
                result => return result,
            }
        }
        Self::try_start(&bin, options)
    }

    fn try_start(bin: &Path, options: &Options) -> Result<Self> {
        let user = ServerUser::when_root()?;
        let dir = match options.in_memory {
            Some(bytes) => PrivateDir::create_in_memory(bytes, user)?,
            None => PrivateDir::create(user)?,
        };
        let port = free_port()?;
        let password = random_password();
        let data = initdb(bin, &dir, user, options.auth, &password)?;
        configure(&data, &dir, port, options)?;
        let launch = Launch {
            program: bin.join("postgres"),
            args: vec!["-D".to_owned(), data.to_string_lossy().into_owned()],
            // Immediate shutdown: no checkpoint, but shared memory is given back.
            stop_signal: "QUIT",
            user,
        };
        let server = Supervised::start(dir, launch)?;
        server.wait_until(|| is_ready(&server))?;
        Ok(Self { server, port, password })
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The superuser's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The directory of the Unix socket, which is also the server's own.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.server.dir()
    }

    /// The server's process id; None when it is stopped.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.server.pid()
    }

    /// What the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.server.log()
    }

    /// The superuser's URL of a database.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.url_of(ADMIN, &self.password, database)
    }

    /// A user's URL of a database.
    #[must_use]
    pub fn url_of(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// The superuser's URL of the database `postgres`.
    #[must_use]
    pub fn admin_url(&self) -> String {
        self.url("postgres")
    }

    /// A superuser's connection to a database.
    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        PgConnection::connect(&self.url(database))
            .await
            .with_context(|| format!("cannot connect to the private database {database}"))
    }

    /// Runs statements, separated by semicolons, as the superuser.
    pub async fn run(&self, database: &str, statements: &str) -> Result<()> {
        let mut connection = self.connect(database).await?;
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Creates an empty database; fails when it exists.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        self.run("postgres", &format!("CREATE DATABASE \"{name}\"")).await
    }

    /// Creates a database by copying one to which nobody is connected: far cheaper than
    /// migrating and filling another.
    pub async fn copy_database(&self, template: &str, name: &str) -> Result<()> {
        self.copy_databases(template, &[name.to_owned()]).await
    }

    /// Creates several in the same way: about 50 ms and 8 MB each.
    pub async fn copy_databases(&self, template: &str, names: &[String]) -> Result<()> {
        // Before release 15 files are copied always, and the word is not known.
        let copies_files = "SELECT current_setting('server_version_num')::int < 150000";
        let mut connection = self.connect("postgres").await?;
        let strategy =
            if sqlx::query_scalar(copies_files).fetch_one(&mut connection).await? { "" } else { "STRATEGY file_copy" };
        for name in names {
            let copy = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" {strategy}");
            sqlx::raw_sql(AssertSqlSafe(copy)).execute(&mut connection).await?;
        }
        connection.close().await?;
        Ok(())
    }

    /// Applies every file of `migrations/<system>/`, in the order of their names.
    pub async fn migrate(&self, database: &str, system: &str) -> Result<()> {
        let dir = crate::repository().join("migrations").join(system);
        let mut files: Vec<PathBuf> = fs::read_dir(&dir)
            .with_context(|| format!("cannot read {}", dir.display()))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
            .collect();
        files.sort();
        for file in files {
            let statements = fs::read_to_string(&file)?;
            self.run(database, &statements).await.with_context(|| format!("migration {} failed", file.display()))?;
        }
        Ok(())
    }

    /// Stops the server as a crash would, and keeps its data, its port and its directory.
    pub fn stop(&mut self) -> Result<()> {
        self.server.stop_and_keep()
    }

    /// Starts a stopped server on the same data and port.
    pub fn start_again(&mut self) -> Result<()> {
        self.server.start_again()?;
        self.server.wait_until(|| is_ready(&self.server))
    }

    /// Stops the server and starts it again: every connection is lost.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.start_again()
    }
}

/// One cluster for all tests of a test binary, each of which makes a database of its own.
///
/// # Panics
/// When the cluster cannot be started, as no test can go on.
pub fn shared() -> &'static PostgresServer {
    // Never dropped: the supervisor sees to its end when the test binary exits.
    static SHARED: OnceLock<PostgresServer> = OnceLock::new();
    SHARED.get_or_init(|| match PostgresServer::start() {
        Ok(server) => server,
        Err(error) => panic!("the shared PostgreSQL server did not start: {error:#}"),
    })
}

fn initdb(bin: &Path, dir: &PrivateDir, user: Option<ServerUser>, auth: Auth, password: &str) -> Result<PathBuf> {
    let data = dir.path().join("data");
    let password_file = dir.write("password", password, user)?;
    let mut command = Command::new(bin.join("initdb"));
    command
        .arg("--pgdata")
        .arg(&data)
        .arg("--pwfile")
        .arg(&password_file)
        .args(["--username", ADMIN, "--encoding", "UTF8", "--locale", "C", "--no-sync"])
        .args([
            "--auth",
            match auth {
                Auth::Scram => "scram-sha-256",
                Auth::Trust => "trust",
            },
        ])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C")
        .current_dir(dir.path())
        // Out of reach of a Ctrl-C that is meant for us, as the server itself is.
        .process_group(0);
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    let output = command.output().context("cannot run initdb")?;
    if !output.status.success() {
        bail!("initdb failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_file(password_file)?;
    Ok(data)
}

/// `synchronous_commit` stays on: without fsync it costs next to nothing, and with it off what was
/// committed last would be missing after [`PostgresServer::stop`].
fn configure(data: &Path, dir: &PrivateDir, port: u16, options: &Options) -> Result<()> {
    use std::fmt::Write;
    let mut text = format!(
        "\n\
         listen_addresses = '127.0.0.1'\n\
         port = {port}\n\
         unix_socket_directories = '{dir}'\n\
         fsync = off\n\
         full_page_writes = off\n\
         shared_buffers = 64MB\n\
         max_connections = 100\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         track_io_timing = on\n",
        dir = dir.path().display()
    );
    for (name, value) in &options.settings {
        writeln!(text, "{name} = '{}'", value.replace('\'', "''"))?;
    }
    let path = data.join("postgresql.conf");
    let default = fs::read_to_string(&path)?;
    fs::write(&path, default + &text).context("cannot configure the cluster")
}

/// The postmaster writes `ready` on the eighth line of its pid file, as `pg_ctl` knows. The pid
/// is compared because a killed server leaves such a file behind.
fn is_ready(server: &Supervised) -> bool {
    let Ok(text) = fs::read_to_string(server.dir().join("data").join("postmaster.pid")) else {
        return false;
    };
    let mut lines = text.lines();
    let ours = lines.next().and_then(|pid| pid.trim().parse().ok()) == server.pid();
    // A cluster with a `standby.signal` is ready for reads, and says so in its own word.
    ours && lines.nth(6).is_some_and(|state| matches!(state.trim(), "ready" | "standby"))
}
