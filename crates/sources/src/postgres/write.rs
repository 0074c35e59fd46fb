//! Writes: on a connection of their own, opened only to act, to the primary, one transaction at a time.

use std::time::Duration;

use opsdash_core::{
    action::{self, BoundStatement, Commit, Outcome, TextRow},
    contract::{Failure, FailureKind},
};
use opsdash_pack::{
    dialect::Param,
    pack::{Action, Statement},
};
use sqlx::{AssertSqlSafe, Connection, Error, PgConnection, Row, postgres::PgRow};
use tokio::time::{Instant, sleep, timeout_at};

use super::{Postgres, connect, failure, statement};
use crate::limits;

/// One connection to the primary.
struct WriteConnection<'p> {
    postgres: &'p Postgres,
    connection: PgConnection,
    endpoint: usize,
    /// How long the server may work on a statement.
    work: Duration,
}

/// How a transaction ended.
enum CommitResult {
    Committed(Vec<TextRow>),
    /// Not all rows could be written.
    RolledBack(String),
    Failed(Failure),
    /// COMMIT was sent and not answered.
    Lost(Vec<TextRow>, Option<String>),
}

impl Postgres {
    /// Looks on the primary at what an action writes; at most `limit` rows and one more. With `write`, the server is asked
    /// too whether the login may run it.
    pub async fn preview(
        &self,
        call: &BoundStatement,
        write: Option<&BoundStatement>,
        limit: usize,
        work: Duration,
    ) -> Result<Vec<TextRow>, Outcome> {
        let mut writer = self.writer(work).await?;
        let previewed = writer.preview(call, write, limit).await.map_err(Outcome::Failed);
        writer.close().await;
        previewed
    }

    /// Writes one batch; see [`crate::Source::act`].
    pub async fn act(
        &self,
        action: &Action,
        write: &BoundStatement,
        preview: &BoundStatement,
        seen: &[TextRow],
        work: Duration,
    ) -> Outcome {
        let mut writer = match self.writer(work).await {
            Ok(writer) => writer,
            Err(outcome) => return outcome,
        };
        let outcome = match writer.write(write, action.success.as_deref()).await {
            CommitResult::Committed(rows) => Outcome::Done(rows),
            CommitResult::RolledBack(why) => {
                let now = writer.preview(preview, None, seen.len()).await;
                let unseen = |failure: &Failure| format!("{why}, and what they are now cannot be seen: {failure}");
                match now {
                    Ok(now) => Outcome::Changed(action::changes(action, seen, &now, &why)),
                    Err(failure) => {
                        let why = unseen(&failure);
                        Outcome::Changed(vec![action::Refusal { key: String::new(), why, now: None }])
                    }
                }
            }
            CommitResult::Failed(failure) => Outcome::Failed(failure),
            CommitResult::Lost(rows, transaction) => {
                return self.find_out(&rows, transaction.as_deref(), preview, work).await;
            }
        };
        writer.close().await;
        outcome
    }

    /// After a COMMIT without an answer: asks the primary until it tells what became of the transaction. Nothing is
    /// written again.
    async fn find_out(
        &self,
        rows: &[TextRow],
        transaction: Option<&str>,
        preview: &BoundStatement,
        work: Duration,
    ) -> Outcome {
        let deadline = Instant::now() + limits::RESOLVE_COMMIT;
        let mut last = "the server is still working on it".to_owned();
        while Instant::now() < deadline {
            match self.ask_again(transaction, preview, rows.len(), work).await {
                Ok((commit, now)) => {
                    if let Some(outcome) = action::resolve(rows, commit, &now) {
                        return outcome;
                    }
                }
                Err(outcome) => last = outcome.said(),
            }
            sleep(limits::CANCEL_RETRY).await;
        }
        let why = format!("the link was lost at the commit, and the primary did not tell since: {last}");
        Outcome::Unknown { why, rows: rows.to_vec() }
    }

    async fn ask_again(
        &self,
        transaction: Option<&str>,
        preview: &BoundStatement,
        limit: usize,
        work: Duration,
    ) -> Result<(Commit, Vec<TextRow>), Outcome> {
        let mut writer = self.writer(work).await?;
        // First: what is committed then is seen by the preview that follows.
        let commit = match transaction {
            Some(transaction) => writer.status(transaction).await,
            None => Commit::Silent,
        };
        let now = writer.preview(preview, None, limit).await.map_err(Outcome::Failed)?;
        writer.close().await;
        Ok((commit, now))
    }

