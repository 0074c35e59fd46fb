//! Which of several servers is spoken to.

use opsdash_core::contract::{Freshness, Read};
use opsdash_pack::config::{Secret, SourceConfig};
use opsdash_testbed::servers::postgres::PostgresServer;

use super::{open, read_table, rows, shared};

/// A server that follows nobody, and is a standby all the same.
async fn standby() -> PostgresServer {
    let mut standby = PostgresServer::start().unwrap();
    standby.create_database("roles").await.unwrap();
    standby.stop().unwrap();
    let data = standby.dir().join("data/standby.signal");
    std::fs::write(&data, "").unwrap();
    let owner = std::fs::metadata(standby.dir().join("data")).unwrap();
    std::os::unix::fs::chown(
        &data,
        Some(std::os::unix::fs::MetadataExt::uid(&owner)),
        Some(std::os::unix::fs::MetadataExt::gid(&owner)),
    )
    .unwrap();
    standby.start_again().unwrap();
    standby
}

async fn primary(database: &str) -> String {
    shared().create_database(database).await.unwrap();
    shared().url(database)
}

const ROLE: &str = "SELECT pg_is_in_recovery()::text AS is_standby";

async fn asked(source: &opsdash_sources::Source, freshness: Freshness) -> String {
    let read = Read { freshness, ..rows(ROLE) };
    read_table(source, &read).await.rows[0].key.as_str().to_owned()
}

#[tokio::test]
async fn after_a_write_reads_go_to_the_server_that_is_no_standby() {
    let (standby, primary) = (standby().await, primary("roles_fresh").await);
    let urls = vec![Secret(standby.url("roles")), Secret(primary.clone())];
    let source = open(&SourceConfig { urls, ..SourceConfig::default() });
    assert_eq!(asked(&source, Freshness::Any).await, "true");
    assert_eq!(asked(&source, Freshness::Primary).await, "false");
}

#[tokio::test]
async fn the_address_that_accepted_last_is_tried_first() {
    let dead = "postgres://x@127.0.0.1:1/roles".to_owned();
    let urls = vec![Secret(dead), Secret(primary("roles_last").await)];
    let source = open(&SourceConfig { urls, ..SourceConfig::default() });
    for _ in 0..2 {
        assert_eq!(asked(&source, Freshness::Any).await, "false");
    }
}
