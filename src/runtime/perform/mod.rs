//! Effects become tasks, and tasks end as messages. Nobody else sees a task and a source together.

mod transfer;
mod write;

use std::{collections::HashMap, panic::AssertUnwindSafe, path::PathBuf, sync::Arc, time::Duration};

use futures_util::FutureExt;
use opsdash_core::{
    contract::{Answer, Content, Failure, FailureKind, LinkState, Question, Read, Ticket},
    effect::{Effect, RunId},
    model::TargetId,
    msg::Msg,
};
use opsdash_pack::{
    config::SourceConfig,
    pack::{Engine, Pack, SourceId},
};
use opsdash_sources::Source;
use tokio::{
    sync::{OnceCell, mpsc::UnboundedSender},
    task::AbortHandle,
};

use crate::{
    export,
    settings::{Environment, password},
    store::{audit::Audit, state, verified},
};

/// What leaving waits for at most: connections are closed by the servers when we are gone.
const LEAVE: Duration = Duration::from_millis(100);

/// One source of one target, connected to when it is first asked.
pub struct SourceHandle {
    /// The target's name.
    pub target: String,
    /// The pack's name for it.
    pub name: String,
    /// What speaks its protocol.
    pub engine: Engine,
    /// How it is reached; `None` when the target's config does not say.
    pub config: Option<SourceConfig>,
    /// Who works, and where the password's variables are looked up.
    environment: Arc<Environment>,
    opened: OnceCell<Source>,
    said: std::sync::Mutex<Option<LinkState>>,
}

impl SourceHandle {
    /// A source that nobody has asked yet.
    #[must_use]
    pub fn new(
        target: &str,
        name: &str,
        engine: Engine,
        config: Option<SourceConfig>,
        environment: &Arc<Environment>,
    ) -> Self {
        Self {
            target: target.to_owned(),
            name: name.to_owned(),
            engine,
            config,
            environment: environment.clone(),
            opened: OnceCell::new(),
            said: std::sync::Mutex::new(None),
        }
    }

    /// Asks the source.
    ///
    /// # Errors
    /// Why there is no answer, or why the source could not even be opened.
    pub async fn read(&self, read: &Read) -> Result<Answer, Failure> {
        let mut answer = self.source().await?.read(read).await?;
        if let (Content::Listing(listing), Question::Store { bucket, .. }) = (&mut answer.content, &read.question) {
            verified::fill(&self.environment.state_home, &self.scope(bucket), listing);
        }
        Ok(answer)
    }

    /// Under which name results of reading the files of a bucket are kept.
    #[must_use]
    pub fn scope(&self, bucket: &str) -> String {
        format!("{}/{}/{bucket}", self.target, self.name)
    }

    /// Reads its config and fetches its password; asks nothing.
    ///
    /// # Errors
    /// Why it could not even be asked.
    pub async fn ready(&self) -> Result<(), Failure> {
        self.source().await.map(drop)
    }

    /// The source, its password fetched at the first call that succeeds.
    ///
    /// # Errors
    /// When the config does not say how it is reached, or there is no password.
    pub async fn source(&self) -> Result<&Source, Failure> {
        self.opened.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<Source, Failure> {
        let Some(config) = &self.config else {
            let what = format!("the target's config has no source \"{}\"", self.name);
            return Err(Failure::new(FailureKind::Unreachable, &what));
        };
        let password = match &config.password {
            None => None,
            Some(from) => {
                let found = password::find(from, &self.environment).await;
                Some(found.map_err(|why| Failure::new(FailureKind::Auth, &why.to_string()))?)
            }
        };
        Source::open(&self.name, self.engine, config, password.as_ref(), &self.environment.operator)
    }

    /// The link's state, when it is not what was said last.
    fn news(&self) -> Option<LinkState> {
        let link = self.opened.get().and_then(Source::link)?;
        let mut said = self.said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if said.as_ref() == Some(&link) {
            return None;
        }
        *said = Some(link.clone());
        Some(link)
    }
}

/// What serves one target.
pub struct TargetRuntime {
    /// The target's name.
    pub target: String,
    /// Its pack, as the model has it.
    pub pack: Arc<Pack>,
    /// Its sources, in the order of the pack.
    pub handles: Vec<Arc<SourceHandle>>,
}

/// Performs effects for one model.
pub struct Performer {
    runtimes: Vec<TargetRuntime>,
    /// The login, and what the config calls it beside.
    operator: (String, Option<String>),
    messages: UnboundedSender<Msg>,
    reading: HashMap<Ticket, AbortHandle>,
    writing: Vec<AbortHandle>,
    state_dir: Option<PathBuf>,
    /// The record of writes; whoever is about to write to it has it too.
    audit: Option<Arc<Audit>>,
    writer: Arc<state::StateWriter>,
}

impl Performer {
    /// A runtime for each target, in the order of the model; without a state directory nothing is kept, and nothing written.
    #[must_use]
    pub fn new(
        runtimes: Vec<TargetRuntime>,
        operator: (String, Option<String>),
        messages: UnboundedSender<Msg>,
        state_dir: Option<PathBuf>,
    ) -> Self {
        let (reading, writing) = (HashMap::new(), Vec::new());
        let audit = state_dir.as_deref().map(Audit::of).map(Arc::new);
        Self { runtimes, operator, messages, reading, writing, state_dir, audit, writer: Arc::default() }
    }

