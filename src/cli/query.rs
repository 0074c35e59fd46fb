//! Asks one view of each target without a screen.

use std::{sync::Arc, time::Duration};

use opsdash_core::model::Choices;
use opsdash_pack::{
    config::{Config, Target},
    document::Problems,
    pack::{Pack, ViewId},
};

use super::{
    answer::ViewAnswer,
    exit::{CliError, Exit},
    setup::{Setup, wrong},
    targets::TargetSelection,
};
use crate::runtime::{
    headless,
    session::{Session, SessionOptions},
    signals::{ShutdownSignals, end_by},
};

/// How long the tasks of a run that is told to end may take to be dropped.
const LEAVE: Duration = Duration::from_millis(100);

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
    run_to_end(|| {
        let opened = open(setup, question)?;
        Ok(futures_util::future::join_all(opened.into_iter().map(answer)))
    })
}

/// Waits for work that is prepared inside a runtime of its own.
///
/// # Errors
/// Those of the preparation; no threads.
pub(super) fn run_to_end<F: Future>(prepare: impl FnOnce() -> Result<F, CliError>) -> Result<F::Output, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|why| CliError {
        exit: Exit::SourceDown,
        message: format!("no threads: {why}"),
        remedy: String::new(),
    })?;
    let inside = runtime.enter();
    let work = prepare()?;
    let mut signals = ShutdownSignals::listen().map_err(|why| stop(&why))?;
    let output = runtime.block_on(async {
        tokio::select! {
            output = work => Ok(output),
            signal = signals.any() => Err(signal),
        }
    });
    drop(inside);
    let output = match output {
        Ok(output) => output,
        Err(signal) => {
            // With the tasks end the programs that they have started.
            runtime.shutdown_timeout(LEAVE);
            end_by(signal);
            return Err(CliError::usage("ended by a signal", ""));
        }
    };
    // Nobody waits for connections to close. The runtime ends with the process: shut down, it would take away what the
    // MongoDB driver relies on, which then panics.
    std::mem::forget(runtime);
    Ok(output)
}

type OpenedSession = (Session, ViewId, Choices);

/// A session for each target. Of all targets, those whose system does not know the question are left out, unless none
/// does.
fn open(setup: &Setup, question: &ViewQuery<'_>) -> Result<Vec<OpenedSession>, CliError> {
    let config = setup.config()?;
    let mut opened = Vec::new();
    let mut left_out = None;
    for target in question.wanted.of(config)? {
        let mut session = session(setup, config, target)?;
        let pack = &mut session.model.targets[0].pack;
        match (question.resolve)(pack) {
            Ok((view, choices)) => {
                if let Some(limit) = question.limit {
                    Arc::make_mut(pack).views[view.0].limit = limit;
                }
                opened.push((session, view, choices));
            }
            Err(stop) if question.wanted.all => left_out = left_out.or(Some(stop)),
            Err(stop) => return Err(stop),
        }
    }
    match left_out {
        Some(stop) if opened.is_empty() => Err(stop),
        _ => Ok(opened),
    }
}

pub(super) fn session(setup: &Setup, config: &Config, target: &Target) -> Result<Session, CliError> {
    let opening = SessionOptions { read_only: true, ..SessionOptions::default() };
    let session = Session::open(config, &[target], &setup.environment, opening).map_err(|why| stop(&why))?;
    setup.loaded.check_target(target, &session.model.targets[0].pack).map_err(|problems| wrong(&problems))?;
    Ok(session)
}

/// A wrong call, problems of files, or one sentence.
pub(super) fn stop(why: &anyhow::Error) -> CliError {
    match (why.downcast_ref::<CliError>(), why.downcast_ref::<Problems>()) {
        (Some(stop), _) => stop.clone(),
        (None, Some(problems)) => wrong(problems),
        (None, None) => CliError::usage(format!("{why:#}"), ""),
    }
}

async fn answer((mut session, view, choices): OpenedSession) -> ViewAnswer {
    headless::ask(&mut session, view, choices).await;
    ViewAnswer::new(session.model, view)
}
