//! The steps that `opsdash act` and `opsdash act --undo` share: what forbids writing, asking whoever sits at the terminal,
//! telling what came of it.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    sync::Arc,
    time::Duration,
};

use opsdash_core::{
    action::{ActionReport, ColumnChange, Outcome, Refusal, TextRow, before_and_after, hint, sentence},
    format,
    scope::{self, ScopeChoice},
    text,
};
use opsdash_pack::{
    config::Target,
    pack::{Action, Pack, View, WayOut},
};
use serde_json::{Value as Json, json};

use crate::{
    cli::{args::act::ActArgs, error::CliError, exit::Exit, output::CommandOutput as Ended, setup::Setup},
    export::json,
    runtime::{action_task::ActionContext, source_handle::timeout_ms},
    settings,
    store::audit::{Audit, AuditSubject},
};

/// Rows that a preview and a report for people name.
pub(super) const NAMED: usize = 20;

/// What came of the whole.
pub(super) struct ActSummary {
    pub word: &'static str,
    pub exit: Exit,
    pub rows: Vec<Json>,
    pub error: Option<Json>,
    pub lines: Vec<String>,
    pub notes: Vec<String>,
}

/// What forbids writing at all; the strictest wins.
pub(super) fn may_write(args: &ActArgs, setup: &Setup, target: &Target, read_only: bool) -> Result<(), CliError> {
    let name = &target.name;
    if read_only {
        return Err(CliError::usage("--read-only: nothing is written", "leave it out, or use --dry-run"));
    }
    if setup.config()?.read_only || target.read_only {
        let what = format!("read_only is set in the config: nothing is written to {name}");
        return Err(CliError::usage(what, "--dry-run shows what would be"));
    }
    match args.arm.as_deref() {
        Some(armed) if armed != name => {
            let what = format!("--arm {} does not name the target, which is {name}", text::inert(armed));
            Err(CliError::usage(what, "look where you are about to write"))
        }
        None if target.protected => {
            Err(CliError::usage(format!("{name} is protected: nothing is written"), "give its name: --arm TARGET"))
        }
        _ => Ok(()),
    }
}

/// Where writes are recorded.
///
/// # Errors
/// When there is no place for it; then nothing may be written.
pub(super) fn audit(setup: &Setup) -> Result<Arc<Audit>, CliError> {
    let state = settings::state_dir(&setup.environment);
    let unfit = |why| CliError::usage(format!("nothing is written, for it cannot be recorded: {why:#}"), "");
    state.map(|state| Arc::new(Audit::of(&state))).map_err(unfit)
}

/// What is acted on, by whom, and among whose rows.
///
/// # Errors
/// When there is no config.
pub(super) fn context<'p>(
    setup: &Setup,
    target: &Target,
    pack: &'p Pack,
    (view, action): (&'p View, &'p Action),
    scope: Option<ScopeChoice>,
) -> Result<ActionContext<'p>, CliError> {
    let within = scope::within(pack, view, scope.as_ref());
    let subject = AuditSubject {
        operator: setup.environment.operator.clone(),
        label: setup.config()?.operator_label.clone(),
        target: target.name.clone(),
        system: pack.system.clone(),
        view: view.id.clone(),
        action: action.id.clone(),
        title: action.title.clone(),
        scope,
        can_undo: action.undo.is_some(),
    };
    let work = timeout_ms(target.sources.get(&pack.source(view.source).name));
    Ok(ActionContext { view, action, subject, within, work: Duration::from_millis(work.into()) })
}

/// An action and its view.
type OfView<'a> = (&'a View, &'a Action);

/// What is told where nothing could be written.
pub(super) fn not(of: OfView<'_>, outcome: Outcome) -> ActSummary {
    told(of, ActionReport { failed: Some(outcome), ..ActionReport::default() })
}

/// Whether somebody at the terminal is asked; what is wrong when nobody can be.
pub(super) fn is_asked(args: &ActArgs) -> Result<bool, CliError> {
    let is_asked = !args.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
    if args.yes || is_asked {
        return Ok(is_asked);
    }
    let remedy = "give --yes when it is meant; --dry-run shows what it would do";
    Err(cli_error("there is no terminal to ask on", remedy))
}

pub(super) fn cli_error(message: &str, remedy: &str) -> CliError {
    CliError::usage(format!("{message}; nothing is written"), remedy)
}

/// What is about to be written, for whoever is asked.
pub(super) fn show(title: &str, context: &ActionContext<'_>, lines: &[String]) {
    let whose = context.subject.scope.as_ref().map_or(String::new(), |scope| format!(", {}", scope.in_full()));
    eprintln!("{title} on {}{}", context.subject.target, text::inert(&whose));
    for line in lines {
        eprintln!("{}", text::inert(line));
    }
}

pub(super) async fn is_meant(is_asked: bool) -> Result<(), CliError> {
    if is_asked && answer("Write? [y/N] ".to_owned()).await != "y" {
        return Err(cli_error("not confirmed", ""));
    }
    Ok(())
}

/// Asks whether what these lines tell is meant, unless the command line answers.
///
/// # Errors
/// When nobody says so.
pub(super) async fn ask(
    args: &ActArgs,
    title: &str,
    context: &ActionContext<'_>,
    lines: &[String],
) -> Result<(), CliError> {
    let is_asked = is_asked(args)?;
    if is_asked {
        show(title, context, lines);
    }
    is_meant(is_asked).await
}

/// One line from the terminal; empty when none can be read. A thread of its own reads: a signal must end the command while
/// nobody answers.
pub(super) async fn answer(question: String) -> String {
    let read = tokio::task::spawn_blocking(move || {
        let mut stderr = io::stderr();
        let _shown = write!(stderr, "{question}").and_then(|()| stderr.flush());
        let mut line = String::new();
        let _read = io::stdin().lock().read_line(&mut line);
        line.trim().to_owned()
    });
    read.await.unwrap_or_default()
}

