//! `opsdash act`: a guarded write from the shell.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    sync::Arc,
    time::Duration,
};

use jiff::tz::TimeZone;
use opsdash_core::{
    action::{
        ActionReport, ColumnChange, Confirmation, Outcome, Refusal, TextRow, WritePlan, before_and_after, changed,
        check_asked, check_rows, check_verified, confirmation, digits, hint, is_typed, prepare, told as names,
    },
    contract::{Failure, FailureKind},
    format,
    model::{Choices, Demand},
    scope::{self, ScopeChoice},
    text,
};
use opsdash_pack::{
    command::Command,
    config::{SourceConfig, Target},
    document::suggest,
    keymap::Keymap,
    pack::{Action, Pack, View},
};
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        args::act::ActArgs,
        choices::find_view,
        error::CliError,
        exit::Exit,
        output::CommandOutput as Ended,
        query, row_names,
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    export::json,
    runtime::{
        action_task::{self, ActionContext, PreviewFor},
        clocks::Clocks,
        headless,
        source_handle::{SourceHandle, naive_zone, timeout_ms},
    },
    settings,
    store::audit::{Audit, AuditSubject},
};

/// Rows that a preview and a report for people name.
pub(super) const NAMED: usize = 20;

/// Columns by which a preview says which row it is: the first that the preview returns.
const TOLD: usize = 2;

/// What came of the whole.
pub(super) struct ActSummary {
    pub word: &'static str,
    pub exit: Exit,
    pub rows: Vec<Json>,
    pub error: Option<Json>,
    pub lines: Vec<String>,
    pub notes: Vec<String>,
}

/// Carries the command out. `read_only` is what was said before the subcommand.
///
/// # Errors
/// When the call, the config or a pack is wrong, or it is not confirmed; then nothing is written.
pub fn run(args: &ActArgs, setup: &Setup, wanted: &TargetSelection, read_only: bool) -> Result<Ended, CliError> {
    let target = one_target(setup, wanted)?;
    let pack = setup.pack(target).map_err(|problems| wrong(&problems))?;
    let id = find_view(&pack, args.view.as_deref().unwrap_or_default())?;
    let view = pack.view(id);
    let action = find_action(view, args.action.as_deref().unwrap_or_default(), setup)?;
    if !args.dry_run {
        may_write(args, setup, target, read_only)?;
    }
    check_rows(action, &args.keys).map_err(|refused| CliError::usage(sentences(&refused), ""))?;
    let config = target.sources.get(&pack.source(view.source).name);
    let zone = zone(config)?;
    let asked = check_asked(action, &args.set, Clocks::start().read().utc, &zone)
        .map_err(|wrong| CliError::usage(wrong.join("\n"), prompts(action)))?;
    let args = &ActArgs {
        keys: query::wait_for(row_names::keys(&args.keys, setup, target, (&pack, id), action))?,
        ..args.clone()
    };
    check_rows(action, &args.keys).map_err(|refused| CliError::usage(sentences(&refused), ""))?;
    // Found out before anybody is asked: whose rows are written to is no afterthought.
    let chosen = match query::wait_for(chosen(setup, target, &pack, view))? {
        Ok(chosen) => chosen,
        Err(failure) => {
            let told = told(ActionReport { failed: Some(Outcome::Failed(failure)), ..ActionReport::default() });
            return Ok(ended(args, (&target.name, view, action), None, told));
        }
    };
    let subject = AuditSubject {
        operator: setup.environment.operator.clone(),
        label: setup.config()?.operator_label.clone(),
        target: target.name.clone(),
        system: pack.system.clone(),
        view: view.id.clone(),
        action: action.id.clone(),
        title: action.title.clone(),
        scope: chosen.clone(),
        can_undo: action.undo.is_some(),
    };
    let work = timeout_ms(config);
    let work = Duration::from_millis(work.into());
    let context = ActionContext { view, action, subject, within: scope::within(&pack, view, chosen.as_ref()), work };
    let told = query::wait_for(talk(args, setup, target, &pack, &context, asked))?;
    Ok(ended(args, (&target.name, view, action), chosen.as_ref(), told))
}

