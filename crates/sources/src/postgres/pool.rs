//! The few connections of a source: opened when needed, kept for further reads, closed when long idle.
//!
//! The driver's pool is not used. It reports a refused connection as its own timeout, and a query whose future is
//! dropped keeps its connection blocked until the server is done.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use opsdash_core::contract::{Failure, FailureKind};
use sqlx::{Connection as _, PgConnection};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout, timeout_at},
};

use super::{
    connection::{Connection, Permit},
    endpoint::{self, Endpoint},
};
use crate::limits;

/// The connections of one source.
pub struct Pool {
    endpoints: Vec<Endpoint>,
    permits: Arc<Semaphore>,
    /// The permit for the one connection that cancels.
    cancel_permit: Semaphore,
    idle: Mutex<Vec<Idle>>,
    has_sweeper: AtomicBool,
}

struct Idle {
    session: PgConnection,
    endpoint: usize,
    since: Instant,
}

impl Pool {
    /// A pool without connections. They are opened when needed.
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        Self {
            endpoints,
            permits: Arc::new(Semaphore::new(limits::CONNECTIONS)),
            cancel_permit: Semaphore::new(1),
            idle: Mutex::default(),
            has_sweeper: AtomicBool::new(false),
        }
    }

    /// The endpoints of the server, in the order to try them.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The name of an endpoint in messages.
    pub fn label(&self, endpoint: usize) -> &str {
        self.endpoints.get(endpoint).map_or("", |endpoint| &endpoint.label)
    }

    /// Waits for a permit until the deadline.
    ///
    /// # Errors
    /// A closed source, or no permit in time.
    pub async fn permit(self: &Arc<Self>, deadline: Instant) -> Result<Permit, Failure> {
        self.start_sweeper();
        match timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Permit(permit)),
            Ok(Err(_)) => Err(Failure::new(FailureKind::Other, "the source is closed")),
            Err(_) => {
                let why = "the connections of this source were busy with other reads all the time";
                Err(Failure::new(FailureKind::Timeout, why))
            }
        }
    }

    /// An idle connection, or a new one.
    ///
    /// # Errors
    /// Why a new one could not be opened.
    pub async fn take(&self, permit: Permit, deadline: Instant) -> Result<Connection, Failure> {
        if let Some(Idle { session, endpoint, .. }) = self.pop_idle() {
            return Ok(Connection { session, endpoint, reused: true, permit });
        }
        let (session, endpoint) = endpoint::connect(&self.endpoints, deadline).await?;
        Ok(Connection { session, endpoint, reused: false, permit })
    }

    /// A connection to the server whose statement is to be canceled, outside the limit of the pool. There is one at a
    /// time; `None` when there is none by the deadline.
    pub async fn cancel_connection(
        &self,
        endpoint: usize,
        deadline: Instant,
    ) -> Option<(PgConnection, tokio::sync::SemaphorePermit<'_>)> {
        let permit = timeout_at(deadline, self.cancel_permit.acquire()).await.ok()?.ok()?;
        let (connection, _) = endpoint::connect(self.endpoints.get(endpoint..=endpoint)?, deadline).await.ok()?;
        Some((connection, permit))
    }

    /// Gives back a connection that is ready for the next read.
    pub fn put_back(&self, connection: Connection) {
        let Connection { session, endpoint, permit, .. } = connection;
        if !self.permits.is_closed() {
            self.idle().push(Idle { session, endpoint, since: Instant::now() });
        }
        drop(permit);
    }

    /// Drops the idle connections. When one of them was dead, the server has gone away and all are.
    pub fn drop_idle(&self) {
        self.idle().clear();
    }

    /// Refuses further reads and closes the idle connections, within [`limits::CLOSE`].
    pub async fn close(&self) {
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        let closing = idle.into_iter().map(|idle| idle.session.close());
        timeout(limits::CLOSE, futures_util::future::join_all(closing)).await.ok();
    }

    fn pop_idle(&self) -> Option<Idle> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the task that closes idle connections, unless it runs already. The task ends with the pool.
    fn start_sweeper(self: &Arc<Self>) {
        if !self.has_sweeper.swap(true, Ordering::Relaxed) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }
}

async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(limits::IDLE_SWEEP).await;
        let Some(pool) = pool.upgrade() else { return };
        let expired: Vec<Idle> =
            pool.idle().extract_if(.., |idle| idle.since.elapsed() > limits::IDLE_CONNECTION).collect();
        for idle in expired {
            timeout(limits::CLOSE, idle.session.close()).await.ok();
        }
    }
}
