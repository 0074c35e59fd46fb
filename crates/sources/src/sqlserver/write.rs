//! Writes rows, with a login of its own: each write opens a connection and runs one transaction.
//!
//! No statement of SQL Server returns what it wrote where triggers are. So the rows are locked and looked at, compared with
//! what was confirmed, written, counted, and looked at again: what triggers made of them is what is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::TryStreamExt;
use opsdash_core::{
    action::{self, Batch, BoundStatement, Commit, Outcome, TextRow},
    contract::{Failure, FailureKind, Within},
};
use opsdash_pack::{
    declared::sqlserver::lock,
    dialect::{Flavor, Sql, WriteGuard},
    pack::{AFTER, BEFORE, CHANGED_AT, CHANGED_BY, Effect, GuardedRows, KEY, ROW, Statement},
};
use tiberius::QueryItem;
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    SqlServer, decode,
    endpoint::{self, TdsClient},
    failure, session,
    statement::{self, Access},
};
use crate::{engine, limits};

/// What a source without a login that writes says to an action.
const NO_WRITER: &str =
    "the source has no login that writes: say writer = { user = \"..\", password = { .. } } in the config";

/// A connection of the login that writes, in a transaction.
struct WriteConnection<'s> {
    client: TdsClient,
    label: &'s str,
    work: Duration,
}

/// Rows as a look found them, under the lock of the transaction.
struct Look {
    rows: Vec<TextRow>,
    /// The keys of the rows that are locked; `None` where nothing names them.
    locked: Option<BTreeSet<String>>,
}

/// How a transaction ended.
enum CommitResult {
    Committed(Vec<TextRow>),
    /// Not all rows could be written. The text says why, and the rows what they are.
    RolledBack(String, Vec<TextRow>),
    Failed(Failure),
    /// COMMIT was sent and not answered.
    Lost(Vec<TextRow>),
}

impl SqlServer {
    /// See [`crate::Source::plan`].
    pub(super) async fn plan_write(
        &self,
        write: &BoundStatement,
        within: &Within,
        work: Duration,
    ) -> Result<Vec<String>, Failure> {
        let failed = |outcome: Outcome| match outcome {
            Outcome::Failed(failure) => failure,
            other => Failure::new(FailureKind::Other, &other.said()),
        };
        let mut connection = self.connect_to_write(Access::Write, within, work).await.map_err(failed)?;
        let sql = text_of(write)?;
        let planned = match &sql.guard {
            Some(guard) => connection.hold(guard).await.map(|()| guard.returns.clone()),
            // A query is asked: what it returns is not wanted, but for its columns.
            None => connection
                .rows(&statement::marked(&sql.text), &statement::params_of(sql, write), 0)
                .await
                .map(|it| it.0),
        };
        connection.close().await;
        planned
    }

    /// See [`crate::Source::preview`].
    pub(super) async fn preview_rows(
        &self,
        preview: &BoundStatement,
        write: Option<&BoundStatement>,
        limit: usize,
        within: &Within,
        work: Duration,
    ) -> Result<Vec<TextRow>, Outcome> {
        let mut connection = self.connect_to_write(Access::Write, within, work).await?;
        let guard = match write.map(text_of).transpose().map_err(Outcome::Failed)? {
            Some(Sql { guard: Some(guard), .. }) => Some(guard),
            _ => None,
        };
        let rows = async {
            if let Some(guard) = guard {
                connection.hold(guard).await?;
            }
            connection.look(preview, limit).await
        };
        let rows = rows.await.map_err(Outcome::Failed);
        connection.close().await;
        rows
    }

    /// See [`crate::Source::act`].
    pub(super) async fn write_batch(&self, batch: Batch<'_>, within: &Within, work: Duration) -> Outcome {
        let access = access_of(&batch);
        let mut connection = match self.connect_to_write(access, within, work).await {
            Ok(connection) => connection,
            Err(outcome) => return outcome,
        };
        let outcome = match connection.write(batch).await {
            CommitResult::Committed(rows) => Outcome::Done(rows),
            CommitResult::RolledBack(why, now) => {
                Outcome::Changed(action::changes(batch.action, batch.seen, &now, &why))
            }
            CommitResult::Failed(failure) => Outcome::Failed(failure),
            CommitResult::Lost(rows) => return self.resolve_commit(batch, rows, within, work).await,
        };
        connection.close().await;
        outcome
    }

