//! MongoDB: views by find and aggregate, and GridFS as a file store. There is no read-only session; nothing in here
//! sends anything but `hello`, `buildInfo`, `find` and `aggregate`, the reading commands that a pack may name, and for
//! doctor `connectionStatus`, `listCollections` and `listIndexes`.

mod chunks;
mod commands;
mod connect;
mod decode;
mod failure;
mod gridfs;
mod inspect;
mod query;
mod table;

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::TryStreamExt;
use mongodb::{
    Database,
    bson::{Document, doc},
    error::Error,
    options::SelectionCriteria,
};
use opsdash_core::{
    contract::{Answer, Bind, Content, Failure, FailureKind, LinkState, Question, Read, ResultShape},
    time::Time,
};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    dialect::{MongoInput, MongoQuery},
    pack::Statement,
};
use tokio::time::{Instant, timeout, timeout_at};

use self::connect::MongoEndpoint;
use crate::limits;

/// One MongoDB source.
pub struct Mongo {
    places: Vec<MongoEndpoint>,
    link: Mutex<Option<LinkState>>,
}

/// A deployment that is being asked, and until when.
struct MongoSession<'a> {
    database: &'a Database,
    criteria: &'a SelectionCriteria,
    label: &'a str,
    deadline: Instant,
    /// The newest wire version that the server speaks; 0 before it has told.
    wire_version: i32,
}

