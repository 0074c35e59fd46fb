//! `opsdash check`: what the tabs' counts come to, for monitoring and cron.

mod line;
mod prometheus;
mod unreadable;

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, future::join_all};
use opsdash_core::{
    contract::{Failure, FailureKind},
    model::{Demand, TargetState},
    value::{ReasonCounts, Severity},
    view_verdict::{Trouble, ViewVerdict},
};
use opsdash_pack::{
    config::Target,
    pack::{Pack, SourceId, ViewId},
};
use serde_json::{Value as Json, json};

use crate::{
    cli::{
        args::check::{CheckArgs, CheckFormat},
        choices::find_view,
        error::CliError,
        exit::Exit,
        output::CommandOutput,
        query,
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    export::json,
    runtime::{headless, session::Session},
    store::private_file,
};

/// A target and what its views come to.
pub(super) struct CheckedView {
    /// The target, its sources and its pack.
    pub target: TargetState,
    /// In the order of the tabs, or of the command line.
    pub verdicts: Vec<ViewVerdict>,
}

impl CheckedView {
    /// The worst of the views.
    pub fn severity(&self) -> Severity {
        self.verdicts.iter().map(|verdict| verdict.severity).max().unwrap_or_default()
    }

    /// The view's id.
    pub fn view(&self, verdict: &ViewVerdict) -> &str {
        &self.target.pack.view(verdict.view).id
    }

    /// The pack's name of a source that did not answer.
    pub fn source(&self, trouble: &Trouble) -> &str {
        &self.target.pack.source(trouble.source).name
    }
}

/// Carries the command out.
///
/// # Errors
/// When a target, its pack or a view's name is wrong; then nothing is asked. The file cannot be written.
pub fn run(args: &CheckArgs, setup: &Setup, wanted: &TargetSelection) -> Result<CommandOutput, CliError> {
    let checked = ask(args, setup, wanted)?;
    let severity = checked.iter().map(CheckedView::severity).max().unwrap_or_default();
    let several = wanted.is_several();
    let mut outcome = CommandOutput { exit: Exit::Judged(severity), ..CommandOutput::done("") };
    let data = match args.format {
        CheckFormat::Line => line::render(&checked, several, args.max_bytes).into_bytes(),
        CheckFormat::Json if several => json::bytes(&checked.iter().map(envelope).collect()),
        CheckFormat::Json => checked.iter().flat_map(|checked| json::bytes(&envelope(checked))).collect(),
        CheckFormat::Prometheus => {
            outcome.notes = checked.iter().flat_map(notes).collect();
            let known = args.output.as_deref().map(prometheus::EarlierAnswers::read).unwrap_or_default();
            prometheus::render(&checked, &args.views, &known).into_bytes()
        }
    };
    match &args.output {
        None => outcome.data = data,
        Some(path) => {
            let mode = if args.format == CheckFormat::Prometheus { 0o644 } else { 0o600 };
            let written = private_file::put(path, &data, mode);
            written
                .map_err(|why| CliError::usage(format!("{why:#}"), "name a file in a folder that you may write to"))?;
        }
    }
    Ok(outcome)
}

fn ask(args: &CheckArgs, setup: &Setup, wanted: &TargetSelection) -> Result<Vec<CheckedView>, CliError> {
    query::wait_for(async {
        let (opened, mut unreadable) = open(args, setup, wanted)?;
        let judged = opened.into_iter().map(async |(session, views)| {
            let target = session.model.target().clone();
            let patience = args.timeout.unwrap_or_else(|| longest(&target));
            // One target that breaks off takes no other with it.
            let judged = AssertUnwindSafe(judge(session, &views, patience)).catch_unwind().await;
            judged.unwrap_or_else(|_| unknown(target, &views, BROKEN_OFF))
        });
        let mut checked = join_all(judged).await;
        checked.append(&mut unreadable);
        Ok(checked)
    })
}

async fn judge(mut session: Session, views: &[ViewId], patience: Duration) -> CheckedView {
    headless::run(&mut session, views, Some(patience)).await;
    let mut model = session.model.into_model();
    let target = model.targets.swap_remove(model.at.0);
    let verdicts = views.iter().map(|view| ViewVerdict::of(&target, *view)).collect();
    CheckedView { target, verdicts }
}

/// A read may wait for a connection as long as it may then take.
fn longest(target: &TargetState) -> Duration {
    let longest = target.sources.iter().map(|source| source.timeout_ms).max().unwrap_or_default();
    2 * Duration::from_millis(longest.into())
}

const BROKEN_OFF: &str = "opsdash itself broke off; its words stand on stderr";

/// Nothing is known of a target, and why.
fn unknown(target: TargetState, views: &[ViewId], why: &str) -> CheckedView {
    let verdicts = views.iter().map(|view| ViewVerdict {
        view: *view,
        severity: Severity::Unknown,
        counts: None,
        reasons: ReasonCounts::default(),
        worst: None,
        troubles: vec![Trouble {
            source: target.pack.view(*view).source,
            failure: Failure::new(FailureKind::Other, why),
        }],
    });
    CheckedView { verdicts: verdicts.collect(), target }
}

/// A session on a target, and the views that are asked.
type Opened = (Session, Vec<ViewId>);

/// A session for each target, and the views that are asked. Of all targets, each is asked for those that it has. Where
/// several are asked, one whose pack cannot be read is unknown, and the others are judged.
fn open(
    args: &CheckArgs,
    setup: &Setup,
    wanted: &TargetSelection,
) -> Result<(Vec<Opened>, Vec<CheckedView>), CliError> {
    let (mut asked, mut unreadable) = (Vec::new(), Vec::new());
    for target in wanted.of(setup.config()?)? {
        let pack = match setup.pack(target) {
            Ok(pack) => pack,
            Err(problems) if wanted.is_several() => {
                unreadable.push(unreadable::target(setup, target, &problems)?);
                continue;
            }
            Err(problems) => return Err(wrong(&problems)),
        };
        let views = views(args, target, &pack, wanted.all)?;
        asked.push((target, pack, views));
    }
    // A name that no target knows is a mistake, not a view that is fine.
    let is_known = |name: &String| asked.iter().any(|(_, pack, _)| pack.find(name).is_some());
    if let (Some(name), Some((_, pack, _))) = (args.views.iter().find(|name| !is_known(name)), asked.first()) {
        find_view(pack, name)?;
    }
    asked.retain(|(_, _, views)| !views.is_empty());
    // Of nothing the worst would be ok.
    if asked.is_empty() && unreadable.is_empty() {
        return Err(CliError::usage("there is no view to check", "name a view; `opsdash packs show` lists them"));
    }
    let opened = asked.into_iter().map(|(target, pack, views)| {
        let demand = Demand::Counts(views.iter().copied().collect());
        Ok((query::session(setup, target, pack, demand)?, views))
    });
    Ok((opened.collect::<Result<_, _>>()?, unreadable))
}

/// The views that are asked: those that are named, else all tabs whose sources the target has.
fn views(args: &CheckArgs, target: &Target, pack: &Pack, is_lenient: bool) -> Result<Vec<ViewId>, CliError> {
    if args.views.is_empty() {
        let has = |source: SourceId| target.sources.contains_key(&pack.source(source).name);
        let is_there = |id: &ViewId| {
            let view = pack.view(*id);
            has(view.source) && view.files.as_ref().is_none_or(|files| has(files.store))
        };
        return Ok(pack.tabs().filter(is_there).collect());
    }
    let mut views = Vec::new();
    for name in &args.views {
        match find_view(pack, name) {
            Ok(view) if !views.contains(&view) => views.push(view),
            Err(cli_error) if !is_lenient => return Err(cli_error),
            _ => {}
        }
    }
    Ok(views)
}

fn envelope(checked: &CheckedView) -> Json {
    let check = |verdict: &ViewVerdict| {
        let count = |severity| verdict.counts.map(|counts| counts.of(severity));
        let mut check = json!({
            "target": checked.target.name,
            "view": checked.view(verdict),
            "severity": verdict.severity,
            "crit": count(Severity::Crit),
            "warn": count(Severity::Warn),
            "ok": count(Severity::Ok),
            "unknown": count(Severity::Unknown),
            "off": count(Severity::Off),
            "reasons": verdict.counts.map(|_| reasons(&verdict.reasons)),
            "worst": verdict.worst,
            "error": verdict.troubles.first().map(|trouble| error(checked, trouble)),
        });
        if let Some(chosen) = checked.target.scope_of(verdict.view) {
            check["scope"] = json::scope(chosen);
        }
        check
    };
    json!({
        "schema": json::SCHEMA,
        "severity": checked.severity(),
        "checks": checked.verdicts.iter().map(check).collect::<Vec<_>>(),
    })
}

/// What the rows of a view come from: ids with their severities and numbers of rows, worst first.
fn reasons(counts: &ReasonCounts) -> Json {
    let reason =
        |(severity, id, rows): (Severity, &str, u64)| json!({"reason": id, "severity": severity, "rows": rows});
    counts.ranked().into_iter().map(reason).collect()
}

/// A failure, and the source that it comes from.
fn error(checked: &CheckedView, trouble: &Trouble) -> Json {
    let mut error = json!({ "source": checked.source(trouble) });
    if let (Json::Object(error), Json::Object(failure)) = (&mut error, json::error(&trouble.failure)) {
        error.extend(failure);
    }
    error
}

/// Why views are missing from a format that has no words for it: one line for each reason.
fn notes(checked: &CheckedView) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for trouble in checked.verdicts.iter().flat_map(|verdict| &verdict.troubles) {
        let note = format!("{} {}: {}", checked.target.name, checked.source(trouble), trouble.failure);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}
