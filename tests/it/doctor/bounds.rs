//! What doctor costs a server: nothing is written, nothing is left, and nobody is waited for longer than was said.

use std::{
    io::Read,
    net::TcpListener,
    os::unix::process::ExitStatusExt,
    process::Stdio,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    servers::{
        pgbouncer::PgBouncer,
        postgres::{Options, PostgresServer},
    },
    sql::column,
};

use super::{doctor, of_postgres, server};
use crate::support::{lab, shell};

#[tokio::test]
async fn through_a_pooler_it_writes_nothing_and_leaves_nothing_on_the_session() {
    // Nothing else may take a transaction's number meanwhile.
    let settings = vec![("autovacuum".to_owned(), "off".to_owned())];
    let server = PostgresServer::start_with(&Options { settings, ..Options::default() }).unwrap();
    server.create_database("quiet").await.unwrap();
    server.migrate("quiet", "cybersensei").await.unwrap();
    let pooler = PgBouncer::start(&server).unwrap();
    let next_number = "SELECT txid_snapshot_xmax(txid_current_snapshot())::text";
    let outside = "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings \
        WHERE name IN ('statement_timeout', 'lock_timeout', 'TimeZone', 'transaction_read_only', 'jit')";
    let before = column(&server.url("quiet"), next_number).await.unwrap();
    let settings = through(&pooler, outside).await;
    let found = doctor(&of_postgres(&pooler.url("quiet")));
    assert_eq!((found.troubles().len(), found.code), (1, Some(0)), "the superuser alone: {:#}", found.json);
    assert_eq!(column(&server.url("quiet"), next_number).await.unwrap(), before, "nothing was written");
    assert_eq!(through(&pooler, outside).await, settings);
    assert_eq!(through(&pooler, "SELECT count(*)::text FROM pg_prepared_statements").await, "0");
}

/// The first cell of a query, asked on a session of the pooler's.
async fn through(pooler: &PgBouncer, query: &'static str) -> String {
    use sqlx::Row;
    let mut connection = pooler.connect("quiet").await.unwrap();
    sqlx::raw_sql(query).fetch_one(&mut connection).await.unwrap().get_unchecked(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_is_given_up_on_while_the_other_is_looked_at() {
    let forwarder = Forwarder::start(server().port()).await.unwrap();
    forwarder.set_mode(Mode::Stall);
    let url = forwarder.through(&server().admin_url(), server().port());
    let config = format!(
        "[targets.lab]\nsystem = \"cybersensei\"\n[targets.lab.sources.main]\nurl = \"{url}\"\ntimeout = \"1s\"\n\
         [targets.lab.sources.files]\nurl = \"file:///tmp\"\n"
    );
    let began = Instant::now();
    let found = doctor(&shell(&config));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!((found.of("connection").0, found.code), ("crit", Some(3)), "{:#}", found.json);
    assert!(found.of("connection").1.contains("no answer"));
    assert_eq!(found.of("server").0, "ok");
}

#[test]
fn a_signal_ends_it_at_once_while_its_servers_hang() {
    let (postgres, mongodb) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = format!("postgres://u:p@{}/x", postgres.local_addr().unwrap());
    let files = format!("mongodb://{}/x?directConnection=true", mongodb.local_addr().unwrap());
    let shell = lab(&url, &files);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut child = shell.command(&["doctor"]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let _held = (postgres.accept().unwrap(), mongodb.accept().unwrap());
        let sent = Instant::now();
        kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal as i32));
        assert!(sent.elapsed() < Duration::from_secs(5), "it took {:?}", sent.elapsed());
        let mut stderr = String::new();
        child.stderr.unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(stderr, "", "the driver breaks off when its runtime is shut down");
    }
}
