//! What a read can never do.

use opsdash_core::contract::{FailureKind, ReadLimits};

use super::{config, database, open, query_text, read_failure, read_table, rows};

const LEDGER: &str = "CREATE TABLE ledger (id int PRIMARY KEY, amount int); INSERT INTO ledger VALUES (1, 10);
    CREATE FUNCTION spend() RETURNS int LANGUAGE sql VOLATILE AS 'UPDATE ledger SET amount = 0 RETURNING amount';
    CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM set_config('transaction_read_only', 'off', true);
        UPDATE ledger SET amount = 0;
        RETURN 1;
      END $$;
    CREATE SEQUENCE numbers";

#[tokio::test]
async fn whatever_writes_is_refused() {
    let (source, server) = database("safety_writes", LEDGER).await;
    for (sql, said) in [
        ("UPDATE ledger SET amount = 0 RETURNING id", "syntax error"),
        ("INSERT INTO ledger VALUES (2, 5) RETURNING id", "syntax error"),
        ("SET statement_timeout = 0", "syntax error"),
        ("COMMIT", "syntax error"),
        ("WITH x AS (UPDATE ledger SET amount = 0 RETURNING id) SELECT * FROM x", "must be at the top level"),
        ("SELECT spend() AS id", "read-only transaction"),
        ("SELECT nextval('numbers') AS id", "read-only transaction"),
        ("SELECT id FROM ledger FOR UPDATE", "read-only transaction"),
    ] {
        let failure = read_failure(&source, &rows(sql)).await;
        assert!(failure.message.contains(said), "{sql}: {failure}");
    }
    let mut outside = server.connect("safety_writes").await.unwrap();
    assert_eq!(query_text(&mut outside, "SELECT amount::text FROM ledger").await.as_deref(), Some("10"));
}

#[tokio::test]
async fn two_statements_in_one_are_refused() {
    let (source, server) = database("safety_two", LEDGER).await;
    for sql in [
        "SELECT 1 AS id; UPDATE ledger SET amount = 0",
        "SELECT 1) x ON true; COMMIT; UPDATE ledger SET amount = 0; SELECT (1",
        "SELECT 1) AS a) AS b ON true; COMMIT; UPDATE ledger SET amount = 0; --",
    ] {
        let failure = read_failure(&source, &rows(sql)).await;
        assert!(failure.message.contains("syntax error") || failure.message.contains("multiple commands"), "{failure}");
    }
    let mut outside = server.connect("safety_two").await.unwrap();
    assert_eq!(query_text(&mut outside, "SELECT amount::text FROM ledger").await.as_deref(), Some("10"));
}

#[tokio::test]
async fn a_read_cannot_make_its_transaction_writable() {
    let (source, server) = database("safety_escape", LEDGER).await;
    for sql in [
        "SELECT set_config('transaction_read_only', 'off', true) AS id, spend()",
        "SELECT set_config('transaction_read_only', 'off', false) AS id, spend()",
        "SELECT sneak() AS id",
    ] {
        let failure = read_failure(&source, &rows(sql)).await;
        assert_eq!(failure.kind, FailureKind::Other);
        assert!(failure.message.contains("cannot set transaction read-write mode"), "{failure}");
    }
    let mut outside = server.connect("safety_escape").await.unwrap();
    assert_eq!(query_text(&mut outside, "SELECT amount::text FROM ledger").await.as_deref(), Some("10"));
}

