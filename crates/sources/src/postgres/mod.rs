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
    pool: Arc<Pool>,
    /// The same source on the servers that are written to, where another one serves reads: what was just written is read
    /// there.
    written: Option<Arc<Postgres>>,
    /// Where writes go.
    primaries: Vec<connect::Endpoint>,
    zone: NaiveZone,
    link: Mutex<Option<(LinkState, Instant)>>,
    operator_poll: OperatorPoll,
}

type Reply = oneshot::Sender<Result<Answer, Failure>>;

impl Postgres {
    /// Reads the config; touches no network.
    pub fn open(config: &SourceConfig, password: Option<&Secret>, operator: &str) -> Result<Self, Failure> {
        let endpoints = connect::endpoints(config, password, operator)?;
        let primaries = || connect::primaries(config, password, operator);
        let zone = || NaiveZone::named(config.naive_zone.as_deref().unwrap_or("UTC"));
        let written = match config.replica_url {
            Some(_) => Some(Arc::new(Self::of(primaries()?, None, primaries()?, zone()?))),
            None => None,
        };
        Ok(Self::of(endpoints, written, primaries()?, zone()?))
    }

    fn of(
        endpoints: Vec<connect::Endpoint>,
        written: Option<Arc<Postgres>>,
        primaries: Vec<connect::Endpoint>,
        zone: NaiveZone,
    ) -> Self {
        let pool = Arc::new(Pool::new(endpoints));
        Self { pool, written, primaries, zone, link: Mutex::default(), operator_poll: OperatorPoll::default() }
    }

    /// See [`super::Source::read`]. The work is a task of its own: a caller that goes away leaves no statement running
    /// and no connection blocked.
    pub async fn read(self: &Arc<Self>, read: &Read) -> Result<Answer, Failure> {
        let server = self.written.as_ref().filter(|_| read.primary).unwrap_or(self);
        let prepared = self.prepare(read)?;
        let patience = Duration::from_millis(read.timeout_ms.into()) + limits::MARGIN;
        let (reply, answer) = oneshot::channel();
        tokio::spawn(Arc::clone(server).serve(prepared, patience, reply));
        answer.await.unwrap_or_else(|_| Err(Failure::new(FailureKind::Other, "the read broke off inside opsdash")))
    }

    /// What was last learned of the link.
    pub fn link(&self) -> Option<LinkState> {
        self.link_state().as_ref().map(|(link, _)| link.clone())
    }