    /// Looks at the rows until they tell what became of a COMMIT that was not answered, or [`limits::RESOLVE_COMMIT`] is
    /// over. The look locks them: it waits until the lost transaction has ended. Writes nothing again.
    async fn resolve_commit(&self, batch: Batch<'_>, rows: Vec<TextRow>, within: &Within, work: Duration) -> Outcome {
        let deadline = Instant::now() + limits::RESOLVE_COMMIT;
        let mut last = "the server is still working on it".to_owned();
        while Instant::now() < deadline {
            match self.look_again(&batch, within, work).await {
                Ok(now) => {
                    if let Some(outcome) = action::resolve(&batch.action.effect, &rows, Commit::Silent, &now) {
                        return outcome;
                    }
                }
                Err(outcome) => last = outcome.said(),
            }
            sleep(limits::CANCEL_RETRY).await;
        }
        let why = format!("the link was lost at the commit, and the server did not tell since: {last}");
        Outcome::Unknown { why, rows }
    }

    async fn look_again(&self, batch: &Batch<'_>, within: &Within, work: Duration) -> Result<Vec<TextRow>, Outcome> {
        let mut connection = self.connect_to_write(access_of(batch), within, work).await?;
        // Of a set, others may hold rows for good reasons; whether it was us is not known then.
        let rows = batch.action.effect.rows().map(|rows| GuardedRows { skips_locked: false, ..rows.clone() });
        let look = connection.locked_look(rows.as_ref(), batch.preview, batch.seen.len()).await;
        connection.close().await;
        look.map(|look| look.rows).map_err(Outcome::Failed)
    }

    /// Connects to the first endpoint that may be written to, and opens the transaction.
    async fn connect_to_write(
        &self,
        access: Access,
        within: &Within,
        work: Duration,
    ) -> Result<WriteConnection<'_>, Outcome> {
        engine::check_unscoped(within, "SQL Server").map_err(Outcome::Failed)?;
        if self.write_endpoints.is_empty() {
            return Err(Outcome::Refused(NO_WRITER.into()));
        }
        let deadline = Instant::now() + work + limits::MARGIN;
        let mut last = Outcome::Refused(NO_WRITER.into());
        for (index, endpoint) in self.write_endpoints.iter().enumerate() {
            let share = limits::share(deadline, self.write_endpoints.len() - index);
            let connected = endpoint::connect(std::slice::from_ref(endpoint), 0, Instant::now() + share).await;
            let (client, _) = match connected {
                Ok(connected) => connected,
                Err(failure) => {
                    last = Outcome::Failed(failure);
                    continue;
                }
            };
            let mut connection = WriteConnection { client, label: &endpoint.label, work };
            match connection.open(access).await {
                Ok(true) => return Ok(connection),
                Ok(false) => {
                    let what = format!("{}: the database is read-only here; give the primary's url", endpoint.label);
                    last = Outcome::Failed(Failure::new(FailureKind::Unreachable, &what));
                    connection.close().await;
                }
                Err(failure) => last = Outcome::Failed(failure),
            }
        }
        Err(last)
    }
}