impl MongoSession<'_> {
    /// What is left for the server: less than for us, so that its own words arrive.
    fn work(&self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        left.saturating_sub(limits::WAY_BACK).max(limits::LEAST_WORK)
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
    pub fn open(config: &SourceConfig, password: Option<&Secret>, operator: &str) -> Result<Self, Failure> {
        Ok(Self { places: connect::places(config, password, operator)?, link: Mutex::default() })
    }

    /// See [`super::Source::read`]. Dropped, the driver closes the connection that was working, and the server ends
    /// the operation at its `maxTimeMS` at the latest.
    pub async fn read(&self, read: &Read) -> Result<Answer, Failure> {
        let deadline = Instant::now() + Duration::from_millis(read.timeout_ms.into()) + limits::MARGIN;
        let mut last = Failure::new(FailureKind::Other, "the source has no url");
        for (tried, place) in self.places.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = Instant::now() + left / u32::try_from(self.places.len() - tried).unwrap_or(u32::MAX);
            last = match self.ask(place, read, share).await {
                Err(failure) if failure.kind == FailureKind::Unreachable => failure,
                answered => return self.learned(answered),
            };
        }
        self.learned(Err(last))
    }

    /// What was last learned of the link.
    pub fn link(&self) -> Option<LinkState> {
        self.known().clone()
    }

    /// Ends every connection.
    pub async fn close(&self) {
        let closing = self.places.iter().map(MongoEndpoint::close);
        timeout(limits::CLOSE, futures_util::future::join_all(closing)).await.ok();
    }

    async fn ask(&self, place: &MongoEndpoint, read: &Read, deadline: Instant) -> Result<Answer, Failure> {
        let began = Instant::now();
        let heard = AtomicBool::new(false);
        if let Ok(answer) = timeout_at(deadline, self.converse(place, read, deadline, &heard)).await {
            return answer;
        }
        let waited = began.elapsed().as_secs_f64();
        // Without a word from the server it is the link, not the query.
        let (kind, what) = if heard.load(Ordering::Relaxed) {
            (FailureKind::Timeout, format!("no documents within {waited:.1} s"))
        } else {
            (FailureKind::Unreachable, format!("{}: no answer within {waited:.1} s", place.label))
        };
        Err(Failure::new(kind, &what))
    }

    async fn converse(
        &self,
        place: &MongoEndpoint,
        read: &Read,
        deadline: Instant,
        heard: &AtomicBool,
    ) -> Result<Answer, Failure> {
        let opened = place.open().await?;
        let (database, criteria) = (&opened.database, &opened.criteria);
        let mut session = MongoSession { database, criteria, label: &place.label, deadline, wire_version: 0 };
        let began = Instant::now();
        let hello = session.command(doc! { "hello": 1 }).await?;
        let waited = began.elapsed();
        session.wire_version = hello.get_i32("maxWireVersion").unwrap_or_default();
        heard.store(true, Ordering::Relaxed);
        // The first command of a link waits for the link; the second tells how long a round trip is.
        let rtt = self.measure_round_trip(&session).await?.map_or(waited, |second| second.min(waited));
        let asked = Instant::now();
        let content = content(&session, &read.question).await?;
        let local_time = hello.get_datetime("localTime").ok();
        let server_now = local_time.map(|at| Time::from_ms(at.timestamp_millis()).plus_ms(since_ms(began + waited)));
        let took_ms = limits::whole_ms(asked.elapsed());
        Ok(Answer { content, server_now, operators: None, took_ms, rtt_ms: limits::whole_ms(rtt) })
    }

    /// Asks for the version, once for each time that the link comes up; how long that took.
    async fn measure_round_trip(&self, session: &MongoSession<'_>) -> Result<Option<Duration>, Failure> {
        if matches!(*self.known(), Some(LinkState::Up { .. })) {
            return Ok(None);
        }
        let began = Instant::now();
        let info = session.command(doc! { "buildInfo": 1 }).await?;
        let took = began.elapsed();
        let server = format!("MongoDB {}", info.get_str("version").unwrap_or("of unknown version"));
        *self.known() = Some(LinkState::Up { server });
        Ok(Some(took))
    }

    fn learned(&self, answer: Result<Answer, Failure>) -> Result<Answer, Failure> {
        if let Err(failure) = &answer
            && matches!(failure.kind, FailureKind::Unreachable | FailureKind::Auth)
        {
            *self.known() = Some(LinkState::Down(failure.clone()));
        }
        answer
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<LinkState>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn since_ms(moment: Instant) -> i64 {
    i64::try_from(moment.elapsed().as_millis()).unwrap_or_default()
}

async fn content(session: &MongoSession<'_>, question: &Question) -> Result<Content, Failure> {
    match question {
        Question::Statement { statement, bind, shape, .. } => match &**statement {
            Statement::Mongo(query) => Ok(Content::Table(self::documents(session, query, bind, shape).await?)),
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

async fn documents(
    session: &MongoSession<'_>,
    query: &MongoQuery,
    bind: &Bind,
    shape: &ResultShape,
) -> Result<opsdash_core::contract::Table, Failure> {
    let mut stages = query::stages(query, bind)?;
    stages.push(match shape {
        ResultShape::List { limit, troubled, .. } => table::counted(*limit, *troubled),
        ResultShape::Rows { limit } => doc! { "$limit": i64::from(*limit) + 1 },
    });
    let found = match &query.input {
        MongoInput::Collection(name) => collected(session, Some(name), stages).await?,
        MongoInput::Commands(commands) => {
            stages.insert(0, commands::replies(session, commands).await?);
            collected(session, None, stages).await?
        }
    };
    match shape {
        ResultShape::List { row_key, limit, troubled } => {
            table::list(found.first().unwrap_or(&Document::new()), row_key, *limit, *troubled)
        }
        ResultShape::Rows { limit } => Ok(table::rows(&found, *limit)),
    }
}

/// What the stages make of a collection, or of themselves.
async fn collected(
    session: &MongoSession<'_>,
    collection: Option<&str>,
    stages: Vec<Document>,
) -> Result<Vec<Document>, Failure> {
    let collection = collection.map(|name| session.database.collection::<Document>(name));
    let aggregate = match &collection {
        Some(collection) => collection.aggregate(stages),
        None => session.database.aggregate(stages),
    };
    let found = async {
        let aggregate = aggregate.max_time(session.work()).selection_criteria(session.criteria.clone());
        aggregate.await?.try_collect::<Vec<Document>>().await
    };
    found.await.map_err(|error| session.failure(&error))
}
