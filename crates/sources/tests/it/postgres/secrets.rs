//! Passwords that change while a source is open.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use futures_util::future::BoxFuture;
use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::config::Secret;
use opsdash_sources::{Secrets, Source};
use opsdash_testbed::servers::postgres::{PostgresServer, shared};

use super::{config, query_text, read_failure, read_table, rows, wait_for};

/// Knows the password of today, and gives the one that it gave before until it is told that it was refused.
struct Rotating {
    given: Mutex<String>,
    today: Mutex<String>,
    renewals: AtomicU32,
}

impl Rotating {
    fn of(password: &str) -> Arc<Self> {
        let (given, today) = (Mutex::new(password.to_owned()), Mutex::new(password.to_owned()));
        Arc::new(Self { given, today, renewals: AtomicU32::new(0) })
    }

    fn rotate(&self, password: &str) {
        password.clone_into(&mut self.today.lock().unwrap());
    }

    fn secret(password: &Mutex<String>) -> Secret {
        Secret(password.lock().unwrap().clone())
    }
}

impl Secrets for Rotating {
    fn password(&self) -> BoxFuture<'_, Result<Option<Secret>, Failure>> {
        Box::pin(async { Ok(Some(Self::secret(&self.given))) })
    }

    fn renewed<'a>(&'a self, refused: Option<&'a Secret>) -> BoxFuture<'a, Result<Option<Secret>, Failure>> {
        Box::pin(async move {
            self.renewals.fetch_add(1, Ordering::Relaxed);
            let today = Self::secret(&self.today);
            if Some(&today) != refused {
                self.given.lock().unwrap().clone_from(&today.0);
            }
            Ok(Some(today))
        })
    }
}

async fn rotated(name: &str) -> (&'static PostgresServer, Arc<Rotating>, Source) {
    let server = shared();
    server.create_database(name).await.unwrap();
    server.run("postgres", &format!("CREATE ROLE {name} LOGIN PASSWORD 'monday'")).await.unwrap();
    let secrets = Rotating::of("monday");
    let url = server.url_of(name, "", name).replace(":@", "@");
    let source = Source::open("main", &config(&url), secrets.clone(), "alice").unwrap();
    (server, secrets, source)
}

/// Changes the password, and ends the connections that were made with the old one.
async fn rotate(server: &PostgresServer, role: &str, password: &str) {
    let mut outside = server.connect("postgres").await.unwrap();
    let sessions = format!("FROM pg_stat_activity WHERE usename = '{role}'");
    query_text(&mut outside, &format!("SELECT max(pg_terminate_backend(pid)::text) {sessions}")).await;
    wait_for(&mut outside, &format!("SELECT count(*)::text {sessions}"), "0").await;
    server.run("postgres", &format!("ALTER ROLE {role} PASSWORD '{password}'")).await.unwrap();
}

#[tokio::test]
async fn after_a_refused_login_the_next_password_is_tried_in_the_same_read() {
    let (server, secrets, source) = rotated("secrets_rotate").await;
    read_table(&source, &rows("SELECT 1 AS id")).await;
    secrets.rotate("tuesday");
    rotate(server, "secrets_rotate", "tuesday").await;
    read_table(&source, &rows("SELECT 1 AS id")).await;
    assert_eq!(secrets.renewals.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn without_another_password_the_login_is_refused_once_and_told() {
    let (server, secrets, source) = rotated("secrets_refused").await;
    rotate(server, "secrets_refused", "tuesday").await;
    let failure = read_failure(&source, &rows("SELECT 1 AS id")).await;
    assert_eq!(failure.kind, FailureKind::Auth);
    assert!(!format!("{failure:?}").contains("monday"));
    assert_eq!(secrets.renewals.load(Ordering::Relaxed), 1);
    let refused = server.log().matches("password authentication failed for user \"secrets_refused\"").count();
    assert_eq!(refused, 1, "the same password is not tried twice");
}

#[tokio::test]
async fn a_refused_login_is_tried_once_whoever_asks_until_it_is_let_or_the_password_is_another() {
    let (server, secrets, source) = rotated("secrets_once").await;
    rotate(server, "secrets_once", "tuesday").await;
    let refused = || server.log().matches("password authentication failed for user \"secrets_once\"").count();
    let read = rows("SELECT 1 AS id");
    let fail = || async { assert_eq!(read_failure(&source, &read).await.kind, FailureKind::Auth) };
    futures_util::future::join_all((0..8).map(|_| fail())).await;
    fail().await;
    assert_eq!(refused(), 1);
    source.retry_logins();
    fail().await;
    fail().await;
    assert_eq!(refused(), 2);
    secrets.rotate("tuesday");
    read_table(&source, &read).await;
    assert_eq!(refused(), 2);
}