impl WriteConnection<'_> {
    /// Opens the transaction. Whether the database may be written to.
    async fn open(&mut self, access: Access) -> Result<bool, Failure> {
        let lock = self.work.min(limits::READER_LOCK);
        let opening = self.in_time(async |client| session::open(client, access, lock, false).await).await?;
        Ok(!opening.is_read_only)
    }

    /// Asks whether the login may do what is declared.
    async fn hold(&mut self, guard: &WriteGuard) -> Result<(), Failure> {
        let (_, rows) = self.rows(&guard.permission, &[], 1).await?;
        match rows.first().and_then(|row| row.get("refused").flatten()) {
            None if !rows.is_empty() => Ok(()),
            refused => {
                let right = refused.unwrap_or("the write");
                let what = format!("the login that writes may not {right}, or the object is not there");
                Err(Failure::new(FailureKind::Privilege, &what).remedied(&format!("GRANT {right} TO that login")))
            }
        }
    }

    /// The rows of a look: at most `limit`, and one more when there are more.
    async fn look(&mut self, preview: &BoundStatement, limit: usize) -> Result<Vec<TextRow>, Failure> {
        let sql = text_of(preview)?;
        let params = statement::params_of(sql, preview);
        self.rows(&statement::marked(&sql.text), &params, limit + 1).await.map(|(_, rows)| rows)
    }

    /// Locks the rows, then looks at them.
    async fn locked_look(
        &mut self,
        rows: Option<&GuardedRows>,
        preview: &BoundStatement,
        limit: usize,
    ) -> Result<Look, Failure> {
        let locked = match rows {
            None => None,
            Some(rows) => {
                let text = lock(rows).replace(":keys", "@P1");
                let keys = serde_json::Value::from(preview.keys.clone()).to_string();
                let (_, found) = self.rows(&text, &[Some(keys)], usize::MAX).await?;
                Some(found.iter().map(|row| row.key().to_owned()).collect())
            }
        };
        Ok(Look { rows: self.look(preview, limit).await?, locked })
    }

    /// Runs the transaction. Any error before COMMIT leaves nothing behind.
    async fn write(&mut self, batch: Batch<'_>) -> CommitResult {
        let written = match self.write_unended(&batch).await {
            Ok(Ok(written)) => written,
            Ok(Err((why, now))) => {
                self.roll_back().await;
                return CommitResult::RolledBack(why, now);
            }
            Err(failure) => {
                self.roll_back().await;
                return CommitResult::Failed(failure);
            }
        };
        if written.is_empty() {
            // Nothing that a lost COMMIT could leave in doubt.
            self.roll_back().await;
            return CommitResult::Committed(written);
        }
        let deadline = Instant::now() + self.work + limits::MARGIN;
        let client = &mut self.client;
        let commit = async { client.simple_query("COMMIT TRANSACTION").await?.into_results().await };
        match timeout_at(deadline, commit).await {
            Ok(Ok(_)) => CommitResult::Committed(written),
            Ok(Err(error)) if !failure::is_broken_link(&error) => CommitResult::Failed(failure::of(&error, self.label)),
            Ok(Err(_)) | Err(_) => CommitResult::Lost(written),
        }
    }

    /// Looks, compares, writes, counts and looks again. Returns what was written, or why nothing may be, with the rows as
    /// they are.
    async fn write_unended(
        &mut self,
        batch: &Batch<'_>,
    ) -> Result<Result<Vec<TextRow>, (String, Vec<TextRow>)>, Failure> {
        let Batch { action, seen, write, preview } = *batch;
        let rows = action.effect.rows();
        let is_set = action.set.is_some();
        if let (Effect::Call(call), Some(set)) = (&action.effect, &action.set)
            && call.once
        {
            let set = BoundStatement { statement: set.clone(), keys: Vec::new(), ..preview.clone() };
            let now = self.look(&set, seen.len()).await?;
            let keys = |rows: &[TextRow]| rows.iter().map(|row| row.key().to_owned()).collect::<BTreeSet<_>>();
            if keys(&now) != keys(seen) {
                return Ok(Err(("the set is no longer the one that was confirmed".into(), now)));
            }
        }
        let Look { rows: now, locked } = self.locked_look(rows, preview, seen.len()).await?;
        let chosen = match choose(batch, &now, locked.as_ref()) {
            Ok(chosen) => chosen,
            Err(why) => return Ok(Err((why, now))),
        };
        if chosen.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let bound = of_keys(write, &chosen, seen);
        if let Some(why) = self.effect(&action.effect, &bound, &chosen).await? {
            return Ok(Err((why, now)));
        }
        let after = self.look(preview, seen.len()).await?;
        let kept = chosen.iter().filter(|row| after.iter().any(|now| now.key() == row.key())).count();
        if action.effect.deletes() && kept > 0 {
            let why = format!("{kept} of {} rows are still there: a trigger keeps them", chosen.len());
            return Ok(Err((why, now)));
        }
        if matches!(action.effect, Effect::Update(_)) && kept < chosen.len() {
            return Ok(Err(("a row is gone after it was written: a trigger takes it away".into(), now)));
        }
        debug_assert!(is_set || chosen.len() == seen.len());
        Ok(Ok(chosen.iter().map(|row| told(&action.effect, row, &after)).collect()))
    }

    /// Writes. Why it is not what it should be; `None` when it is.
    async fn effect(
        &mut self,
        effect: &Effect,
        bound: &BoundStatement,
        chosen: &[&TextRow],
    ) -> Result<Option<String>, Failure> {
        let sql = text_of(bound)?;
        if let Effect::Call(call) = effect {
            let text = format!("/* opsdash:act */ {}", sql.text);
            let keys: Vec<&str> = if call.once { vec![""] } else { chosen.iter().map(|row| row.key()).collect() };
            for key in keys {
                let mut values = bound.values.clone();
                values.insert("key".into(), key.to_owned());
                let bound = BoundStatement { values, ..bound.clone() };
                self.rows(&text, &statement::params_of(sql, &bound), usize::MAX).await?;
            }
            return Ok(None);
        }
        let (_, rows) =
            self.rows(&statement::counted(&sql.text), &statement::params_of(sql, bound), usize::MAX).await?;
        // The last result is ours: a trigger may have sent others.
        let written = rows.last().and_then(|row| row.get("n").flatten()).unwrap_or_default();
        let wanted = chosen.len();
        Ok((written != wanted.to_string()).then(|| format!("{written} of {wanted} rows could be written")))
    }

    /// Asks for rows as texts: the columns of the last result, and at most `most` rows of all.
    async fn rows(
        &mut self,
        text: &str,
        params: &[Option<String>],
        most: usize,
    ) -> Result<(Vec<String>, Vec<TextRow>), Failure> {
        self.in_time(async |client| {
            let mut stream = session::query(text, params).query(client).await?;
            let (mut columns, mut rows): (Vec<String>, Vec<TextRow>) = (Vec::new(), Vec::new());
            while let Some(item) = stream.try_next().await? {
                match item {
                    QueryItem::Metadata(found) => {
                        columns = found.columns().iter().map(|column| column.name().to_owned()).collect();
                    }
                    QueryItem::Row(row) if rows.len() < most => {
                        let cells =
                            row.cells().map(|(column, data)| (column.name().to_owned(), decode::raw_text(data)));
                        rows.push(TextRow(cells.collect()));
                    }
                    QueryItem::Row(_) => {}
                }
            }
            Ok((columns, rows))
        })
        .await
    }

    async fn roll_back(&mut self) {
        // When this fails, the connection is dropped, which also ends the transaction.
        session::finish(&mut self.client, false).await;
    }

    /// Runs within the time limit. A statement that is late is stopped; its connection serves nothing any more.
    async fn in_time<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut TdsClient) -> tiberius::Result<T>,
    ) -> Result<T, Failure> {
        let deadline = Instant::now() + self.work + limits::MARGIN;
        if let Ok(result) = timeout_at(deadline, work(&mut self.client)).await {
            return result.map_err(|error| failure::of(&error, self.label));
        }
        tokio::time::timeout(limits::CANCEL_GRACE, self.client.cancel_query()).await.ok();
        let what = format!("{}: no answer within {:.1} s", self.label, self.work.as_secs_f64());
        Err(Failure::new(FailureKind::Timeout, &what))
    }

    async fn close(mut self) {
        self.roll_back().await;
        tokio::time::timeout(limits::CLOSE, self.client.close()).await.ok();
    }
}

