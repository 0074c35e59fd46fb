//! Makes and drops databases for tests; see [`crate::scratch`].

use std::sync::Arc;

use opsdash_core::contract::Failure;
use opsdash_pack::config::{Secret, SourceConfig};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgRow};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

use super::{
    endpoint::{self, Endpoint},
    failure,
    statement::quoted,
};
use crate::{limits, secrets::Secrets};

/// A connection that makes and drops databases. It stays open for the whole run: that tells other runs that this one is
/// still at work.
pub struct PostgresScratch {
    endpoint: Endpoint,
    session: Mutex<PgConnection>,
}

impl PostgresScratch {
    /// Connects to the database that the config names, under this name in the server's list of connections.
    pub async fn open(config: &SourceConfig, application: &str) -> Result<Self, Failure> {
        let mut endpoints = endpoint::for_writes(config, &unnamed(), "")?;
        let endpoint = endpoints.remove(0).named(application);
        let (session, _) = endpoint::connect(std::slice::from_ref(&endpoint), Instant::now() + limits::SCRATCH).await?;
        Ok(Self { endpoint, session: Mutex::new(session) })
    }

    /// From `template0`: nobody can be connected to it, and it holds nothing of anybody's.
    pub async fn create(&self, name: &str) -> Result<(), Failure> {
        self.admin(&format!("CREATE DATABASE {} TEMPLATE template0", identifier(name))).await.map(drop)
    }

    /// Runs statements on a connection of its own.
    pub async fn run(&self, name: &str, text: &str) -> Result<(), Failure> {
        let endpoint = [self.endpoint.of_database(name)];
        let (mut session, _) = endpoint::connect(&endpoint, Instant::now() + limits::SCRATCH).await?;
        // As views are read: times without a zone are meant in UTC.
        let ended = match run(&mut session, "SET TIME ZONE 'UTC'", &self.endpoint.label).await {
            Ok(_) => run(&mut session, text, &self.endpoint.label).await,
            failed => failed,
        };
        // What was run has ended, so it does not matter whether the connection closes properly.
        tokio::time::timeout(limits::CLOSE, session.close()).await.ok();
        ended.map(drop)
    }

    /// A role without a login, of which this login is a member.
    pub async fn make_role(&self, role: &str) -> Result<bool, Failure> {
        let mut session = self.session.lock().await;
        let known = format!("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = {}", literal(role));
        if !run(&mut session, &known, &self.endpoint.label).await?.is_empty() {
            return Ok(false);
        }
        let role = identifier(role);
        // A superuser needs no membership; from PostgreSQL 16 on, whoever makes a role is no member that may become it.
        let sql = format!(
            "CREATE ROLE {role} NOLOGIN; DO $$ BEGIN IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles \
             WHERE rolname = session_user) THEN GRANT {role} TO CURRENT_USER; END IF; END $$"
        );
        run(&mut session, &sql, &self.endpoint.label).await.map(|_| true)
    }

    pub async fn become_role(&self, name: &str, role: &str) -> Result<(), Failure> {
        self.admin(&format!("ALTER DATABASE {} SET role = {}", identifier(name), literal(role))).await.map(drop)
    }

    pub async fn drop_role(&self, role: &str) -> Result<(), Failure> {
        self.admin(&format!("DROP ROLE IF EXISTS {}", identifier(role))).await.map(drop)
    }

    pub async fn drop_database(&self, name: &str) -> Result<(), Failure> {
        self.admin(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", identifier(name))).await.map(drop)
    }

    /// Databases of this login with that prefix that belong to no run which is still connected.
    pub async fn leftovers(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mark = literal(prefix);
        let sql = format!(
            "SELECT d.datname::text AS name FROM pg_catalog.pg_database AS d \
             WHERE starts_with(d.datname, {mark}) AND pg_catalog.pg_get_userbyid(d.datdba) = current_user \
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a \
             WHERE starts_with(a.application_name, {mark}) AND starts_with(d.datname, a.application_name || '_'))"
        );
        let rows = self.admin(&sql).await?;
        Ok(rows.iter().filter_map(|row| sqlx::Row::try_get_unchecked::<String, _>(row, "name").ok()).collect())
    }

    async fn admin(&self, sql: &str) -> Result<Vec<PgRow>, Failure> {
        run(&mut *self.session.lock().await, sql, &self.endpoint.label).await
    }
}

/// No password but that of the URL, or what libpq's own files say.
pub(super) fn unnamed() -> Arc<dyn Secrets> {
    Arc::new(None::<Secret>)
}

/// Runs the statements of a text, as psql would.
async fn run(session: &mut PgConnection, text: &str, label: &str) -> Result<Vec<PgRow>, Failure> {
    let running = sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(session);
    match timeout_at(Instant::now() + limits::SCRATCH, running).await {
        Ok(Ok(rows)) => Ok(rows),
        Ok(Err(error)) => Err(failure::of(&error, label).at(failure::place_in(text, text, &error))),
        Err(_) => Err(endpoint::no_answer(label, limits::SCRATCH)),
    }
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

fn literal(text: &str) -> String {
    quoted(&text.replace('\0', "")).unwrap_or_default()
}
