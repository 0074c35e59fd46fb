//! The few connections that a source may cost: opened when needed, kept, closed when idle for long.
//!
//! Not the driver's pool: it reports a refused connection as its own timeout, and a query whose future is dropped
//! blocks its place until the server is done.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use opsdash_core::contract::{Failure, FailureKind};
use sqlx::{Connection as _, PgConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};

use super::connect::{self, Endpoint};
use crate::limits;

/// The connections of one source.
pub struct Pool {
    endpoints: Vec<Endpoint>,
    permits: Arc<Semaphore>,
    /// The one place for a connection that cancels.
    side: Semaphore,
    idle: Mutex<Vec<Idle>>,
    swept: AtomicBool,
}

struct Idle {
    session: PgConnection,
    endpoint: usize,
    since: Instant,
}

/// A connection in use, with its permit.
pub struct Connection {
    /// The connection.
    pub session: PgConnection,
    /// Which of the source's places it leads to.
    pub endpoint: usize,
    /// Whether it has served before, and may have been cut since.
    pub reused: bool,
    /// The right to have it.
    pub permit: Permit,
}

/// The right to one of the connections.
pub struct Permit(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Pool {
    /// No connection yet.
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        Self {
            endpoints,
            permits: Arc::new(Semaphore::new(limits::CONNECTIONS)),
            side: Semaphore::new(1),
            idle: Mutex::default(),
            swept: AtomicBool::new(false),
        }
    }

    /// The ways to the server, in the order to try them.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// What a place is called in messages.
    pub fn label(&self, endpoint: usize) -> &str {
        self.endpoints.get(endpoint).map_or("", |endpoint| &endpoint.label)
    }

    /// The right to one of the connections; waits until the deadline for it.
    pub async fn permit(self: &Arc<Self>, deadline: Instant) -> Result<Permit, Failure> {
        self.sweep_from_now_on();
        match timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Permit(permit)),
            Ok(Err(_)) => Err(Failure::new(FailureKind::Other, "the source is closed")),
            Err(_) => {
                let why = "the connections of this source were busy with other reads all the time";
                Err(Failure::new(FailureKind::Timeout, why))
            }
        }
    }

    /// A connection: an idle one, else a new one.
    pub async fn take(&self, permit: Permit, deadline: Instant) -> Result<Connection, Failure> {
        if let Some(Idle { session, endpoint, .. }) = self.pop_idle() {
            return Ok(Connection { session, endpoint, reused: true, permit });
        }
        let (session, endpoint) = connect::connect(&self.endpoints, deadline).await?;
        Ok(Connection { session, endpoint, reused: false, permit })
    }

    /// A connection beside the lanes to the server that runs what is to be canceled. Waits for its turn: there is one.
    pub async fn beside(
        &self,
        endpoint: usize,
        deadline: Instant,
    ) -> Option<(PgConnection, tokio::sync::SemaphorePermit<'_>)> {
        let permit = timeout_at(deadline, self.side.acquire()).await.ok()?.ok()?;
        let (connection, _) = connect::connect(self.endpoints.get(endpoint..=endpoint)?, deadline).await.ok()?;
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

    /// Drops what is idle: the server went away and every old connection with it.
    pub fn forget_idle(&self) {
        self.idle().clear();
    }

    /// Refuses further reads and says goodbye on the idle connections, within [`limits::CLOSE`].
    pub async fn close(&self) {
        self.permits.close();
        let idle = std::mem::take(&mut *self.idle());
        let goodbyes = idle.into_iter().map(|idle| idle.session.close());
        timeout(limits::CLOSE, futures_util::future::join_all(goodbyes)).await.ok();
    }

    fn pop_idle(&self) -> Option<Idle> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the task that closes idle connections, once; it ends with the source.
    fn sweep_from_now_on(self: &Arc<Self>) {
        if !self.swept.swap(true, Ordering::Relaxed) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }
}

async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(limits::IDLE_SWEEP).await;
        let Some(pool) = pool.upgrade() else { return };
        let old: Vec<Idle> =
            pool.idle().extract_if(.., |idle| idle.since.elapsed() > limits::IDLE_CONNECTION).collect();
        for idle in old {
            timeout(limits::CLOSE, idle.session.close()).await.ok();
        }
    }
}
