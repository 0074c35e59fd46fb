//! `opsdash packs check --live`: everything that a pack says, asked on the target's own servers as the dashboard would.
//!
//! `sample.rs` asks the views and takes a row of each, `parts.rs` what a row's key is given to, `actions.rs` plans what
//! writes, and `found.rs` keeps what is wrong.

mod actions;
mod found;
mod parts;
mod sample;

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::join_all;
use opsdash_core::{
    contract::{Failure, FailureKind, Ticket},
    scope::ScopeChoice,
};
use opsdash_pack::{
    config::Target,
    document::{Problems, SourceLocation},
    pack::{Pack, SourceId, ViewId},
};

use self::{
    found::Findings,
    sample::{Asker, Sample},
};
use crate::{
    cli::{
        error::CliError,
        exit::Exit,
        output::CommandOutput,
        query,
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    runtime::source_handle::{SourceHandle, handles, timeout_ms},
};

/// Which pack is tried, and where.
pub struct LiveCheck<'a> {
    /// The target whose servers are asked.
    pub target: &'a Target,
    /// The pack, the target's own or one from a folder.
    pub pack: Arc<Pack>,
}

/// The targets that a pack can be tried on: those that are named, else those of its system.
///
/// # Errors
/// When there is none, or it is not clear which.
pub fn targets<'c>(
    setup: &'c Setup,
    wanted: &TargetSelection,
    pack: Option<&Pack>,
) -> Result<Vec<&'c Target>, CliError> {
    let config = setup.config()?;
    let Some(pack) = pack.filter(|_| wanted.names.is_empty()) else { return wanted.of(config) };
    let of_system: Vec<&Target> = config.targets.iter().filter(|target| target.system == pack.system).collect();
    match of_system.as_slice() {
        [] => {
            let remedy = format!("name one with --target, or give a target of the config system = \"{}\"", pack.system);
            Err(CliError::usage(format!("no target of the config has the system \"{}\"", pack.system), remedy))
        }
        [_] => Ok(of_system),
        _ if wanted.all => Ok(of_system),
        _ => {
            let default = of_system.iter().find(|target| config.default_target.as_ref() == Some(&target.name));
            let names: Vec<&str> = of_system.iter().map(|target| target.name.as_str()).collect();
            let remedy = format!("give --target NAME or --all-targets; known: {}", names.join(", "));
            default.map(|target| vec![*target]).ok_or_else(|| CliError::usage("which target?", remedy))
        }
    }
}

/// Asks everything: the sources side by side, the statements of each one after the other. What leads from one view to
/// another is asked at last, with a row of the first.
///
/// # Errors
/// When a target leaves a source of the pack out.
pub fn run(setup: &Setup, trials: Vec<LiveCheck<'_>>) -> Result<CommandOutput, CliError> {
    for trial in &trials {
        setup.loaded.check_target(trial.target, &trial.pack).map_err(|problems| wrong(&problems))?;
    }
    let verdicts =
        query::wait_for(async { Ok(join_all(trials.into_iter().map(|trial| of_target(setup, trial))).await) })?;
    let mut outcome = CommandOutput::done("");
    for (trial, found) in verdicts {
        let (name, target) = (&trial.pack.system, &trial.target.name);
        let Findings { counted, problems, silent } = found;
        let line = match Problems(problems).or(()) {
            Ok(()) => format!("{name}: ok on {target}, {counted}\n"),
            Err(problems) => {
                let exit = if silent { Exit::SourceDown } else { Exit::Usage };
                outcome.exit = outcome.exit.max(exit);
                format!("{problems}\n")
            }
        };
        outcome.data.extend(line.into_bytes());
    }
    Ok(outcome)
}

async fn of_target<'t>(setup: &Setup, trial: LiveCheck<'t>) -> (LiveCheck<'t>, Findings) {
    let handles = handles(&trial.pack, trial.target, &setup.environment);
    let chosen = chosen(&trial, &handles).await;
    let sources = (0..handles.len()).map(|at| on_source(&trial.pack, SourceId(at), &handles, &chosen));
    let mut samples = BTreeMap::new();
    let mut all = Findings::default();
    let mut asked: Vec<_> = join_all(sources).await;
    for (_, found) in &mut asked {
        samples.append(found);
    }
    let silent = asked.iter().any(|(asker, _)| asker.found.silent);
    for (mut asker, _) in asked {
        if !silent {
            asker.links(&samples).await;
        }
        all.take(asker.found);
    }
    let views = trial.pack.views.len();
    all.counted.rows = Some((samples.values().filter(|sample| sample.key.is_some()).count(), views));
    (trial, all)
}

/// Whose rows are asked for: as the config or the command line says it, else the first that there are where policies would
/// hide all of them.
async fn chosen(trial: &LiveCheck<'_>, handles: &[Arc<SourceHandle>]) -> Result<Option<ScopeChoice>, Failure> {
    let Some(scope) = &trial.pack.scope else { return Ok(None) };
    let handle = &handles[scope.source.0];
    let list = handle.scopes(scope, Ticket(0), timeout_ms(handle.config.as_ref())).await?;
    match &trial.target.scope {
        Some(wanted) => list.find(scope, wanted).map(Some),
        None if list.enforcement.bound == 0 => Ok(None),
        None => Ok(list.items.first().cloned().map(ScopeChoice::One)),
    }
}

/// Asks the views of one source, and what they say of a row; answers with a row of each.
async fn on_source<'p>(
    pack: &'p Pack,
    source: SourceId,
    handles: &'p [Arc<SourceHandle>],
    chosen: &Result<Option<ScopeChoice>, Failure>,
) -> (Asker<'p>, BTreeMap<ViewId, Sample>) {
    let mut asker = Asker::new(pack, source, handles, chosen.clone().ok().flatten());
    let mut samples = BTreeMap::new();
    if let Err(failure) = asker.handle(source).ready().await {
        // A target may leave an optional source out; then there is nobody to ask.
        if failure.kind == FailureKind::NotConfigured {
            return (asker, samples);
        }
        asker.found.source_failed(&asker.handle(source).name.clone(), &failure);
        return (asker, samples);
    }
    if let (Err(failure), Some(scope)) = (chosen, pack.scope.as_ref().filter(|scope| scope.source == source)) {
        let place = SourceLocation::file(scope.query.file());
        asker.found.scope_failed(place, failure);
        return (asker, samples);
    }
    let views = (0..pack.views.len()).map(ViewId).filter(|id| pack.view(*id).source == source);
    for id in views {
        let sample = asker.view(id).await;
        if asker.found.silent {
            break;
        }
        samples.insert(id, sample);
    }
    (asker, samples)
}