    /// A source of a target.
    #[must_use]
    pub fn handle(&self, target: TargetId, source: SourceId) -> Arc<SourceHandle> {
        self.runtimes[target.0].handles[source.0].clone()
    }

    /// Starts what an effect asks for. Those of the terminal (copy, bell, quit) are not for here.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Query { target, read } => self.read(target, *read),
            Effect::Cancel(ticket) => {
                if let Some(task) = self.reading.remove(&ticket) {
                    task.abort();
                }
            }
            Effect::Preview { target, ticket, order } => self.preview(target, ticket, *order),
            Effect::Execute { target, ticket, order, write } => self.execute(target, ticket, *order, *write),
            Effect::Record { target, order, refused } => self.record(target, *order, refused),
            Effect::Verify { target, ticket, view, files } => self.verify(target, ticket, view, files),
            Effect::Fetch { target, ticket, view, file } => self.fetch(target, ticket, view, *file),
            Effect::Export { format, document } => {
                self.run(RunId::Export, move || export::write(&document, format));
            }
            Effect::Remember(remembered) => {
                if let Some(dir) = self.state_dir.clone() {
                    self.writer.note(remembered);
                    let writer = self.writer.clone();
                    self.run(RunId::Remember, move || writer.write(&dir).map(|()| String::new()));
                }
            }
            Effect::Copy(_) | Effect::Bell | Effect::Quit => {}
        }
    }

    /// Ends what is still being read or written and waits until it has ended, at most [`LEAVE`]: what it has started, such as a
    /// program that prints a password, ends with it. A write to a database that is ended so is recorded as unknown. The record
    /// and a file that is being written get the same time.
    pub async fn leave(&mut self) {
        self.reading.values().chain(&self.writing).for_each(AbortHandle::abort);
        let reading = self.reading.drain().map(|(_, task)| task);
        let tasks: Vec<AbortHandle> = reading.chain(self.writing.drain(..)).collect();
        let ended = async {
            let records = || self.audit.as_ref().is_some_and(|audit| Arc::strong_count(audit) > 1);
            while !tasks.iter().all(AbortHandle::is_finished) || records() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(LEAVE, ended).await.ok();
    }

    fn read(&mut self, target: TargetId, read: Read) {
        let handle = self.runtimes[target.0].handles[read.source.0].clone();
        let messages = self.messages.clone();
        let (to, ticket, source) = (read.to, read.ticket, read.source);
        self.reading.retain(|_, task| !task.is_finished());
        let task = tokio::spawn(async move {
            let result = AssertUnwindSafe(handle.read(&read)).catch_unwind().await;
            let result = result.unwrap_or_else(|_| {
                Err(Failure::new(FailureKind::Other, "the query's task broke off; see opsdash.log"))
            });
            say_link(&messages, target, source, &handle, &result);
            // When the receiver is gone the program is leaving, and nobody waits.
            let _left = messages.send(Msg::Loaded { target, to, ticket, result: result.map(Box::new) });
        });
        self.reading.insert(ticket, task.abort_handle());
    }

    /// Runs blocking work beside the loop; a panic ends as a message too.
    fn run(&mut self, run: RunId, work: impl FnOnce() -> anyhow::Result<String> + Send + 'static) {
        let messages = self.messages.clone();
        self.writing.retain(|task| !task.is_finished());
        let task = tokio::spawn(async move {
            let result = match tokio::task::spawn_blocking(work).await {
                Ok(done) => done.map_err(|why| format!("{why:#}")),
                Err(_) => Err("it broke off; see opsdash.log".to_owned()),
            };
            let _left = messages.send(Msg::Done { run, result });
        });
        self.writing.push(task.abort_handle());
    }
}

/// Tells of a link that came up or went down. A source that could not even be opened is down.
fn say_link(
    messages: &UnboundedSender<Msg>,
    target: TargetId,
    source: SourceId,
    handle: &SourceHandle,
    result: &Result<Answer, Failure>,
) {
    let link = match (handle.opened.get(), result) {
        (None, Err(failure)) => Some(LinkState::Down(failure.clone())),
        _ => handle.news(),
    };
    if let Some(link) = link {
        let _left = messages.send(Msg::Link { target, source, link });
    }
}
