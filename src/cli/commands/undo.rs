//! `opsdash act --undo`: takes back what the record says was done.

use std::sync::Arc;

use jiff::Timestamp;
use opsdash_core::{
    action::{Outcome, TextRow, undone},
    format,
    model::UNDO_MS,
    scope::{ALL, ScopeChoice},
    text,
};
use opsdash_pack::{
    config::Target,
    pack::{Action, Pack, View},
};
use serde_json::{Value as Json, json};

use super::write_steps::{self as steps, ActSummary};
use crate::{
    cli::{
        args::act::ActArgs,
        error::CliError,
        exit::Exit,
        output::CommandOutput,
        query,
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    runtime::{
        action_task::{self, ActionContext, PreviewFor},
        source_handle::SourceHandle,
    },
    store::audit::{
        self,
        actions::{RecordedAction, actions, entries},
    },
};

/// Carries the command out: takes back the action of the record that has this id.
///
/// # Errors
/// When there is none, it cannot be taken back any more, the config or a pack is wrong, or it is not confirmed; then
/// nothing is written. `scope` is what was typed of it.
pub fn run(
    id: &str,
    args: &ActArgs,
    setup: &Setup,
    wanted: &TargetSelection,
    (read_only, scope): (bool, Option<&str>),
) -> Result<CommandOutput, CliError> {
    let log = audit::read(&setup.environment.state_home).map_err(|why| {
        let file = setup.environment.state_home.join(audit::FILE);
        CliError::usage(format!("{} cannot be read: {why}", file.display()), "")
    })?;
    let entries = entries(&log.lines, None);
    let actions = actions(&entries);
    let Some(recorded) = actions.iter().find(|action| action.id() == id) else {
        let what = format!("the record has no action \"{}\"", text::inert(id));
        return Err(CliError::usage(what, "`opsdash audit` prints the ids of those that can be taken back"));
    };
    same_scope(recorded, scope)?;
    still_stands(recorded, Timestamp::now())?;
    let (target, pack) = place(recorded, setup, wanted)?;
    let (view, action) = action_of(recorded, &pack)?;
    if !args.dry_run {
        steps::may_write(args, setup, target, read_only)?;
    }
    let told_of = (target.name.as_str(), view, action);
    let chosen = match query::wait_for(scope_of(recorded, setup, target, &pack))? {
        Ok(chosen) => chosen,
        Err(failure) => {
            let told = steps::not((view, action), Outcome::Failed(failure));
            return Ok(steps::ended(args, told_of, None, told));
        }
    };
    let context = steps::context(setup, target, &pack, (view, action), chosen.clone())?;
    let told = query::wait_for(talk(args, setup, target, &pack, &context, &recorded.written()))?;
    Ok(steps::ended(args, told_of, chosen.as_ref(), told))
}

/// Whether it was done, stands, and is young enough.
fn still_stands(recorded: &RecordedAction<'_, '_>, now: Timestamp) -> Result<(), CliError> {
    let first = recorded.first();
    let what = format!("{}.{} on {}", first.text("view"), first.text("action"), first.text("target"));
    let refused = |why: String| {
        let message = format!("{what} {why}; nothing is written");
        CliError { exit: Exit::Changed, message, remedy: String::new() }
    };
    let clock = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    if let Some(at) = recorded.taken_back.filter(|_| recorded.standing.is_empty()) {
        return Err(refused(format!("was taken back already, at {}", clock(at))));
    }
    if recorded.standing.is_empty() {
        return Err(refused(format!(
            "wrote nothing that is known: its outcome is \"{}\"",
            text::inert(recorded.word())
        )));
    }
    match recorded.undo_until() {
        None => Err(refused("cannot be taken back".to_owned())),
        Some(until) if until <= now => {
            let minutes = UNDO_MS / 60_000;
            Err(refused(format!("could be taken back for {minutes} minutes, which ended at {}", clock(until))))
        }
        Some(_) => Ok(()),
    }
}

/// A label is known in whatever case, as where it is chosen.
fn is_label(label: &str, typed: &str) -> bool {
    label.to_lowercase() == typed.to_lowercase()
}

/// What was typed of the scope must not say another one than the record.
fn same_scope(recorded: &RecordedAction<'_, '_>, typed: Option<&str>) -> Result<(), CliError> {
    let Some(typed) = typed else { return Ok(()) };
    let was = recorded.scope();
    let is_it = |known: &ScopeChoice| known.id().unwrap_or(ALL) == typed || is_label(known.label(), typed);
    if was.as_ref().is_some_and(is_it) {
        return Ok(());
    }
    let done = was.map_or("among the rows of no scope".to_owned(), |was| format!("in the scope {}", was.in_full()));
    let what = format!("it was done {done}, not in {}: nothing is written", text::inert(typed));
    Err(CliError::usage(text::inert(&what).into_owned(), "leave --scope out: the record says whose rows they are"))
}

/// The target that it was done on, with its pack. What was typed of targets must not say another one.
fn place<'s>(
    recorded: &RecordedAction<'_, '_>,
    setup: &'s Setup,
    wanted: &TargetSelection,
) -> Result<(&'s Target, Arc<Pack>), CliError> {
    let name = recorded.first().text("target");
    if wanted.all || wanted.names.iter().any(|wanted| *wanted != name) {
        return Err(CliError::usage(format!("it was done on {name}: nothing is written"), "name that target, or none"));
    }
    let target = TargetSelection { names: vec![name], all: false }.of(setup.config()?)?[0];
    let pack = setup.pack(target).map_err(|problems| wrong(&problems))?;
    let system = recorded.first().text("system");
    if pack.system != system {
        let what = format!("{} was of the system {system} then, and is of {} now", target.name, pack.system);
        return Err(CliError::usage(format!("{what}: nothing is written"), ""));
    }
    Ok((target, pack))
}

