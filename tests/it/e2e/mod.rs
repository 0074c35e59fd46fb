//! The dashboard in a terminal against real servers, and every query of every pack against live databases.

mod dashboard;
mod fleet;
mod incident;
mod pack;
mod reread;
mod runbook;
mod silent;
mod targets;
mod terminal;
mod traps;
mod trouble;

use std::sync::LazyLock;

use opsdash_testbed::{forwarder::Forwarder, sample::cybersensei, servers::postgres::PostgresServer};
use tokio::sync::OnceCell;

use crate::support::{Opening, on};

/// A login that may read tables and nothing else, with its name for a password.
const READER: &str = "e2e_reader";

/// A cluster for these tests alone, with [`READER`] in it: sessions of other users, of which this login may not know what
/// they do, would stand on the screens.
async fn cluster() -> &'static PostgresServer {
    // Never dropped: its supervisor ends it with the test binary.
    static CLUSTER: LazyLock<PostgresServer> = LazyLock::new(|| PostgresServer::start().unwrap());
    static READY: OnceCell<()> = OnceCell::const_new();
    let make = || async {
        let create = format!("CREATE ROLE {READER} LOGIN PASSWORD '{READER}'");
        CLUSTER.run("postgres", &create).await.unwrap();
    };
    READY.get_or_init(make).await;
    &CLUSTER
}

/// A database of the sample that this test may spoil; the reader's URL of it.
async fn sample(name: &str) -> String {
    let server = cluster().await;
    cybersensei::fresh_database_on(server, name).await.unwrap();
    readable(name).await
}

/// Lets the reader read a database; the reader's URL of it.
async fn readable(name: &str) -> String {
    let server = cluster().await;
    let grant = format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}");
    server.run(name, &grant).await.unwrap();
    server.url_of(READER, READER, name)
}

/// The database of the sample that no test writes to; the reader's URL of it.
async fn pristine() -> &'static str {
    static URL: OnceCell<String> = OnceCell::const_new();
    URL.get_or_init(|| sample("pristine")).await
}

/// The sample's file store, which no test writes to.
async fn pristine_files() -> &'static str {
    static URL: OnceCell<String> = OnceCell::const_new();
    URL.get_or_init(|| async { cybersensei::fresh_files("pristine").await.unwrap() }).await
}

/// A session on the sample that no test writes to.
async fn on_pristine() -> Opening {
    on(pristine().await, pristine_files().await)
}

/// A line to the cluster, and the URL of a database led through it.
async fn line(url: &str) -> (Forwarder, String) {
    let port = cluster().await.port();
    let line = Forwarder::start(port).await.unwrap();
    let through = line.through(url, port);
    (line, through)
}
