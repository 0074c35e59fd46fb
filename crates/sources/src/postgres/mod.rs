//! PostgreSQL, directly or through PgBouncer.
//!
//! The way of a read: [`Postgres::read`](Engine::read) makes a [`PreparedRead`] and hands it to the [`Server`] that it is
//! for. The server starts a task for it, which waits for a connection of the pool and runs it there. A read whose caller
//! has gone away is canceled.

mod cancel;
mod connection;
mod decode;
mod describe;
mod endpoint;
mod failure;
mod inspect;
mod libpq;
mod numeric;
mod opening;
mod operators;
mod plan;
mod pool;
mod prepared_read;
mod scope;
mod scratch;
mod server;
mod statement;
mod table;
mod write;
mod zone;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use opsdash_core::{
    action::{Batch, BoundStatement, Outcome, TextRow},
    contract::{Answer, Facts, Failure, Freshness, Inspection, LinkState, Read, Ticket, Within},
    scope::ScopeList,
};
use opsdash_pack::{config::SourceConfig, pack::Scope};
use tokio::sync::Semaphore;

pub use self::{describe::describe, scratch::PostgresScratch};
use self::{
    endpoint::Endpoint,
    prepared_read::{OddStatements, PreparedRead},
    server::Server,
    zone::NaiveZone,
};
use crate::{
    engine::{self, Engine, Writer},
    limits,
    secrets::Secrets,
};

/// One PostgreSQL source.
pub struct Postgres {
    /// The server that is there for reading.
    server: Arc<Server>,
    /// With a replica for reads, or with several urls, the server that is written to. Reads that must see the latest write
    /// go there.
    primary: Option<Arc<Server>>,
    write_endpoints: Vec<Endpoint>,
    zone: Arc<NaiveZone>,
    odd_statements: Arc<OddStatements>,
}

impl Postgres {
    /// Reads the config; touches no network.
    ///
    /// # Errors
    /// A URL or a time zone that cannot be used.
    pub fn open(config: &SourceConfig, secrets: &Arc<dyn Secrets>, operator: &str) -> Result<Self, Failure> {
        let endpoints = endpoint::for_reads(config, secrets, operator)?;
        let write_endpoints = endpoint::for_writes(config, secrets, operator)?;
        let zone = Arc::new(NaiveZone::named(config.naive_zone.as_deref().unwrap_or("UTC"), config.schema.as_deref())?);
        // Of several urls the first that answers may be a standby, which lags behind a write.
        let has_others = config.replica_url.is_some() || write_endpoints.len() > 1;
        let primaries = || write_endpoints.iter().cloned().map(Endpoint::of_primary).collect();
        let primary = has_others.then(|| Arc::new(Server::new(primaries())));
        Ok(Self {
            server: Arc::new(Server::new(endpoints)),
            primary,
            write_endpoints,
            zone,
            odd_statements: Arc::default(),
        })
    }
}

/// As a part of a source of many databases.
impl Postgres {
    /// Another database of the same server, with the same login.
    pub fn of_database(&self, name: &str) -> Self {
        let of =
            |endpoints: &[Endpoint]| endpoints.iter().map(|endpoint| endpoint.of_database(name)).collect::<Vec<_>>();
        Self {
            server: Arc::new(Server::new(of(self.server.pool.endpoints()))),
            primary: None,
            write_endpoints: of(&self.write_endpoints),
            zone: self.zone.clone(),
            odd_statements: self.odd_statements.clone(),
        }
    }

    /// The same database by one connection, which is not open yet: reads wait for each other, and when it cannot be opened
    /// all that wait have failed. `canceling` is the permit to cancel, which several may share.
    pub fn by_one(&self, canceling: &Arc<Semaphore>) -> Self {
        let pool = &self.server.pool;
        Self {
            server: Arc::new(Server::sharing(pool.endpoints().to_vec(), canceling.clone(), self.server.link.clone())),
            primary: None,
            write_endpoints: self.write_endpoints.clone(),
            zone: self.zone.clone(),
            odd_statements: self.odd_statements.clone(),
        }
    }

    /// Waits until no read runs any more, and closes every connection. The server takes a moment more to forget it, which is
    /// nowhere told; returned is a time that is likely to be longer.
    pub async fn drain(&self) -> Duration {
        (self.server.pool.drain().await / 2).clamp(limits::CLOSING_AT_LEAST, limits::CLOSING_AT_MOST)
    }

    /// The name of the database; that of the login where the URL names none.
    pub fn database(&self) -> &str {
        self.server.pool.endpoints().first().map_or("", Endpoint::database)
    }

    /// Host and port, for messages.
    pub fn place(&self) -> &str {
        let label = self.server.pool.label(0);
        label.rsplit_once('/').map_or(label, |(place, _)| place)
    }
}

impl Engine for Postgres {
    /// The read runs in a task of its own, so that a caller that goes away leaves no running statement and no blocked
    /// connection.
    fn read<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>> {
        let primary = self.primary.as_ref().filter(|_| read.freshness == Freshness::Primary);
        let server = Arc::clone(primary.unwrap_or(&self.server));
        Box::pin(async move {
            engine::check_members(&read.within)?;
            let prepared = PreparedRead::new(read, Arc::clone(&self.zone), Arc::clone(&self.odd_statements))?;
            server.read(prepared, Duration::from_millis(read.limits.patience_ms.into())).await
        })
    }

    fn inspect<'a>(&'a self, inspection: &'a Inspection, within: &'a Within) -> BoxFuture<'a, Result<Facts, Failure>> {
        Box::pin(self.facts(inspection, within))
    }

    fn scopes<'a>(
        &'a self,
        scope: &'a Scope,
        ticket: Ticket,
        statement_ms: u32,
    ) -> BoxFuture<'a, Result<ScopeList, Failure>> {
        Box::pin(self.list_scopes(scope, ticket, statement_ms))
    }

    fn link(&self) -> Option<LinkState> {
        self.server.link()
    }

    fn retry_logins(&self) {
        let read = self.primary.iter().chain([&self.server]).flat_map(|server| server.pool.endpoints());
        read.chain(&self.write_endpoints).for_each(Endpoint::retry_login);
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.server.close().await;
            if let Some(primary) = &self.primary {
                primary.close().await;
            }
        })
    }

    fn writer(&self) -> Option<&dyn Writer> {
        Some(self)
    }
}

impl Writer for Postgres {
    fn plan<'a>(
        &'a self,
        write: &'a BoundStatement,
        within: &'a Within,
        work: Duration,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(self.plan_write(write, within, work))
    }

    fn preview<'a>(
        &'a self,
        preview: &'a BoundStatement,
        write: Option<&'a BoundStatement>,
        limit: usize,
        within: &'a Within,
        work: Duration,
    ) -> BoxFuture<'a, Result<Vec<TextRow>, Outcome>> {
        Box::pin(self.preview_rows(preview, write, limit, within, work))
    }

    fn act<'a>(&'a self, batch: Batch<'a>, within: &'a Within, work: Duration) -> BoxFuture<'a, Outcome> {
        Box::pin(self.write_batch(batch, within, work))
    }
}