/// How the rows of a batch are kept as they are: a procedure names none that could be locked.
fn access_of(batch: &Batch<'_>) -> Access {
    if matches!(batch.action.effect, Effect::Call(_)) { Access::WriteAlone } else { Access::Write }
}

/// The rows that are written: of a set those that are free and as they were seen, else all or none.
fn choose<'r>(
    batch: &Batch<'_>,
    now: &'r [TextRow],
    locked: Option<&BTreeSet<String>>,
) -> Result<Vec<&'r TextRow>, String> {
    let by_key: BTreeMap<&str, &TextRow> = now.iter().map(|row| (row.key(), row)).collect();
    let is_free = |key: &str| locked.is_none_or(|locked| locked.contains(key));
    let unchanged: Vec<&TextRow> = batch
        .seen
        .iter()
        .filter_map(|seen| {
            let now = by_key.get(seen.key()).copied()?;
            (is_free(seen.key()) && is_same(batch, seen, now)).then_some(now)
        })
        .collect();
    let picks = batch.action.set.is_some() && batch.action.effect.deletes();
    if picks {
        return Ok(unchanged);
    }
    if unchanged.len() < batch.seen.len() {
        return Err(format!("{} of {} rows could be written", unchanged.len(), batch.seen.len()));
    }
    if !batch.action.when.is_empty() {
        action::recheck(batch.action, batch.seen, now)?;
    }
    Ok(unchanged)
}