/// The view and the action, as the pack has them now.
fn action_of<'p>(recorded: &RecordedAction<'_, '_>, pack: &'p Pack) -> Result<(&'p View, &'p Action), CliError> {
    let (view, action) = (recorded.first().text("view"), recorded.first().text("action"));
    let gone = || CliError::usage(format!("the pack has no action {view}.{action} any more"), "nothing is written");
    let found = pack.view(pack.find(&view).ok_or_else(gone)?);
    let action = found.actions.iter().find(|known| known.id == action).ok_or_else(gone)?;
    Ok((found, action))
}

/// Whose rows they are, if the server still lists it.
async fn scope_of(
    recorded: &RecordedAction<'_, '_>,
    setup: &Setup,
    target: &Target,
    pack: &Arc<Pack>,
) -> Result<Result<Option<ScopeChoice>, opsdash_core::contract::Failure>, CliError> {
    let (Some(chosen), Some(scope)) = (recorded.scope(), &pack.scope) else { return Ok(Ok(None)) };
    let handle = SourceHandle::of(pack, scope.source, target, &setup.environment);
    Ok(handle.scope_named(scope, chosen.id().unwrap_or(ALL)).await.map(Some))
}

/// Looks, asks, takes back.
async fn talk(
    args: &ActArgs,
    setup: &Setup,
    target: &Target,
    pack: &Arc<Pack>,
    context: &ActionContext<'_>,
    written: &[TextRow],
) -> Result<ActSummary, CliError> {
    let not = |outcome| Ok(steps::not((context.view, context.action), outcome));
    let handle = SourceHandle::of(pack, context.view.source, target, &setup.environment);
    let source = match handle.source().await {
        Ok(source) => source,
        Err(failure) => return not(Outcome::Failed(failure)),
    };
    let purpose = if args.dry_run { PreviewFor::Show } else { PreviewFor::Write };
    let altered = match action_task::look_back(source, context, written, purpose).await {
        Ok(altered) => altered,
        Err(outcome) => return not(outcome),
    };
    if !altered.is_empty() {
        let mut told = steps::refusal((context.view, context.action), &altered);
        if !args.dry_run {
            let of_undo = ActionContext {
                view: context.view,
                action: context.action,
                subject: action_task::undo_subject(context),
                within: context.within.clone(),
                work: context.work,
            };
            told.notes.extend(action_task::record_refusal(&of_undo, &altered, &steps::audit(setup)?).await);
        }
        return Ok(told);
    }
    if args.dry_run {
        return Ok(preview(context, written));
    }
    let title = format!("Undo of {}", context.action.title);
    steps::ask(args, &title, context, &preview(context, written).lines).await?;
    let done = action_task::take_back(source, context, written, &steps::audit(setup)?, |_| {}).await;
    Ok(steps::told((context.view, context.action), done))
}

/// What taking back makes of the rows.
fn preview(context: &ActionContext<'_>, written: &[TextRow]) -> ActSummary {
    let row = |record: &TextRow| {
        let side = |part: fn(&opsdash_core::action::ColumnChange) -> &Option<String>| {
            let columns = undone(record).into_iter();
            Json::Object(columns.map(|change| (change.column.clone(), Json::from(part(&change).clone()))).collect())
        };
        json!({"key": record.key(), "before": side(|change| &change.from), "after": side(|change| &change.to)})
    };
    let line = |record: &TextRow| {
        let changes = undone(record).into_iter().map(|change| steps::in_words(&change));
        format!("  {}  {}", record.key(), changes.collect::<Vec<_>>().join(", "))
    };
    let mut lines = vec![format!("{} of {}", format::rows(written.len()), context.view.id)];
    lines.extend(written.iter().take(steps::NAMED).map(line));
    lines.extend(steps::more(written.len()));
    ActSummary {
        word: "preview",
        exit: Exit::Done,
        rows: written.iter().map(row).collect(),
        error: None,
        lines,
        notes: vec!["dry run: nothing is written".into()],
    }
}
