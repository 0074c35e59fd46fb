//! A private `mongod`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use mongodb::Client;
use mongodb::bson::{Document, doc};

use super::private_dir::PrivateDir;
use super::supervised::{Launch, Supervised};
use super::{accepts_connections, free_port};
use crate::install::Tool;

const REPLICA_SET: &str = "rs0";

/// A running `mongod` without authentication, on loopback only.
#[derive(Debug)]
pub struct Mongod {
    server: Supervised,
    port: u16,
    replica_set: bool,
}

impl Mongod {
    /// Starts a standalone server and waits until it accepts connections.
    pub fn start() -> Result<Self> {
        Self::start_on_a_free_port(false)
    }

    /// Starts a replica set of one member and waits until that is primary.
    pub async fn start_replica_set() -> Result<Self> {
        let mongod = Self::start_on_a_free_port(true)?;
        let client = mongod.direct_client().await?;
        let admin = client.database("admin");
        let member = doc! { "_id": 0, "host": format!("127.0.0.1:{}", mongod.port) };
        admin
            .run_command(doc! { "replSetInitiate": { "_id": REPLICA_SET, "members": [member] } })
            .await
            .context("cannot initiate the replica set")?;
        for _ in 0..600 {
            let hello: Document = admin.run_command(doc! { "hello": 1 }).await?;
            if hello.get_bool("isWritablePrimary").unwrap_or(false) {
                return Ok(mongod);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the replica set had no primary within 30 s:\n{}", mongod.server.log())
    }

    fn start_on_a_free_port(replica_set: bool) -> Result<Self> {
        let program = Tool::Mongod.require()?;
        let dir = PrivateDir::create(None)?;
        let data = dir.subdirectory("data", None)?;
        let port = free_port()?;
        let mut args: Vec<String> = [
            "--bind_ip",
            "127.0.0.1",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--quiet",
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
            "--port",
            &port.to_string(),
            "--dbpath",
            &data.to_string_lossy(),
            "--unixSocketPrefix",
            &dir.path().to_string_lossy(),
        ]
        .map(str::to_owned)
        .to_vec();
        if replica_set {
            args.extend(["--replSet".to_owned(), REPLICA_SET.to_owned()]);
        }
        let launch = Launch { program, args, stop_signal: "KILL", user: None };
        let server = Supervised::start(dir, launch)?;
        server.wait_until(|| accepts_connections(port))?;
        Ok(Self { server, port, replica_set })
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database on this server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let port = self.port;
        if self.replica_set {
            format!("mongodb://127.0.0.1:{port}/{database}?replicaSet={REPLICA_SET}")
        } else {
            format!("mongodb://127.0.0.1:{port}/{database}?directConnection=true")
        }
    }

    /// A driver's client for this very server.
    pub async fn direct_client(&self) -> Result<Client> {
        let url = format!("mongodb://127.0.0.1:{}/?directConnection=true", self.port);
        Ok(Client::with_uri_str(url).await?)
    }

    /// Stops the server and keeps its data, its port and its directory.
    pub fn stop(&mut self) -> Result<()> {
        self.server.stop_and_keep()
    }

    /// Starts a stopped server on the same data and port.
    pub fn start_again(&mut self) -> Result<()> {
        self.server.start_again()?;
        self.server.wait_until(|| accepts_connections(self.port))
    }

    /// The server's process id; None when it is stopped.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        self.server.pid()
    }

    /// The server's own directory.
    #[must_use]
    pub fn dir(&self) -> &std::path::Path {
        self.server.dir()
    }
}