    /// Connects to the first place that is no standby.
    async fn writer(&self, work: Duration) -> Result<WriteConnection<'_>, Outcome> {
        let deadline = Instant::now() + work + limits::MARGIN;
        let mut last = Outcome::Failed(Failure::new(FailureKind::Other, "the source has no url"));
        for (endpoint, one) in self.primaries.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(self.primaries.len() - endpoint).unwrap_or(u32::MAX);
            let connected = connect::connect(std::slice::from_ref(one), Instant::now() + share).await;
            let mut writer = match connected {
                Ok((connection, _)) => WriteConnection { postgres: self, connection, endpoint, work },
                Err(failure) => {
                    last = Outcome::Failed(failure);
                    continue;
                }
            };
            match writer.is_standby().await {
                Ok(false) => return Ok(writer),
                Ok(true) => {
                    writer.close().await;
                    let what = format!("{} is a standby: what is written goes to the primary; give its url", one.label);
                    last = Outcome::Failed(Failure::new(FailureKind::Unreachable, &what));
                }
                Err(failure) => last = Outcome::Failed(failure),
            }
        }
        Err(last)
    }
}

impl WriteConnection<'_> {
    async fn is_standby(&mut self) -> Result<bool, Failure> {
        let asked = "SELECT pg_catalog.pg_is_in_recovery()::text AS told";
        let rows = self.in_time(async |connection| sqlx::raw_sql(asked).fetch_all(connection).await).await?;
        Ok(rows.first().and_then(|row| row.try_get_unchecked::<&str, _>("told").ok()) != Some("false"))
    }

    /// What became of a transaction, as far as the server says.
    async fn status(&mut self, transaction: &str) -> Commit {
        let Ok(number) = transaction.parse::<u64>() else { return Commit::Silent };
        let asked = format!("SELECT pg_catalog.txid_status({number}) AS told");
        let rows =
            self.in_time(async |connection| sqlx::raw_sql(AssertSqlSafe(asked)).fetch_all(connection).await).await;
        let told = rows.ok().and_then(|rows| rows.first()?.try_get_unchecked::<Option<String>, _>("told").ok()?);
        match told.as_deref() {
            Some("committed") => Commit::Committed,
            Some("aborted") => Commit::Aborted,
            Some("in progress") => Commit::InProgress,
            // Long ago, or on another server since: it knows nothing of it.
            _ => Commit::Silent,
        }
    }

    async fn preview(
        &mut self,
        call: &BoundStatement,
        write: Option<&BoundStatement>,
        limit: usize,
    ) -> Result<Vec<TextRow>, Failure> {
        let opening = self.opening("BEGIN READ ONLY")?;
        let text = preview_text(text_of(call)?, limit + 1);
        let planned = match write {
            Some(write) => Some((planning(text_of(write)?), write)),
            None => None,
        };
        let rows = self
            .in_time(async |connection| {
                sqlx::raw_sql(AssertSqlSafe(opening)).execute(&mut *connection).await?;
                if let Some((text, write)) = &planned {
                    bound(text, write).execute(&mut *connection).await?;
                }
                bound(&text, call).fetch_all(&mut *connection).await
            })
            .await;
        let ended = self.in_time(async |connection| sqlx::raw_sql("ROLLBACK").execute(connection).await).await;
        let records = rows?.iter().map(record).collect::<Result<_, _>>().map_err(|error| self.failure(&error))?;
        ended.map(|_| records)
    }

    /// One transaction. Until COMMIT is sent, whatever goes wrong leaves nothing: the server rolls back what nobody ends.
    async fn write(&mut self, call: &BoundStatement, success: Option<&str>) -> CommitResult {
        let (opening, text) = match self
            .opening("BEGIN ISOLATION LEVEL READ COMMITTED")
            .and_then(|opening| Ok((opening, writing(text_of(call)?))))
        {
            Ok(both) => both,
            Err(failure) => return CommitResult::Failed(failure),
        };
        let written = self
            .in_time(async |connection| {
                sqlx::raw_sql(AssertSqlSafe(opening)).execute(&mut *connection).await?;
                bound(&text, call).fetch_all(&mut *connection).await
            })
            .await;
        let rows = match written {
            Ok(rows) => rows,
            Err(failure) => {
                self.roll_back().await;
                return CommitResult::Failed(failure);
            }
        };
        let transaction =
            rows.first().and_then(|row| row.try_get_unchecked::<Option<String>, _>("transaction").ok()?);
        let records: Vec<TextRow> = match rows.iter().map(record).collect() {
            Ok(records) => records,
            Err(error) => {
                self.roll_back().await;
                return CommitResult::Failed(self.failure(&error));
            }
        };
        if let Err(why) = action::compare(call.keys.iter().map(String::as_str), success, &records) {
            self.roll_back().await;
            return CommitResult::RolledBack(why);
        }
        let deadline = Instant::now() + self.work + limits::MARGIN;
        match timeout_at(deadline, sqlx::raw_sql("COMMIT").execute(&mut self.connection)).await {
            Ok(Ok(_)) => CommitResult::Committed(records),
            // A word of the server that ends the statement and not the link: a constraint that is checked at the end.
            Ok(Err(error)) if !failure::is_broken_link(&error) => CommitResult::Failed(self.failure(&error)),
            Ok(Err(_)) | Err(_) => CommitResult::Lost(records, transaction),
        }
    }

    async fn roll_back(&mut self) {
        // Without an answer the connection is dropped, which ends the transaction as well.
        let _ended = self.in_time(async |connection| sqlx::raw_sql("ROLLBACK").execute(connection).await).await;
    }

    /// Settings that end with the transaction. `synchronous_commit` stays as the server has it. Times are written as ISO
    /// has them, whatever the role's own style: they are read back.
    fn opening(&self, begin: &str) -> Result<String, Failure> {
        let (work, lock) = (self.work.as_millis(), self.work.min(limits::LOCK_TIMEOUT).as_millis());
        let silent = limits::IDLE_IN_WRITE.as_millis();
        let zone = statement::quoted(&self.postgres.zone.name)
            .ok_or_else(|| Failure::new(FailureKind::Other, "naive_zone holds a NUL character"))?;
        Ok(format!(
            "{begin}; SET LOCAL statement_timeout = {work}; SET LOCAL lock_timeout = {lock}; \
             SET LOCAL idle_in_transaction_session_timeout = {silent}; SET LOCAL TIME ZONE {zone}; \
             SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL jit = off"
        ))
    }

    /// The server ends a statement before we do, so that its own words arrive.
    async fn in_time<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let waits = self.work + limits::MARGIN;
        match timeout_at(Instant::now() + waits, work(&mut self.connection)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.failure(&error)),
            Err(_) => Err(connect::no_answer(&self.postgres.primaries[self.endpoint].label, waits)),
        }
    }

    fn failure(&self, error: &Error) -> Failure {
        failure::of(error, &self.postgres.primaries[self.endpoint].label)
    }

    async fn close(self) {
        let _goodbye = timeout_at(Instant::now() + limits::CLOSE, self.connection.close()).await;
    }
}