/// `status: ACTIVE -> REVOKED`.
pub(super) fn in_words(change: &ColumnChange) -> String {
    let shown = |value: &Option<String>| text::one_line(value.as_deref().unwrap_or("null")).into_owned();
    format!("{}: {} -> {}", change.column, shown(&change.from), shown(&change.to))
}

pub(super) fn more(count: usize) -> Option<String> {
    (count > NAMED).then(|| format!("  and {} more", count - NAMED))
}

/// Rows to which the action does not apply: nobody was asked, and nothing written.
pub(super) fn refusal(of: OfView<'_>, refused: &[Refusal]) -> ActSummary {
    ActSummary {
        word: "refused",
        exit: Exit::Changed,
        rows: refused.iter().map(refused_row).collect(),
        error: Some(json!({"message": sentences(of, refused)})),
        lines: Vec::new(),
        notes: vec![format!("refused, nothing is written:\n{}", sentences(of, refused))],
    }
}

fn refused_row(refusal: &Refusal) -> Json {
    let now = refusal.now.as_ref().map(|record| {
        let columns = record.columns().map(|(name, text)| (name.to_owned(), Json::from(text)));
        Json::Object(columns.collect())
    });
    json!({"key": refusal.key, "why": refusal.why, "now": now})
}

pub(super) fn told(of: OfView<'_>, report: ActionReport) -> ActSummary {
    let ActionReport { done, left, failed, mut notes } = report;
    if !left.is_empty() {
        notes.insert(0, format!("{} left:\n{}", format::rows(left.len()), sentences(of, &left)));
    }
    let written = |record: &TextRow| {
        let (before, after) = before_and_after(record);
        json!({"key": record.key(), "before": before, "after": after})
    };
    let mut rows: Vec<Json> = done.iter().map(written).chain(left.iter().map(refused_row)).collect();
    let mut lines: Vec<String> = done.iter().take(NAMED).map(|record| format!("  {}", was_and_is(record))).collect();
    if !done.is_empty() {
        lines.insert(0, format!("done: {}", format::rows(done.len())));
        lines.extend(more(done.len()));
    }
    let Some(outcome) = failed else {
        return ActSummary { word: "done", exit: Exit::Done, rows, error: None, lines, notes };
    };
    let before =
        if done.is_empty() { "nothing is written" } else { "the batches before are written, nothing of this one" };
    let (word, exit, error, note) = match &outcome {
        Outcome::Changed(refused) => {
            rows.extend(refused.iter().map(refused_row));
            let said = sentences(of, refused);
            ("changed", Exit::Changed, json!({"message": said}), format!("a row had changed, {before}:\n{said}"))
        }
        Outcome::Failed(failure) => {
            let note = format!("{before}: {failure}\n  {}", hint(failure));
            let mut error = json::error(failure);
            error["hint"] = hint(failure).into();
            ("refused", Exit::SourceDown, error, note)
        }
        Outcome::Unknown { why, rows: unknown } => {
            rows.extend(unknown.iter().map(written));
            let note = format!("the outcome is unknown: {why}\n  look at the rows before you do it again");
            ("unknown", Exit::SourceDown, json!({"message": why}), note)
        }
        Outcome::Refused(why) => ("refused", Exit::Usage, json!({"message": why}), why.clone()),
        Outcome::Done(_) => ("done", Exit::Done, Json::Null, String::new()),
    };
    notes.insert(0, note);
    ActSummary { word, exit, rows, error: Some(error), lines, notes }
}

/// A row that is written: what it was and is.
fn was_and_is(record: &TextRow) -> String {
    let (before, after) = before_and_after(record);
    if after.is_null() {
        return text::inert(&format!("{}  is deleted", record.key())).into_owned();
    }
    let shown = |value: &Json| match value {
        Json::String(text) => text::one_line(text).into_owned(),
        _ => "null".to_owned(),
    };
    let differing = after.as_object().into_iter().flatten().filter(|(name, value)| before.get(name) != Some(value));
    let parts = differing.map(|(name, value)| format!("{name}: {} -> {}", shown(&before[name]), shown(value)));
    text::inert(&format!("{}  {}", record.key(), parts.collect::<Vec<_>>().join(", "))).into_owned()
}

pub(super) fn ended(
    args: &ActArgs,
    (target, view, action): (&str, &View, &Action),
    scope: Option<&ScopeChoice>,
    told: ActSummary,
) -> Ended {
    let ActSummary { word, exit, rows, error, lines, notes } = told;
    let data = if args.json {
        let mut envelope = json!({
            "schema": json::SCHEMA,
            "target": target,
            "action": format!("{}.{}", view.id, action.id),
            "outcome": word,
            "rows": rows,
            "error": error,
        });
        if let Some(scope) = scope {
            envelope["scope"] = json::scope(scope);
        }
        json::bytes(&envelope)
    } else {
        lines.iter().flat_map(|line| format!("{}\n", text::inert(line)).into_bytes()).collect()
    };
    Ended { data, notes, exit }
}

/// Why rows are not written, a line each: by their keys, which were typed, and by what they are called.
pub(super) fn sentences(of: OfView<'_>, refused: &[Refusal]) -> String {
    let (view, action) = of;
    let command = |way: &WayOut| format!("opsdash act {} {}", view.id, way.action);
    let line = |refusal: &Refusal| match sentence(action, refusal, command) {
        said if refusal.now.is_none() || said.starts_with(&refusal.key) => said,
        said => format!("{}  {said}", text::inert(&refusal.key)),
    };
    refused.iter().map(line).collect::<Vec<_>>().join("\n")
}
