//! A private `mongod`.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mongodb::Client;
use mongodb::bson::{Document, doc};

use super::private_dir::PrivateDir;
use super::supervised::{Launch, Supervised};
use super::{accepts_connections, free_port, random_password};
use crate::install::Tool;

const REPLICA_SET: &str = "rs0";

/// The superuser of a server that [`Mongod::start_with_auth`] started.
pub const ADMIN: &str = "opsdash_admin";

/// A running `mongod`, on loopback only.
#[derive(Debug)]
pub struct Mongod {
    server: Supervised,
    port: u16,
    replica_set: bool,
    /// The superuser's; None when nobody is asked for one.
    password: Option<String>,
}

impl Mongod {
    /// Starts a standalone server without authentication and waits until it accepts connections.
    pub fn start() -> Result<Self> {
        Self::launch(&[])
    }

    /// Starts a standalone server that asks for passwords, with one superuser.
    pub async fn start_with_auth() -> Result<Self> {
        let mut mongod = Self::launch(&["--auth"])?;
        let password = random_password();
        // Without any user yet, a local client may create the first.
        let create = doc! { "createUser": ADMIN, "pwd": &password, "roles": ["root"] };
        mongod.client().await?.database("admin").run_command(create).await.context("cannot create the superuser")?;
        mongod.password = Some(password);
        Ok(mongod)
    }

    /// Starts a replica set of one member and waits until that is primary.
    pub async fn start_replica_set() -> Result<Self> {
        let ReplicaSet { mut members } = ReplicaSet::start(1).await?;
        let mut mongod = members.pop().context("a set has a member")?;
        mongod.replica_set = true;
        Ok(mongod)
    }

    fn launch(more: &[&str]) -> Result<Self> {
        let program = Tool::Mongod.require()?;
        let dir = PrivateDir::create(None)?;
        let data = dir.subdirectory("data", None)?;
        let port = free_port()?;
        let (port_text, data, socket) = (port.to_string(), data.to_string_lossy(), dir.path().to_string_lossy());
        let args = [
            "--bind_ip",
            "127.0.0.1",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--quiet",
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
            "--port",
            &port_text,
            "--dbpath",
            &data,
            "--unixSocketPrefix",
            &socket,
        ];
        let args = args.iter().chain(more).map(|&arg| arg.to_owned()).collect();
        let launch = Launch { program, args, stop_signal: "KILL", user: None };
        let server = Supervised::start(dir, launch)?;
        server.wait_until(|| accepts_connections(port))?;
        Ok(Self { server, port, replica_set: false, password: None })
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database on this server, for the superuser where there is one.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        match &self.password {
            Some(password) => self.url_of(ADMIN, password, database),
            None => format!("mongodb://127.0.0.1:{}/{database}?{}", self.port, self.topology()),
        }
    }

    /// A user's URL of a database on this server.
    #[must_use]
    pub fn url_of(&self, user: &str, password: &str, database: &str) -> String {
        let topology = self.topology();
        format!("mongodb://{user}:{password}@127.0.0.1:{}/{database}?{topology}&authSource=admin", self.port)
    }

    fn topology(&self) -> String {
        if self.replica_set { format!("replicaSet={REPLICA_SET}") } else { "directConnection=true".to_owned() }
    }

    /// Creates a user who may read one database, watch the server, and write nothing.
    pub async fn create_reader(&self, user: &str, password: &str, database: &str) -> Result<()> {
        let roles = [doc! { "role": "read", "db": database }, doc! { "role": "clusterMonitor", "db": "admin" }];
        let create = doc! { "createUser": user, "pwd": password, "roles": roles.to_vec() };
        self.client().await?.database("admin").run_command(create).await?;
        Ok(())
    }

    /// A driver's client, for the superuser where there is one.
    pub async fn client(&self) -> Result<Client> {
        Ok(Client::with_uri_str(self.url("admin")).await?)
    }

    /// Waits until what the server says of itself, to `hello`, is as wanted.
    pub async fn wait_for(&self, is_wanted: impl Fn(&Document) -> bool) -> Result<()> {
        let admin = self.client().await?.database("admin");
        for _ in 0..600 {
            if is_wanted(&admin.run_command(doc! { "hello": 1 }).await?) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("30 s passed and the server was not as wanted:\n{}", self.server.log())
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

/// Several `mongod`s that are one replica set. The first is primary whenever it can be.
#[derive(Debug)]
pub struct ReplicaSet {
    /// The members; the URL of each is for that one alone, whatever its state.
    pub members: Vec<Mongod>,
}

impl ReplicaSet {
    /// Starts a set of so many members and waits until the first is primary and the others are secondaries.
    pub async fn start(members: usize) -> Result<Self> {
        let launched: Result<Vec<Mongod>> = (0..members).map(|_| Mongod::launch(&["--replSet", REPLICA_SET])).collect();
        let set = Self { members: launched? };
        let member = |(at, mongod): (usize, &Mongod)| {
            let host = format!("127.0.0.1:{}", mongod.port);
            doc! { "_id": i32::try_from(at).unwrap_or(i32::MAX), "host": host, "priority": if at == 0 { 2 } else { 1 } }
        };
        let members: Vec<Document> = set.members.iter().enumerate().map(member).collect();
        // A test should not wait ten seconds until a set has seen that its primary is gone.
        let settings = doc! { "electionTimeoutMillis": 2_000 };
        let config = doc! { "_id": REPLICA_SET, "members": members, "settings": settings };
        let admin = set.members[0].client().await?.database("admin");
        admin.run_command(doc! { "replSetInitiate": config }).await.context("cannot initiate the replica set")?;
        for (at, member) in set.members.iter().enumerate() {
            let wanted = if at == 0 { "isWritablePrimary" } else { "secondary" };
            member
                .wait_for(|hello| hello.get_bool(wanted).unwrap_or(false))
                .await
                .with_context(|| format!("member {at}, {wanted}"))?;
        }
        Ok(set)
    }

    /// The URL of a database on the set.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let hosts: Vec<String> = self.members.iter().map(|member| format!("127.0.0.1:{}", member.port)).collect();
        format!("mongodb://{}/{database}?replicaSet={REPLICA_SET}", hosts.join(","))
    }
}

/// One server for all tests of a test binary, each of which uses a database of its own.
///
/// # Panics
/// When the server cannot be started, as no test can go on.
pub fn shared() -> &'static Mongod {
    // Never dropped: the supervisor sees to its end when the test binary exits.
    static SHARED: OnceLock<Mongod> = OnceLock::new();
    SHARED.get_or_init(|| match Mongod::start() {
        Ok(server) => server,
        Err(error) => panic!("the shared mongod did not start: {error:#}"),
    })
}
