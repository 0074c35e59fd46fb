//! PostgreSQL, directly or through PgBouncer.

mod cancel;
mod connect;
mod decode;
mod failure;
mod inspect;
mod numeric;
mod operators;
mod pool;
mod statement;
mod table;
mod transaction;
mod write;
mod zone;

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use opsdash_core::{
    contract::{Answer, Content, Failure, FailureKind, LinkState, Question, Read},
    time::Time,
};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    pack::Statement,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, sleep_until, timeout},
};

use self::{
    operators::OperatorPoll,
    pool::{Connection, Permit, Pool},
    transaction::{BackendPid, PreparedRead, ReadResult},
    zone::NaiveZone,
};
use crate::limits;

/// One PostgreSQL source.
pub struct Postgres {
    lanes: Arc<Pool>,
    /// The same source on the servers that are written to, where another one serves reads: what was just written is read
    /// there.
    written: Option<Arc<Postgres>>,
    /// Where writes go.
    primaries: Vec<connect::Endpoint>,
    zone: NaiveZone,
    link: Mutex<Option<(LinkState, Instant)>>,
    looks: OperatorPoll,
}

type Reply = oneshot::Sender<Result<Answer, Failure>>;

impl Postgres {
    /// Reads the config; touches no network.
    pub fn open(config: &SourceConfig, password: Option<&Secret>, operator: &str) -> Result<Self, Failure> {
        let places = connect::places(config, password, operator)?;
        let primaries = || connect::primaries(config, password, operator);
        let zone = || NaiveZone::named(config.naive_zone.as_deref().unwrap_or("UTC"));
        let written = match config.replica_url {
            Some(_) => Some(Arc::new(Self::of(primaries()?, None, primaries()?, zone()?))),
            None => None,
        };
        Ok(Self::of(places, written, primaries()?, zone()?))
    }

    fn of(
        places: Vec<connect::Endpoint>,
        written: Option<Arc<Postgres>>,
        primaries: Vec<connect::Endpoint>,
        zone: NaiveZone,
    ) -> Self {
        let lanes = Arc::new(Pool::new(places));
        Self { lanes, written, primaries, zone, link: Mutex::default(), looks: OperatorPoll::default() }
    }

    /// See [`super::Source::read`]. The work is a task of its own: a caller that goes away leaves no statement running
    /// and no connection blocked.
    pub async fn read(self: &Arc<Self>, read: &Read) -> Result<Answer, Failure> {
        let server = self.written.as_ref().filter(|_| read.primary).unwrap_or(self);
        let ask = self.ask(read)?;
        let patience = Duration::from_millis(read.timeout_ms.into()) + limits::MARGIN;
        let (reply, answer) = oneshot::channel();
        tokio::spawn(Arc::clone(server).serve(ask, patience, reply));
        answer.await.unwrap_or_else(|_| Err(Failure::new(FailureKind::Other, "the read broke off inside opsdash")))
    }

    /// What was last learned of the link.
    pub fn link(&self) -> Option<LinkState> {
        self.learned().as_ref().map(|(link, _)| link.clone())
    }

    /// Ends the idle connections and refuses further reads.
    pub async fn close(&self) {
        self.lanes.close().await;
        if let Some(written) = &self.written {
            written.lanes.close().await;
        }
    }

    fn ask(&self, read: &Read) -> Result<PreparedRead, Failure> {
        let unfit = |what: &str| Failure::new(FailureKind::Other, what);
        match &read.question {
            Question::Statement { statement, bind, shape, setting } => match &**statement {
                Statement::Sql(sql) => {
                    PreparedRead::new(read.ticket, sql, bind, shape, setting.as_ref(), &self.zone.name)
                }
                Statement::Mongo(query) => {
                    Err(unfit(&format!("{} is no SQL, and the source is PostgreSQL", query.file)))
                }
            },
            Question::Store { .. } | Question::Chunks { .. } => Err(unfit("a PostgreSQL source stores no files")),
        }
    }

    async fn serve(self: Arc<Self>, ask: PreparedRead, patience: Duration, mut reply: Reply) {
        let asked = Instant::now();
        let permit = tokio::select! {
            biased;
            () = reply.closed() => return,
            permit = self.lanes.permit(asked + patience) => permit,
        };
        // Whoever waited while the link was found dead need not find it out again.
        let permit = self.died_since(asked).map_or(permit, Err);
        match permit {
            Ok(permit) => self.converse(ask, permit, Instant::now() + patience, reply).await,
            Err(failure) => tell(reply, Err(failure)),
        }
    }

    async fn converse(&self, mut ask: PreparedRead, mut permit: Permit, deadline: Instant, mut reply: Reply) {
        let mut second_try = false;
        loop {
            let taken = tokio::select! {
                biased;
                () = reply.closed() => return,
                taken = self.lanes.take(permit, deadline) => taken,
            };
            let lane = match taken {
                Ok(lane) => lane,
                Err(failure) => {
                    if failure.kind.is_of_source() {
                        self.learn(LinkState::Down(failure.clone()));
                    }
                    tell(reply, Err(failure));
                    return;
                }
            };
            let may_be_old = lane.reused && !second_try;
            // Only now: of the reads that wait together for a connection, one is enough.
            ask.looks_for_operators = self.looks.is_due();
            match self.on_lane(lane, &ask, deadline, reply, may_be_old).await {
                Some(again) => (reply, permit) = again,
                None => return,
            }
            second_try = true;
        }
    }