fn one_target<'s>(setup: &'s Setup, wanted: &TargetSelection) -> Result<&'s Target, CliError> {
    match wanted.of(setup.config()?)?.as_slice() {
        [one] if !wanted.all => Ok(one),
        _ => Err(CliError::usage("act writes to one target", "name it: --target NAME")),
    }
}

/// Whose rows are written to, as the command line or the config says it; `None` where the view is not asked within a
/// scope.
async fn chosen(
    setup: &Setup,
    target: &Target,
    pack: &Pack,
    view: &View,
) -> Result<Result<Option<ScopeChoice>, Failure>, CliError> {
    let Some(scope) = pack.scope.as_ref().filter(|_| view.scoped) else { return Ok(Ok(None)) };
    let Some(wanted) = &target.scope else {
        let what = format!("no {} chosen: nothing is written", scope.title);
        return Err(CliError::usage(what, "name it by its id or its label: --scope VALUE"));
    };
    let handle = SourceHandle::of(pack, scope.source, target, &setup.environment);
    match handle.scope_named(scope, wanted).await {
        Ok(chosen) => Ok(Ok(Some(chosen))),
        Err(failure) if failure.kind == FailureKind::NoScope => {
            Err(CliError::usage(format!("{}: nothing is written", failure.message), failure.hint().to_owned()))
        }
        Err(failure) => Ok(Err(failure)),
    }
}

fn find_action<'v>(view: &'v View, id: &str, setup: &Setup) -> Result<&'v Action, CliError> {
    view.actions.iter().find(|action| action.id == id).ok_or_else(|| {
        if id == Command::Snooze.entry().name {
            let keymap = Keymap::with(&setup.loaded.config.keys).unwrap_or_default();
            let key = keymap.key_of(Command::Snooze);
            let what = format!("rows are snoozed on a screen, for a screen: there {key} does it");
            return CliError::usage(what, "nothing was done");
        }
        let known = view.actions.iter().map(|action| action.id.as_str());
        CliError::usage(format!("{} has no action \"{}\"", view.id, text::inert(id)), suggest(id, known))
    })
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

fn zone(config: Option<&SourceConfig>) -> Result<TimeZone, CliError> {
    naive_zone(config).ok_or_else(|| {
        let name = config.and_then(|config| config.naive_zone.as_deref()).unwrap_or_default();
        CliError::usage(format!("naive_zone: this machine knows no zone \"{name}\""), "")
    })
}

fn prompts(action: &Action) -> String {
    let known = action.prompts.iter().map(|ask| format!("--set {}=..", ask.name));
    known.collect::<Vec<_>>().join(" ")
}

fn sentences(refused: &[Refusal]) -> String {
    let about = |key: &str| if key.is_empty() { String::new() } else { format!("{}: ", text::inert(key)) };
    let sentence = |refusal: &Refusal| format!("{}{}", about(&refusal.key), refusal.why);
    refused.iter().map(sentence).collect::<Vec<_>>().join("\n")
}

