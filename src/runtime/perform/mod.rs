//! Effects become tasks, and tasks end as messages. Nobody else sees a task and a source together.

mod transfer;
mod write;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use futures_util::FutureExt;
use opsdash_core::{
    contract::{Failure, FailureKind, Read, Ticket},
    effect::{Effect, RunId},
    model::{HandTicks, Remembered, TargetId},
    msg::Msg,
};
use opsdash_pack::pack::{Pack, SourceId};
use tokio::{sync::mpsc::UnboundedSender, task::AbortHandle};

use super::{
    action_task::is_recording,
    block_on::{LEAVE, RECORD},
    pack_reader::PackReader,
    source_handle::SourceHandle,
};
use crate::{
    export,
    store::{audit::Audit, days, state, ticks},
};

/// What serves one target.
pub struct TargetRuntime {
    /// The target's name.
    pub target: String,
    /// Its pack, as the model has it.
    pub pack: Arc<Pack>,
    /// Its sources, in the order of the pack.
    pub handles: Vec<Arc<SourceHandle>>,
}

/// Where a session keeps things.
pub struct StateDirs {
    /// What it remembers, records and writes; nowhere when `None`.
    pub own: Option<PathBuf>,
    /// What rows are on each day: the folder, or why there is none; nowhere when `None`.
    pub days: Option<Result<PathBuf, String>>,
}

/// Performs effects for one model.
pub struct Performer {
    runtimes: Vec<TargetRuntime>,
    /// The login, and the name that the config gives this operator; `None` when it gives none.
    operator: (String, Option<String>),
    messages: UnboundedSender<Msg>,
    reading: HashMap<Ticket, AbortHandle>,
    writing: Vec<AbortHandle>,
    state_dir: Option<PathBuf>,
    days_dir: Option<Result<PathBuf, String>>,
    /// The record of writes. Tasks that are about to write to it share it.
    audit: Option<Arc<Audit>>,
    writer: Arc<state::StateWriter>,
    /// Reads packs again; `None` where nothing is read twice.
    packs: Option<PackReader>,
}

impl Performer {
    /// Serves targets, in the order of the model. Without a state directory nothing is remembered, recorded or written.
    /// `remembered` is what the model began with.
    #[must_use]
    pub fn new(
        runtimes: Vec<TargetRuntime>,
        operator: (String, Option<String>),
        messages: UnboundedSender<Msg>,
        dirs: StateDirs,
        remembered: Remembered,
    ) -> Self {
        let StateDirs { own: state_dir, days: days_dir } = dirs;
        let (reading, writing) = (HashMap::new(), Vec::new());
        let audit = state_dir.as_deref().map(Audit::of).map(Arc::new);
        let writer = Arc::new(state::StateWriter::new(remembered));
        Self { runtimes, operator, messages, reading, writing, state_dir, days_dir, audit, writer, packs: None }
    }

