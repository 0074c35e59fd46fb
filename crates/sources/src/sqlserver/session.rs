//! One connection: what is sent on it, and whether it may serve on afterwards.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::TryStreamExt;
use opsdash_core::{
    contract::{Answer, Content, Failure, FailureKind, ResultShape, Table},
    text,
    time::Time,
};
use tiberius::{Query, QueryItem, Row};
use tokio::time::{Instant, timeout};

use super::{
    decode::{self, NaiveZone},
    endpoint::TdsClient,
    ranked::{TableBuilder, Wanted},
    statement::{self, Access},
};
use crate::limits;

/// The longest name of an operator, in columns.
const NAME_WIDTH: usize = 32;

/// What is asked of a connection.
pub struct PreparedRead {
    /// The statement's own text.
    pub text: String,
    pub params: Vec<Option<String>>,
    pub shape: ResultShape,
    pub zone: std::sync::Arc<NaiveZone>,
    /// How long the server may work on it.
    pub work: Duration,
}

/// What a read returned.
pub struct ReadResult {
    /// The rows, or why they are not what is wanted. The connection is in order either way.
    pub table: Result<Table, Failure>,
    pub opening: Opening,
    /// How long the statement took.
    pub took: Duration,
    /// The round trip of the opening.
    pub rtt: Duration,
    /// When the server read its clock, by ours.
    read_at: Instant,
    /// Whether the server still sends: the rest is not wanted.
    pub is_unread: bool,
}

/// The row of [`statement::opening`].
pub struct Opening {
    /// As in `16.0.4105.2`.
    pub version: String,
    pub now: Option<Time>,
    pub is_read_only: bool,
    /// Whether this login sees the connections of others.
    pub may_poll: bool,
    /// The other operators; `None` when nobody asked for them.
    pub operators: Option<Vec<String>>,
}

impl ReadResult {
    /// The answer for the caller.
    ///
    /// # Errors
    /// Rows that are not what is wanted.
    pub fn into_answer(self) -> Result<Answer, Failure> {
        let since = i64::try_from(self.read_at.elapsed().as_millis()).unwrap_or_default();
        let server_now = self.opening.now.map(|now| now.plus_ms(since));
        self.table.map(|table| Answer {
            content: Content::Table(table),
            server_now,
            operators: self.opening.operators,
            took_ms: limits::whole_ms(self.took),
            rtt_ms: limits::whole_ms(self.rtt),
            coverage: None,
        })
    }
}

/// Runs a read and leaves its transaction open, so that the answer can be handed over before [`finish`]. `has_answered` is
/// set as soon as the server has said anything.
///
/// # Errors
/// What the server or the driver reports.
pub async fn read(
    client: &mut TdsClient,
    prepared: &PreparedRead,
    polls_operators: bool,
    has_answered: &AtomicBool,
) -> tiberius::Result<ReadResult> {
    let started = Instant::now();
    let opening = open(client, Access::Read, limits::READER_LOCK, polls_operators).await?;
    has_answered.store(true, Ordering::Release);
    let rtt = started.elapsed();
    let (table, is_unread) = rows(client, prepared).await?;
    let read_at = started + rtt / 2;
    Ok(ReadResult { table, opening, took: started.elapsed(), rtt, read_at, is_unread })
}

/// Begins a transaction.
///
/// # Errors
/// What the server or the driver reports.
pub async fn open(
    client: &mut TdsClient,
    access: Access,
    lock: Duration,
    polls_operators: bool,
) -> tiberius::Result<Opening> {
    let sets = client.simple_query(statement::opening(access, lock, polls_operators)).await?.into_results().await?;
    let mut sets = sets.into_iter().filter(|set| !set.is_empty() || polls_operators);
    let row = sets.next().and_then(|set| set.into_iter().next());
    let row = row.ok_or_else(|| tiberius::error::Error::Protocol("the server opened nothing".into()))?;
    let text = |name: &str| cell(&row, name).unwrap_or_default();
    let now = row.cells().find(|(column, _)| column.name() == "now").and_then(|(_, data)| decode::utc(data));
    let names = sets.next().unwrap_or_default();
    let operators = polls_operators.then(|| names.iter().filter_map(|row| cell(row, "name")).map(clean).collect());
    Ok(Opening {
        version: text("version"),
        now,
        is_read_only: text("updateability") != "READ_WRITE",
        may_poll: text("may_poll") == "1",
        operators,
    })
}

fn clean(name: impl AsRef<str>) -> String {
    text::cut(&text::inert(&text::one_line(name.as_ref())), NAME_WIDTH, "…").into_owned()
}

/// The text of a cell; `None` of NULL, and where there is no such column.
pub fn cell(row: &Row, name: &str) -> Option<String> {
    row.cells().find(|(column, _)| column.name() == name).and_then(|(_, data)| decode::raw_text(data))
}

/// The statement with its parameters: each is a text, or NULL.
pub fn query<'a>(text: &'a str, params: &'a [Option<String>]) -> Query<'a> {
    let mut query = Query::new(text);
    for param in params {
        query.bind(param.as_deref());
    }
    query
}

async fn rows(client: &mut TdsClient, prepared: &PreparedRead) -> tiberius::Result<(Result<Table, Failure>, bool)> {
    let sql = statement::marked(&prepared.text);
    let mut stream = query(&sql, &prepared.params).query(client).await?;
    let mut table: Option<TableBuilder<'_>> = None;
    while let Some(item) = stream.try_next().await? {
        let row = match item {
            QueryItem::Metadata(found) if table.is_none() => {
                match TableBuilder::new(&prepared.shape, &prepared.zone, found.columns()) {
                    Ok(builder) => table = Some(builder),
                    Err(failure) => return Ok((Err(failure), true)),
                }
                continue;
            }
            // One statement has one result.
            QueryItem::Metadata(_) => return Ok((Err(two_results()), true)),
            QueryItem::Row(row) => row,
        };
        let Some(builder) = &mut table else { continue };
        match builder.add(&row) {
            Ok(Wanted::More) => {}
            // Between two rows the stream can be left without a doubt about what comes next.
            Ok(Wanted::Enough) => return Ok((table.map(TableBuilder::finish).ok_or_else(no_result), true)),
            Err(failure) => return Ok((Err(failure), true)),
        }
    }
    Ok((table.map(TableBuilder::finish).ok_or_else(no_result), false))
}

fn no_result() -> Failure {
    Failure::new(FailureKind::Other, "the statement returned no result")
}

fn two_results() -> Failure {
    Failure::new(FailureKind::Other, "the statement returned a second result; keep one statement in a file")
}

/// Stops what is not wanted any more, and ends the transaction. `None` when the connection is of no more use.
pub async fn finish(client: &mut TdsClient, is_unread: bool) -> Option<()> {
    if is_unread {
        timeout(limits::CANCEL_GRACE, client.cancel_query()).await.ok()?.ok()?;
    }
    let end = async { client.simple_query(statement::END).await?.into_results().await };
    timeout(limits::END_TRANSACTION, end).await.ok()?.ok().map(drop)
}

/// Tells the server to stop. Afterwards the connection is dropped: a stream that was left within a row cannot be trusted.
pub async fn abandon(mut client: TdsClient) {
    timeout(limits::CANCEL_GRACE, client.cancel_query()).await.ok();
}
