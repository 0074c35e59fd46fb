//! SQL Server, by TDS.
//!
//! No transaction of SQL Server only reads, no statement has a time limit there, and T-SQL takes no query with an order as a
//! subquery. So the scanner of packs lets only queries through, a read ends with ROLLBACK, whoever waits no longer
//! sends an attention, and rows are ranked here. A connection that was left within an answer is never used again.

mod catalog;
mod decode;
mod endpoint;
mod failure;
mod inspect;
mod ranked;
mod scratch;
mod server;
mod session;
mod statement;
mod write;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use opsdash_core::{
    action::{Batch, BoundStatement, Outcome, TextRow},
    contract::{Answer, Facts, Failure, FailureKind, Freshness, Inspection, LinkState, Question, Read, Within},
};
use opsdash_pack::{config::SourceConfig, dialect::Flavor, pack::Statement};

pub use self::scratch::SqlServerScratch;
use self::{decode::NaiveZone, endpoint::Endpoint, server::Server, session::PreparedRead};
use crate::{
    engine::{self, Engine, Writer},
    secrets::Secrets,
};

/// One source of SQL Server.
pub struct SqlServer {
    /// The server that is there for reading.
    server: Arc<Server>,
    /// With a replica for reads, the server that is written to. Reads that must see the latest write go there.
    primary: Option<Arc<Server>>,
    /// Of the login that writes; none where actions are off.
    write_endpoints: Vec<Endpoint>,
    zone: Arc<NaiveZone>,
}

impl SqlServer {
    /// Reads the config; touches no network. `writer` gives the password of the login that writes.
    ///
    /// # Errors
    /// A URL or a time zone that cannot be used.
    pub fn open(
        config: &SourceConfig,
        secrets: &Arc<dyn Secrets>,
        writer: Option<&Arc<dyn Secrets>>,
        operator: &str,
    ) -> Result<Self, Failure> {
        let endpoints = endpoint::for_reads(config, secrets, operator)?;
        let write_endpoints = match (&config.writer, writer) {
            (Some(login), Some(secrets)) => endpoint::for_writes(config, login, secrets, operator)?,
            _ => Vec::new(),
        };
        let primary = match &config.replica_url {
            Some(_) => {
                let urls = SourceConfig { replica_url: None, ..config.clone() };
                Some(Arc::new(Server::new(endpoint::for_reads(&urls, secrets, operator)?)))
            }
            None => None,
        };
        let zone = NaiveZone::named(config.naive_zone.as_deref().unwrap_or("UTC"))?;
        Ok(Self { server: Arc::new(Server::new(endpoints)), primary, write_endpoints, zone: Arc::new(zone) })
    }

    fn prepare(&self, read: &Read) -> Result<PreparedRead, Failure> {
        let failed = |what: &str| Failure::new(FailureKind::Other, what);
        let Question::Statement { statement, bind, shape } = &read.question else {
            return Err(failed("a source of SQL Server stores no files"));
        };
        let sql = match &**statement {
            Statement::Sql(sql) if sql.flavor == Flavor::SqlServer => sql,
            other => return Err(failed(&format!("{} is no T-SQL, and the source is SQL Server", other.file()))),
        };
        Ok(PreparedRead {
            text: sql.text.clone(),
            params: statement::params(sql, bind),
            shape: shape.clone(),
            zone: Arc::clone(&self.zone),
            work: Duration::from_millis(read.limits.statement_ms.into()),
        })
    }
}

impl Engine for SqlServer {
    /// The read runs in a task of its own, so that a caller that goes away leaves no running statement.
    fn read<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>> {
        let primary = self.primary.as_ref().filter(|_| read.freshness == Freshness::Primary);
        let server = Arc::clone(primary.unwrap_or(&self.server));
        Box::pin(async move {
            engine::check_unscoped(&read.within, "SQL Server")?;
            server.read(self.prepare(read)?, Duration::from_millis(read.limits.patience_ms.into())).await
        })
    }

    fn inspect<'a>(&'a self, inspection: &'a Inspection, within: &'a Within) -> BoxFuture<'a, Result<Facts, Failure>> {
        Box::pin(self.facts(inspection, within))
    }

    fn link(&self) -> Option<LinkState> {
        self.server.link()
    }

    fn retry_logins(&self) {
        let read = self.primary.iter().chain([&self.server]).flat_map(|server| &server.endpoints);
        read.chain(&self.write_endpoints).for_each(Endpoint::retry_login);
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.primary.iter().chain([&self.server]).for_each(|server| server.close());
        Box::pin(std::future::ready(()))
    }

    fn writer(&self) -> Option<&dyn Writer> {
        Some(self)
    }
}

impl Writer for SqlServer {
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
