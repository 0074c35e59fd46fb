//! Actions on sets: what a query finds is counted, confirmed by its number, and written in batches, as a login with the rights
//! that `doctor --grants` gives.

use std::{
    process::Stdio,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opsdash_testbed::{
    commit::{Cut, Cutter},
    pty::keys,
    servers::postgres::PostgresServer,
    shell::{Ran, Shell},
    sql,
};
use serde_json::Value as Json;
use sqlx::{Connection, PgConnection};

use crate::support::*;

const PURGE: [&str; 4] = ["act", "sessions", "purge_expired", "--yes"];

/// A cluster for these tests alone: its roles are those of another system elsewhere.
fn server() -> &'static PostgresServer {
    static SERVER: LazyLock<PostgresServer> = LazyLock::new(|| PostgresServer::start().unwrap());
    &SERVER
}

/// A database with so many sessions that have expired two days ago, and three that are not to go.
async fn database(name: &str, expired: usize) -> String {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let server = server();
    server.create_database(name).await.unwrap();
    server.migrate(name, "kronos").await.unwrap();
    let rows = format!(
        "INSERT INTO sessions (token, expires_at) VALUES ('a', LOCALTIMESTAMP + interval '1 day'),
            ('b', LOCALTIMESTAMP - interval '1 hour'), ('c', NULL);
         INSERT INTO sessions (token, expires_at)
         SELECT 't' || n, LOCALTIMESTAMP - interval '2 days' FROM generate_series(1, {expired}) AS n; ANALYZE"
    );
    server.run(name, &rows).await.unwrap();
    let _turn = TURN.lock().await;
    let grants = on(&server.url(name)).run(&["doctor", "--grants", "main"]);
    assert_eq!(grants.code, Some(0), "{}", grants.err);
    server.run(name, &grants.out).await.unwrap();
    server.run(name, "ALTER ROLE opsdash_operator PASSWORD 'o'; ALTER ROLE opsdash_reader PASSWORD 'r'").await.unwrap();
    server.url_of("opsdash_operator", "o", name)
}

fn config(url: &str) -> String {
    format!("[targets.lab]\nsystem = \"kronos\"\n[targets.lab.sources.main]\nurl = \"{url}\"\ntimeout = \"20s\"\n")
}

fn on(url: &str) -> Shell {
    shell(&config(url))
}

async fn count(database: &str, condition: &str) -> usize {
    let query = format!("SELECT count(*)::text FROM sessions WHERE {condition}");
    sql::column(&server().url(database), &query).await.unwrap()[0].parse().unwrap()
}

const OLD: &str = "expires_at < LOCALTIMESTAMP - interval '1 day'";