    /// Lets the packs be read again.
    pub fn read_packs_with(&mut self, reader: PackReader) {
        self.packs = Some(reader);
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
            Effect::ListScopes { target, ticket, statement_ms } => self.list_scopes(target, ticket, statement_ms),
            Effect::Cancel(ticket) => {
                if let Some(task) = self.reading.remove(&ticket) {
                    task.abort();
                }
            }
            Effect::Preview { target, ticket, request } => self.preview(target, ticket, *request),
            Effect::Execute { target, ticket, request, write } => self.execute(target, ticket, *request, *write),
            Effect::Record { target, request, refused } => self.record(target, *request, refused),
            Effect::Verify { target, ticket, view, files } => self.verify(target, ticket, view, files),
            Effect::Fetch { target, ticket, view, file } => self.fetch(target, ticket, view, *file),
            Effect::Export { format, document, of } => {
                self.run(RunId::Export, move || export::write(&document, format, of.as_deref()));
            }
            Effect::Remember(remembered) => {
                if let Some(dir) = self.state_dir.clone() {
                    self.writer.note(remembered);
                    let writer = self.writer.clone();
                    self.run(RunId::Remember, move || writer.write(&dir).map(|()| String::new()));
                }
            }
            Effect::KeepDays { target, values } => {
                let (dir, name) = (self.days_dir.clone(), self.runtimes[target.0].target.clone());
                self.run(RunId::KeepDays, move || {
                    let Some(dir) = dir else { return Ok(String::new()) };
                    let kept = dir.map_err(anyhow::Error::msg).and_then(|dir| days::keep(&dir, &name, values));
                    kept.context("what rows are today is not remembered").map(|()| String::new())
                });
            }
            Effect::ReadPack(target) => {
                self.runtimes[target.0].handles.iter().for_each(|handle| handle.retry_login());
                self.read_pack(target);
            }
            Effect::ServePack { target, pack } => {
                let runtime = &mut self.runtimes[target.0];
                if let Some(reader) = &self.packs {
                    runtime.handles = reader.handles(target, &pack, (&runtime.pack, &runtime.handles));
                }
                runtime.pack = pack;
            }
            Effect::ReadTicks(target) => self.ticks(target, ticks::of_target),
            Effect::Tick { target, tick, set } => {
                let by = set.then(|| self.operator_name());
                self.ticks(target, move |dir, name| ticks::keep(dir, name, &tick, by.as_deref()));
            }
            Effect::ReadHistory(ticket) => self.read_history(ticket),
            Effect::Copy(_) | Effect::Bell | Effect::Redraw | Effect::Suspend | Effect::Quit => {}
        }
    }

    /// Ends what is still being read or written and waits until it has ended, at most [`LEAVE`]: what it has started, such as a
    /// program that prints a password, ends with it. A write to a database that is ended so is recorded as unknown. A file that is
    /// being written gets the same time, the record of a write [`RECORD`] more.
    pub async fn leave(&mut self) {
        self.abort();
        let reading = self.reading.drain().map(|(_, task)| task);
        let tasks: Vec<AbortHandle> = reading.chain(self.writing.drain(..)).collect();
        let ended = async {
            let records = || self.audit.as_ref().is_some_and(|audit| Arc::strong_count(audit) > 1);
            let have_stopped = || self.runtimes.iter().flat_map(|runtime| &runtime.handles).all(|handle| handle.stop());
            while !tasks.iter().all(AbortHandle::is_finished) || records() || !have_stopped() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(LEAVE, ended).await.ok();
        let recorded = async {
            while is_recording() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(RECORD, recorded).await.ok();
    }

    fn abort(&self) {
        self.reading.values().chain(&self.writing).for_each(AbortHandle::abort);
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
            // When the receiver is gone the program is leaving, and nobody waits.
            if let Some(link) = handle.link_change(&result) {
                let _left = messages.send(Msg::Link { target, source, link });
            }
            let _left = messages.send(Msg::Loaded { target, to, ticket, result: result.map(Box::new) });
        });
        self.reading.insert(ticket, task.abort_handle());
    }

    fn list_scopes(&mut self, target: TargetId, ticket: Ticket, statement_ms: u32) {
        let runtime = &self.runtimes[target.0];
        let Some(scope) = runtime.pack.scope.clone() else { return };
        let (handle, messages) = (runtime.handles[scope.source.0].clone(), self.messages.clone());
        self.reading.retain(|_, task| !task.is_finished());
        let task = tokio::spawn(async move {
            let listed = AssertUnwindSafe(handle.scopes(&scope, ticket, statement_ms)).catch_unwind().await;
            let result = listed.unwrap_or_else(|_| {
                Err(Failure::new(FailureKind::Other, "the query's task broke off; see opsdash.log"))
            });
            let _left = messages.send(Msg::Scopes { target, ticket, result: result.map(Box::new) });
        });
        self.reading.insert(ticket, task.abort_handle());
    }

    fn read_pack(&mut self, target: TargetId) {
        let Some(reader) = self.packs.clone() else { return };
        let messages = self.messages.clone();
        self.writing.retain(|task| !task.is_finished());
        let task = tokio::spawn(async move {
            let read = tokio::task::spawn_blocking(move || reader.read(target)).await;
            let result = read.unwrap_or_else(|_| Err("reading it broke off; see opsdash.log".to_owned()));
            let _left = messages.send(Msg::PackRead { target, result: result.map(Box::new) });
        });
        self.writing.push(task.abort_handle());
    }

    /// The login, with the name that the config gives this operator.
    fn operator_name(&self) -> String {
        let (login, label) = &self.operator;
        label.as_ref().map_or_else(|| login.clone(), |label| format!("{login} ({label})"))
    }

    /// Works on the ticks of a target's checklists beside the loop; they come back as a message.
    fn ticks(
        &mut self,
        target: TargetId,
        work: impl FnOnce(&Path, &str) -> anyhow::Result<HandTicks> + Send + 'static,
    ) {
        let (messages, name) = (self.messages.clone(), self.runtimes[target.0].target.clone());
        let dir = self.state_dir.clone();
        self.writing.retain(|task| !task.is_finished());
        let task = tokio::task::spawn_blocking(move || {
            let result = match dir {
                Some(dir) => work(&dir, &name).map_err(|why| format!("{why:#}")),
                None => Err("there is no folder where ticks are kept".to_owned()),
            };
            let _left = messages.send(Msg::Ticks { target, result });
        });
        self.writing.push(task.abort_handle());
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

/// What it has started does not outlive it, however it ends.
impl Drop for Performer {
    fn drop(&mut self) {
        self.abort();
    }
}
