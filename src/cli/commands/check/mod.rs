//! `opsdash check`: what the tabs' counts come to, for monitoring and cron.

mod each_scope;
mod line;
mod prometheus;
mod unreadable;

use std::{io::IsTerminal, panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt, future::join_all};
use opsdash_core::{
    contract::{Failure, FailureKind},
    model::{Demand, TargetState},
    scope::ScopeChoice,
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
    /// Whose rows were judged, where everybody's are, one after the other.
    pub scope: Option<ScopeChoice>,
}

impl CheckedView {
    /// The worst of the views.
    pub fn severity(&self) -> Severity {
        self.verdicts.iter().map(|verdict| verdict.severity).max().unwrap_or_default()
    }

    /// The target's name, and whose rows these are.
    pub fn name(&self) -> String {
        self.target.place(self.scope.as_ref())
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
        CheckFormat::Line => {
            let is_watched = args.output.is_none() && std::io::stdout().is_terminal();
            line::render(&checked, several, args.max_bytes, is_watched).into_bytes()
        }
        CheckFormat::Json if several => json::bytes(&by_target(&checked).map(envelope).collect()),
        CheckFormat::Json => by_target(&checked).flat_map(|checked| json::bytes(&envelope(checked))).collect(),
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
        let judged = opened.into_iter().map(async |Opened { session, views, each_scope }| {
            let target = session.model.target().clone();
            let patience = args.timeout.unwrap_or_else(|| longest(&target));
            // One target that breaks off takes no other with it.
            let judged = AssertUnwindSafe(async {
                if each_scope {
                    each_scope::judge(session, &views, patience).await
                } else {
                    vec![judge(session, &views, patience).await]
                }
            });
            let broken_off = || Failure::new(FailureKind::Other, BROKEN_OFF);
            judged.catch_unwind().await.unwrap_or_else(|_| vec![unknown(target, &views, &broken_off())])
        });
        let mut checked = in_one(join_all(judged).await.into_iter().flatten());
        checked.append(&mut unreadable);
        Ok(checked)
    })
}

/// What is nobody's of a target is in one place, also where sessions of it were asked side by side.
fn in_one(judged: impl Iterator<Item = CheckedView>) -> Vec<CheckedView> {
    let mut all: Vec<CheckedView> = Vec::new();
    for mut one in judged {
        let is_of = |known: &&mut CheckedView| known.scope.is_none() && known.target.name == one.target.name;
        match all.iter_mut().find(is_of).filter(|_| one.scope.is_none()) {
            Some(known) => known.verdicts.append(&mut one.verdicts),
            None => all.push(one),
        }
    }
    all
}

async fn judge(mut session: Session, views: &[ViewId], patience: Duration) -> CheckedView {
    headless::run(&mut session, views, Some(patience)).await;
    let mut model = session.model.into_model();
    let target = model.targets.swap_remove(model.at.0);
    let verdicts = views.iter().map(|view| ViewVerdict::of(&target, *view)).collect();
    CheckedView { target, verdicts, scope: None }
}

/// A read may wait for a connection as long as it may then take.
fn longest(target: &TargetState) -> Duration {
    let longest = target.sources.iter().map(|source| source.timeout_ms).max().unwrap_or_default();
    2 * Duration::from_millis(longest.into())
}

const BROKEN_OFF: &str = "opsdash itself broke off; its words stand on stderr";

/// Nothing is known of a target, and why.
fn unknown(target: TargetState, views: &[ViewId], why: &Failure) -> CheckedView {
    let verdicts = views.iter().map(|view| ViewVerdict {
        view: *view,
        severity: Severity::Unknown,
        counts: None,
        reasons: ReasonCounts::default(),
        worst: None,
        troubles: vec![Trouble { source: target.pack.view(*view).source, failure: why.clone() }],
    });
    CheckedView { verdicts: verdicts.collect(), target, scope: None }
}

/// A session on a target, and the views that are asked.
struct Opened {
    session: Session,
    views: Vec<ViewId>,
    /// Of everybody whose rows it has.
    each_scope: bool,
}

/// A session for each target, and the views that are asked. Of all targets, each is asked for those that it has. Where
/// several are asked, one whose pack cannot be read is unknown, and the others are judged.
fn open(
    args: &CheckArgs,
    setup: &Setup,
    wanted: &TargetSelection,
) -> Result<(Vec<Opened>, Vec<CheckedView>), CliError> {
    let (mut asked, mut unreadable) = (Vec::new(), Vec::new());
    for target in setup.targets(wanted)? {
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
    if args.each_scope && asked.iter().all(|(_, pack, _)| pack.scope.is_none()) && unreadable.is_empty() {
        return Err(CliError::usage("--each-scope, and no target that is asked has a scope", "leave it out"));
    }
    let mut opened = Vec::new();
    for (target, pack, views) in asked {
        let depends = |view: &ViewId| args.each_scope && each_scope::depends(&pack, *view);
        let (somebodys, others): (Vec<ViewId>, Vec<ViewId>) = views.into_iter().partition(depends);
        for (views, each_scope) in [(others, false), (somebodys, true)] {
            if !views.is_empty() {
                let demand = Demand::Counts(views.iter().copied().collect());
                opened.push(Opened {
                    session: query::session(setup, target, pack.clone(), demand)?,
                    views,
                    each_scope,
                });
            }
        }
    }
    Ok((opened, unreadable))
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

/// What was judged of each target: of one with several scopes, several in a row.
fn by_target(checked: &[CheckedView]) -> impl Iterator<Item = &[CheckedView]> {
    checked.chunk_by(|one, next| one.target.name == next.target.name)
}

fn envelope(of_target: &[CheckedView]) -> Json {
    let check = |(checked, verdict): (&CheckedView, &ViewVerdict)| {
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
        if let Some(chosen) = checked.scope.as_ref().or(checked.target.scope_of(verdict.view)) {
            check["scope"] = json::scope(chosen);
        }
        check
    };
    let checks = of_target.iter().flat_map(|checked| checked.verdicts.iter().map(move |verdict| (checked, verdict)));
    json!({
        "schema": json::SCHEMA,
        "severity": of_target.iter().map(CheckedView::severity).max().unwrap_or_default(),
        "checks": checks.map(check).collect::<Vec<_>>(),
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
        let note = format!("{} {}: {}", checked.name(), checked.source(trouble), trouble.failure);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}
