//! `opsdash act`: a guarded write from the shell.

use std::sync::Arc;

use jiff::tz::TimeZone;
use opsdash_core::{
    action::{
        ActionReport, Confirmation, Outcome, TextRow, WritePlan, changed, check_asked, check_rows, check_verified,
        confirmation, digits, is_typed, prepare, told as names,
    },
    contract::{Failure, FailureKind},
    format,
    model::{Choices, Demand},
    scope::ScopeChoice,
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

use super::write_steps::{self as steps, ActSummary};
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
    runtime::{
        action_task::{self, ActionContext, PreviewFor},
        clocks::Clocks,
        headless,
        source_handle::{SourceHandle, naive_zone},
    },
};

/// Columns by which a preview says which row it is: the first that the preview returns.
const TOLD: usize = 2;

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
        steps::may_write(args, setup, target, read_only)?;
    }
    check_rows(action, &args.keys)
        .map_err(|refused| CliError::usage(steps::sentences((view, action), &refused), ""))?;
    let config = target.sources.get(&pack.source(view.source).name);
    let zone = zone(config)?;
    let asked = check_asked(action, &args.set, Clocks::start().read().utc, &zone)
        .map_err(|wrong| CliError::usage(wrong.join("\n"), prompts(action)))?;
    let args = &ActArgs {
        keys: query::wait_for(row_names::keys(&args.keys, setup, target, (&pack, id), action))?,
        ..args.clone()
    };
    check_rows(action, &args.keys)
        .map_err(|refused| CliError::usage(steps::sentences((view, action), &refused), ""))?;
    // Found out before anybody is asked: whose rows are written to is no afterthought.
    let chosen = match query::wait_for(chosen(setup, target, &pack, view))? {
        Ok(chosen) => chosen,
        Err(failure) => {
            let told = steps::not((view, action), Outcome::Failed(failure));
            return Ok(steps::ended(args, (&target.name, view, action), None, told));
        }
    };
    let context = steps::context(setup, target, &pack, (view, action), chosen.clone())?;
    let told = query::wait_for(talk(args, setup, target, &pack, &context, asked))?;
    Ok(steps::ended(args, (&target.name, view, action), chosen.as_ref(), told))
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
        Err(failure) => return Ok(steps::not((context.view, context.action), Outcome::Failed(failure))),
    };
    let purpose = if args.dry_run { PreviewFor::Show } else { PreviewFor::Write };
    let previewed = match action_task::preview(source, context, &args.keys, purpose).await {
        Ok(previewed) => previewed,
        Err(outcome) => return Ok(steps::not((context.view, context.action), outcome)),
    };
    if context.action.set.is_some() && previewed.is_empty() {
        let mut nothing = steps::told((context.view, context.action), ActionReport::default());
        nothing.lines.push("there is nothing to do".to_owned());
        return Ok(nothing);
    }
    let is_cut = previewed.len() > context.action.most;
    let prepared = match prepare(context.action, &args.keys, previewed, asked) {
        Ok(prepared) => at_most(args, context.action, prepared)?,
        Err(refused) if args.dry_run => return Ok(steps::refusal((context.view, context.action), &refused)),
        Err(refused) => {
            let mut told = steps::refusal((context.view, context.action), &refused);
            told.notes.extend(action_task::record_refusal(context, &refused, &steps::audit(setup)?).await);
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
    let done = action_task::carry_out(source, context, &prepared, &steps::audit(setup)?, |_| {}).await;
    let mut ended = steps::told((context.view, context.action), done);
    ended.notes.extend(more);
    Ok(ended)
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
        message: format!("nothing is written:\n{}", steps::sentences((context.view, context.action), &refused)),
        remedy: "`opsdash files verify KEY` reads a file".into(),
    })
}

/// Asks whoever sits at the terminal, unless the command line answers. A refusal does not tell what was
/// to be typed.
async fn confirm(args: &ActArgs, context: &ActionContext<'_>, prepared: &WritePlan) -> Result<(), CliError> {
    let is_asked = steps::is_asked(args)?;
    let wanted = confirmation(context.action, prepared);
    let prompt = wanted.prompt().unwrap_or_default();
    if is_asked {
        steps::show(&context.action.title, context, &preview(context, prepared).lines);
        if context.action.undo.is_none() {
            eprintln!("This cannot be undone.");
        }
    }
    match (wanted, &args.confirm) {
        (Confirmation::Type { value, .. }, Some(typed)) if is_typed(typed, &value) => {}
        // The plan has no more rows than it says.
        (Confirmation::Type { .. }, Some(_)) if context.action.set.is_some() => {}
        (Confirmation::Type { what, .. }, Some(_)) => {
            return Err(steps::cli_error(&format!("--confirm is not {what}"), "look at the rows again"));
        }
        (Confirmation::Type { what, value, .. }, None) if is_asked => {
            if !is_typed(&steps::answer(format!("{prompt}: ")).await, &value) {
                return Err(steps::cli_error(&format!("that is not {what}"), "look at the rows again"));
            }
            return Ok(());
        }
        (Confirmation::Type { what, .. }, None) => {
            let what = format!("{} wants {what} to be typed", context.action.id);
            return Err(steps::cli_error(&what, "give it: --confirm VALUE"));
        }
        (Confirmation::Yes, _) => {}
    }
    steps::is_meant(is_asked).await
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
        let change = changes(record).into_iter().map(|change| steps::in_words(&change));
        let which = names(context.action, record)
            .filter_map(|(_, text)| text)
            .take(TOLD)
            .map(|text| text::cut(&text::one_line(text), 40, "…").into_owned());
        let parts: Vec<String> = which.chain(change).collect();
        format!("  {}  {}", record.key(), parts.join(", "))
    };
    let mut lines = vec![format!("{} of {}", format::rows(prepared.seen.len()), context.view.id)];
    lines.extend(prepared.seen.iter().take(steps::NAMED).map(line));
    lines.extend(steps::more(prepared.seen.len()));
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
