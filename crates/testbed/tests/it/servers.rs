//! The private servers start, serve, and leave neither a process nor a directory behind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mongodb::bson::{Document, doc};
use opsdash_testbed::servers::mongod::Mongod;
use opsdash_testbed::servers::pgbouncer::PgBouncer;
use opsdash_testbed::servers::postgres::{self, PostgresServer};
use sqlx::{Connection, Executor, PgConnection};

fn wait_until(what: &str, condition: impl Fn() -> bool) -> Result<()> {
    let start = Instant::now();
    while !condition() {
        ensure!(start.elapsed() < Duration::from_mins(1), "never happened: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn is_running(pid: i32) -> bool {
    // A zombie answers signal 0, but has no command line.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[tokio::test]
async fn a_dropped_postgres_server_leaves_no_process_and_no_directory() -> Result<()> {
    let server = PostgresServer::start()?;
    let (pid, dir) = (server.pid().context("it runs")?, server.dir().to_owned());
    server.create_database("one").await?;
    server.migrate("one", "cybersensei").await?;
    let mut connection = server.connect("one").await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        .fetch_one(&mut connection)
        .await?;
    assert_eq!(tables, 7, "six documented tables and TypeORM's own");
    // Still connected: an open client must not hold up the stop.
    drop(server);
    assert!(!dir.exists());
    wait_until("the server is gone", || !is_running(pid))
}

#[tokio::test]
async fn a_wrong_password_is_refused() -> Result<()> {
    let server = postgres::shared();
    let wrong = server.url_of(postgres::ADMIN, "wrong", "postgres");
    let error = PgConnection::connect(&wrong).await.err().context("it must fail")?;
    let code = error.as_database_error().and_then(|e| e.code().map(String::from));
    assert_eq!(code.as_deref(), Some("28P01"));
    Ok(())
}

#[tokio::test]
async fn a_restarted_server_keeps_its_data_and_its_port() -> Result<()> {
    let mut server = PostgresServer::start()?;
    let port = server.port();
    server.run("postgres", "CREATE TABLE kept AS SELECT 7 AS n; CHECKPOINT").await?;
    server.stop()?;
    assert!(PgConnection::connect(&server.admin_url()).await.is_err());
    server.start_again()?;
    assert_eq!(server.port(), port);
    let n: i32 = sqlx::query_scalar("SELECT n FROM kept").fetch_one(&mut server.connect("postgres").await?).await?;
    assert_eq!(n, 7);
    Ok(())
}

#[tokio::test]
async fn the_pooler_shares_connections_and_refuses_startup_options() -> Result<()> {
    let pooler = PgBouncer::start(postgres::shared())?;
    let mut first = pooler.connect("postgres").await?;
    let mut second = pooler.connect("postgres").await?;
    for client in [&mut first, &mut second] {
        client.execute(sqlx::raw_sql("BEGIN; SELECT 1; COMMIT")).await?;
    }
    let mut console = pooler.console().await?;
    let servers = console.fetch_all(sqlx::raw_sql("SHOW SERVERS")).await?;
    assert_eq!(servers.len(), 1, "two idle clients need no more than one connection");
    let error = PgConnection::connect(&pooler.url("postgres")).await.err();
    let error = error.context("sqlx's own startup option must be refused")?;
    assert!(error.to_string().contains("extra_float_digits"), "{error}");
    Ok(())
}

#[tokio::test]
async fn mongod_runs_standalone_and_as_a_replica_set() -> Result<()> {
    for mongod in [Mongod::start()?, Mongod::start_replica_set().await?] {
        let (pid, dir) = (mongod.pid().context("it runs")?, mongod.dir().to_owned());
        let client = mongodb::Client::with_uri_str(mongod.url("test")).await?;
        let things = client.database("test").collection("things");
        things.insert_one(doc! { "a": 1 }).await?;
        assert_eq!(things.count_documents(doc! {}).await?, 1);
        drop(mongod);
        assert!(!dir.exists());
        wait_until("mongod is gone", || !is_running(pid))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_reader_of_mongod_reads_and_writes_nothing() -> Result<()> {
    let mongod = Mongod::start_with_auth().await?;
    let document = doc! { "a": 1 };
    mongod.client().await?.database("test").collection::<Document>("things").insert_one(&document).await?;
    mongod.create_reader("reader", "secret", "test").await?;
    let client = mongodb::Client::with_uri_str(mongod.url_of("reader", "secret", "test")).await?;
    let things = client.database("test").collection::<Document>("things");
    assert_eq!(things.count_documents(doc! {}).await?, 1);
    assert!(things.insert_one(&document).await.is_err());
    let wrong = mongodb::Client::with_uri_str(mongod.url_of("reader", "wrong", "test")).await?;
    assert!(wrong.database("test").collection::<Document>("things").count_documents(doc! {}).await.is_err());
    Ok(())
}

/// Not a test by itself: the next one runs it as a process of its own, and kills that process.
#[test]
#[ignore = "runs for ever, to be killed"]
fn hold_servers_for_ever() -> Result<()> {
    let postgres = PostgresServer::start()?;
    let mongod = Mongod::start()?;
    for (pid, dir) in [(postgres.pid(), postgres.dir()), (mongod.pid(), mongod.dir())] {
        println!("\nHELD {} {}", pid.context("it runs")?, dir.display());
    }
    loop {
        std::thread::park();
    }
}

#[test]
fn servers_and_directories_go_when_their_owner_is_killed_hard() -> Result<()> {
    let mut owner = Command::new(std::env::current_exe()?)
        .args(["--exact", "servers::hold_servers_for_ever", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(owner.stdout.take().context("it is piped")?).lines();
    let mut held: Vec<(i32, PathBuf)> = Vec::new();
    for line in lines {
        if let Some((pid, dir)) = line?.strip_prefix("HELD ").and_then(|rest| rest.split_once(' ')) {
            held.push((pid.parse()?, Path::new(dir).to_owned()));
        }
        if held.len() == 2 {
            break;
        }
    }
    assert_eq!(held.len(), 2);
    assert!(held.iter().all(|(pid, dir)| is_running(*pid) && dir.exists()));
    owner.kill()?;
    owner.wait()?;
    for (pid, dir) in held {
        wait_until("the server is gone", || !is_running(pid))?;
        wait_until("the directory is gone", || !dir.exists())?;
    }
    Ok(())
}
