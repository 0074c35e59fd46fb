//! Effects that write: previewed, carried out and recorded beside the loop.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use opsdash_core::{
    action::{ActionReport, ActionRequest, Outcome, Refusal, WriteKind},
    contract::Ticket,
    effect::RunId,
    model::TargetId,
    msg::Msg,
    scope,
};
use opsdash_pack::pack::Pack;
use tokio::sync::mpsc::UnboundedSender;

use super::{Performer, SourceHandle};
use crate::{
    runtime::{
        action_task::{self, ActionContext, PreviewFor},
        source_handle::timeout_ms,
    },
    store::audit::{self, Audit, AuditSubject, history},
};

/// What a task that acts needs of its target.
struct ActionTask {
    pack: Arc<Pack>,
    handle: Arc<SourceHandle>,
    subject: AuditSubject,
    request: ActionRequest,
    audit: Option<Arc<Audit>>,
    messages: UnboundedSender<Msg>,
}

impl Performer {
    fn task(&self, target: TargetId, request: ActionRequest) -> ActionTask {
        let runtime = &self.runtimes[target.0];
        let view = runtime.pack.view(request.view);
        let subject = AuditSubject {
            operator: self.operator.0.clone(),
            label: self.operator.1.clone(),
            target: runtime.target.clone(),
            system: runtime.pack.system.clone(),
            view: view.id.clone(),
            action: view.actions[request.action].id.clone(),
            title: view.actions[request.action].title.clone(),
            scope: request.scope.clone(),
            can_undo: view.actions[request.action].undo.is_some(),
        };
        ActionTask {
            pack: runtime.pack.clone(),
            handle: runtime.handles[view.source.0].clone(),
            subject,
            request,
            audit: self.audit.clone(),
            messages: self.messages.clone(),
        }
    }

    pub(super) fn preview(&mut self, target: TargetId, ticket: Ticket, request: ActionRequest) {
        let task = self.task(target, request);
        let task = tokio::spawn(async move {
            let previewed = AssertUnwindSafe(async {
                let source = task.handle.source().await.map_err(Outcome::Failed)?;
                action_task::preview(source, &task.context(), &task.request.rows, PreviewFor::Write).await
            });
            let result = previewed.catch_unwind().await.unwrap_or_else(|_| Err(Outcome::Refused(broken_off())));
            let _left = task.messages.send(Msg::Previewed { ticket, result });
        });
        self.reading.insert(ticket, task.abort_handle());
    }

    pub(super) fn execute(&mut self, target: TargetId, ticket: Ticket, request: ActionRequest, write: WriteKind) {
        let task = self.task(target, request);
        let task = tokio::spawn(async move {
            let report = AssertUnwindSafe(task.write(ticket, &write)).catch_unwind().await;
            let report = report.unwrap_or_else(|_| {
                // Its drop has recorded it so.
                let outcome = Outcome::Unknown { why: broken_off(), rows: Vec::new() };
                ActionReport { failed: Some(outcome), ..ActionReport::default() }
            });
            let _left = task.messages.send(Msg::Written { ticket, report: Box::new(report) });
        });
        self.writing.push(task.abort_handle());
    }

    pub(super) fn record(&mut self, target: TargetId, request: ActionRequest, refused: Vec<Refusal>) {
        let task = self.task(target, request);
        let task = tokio::spawn(async move {
            let Some(audit) = &task.audit else { return };
            if let Some(why) = action_task::record_refusal(&task.context(), &refused, audit).await {
                let _left = task.messages.send(Msg::Done { run: RunId::Record, result: Err(why) });
            }
        });
        self.writing.push(task.abort_handle());
    }

    /// Tells of writes of earlier runs whose end nobody heard, and of those that can still be taken back, once they are
    /// read from the record.
    pub fn report_unknown_writes(&self) {
        let (Some(dir), messages) = (self.state_dir.clone(), self.messages.clone()) else { return };
        tokio::task::spawn_blocking(move || {
            let unsettled = audit::unsettled(&dir);
            if !unsettled.is_empty() {
                let _left = messages.send(Msg::Unsettled(unsettled));
            }
            let recorded = history::undoable(&dir);
            if !recorded.is_empty() {
                let _left = messages.send(Msg::Recorded(recorded));
            }
        });
    }

    /// Reads what was done from the record.
    pub(super) fn read_history(&mut self, ticket: Ticket) {
        let (dir, messages) = (self.state_dir.clone(), self.messages.clone());
        self.reading.retain(|_, task| !task.is_finished());
        let task = tokio::spawn(async move {
            let read = tokio::task::spawn_blocking(move || match dir {
                Some(dir) => history::history(&dir).map_err(|why| why.to_string()),
                None => Err("there is no folder where it is kept".to_owned()),
            });
            let result = read.await.unwrap_or_else(|_| Err(broken_off()));
            let _left = messages.send(Msg::History { ticket, result });
        });
        self.reading.insert(ticket, task.abort_handle());
    }
}

impl ActionTask {
    fn context(&self) -> ActionContext<'_> {
        let view = self.pack.view(self.request.view);
        let work = timeout_ms(self.handle.config.as_ref());
        ActionContext {
            view,
            action: &view.actions[self.request.action],
            subject: self.subject.clone(),
            within: scope::within(&self.pack, view, self.request.scope.as_ref()),
            work: Duration::from_millis(work.into()),
        }
    }

    async fn write(&self, ticket: Ticket, write: &WriteKind) -> ActionReport {
        let not = |outcome| ActionReport { failed: Some(outcome), ..ActionReport::default() };
        let Some(audit) = &self.audit else {
            return not(Outcome::Refused("nothing is written, for there is nowhere to record it".into()));
        };
        let source = match self.handle.source().await {
            Ok(source) => source,
            Err(failure) => return not(Outcome::Failed(failure)),
        };
        let progress = |done| {
            let _left = self.messages.send(Msg::Progress { ticket, done });
        };
        match write {
            WriteKind::Do(prepared) => action_task::carry_out(source, &self.context(), prepared, audit, progress).await,
            WriteKind::Undo(written) => action_task::take_back(source, &self.context(), written, audit, progress).await,
        }
    }
}

fn broken_off() -> String {
    "it broke off inside opsdash; see opsdash.log".to_owned()
}
