//! Writes rows on the primary. Each write opens a connection of its own and runs one transaction.

use std::time::Duration;

use opsdash_core::{
    action::{self, Batch, BoundStatement, Commit, Outcome, TextRow},
    contract::{Failure, FailureKind, Within},
};
use opsdash_pack::{dialect::Param, pack::Statement};
use sqlx::{AssertSqlSafe, Connection, Error, PgConnection, Row, postgres::PgRow};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    Postgres, endpoint, failure,
    opening::{Access, Opening, TimeLimits},
};
use crate::{engine, limits};

/// A connection to the primary.
pub(super) struct WriteConnection<'p> {
    postgres: &'p Postgres,
    session: PgConnection,
    /// The index of its endpoint in `write_endpoints`.
    endpoint: usize,
    /// How long the server may work on one statement.
    work: Duration,
    opening: Opening,
}

/// What a connection may be used for.
enum Role {
    Primary,
    Standby,
    /// Nothing that this login does may write.
    ReadOnly(Failure),
}

/// How a transaction ended.
enum CommitResult {
    Committed(Vec<TextRow>),
    /// Not all rows could be written. The text says why.
    RolledBack(String),
    Failed(Failure),
    /// COMMIT was sent and not answered. `transaction` is the transaction's id, when the server gave one.
    Lost {
        rows: Vec<TextRow>,
        transaction: Option<String>,
    },
}

impl Postgres {
    /// See [`crate::Source::preview`].
    pub(super) async fn preview_rows(
        &self,
        preview: &BoundStatement,
        write: Option<&BoundStatement>,
        limit: usize,
        within: &Within,
        work: Duration,
    ) -> Result<Vec<TextRow>, Outcome> {
        let mut connection = self.connect_to_primary(within, work).await?;
        let rows = connection.preview(preview, write, limit).await.map_err(Outcome::Failed);
        connection.close().await;
        rows
    }

    /// See [`crate::Source::act`].
    pub(super) async fn write_batch(&self, batch: Batch<'_>, within: &Within, work: Duration) -> Outcome {
        let Batch { action, seen, preview, .. } = batch;
        let mut connection = match self.connect_to_primary(within, work).await {
            Ok(connection) => connection,
            Err(outcome) => return outcome,
        };
        let outcome = match connection.write(batch).await {
            CommitResult::Committed(rows) => Outcome::Done(rows),
            CommitResult::RolledBack(why) => match connection.preview(preview, None, seen.len()).await {
                Ok(now) => Outcome::Changed(action::changes(action, seen, &now, &why)),
                Err(failure) => {
                    let why = format!("{why}, and what they are now cannot be seen: {failure}");
                    Outcome::Changed(vec![action::Refusal::new(String::new(), why, None)])
                }
            },
            CommitResult::Failed(failure) => Outcome::Failed(failure),
            CommitResult::Lost { rows, transaction } => {
                return self.resolve_commit(batch, &rows, transaction.as_deref(), within, work).await;
            }
        };
        connection.close().await;
        outcome
    }

