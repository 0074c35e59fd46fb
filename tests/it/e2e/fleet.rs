//! Two hundred databases of one server as one source: what reading them costs it, and what becomes of those that fail.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    sample::topsteel::{
        SHARED,
        many::{self, READER_OF_TENANTS, tenant},
    },
    servers::postgres::PostgresServer,
    sql,
};
use serde_json::Value as Json;

use crate::support::{Dashboard, shell, with_config};

/// With AUTH and SHARED 200.
const TENANTS: usize = 198;

/// The most connections that a login had at a time, asked of the server again and again until [`Watch::end`].
struct Watch {
    is_over: Arc<AtomicBool>,
    most: tokio::task::JoinHandle<usize>,
}

impl Watch {
    /// `of` is a condition on `pg_stat_activity`.
    async fn begin(server: &PostgresServer, of: &str) -> Self {
        let mut outside = server.connect("postgres").await.unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let ended = is_over.clone();
        let query = format!("SELECT count(*)::text FROM pg_stat_activity WHERE usename LIKE 'fleet_reader%' AND {of}");
        let most = tokio::spawn(async move {
            let mut most = 0;
            while !ended.load(Ordering::Relaxed) {
                let count = sql::cell(&mut outside, &query).await.unwrap().unwrap();
                most = most.max(count.parse().unwrap());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            most
        });
        Self { is_over, most }
    }

    async fn end(self) -> usize {
        self.is_over.store(true, Ordering::Relaxed);
        self.most.await.unwrap()
    }
}

/// Runs the program to its end, while the server is asked.
async fn run(config: &str, arguments: &'static [&'static str]) -> opsdash_testbed::shell::Ran {
    let shell = shell(config);
    tokio::task::spawn_blocking(move || shell.run(arguments)).await.unwrap()
}

/// Waits as long as all views of two hundred databases may take beside other tests.
#[track_caller]
fn shows_in_the_end(screen: &Dashboard, text: &str) {
    let is_there = || screen.wait_until(text, |screen| screen.contents().contains(text)).is_ok();
    assert!((0..6).any(|_| is_there()), "{text} did not appear:\n{}", screen.text());
}

/// The databases that did not answer, and what kind of failure each has.
fn failed(json: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let failed = json["coverage"]["failed"].as_array().unwrap();
    failed.iter().map(|member| (text(&member["member"]), text(&member["error"]["kind"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_databases_cost_eight_connections_and_each_that_fails_is_a_row() {
    let server = many::start(TENANTS).await.unwrap();
    everything_is_read_by_eight_connections(&server).await;
    none_is_held_up_by_an_open_dashboard(&server).await;
    many::copy(&server, &[tenant(100)]).await.unwrap();
    four_in_trouble_hide_none_of_the_others(&server).await;
}

async fn everything_is_read_by_eight_connections(server: &PostgresServer) {
    let config = many::config(server, &many::shared_url(server));
    // All of the program's, those to AUTH too.
    let watch = Watch::begin(server, "true").await;
    let shown = run(&config, &["show", "fleet", "--format", "json", "--limit", "1000"]).await;
    let most = watch.end().await;
    assert_eq!(shown.code, Some(0), "{}{}", shown.out, shown.err);
    let json = shown.json();
    assert_eq!((json["coverage"]["members"].as_u64(), failed(&json)), (Some(200), Vec::new()));
    assert_eq!(json["rows"].as_array().unwrap().len(), 200);
    assert!((4..=8).contains(&most), "{most} connections at a time");
}

async fn none_is_held_up_by_an_open_dashboard(server: &PostgresServer) {
    let config = many::config(server, &many::shared_url(server));
    let of_members = "datname LIKE 'erp_topsteel_t%'";
    let watch = Watch::begin(server, of_members).await;
    let mut screen = with_config(config).args(&["--view", "fleet"]).start();
    shows_in_the_end(&screen, "200/200 databases");
    // While other views of it are still read.
    server.run("postgres", &format!("DROP DATABASE {}", tenant(100))).await.unwrap();
    screen.type_in(&["R"]);
    shows_in_the_end(&screen, "199/199 databases");
    let mut outside = server.connect("postgres").await.unwrap();
    let left =
        format!("SELECT count(*)::text FROM pg_stat_activity WHERE usename LIKE 'fleet_reader%' AND {of_members}");
    sql::wait_for(&mut outside, &left, "0").await.unwrap();
    let most = watch.end().await;
    assert!((4..=8).contains(&most), "{most} connections at a time");
    screen.quit();
}

async fn four_in_trouble_hide_none_of_the_others(server: &PostgresServer) {
    let [closed, renamed, dropped] = [10, 20, TENANTS].map(tenant);
    server.run("postgres", &format!("REVOKE CONNECT ON DATABASE {closed} FROM public")).await.unwrap();
    server.run(&renamed, "ALTER TABLE clients RENAME deleted_at TO supprime_le").await.unwrap();
    // Those whose turn comes first keep their places until the last one is gone.
    let slow = format!(
        "ALTER TABLE clients RENAME TO kept;
         CREATE VIEW clients AS SELECT * FROM kept WHERE (SELECT pg_sleep(0.9) IS NOT NULL);
         GRANT SELECT ON clients TO {READER_OF_TENANTS}"
    );
    for number in 1..=6 {
        server.run(&tenant(number), &slow).await.unwrap();
    }
    let hole = Forwarder::start(server.port()).await.unwrap();
    hole.set_mode(Mode::Stall);
    let config = many::config(server, &hole.through(&many::shared_url(server), server.port()));
    let watch = Watch::begin(server, "true").await;
    let running =
        tokio::spawn(async move { run(&config, &["show", "parity", "--format", "json", "--limit", "1000"]).await });
    let mut outside = server.connect("postgres").await.unwrap();
    let are_slow = "SELECT (count(*) >= 4)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    sql::wait_for(&mut outside, are_slow, "true").await.unwrap();
    server.run("postgres", &format!("DROP DATABASE {dropped}")).await.unwrap();
    let shown = running.await.unwrap();
    let most = watch.end().await;
    assert!(most <= 8, "{most} connections at a time");
    assert!(shown.err.contains("196/200 databases answered"), "{}", shown.err);
    let json = shown.json();
    let expected =
        [(SHARED, "unreachable"), (&*closed, "privilege"), (&*renamed, "schema"), (&*dropped, "unreachable")];
    assert_eq!(
        failed(&json),
        expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())),
        "{:#}",
        json["coverage"]
    );
    let rows = json["rows"].as_array().unwrap();
    let unknown: Vec<&Json> = rows.iter().filter(|row| row["severity"] == "unknown").collect();
    let reasons: BTreeSet<&str> = unknown.iter().filter_map(|row| row["why"].as_str()).collect();
    assert_eq!((unknown.len(), reasons.len()), (4, 4), "{unknown:#?}");
    // Two counters of AUTH, and two of each société.
    let fresh = rows
        .iter()
        .filter(|row| row["severity"] == "ok" && row["values"]["live"] == 0 || row["values"]["live"] == TENANTS);
    assert_eq!(fresh.count(), 2 + 2 * 195, "{}", shown.out);
}
