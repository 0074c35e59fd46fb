//! Asks one view of each target without a screen.

use std::sync::Arc;

use opsdash_core::model::{Choices, Demand};
use opsdash_pack::{
    config::Target,
    document::Problems,
    pack::{Pack, ViewId},
};

use super::{
    answer::ViewAnswer,
    error::CliError,
    exit::Exit,
    setup::{Setup, wrong},
    targets::TargetSelection,
};
use crate::runtime::{
    block_on, headless,
    session::{Session, SessionOptions},
};

/// The view and its choices, for the pack of a target.
type Resolve<'a> = dyn Fn(&Pack) -> Result<(ViewId, Choices), CliError> + 'a;

/// What is asked of every target.
pub struct ViewQuery<'a> {
    /// Which targets.
    pub wanted: TargetSelection,
    /// At most so many rows; the view's own limit when `None`.
    pub limit: Option<u32>,
    /// The view and its choices, for the pack of a target.
    pub resolve: &'a Resolve<'a>,
}

/// Asks all targets at once and waits until each is settled: the slowest decides, not their sum.
///
/// # Errors
/// When a target, its pack or the question is wrong; then nothing is asked.
pub fn ask(setup: &Setup, question: &ViewQuery<'_>) -> Result<Vec<ViewAnswer>, CliError> {
    wait_for(answers(setup, question))
}

/// The same, for who waits already.
///
/// # Errors
/// Those of [`ask`].
pub async fn answers(setup: &Setup, question: &ViewQuery<'_>) -> Result<Vec<ViewAnswer>, CliError> {
    let opened = open(setup, question)?;
    Ok(futures_util::future::join_all(opened.into_iter().map(answer)).await)
}

/// Waits for work; a signal ends it and the program.
///
/// # Errors
/// Those of the work; the system gives no threads, or does not let us listen to signals.
pub(super) fn wait_for<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    block_on(work).map_err(|why| CliError {
        exit: Exit::SourceDown,
        message: format!("opsdash cannot start its work: {why}"),
        remedy: String::new(),
    })?
}

type OpenedSession = (Session, ViewId);

/// A session for each target. Of all targets, those whose system does not know the question are left out, unless none
/// does.
fn open(setup: &Setup, question: &ViewQuery<'_>) -> Result<Vec<OpenedSession>, CliError> {
    let mut opened = Vec::new();
    let mut left_out = None;
    for target in setup.targets(&question.wanted)? {
        let mut pack = setup.pack(target).map_err(|problems| wrong(&problems))?;
        match (question.resolve)(&pack) {
            Ok((view, choices)) => {
                if let Some(limit) = question.limit {
                    Arc::make_mut(&mut pack).views[view.0].limit = limit;
                }
                opened.push((session(setup, target, pack, Demand::Once { view, choices })?, view));
            }
            Err(cli_error) if question.wanted.all => left_out = left_out.or(Some(cli_error)),
            Err(cli_error) => return Err(cli_error),
        }
    }
    match left_out {
        Some(cli_error) if opened.is_empty() => Err(cli_error),
        _ => Ok(opened),
    }
}

/// A session without a screen on one target.
pub(super) fn session(setup: &Setup, target: &Target, pack: Arc<Pack>, demand: Demand) -> Result<Session, CliError> {
    let config = setup.config()?;
    let options = SessionOptions::of(demand);
    Session::open(config, vec![(target, pack)], &setup.environment, options).map_err(|why| cli_error(&why))
}

/// A wrong call, problems of files, or one sentence.
pub(super) fn cli_error(why: &anyhow::Error) -> CliError {
    match (why.downcast_ref::<CliError>(), why.downcast_ref::<Problems>()) {
        (Some(cli_error), _) => cli_error.clone(),
        (None, Some(problems)) => wrong(problems),
        (None, None) => CliError::usage(format!("{why:#}"), ""),
    }
}

async fn answer((mut session, view): OpenedSession) -> ViewAnswer {
    headless::run(&mut session, &[view], None).await;
    ViewAnswer::new(session.model.into_model(), view)
}
