//! The databases and file stores that opsdash reads and writes. No other crate names a database driver.
//!
//! What a [`Source`] promises:
//!
//! - A read writes nothing. PostgreSQL runs it in a read-only transaction, and its settings end with the transaction; to
//!   SQL Server only queries are sent, and the transaction is rolled back.
//! - Every call ends in time, whatever the server and the network do. [`limits`] holds the bounds.
//! - Reads take at most three connections to each server. Each write opens one of its own.
//! - A read that its caller drops ends on the server too.
//! - Texts of an answer are inert: they hold no control characters. Row keys are raw, so that they find their row
//!   again.
//! - No error message holds a password.

pub mod byte_sink;
mod directory;
mod engine;
mod family;
mod interner;
mod judgement;
pub mod limits;
mod login_memory;
mod mongodb;
mod postgres;
pub mod scratch;
mod secrets;
mod sqlserver;
mod text;
mod tls;

use std::{sync::Arc, time::Duration};

use opsdash_core::{
    action::{Batch, BoundStatement, Outcome, TextRow},
    contract::{
        Answer, DatabaseDescription, Facts, Failure, FailureKind, Inspection, LinkState, Read, StoredFile, Ticket,
        Within,
    },
    scope::ScopeList,
};
use opsdash_pack::{
    config::{Protocol, Secret, SourceConfig},
    pack::Scope,
};

use self::{
    byte_sink::{ByteSink, ReadError},
    directory::Directory,
    family::Family,
    mongodb::Mongo,
    postgres::Postgres,
    sqlserver::SqlServer,
};
pub use self::{
    engine::{Engine, FileStore, ToldMember, Writer},
    family::{AlsoMember, Ask, Kin},
    secrets::Secrets,
};

/// A source of a target. Cloning it is cheap, and every clone shares its connections.
#[derive(Clone)]
pub struct Source {
    name: Arc<str>,
    engine: Arc<dyn Engine>,
    /// One file is read at a time, for all clones together.
    file_permit: Arc<tokio::sync::Semaphore>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

impl Source {
    /// Reads the config of a source; touches no network. The URL's scheme alone decides what serves it. `secrets` is
    /// asked for the password at every connection. `operator` is the name of the person at work; it appears in the
    /// server's list of connections.
    ///
    /// # Errors
    /// A URL or a time zone that cannot be used.
    pub fn open(name: &str, config: &SourceConfig, secrets: Arc<dyn Secrets>, operator: &str) -> Result<Self, Failure> {
        Self::open_with_writer(name, config, secrets, None, operator)
    }

    /// As [`Source::open`]; `writer` is asked for the password of the login that writes, where the config names one.
    ///
    /// # Errors
    /// As [`Source::open`].
    #[expect(clippy::needless_pass_by_value, reason = "every endpoint of the source keeps it")]
    pub fn open_with_writer(
        name: &str,
        config: &SourceConfig,
        secrets: Arc<dyn Secrets>,
        writer: Option<Arc<dyn Secrets>>,
        operator: &str,
    ) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::new(FailureKind::Other, &format!("source {name}: {what}"));
        let engine: Arc<dyn Engine> = match config.protocol() {
            Some(Protocol::PostgreSql) => Arc::new(Postgres::open(config, &secrets, operator)?),
            Some(Protocol::MongoDb) => Arc::new(Mongo::open(config, &secrets, operator)?),
            Some(Protocol::Folder) => Arc::new(Directory::open(config)?),
            Some(Protocol::SqlServer) => Arc::new(SqlServer::open(config, &secrets, writer.as_ref(), operator)?),
            None => return Err(wrong("it has no url, or one of no known kind")),
        };
        Ok(Self { name: name.into(), engine, file_permit: Arc::new(tokio::sync::Semaphore::new(1)) })
    }

    /// The same for a source that stands for many databases.
    ///
    /// # Errors
    /// A URL that cannot be used, or of something else than PostgreSQL, or a time zone that cannot be used.
    #[expect(clippy::needless_pass_by_value, reason = "every endpoint of the source keeps it")]
    pub fn open_family(
        name: &str,
        config: &SourceConfig,
        secrets: Arc<dyn Secrets>,
        operator: &str,
        kin: Kin<'_>,
    ) -> Result<Self, Failure> {
        if config.protocol() != Some(Protocol::PostgreSql) {
            let what = format!("source {name}: a family is of databases of PostgreSQL");
            return Err(Failure::new(FailureKind::Other, &what));
        }
        let engine = Arc::new(Family::open(config, &secrets, operator, kin)?);
        Ok(Self { name: name.into(), engine, file_permit: Arc::new(tokio::sync::Semaphore::new(1)) })
    }

    /// Runs a read. It ends within the patience of the read. When all connections are busy with other reads, the wait
    /// for one may take as long again. Dropping the future cancels the statement on the server.
    ///
    /// # Errors
    /// Why there is no answer. The next read tries anew: after an outage nothing needs a restart.
    pub async fn read(&self, read: &Read) -> Result<Answer, Failure> {
        self.engine.read(read).await
    }

