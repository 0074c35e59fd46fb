//! One server that is read: its connections, and what becomes of a read there.
//!
//! [`Connection::run`] gives a [`ReadResult`], which becomes the answer. This module schedules the steps around it, and
//! cancels a read whose caller has gone away.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use opsdash_core::contract::{Answer, Failure, FailureKind, LinkState};
use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    cancel,
    connection::{BackendPid, Connection, Permit, ReadResult},
    endpoint::{self, Endpoint},
    failure,
    operators::OperatorPoll,
    pool::Pool,
    prepared_read::PreparedRead,
};
use crate::limits;

/// One server, by all of its endpoints.
pub struct Server {
    pub pool: Arc<Pool>,
    /// Shared with others that lead to the same database.
    pub link: Arc<Mutex<Option<(LinkState, Instant)>>>,
    operator_poll: OperatorPoll,
}

type Reply = oneshot::Sender<Result<Answer, Failure>>;

type RunningRead<'a> = Pin<Box<dyn Future<Output = Result<ReadResult, sqlx::Error>> + Send + 'a>>;

/// What became of a read on one connection.
enum Attempt {
    /// The caller has an answer, or has gone away.
    Ended,
    /// The reused connection was dead, and nothing is answered yet.
    Stale(Reply, Permit),
}

impl Server {
    /// A server that is not connected to yet.
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        let pool = Arc::new(Pool::new(endpoints, limits::CONNECTIONS, Arc::new(Semaphore::new(1))));
        Self { pool, link: Arc::default(), operator_poll: OperatorPoll::default() }
    }

    /// The same of one connection, with a permit to cancel and a link that are not its own alone.
    pub fn sharing(
        endpoints: Vec<Endpoint>,
        canceling: Arc<Semaphore>,
        link: Arc<Mutex<Option<(LinkState, Instant)>>>,
    ) -> Self {
        let mut pool = Pool::new(endpoints, 1, canceling);
        // Those that share the permit are canceled one after the other.
        pool.cancel_grace = limits::SHARED_CANCEL_GRACE;
        Self { pool: Arc::new(pool), link, operator_poll: OperatorPoll::default() }
    }

    /// Runs the read in a task of its own. Dropping the future cancels it.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn read(self: Arc<Self>, prepared: PreparedRead, patience: Duration) -> Result<Answer, Failure> {
        let (reply, answer) = oneshot::channel();
        tokio::spawn(self.serve(prepared, patience, reply));
        answer.await.unwrap_or_else(|_| Err(Failure::new(FailureKind::Other, "the read broke off inside opsdash")))
    }

    /// The state of the link after the last read; `None` before the first one.
    pub fn link(&self) -> Option<LinkState> {
        self.link_state().as_ref().map(|(link, _)| link.clone())
    }

    /// Closes the idle connections and refuses further reads.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Waits for a permit, then answers. The time spent waiting does not count against the read's own patience.
    async fn serve(self: Arc<Self>, prepared: PreparedRead, patience: Duration, mut reply: Reply) {
        let queued_at = Instant::now();
        let permit = tokio::select! {
            biased;
            () = reply.closed() => return,
            permit = self.pool.permit(queued_at + patience) => permit,
        };
        // When another read has found the link dead meanwhile, this one fails at once.
        match self.link_failure_since(queued_at).map_or(permit, Err) {
            Ok(permit) => self.answer(&prepared, permit, Instant::now() + patience, reply).await,
            Err(failure) => send(reply, Err(failure)),
        }
    }

    /// Runs the read on a connection of the pool. When that connection turns out to be dead, tries once more on
    /// another.
    async fn answer(&self, prepared: &PreparedRead, mut permit: Permit, deadline: Instant, mut reply: Reply) {
        let mut is_retry = false;
        loop {
            let connection = tokio::select! {
                biased;
                () = reply.closed() => return,
                connection = self.pool.take(permit, deadline) => connection,
            };
            let connection = match connection {
                Ok(connection) => connection,
                Err(failure) => {
                    if failure.kind.is_of_source() {
                        self.record_link(LinkState::Down(failure.clone()));
                    }
                    send(reply, Err(failure));
                    return;
                }
            };
            match self.run_on(connection, prepared, deadline, reply, is_retry).await {
                Attempt::Ended => return,
                Attempt::Stale(open_reply, free_permit) => (reply, permit) = (open_reply, free_permit),
            }
            is_retry = true;
        }
    }

    /// Runs the read on this connection and answers. Then gives the connection back to the pool, or drops it.
    async fn run_on(
        &self,
        mut connection: Connection,
        prepared: &PreparedRead,
        deadline: Instant,
        mut reply: Reply,
        is_retry: bool,
    ) -> Attempt {
        let (backend, endpoint) = (BackendPid::default(), connection.endpoint);
        let may_be_stale = connection.reused && !is_retry;
        // Decided only now: of the reads that wait together for a connection, one poll is enough.
        let polls_operators = self.operator_poll.is_due();
        let started = Instant::now();
        let mut running: RunningRead = Box::pin(connection.run(prepared, polls_operators, deadline, &backend));
        let end = match wait(&mut running, deadline, &mut reply).await {
            Some(Err(error)) if may_be_stale && failure::is_broken_link(&error) => {
                self.pool.drop_idle();
                drop(running);
                return Attempt::Stale(reply, connection.permit);
            }
            Some(Ok(result)) => {
                self.record_success(&result);
                send(reply, result.into_answer());
                Some(Ok(()))
            }
            Some(Err(error)) => {
                send(reply, Err(self.record_error(&error, endpoint).at(prepared.place_of(&error))));
                Some(Err(error))
            }
            None if reply.is_closed() => self.cancel(&mut running, prepared, &backend, endpoint).await,
            None => {
                send(reply, Err(self.record_timeout(started, &backend, endpoint)));
                // A server that has answered nothing is unreachable: there is nothing to cancel.
                match backend.get() {
                    Some(_) => self.cancel(&mut running, prepared, &backend, endpoint).await,
                    None => None,
                }
            }
        };
        drop(running);
        self.release(connection, end).await;
        Attempt::Ended
    }

    /// Cancels a read that nobody waits for any more, and waits for its end: the connection can serve another read only
    /// after that. `None` when the read did not end in time.
    async fn cancel(
        &self,
        running: &mut RunningRead<'_>,
        prepared: &PreparedRead,
        backend: &BackendPid,
        endpoint: usize,
    ) -> Option<Result<(), sqlx::Error>> {
        tokio::select! {
            result = running => Some(result.map(drop)),
            () = cancel::cancel_until_dropped(&self.pool, endpoint, prepared.ticket, backend) => None,
            () = sleep(self.pool.cancel_grace) => None,
        }
    }

    /// Ends the transaction and puts the connection back into the pool. Drops the connection when the read did not end
    /// (`None`), when its link is broken, or when its transaction cannot be ended.
    async fn release(&self, mut connection: Connection, end: Option<Result<(), sqlx::Error>>) {
        let succeeded = match end {
            Some(Ok(())) => true,
            Some(Err(error)) if !failure::is_broken_link(&error) => false,
            _ => return,
        };
        if let Ok(Ok(())) = timeout(limits::END_TRANSACTION, connection.finish(succeeded)).await {
            self.pool.put_back(connection);
        }
    }

    fn record_success(&self, result: &ReadResult) {
        let opening = &result.opening;
        self.record_link(LinkState::Up { server: format!("PostgreSQL {}", opening.version) });
        self.operator_poll.record(opening.may_poll, opening.operators.is_some());
    }

    /// The failure for an error. Only a broken link says something about the source: any other error is about this one
    /// statement, even a lock that was not granted.
    fn record_error(&self, error: &sqlx::Error, endpoint: usize) -> Failure {
        let failure = failure::of(error, self.pool.label(endpoint));
        if failure::is_broken_link(error) {
            self.record_link(LinkState::Down(failure.clone()));
        }
        failure
    }

    /// The failure of a read that did not end by its deadline.
    fn record_timeout(&self, started: Instant, backend: &BackendPid, endpoint: usize) -> Failure {
        let waited = started.elapsed();
        if backend.get().is_some() {
            return Failure::new(FailureKind::Timeout, &format!("no rows within {:.1} s", waited.as_secs_f64()));
        }
        let failure = endpoint::no_answer(self.pool.label(endpoint), waited);
        self.record_link(LinkState::Down(failure.clone()));
        failure
    }

    fn record_link(&self, link: LinkState) {
        *self.link_state() = Some((link, Instant::now()));
    }

    /// Why the link was found dead after that moment; `None` when it was not.
    fn link_failure_since(&self, moment: Instant) -> Option<Failure> {
        match &*self.link_state() {
            Some((LinkState::Down(failure), at)) if *at > moment => Some(failure.clone()),
            _ => None,
        }
    }

    fn link_state(&self) -> MutexGuard<'_, Option<(LinkState, Instant)>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the read, until the deadline or until the caller goes away; `None` when it has not ended by then.
async fn wait(
    running: &mut RunningRead<'_>,
    deadline: Instant,
    reply: &mut Reply,
) -> Option<Result<ReadResult, sqlx::Error>> {
    tokio::select! {
        biased;
        result = running => Some(result),
        () = sleep_until(deadline) => None,
        () = reply.closed() => None,
    }
}

/// Sends the answer, unless the caller has gone away.
fn send(reply: Reply, answer: Result<Answer, Failure>) {
    reply.send(answer).ok();
}
