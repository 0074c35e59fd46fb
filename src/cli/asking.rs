//! Asks one view of each target without a screen.

use std::{sync::Arc, time::Duration};

use opsdash_core::model::Choices;
use opsdash_pack::{
    config::{Config, Target},
    document::Problems,
    pack::{Pack, ViewId},
};

use super::{
    answered::Answered,
    exit::{Exit, Stop},
    setup::{Setup, wrong},
    targets::Wanted,
};
use crate::runtime::{
    headless,
    session::{Opening, Session},
    signals::{Ends, end_by},
};

/// How long the tasks of a run that is told to end may take to be dropped.
const LEAVE: Duration = Duration::from_millis(100);

/// The view and its choices, for the pack of a target.
type Resolve<'a> = dyn Fn(&Pack) -> Result<(ViewId, Choices), Stop> + 'a;

/// What is asked of every target.
pub struct Question<'a> {
    /// Which targets.
    pub wanted: Wanted,
    /// At most so many rows; the view's own limit when `None`.
    pub limit: Option<u32>,
    /// The view and its choices, for the pack of a target.
    pub resolve: &'a Resolve<'a>,
}

/// Asks all targets at once and waits until each is settled: the slowest decides, not their sum.
///
/// # Errors
/// When a target, its pack or the question is wrong; then nothing is asked.
pub fn ask(setup: &Setup, question: &Question<'_>) -> Result<Vec<Answered>, Stop> {
    run_to_end(|| {
        let opened = open(setup, question)?;
        Ok(futures_util::future::join_all(opened.into_iter().map(answer)))
    })
}

/// Waits for work that is prepared inside a runtime of its own.
///
/// # Errors
/// Those of the preparation; no threads.
pub(super) fn run_to_end<F: Future>(prepare: impl FnOnce() -> Result<F, Stop>) -> Result<F::Output, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|why| Stop {
        exit: Exit::SourceDown,
        message: format!("no threads: {why}"),
        remedy: String::new(),
    })?;
    let inside = runtime.enter();
    let work = prepare()?;
    let mut ends = Ends::listen().map_err(|why| stop(&why))?;
    let output = runtime.block_on(async {
        tokio::select! {
            output = work => Ok(output),
            signal = ends.any() => Err(signal),
        }
    });
    drop(inside);
    let output = match output {
        Ok(output) => output,
        Err(signal) => {
            // With the tasks end the programs that they have started.
            runtime.shutdown_timeout(LEAVE);
            end_by(signal);
            return Err(Stop::usage("ended by a signal", ""));
        }
    };
    // Nobody waits for connections to close. The runtime ends with the process: shut down, it would take away what the
    // MongoDB driver relies on, which then panics.
    std::mem::forget(runtime);
    Ok(output)
}

type Opened = (Session, ViewId, Choices);

/// A session for each target. Of all targets, those whose system does not know the question are left out, unless none
/// does.
fn open(setup: &Setup, question: &Question<'_>) -> Result<Vec<Opened>, Stop> {
    let config = setup.config()?;
    let mut opened = Vec::new();
    let mut left_out = None;
    for target in question.wanted.of(config)? {
        let mut session = session(setup, config, target)?;
        let pack = &mut session.model.boards[0].pack;
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

pub(super) fn session(setup: &Setup, config: &Config, target: &Target) -> Result<Session, Stop> {
    let opening = Opening { read_only: true, ..Opening::default() };
    let session = Session::open(config, &[target], &setup.surroundings, opening).map_err(|why| stop(&why))?;
    setup.loaded.check_target(target, &session.model.boards[0].pack).map_err(|problems| wrong(&problems))?;
    Ok(session)
}

/// A wrong call, problems of files, or one sentence.
pub(super) fn stop(why: &anyhow::Error) -> Stop {
    match (why.downcast_ref::<Stop>(), why.downcast_ref::<Problems>()) {
        (Some(stop), _) => stop.clone(),
        (None, Some(problems)) => wrong(problems),
        (None, None) => Stop::usage(format!("{why:#}"), ""),
    }
}

async fn answer((mut session, view, choices): Opened) -> Answered {
    headless::ask(&mut session, view, choices).await;
    Answered::new(session.model, view)
}
