//! Carries out what was confirmed: records, writes, records again; one batch after the other, and none after one that was
//! not done.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use opsdash_core::{
    action::{ActionReport, Batch, BoundStatement, Outcome, Refusal, TextRow, WritePlan, altered, left, name, undoing},
    contract::{Failure, FailureKind, Within},
};
use opsdash_pack::pack::{Action, KEY, View};
use opsdash_sources::Source;

use crate::store::audit::{Audit, AuditSubject, Intent, NamedRow, actions::UNDO};

/// What is acted on, and by whom.
pub struct ActionContext<'a> {
    /// The view.
    pub view: &'a View,
    /// Its action.
    pub action: &'a Action,
    /// Who and where, for the record.
    pub subject: AuditSubject,
    /// The part of the source that the rows are of.
    pub within: Within,
    /// How long the server may work on a statement.
    pub work: Duration,
}

/// What a preview is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewFor {
    /// To be shown. A login that may only read is enough.
    Show,
    /// To be written: whether the login may is asked too.
    Write,
}

/// Looks, on the primary, at what the action would write of these rows of the view; of a set at all of its rows.
///
/// # Errors
/// Why they cannot be seen, or must not be written.
pub async fn preview(
    source: &Source,
    context: &ActionContext<'_>,
    rows: &[String],
    purpose: PreviewFor,
) -> Result<Vec<TextRow>, Outcome> {
    let set = BoundStatement::set(context.view, context.action);
    let preview = set.unwrap_or_else(|| BoundStatement::preview(context.view, context.action, rows.to_vec()));
    let preview = preview.within(&context.within);
    let nothing = WritePlan { seen: Vec::new(), asked: BTreeMap::new() };
    let write = BoundStatement::write(context.view, context.action, &context.subject.operator, &nothing, &[])
        .map_err(Outcome::Failed)?
        .within(&context.within);
    let write = (purpose == PreviewFor::Write).then_some(&write);
    source.preview(&preview, write, context.action.most, &context.within, context.work).await
}

/// Writes what was prepared; `progress` is told how many rows are done after each batch. Dropping the future leaves the
/// outcome of the batch at hand unknown, and records it so. Rows of a set that others held are tried once more when all
/// else is done; those that are left are looked at, and named with why.
pub async fn carry_out(
    source: &Source,
    context: &ActionContext<'_>,
    prepared: &WritePlan,
    audit: &Arc<Audit>,
    progress: impl Fn(usize) + Send + Sync,
) -> ActionReport {
    let mut report = ActionReport::default();
    write_batches(source, context, prepared, audit, &progress, &mut report).await;
    if context.action.set.is_none() || report.failed.is_some() {
        return report;
    }
    let held = not_done(prepared, &report);
    if !held.seen.is_empty() {
        write_batches(source, context, &held, audit, &progress, &mut report).await;
    }
    let held = not_done(&held, &report);
    if !held.seen.is_empty() && report.failed.is_none() {
        let keys = held.seen.iter().map(|record| record.key().to_owned()).collect();
        let look = BoundStatement::preview(context.view, context.action, keys).within(&context.within);
        match source.preview(&look, None, held.seen.len(), &context.within, context.work).await {
            Ok(now) => report.left = left(&held.seen, &now),
            Err(outcome) => {
                let rows = held.seen.len();
                report.notes.push(format!("{rows} rows are left, and why cannot be seen: {}", outcome.said()));
            }
        }
    }
    report
}

/// What is prepared and not done yet.
fn not_done(prepared: &WritePlan, report: &ActionReport) -> WritePlan {
    let done: BTreeSet<&str> = report.done.iter().map(TextRow::key).collect();
    let open = prepared.seen.iter().filter(|record| !done.contains(record.key()));
    WritePlan { seen: open.cloned().collect(), asked: prepared.asked.clone() }
}