    /// Ends the idle connections and refuses further reads.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(written) = &self.written {
            written.pool.close().await;
        }
    }

    fn prepare(&self, read: &Read) -> Result<PreparedRead, Failure> {
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

    async fn serve(self: Arc<Self>, prepared: PreparedRead, patience: Duration, mut reply: Reply) {
        let asked = Instant::now();
        let permit = tokio::select! {
            biased;
            () = reply.closed() => return,
            permit = self.pool.permit(asked + patience) => permit,
        };
        // Whoever waited while the link was found dead need not find it out again.
        let permit = self.died_since(asked).map_or(permit, Err);
        match permit {
            Ok(permit) => self.answer_on_a_connection(prepared, permit, Instant::now() + patience, reply).await,
            Err(failure) => send(reply, Err(failure)),
        }
    }

    async fn answer_on_a_connection(
        &self,
        mut prepared: PreparedRead,
        mut permit: Permit,
        deadline: Instant,
        mut reply: Reply,
    ) {
        let mut second_try = false;
        loop {
            let taken = tokio::select! {
                biased;
                () = reply.closed() => return,
                taken = self.pool.take(permit, deadline) => taken,
            };
            let connection = match taken {
                Ok(connection) => connection,
                Err(failure) => {
                    if failure.kind.is_of_source() {
                        self.record_link(LinkState::Down(failure.clone()));
                    }
                    send(reply, Err(failure));
                    return;
                }
            };
            let may_be_old = connection.reused && !second_try;
            // Only now: of the reads that wait together for a connection, one is enough.
            prepared.polls_operators = self.operator_poll.is_due();
            match self.ask_on(connection, &prepared, deadline, reply, may_be_old).await {
                Some(again) => (reply, permit) = again,
                None => return,
            }
            second_try = true;
        }
    }

    /// Asks on this connection. Gives the reply back when the connection turned out to be dead and another may do:
    /// a read can be repeated.
    async fn ask_on(
        &self,
        mut connection: Connection,
        prepared: &PreparedRead,
        deadline: Instant,
        mut reply: Reply,
        may_be_old: bool,
    ) -> Option<(Reply, Permit)> {
        let (pid, endpoint) = (BackendPid::default(), connection.endpoint);
        let began = Instant::now();
        let mut running = run_read(&mut connection.session, prepared, &self.zone, deadline, &pid);
        let in_time = tokio::select! {
            biased;
            result = &mut running => Some(result),
            () = sleep_until(deadline) => None,
            () = reply.closed() => None,
        };
        let result = match in_time {
            Some(Err(error)) if may_be_old && failure::is_broken_link(&error) => {
                self.pool.forget_idle();
                drop(running);
                return Some((reply, connection.permit));
            }
            Some(result) => {
                let (result, answer) = self.answer(result, endpoint);
                send(reply, answer);
                Some(result)
            }
            None if reply.is_closed() => self.wind_down(&mut running, prepared, &pid, endpoint).await,
            None => {
                send(reply, Err(self.too_late(began, &pid, endpoint)));
                // Without a word from the server the link is dead: nothing to cancel, nothing to wait for.
                if pid.pid().is_some() { self.wind_down(&mut running, prepared, &pid, endpoint).await } else { None }
            }
        };
        drop(running);
        self.release(connection, result).await;
        None
    }

    /// Cancels a statement that nobody waits for any more and goes on listening: a connection is fit for the next read
    /// only when this one has ended on it. `None` when it did not end in time.
    async fn wind_down(
        &self,
        running: &mut RunningRead<'_>,
        prepared: &PreparedRead,
        pid: &BackendPid,
        endpoint: usize,
    ) -> Option<Result<(), sqlx::Error>> {
        tokio::select! {
            result = running => Some(result.map(drop)),
            () = cancel::until_dropped(&self.pool, endpoint, prepared.ticket, pid) => None,
            () = sleep(limits::CANCEL_GRACE) => None,
        }
    }

    /// Ends the transaction and keeps the connection, or drops it when it is in doubt.
    async fn release(&self, mut connection: Connection, result: Option<Result<(), sqlx::Error>>) {
        let succeeded = match result {
            Some(Ok(())) => true,
            Some(Err(error)) if !failure::is_broken_link(&error) => false,
            _ => return,
        };
        if let Ok(Ok(())) =
            timeout(limits::END_TRANSACTION, transaction::finish(&mut connection.session, succeeded)).await
        {
            self.pool.put_back(connection);
        }
    }

    /// What the server said as an answer, and how it ended for the connection.
    fn answer(
        &self,
        result: Result<ReadResult, sqlx::Error>,
        endpoint: usize,
    ) -> (Result<(), sqlx::Error>, Result<Answer, Failure>) {
        let result = match result {
            Ok(result) => result,
            Err(error) => {
                let failure = failure::of(&error, self.pool.label(endpoint));
                // What the server says of one statement, a lock that is not given included, says nothing of the link.
                if failure::is_broken_link(&error) {
                    self.record_link(LinkState::Down(failure.clone()));
                }
                return (Err(error), Err(failure));
            }
        };
        self.record_link(LinkState::Up { server: format!("PostgreSQL {}", result.version) });
        self.operator_poll.record(result.may_poll, result.operators.is_some());
        let answer = result.table.map(|table| Answer {
            content: Content::Table(table),
            server_now: Some(Time(result.server_now)),
            operators: result.operators,
            took_ms: limits::whole_ms(result.took),
            rtt_ms: limits::whole_ms(result.rtt),
        });
        (Ok(()), answer)
    }

    fn too_late(&self, began: Instant, pid: &BackendPid, endpoint: usize) -> Failure {
        let waited = began.elapsed();
        match pid.pid() {
            None => {
                let failure = connect::no_answer(self.pool.label(endpoint), waited);
                self.record_link(LinkState::Down(failure.clone()));
                failure
            }
            Some(_) => Failure::new(FailureKind::Timeout, &format!("no rows within {:.1} s", waited.as_secs_f64())),
        }
    }

    fn record_link(&self, link: LinkState) {
        *self.link_state() = Some((link, Instant::now()));
    }

    /// The failure, if the link was found dead after that moment.
    fn died_since(&self, moment: Instant) -> Option<Failure> {
        match &*self.link_state() {
            Some((LinkState::Down(failure), at)) if *at > moment => Some(failure.clone()),
            _ => None,
        }
    }

    fn link_state(&self) -> MutexGuard<'_, Option<(LinkState, Instant)>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller that has gone away needs no answer.
fn send(reply: Reply, answer: Result<Answer, Failure>) {
    reply.send(answer).ok();
}

type RunningRead<'a> = Pin<Box<dyn Future<Output = Result<ReadResult, sqlx::Error>> + Send + 'a>>;

fn run_read<'a>(
    connection: &'a mut sqlx::PgConnection,
    prepared: &'a PreparedRead,
    zone: &'a NaiveZone,
    deadline: Instant,
    pid: &'a BackendPid,
) -> RunningRead<'a> {
    Box::pin(async move {
        match transaction::run(connection, prepared, zone, deadline, pid).await {
            Err(error) if failure::is_lost_statement(&error) => {
                transaction::finish(connection, false).await?;
                transaction::run(connection, prepared, zone, deadline, pid).await
            }
            result => result,
        }
    })
}
