//! The servers, the sample data and the config of the demo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;

use crate::sample::cybersensei::{self, FILES_DATABASE, HeldLock, POSTGRES_DATABASE};
use crate::sample::{kronos, moonops, topsteel};
use crate::servers::mongod::Mongod;
use crate::servers::postgres::{Options, PostgresServer};
use crate::servers::private_dir::PrivateDir;

const OPERATOR: &str = "opsdash";

/// Running servers full of sample data, and a config that leads to them. All of it goes when this is dropped.
#[derive(Debug)]
pub struct DemoServers {
    _lock: HeldLock,
    postgres: PostgresServer,
    /// Held for its drop; None when there is no mongod, and the files lie in a folder.
    _mongod: Option<Mongod>,
    dir: PrivateDir,
    config: PathBuf,
}

impl DemoServers {
    /// Starts everything; takes a few seconds. Without `mongod`, the files lie in a folder.
    pub async fn start(with_mongod: bool) -> Result<Self> {
        let postgres = PostgresServer::start_with(&Options {
            settings: vec![("shared_preload_libraries".to_owned(), "pg_stat_statements".to_owned())],
            ..Options::default()
        })?;
        let mongod = if with_mongod { Some(Mongod::start_with_auth().await?) } else { None };
        let now = Timestamp::now();
        let url = postgres.url(POSTGRES_DATABASE);
        postgres.create_database(POSTGRES_DATABASE).await?;
        postgres.migrate(POSTGRES_DATABASE, "cybersensei").await?;
        postgres.run(POSTGRES_DATABASE, "CREATE EXTENSION pg_stat_statements").await?;
        let load_files = async {
            let Some(mongod) = &mongod else { return Ok(()) };
            mongod.create_reader(OPERATOR, postgres.password(), FILES_DATABASE).await?;
            cybersensei::load_files(&mongod.url(FILES_DATABASE), now).await
        };
        tokio::try_join!(cybersensei::load_postgres(&url, now), load_files)?;
        cybersensei::grant_operator(&url, OPERATOR, postgres.password()).await?;
        load_kronos(&postgres, now).await?;
        load_moonops(&postgres, now).await?;
        topsteel::load(&postgres, now).await?;
        topsteel::grant_operator(&postgres, OPERATOR).await?;

        let dir = PrivateDir::create(None)?;
        let password = dir.write("password", postgres.password(), None)?;
        dir.subdirectory("state", None)?;
        dir.subdirectory("state/opsdash", None)?;
        let sizes = topsteel::sizes_of_last_week(&postgres, now, "topsteel").await?;
        dir.write("state/opsdash/days.json", &sizes.to_string(), None)?;
        let files = if let Some(mongod) = &mongod {
            mongod.url_of(OPERATOR, postgres.password(), FILES_DATABASE)
        } else {
            let folder = dir.subdirectory("files", None)?;
            cybersensei::write_directory(&folder, now)?;
            format!("file://{}", folder.display())
        };
        let config = config(&postgres, &files, &password);
        let config = dir.write("config.toml", &config, None)?;
        Ok(Self { _lock: HeldLock::start(&url).await?, postgres, _mongod: mongod, dir, config })
    }

    /// The config that names these servers, as targets `demo`, `kronos`, `moonops` and `topsteel`, and as `moonops_open` the
    /// one without policies.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// What the program's environment gets, so that it leaves nothing behind and takes nothing of the user's.
    #[must_use]
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let path = |name: &str| self.dir.path().join(name).into_os_string();
        vec![("XDG_STATE_HOME".into(), path("state")), ("XDG_CONFIG_HOME".into(), path("no-config"))]
    }

    /// The superuser's URL of the sample's database, for the writer that keeps it alive.
    #[must_use]
    pub fn writer_url(&self) -> String {
        self.postgres.url(POSTGRES_DATABASE)
    }
}

/// A second system, on the same server; its login is there already.
async fn load_kronos(postgres: &PostgresServer, now: Timestamp) -> Result<()> {
    postgres.create_database(kronos::DATABASE).await?;
    postgres.migrate(kronos::DATABASE, "kronos").await?;
    let url = postgres.url(kronos::DATABASE);
    kronos::load(&url, now).await?;
    kronos::grant_operator(&url, OPERATOR).await
}

/// A system with row-level security, and the same without.
async fn load_moonops(postgres: &PostgresServer, now: Timestamp) -> Result<()> {
    for database in [moonops::DATABASE, moonops::OPEN_DATABASE] {
        postgres.create_database(database).await?;
        postgres.migrate(database, "moonops").await?;
        let url = postgres.url(database);
        moonops::load(&url, now).await?;
        moonops::grant_operator(&url, OPERATOR).await?;
    }
    postgres.migrate(moonops::DATABASE, "moonops/policies").await?;
    moonops::break_policies(&postgres.url(moonops::DATABASE)).await
}

fn config(postgres: &PostgresServer, files: &str, password: &Path) -> String {
    let source = |target: &str, name: &str, database: &str| {
        format!(
            "[targets.{target}.sources.{name}]\n\
             url = \"postgres://{OPERATOR}@127.0.0.1:{port}/{database}\"\n\
             password = {{ file = \"{password}\" }}\n\n",
            port = postgres.port(),
            password = password.display(),
        )
    };
    let target = |name: &str, system: &str, sources: &[(&str, &str)]| {
        let sources: String =
            sources.iter().map(|(source_name, database)| source(name, source_name, database)).collect();
        format!("[targets.{name}]\nsystem = \"{system}\"\n\n{sources}")
    };
    let targets = [
        target("demo", "cybersensei", &[("main", POSTGRES_DATABASE)]),
        format!("[targets.demo.sources.files]\nurl = \"{files}\"\n\n"),
        target("kronos", "kronos", &[("main", kronos::DATABASE)]),
        target("moonops", "moonops", &[("main", moonops::DATABASE)]),
        target("moonops_open", "moonops", &[("main", moonops::OPEN_DATABASE)]),
        target(
            "topsteel",
            "topsteel",
            &[
                ("auth", topsteel::AUTH),
                ("shared", topsteel::SHARED),
                ("origin", topsteel::ORIGIN),
                ("tenants", "postgres"),
            ],
        ),
    ];
    format!("default_target = \"demo\"\n\n{}", targets.concat())
}