/// Looks, asks, writes.
async fn talk(
    args: &ActArgs,
    setup: &Setup,
    target: &Target,
    pack: &Arc<Pack>,
    context: &ActionContext<'_>,
    asked: std::collections::BTreeMap<String, String>,
) -> Result<ActSummary, CliError> {
    let handle = SourceHandle::of(pack, context.view.source, target, &setup.environment);
    let source = match handle.source().await {
        Ok(source) => source,
        Err(failure) => {
            return Ok(told(ActionReport { failed: Some(Outcome::Failed(failure)), ..ActionReport::default() }));
        }
    };
    let purpose = if args.dry_run { PreviewFor::Show } else { PreviewFor::Write };
    let previewed = match action_task::preview(source, context, &args.keys, purpose).await {
        Ok(previewed) => previewed,
        Err(outcome) => return Ok(told(ActionReport { failed: Some(outcome), ..ActionReport::default() })),
    };
    if context.action.set.is_some() && previewed.is_empty() {
        let mut nothing = told(ActionReport::default());
        nothing.lines.push("there is nothing to do".to_owned());
        return Ok(nothing);
    }
    let is_cut = previewed.len() > context.action.most;
    let prepared = match prepare(context.action, &args.keys, previewed, asked) {
        Ok(prepared) => at_most(args, context.action, prepared)?,
        Err(refused) if args.dry_run => return Ok(refusal(&refused)),
        Err(refused) => {
            let mut told = refusal(&refused);
            told.notes.extend(action_task::record_refusal(context, &refused, &audit(setup)?).await);
            return Ok(told);
        }
    };
    let more = is_cut.then(|| format!("there are more; {} are written at a time", format::rows(context.action.most)));
    if args.dry_run {
        let mut shown = preview(context, &prepared);
        shown.notes.extend(more);
        return Ok(shown);
    }
    if context.action.verified {
        check_files(args, setup, target, pack, context, &prepared.seen).await?;
    }
    confirm(args, context, &prepared).await?;
    let mut ended = told(action_task::carry_out(source, context, &prepared, &audit(setup)?, |_| {}).await);
    ended.notes.extend(more);
    Ok(ended)
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

/// Of a set the first rows, as many as `--confirm` says: it may have grown since somebody counted it.
fn at_most(args: &ActArgs, action: &Action, mut prepared: WritePlan) -> Result<WritePlan, CliError> {
    if let (Some(_), Some(typed)) = (&action.set, &args.confirm) {
        let number = digits(typed).parse().ok().filter(|number| *number > 0);
        let wrong = || CliError::usage("--confirm is no number of rows; nothing is written", "--dry-run counts them");
        prepared.seen.truncate(number.ok_or_else(wrong)?);
    }
    Ok(prepared)
}

/// Whether the files of the rows were verified and are as they should be, as the view's tab shows it.
async fn check_files(
    args: &ActArgs,
    setup: &Setup,
    target: &Target,
    pack: &Arc<Pack>,
    context: &ActionContext<'_>,
    seen: &[TextRow],
) -> Result<(), CliError> {
    let id = find_view(pack, &context.view.id)?;
    let choices = Choices::of(context.view);
    let demand = Demand::Once { view: id, choices };
    let mut session = query::session(setup, target, pack.clone(), demand)?;
    headless::run(&mut session, &[id], None).await;
    let known = session.model.target().panel(id).list_snapshot().map(|snapshot| snapshot.rows.as_slice());
    check_verified(context.view, context.action, &args.keys, known, seen).map_err(|refused| CliError {
        exit: Exit::Changed,
        message: format!("nothing is written:\n{}", sentences(&refused)),
        remedy: "`opsdash files verify KEY` reads a file".into(),
    })
}

/// Asks whoever sits at the terminal, unless the command line answers. A refusal does not tell what was
/// to be typed.
async fn confirm(args: &ActArgs, context: &ActionContext<'_>, prepared: &WritePlan) -> Result<(), CliError> {
    let is_asked = is_asked(args)?;
    let wanted = confirmation(context.action, prepared);
    if is_asked {
        show(&context.action.title, context, &preview(context, prepared).lines);
        if context.action.undo.is_none() {
            eprintln!("This cannot be undone.");
        }
    }
    match (wanted, &args.confirm) {
        (Confirmation::Type { value, .. }, Some(typed)) if is_typed(typed, &value) => {}
        // The plan has no more rows than it says.
        (Confirmation::Type { .. }, Some(_)) if context.action.set.is_some() => {}
        (Confirmation::Type { what, .. }, Some(_)) => {
            return Err(cli_error(&format!("--confirm is not {what}"), "look at the rows again"));
        }
        (Confirmation::Type { what, value }, None) if is_asked => {
            if !is_typed(&answer(format!("Type {what}: ")).await, &value) {
                return Err(cli_error(&format!("that is not {what}"), "look at the rows again"));
            }
            return Ok(());
        }
        (Confirmation::Type { what, .. }, None) => {
            let what = format!("{} wants {what} to be typed", context.action.id);
            return Err(cli_error(&what, "give it: --confirm VALUE"));
        }
        (Confirmation::Yes, _) => {}
    }
    is_meant(is_asked).await
}

/// Whether somebody at the terminal is asked; what is wrong when nobody can be.
fn is_asked(args: &ActArgs) -> Result<bool, CliError> {
    let is_asked = !args.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
    if args.yes || is_asked {
        return Ok(is_asked);
    }
    let remedy = "give --yes when it is meant; --dry-run shows what it would do";
    Err(cli_error("there is no terminal to ask on", remedy))
}

fn cli_error(message: &str, remedy: &str) -> CliError {
    CliError::usage(format!("{message}; nothing is written"), remedy)
}

/// What is about to be written, for whoever is asked.
fn show(title: &str, context: &ActionContext<'_>, lines: &[String]) {
    let whose = context.subject.scope.as_ref().map_or(String::new(), |scope| format!(", {}", scope.in_full()));
    eprintln!("{title} on {}{}", context.subject.target, text::inert(&whose));
    for line in lines {
        eprintln!("{}", text::inert(line));
    }
}

async fn is_meant(is_asked: bool) -> Result<(), CliError> {
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
async fn answer(question: String) -> String {
    let read = tokio::task::spawn_blocking(move || {
        let mut stderr = io::stderr();
        let _shown = write!(stderr, "{question}").and_then(|()| stderr.flush());
        let mut line = String::new();
        let _read = io::stdin().lock().read_line(&mut line);
        line.trim().to_owned()
    });
    read.await.unwrap_or_default()
}

fn preview(context: &ActionContext<'_>, prepared: &WritePlan) -> ActSummary {
    let changes = |record: &TextRow| changed(context.action, record, &prepared.asked, &context.subject.operator);
    let row = |record: &TextRow| {
        let before = record.columns().map(|(name, text)| (name.to_owned(), Json::from(text)));
        let after = changes(record).into_iter();
        let after = after.map(|change| (change.column, Json::from(change.to)));
        json!({
            "key": record.key(),
            "before": before.collect::<serde_json::Map<_, _>>(),
            "after": after.collect::<serde_json::Map<_, _>>(),
        })
    };
    let line = |record: &TextRow| {
        let change = changes(record).into_iter().map(|change| in_words(&change));
        let which = names(context.action, record)
            .filter_map(|(_, text)| text)
            .take(TOLD)
            .map(|text| text::cut(&text::one_line(text), 40, "…").into_owned());
        let parts: Vec<String> = which.chain(change).collect();
        format!("  {}  {}", record.key(), parts.join(", "))
    };
    let mut lines = vec![format!("{} of {}", format::rows(prepared.seen.len()), context.view.id)];
    lines.extend(prepared.seen.iter().take(NAMED).map(line));
    lines.extend(more(prepared.seen.len()));
    lines.extend(context.action.replaced().map(|file| format!("with the statement of {file}")));
    ActSummary {
        word: "preview",
        exit: Exit::Done,
        rows: prepared.seen.iter().map(row).collect(),
        error: None,
        lines,
        notes: vec!["dry run: nothing is written".into()],
    }
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
pub(super) fn refusal(refused: &[Refusal]) -> ActSummary {
    ActSummary {
        word: "refused",
        exit: Exit::Changed,
        rows: refused.iter().map(refused_row).collect(),
        error: Some(json!({"message": sentences(refused)})),
        lines: Vec::new(),
        notes: vec![format!("refused, nothing is written:\n{}", sentences(refused))],
    }
}

fn refused_row(refusal: &Refusal) -> Json {
    let now = refusal.now.as_ref().map(|record| {
        let columns = record.columns().map(|(name, text)| (name.to_owned(), Json::from(text)));
        Json::Object(columns.collect())
    });
    json!({"key": refusal.key, "why": refusal.why, "now": now})
}

pub(super) fn told(report: ActionReport) -> ActSummary {
    let ActionReport { done, left, failed, mut notes } = report;
    if !left.is_empty() {
        notes.insert(0, format!("{} left:\n{}", format::rows(left.len()), sentences(&left)));
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
            let said = sentences(refused);
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
