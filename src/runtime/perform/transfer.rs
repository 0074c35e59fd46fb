//! Files that are read to their end beside the loop, one at a time.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use opsdash_core::{
    catalog::FetchRequest,
    contract::{Failure, FailureKind, StoredFile, Ticket},
    model::TargetId,
    msg::Msg,
};
use opsdash_pack::pack::ViewId;
use tokio::sync::mpsc::UnboundedSender;

use super::{Performer, SourceHandle};
use crate::{runtime::transfer_task, store::verified};

/// What a task that reads files needs.
struct TransferTask {
    handle: Arc<SourceHandle>,
    bucket: String,
    ticket: Ticket,
    messages: UnboundedSender<Msg>,
}

impl Performer {
    fn reader(&self, target: TargetId, ticket: Ticket, view: ViewId) -> Option<TransferTask> {
        let runtime = &self.runtimes[target.0];
        let files = runtime.pack.view(view).files.as_ref()?;
        Some(TransferTask {
            handle: runtime.handles[files.store.0].clone(),
            bucket: files.bucket.clone(),
            ticket,
            messages: self.messages.clone(),
        })
    }

    pub(super) fn verify(&mut self, target: TargetId, ticket: Ticket, view: ViewId, files: Vec<StoredFile>) {
        let (Some(reader), dir) = (self.reader(target, ticket, view), self.state_dir.clone()) else { return };
        let task = tokio::spawn(async move {
            let work = AssertUnwindSafe(reader.verify_all(&files, dir.as_deref())).catch_unwind().await;
            reader.end(work.unwrap_or_else(|_| Err(Failure::new(FailureKind::Other, BROKEN_OFF))));
        });
        self.reading.insert(ticket, task.abort_handle());
    }

    pub(super) fn fetch(&mut self, target: TargetId, ticket: Ticket, view: ViewId, wanted: FetchRequest) {
        let Some(reader) = self.reader(target, ticket, view) else { return };
        let task = tokio::spawn(async move {
            let work = AssertUnwindSafe(reader.fetch(&wanted)).catch_unwind().await;
            reader.end(work.unwrap_or_else(|_| Err(Failure::new(FailureKind::Other, BROKEN_OFF))));
        });
        self.reading.insert(ticket, task.abort_handle());
    }
}

const BROKEN_OFF: &str = "it broke off inside opsdash; see opsdash.log";

impl TransferTask {
    fn send(&self, message: Msg) {
        // When the receiver is gone the program is leaving.
        let _left = self.messages.send(message);
    }

    fn end(&self, result: Result<String, Failure>) {
        self.send(Msg::Transferred { ticket: self.ticket, result });
    }

    fn rate(&self) -> Option<u64> {
        self.handle.config.as_ref().and_then(|config| config.read_rate)
    }

    /// One after the other; a source that does not answer ends it. What is wrong with one file, and that a result cannot
    /// be kept, is said at the end, and the others go on.
    async fn verify_all(&self, all: &[StoredFile], dir: Option<&std::path::Path>) -> Result<String, Failure> {
        let mut notes: Vec<String> = Vec::new();
        let source = self.handle.source().await?;
        let scope = self.handle.bucket_id(&self.bucket);
        for file in all {
            let progress = |bytes| self.send(Msg::Moving { ticket: self.ticket, bytes });
            let checked = match transfer_task::verify(source, &self.bucket, file, self.rate(), &progress).await {
                Ok(checked) => checked,
                Err(failure) if transfer_task::is_of_one_file(&failure) => {
                    notes.push(format!("{} cannot be read: {failure}", file.name));
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            if let Some(dir) = dir {
                let kept = tokio::task::block_in_place(|| verified::keep(dir, &scope, file, &checked));
                if let Err(why) = kept {
                    notes.push(format!("the result of {} is not kept: {why:#}", file.name));
                }
            }
            self.send(Msg::Verified { ticket: self.ticket, id: file.id.clone(), checked });
        }
        let more = if notes.len() > 1 { format!(" (and {} more)", notes.len() - 1) } else { String::new() };
        Ok(notes.first().map_or(String::new(), |first| format!("{first}{more}")))
    }

    async fn fetch(&self, wanted: &FetchRequest) -> Result<String, Failure> {
        let source = self.handle.source().await?;
        let other = |why: &str| Failure::new(FailureKind::Other, why);
        let folder = std::env::current_dir().map_err(|why| other(&format!("there is no working directory: {why}")))?;
        let progress = |bytes| self.send(Msg::Moving { ticket: self.ticket, bytes });
        let to = (folder.as_path(), wanted.name.as_str());
        let promised = wanted.promised.as_deref();
        let fetched =
            transfer_task::fetch(source, &self.bucket, &wanted.file, to, promised, self.rate(), &progress).await;
        match fetched {
            Ok(fetched) if promised.is_some() => {
                Ok(format!("{} is here, and its SHA-256 is right", fetched.path.display()))
            }
            Ok(fetched) => {
                Ok(format!("{} is here; the catalog has no SHA-256 to compare with", fetched.path.display()))
            }
            Err(transfer_task::GetError::Failed(failure)) => Err(failure),
            Err(why) => Err(other(&why.to_string())),
        }
    }
}