/// Batch after batch, and none after one that was not done.
async fn write_batches(
    source: &Source,
    context: &ActionContext<'_>,
    prepared: &WritePlan,
    audit: &Arc<Audit>,
    progress: &(impl Fn(usize) + Send + Sync),
    report: &mut ActionReport,
) {
    let batches = prepared.batches(context.action);
    let of = batches.len();
    for (at, batch) in batches.enumerate() {
        let call = BoundStatement::write(context.view, context.action, &context.subject.operator, prepared, batch);
        let step = BatchStep {
            context,
            subject: &context.subject,
            action: context.action,
            prepared,
            seen: batch,
            place: (at + 1, of),
        };
        step.run(source, call, audit, report).await;
        if report.failed.is_some() {
            break;
        }
        progress(report.done.len());
    }
}

/// Records that somebody wanted to write rows to which the action does not apply; answers with a note when it cannot.
pub async fn record_refusal(context: &ActionContext<'_>, refused: &[Refusal], audit: &Arc<Audit>) -> Option<String> {
    let of = |refusal: &Refusal| {
        let bare = || TextRow(vec![(KEY.to_owned(), Some(refusal.key.clone()))]);
        refusal.now.clone().unwrap_or_else(bare)
    };
    let (subject, record) = (context.subject.clone(), audit.clone());
    let named = |seen: TextRow| NamedRow { name: name(context.action, &seen), seen };
    let rows: Vec<NamedRow> = refused.iter().map(of).map(named).collect();
    let outcome = Outcome::Changed(refused.to_vec());
    let recorded = blocking(move || {
        let intent = record.intend(&subject, &BTreeMap::new(), &rows, (1, 1))?;
        record.conclude(&intent, &outcome)
    });
    recorded.await.err().map(|why| format!("the refusal could not be recorded: {why}"))
}

/// For the record: the same, of what takes it back.
#[must_use]
pub fn undo_subject(context: &ActionContext<'_>) -> AuditSubject {
    AuditSubject { action: format!("{UNDO}{}", context.action.id), can_undo: false, ..context.subject.clone() }
}

/// Looks, on the primary, whether the rows that a write returned are still as it left them: those that are not, each with
/// why.
///
/// # Errors
/// Why they cannot be seen, or must not be written.
pub async fn look_back(
    source: &Source,
    context: &ActionContext<'_>,
    written: &[TextRow],
    purpose: PreviewFor,
) -> Result<Vec<Refusal>, Outcome> {
    let (action, as_left) = undoing(context.action, written);
    let keys = written.iter().map(|record| record.key().to_owned()).collect();
    let look = BoundStatement::preview(context.view, &action, keys).within(&context.within);
    let first = written.chunks(action.batch.max(1)).next().unwrap_or_default();
    let undo = BoundStatement::undo(context.view, context.action, &context.subject.operator, first);
    let undo = undo.transpose().map_err(Outcome::Failed)?.map(|undo| undo.within(&context.within));
    let undo = undo.as_ref().filter(|_| purpose == PreviewFor::Write);
    let now = source.preview(&look, undo, written.len(), &context.within, context.work).await?;
    Ok(altered(&action, &as_left, &now))
}

/// Takes back what a write returned, where the rows are still as it left them.
pub async fn take_back(
    source: &Source,
    context: &ActionContext<'_>,
    written: &[TextRow],
    audit: &Arc<Audit>,
    progress: impl Fn(usize) + Send + Sync,
) -> ActionReport {
    let mut report = ActionReport::default();
    let (action, left) = undoing(context.action, written);
    let subject = undo_subject(context);
    let prepared = WritePlan { seen: left, asked: BTreeMap::new() };
    let (size, of) = (action.batch.max(1), prepared.batches(&action).len());
    for (at, batch) in written.chunks(size).enumerate() {
        let call =
            BoundStatement::undo(context.view, context.action, &context.subject.operator, batch).unwrap_or_else(|| {
                let what = format!("\"{}\" cannot be undone", context.action.id);
                Err(Failure::new(FailureKind::Other, &what))
            });
        let seen = &prepared.seen[at * size..][..batch.len()];
        let step =
            BatchStep { context, subject: &subject, action: &action, prepared: &prepared, seen, place: (at + 1, of) };
        step.run(source, call, audit, &mut report).await;
        if report.failed.is_some() {
            break;
        }
        progress(report.done.len());
    }
    report
}