    /// Reads facts about the server: its version, the login, the catalogs. Writes nothing, and ends in time like
    /// [`Source::read`].
    ///
    /// # Errors
    /// Why there are no facts.
    pub async fn inspect(&self, inspection: &Inspection, within: &Within) -> Result<Facts, Failure> {
        self.engine.inspect(inspection, within).await
    }

    /// Reads facts about every database of a family, of its usual kind, a few at a time, and tells those of each as they
    /// come. `false` where the source is one database: then nothing is told.
    pub async fn inspect_members(&self, inspection: &Inspection, within: &Within, told: ToldMember<'_>) -> bool {
        self.engine.inspect_members(inspection, within, told).await
    }

    /// Lists what can be chosen of a scope, and whether the policies of the server bind the login. It is asked without a
    /// scope, and ends in time like [`Source::read`]; `statement_ms` is how long the server may work on a statement.
    ///
    /// # Errors
    /// Why there is no list, policies that would cut it short among them.
    pub async fn scopes(&self, scope: &Scope, ticket: Ticket, statement_ms: u32) -> Result<ScopeList, Failure> {
        self.engine.scopes(scope, ticket, statement_ms).await
    }

    /// Reads, on the primary, the rows that an action would write: at most `limit` rows, and one more when there are
    /// more. With `write`, also asks the server whether the login may run that statement. Writes nothing. `work` is how
    /// long the server may work on one statement.
    ///
    /// # Errors
    /// Why the rows cannot be read or must not be written, as the outcome of an action.
    pub async fn preview(
        &self,
        preview: &BoundStatement,
        write: Option<&BoundStatement>,
        limit: usize,
        within: &Within,
        work: Duration,
    ) -> Result<Vec<TextRow>, Outcome> {
        match self.engine.writer() {
            Some(writer) => writer.preview(preview, write, limit, within, work).await,
            None => Err(no_writes()),
        }
    }

    /// Plans a statement of an action on the primary without running it, and tells the columns that it returns. The
    /// server checks its text, its types and the login's rights. `work` is how long the server may work on it.
    ///
    /// # Errors
    /// What is wrong with it, with its place in the statement where the server tells one.
    pub async fn plan(&self, write: &BoundStatement, within: &Within, work: Duration) -> Result<Vec<String>, Failure> {
        match self.engine.writer() {
            Some(writer) => writer.plan(write, within, work).await,
            None => Err(Failure::new(FailureKind::Other, NO_WRITES)),
        }
    }

    /// Writes one batch in one transaction, on the primary, on a connection of its own. Either all rows of the batch are
    /// written as they were seen, or none. When a row has changed, the preview reads what it is now. When COMMIT was
    /// not answered, it helps to find out whether it took effect; this may take [`limits::RESOLVE_COMMIT`] longer. `work` is how long the server may work on one statement. Dropping the future leaves the outcome unknown.
    pub async fn act(&self, batch: Batch<'_>, within: &Within, work: Duration) -> Outcome {
        match self.engine.writer() {
            Some(writer) => writer.act(batch, within, work).await,
            None => no_writes(),
        }
    }

    /// Reads a file of a bucket into `sink`, in order. Succeeds only when the bytes match the store's record of the
    /// file. The memory needed does not grow with the file. Concurrent calls read one file after the other.
    ///
    /// # Errors
    /// Bytes that do not match the store's own record; a store that sends nothing for [`limits::FILE_STALL`] (a replica
    /// set: [`limits::REPLICA_SET_STALL`]); a reader that has gone; a source that stores no files.
    pub async fn read_file(&self, bucket: &str, file: &StoredFile, sink: &mut ByteSink<'_>) -> Result<(), ReadError> {
        let Some(files) = self.engine.files() else {
            return Err(ReadError::Failed(Failure::new(FailureKind::Other, "the source stores no files")));
        };
        // The semaphore is never closed, so this cannot fail.
        let _permit = self.file_permit.acquire().await;
        sink.start();
        files.read_file(bucket, file, sink).await
    }

    /// The state of the link after the last read; `None` before the first read ended.
    #[must_use]
    pub fn link(&self) -> Option<LinkState> {
        self.engine.link()
    }

    /// Lets a login be tried again that was refused. Until then, and without another password, it is not.
    pub fn retry_logins(&self) {
        self.engine.retry_logins();
    }

    /// Closes idle connections and refuses further reads, within [`limits::CLOSE`].
    pub async fn close(self) {
        self.engine.close().await;
    }
}

/// What every other engine says to an action.
const NO_WRITES: &str = "actions write to PostgreSQL and SQL Server only";

/// What the database at a URL holds, from its catalogs alone.
///
/// # Errors
/// When it does not answer, or is no PostgreSQL.
pub async fn describe(url: &str, operator: &str) -> Result<DatabaseDescription, Failure> {
    let config = SourceConfig { urls: vec![Secret(url.to_owned())], ..SourceConfig::default() };
    postgres::describe(&config, operator).await
}

fn no_writes() -> Outcome {
    Outcome::Refused(NO_WRITES.into())
}
