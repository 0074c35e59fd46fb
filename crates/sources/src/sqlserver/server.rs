//! One server that is read: its connections, and what becomes of a read there.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use opsdash_core::contract::{Answer, Failure, FailureKind, LinkState};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::{
    endpoint::{self, Endpoint, TdsClient},
    failure,
    session::{self, PreparedRead, ReadResult},
};
use crate::limits;

/// One server, by all of its endpoints.
pub struct Server {
    pub endpoints: Vec<Endpoint>,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    /// The endpoint that accepted last: it is tried first.
    last_good: AtomicUsize,
    link: Mutex<Option<(LinkState, Instant)>>,
    poll: Mutex<Poll>,
}

struct Idle {
    client: TdsClient,
    endpoint: usize,
    opening: Duration,
    until: Instant,
}

/// When the other operators were asked for last, and whether the login may.
#[derive(Default)]
struct Poll {
    is_allowed: bool,
    last: Option<Instant>,
}

/// A connection in use.
struct InUse {
    client: TdsClient,
    endpoint: usize,
    opening: Duration,
    /// Whether it has served a read before. The server may have closed it since.
    reused: bool,
}

type Reply = oneshot::Sender<Result<Answer, Failure>>;

/// How a read on one connection ended.
enum End {
    Result(ReadResult),
    Error(tiberius::error::Error),
    /// Not in time, or nobody waits any more.
    Late,
}

impl Server {
    /// A server that is not connected to yet.
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        Self {
            endpoints,
            permits: Arc::new(Semaphore::new(limits::CONNECTIONS as usize)),
            idle: Mutex::default(),
            last_good: AtomicUsize::new(0),
            link: Mutex::default(),
            poll: Mutex::default(),
        }
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
        locked(&self.link).as_ref().map(|(link, _)| link.clone())
    }

    /// Closes the idle connections and refuses further reads.
    pub fn close(&self) {
        self.permits.close();
        locked(&self.idle).clear();
    }

    /// Waits for a permit, then answers. The time spent waiting does not count against the read's own patience.
    async fn serve(self: Arc<Self>, prepared: PreparedRead, patience: Duration, mut reply: Reply) {
        let queued_at = Instant::now();
        let permit = tokio::select! {
            biased;
            () = reply.closed() => return,
            permit = self.permit(queued_at + patience) => permit,
        };
        // When another read has found the link dead meanwhile, this one fails at once.
        match self.failure_since(queued_at).map_or(permit, Err) {
            Ok(permit) => self.answer(&prepared, Instant::now() + patience, reply, permit).await,
            Err(failure) => drop(reply.send(Err(failure))),
        }
    }

    async fn permit(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Failure> {
        match timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(Failure::new(FailureKind::Other, "the source is closed")),
            Err(_) => {
                let why = "the connections of this source were busy with other reads all the time";
                Err(Failure::new(FailureKind::Timeout, why))
            }
        }
    }

    /// Runs the read on a connection. When a reused one turns out to be dead, tries once more on a new one.
    async fn answer(
        self: &Arc<Self>,
        prepared: &PreparedRead,
        deadline: Instant,
        mut reply: Reply,
        permit: OwnedSemaphorePermit,
    ) {
        loop {
            let taken = tokio::select! {
                biased;
                () = reply.closed() => return,
                taken = self.take(deadline) => taken,
            };
            let mut taken = match taken {
                Ok(taken) => taken,
                Err(failure) => {
                    if failure.kind.is_of_source() {
                        self.record_link(LinkState::Down(failure.clone()));
                    }
                    drop(reply.send(Err(failure)));
                    return;
                }
            };
            let (polls, has_answered) = (self.is_poll_due(), AtomicBool::new(false));
            let started = Instant::now();
            let end = run(&mut taken.client, prepared, polls, deadline, &mut reply, &has_answered).await;
            match end {
                End::Error(error) if taken.reused && failure::is_broken_link(&error) => {
                    // Its siblings are as old.
                    locked(&self.idle).clear();
                }
                end => {
                    self.conclude(taken, end, prepared, started, reply, has_answered.into_inner()).await;
                    drop(permit);
                    return;
                }
            }
        }
    }

    /// Answers, then gives the connection back or drops it.
    async fn conclude(
        self: &Arc<Self>,
        mut taken: InUse,
        end: End,
        prepared: &PreparedRead,
        started: Instant,
        reply: Reply,
        has_answered: bool,
    ) {
        let is_unread = match end {
            End::Result(result) => {
                self.record_link(LinkState::Up { server: named(&result.opening.version) });
                self.record_poll(result.opening.may_poll, result.opening.operators.is_some());
                let is_unread = result.is_unread;
                drop(reply.send(result.into_answer()));
                is_unread
            }
            End::Error(error) => {
                let failed = failure::of(&error, &self.endpoints[taken.endpoint].label);
                let broken = failure::is_broken_link(&error);
                if broken {
                    self.record_link(LinkState::Down(failed.clone()));
                }
                drop(reply.send(Err(failed.at(place_of(&prepared.text, &error)))));
                if broken {
                    return;
                }
                false
            }
            End::Late => {
                if !reply.is_closed() {
                    drop(reply.send(Err(self.late(started, has_answered, taken.endpoint))));
                }
                session::abandon(taken.client).await;
                return;
            }
        };
        if session::finish(&mut taken.client, is_unread).await.is_some() {
            self.put_back(taken);
        }
    }

    fn late(&self, started: Instant, has_answered: bool, endpoint: usize) -> Failure {
        let waited = started.elapsed().as_secs_f64();
        if has_answered {
            return Failure::new(FailureKind::Timeout, &format!("no rows within {waited:.1} s"));
        }
        let what = format!("{}: no answer within {waited:.1} s", self.endpoints[endpoint].label);
        let failure = Failure::new(FailureKind::Unreachable, &what);
        self.record_link(LinkState::Down(failure.clone()));
        failure
    }

    async fn take(&self, deadline: Instant) -> Result<InUse, Failure> {
        let now = Instant::now();
        let found = {
            let mut idle = locked(&self.idle);
            idle.retain(|idle| idle.until > now);
            idle.pop()
        };
        if let Some(Idle { client, endpoint, opening, .. }) = found {
            return Ok(InUse { client, endpoint, opening, reused: true });
        }
        let first = self.last_good.load(Ordering::Relaxed);
        let (client, endpoint) = endpoint::connect(&self.endpoints, first, deadline).await?;
        self.last_good.store(endpoint, Ordering::Relaxed);
        Ok(InUse { client, endpoint, opening: now.elapsed(), reused: false })
    }

    fn put_back(self: &Arc<Self>, taken: InUse) {
        if self.permits.is_closed() {
            return;
        }
        let kept =
            (taken.opening * limits::IDLE_FOR_OPENING).clamp(limits::IDLE_QUICK_CONNECTION, limits::IDLE_CONNECTION);
        let (endpoint, opening, until) = (taken.endpoint, taken.opening, Instant::now() + kept);
        locked(&self.idle).push(Idle { client: taken.client, endpoint, opening, until });
        let server = Arc::downgrade(self);
        tokio::spawn(async move {
            sleep(kept).await;
            if let Some(server) = server.upgrade() {
                let now = Instant::now();
                locked(&server.idle).retain(|idle| idle.until > now);
            }
        });
    }

    fn is_poll_due(&self) -> bool {
        let poll = locked(&self.poll);
        poll.is_allowed && poll.last.is_none_or(|last| last.elapsed() >= limits::OPERATOR_POLL)
    }

    fn record_poll(&self, is_allowed: bool, has_polled: bool) {
        let mut poll = locked(&self.poll);
        poll.is_allowed = is_allowed;
        if has_polled {
            poll.last = Some(Instant::now());
        }
    }

    fn record_link(&self, link: LinkState) {
        *locked(&self.link) = Some((link, Instant::now()));
    }

    /// Why the link was found dead after that moment; `None` when it was not.
    fn failure_since(&self, moment: Instant) -> Option<Failure> {
        match &*locked(&self.link) {
            Some((LinkState::Down(failure), at)) if *at > moment => Some(failure.clone()),
            _ => None,
        }
    }
}