#[tokio::test]
async fn no_setting_of_a_statement_stays_on_the_connection() {
    let (source, _) = database("safety_settings", "").await;
    let settings = "SELECT current_setting('work_mem') AS a, current_setting('default_transaction_read_only'),
        current_setting('statement_timeout'), current_setting('search_path'), current_setting('app.left', true)";
    let first = read_table(&source, &rows(settings)).await;
    let set = "SELECT set_config('work_mem', '1MB', false) AS a, set_config('search_path', 'evil', false),
        set_config('default_transaction_read_only', 'off', false), set_config('app.left', 'x', false),
        set_config('statement_timeout', '0', false), pg_backend_pid() AS pid";
    let pid = read_table(&source, &rows(set)).await.rows[0].cells[5].clone();
    let after = loop {
        // A read may get the other connection while the first one ends its transaction.
        let table = read_table(&source, &rows(&format!("{settings}, pg_backend_pid()"))).await;
        if table.rows[0].cells[5] == pid {
            break table;
        }
    };
    assert_eq!(after.rows[0].cells[..2], first.rows[0].cells[..2]);
    assert_eq!(after.rows[0].cells[3], first.rows[0].cells[3]);
    assert_ne!(after.rows[0].cells[2].as_text(), Some("0"));
    assert!(after.rows[0].cells[4].is_empty());
}

#[tokio::test]
async fn a_source_costs_at_most_three_connections() {
    let (source, server) = database("safety_connections", "").await;
    let mut outside = server.connect("postgres").await.unwrap();
    let reads = (0..12).map(|_| {
        let source = source.clone();
        tokio::spawn(async move { source.read(&rows("SELECT 1 AS id FROM pg_sleep(0.05)")).await.unwrap() })
    });
    // Some statements among them have to be canceled, which needs one more connection.
    let slow = (0..3).map(|_| {
        let source = source.clone();
        tokio::spawn(async move {
            let mut read = rows("SELECT 1 AS id FROM pg_sleep(60)");
            read.limits = ReadLimits::of(60_000);
            tokio::time::timeout(std::time::Duration::from_millis(300), source.read(&read)).await.unwrap_err();
        })
    });
    let slow: Vec<_> = slow.collect();
    let all = futures_util::future::join(futures_util::future::join_all(reads), futures_util::future::join_all(slow));
    let mut all = std::pin::pin!(all);
    let count = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'safety_connections'";
    let mut most = 0;
    loop {
        tokio::select! {
            done = &mut all => {
                done.0.into_iter().for_each(|read| { read.unwrap(); });
                break;
            }
            now = query_text(&mut outside, count) => most = most.max(now.unwrap().parse::<u32>().unwrap()),
        }
    }
    assert!((1..=3).contains(&most), "{most} connections");
    let named = "SELECT count(*)::text FROM pg_stat_activity \
                 WHERE datname = 'safety_connections' AND application_name <> 'opsdash/alice'";
    assert_eq!(query_text(&mut outside, named).await.as_deref(), Some("0"));
}

#[tokio::test]
async fn hostile_text_is_inert_in_cells_names_reasons_and_failures() {
    let (source, _) = database("safety_hostile", "").await;
    let sql = "SELECT 'crit' AS severity, E'why\\x1b[31m\\u202e' AS why, 1 AS id, E'\\x1b]0;x\\x07' AS text, \
               ARRAY[E'a\\u200b'] AS list, '{\"k\\u001b\": \"\\u202e\"}'::jsonb AS json, 2 AS \"\u{1b}[2J\"";
    let table = read_table(&source, &super::list(sql, 5, false)).await;
    let shown = format!("{table:?}");
    assert!(shown.chars().all(opsdash_core::text::is_inert), "{shown}");
    assert!(!shown.contains("\\u{1b}") && !shown.contains("\\u{202e}"), "{shown}");
    let failure = read_failure(&source, &rows("SELECT 'x\u{1b}[31m\u{202e}'::int AS id")).await;
    assert!(failure.message.chars().all(opsdash_core::text::is_inert), "{failure}");
}

#[tokio::test]
async fn no_failure_holds_the_password() {
    let (_, server) = database("safety_password", "").await;
    let url = server.url_of("nobody", "hunter2secret", "safety_password");
    let failure = read_failure(&open(&config(&url)), &rows("SELECT 1 AS id")).await;
    assert_eq!(failure.kind, FailureKind::Auth);
    assert!(!format!("{failure:?}").contains("hunter2secret"));
}
