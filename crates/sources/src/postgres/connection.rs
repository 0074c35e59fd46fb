//! Runs reads on one connection, each in a short transaction of its own.

use std::{
    sync::atomic::{AtomicI32, Ordering},
    time::Duration,
};

use futures_util::TryStreamExt;
use opsdash_core::{
    contract::{Answer, Content, Failure, Table},
    time::Time,
};
use sqlx::{
    AssertSqlSafe, Error, PgConnection, Row,
    postgres::{PgColumn, PgRow},
};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::{
    failure, operators,
    prepared_read::PreparedRead,
    statement,
    table::{self, TableBuilder},
};
use crate::limits;

/// The right to use one of the pool's connections.
pub struct Permit(#[expect(dead_code, reason = "held, not read")] pub(super) OwnedSemaphorePermit);

/// A connection in use, with its permit.
pub struct Connection {
    pub session: PgConnection,
    /// The index of its endpoint in the pool.
    pub endpoint: usize,
    /// How long it took to open.
    pub opening: Duration,
    /// Whether it has served a read before. The server may have closed it since.
    pub reused: bool,
    pub permit: Permit,
}

/// The server process that runs a read. Canceling the read needs it.
#[derive(Default)]
pub struct BackendPid(AtomicI32);

/// What a read returned.
pub struct ReadResult {
    /// The rows, or why they cannot be decoded.
    pub table: Result<Table, Failure>,
    /// The server's facts at the start of the transaction.
    pub opening: Opening,
    /// The server's clock when the last row arrived, in µs since 1970.
    pub server_now: i64,
    /// How long the whole read took.
    pub took: Duration,
    /// The round trip of the opening.
    pub rtt: Duration,
}

/// The row that [`PreparedRead::opening`] returns.
pub struct Opening {
    /// As in `15.18`.
    pub version: String,
    /// Whether this login may see the other operators.
    pub may_poll: bool,
    /// The other operators; `None` when the read did not ask for them.
    pub operators: Option<Vec<String>>,
    pid: i32,
    /// In µs since 1970.
    server_now: i64,
}

impl Connection {
    /// Runs a read and leaves its transaction open, so that the answer can be handed over before
    /// [`Connection::finish`]. `backend` is set as soon as the server has answered. With `polls_operators`, the read
    /// also asks for the other operators.
    ///
    /// # Errors
    /// What the server or the driver reports. Rows that cannot be decoded are no error: the connection stays usable.
    pub async fn run(
        &mut self,
        prepared: &PreparedRead,
        polls_operators: bool,
        deadline: Instant,
        backend: &BackendPid,
    ) -> Result<ReadResult, Error> {
        match self.run_once(prepared, polls_operators, deadline, backend).await {
            Err(error) if failure::is_lost_statement(&error) => {
                self.finish(false).await?;
                self.run_once(prepared, polls_operators, deadline, backend).await
            }
            result => result,
        }
    }

    async fn run_once(
        &mut self,
        prepared: &PreparedRead,
        polls_operators: bool,
        deadline: Instant,
        backend: &BackendPid,
    ) -> Result<ReadResult, Error> {
        let started = Instant::now();
        // Waiting and connecting have used some of the time; the server's timeout must still end before the deadline.
        let left = deadline.saturating_duration_since(started);
        let opening_sql = prepared.opening(left.saturating_sub(limits::REPLY_MARGIN), polls_operators);
        let opened = sqlx::raw_sql(AssertSqlSafe(opening_sql)).fetch_all(&mut self.session).await?;
        let rtt = started.elapsed();
        let opening = Opening::of(opened.last().ok_or(Error::RowNotFound)?, polls_operators)?;
        backend.set(opening.pid);
        if prepared.must_be_described() {
            prepared.send_texts(&table::returned(&self.columns(prepared).await?, &prepared.shape));
        }
        let mut table = self.rows_of_any_size(prepared).await?;
        if table.is_odd() {
            prepared.is_odd();
            prepared.send_texts(&table::returned(&self.columns(prepared).await?, &prepared.shape));
            table = self.rows_of_any_size(prepared).await?;
        }
        // The server read its clock half a round trip before its answer arrived here.
        let since_then = i64::try_from(started.elapsed().saturating_sub(rtt / 2).as_micros()).unwrap_or_default();
        let server_now = opening.server_now + since_then;
        let table = match prepared.not_listed() {
            Some(failure) if table.has_no_row() => Err(failure),
            _ => table.finish(),
        };
        Ok(ReadResult { table, opening, server_now, took: started.elapsed(), rtt })
    }

    async fn rows<'p>(&mut self, prepared: &'p PreparedRead) -> Result<TableBuilder<'p>, Error> {
        let mut table = TableBuilder::new(&prepared.shape, &prepared.zone);
        let mut rows = prepared.query().fetch(&mut self.session);
        while let Some(row) = rows.try_next().await? {
            table.add_row(&row);
        }
        Ok(table)
    }

    /// The rows; where the server refuses to send one that is too large, with their cells cut by the server.
    async fn rows_of_any_size<'p>(&mut self, prepared: &'p PreparedRead) -> Result<TableBuilder<'p>, Error> {
        match self.rows(prepared).await {
            Err(error) if statement::is_large_row(&error) => {
                sqlx::raw_sql("ROLLBACK TO SAVEPOINT opsdash").execute(&mut self.session).await?;
                prepared.send_bounded(&table::returned_bounded(&self.columns(prepared).await?, &prepared.shape));
                self.rows(prepared).await
            }
            result => result,
        }
    }

    /// Asks for the columns and their types, each time anew because a migration may have changed them.
    async fn columns(&mut self, prepared: &PreparedRead) -> Result<Vec<PgColumn>, Error> {
        let row = prepared.query_for_columns().fetch_one(&mut self.session).await?;
        Ok(row.columns().to_vec())
    }

    /// Ends the transaction. After a read that `succeeded` this is a commit, so that the server's statistics count no
    /// rollback. Nothing that the statement has set survives, because the savepoint is rolled back first.
    ///
    /// # Errors
    /// What the server or the driver reports; the connection is of no more use then.
    pub async fn finish(&mut self, succeeded: bool) -> Result<(), Error> {
        let end = if succeeded { "ROLLBACK TO SAVEPOINT opsdash; COMMIT" } else { "ROLLBACK" };
        sqlx::raw_sql(end).execute(&mut self.session).await.map(drop)
    }
}

