//! Sources: the only place that names a database driver.

pub mod byte_sink;
mod directory;
mod interner;
pub mod limits;
mod mongodb;
mod postgres;
mod text;
mod tls;

use std::{sync::Arc, time::Duration};

use opsdash_core::{
    action::{BoundStatement, Outcome, TextRow},
    contract::{Answer, Facts, Failure, FailureKind, Inspection, LinkState, Read, StoredFile},
};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    pack::{Action, Engine},
};

use self::{
    byte_sink::{ByteSink, ReadError},
    directory::Directory,
    mongodb::Mongo,
    postgres::Postgres,
};

/// One bound source. Cloning it is cheap, and every clone shares its connections.
#[derive(Clone)]
pub struct Source {
    name: Arc<str>,
    server: Server,
    /// One file is read at a time, whoever asks.
    reader: Arc<tokio::sync::Semaphore>,
}

#[derive(Clone)]
enum Server {
    Postgres(Arc<Postgres>),
    Mongo(Arc<Mongo>),
    Directory(Arc<Directory>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

impl Source {
    /// Reads the config of a source; touches no network. `password` is what [`SourceConfig::password`] resolved to,
    /// and `operator` names who works, for the server's list of connections.
    ///
    /// # Errors
    /// A URL, a zone or a CA file that cannot be used; no message holds a secret.
    pub fn open(
        name: &str,
        engine: Engine,
        config: &SourceConfig,
        password: Option<&Secret>,
        operator: &str,
    ) -> Result<Self, Failure> {
        let server = match engine {
            Engine::PostgreSql => Server::Postgres(Arc::new(Postgres::open(config, password, operator)?)),
            // Where files lie in a folder, it stands in for the server that holds them elsewhere.
            Engine::MongoDb if Directory::is_meant(config) => Server::Directory(Arc::new(Directory::open(config)?)),
            Engine::MongoDb => Server::Mongo(Arc::new(Mongo::open(config, password, operator)?)),
            Engine::SqlServer => {
                let what = format!("source {name}: SQL Server is not served yet");
                return Err(Failure::new(FailureKind::Other, &what));
            }
        };
        Ok(Self { name: name.into(), server, reader: Arc::new(tokio::sync::Semaphore::new(1)) })
    }

    /// Asks. Whatever the server and the link do, it ends within the read's timeout and [`limits::MARGIN`]; where all
    /// connections are busy with other reads, the wait for one may take as long again. Dropping the future cancels
    /// what runs on the server.
    ///
    /// # Errors
    /// Why there is no answer; the next read starts afresh, nothing needs a restart.
    pub async fn read(&self, read: &Read) -> Result<Answer, Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.read(read).await,
            Server::Mongo(mongo) => mongo.read(read).await,
            Server::Directory(directory) => directory.read(read).await,
        }
    }

    /// Looks at the server: its version, the login, the catalogs. Writes nothing, and ends in time as
    /// [`Source::read`] does.
    ///
    /// # Errors
    /// Why nothing is known.
    pub async fn inspect(&self, inspection: &Inspection) -> Result<Facts, Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.inspect(inspection).await,
            Server::Mongo(mongo) => mongo.inspect(inspection).await,
            Server::Directory(directory) => directory.inspect(inspection).await,
        }
    }

    /// Looks, on the primary, at the rows that an action writes: at most `limit`, and one more when there are more. With
    /// `write`, the server is asked too whether the login may run it; nothing is written.
    ///
    /// # Errors
    /// Why they cannot be seen or must not be written, as the outcome of an action.
    pub async fn preview(
        &self,
        call: &BoundStatement,
        write: Option<&BoundStatement>,
        limit: usize,
        work: Duration,
    ) -> Result<Vec<TextRow>, Outcome> {
        match &self.server {
            Server::Postgres(postgres) => postgres.preview(call, write, limit, work).await,
            Server::Mongo(_) | Server::Directory(_) => Err(reads_only()),
        }
    }

    /// Writes one batch in one transaction, on the primary, on a connection of its own: the rows of `write` as they were
    /// `seen`, or nothing. `preview` finds them again, to tell what they are instead, or what became of a write whose end was
    /// not heard; that may take [`limits::FIND_OUT`] longer. Dropping the future leaves the outcome unknown.
    pub async fn act(
        &self,
        action: &Action,
        write: &BoundStatement,
        preview: &BoundStatement,
        seen: &[TextRow],
        work: Duration,
    ) -> Outcome {
        match &self.server {
            Server::Postgres(postgres) => postgres.act(action, write, preview, seen, work).await,
            Server::Mongo(_) | Server::Directory(_) => reads_only(),
        }
    }

    /// Reads all bytes of a file of a bucket, in their order, into the flow; they are those of its record, or it fails. What
    /// it needs of memory does not grow with the file. Of several files one is read at a time.
    ///
    /// # Errors
    /// Bytes that are not what the store's own record says; a store that does not answer for
    /// [`limits::FILE_SILENCE`], of a replica set [`limits::SET_SILENCE`]; a reader that has gone.
    pub async fn read_file(&self, bucket: &str, file: &StoredFile, sink: &mut ByteSink<'_>) -> Result<(), ReadError> {
        // Never closed, so that a permit always comes.
        let _turn = self.reader.acquire().await;
        sink.begin();
        match &self.server {
            Server::Mongo(mongo) => mongo.read_file(bucket, file, sink).await,
            Server::Directory(directory) => directory.read_file(bucket, file, sink).await,
            Server::Postgres(_) => {
                Err(ReadError::Failed(Failure::new(FailureKind::Other, "a PostgreSQL source stores no files")))
            }
        }
    }

    /// What the last read learned of the link; `None` before the first one ended.
    #[must_use]
    pub fn link(&self) -> Option<LinkState> {
        match &self.server {
            Server::Postgres(postgres) => postgres.link(),
            Server::Mongo(mongo) => mongo.link(),
            Server::Directory(directory) => directory.link(),
        }
    }

    /// Closes what is idle and refuses further reads, within [`limits::CLOSE`].
    pub async fn close(self) {
        match &self.server {
            Server::Postgres(postgres) => postgres.close().await,
            Server::Mongo(mongo) => mongo.close().await,
            Server::Directory(_) => {}
        }
    }
}

fn reads_only() -> Outcome {
    Outcome::Refused("actions write to PostgreSQL only".into())
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