/// One batch.
struct BatchStep<'a> {
    context: &'a ActionContext<'a>,
    subject: &'a AuditSubject,
    action: &'a Action,
    prepared: &'a WritePlan,
    seen: &'a [TextRow],
    place: (usize, usize),
}

impl BatchStep<'_> {
    /// A row of an undo is what a write left: what tells it apart may not be among its columns, and the record has its name.
    fn named(&self, seen: &TextRow) -> NamedRow {
        let is_undo = self.subject.action != self.context.subject.action;
        NamedRow { name: if is_undo { String::new() } else { name(self.action, seen) }, seen: seen.clone() }
    }

    async fn run(
        &self,
        source: &Source,
        call: Result<BoundStatement, Failure>,
        audit: &Arc<Audit>,
        report: &mut ActionReport,
    ) {
        let call = match call {
            Ok(call) => call.within(&self.context.within),
            Err(failure) => {
                report.failed = Some(Outcome::Failed(failure));
                return;
            }
        };
        let (subject, asked) = (self.subject.clone(), self.prepared.asked.clone());
        let rows: Vec<NamedRow> = self.seen.iter().map(|seen| self.named(seen)).collect();
        let (place, record, recording) = (self.place, audit.clone(), Recording::begin());
        // When the program is left meanwhile, nobody receives this intent. Dropping it records the outcome as unknown.
        let intended = blocking(move || {
            let intent = record.intend(&subject, &asked, &rows, place)?;
            Ok(OpenIntent { audit: record, intent: Some(intent), _recording: recording })
        });
        let open = match intended.await {
            Ok(open) => open,
            Err(why) => {
                let what = format!("nothing is written, for it cannot be recorded: {why}");
                report.failed = Some(Outcome::Refused(what));
                return;
            }
        };
        let keys = self.seen.iter().map(|record| record.key().to_owned()).collect();
        let preview = BoundStatement::preview(self.context.view, self.action, keys).within(&self.context.within);
        let batch = Batch { action: self.action, seen: self.seen, write: &call, preview: &preview };
        let outcome = source.act(batch, &self.context.within, self.context.work).await;
        let told = outcome.clone();
        if let Err(why) = blocking(move || open.conclude(&told)).await {
            report.notes.push(format!("the outcome \"{}\" could not be recorded: {why}", outcome.word()));
        }
        match outcome {
            Outcome::Done(rows) => report.done.extend(rows),
            other => report.failed = Some(other),
        }
    }
}

/// A batch whose intent is recorded. Dropped without an outcome, because the program is left, it records that nobody knows.
struct OpenIntent {
    audit: Arc<Audit>,
    intent: Option<Intent>,
    _recording: Recording,
}

impl OpenIntent {
    fn conclude(mut self, outcome: &Outcome) -> std::io::Result<()> {
        self.intent.take().map_or(Ok(()), |intent| self.audit.conclude(&intent, outcome))
    }
}

impl Drop for OpenIntent {
    fn drop(&mut self) {
        if let Some(intent) = self.intent.take() {
            let why = "opsdash was left while it was being written".to_owned();
            // An intent without an outcome means the same to who reads the record.
            let _recorded = self.audit.conclude(&intent, &Outcome::Unknown { why, rows: Vec::new() });
        }
    }
}

/// Batches whose record is being written: from before their intent until their outcome is there.
static RECORDING: AtomicUsize = AtomicUsize::new(0);

/// One of them, while it lives.
struct Recording;

impl Recording {
    fn begin() -> Self {
        RECORDING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        RECORDING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether the record of some write lacks its outcome still.
pub(super) fn is_recording() -> bool {
    RECORDING.load(Ordering::SeqCst) > 0
}

/// Waits for the disk beside the loop.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> std::io::Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(std::io::Error::other("it broke off inside opsdash")),
    }
}