/// Whether a row still is what was confirmed, as far as it is compared. What an undo compares is all that the write left.
fn is_same(batch: &Batch<'_>, seen: &TextRow, now: &TextRow) -> bool {
    let is_undo = batch.action.undo.as_ref().is_some_and(|undo| *undo == batch.write.statement);
    let compared: Vec<&str> = match &batch.action.effect {
        _ if is_undo => seen.columns().map(|(name, _)| name).collect(),
        Effect::Call(call) => call.compare.iter().map(String::as_str).collect(),
        effect => effect.rows().into_iter().flat_map(GuardedRows::compared).map(|it| it.alias.as_str()).collect(),
    };
    // What was not seen cannot be compared, and is therefore another.
    compared.iter().all(|name| seen.get(name).is_some() && seen.get(name) == now.get(name))
}

/// The same statement for these rows of it alone.
fn of_keys(write: &BoundStatement, chosen: &[&TextRow], seen: &[TextRow]) -> BoundStatement {
    let keys: Vec<String> = chosen.iter().map(|row| row.key().to_owned()).collect();
    let places: Vec<usize> =
        keys.iter().filter_map(|key| seen.iter().position(|row| row.key() == key.as_str())).collect();
    let of = |list: &Vec<Option<String>>| places.iter().filter_map(|at| list.get(*at).cloned()).collect();
    let lists = write.lists.iter().map(|(name, list)| (name.clone(), of(list))).collect();
    BoundStatement { keys, lists, ..write.clone() }
}

/// A row as it was before the write and is after it.
fn told(effect: &Effect, before: &TextRow, after: &[TextRow]) -> TextRow {
    let names: Vec<&str> = match effect {
        Effect::Update(update) => {
            let columns = update.rows.compared().chain(update.set_columns());
            columns.map(|column| column.alias.as_str()).collect()
        }
        _ => before.columns().map(|(name, _)| name).filter(|name| *name != CHANGED_AT && *name != CHANGED_BY).collect(),
    };
    let mut cells = vec![(KEY.to_owned(), Some(before.key().to_owned()))];
    if let Some(row) = before.get(ROW) {
        cells.push((ROW.to_owned(), row.map(str::to_owned)));
    }
    let after = after.iter().find(|row| row.key() == before.key());
    for (prefix, row) in [(BEFORE, Some(before)), (AFTER, after)] {
        for name in &names {
            let Some(text) = row.and_then(|row| row.get(name)) else { continue };
            let name = format!("{prefix}{name}");
            if !cells.iter().any(|(known, _)| *known == name) {
                cells.push((name, text.map(str::to_owned)));
            }
        }
    }
    TextRow(cells)
}

fn text_of(bound: &BoundStatement) -> Result<&Sql, Failure> {
    match &*bound.statement {
        Statement::Sql(sql) if sql.flavor == Flavor::SqlServer => Ok(sql),
        other => {
            let what = format!("{} is no T-SQL, and the source is SQL Server", other.file());
            Err(Failure::new(FailureKind::Other, &what))
        }
    }
}
