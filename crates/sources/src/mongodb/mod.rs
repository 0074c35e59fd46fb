//! MongoDB: views by `find` and `aggregate`, and GridFS as a file store.
//!
//! MongoDB has no read-only session. This module sends only `hello`, `buildInfo`, `find`, `aggregate`, the reading
//! commands that a pack may name, and for `doctor` `connectionStatus`, `listCollections` and `listIndexes`.

mod chunks;
mod commands;
mod decode;
mod endpoint;
mod failure;
mod gridfs;
mod inspect;
mod query;
mod scratch;
mod table;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{TryStreamExt, future::BoxFuture};
use mongodb::{
    Database,
    bson::{Document, Utf8Lossy, doc},
    error::Error,
    options::SelectionCriteria,
};
use opsdash_core::{
    contract::{
        Answer, Bind, Content, Facts, Failure, FailureKind, Inspection, LinkState, Question, Read, ResultShape,
        StoredFile, Table, Within,
    },
    time::Time,
};
use opsdash_pack::{
    config::SourceConfig,
    dialect::{MongoInput, MongoQuery},
    pack::Statement,
};
use tokio::time::{Instant, timeout, timeout_at};

use self::endpoint::{MongoEndpoint, OpenedClient};
pub use self::scratch::MongoScratch;
use crate::{
    byte_sink::{ByteSink, ReadError},
    engine::{self, Engine, FileStore},
    limits,
    secrets::Secrets,
};

/// One MongoDB source.
pub struct Mongo {
    endpoints: Vec<MongoEndpoint>,
    link: Mutex<Option<LinkState>>,
}

/// An endpoint during one read: its database, and the deadline of the read.
struct MongoSession<'a> {
    database: &'a Database,
    criteria: &'a SelectionCriteria,
    label: &'a str,
    deadline: Instant,
    /// How long the server may work on one statement.
    statement: Duration,
    /// The newest wire version of the server; 0 until `hello` is answered.
    wire_version: i32,
}

impl<'a> MongoSession<'a> {
    fn of(endpoint: &'a MongoEndpoint, opened: &'a OpenedClient, deadline: Instant, statement_ms: u32) -> Self {
        let (database, criteria) = (&opened.database, &opened.criteria);
        let statement = Duration::from_millis(statement_ms.into());
        Self { database, criteria, label: &endpoint.label, deadline, statement, wire_version: 0 }
    }

    /// How long the server may work. It ends before the deadline, so that the server's own error arrives.
    fn work(&self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.statement.min(left.saturating_sub(limits::REPLY_MARGIN)).max(limits::MIN_STATEMENT_TIMEOUT)
    }

    fn failure(&self, error: &Error) -> Failure {
        failure::of(error, self.label)
    }

    async fn command(&self, command: Document) -> Result<Document, Failure> {
        let run = self.database.run_command(command).selection_criteria(self.criteria.clone());
        run.await.map_err(|error| self.failure(&error))
    }
}

impl Mongo {
    /// Reads the config; touches no network.
    pub fn open(config: &SourceConfig, secrets: &Arc<dyn Secrets>, operator: &str) -> Result<Self, Failure> {
        Ok(Self { endpoints: endpoint::endpoints(config, secrets, operator)?, link: Mutex::default() })
    }