fn text_of(call: &BoundStatement) -> Result<&str, Failure> {
    match &*call.statement {
        Statement::Sql(sql) => Ok(&sql.text),
        Statement::Mongo(query) => Err(Failure::new(FailureKind::Other, &format!("{} is no SQL", query.file))),
    }
}

/// Each row as names and texts, so that a value comes back exactly as it was given.
const PAIRS: &str = "CROSS JOIN LATERAL (
SELECT array_agg(pair.key ORDER BY pair.place) AS names, array_agg(pair.value ORDER BY pair.place) AS texts
FROM json_each_text(row_to_json(opsdash_asked)) WITH ORDINALITY AS pair (key, value, place)
) AS opsdash_pairs";

fn preview_text(text: &str, limit: usize) -> String {
    format!(
        "/* opsdash:preview */ SELECT opsdash_pairs.names, opsdash_pairs.texts
FROM (
{text}
) AS opsdash_asked
{PAIRS}
LIMIT {limit}"
    )
}

/// Within a CTE, anything but one query or one writing statement is a syntax error.
fn writing(text: &str) -> String {
    format!(
        "/* opsdash:act */ WITH opsdash_asked AS MATERIALIZED (
{text}
)
SELECT opsdash_pairs.names, opsdash_pairs.texts, txid_current_if_assigned()::text AS transaction
FROM opsdash_asked
{PAIRS}"
    )
}

/// Planned and not run: the server checks every right that the statement needs, also within a transaction that only reads.
fn planning(text: &str) -> String {
    format!("/* opsdash:may */ EXPLAIN {}", writing(text))
}

fn bound<'q>(
    text: &'q str,
    call: &'q BoundStatement,
) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let nothing: Vec<Option<String>> = vec![None; call.keys.len()];
    let bind = |query: sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>, param: &Param| {
        let name = param.name.as_str();
        match param.is_list {
            true if name == "keys" => query.bind(call.keys.clone()),
            true => query.bind(call.lists.get(name).unwrap_or(&nothing).clone()),
            false => query.bind(call.values.get(name).cloned()),
        }
    };
    call.statement.params().iter().fold(sqlx::query(AssertSqlSafe(text)).persistent(false), bind)
}

fn record(row: &PgRow) -> Result<TextRow, Error> {
    let names: Vec<String> = row.try_get("names")?;
    let texts: Vec<Option<String>> = row.try_get("texts")?;
    Ok(TextRow(names.into_iter().zip(texts).collect()))
}
