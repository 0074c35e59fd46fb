//! Who may be connected to the databases of a family, and for how long.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use opsdash_core::contract::{Answer, Facts, Failure, FailureKind, Inspection, Read, ReadLimits, Within};
use tokio::{
    sync::{OnceCell, OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep, timeout_at},
};

use crate::{engine::Engine, limits, postgres::Postgres};

/// Lets questions to the databases, a few at a time. Those that are to be put to the same one at the same time share a
/// connection: opening one costs more than most questions, and views of a family tend to be asked together.
#[derive(Clone)]
pub struct Gate {
    asking: Arc<Semaphore>,
    canceling: Arc<Semaphore>,
    /// By the address of what they connect to.
    visits: Arc<Mutex<HashMap<usize, Weak<Visit>>>>,
}

/// The time in which a database is connected to. Whoever holds it has a question to it.
#[derive(Default)]
struct Visit(OnceCell<Visited>);

struct Visited {
    engine: Postgres,
    _permit: OwnedSemaphorePermit,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            asking: Arc::new(Semaphore::new(limits::FAMILY_ASKING)),
            canceling: Arc::new(Semaphore::new(1)),
            visits: Arc::default(),
        }
    }
}

impl Gate {
    /// Puts a question to one database. The answer is there before the connection is closed; the next one is opened after
    /// that.
    ///
    /// # Errors
    /// Why there is no answer, which may be that it had not come by the deadline of all together.
    pub async fn ask(&self, database: &Arc<Postgres>, own: Read, deadline: Instant) -> Result<Answer, Failure> {
        let visit = self.join(database);
        let began = timeout_at(deadline, visit.0.get_or_try_init(|| self.begin(database))).await;
        began.map_err(|_| late())??;
        let usual_ms = ReadLimits::of(own.limits.statement_ms).patience_ms;
        let own = within_deadline(own, deadline).ok_or_else(late)?;
        let is_cut = own.limits.patience_ms < usual_ms;
        let (mut reply, answer) = oneshot::channel();
        let (gate, database) = (self.clone(), database.clone());
        tokio::spawn(async move {
            if let Some(visited) = visit.0.get() {
                tokio::select! {
                    biased;
                    () = reply.closed() => {}
                    answer = visited.engine.read(&own) => { reply.send(answer).ok(); }
                }
            }
            gate.leave(&database, visit).await;
        });
        let broke_off = || Err(Failure::new(FailureKind::Other, "the read broke off inside opsdash"));
        let Ok(answer) = timeout_at(deadline, answer).await else { return Err(late()) };
        let is_over = deadline.saturating_duration_since(Instant::now()) <= limits::REPLY_MARGIN;
        match answer.unwrap_or_else(|_| broke_off()) {
            // Of one that had less time than it may take nobody knows whether it is out of reach.
            Err(failure) if is_cut && is_over && is_of_time(failure.kind) => Err(late()),
            answer => answer,
        }
    }

    /// Looks at one database on a connection of its own, which is closed afterwards.
    ///
    /// # Errors
    /// Why there are no facts, which may be that they had not come by the deadline of all together.
    pub async fn inspect(
        &self,
        database: &Arc<Postgres>,
        inspection: &Inspection,
        within: &Within,
        deadline: Instant,
    ) -> Result<Facts, Failure> {
        let visited = timeout_at(deadline, self.begin(database)).await.map_err(|_| late())??;
        let facts = timeout_at(deadline, visited.engine.inspect(inspection, within)).await;
        let closing = visited.engine.drain().await;
        sleep(closing).await;
        facts.unwrap_or_else(|_| Err(late()))
    }

    /// Lets no more questions in.
    pub fn close(&self) {
        self.asking.close();
    }

    fn join(&self, database: &Arc<Postgres>) -> Arc<Visit> {
        let mut visits = self.visits();
        let visit = visits.entry(place(database)).or_default();
        visit.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Visit::default());
            *visit = Arc::downgrade(&new);
            new
        })
    }

    async fn begin(&self, database: &Arc<Postgres>) -> Result<Visited, Failure> {
        match Arc::clone(&self.asking).acquire_owned().await {
            Ok(permit) => Ok(Visited { engine: database.by_one(&self.canceling), _permit: permit }),
            Err(_) => Err(Failure::new(FailureKind::Other, "the source is closed")),
        }
    }

    /// Closes the connection when this was the last who had a question.
    async fn leave(&self, database: &Arc<Postgres>, visit: Arc<Visit>) {
        let last = {
            let mut visits = self.visits();
            let last = Arc::into_inner(visit);
            if last.is_some() {
                visits.remove(&place(database));
            }
            last
        };
        if let Some(visited) = last.and_then(|visit| visit.0.into_inner()) {
            let closing = visited.engine.drain().await;
            sleep(closing).await;
        }
    }

    fn visits(&self) -> MutexGuard<'_, HashMap<usize, Weak<Visit>>> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(database: &Arc<Postgres>) -> usize {
    Arc::as_ptr(database).addr()
}

/// The question with the patience that is left; `None` when none is.
fn within_deadline(mut read: Read, deadline: Instant) -> Option<Read> {
    let left = limits::whole_ms(deadline.saturating_duration_since(Instant::now()));
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    read.limits = ReadLimits::of(read.limits.statement_ms);
    read.limits.patience_ms = read.limits.patience_ms.min(left);
    (left > 0).then_some(read)
}

fn is_of_time(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Timeout | FailureKind::Unreachable)
}

/// That the others took the time that all have together. It is nobody's failure, so it is not one of those that say that
/// a database is out of reach.
fn late() -> Failure {
    Failure::new(FailureKind::Busy, "the time for all databases together was over before it had answered")
}