    /// Asks one endpoint after the other, each with an equal share of the time that is left.
    async fn read_from_any(&self, read: &Read) -> Result<Answer, Failure> {
        engine::check_unscoped(&read.within, "MongoDB")?;
        let deadline = Instant::now() + Duration::from_millis(read.limits.patience_ms.into());
        let mut last = Failure::new(FailureKind::Other, "the source has no url");
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let share_ends = Instant::now() + limits::share(deadline, self.endpoints.len() - index);
            last = match self.read_from(endpoint, read, share_ends).await {
                Err(failure) if failure.kind == FailureKind::Unreachable => failure,
                result => return self.record_failure(result),
            };
        }
        self.record_failure(Err(last))
    }

    async fn read_from(&self, endpoint: &MongoEndpoint, read: &Read, deadline: Instant) -> Result<Answer, Failure> {
        let started = Instant::now();
        let has_answered = AtomicBool::new(false);
        if let Ok(answer) = timeout_at(deadline, self.log_in_and_run(endpoint, read, deadline, &has_answered)).await {
            return answer;
        }
        let waited = started.elapsed().as_secs_f64();
        // A server that has answered nothing at all is unreachable; otherwise the query is slow.
        let (kind, what) = if has_answered.load(Ordering::Relaxed) {
            (FailureKind::Timeout, format!("no documents within {waited:.1} s"))
        } else {
            (FailureKind::Unreachable, format!("{}: no answer within {waited:.1} s", endpoint.label))
        };
        Err(Failure::new(kind, &what))
    }

    /// Runs the read. When the login is refused and there is another password by now, once more with that one.
    async fn log_in_and_run(
        &self,
        endpoint: &MongoEndpoint,
        read: &Read,
        deadline: Instant,
        has_answered: &AtomicBool,
    ) -> Result<Answer, Failure> {
        let opened = endpoint.open().await?;
        let statement_ms = read.limits.statement_ms;
        let run = async |opened: &OpenedClient| {
            let session = MongoSession::of(endpoint, opened, deadline, statement_ms);
            let answer = self.run(session, read, has_answered).await;
            endpoint.logins.record(opened.password.as_ref(), &answer);
            answer
        };
        if let Some(_turn) = endpoint.logins.turn().await
            && endpoint.logins.refusal_of(opened.password.as_ref()).is_none()
        {
            // The driver logs in before its first command.
            let session = MongoSession::of(endpoint, &opened, deadline, statement_ms);
            let hello = session.command(doc! { "hello": 1 }).await;
            endpoint.logins.record(opened.password.as_ref(), &hello);
            hello.map(drop).or_else(|failure| if failure.kind == FailureKind::Auth { Ok(()) } else { Err(failure) })?;
        }
        let answer = match endpoint.logins.refusal_of(opened.password.as_ref()) {
            Some(failure) => Err(failure),
            None => run(&opened).await,
        };
        match answer {
            Err(failure) if failure.kind == FailureKind::Auth => {
                if !endpoint.renew(&opened).await? {
                    return Err(failure);
                }
                run(&*endpoint.open().await?).await
            }
            result => result,
        }
    }

    /// Sets `has_answered` when the server has answered its first command.
    async fn run(
        &self,
        mut session: MongoSession<'_>,
        read: &Read,
        has_answered: &AtomicBool,
    ) -> Result<Answer, Failure> {
        let started = Instant::now();
        let hello = session.command(doc! { "hello": 1 }).await?;
        let first_rtt = started.elapsed();
        session.wire_version = hello.get_i32("maxWireVersion").unwrap_or_default();
        has_answered.store(true, Ordering::Relaxed);
        // The first command may also open the connection, so the second one measures the round trip better.
        let rtt = self.record_version(&session).await?.map_or(first_rtt, |second| second.min(first_rtt));
        let query_started = Instant::now();
        let content = run_question(&session, &read.question).await?;
        let local_time = hello.get_datetime("localTime").ok();
        let server_now =
            local_time.map(|at| Time::from_ms(at.timestamp_millis()).plus_ms(since_ms(started + first_rtt)));
        let took_ms = limits::whole_ms(query_started.elapsed());
        let rtt_ms = limits::whole_ms(rtt);
        Ok(Answer { content, server_now, operators: None, took_ms, rtt_ms, coverage: None })
    }

    /// Reads the server's version when the link was not up before, and records the link as up. Returns the round trip
    /// of that command, or `None` when the version is known already.
    async fn record_version(&self, session: &MongoSession<'_>) -> Result<Option<Duration>, Failure> {
        if matches!(*self.link_state(), Some(LinkState::Up { .. })) {
            return Ok(None);
        }
        let started = Instant::now();
        let info = session.command(doc! { "buildInfo": 1 }).await?;
        let took = started.elapsed();
        let server = format!("MongoDB {}", info.get_str("version").unwrap_or("of unknown version"));
        *self.link_state() = Some(LinkState::Up { server });
        Ok(Some(took))
    }

    /// Records the link as down when the failure is one of the link or of the login.
    fn record_failure(&self, answer: Result<Answer, Failure>) -> Result<Answer, Failure> {
        if let Err(failure) = &answer
            && matches!(failure.kind, FailureKind::Unreachable | FailureKind::Auth)
        {
            *self.link_state() = Some(LinkState::Down(failure.clone()));
        }
        answer
    }

    fn link_state(&self) -> std::sync::MutexGuard<'_, Option<LinkState>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Mongo {
    /// When the future is dropped, the driver closes its connection, and the server ends the operation at its `maxTimeMS`
    /// at the latest.
    fn read<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>> {
        Box::pin(self.read_from_any(read))
    }

    fn inspect<'a>(&'a self, inspection: &'a Inspection, within: &'a Within) -> BoxFuture<'a, Result<Facts, Failure>> {
        Box::pin(self.facts(inspection, within))
    }

    fn link(&self) -> Option<LinkState> {
        self.link_state().clone()
    }

    fn retry_logins(&self) {
        self.endpoints.iter().for_each(|endpoint| endpoint.logins.forget());
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let closing = self.endpoints.iter().map(MongoEndpoint::close);
            timeout(limits::CLOSE, futures_util::future::join_all(closing)).await.ok();
        })
    }

    fn files(&self) -> Option<&dyn FileStore> {
        Some(self)
    }
}

