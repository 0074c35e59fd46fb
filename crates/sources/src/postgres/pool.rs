//! The few connections of a source: opened when needed, kept for further reads, closed soon when there are
//! none: an administrator may want to drop or copy the database.
//!
//! The driver's pool is not used. It reports a refused connection as its own timeout, and a query whose future is
//! dropped keeps its connection blocked until the server is done.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use opsdash_core::contract::{Failure, FailureKind};
use sqlx::{Connection as _, PgConnection};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    connection::{Connection, Permit},
    endpoint::{self, Endpoint},
};
use crate::limits;

/// The connections of one source.
pub struct Pool {
    endpoints: Vec<Endpoint>,
    size: u32,
    permits: Arc<Semaphore>,
    /// The permit for the one connection that cancels.
    cancel_permit: Arc<Semaphore>,
    /// How long what is canceled may take to end.
    pub cancel_grace: Duration,
    idle: Mutex<Vec<Idle>>,
    /// The endpoint that accepted last: it is tried first.
    last_good: AtomicUsize,
}

struct Idle {
    session: PgConnection,
    endpoint: usize,
    opening: Duration,
    /// When it is closed, unless a read takes it before.
    until: Instant,
}

impl Pool {
    /// A pool for so many connections, which are opened when needed. `cancel_permit` has one permit.
    pub fn new(endpoints: Vec<Endpoint>, size: u32, cancel_permit: Arc<Semaphore>) -> Self {
        Self {
            endpoints,
            size,
            permits: Arc::new(Semaphore::new(size as usize)),
            cancel_permit,
            cancel_grace: limits::CANCEL_GRACE,
            idle: Mutex::default(),
            last_good: AtomicUsize::new(0),
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
        if let Some(Idle { session, endpoint, opening, .. }) = self.pop_idle() {
            return Ok(Connection { session, endpoint, opening, reused: true, permit });
        }
        let started = Instant::now();
        let first = self.last_good.load(Ordering::Relaxed);
        let (session, endpoint) = endpoint::connect_from(&self.endpoints, first, deadline).await?;
        self.last_good.store(endpoint, Ordering::Relaxed);
        Ok(Connection { session, endpoint, opening: started.elapsed(), reused: false, permit })
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

    /// Gives back a connection that is ready for the next read. It is closed when none comes soon.
    pub fn put_back(self: &Arc<Self>, connection: Connection) {
        let Connection { session, endpoint, opening, permit, .. } = connection;
        if !self.permits.is_closed() {
            let keep = idle_time(opening);
            self.idle().push(Idle { session, endpoint, opening, until: Instant::now() + keep });
            let pool = Arc::downgrade(self);
            tokio::spawn(async move {
                sleep(keep).await;
                if let Some(pool) = pool.upgrade() {
                    pool.close_expired().await;
                }
            });
        }
        drop(permit);
    }

    async fn close_expired(&self) {
        let now = Instant::now();
        let expired: Vec<Idle> = self.idle().extract_if(.., |idle| idle.until <= now).collect();
        for idle in expired {
            timeout(limits::CLOSE, idle.session.close()).await.ok();
        }
    }

    /// Drops the idle connections. When one of them was dead, the server has gone away and all are.
    pub fn drop_idle(&self) {
        self.idle().clear();
    }

    /// Waits until nothing runs, refuses further reads, and closes every connection. Returns how long it took to open the one
    /// that took longest.
    pub async fn drain(&self) -> Duration {
        // Whatever runs ends in time by itself.
        if let Ok(permits) = self.permits.acquire_many(self.size).await {
            permits.forget();
        }
        let opening = self.idle().iter().map(|idle| idle.opening).max().unwrap_or_default();
        self.close().await;
        opening
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
}

/// How long a connection is kept that took so long to open.
fn idle_time(opening: Duration) -> Duration {
    (opening * limits::IDLE_FOR_OPENING).clamp(limits::IDLE_QUICK_CONNECTION, limits::IDLE_CONNECTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_quickly_goes_soon_and_what_is_not_is_kept() {
        let kept = |opening_ms| idle_time(Duration::from_millis(opening_ms)).as_secs();
        assert_eq!([kept(8), kept(150), kept(1_000), kept(9_000)], [3, 3, 20, 180]);
    }
}