    /// Asks the primary what became of a COMMIT that was not answered, until it knows or [`limits::RESOLVE_COMMIT`] is
    /// over. Writes nothing again.
    async fn resolve_commit(
        &self,
        batch: Batch<'_>,
        rows: &[TextRow],
        transaction: Option<&str>,
        within: &Within,
        work: Duration,
    ) -> Outcome {
        let deadline = Instant::now() + limits::RESOLVE_COMMIT;
        let mut last = "the server is still working on it".to_owned();
        while Instant::now() < deadline {
            match self.check_commit(transaction, batch.preview, batch.seen.len(), within, work).await {
                Ok((commit, now)) => {
                    if let Some(outcome) = action::resolve(&batch.action.effect, rows, commit, &now) {
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

    /// Asks once: the status of the transaction, and the rows as they are now.
    async fn check_commit(
        &self,
        transaction: Option<&str>,
        preview: &BoundStatement,
        limit: usize,
        within: &Within,
        work: Duration,
    ) -> Result<(Commit, Vec<TextRow>), Outcome> {
        let mut connection = self.connect_to_primary(within, work).await?;
        // The status comes first, so that the preview after it sees everything that is committed by then.
        let commit = match transaction {
            Some(transaction) => connection.commit_status(transaction).await,
            None => Commit::Silent,
        };
        let now = connection.preview(preview, None, limit).await.map_err(Outcome::Failed)?;
        connection.close().await;
        Ok((commit, now))
    }

    /// Connects to the first endpoint that is no standby. Each endpoint gets an equal share of the time. Every
    /// transaction of the connection runs within the same scope.
    pub(super) async fn connect_to_primary(
        &self,
        within: &Within,
        work: Duration,
    ) -> Result<WriteConnection<'_>, Outcome> {
        engine::check_members(within).map_err(Outcome::Failed)?;
        let opening = Opening::of(&self.zone, within).map_err(Outcome::Failed)?;
        let deadline = Instant::now() + work + limits::MARGIN;
        let mut last = Outcome::Failed(Failure::new(FailureKind::Other, "the source has no url"));
        for (index, endpoint) in self.write_endpoints.iter().enumerate() {
            let share = limits::share(deadline, self.write_endpoints.len() - index);
            let connected = endpoint::connect(std::slice::from_ref(endpoint), Instant::now() + share).await;
            let mut connection = match connected {
                Ok((session, _)) => {
                    WriteConnection { postgres: self, session, endpoint: index, work, opening: opening.clone() }
                }
                Err(failure) => {
                    last = Outcome::Failed(failure);
                    continue;
                }
            };
            match connection.role().await {
                Ok(Role::Primary) => return Ok(connection),
                Ok(Role::ReadOnly(failure)) => {
                    connection.close().await;
                    return Err(Outcome::Failed(failure));
                }
                Ok(Role::Standby) => {
                    connection.close().await;
                    let what =
                        format!("{} is a standby: what is written goes to the primary; give its url", endpoint.label);
                    last = Outcome::Failed(Failure::new(FailureKind::Unreachable, &what));
                }
                Err(failure) => last = Outcome::Failed(failure),
            }
        }
        Err(last)
    }
}

impl WriteConnection<'_> {
    /// What the server and this login are for. A login that its administrator made read-only is not written with, even
    /// though a transaction could say otherwise.
    async fn role(&mut self) -> Result<Role, Failure> {
        let sql = "SELECT pg_catalog.pg_is_in_recovery()::text AS is_standby, setting AS read_only, source, \
                   current_user::text AS login \
                   FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only'";
        let rows = self.in_time(async |connection| sqlx::raw_sql(sql).fetch_all(connection).await).await?;
        let text = |name: &str| rows.first().and_then(|row| row.try_get_unchecked::<&str, _>(name).ok());
        Ok(match (text("is_standby"), text("read_only")) {
            (Some("false"), Some("off")) => Role::Primary,
            (Some("false"), _) => {
                let (login, source) = (text("login").unwrap_or_default(), text("source").unwrap_or_default());
                let what = format!(
                    "{}: default_transaction_read_only is on for {login} (set by: {source}): it is not to write",
                    self.label()
                );
                let remedy = "use a login that may write, or ALTER ROLE or DATABASE .. RESET \
                              default_transaction_read_only";
                Role::ReadOnly(Failure::new(FailureKind::Privilege, &what).remedied(remedy))
            }
            // Without a clear "false" nothing is written.
            _ => Role::Standby,
        })
    }

    /// What the server says of a transaction.
    async fn commit_status(&mut self, transaction: &str) -> Commit {
        let Ok(number) = transaction.parse::<u64>() else { return Commit::Silent };
        let sql = format!("SELECT pg_catalog.txid_status({number}) AS status");
        let rows = self.in_time(async |connection| sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await).await;
        let status = rows.ok().and_then(|rows| rows.first()?.try_get_unchecked::<Option<String>, _>("status").ok()?);
        match status.as_deref() {
            Some("committed") => Commit::Committed,
            Some("aborted") => Commit::Aborted,
            Some("in progress") => Commit::InProgress,
            // NULL: the transaction is too old, or this server never ran it.
            _ => Commit::Silent,
        }
    }

    /// The rows of the preview, at most `limit` and one more. With `write`, the server also checks the login's rights
    /// for that statement.
    async fn preview(
        &mut self,
        preview: &BoundStatement,
        write: Option<&BoundStatement>,
        limit: usize,
    ) -> Result<Vec<TextRow>, Failure> {
        let opening = self.opening(Access::Read);
        let sql = preview_sql(text_of(preview)?, limit + 1);
        let explain = match write {
            Some(write) => Some((explain_sql(text_of(write)?), write)),
            None => None,
        };
        let rows = self
            .in_time(async |connection| {
                sqlx::raw_sql(AssertSqlSafe(opening)).execute(&mut *connection).await?;
                if let Some((sql, write)) = &explain {
                    bind_params(sql, write).execute(&mut *connection).await?;
                }
                bind_params(&sql, preview).fetch_all(&mut *connection).await
            })
            .await;
        let ended = self.in_time(async |connection| sqlx::raw_sql("ROLLBACK").execute(connection).await).await;
        let rows = rows?.iter().map(text_row).collect::<Result<_, _>>().map_err(|error| self.failure(&error))?;
        ended.map(|_| rows)
    }

    /// Runs one transaction. Any error before COMMIT leaves nothing behind, because the server rolls back a transaction
    /// whose client is gone.
    async fn write(&mut self, batch: Batch<'_>) -> CommitResult {
        let pg_rows = match self.write_unended(batch).await {
            Ok(Ok(rows)) => rows,
            Ok(Err(why)) => {
                self.roll_back().await;
                return CommitResult::RolledBack(why);
            }
            Err(failure) => {
                self.roll_back().await;
                return CommitResult::Failed(failure);
            }
        };
        let transaction =
            pg_rows.first().and_then(|row| row.try_get_unchecked::<Option<String>, _>("transaction").ok()?);
        let rows: Vec<TextRow> = match pg_rows.iter().map(text_row).collect() {
            Ok(rows) => rows,
            Err(error) => {
                self.roll_back().await;
                return CommitResult::Failed(self.failure(&error));
            }
        };
        let (keys, success) = (batch.write.keys.iter().map(String::as_str), batch.action.success.as_deref());
        let is_set = batch.action.set.is_some();
        if is_set && rows.is_empty() {
            // Nothing that a lost COMMIT could leave in doubt.
            self.roll_back().await;
            return CommitResult::Committed(rows);
        }
        let compared = if is_set { action::compare_some(keys, &rows) } else { action::compare(keys, success, &rows) };
        if let Err(why) = compared {
            self.roll_back().await;
            return CommitResult::RolledBack(why);
        }
        let deadline = Instant::now() + self.work + limits::MARGIN;
        match timeout_at(deadline, sqlx::raw_sql("COMMIT").execute(&mut self.session)).await {
            Ok(Ok(_)) => CommitResult::Committed(rows),
            // The server answered, so the transaction is over: a deferred constraint failed, for example.
            Ok(Err(error)) if !failure::is_broken_link(&error) => CommitResult::Failed(self.failure(&error)),
            Ok(Err(_)) | Err(_) => CommitResult::Lost { rows, transaction },
        }
    }

    /// Opens the transaction and runs the statement in it, after another preview where the action wants one. Returns
    /// what was written, or why the action no longer applies. The transaction stays open.
    async fn write_unended(&mut self, batch: Batch<'_>) -> Result<Result<Vec<PgRow>, String>, Failure> {
        let Batch { action, seen, write, preview } = batch;
        let opening = self.opening(Access::Write);
        let sql = write_sql(text_of(write)?);
        self.in_time(async |connection| sqlx::raw_sql(AssertSqlSafe(opening)).execute(connection).await).await?;
        if action.rechecks() {
            let again = preview_sql(text_of(preview)?, seen.len() + 1);
            let rows =
                self.in_time(async |connection| bind_params(&again, preview).fetch_all(connection).await).await?;
            let now: Vec<TextRow> =
                rows.iter().map(text_row).collect::<Result<_, _>>().map_err(|error| self.failure(&error))?;
            if let Err(why) = action::recheck(action, seen, &now) {
                return Ok(Err(why));
            }
        }
        self.in_time(async |connection| bind_params(&sql, write).fetch_all(connection).await).await.map(Ok)
    }

    pub(super) async fn roll_back(&mut self) {
        // When this fails, the connection is dropped, which also ends the transaction.
        let _ended = self.in_time(async |connection| sqlx::raw_sql("ROLLBACK").execute(connection).await).await;
    }

    /// The start of a transaction. `synchronous_commit` stays as the server has it.
    pub(super) fn opening(&self, access: Access) -> String {
        let times =
            TimeLimits { work: self.work, lock: self.work.min(limits::LOCK_TIMEOUT), idle: limits::IDLE_IN_WRITE };
        self.opening.sql(access, times)
    }

    /// Runs statements within the time limit. It is longer than the server's own, so that the server's error arrives.
    pub(super) async fn in_time<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let time_limit = self.work + limits::MARGIN;
        match timeout_at(Instant::now() + time_limit, work(&mut self.session)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.failure(&error)),
            Err(_) => Err(endpoint::no_answer(self.label(), time_limit)),
        }
    }

    pub(super) fn failure(&self, error: &Error) -> Failure {
        failure::of(error, self.label())
    }

    fn label(&self) -> &str {
        &self.postgres.write_endpoints[self.endpoint].label
    }

    pub(super) async fn close(self) {
        let _closed = timeout_at(Instant::now() + limits::CLOSE, self.session.close()).await;
    }
}

/// The SQL of a pack's statement.
pub(super) fn text_of(statement: &BoundStatement) -> Result<&str, Failure> {
    match &*statement.statement {
        Statement::Sql(sql) => Ok(&sql.text),
        Statement::Mongo(query) => Err(Failure::new(FailureKind::Other, &format!("{} is no SQL", query.file))),
    }
}

/// Turns each row into two arrays, of names and of texts. A text is sent back exactly as it came.
const PAIRS: &str = "CROSS JOIN LATERAL (
SELECT array_agg(pair.key ORDER BY pair.place) AS names, array_agg(pair.value ORDER BY pair.place) AS texts
FROM json_each_text(row_to_json(opsdash_asked)) WITH ORDINALITY AS pair (key, value, place)
) AS opsdash_pairs";