impl FileStore for Mongo {
    fn read_file<'a>(
        &'a self,
        bucket: &'a str,
        file: &'a StoredFile,
        sink: &'a mut ByteSink<'_>,
    ) -> BoxFuture<'a, Result<(), ReadError>> {
        Box::pin(self.read_all(bucket, file, sink))
    }
}

fn since_ms(moment: Instant) -> i64 {
    i64::try_from(moment.elapsed().as_millis()).unwrap_or_default()
}

async fn run_question(session: &MongoSession<'_>, question: &Question) -> Result<Content, Failure> {
    match question {
        Question::Statement { statement, bind, shape, .. } => match &**statement {
            Statement::Mongo(query) => Ok(Content::Table(run_query(session, query, bind, shape).await?)),
            Statement::Sql(sql) => {
                Err(Failure::new(FailureKind::Other, &format!("{} is SQL, and the source is MongoDB", sql.file)))
            }
        },
        Question::Store { bucket, orphans, limit } => {
            Ok(Content::Listing(gridfs::listing(session, bucket, *orphans, *limit).await?))
        }
        Question::Chunks { bucket, file, expected, width } => {
            Ok(Content::Table(gridfs::chunk_map(session, bucket, file, (*expected, *width)).await?))
        }
    }
}

async fn run_query(
    session: &MongoSession<'_>,
    query: &MongoQuery,
    bind: &Bind,
    shape: &ResultShape,
) -> Result<Table, Failure> {
    let mut stages = query::stages(query, bind)?;
    stages.extend(match shape {
        ResultShape::List { limit, troubled, reasons, .. } => table::ranked_stages(*limit, *troubled, *reasons),
        // Where the rows are found by a pipeline, counting them costs no more.
        ResultShape::Uncounted { limit, reasons, .. } => table::ranked_stages(*limit, false, *reasons),
        ResultShape::Rows { limit } => vec![doc! { "$limit": i64::from(*limit) + 1 }],
    });
    let documents = match &query.input {
        MongoInput::Collection(name) => aggregate(session, Some(name), stages).await?,
        MongoInput::Commands(commands) => {
            stages.insert(0, commands::replies_stage(session, commands).await?);
            aggregate(session, None, stages).await?
        }
    };
    match shape {
        ResultShape::List { row_key, limit, troubled, reasons } => {
            table::list(&documents, row_key, *limit, *troubled, *reasons)
        }
        ResultShape::Uncounted { row_key, limit, reasons } => table::list(&documents, row_key, *limit, false, *reasons),
        ResultShape::Rows { limit } => Ok(table::rows(&documents, *limit)),
    }
}

/// Runs the stages over a collection. With `None`, the first stage brings its own documents.
async fn aggregate(
    session: &MongoSession<'_>,
    collection: Option<&str>,
    stages: Vec<Document>,
) -> Result<Vec<Document>, Failure> {
    let collection = collection.map(|name| session.database.collection::<Document>(name));
    let action = match &collection {
        Some(collection) => collection.aggregate(stages),
        None => session.database.aggregate(stages),
    };
    let documents = async {
        let action = action.max_time(session.work()).selection_criteria(session.criteria.clone());
        action.with_type::<Utf8Lossy<Document>>().await?.try_collect::<Vec<_>>().await
    };
    let documents = documents.await.map_err(|error| session.failure(&error))?;
    Ok(documents.into_iter().map(|document| document.0).collect())
}