/// Keys of rows that were deleted, and what is said of those that were left.
fn told(ran: &Ran) -> (Vec<String>, Vec<Json>) {
    let json = ran.json_of(0);
    assert_eq!(json["outcome"], "done", "{}", ran.err);
    let (left, done): (Vec<Json>, Vec<Json>) =
        json["rows"].as_array().unwrap().iter().cloned().partition(|row| row["why"].is_string());
    assert!(done.iter().all(|row| row["after"].is_null()));
    (done.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect(), left)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_grows_and_is_held_in_part_loses_what_was_confirmed_and_no_more() {
    const CONFIRMED: usize = 100_000;
    let url = database("set_grows", CONFIRMED).await;
    let mut holder = PgConnection::connect(&server().url("set_grows")).await.unwrap();
    let hold = format!("BEGIN; SELECT id FROM sessions WHERE {OLD} ORDER BY id LIMIT 10 FOR UPDATE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(hold)).execute(&mut holder).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (stopped, writer_url) = (stop.clone(), server().url("set_grows"));
    let writer = tokio::spawn(async move {
        let mut added = 0;
        while !stopped.load(Ordering::Relaxed) {
            let add = "INSERT INTO sessions (token, expires_at) VALUES ('late', LOCALTIMESTAMP - interval '3 days')";
            sql::run(&writer_url, add).await.unwrap();
            added += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        added
    });
    let purge = move || on(&url).run(&[&PURGE[..], &["--confirm", "100000", "--json"]].concat());
    let ran = tokio::task::spawn_blocking(purge);
    let ran = ran.await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let added: usize = writer.await.unwrap();
    let (done, left) = told(&ran);
    assert!(added > 10, "it grew meanwhile: {added}");
    assert_eq!((done.len() + left.len(), left.len()), (CONFIRMED, 10), "{}", ran.err);
    assert!(left.iter().all(|row| row["why"] == "is locked by another session"), "{left:?}");
    assert!(ran.err.contains("10 rows left:"), "{}", ran.err);
    assert_eq!(count("set_grows", "true").await, 3 + added + 10);
    assert_eq!(count("set_grows", "token IN ('a', 'b', 'c')").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_screen_a_set_is_counted_typed_and_written_as_it_was_counted() {
    let url = database("set_screen", 2_345).await;
    let mut screen = with_config(config(&url)).start();
    screen.shows(&["Sessions"]);
    screen.type_in(&["2"]);
    screen.shows(&["500 of 2 348 rows", "still stored"]);
    screen.type_in(&["P"]);
    screen.shows(&["2 345 rows", "cannot be undone", "Type", "Cancel"]);
    let meant = |screen: &mut Dashboard, keys: &str| {
        screen.wait_for_rest(Duration::from_millis(200)).unwrap();
        screen.type_in(&[keys]);
    };
    meant(&mut screen, "2344");
    screen.shows(&["2344"]);
    meant(&mut screen, keys::ENTER);
    screen.shows(&["this is not the number of rows"]);
    assert_eq!(count("set_screen", OLD).await, 2_345);
    // Others come while it is typed: they are not what was counted.
    let late = "INSERT INTO sessions (token, expires_at) VALUES ('late', LOCALTIMESTAMP - interval '3 days')";
    sql::run(&server().url("set_screen"), late).await.unwrap();
    screen.type_in(&[keys::BACKSPACE, keys::BACKSPACE, keys::BACKSPACE, keys::BACKSPACE]);
    meant(&mut screen, "2 345");
    screen.hides(&["this is not"]);
    meant(&mut screen, keys::ENTER);
    screen.shows(&["Purge expired sessions: done, 2 345 rows"]);
    assert_eq!((count("set_screen", OLD).await, count("set_screen", "token IN ('a', 'b', 'c')").await), (1, 3));
    screen.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_purge_at_a_time_report_together_what_is_gone() {
    let url = database("set_two", 6_000).await;
    let purge = |url: String| {
        tokio::task::spawn_blocking(move || on(&url).run(&[&PURGE[..], &["--confirm", "6000", "--json"]].concat()))
    };
    let (one, other) = tokio::join!(purge(url.clone()), purge(url));
    let (one, other) = (one.unwrap(), other.unwrap());
    let ((first, _), (second, _)) = (told(&one), told(&other));
    assert_eq!(count("set_two", OLD).await, 0);
    let mut all = [first, second].concat();
    assert_eq!(all.len(), 6_000, "the sum is what is gone");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 6_000, "and no row is told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_that_is_killed_half_way_has_recorded_how_far_it_came() {
    let url = database("set_killed", 20_000).await;
    let shell = on(&url);
    let mut child = shell
        .command(&[&PURGE[..], &["--confirm", "20000"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let done = |lines: &[Json]| -> usize {
        let done = lines.iter().filter(|line| line["phase"] == "outcome" && line["outcome"] == "done");
        done.map(|line| line["rows"].as_array().unwrap().len()).sum()
    };
    eventually("some batches are done", || done(&recorded(&shell.state())) >= 2_000);
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = recorded(&shell.state());
    let (done, gone) = (done(&lines), 20_000 - count("set_killed", OLD).await);
    // The batch at hand may have come through, and its intent says so.
    let intents = lines.iter().filter(|line| line["phase"] == "intent").count();
    assert!((2_000..20_000).contains(&done), "{done}");
    assert!(gone == done || gone == done + 1_000 && intents * 1_000 == gone, "recorded {done}, gone {gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_nobody_answered_is_told_as_gone_when_it_is() {
    let url = database("set_cut", 30).await;
    let cutter = Cutter::start(server().port(), Cut::After).await.unwrap();
    let shell = on(&cutter.through(&url, server().port()));
    let ran = shell.run(&[&PURGE[..], &["--confirm", "30", "--json"]].concat());
    assert!(cutter.has_cut());
    let (done, left) = told(&ran);
    assert_eq!((done.len(), left.len(), count("set_cut", OLD).await), (30, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_counted_first_confirmed_by_its_number_and_takes_no_keys() {
    let url = database("set_asked", 25).await;
    let shell = on(&url);
    let shown = shell.run(&["act", "sessions", "purge_expired", "--dry-run"]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    assert!(shown.out.starts_with("25 rows of sessions\n") && shown.out.contains("and 5 more"), "{}", shown.out);
    for (more, told) in [
        (&["5"][..], "takes no keys"),
        (&[][..], "wants the number of rows to be typed"),
        (&["--confirm", "many"][..], "--confirm is no number of rows"),
        (&["--confirm", "0"][..], "--confirm is no number of rows"),
    ] {
        let ran = shell.run(&[&PURGE[..], more].concat());
        assert_eq!(ran.code, Some(2), "{more:?}: {}", ran.err);
        assert!(ran.err.contains(told), "{more:?}: {}", ran.err);
    }
    assert_eq!(shell.run(&["act", "sessions", "kill", "--yes"]).code, Some(2), "others take keys");
    assert_eq!(count("set_asked", OLD).await, 25);
    // What was counted earlier is the most that goes.
    assert_eq!(shell.run(&[&PURGE[..], &["--confirm", "20"]].concat()).code, Some(0));
    assert_eq!(count("set_asked", OLD).await, 5);
    assert_eq!(shell.run(&[&PURGE[..], &["--confirm", "20"]].concat()).code, Some(0));
    let nothing = shell.run(&[&PURGE[..], &["--confirm", "20"]].concat());
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(0), "there is nothing to do\n"));
    let reader = on(&server().url_of("opsdash_reader", "r", "set_asked"));
    server()
        .run("set_asked", "INSERT INTO sessions (token, expires_at) VALUES ('x', LOCALTIMESTAMP - interval '2 days')")
        .await
        .unwrap();
    let refused = reader.run(&[&PURGE[..], &["--confirm", "1"]].concat());
    assert!(refused.code == Some(3) && refused.err.contains("nothing is written"), "{}", refused.err);
    assert_eq!(count("set_asked", OLD).await, 1);
}