impl BackendPid {
    /// `None` before the server has answered anything.
    pub fn get(&self) -> Option<i32> {
        Some(self.0.load(Ordering::Acquire)).filter(|pid| *pid != 0)
    }

    fn set(&self, pid: i32) {
        self.0.store(pid, Ordering::Release);
    }
}

impl Opening {
    fn of(row: &PgRow, polls_operators: bool) -> Result<Self, Error> {
        let text = |column: &str| row.try_get_unchecked::<&str, _>(column);
        let version = text("opsdash_version")?;
        let operators =
            if polls_operators { Some(operators::parse(row.try_get_unchecked("opsdash_operators")?)) } else { None };
        Ok(Self {
            // Debian and others append their own package's version.
            version: version.split(' ').next().unwrap_or(version).to_owned(),
            may_poll: text("opsdash_may_look")? == "true",
            operators,
            pid: text("opsdash_pid")?.parse().unwrap_or_default(),
            server_now: text("opsdash_now")?.parse().unwrap_or_default(),
        })
    }
}

impl ReadResult {
    /// The answer for the caller.
    ///
    /// # Errors
    /// Rows that cannot be decoded.
    pub fn into_answer(self) -> Result<Answer, Failure> {
        self.table.map(|table| Answer {
            content: Content::Table(table),
            server_now: Some(Time(self.server_now)),
            operators: self.opening.operators,
            took_ms: limits::whole_ms(self.took),
            rtt_ms: limits::whole_ms(self.rtt),
            coverage: None,
        })
    }
}