/// Runs the read until it ends, is late, or nobody waits for it any more.
async fn run(
    client: &mut TdsClient,
    prepared: &PreparedRead,
    polls_operators: bool,
    deadline: Instant,
    reply: &mut Reply,
    has_answered: &AtomicBool,
) -> End {
    let running = session::read(client, prepared, polls_operators, has_answered);
    // Nothing on the server ends a statement that takes too long: we do.
    let until = deadline.min(Instant::now() + prepared.work);
    tokio::select! {
        biased;
        result = running => result.map_or_else(End::Error, End::Result),
        () = sleep_until(until) => End::Late,
        () = reply.closed() => End::Late,
    }
}

/// What a server of that version calls itself.
pub fn named(version: &str) -> String {
    format!("SQL Server {version}")
}

/// Where in a statement the server found the error: the begin of its line, in characters from 0.
pub fn place_of(text: &str, error: &tiberius::error::Error) -> Option<usize> {
    let tiberius::error::Error::Server(error) = error else { return None };
    let line = usize::try_from(error.line()).ok()?.checked_sub(1)?;
    if !error.procedure().is_empty() || line >= text.lines().count() {
        return None;
    }
    Some(text.split_inclusive('\n').take(line).map(|line| line.chars().count()).sum())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_placed_at_the_begin_of_its_line() {
        // The driver makes no errors of its own of this kind, so there is only what is no error of the server.
        assert_eq!(place_of("SELECT 1\nFROM x", &tiberius::error::Error::Utf8), None);
    }
}