    /// Asks on this connection. Gives the reply back when the connection turned out to be dead and another may do:
    /// a read can be repeated.
    async fn on_lane(
        &self,
        mut lane: Connection,
        ask: &PreparedRead,
        deadline: Instant,
        mut reply: Reply,
        may_be_old: bool,
    ) -> Option<(Reply, Permit)> {
        let (worker, place) = (BackendPid::default(), lane.place);
        let began = Instant::now();
        let mut talk = talk(&mut lane.connection, ask, &self.zone, deadline, &worker);
        let in_time = tokio::select! {
            biased;
            heard = &mut talk => Some(heard),
            () = sleep_until(deadline) => None,
            () = reply.closed() => None,
        };
        let heard = match in_time {
            Some(Err(error)) if may_be_old && failure::is_broken_link(&error) => {
                self.lanes.forget_idle();
                drop(talk);
                return Some((reply, lane.permit));
            }
            Some(heard) => {
                let (heard, answer) = self.answer(heard, place);
                tell(reply, answer);
                Some(heard)
            }
            None if reply.is_closed() => self.wind_down(&mut talk, ask, &worker, place).await,
            None => {
                tell(reply, Err(self.too_late(began, &worker, place)));
                // Without a word from the server the link is dead: nothing to cancel, nothing to wait for.
                if worker.pid().is_some() { self.wind_down(&mut talk, ask, &worker, place).await } else { None }
            }
        };
        drop(talk);
        self.settle(lane, heard).await;
        None
    }

    /// Cancels a statement that nobody waits for any more and goes on listening: a connection is fit for the next read
    /// only when this one has ended on it. `None` when it did not end in time.
    async fn wind_down(
        &self,
        talk: &mut Talk<'_>,
        ask: &PreparedRead,
        worker: &BackendPid,
        place: usize,
    ) -> Option<Result<(), sqlx::Error>> {
        tokio::select! {
            heard = talk => Some(heard.map(drop)),
            () = cancel::until_dropped(&self.lanes, place, ask.ticket, worker) => None,
            () = sleep(limits::WIND_DOWN) => None,
        }
    }

    /// Ends the transaction and keeps the connection, or drops it when it is in doubt.
    async fn settle(&self, mut lane: Connection, heard: Option<Result<(), sqlx::Error>>) {
        let succeeded = match heard {
            Some(Ok(())) => true,
            Some(Err(error)) if !failure::is_broken_link(&error) => false,
            _ => return,
        };
        if let Ok(Ok(())) = timeout(limits::FINISH, transaction::finish(&mut lane.connection, succeeded)).await {
            self.lanes.put_back(lane);
        }
    }

    /// What the server said as an answer, and how it ended for the connection.
    fn answer(
        &self,
        heard: Result<ReadResult, sqlx::Error>,
        place: usize,
    ) -> (Result<(), sqlx::Error>, Result<Answer, Failure>) {
        let heard = match heard {
            Ok(heard) => heard,
            Err(error) => {
                let failure = failure::of(&error, self.lanes.label(place));
                // What the server says of one statement, a lock that is not given included, says nothing of the link.
                if failure::is_broken_link(&error) {
                    self.learn(LinkState::Down(failure.clone()));
                }
                return (Err(error), Err(failure));
            }
        };
        self.learn(LinkState::Up { server: format!("PostgreSQL {}", heard.version) });
        self.looks.heard(heard.may_look, heard.operators.is_some());
        let answer = heard.table.map(|table| Answer {
            content: Content::Table(table),
            server_now: Some(Time(heard.server_now)),
            operators: heard.operators,
            took_ms: limits::whole_ms(heard.took),
            rtt_ms: limits::whole_ms(heard.rtt),
        });
        (Ok(()), answer)
    }

    fn too_late(&self, began: Instant, worker: &BackendPid, place: usize) -> Failure {
        let waited = began.elapsed();
        match worker.pid() {
            None => {
                let failure = connect::no_answer(self.lanes.label(place), waited);
                self.learn(LinkState::Down(failure.clone()));
                failure
            }
            Some(_) => Failure::new(FailureKind::Timeout, &format!("no rows within {:.1} s", waited.as_secs_f64())),
        }
    }

    fn learn(&self, link: LinkState) {
        *self.learned() = Some((link, Instant::now()));
    }

    /// The failure, if the link was found dead after that moment.
    fn died_since(&self, moment: Instant) -> Option<Failure> {
        match &*self.learned() {
            Some((LinkState::Down(failure), at)) if *at > moment => Some(failure.clone()),
            _ => None,
        }
    }

    fn learned(&self) -> MutexGuard<'_, Option<(LinkState, Instant)>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller that has gone away needs no answer.
fn tell(reply: Reply, answer: Result<Answer, Failure>) {
    reply.send(answer).ok();
}

type Talk<'a> = Pin<Box<dyn Future<Output = Result<ReadResult, sqlx::Error>> + Send + 'a>>;

fn talk<'a>(
    connection: &'a mut sqlx::PgConnection,
    ask: &'a PreparedRead,
    zone: &'a NaiveZone,
    deadline: Instant,
    worker: &'a BackendPid,
) -> Talk<'a> {
    Box::pin(async move {
        match transaction::run(connection, ask, zone, deadline, worker).await {
            Err(error) if failure::is_lost_statement(&error) => {
                transaction::finish(connection, false).await?;
                transaction::run(connection, ask, zone, deadline, worker).await
            }
            heard => heard,
        }
    })
}
