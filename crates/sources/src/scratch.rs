//! Databases of our own, for the tests of packs: made empty, filled, read as any other, and dropped.
//!
//! Nothing else in this crate makes or drops anything. Names begin with [`PREFIX`], so that none is taken for another.

use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::{
    config::{Secret, SourceConfig, WriterLogin},
    pack::Engine,
};

use crate::{mongodb::MongoScratch, postgres::PostgresScratch, sqlserver::SqlServerScratch};

/// What the names of databases for tests begin with.
pub const PREFIX: &str = "opsdash_test_";

/// A server on which databases are made and dropped.
pub struct ScratchServer {
    url: String,
    server: Server,
}

enum Server {
    Postgres(Box<PostgresScratch>),
    Mongo(MongoScratch),
    TSql(Box<SqlServerScratch>),
}

impl ScratchServer {
    /// Connects to the server that a URL leads to, as that login. `run` names this run: a part of every name that it
    /// makes, and what the server shows of its connection.
    ///
    /// # Errors
    /// When it does not answer, or is no server.
    pub async fn open(engine: Engine, url: &str, run: &str) -> Result<Self, Failure> {
        let (config, name) = (reached_by(url), format!("{PREFIX}{run}"));
        let server = match engine {
            Engine::PostgreSql => Server::Postgres(Box::new(PostgresScratch::open(&config, &name).await?)),
            Engine::MongoDb if url.starts_with("mongodb") => Server::Mongo(MongoScratch::open(&config, &name).await?),
            Engine::SqlServer if url.starts_with("mssql") || url.starts_with("sqlserver") => {
                Server::TSql(Box::new(SqlServerScratch::open(&config, &name).await?))
            }
            other => {
                let what =
                    format!("a test makes its databases on a server of {}, which this URL is none of", other.word());
                return Err(Failure::new(FailureKind::Other, &what));
            }
        };
        Ok(Self { url: url.to_owned(), server })
    }

    /// Makes an empty database, and says how it is reached.
    ///
    /// # Errors
    /// When the login may not, or there is one of that name.
    pub async fn create(&self, name: &str) -> Result<SourceConfig, Failure> {
        let config = reached_by(&with_database(&self.url, name));
        match &self.server {
            Server::Postgres(postgres) => postgres.create(name).await.map(|()| config),
            // It makes a database with its first document.
            Server::Mongo(_) => Ok(config),
            Server::TSql(server) => {
                server.create(name).await?;
                let writer = WriterLogin { user: server.login().to_owned(), password: None };
                Ok(SourceConfig { writer: Some(writer), ..config })
            }
        }
    }

    /// Runs SQL statements in a database.
    ///
    /// # Errors
    /// What the server says, with the place in `text`.
    pub async fn run_sql(&self, name: &str, text: &str) -> Result<(), Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.run(name, text).await,
            Server::TSql(server) => server.run(name, text).await,
            Server::Mongo(_) => Err(Failure::new(FailureKind::Other, "MongoDB runs no SQL: give documents")),
        }
    }

    /// Inserts documents, an array in extended JSON, into a collection.
    ///
    /// # Errors
    /// When they are none, or what the server says.
    pub async fn insert(&self, name: &str, collection: &str, documents: Vec<serde_json::Value>) -> Result<(), Failure> {
        match &self.server {
            Server::Mongo(mongo) => mongo.insert(name, collection, documents).await,
            Server::Postgres(_) | Server::TSql(_) => {
                Err(Failure::new(FailureKind::Other, "this server takes no documents: give SQL"))
            }
        }
    }

    /// Makes a role that is not there yet; answers whether it was made.
    ///
    /// # Errors
    /// When the login may not.
    pub async fn make_role(&self, role: &str) -> Result<bool, Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.make_role(role).await,
            Server::Mongo(_) | Server::TSql(_) => Err(Failure::new(FailureKind::Other, "roles are PostgreSQL's")),
        }
    }

    /// From now on whoever connects to a database is this role.
    ///
    /// # Errors
    /// When the login is not a member of it.
    pub async fn become_role(&self, name: &str, role: &str) -> Result<(), Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.become_role(name, role).await,
            Server::Mongo(_) | Server::TSql(_) => Err(Failure::new(FailureKind::Other, "roles are PostgreSQL's")),
        }
    }

    /// Drops a role that [`ScratchServer::make_role`] made, after the databases in which it was given anything.
    ///
    /// # Errors
    /// What the server says.
    pub async fn drop_role(&self, role: &str) -> Result<(), Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.drop_role(role).await,
            Server::Mongo(_) | Server::TSql(_) => Ok(()),
        }
    }

    /// Drops a database that [`ScratchServer::create`] made, whoever is connected to it.
    ///
    /// # Errors
    /// What the server says.
    pub async fn drop_database(&self, name: &str) -> Result<(), Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.drop_database(name).await,
            Server::Mongo(mongo) => mongo.drop_database(name).await,
            Server::TSql(server) => server.drop_database(name).await,
        }
    }

    /// Databases that earlier runs of this login have left, because they ended before they could drop them. MongoDB does
    /// not tell whether a run is still at work.
    ///
    /// # Errors
    /// What the server says.
    pub async fn leftovers(&self) -> Result<Vec<String>, Failure> {
        match &self.server {
            Server::Postgres(postgres) => postgres.leftovers(PREFIX).await,
            Server::TSql(server) => server.leftovers(PREFIX).await,
            Server::Mongo(_) => Ok(Vec::new()),
        }
    }
}

/// What a test's statements may take, in ms: a test is of what they return, on a machine that may be busy with others.
const STATEMENT_MS: u32 = 30_000;

fn reached_by(url: &str) -> SourceConfig {
    SourceConfig { urls: vec![Secret(url.to_owned())], timeout_ms: Some(STATEMENT_MS), ..SourceConfig::default() }
}

/// The URL with another database. A login that MongoDB looks up in the database of the URL is looked up there still.
fn with_database(url: &str, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.split('#').next().unwrap_or(rest);
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = before.split_once('/').unwrap_or((before, ""));
    let mut pairs: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("dbname=")).collect();
    let auth = format!("authSource={database}");
    let names_login = scheme.starts_with("mongodb") && authority.contains('@') && !database.is_empty();
    if names_login && !pairs.iter().any(|pair| pair.to_ascii_lowercase().starts_with("authsource=")) {
        pairs.push(&auth);
    }
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{scheme}://{authority}/{name}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_all_but_its_database() {
        for (url, expected) in [
            ("postgres://al:pw@host:5433/prod", "postgres://al:pw@host:5433/mine"),
            ("postgres:///prod?host=/run/pg&dbname=other", "postgres:///mine?host=/run/pg"),
            ("postgresql://host", "postgresql://host/mine"),
            (
                "mongodb://al:pw@a:1,b:2/prod?replicaSet=rs",
                "mongodb://al:pw@a:1,b:2/mine?replicaSet=rs&authSource=prod",
            ),
            ("mongodb://al@host/prod?authSource=admin", "mongodb://al@host/mine?authSource=admin"),
            ("mongodb://host/prod", "mongodb://host/mine"),
            ("mssql://sa:p%2Fw@host:1433/master?encrypt=no", "mssql://sa:p%2Fw@host:1433/mine?encrypt=no"),
        ] {
            assert_eq!(with_database(url, "mine"), expected);
        }
    }
}
