//! Servers that are slow, that break off, that refuse: each read ends in time with its kind, and the next one is right.

use std::time::{Duration, Instant};

use opsdash_core::{
    contract::{FailureKind, Read, ReadLimits},
    value::Value,
};
use opsdash_testbed::tds::{Cell, Request, Step, TdsServer, Type};

use super::{answering, failure, open, rows, table};

/// Waits until it holds; a test that waits in vain says so.
pub async fn until(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "it never came to hold");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn within(read: Read, statement_ms: u32) -> Read {
    Read { limits: ReadLimits::of(statement_ms), ..read }
}

fn numbers(numbers: &[i64]) -> Vec<Step> {
    Step::result(vec![("n", Type::Int)], numbers.iter().map(|n| vec![Cell::Int(*n)]).collect())
}

/// A server that does what a test wants when it is asked for trouble, and is fine otherwise.
async fn troubled(trouble: Vec<Step>) -> TdsServer {
    TdsServer::start(move |request| match request {
        Request::Call { sql, .. } if sql.contains("trouble") => Some(trouble.clone()),
        Request::Call { .. } => Some(numbers(&[2])),
        _ => None,
    })
    .await
    .unwrap()
}

async fn is_right(source: &opsdash_sources::Source) {
    assert_eq!(table(source, &rows("SELECT 2 AS n")).await.rows[0].cells, [Value::Int(2)]);
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_is_stopped_and_its_connection_not_used_again() {
    let mut steps = numbers(&[1]);
    steps.push(Step::Wait(Duration::from_mins(1)));
    let server = troubled(steps).await;
    let source = open(&server.url());
    let read = rows("SELECT trouble");
    let asking = source.read(&read);
    tokio::select! {
        biased;
        answer = asking => panic!("{answer:?}"),
        () = until(|| !server.calls().is_empty()) => {}
    }
    until(|| server.asked().contains(&Request::Attention)).await;
    is_right(&source).await;
    assert_eq!(server.logins(), 2);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_stopped() {
    let server = troubled(vec![Step::Wait(Duration::from_mins(1))]).await;
    let source = open(&server.url());
    let started = Instant::now();
    let failed = failure(&source, &within(rows("SELECT trouble"), 300)).await;
    assert_eq!(failed.kind, FailureKind::Timeout, "{failed}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    until(|| server.asked().contains(&Request::Attention)).await;
    is_right(&source).await;
}

#[tokio::test]
async fn a_link_that_breaks_within_a_row_is_told_and_not_believed() {
    for end in [Step::CutInRow, Step::Cut] {
        let mut steps = numbers(&[1]);
        steps.push(end);
        let server = troubled(steps).await;
        let source = open(&server.url());
        let failed = failure(&source, &rows("SELECT trouble")).await;
        assert_eq!(failed.kind, FailureKind::Unreachable, "{failed}");
        is_right(&source).await;
    }
}

#[tokio::test]
async fn an_error_after_rows_fails_the_read_and_the_connection_serves_on() {
    let mut steps = numbers(&[1]);
    steps.push(Step::Error(8134, 16, 1, "Divide by zero error encountered."));
    let server = troubled(steps).await;
    let source = open(&server.url());
    for _ in 0..3 {
        let failed = failure(&source, &rows("SELECT trouble")).await;
        assert_eq!(failed.kind, FailureKind::Other, "{failed}");
        assert!(failed.message.contains("Divide by zero") && failed.message.contains("8134"), "{failed}");
        is_right(&source).await;
    }
    assert!(server.logins() <= 2, "{}", server.logins());
}

#[tokio::test]
async fn a_token_that_nobody_knows_ends_the_connection() {
    let mut steps = numbers(&[1]);
    steps.push(Step::Raw(vec![0x42, 1, 2, 3]));
    let server = troubled(steps).await;
    let source = open(&server.url());
    let failed = failure(&source, &rows("SELECT trouble")).await;
    assert_eq!(failed.kind, FailureKind::Unreachable, "{failed}");
    is_right(&source).await;
    assert_eq!(server.logins(), 2);
}

#[tokio::test]
async fn errors_have_their_kind_their_object_and_their_line() {
    for (number, class, what, kind) in [
        (208, 16, "Invalid object name 'dbo.nodes'.", FailureKind::Schema),
        (229, 14, "The SELECT permission was denied on the object 'nodes'.", FailureKind::Privilege),
        (1222, 16, "Lock request time out period exceeded.", FailureKind::Busy),
        (1205, 13, "Transaction was deadlocked.", FailureKind::Busy),
        (33_557_097, 16, "something of another product", FailureKind::Other),
    ] {
        let server = answering("FROM nodes", vec![Step::Error(number, class, 2, what)]).await;
        let failed = failure(&open(&server.url()), &rows("SELECT 1\nFROM nodes")).await;
        assert_eq!((failed.kind, failed.at), (kind, Some(9)), "{failed}");
    }
}

#[tokio::test]
async fn a_refused_login_is_tried_once() {
    let refused = vec![Step::Error(18456, 14, 1, "Login failed for user 'reader'.")];
    let server = TdsServer::start(move |request| match request {
        Request::Login(_) => Some(refused.clone()),
        _ => None,
    })
    .await
    .unwrap();
    let source = open(&server.url());
    for _ in 0..3 {
        let failed = failure(&source, &rows("SELECT 1")).await;
        assert_eq!(failed.kind, FailureKind::Auth, "{failed}");
        assert!(!failed.to_string().contains("s3cret"), "{failed}");
    }
    assert_eq!(server.logins(), 1);
    source.retry_logins();
    failure(&source, &rows("SELECT 1")).await;
    assert_eq!(server.logins(), 2);
}

#[tokio::test]
async fn a_server_without_tls_is_told_where_the_url_wants_it() {
    let server = troubled(Vec::new()).await;
    let source = open(&server.url().replace("encrypt=no", "encrypt=yes"));
    let failed = failure(&source, &rows("SELECT 1")).await;
    assert_eq!(failed.kind, FailureKind::Unreachable, "{failed}");
    assert!(failed.message.contains("no TLS") && failed.hint().contains("encrypt=no"), "{failed}");
}

#[tokio::test]
async fn nobody_who_answers_and_nobody_who_listens_end_in_time() {
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let source = open(&format!("mssql://reader:x@127.0.0.1:{port}/shop?encrypt=no"));
    let started = Instant::now();
    let failed = failure(&source, &within(rows("SELECT 1"), 300)).await;
    assert_eq!(failed.kind, FailureKind::Unreachable, "{failed}");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    drop(silent);
    let failed = failure(&source, &within(rows("SELECT 1"), 300)).await;
    assert_eq!(failed.kind, FailureKind::Unreachable, "{failed}");
}

#[tokio::test]
async fn a_connection_that_died_while_it_was_idle_costs_no_read() {
    let server = TdsServer::start(|request| match request {
        Request::Call { .. } => Some(numbers(&[2])),
        // The server goes away when the transaction has ended.
        Request::Batch(text) if text == "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION" => {
            Some(vec![Step::Finish(0), Step::Cut])
        }
        _ => None,
    })
    .await
    .unwrap();
    let source = open(&server.url());
    is_right(&source).await;
    is_right(&source).await;
}

#[tokio::test]
async fn a_server_may_send_the_connection_elsewhere_once() {
    let server = troubled(Vec::new()).await;
    let port = server.port();
    let gate = TdsServer::start(move |request| match request {
        Request::Login(_) => Some(vec![Step::Route("127.0.0.1", port)]),
        _ => None,
    })
    .await
    .unwrap();
    is_right(&open(&gate.url())).await;
    assert_eq!((gate.logins(), server.logins()), (1, 1));
}
