//! One read: a short transaction whose settings end with it.

use std::{
    sync::atomic::{AtomicI32, Ordering},
    time::Duration,
};

use futures_util::TryStreamExt;
use opsdash_core::contract::{Bind, Failure, FailureKind, ResultShape, Table, Ticket};
use opsdash_pack::dialect::Sql;
use sqlx::{AssertSqlSafe, Error, PgConnection, Row};
use tokio::time::Instant;

use super::{operators, statement, table::TableBuilder, zone::NaiveZone};
use crate::limits;

/// Everything a read needs, with nothing borrowed: it may outlive whoever asked.
pub struct PreparedRead {
    pub ticket: Ticket,
    pub shape: ResultShape,
    /// Whether the opening also looks who else is connected.
    pub polls_operators: bool,
    sql: String,
    params: Vec<Bound>,
    zone: String,
    setting: Option<String>,
}

enum Bound {
    One(Option<String>),
    List(Vec<String>),
}

impl PreparedRead {
    /// The statement wrapped, its parameters in order.
    pub fn new(
        ticket: Ticket,
        sql: &Sql,
        bind: &Bind,
        shape: &ResultShape,
        setting: Option<&(String, String)>,
        zone: &str,
    ) -> Result<Self, Failure> {
        let quoted = |text: &str| {
            statement::quoted(text).ok_or_else(|| Failure::new(FailureKind::Other, "a value holds a NUL character"))
        };
        let setting = match setting {
            Some((name, value)) => Some(format!("SELECT set_config({}, {}, true);", quoted(name)?, quoted(value)?)),
            None => None,
        };
        let params = sql.params.iter().map(|param| {
            if param.is_list {
                Bound::List(bind.keys.iter().map(|key| key.as_str().to_owned()).collect())
            } else {
                Bound::One(bind.values.get(&param.name).cloned())
            }
        });
        Ok(Self {
            ticket,
            shape: shape.clone(),
            polls_operators: false,
            sql: statement::wrapped(&sql.text, shape, ticket),
            params: params.collect(),
            zone: quoted(zone)?,
            setting,
        })
    }

    /// The settings of the transaction, in one simple query. They are all local to it: what is set for a session stays
    /// behind a pooler. The savepoint is what the end rolls back to, so that even a `set_config(.., false)` within the
    /// statement leaves nothing; and inside it the server refuses to turn the transaction writable again. Compiling a
    /// query that is asked once costs more than it saves: grouping 100 000 errors took 1.1 s with jit, 0.3 s without,
    /// and 0.2 s when the sort fits into memory.
    fn opening(&self, work: Duration) -> String {
        let work_ms = work.as_millis();
        let lock_ms = work.min(limits::LOCK_TIMEOUT).as_millis();
        let silent_ms = limits::IDLE_IN_READ.as_millis();
        let (zone, setting) = (&self.zone, self.setting.as_deref().unwrap_or_default());
        let operators = if self.polls_operators { format!(", {}", operators::names()) } else { String::new() };
        let may_poll = operators::MAY_LOOK;
        format!(
            "BEGIN READ ONLY; SET LOCAL statement_timeout = {work_ms}; SET LOCAL lock_timeout = {lock_ms}; \
             SET LOCAL idle_in_transaction_session_timeout = {silent_ms}; SET LOCAL TIME ZONE {zone}; \
             SET LOCAL jit = off; SET LOCAL work_mem = '16MB'; {setting} \
             SELECT pg_backend_pid()::text AS opsdash_pid, current_setting('server_version') AS opsdash_version, \
             (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS opsdash_now, \
             {may_poll}{operators}; SAVEPOINT opsdash"
        )
    }
}

/// The server process that works for a read, for whoever has to cancel it.
#[derive(Default)]
pub struct BackendPid(AtomicI32);

impl BackendPid {
    /// `None` before the server has said anything.
    pub fn pid(&self) -> Option<i32> {
        Some(self.0.load(Ordering::Acquire)).filter(|pid| *pid != 0)
    }
}

/// What the server said.
pub struct ReadResult {
    /// The rows, or what of them cannot be read.
    pub table: Result<Table, Failure>,
    /// As in `15.18`.
    pub version: String,
    /// The server's clock when the last row arrived, in µs since 1970.
    pub server_now: i64,
    /// Whether this login may look who else is connected.
    pub may_poll: bool,
    /// Who else is; `None` when the read did not look.
    pub operators: Option<Vec<String>>,
    pub took: Duration,
    pub rtt: Duration,
}

/// Runs the statement in a transaction and leaves the transaction open: the answer is handed over before it ends.
pub async fn run(
    connection: &mut PgConnection,
    ask: &PreparedRead,
    zone: &NaiveZone,
    deadline: Instant,
    backend: &BackendPid,
) -> Result<ReadResult, Error> {
    let began = Instant::now();
    let left = deadline.saturating_duration_since(began);
    // The lane and the connection have used some of the time; the server's timeout still ends before ours.
    let work = left.saturating_sub(limits::REPLY_MARGIN).max(limits::MIN_STATEMENT_TIMEOUT);
    let opened = sqlx::raw_sql(AssertSqlSafe(ask.opening(work))).fetch_all(&mut *connection).await?;
    let rtt = began.elapsed();
    let told = opened.last().ok_or(Error::RowNotFound)?;
    let pid: &str = told.try_get_unchecked("opsdash_pid")?;
    let now: &str = told.try_get_unchecked("opsdash_now")?;
    let version: &str = told.try_get_unchecked("opsdash_version")?;
    let may_poll = told.try_get_unchecked::<&str, _>("opsdash_may_look")? == "true";
    let operators =
        if ask.polls_operators { Some(operators::read(told.try_get_unchecked("opsdash_operators")?)) } else { None };
    // Debian and others append their own package's version.
    let version = version.split(' ').next().unwrap_or(version).to_owned();
    let at_opening: i64 = now.parse().unwrap_or_default();
    backend.0.store(pid.parse().unwrap_or_default(), Ordering::Release);
    let mut reading = TableBuilder::new(&ask.shape, zone);
    let mut rows = statement(ask).fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        reading.take(&row);
    }
    drop(rows);
    // The server read its clock half a round trip before we heard of it.
    let since_then = i64::try_from(began.elapsed().saturating_sub(rtt / 2).as_micros()).unwrap_or_default();
    Ok(ReadResult {
        table: reading.end(),
        version,
        server_now: at_opening + since_then,
        may_poll,
        operators,
        took: began.elapsed(),
        rtt,
    })
}

fn statement(ask: &PreparedRead) -> sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let mut query = sqlx::query(AssertSqlSafe(ask.sql.as_str())).persistent(false);
    for param in &ask.params {
        query = match param {
            Bound::One(value) => query.bind(value.as_deref()),
            Bound::List(values) => query.bind(values.as_slice()),
        };
    }
    query
}

/// Ends the transaction. A read that succeeded is a commit in the server's statistics, yet nothing that its statement
/// may have set survives.
pub async fn finish(connection: &mut PgConnection, succeeded: bool) -> Result<(), Error> {
    let end = if succeeded { "ROLLBACK TO SAVEPOINT opsdash; COMMIT" } else { "ROLLBACK" };
    sqlx::raw_sql(end).execute(connection).await.map(drop)
}