fn preview_sql(text: &str, limit: usize) -> String {
    format!(
        "/* opsdash:preview */ SELECT opsdash_pairs.names, opsdash_pairs.texts
FROM (
{text}
) AS opsdash_asked
{PAIRS}
LIMIT {limit}"
    )
}

/// Wraps the statement in a CTE. Anything but one query or one writing statement is a syntax error there.
fn write_sql(text: &str) -> String {
    format!(
        "/* opsdash:act */ WITH opsdash_asked AS MATERIALIZED (
{text}
)
SELECT opsdash_pairs.names, opsdash_pairs.texts, txid_current_if_assigned()::text AS transaction
FROM opsdash_asked
{PAIRS}"
    )
}

/// Plans the write without running it. The server checks every right that the statement needs, even in a read-only
/// transaction.
pub(super) fn explain_sql(text: &str) -> String {
    format!("/* opsdash:may */ EXPLAIN {}", write_sql(text))
}

pub(super) type PgQuery<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// The query with the statement's values. A list without values is all NULL, one for each key.
pub(super) fn bind_params<'q>(sql: &'q str, statement: &'q BoundStatement) -> PgQuery<'q> {
    let nulls: Vec<Option<String>> = vec![None; statement.keys.len()];
    let bind = |query: PgQuery<'q>, param: &Param| {
        let name = param.name.as_str();
        match param.is_list {
            true if name == "keys" => query.bind(statement.keys.clone()),
            true => query.bind(statement.lists.get(name).unwrap_or(&nulls).clone()),
            false => query.bind(statement.values.get(name).cloned()),
        }
    };
    statement.statement.params().iter().fold(sqlx::query(AssertSqlSafe(sql)).persistent(false), bind)
}

fn text_row(row: &PgRow) -> Result<TextRow, Error> {
    let names: Vec<String> = row.try_get("names")?;
    let texts: Vec<Option<String>> = row.try_get("texts")?;
    Ok(TextRow(names.into_iter().zip(texts).collect()))
}
