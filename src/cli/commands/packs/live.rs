//! `opsdash packs check --live`: every statement of a pack, asked on the target's own servers as the dashboard would.

use std::sync::Arc;

use futures_util::future::join_all;
use opsdash_core::{
    catalog::ADDED_COLUMNS,
    contract::{Address, Answer, Bind, Content, Failure, FailureKind, Part, Question, Read, ResultShape, Ticket},
};
use opsdash_pack::{
    config::Target,
    document::{Problem, Problems, SourceLocation},
    pack::{Engine, EnrichBy, Pack, SourceId, Statement, View, ViewId, WHY},
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

/// Asks every statement: the sources side by side, the statements of each one after the other.
///
/// # Errors
/// When a target leaves a source of the pack out.
pub fn run(setup: &Setup, trials: Vec<LiveCheck<'_>>) -> Result<CommandOutput, CliError> {
    for trial in &trials {
        setup.loaded.check_target(trial.target, &trial.pack).map_err(|problems| wrong(&problems))?;
    }
    let verdicts = query::wait_for(async {
        let tried = join_all(trials.into_iter().map(|trial| async move {
            let handles = handles(&trial.pack, trial.target, &setup.environment);
            let sources = handles
                .iter()
                .enumerate()
                .map(|(at, handle)| on_source(&trial.pack, SourceId(at), handle, timeout_ms(handle.config.as_ref())));
            let found = join_all(sources).await;
            (trial, found)
        }));
        Ok(tried.await)
    })?;
    let mut outcome = CommandOutput::done("");
    for (trial, found) in verdicts {
        let asked: usize = found.iter().map(|found| found.asked).sum();
        let silent = found.iter().any(|found| found.silent);
        let problems = Problems(found.into_iter().flat_map(|found| found.problems).collect());
        let (name, target) = (&trial.pack.system, &trial.target.name);
        let line = match problems.or(()) {
            Ok(()) => format!("{name}: ok on {target}, {asked} statement{}\n", if asked == 1 { "" } else { "s" }),
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

/// What came of one source.
#[derive(Default)]
struct SourceResult {
    asked: usize,
    problems: Vec<Problem>,
    /// Whether it did not answer: then not everything was asked.
    silent: bool,
}

impl SourceResult {
    fn record_failure(&mut self, source: &str, failure: &Failure) {
        let remedy = match failure.kind {
            FailureKind::Other => "correct this source in the config",
            kind => kind.hint(),
        };
        let place = SourceLocation::file(format!("source {source}"));
        self.problems.push(Problem { place, what: failure.to_string(), remedy: remedy.to_owned() });
        self.silent = true;
    }
}

async fn on_source(pack: &Pack, source: SourceId, handle: &SourceHandle, timeout_ms: u32) -> SourceResult {
    let mut found = SourceResult::default();
    if let Err(failure) = handle.ready().await {
        found.record_failure(&handle.name, &failure);
        return found;
    }
    let views = pack.views.iter().enumerate();
    let all = views.flat_map(|(at, view)| questions(view).into_iter().map(move |asked| (ViewId(at), view, asked)));
    for (id, view, asked) in all.filter(|(_, _, asked)| asked.source == source) {
        found.asked += 1;
        let read = Read {
            to: Address { view: id, part: Part::List },
            ticket: Ticket(found.asked as u64),
            source,
            question: asked.question.clone(),
            timeout_ms,
            primary: false,
        };
        match handle.read(&read).await.and_then(|answer| brings(&asked, answer)) {
            Ok(()) => {}
            Err(failure) if failure.kind.is_of_source() => {
                found.record_failure(&handle.name, &failure);
                return found;
            }
            Err(failure) => found.problems.push(problem(pack, view, &asked, &failure)),
        }
    }
    found
}

/// A statement as it will be asked, and the columns that the TOML expects of it.
struct TriedStatement {
    source: SourceId,
    file: String,
    question: Question,
    wants: Vec<String>,
}

/// Everything that a view asks, under its default choices and without a row.
fn questions(view: &View) -> Vec<TriedStatement> {
    let mut bind = Bind { values: view.thresholds.clone(), keys: Vec::new() };
    bind.values.extend(view.facets.iter().map(|facet| (facet.name.clone(), facet.choices[0].clone())));
    let ask = |statement: &Arc<Statement>, bind: &Bind, shape: ResultShape, wants: Vec<String>| TriedStatement {
        source: view.source,
        file: statement.file().to_owned(),
        question: Question::Statement { statement: statement.clone(), bind: bind.clone(), shape, setting: None },
        wants,
    };
    let rows = || ResultShape::Rows { limit: 1 };
    let list = ResultShape::List { row_key: view.row_key.clone(), limit: 1, troubled: false };
    let mut all = vec![ask(&view.query, &bind, list, own_columns(view))];
    for enrich in &view.enrich {
        if let EnrichBy::Query(query) = &enrich.by {
            all.push(ask(query, &bind, rows(), enrich.columns.clone()));
        }
    }
    let names = |columns: &[opsdash_pack::pack::Column]| columns.iter().map(|column| column.name.clone()).collect();
    if let Some(detail) = &view.detail {
        all.extend(detail.query.iter().map(|query| ask(query, &bind, rows(), names(&detail.columns))));
        all.extend(detail.lists.iter().map(|list| ask(&list.query, &bind, rows(), names(&list.columns))));
        for chart in &detail.charts {
            let mut bind = bind.clone();
            bind.values.extend(chart.windows.first().map(|window| ("window".to_owned(), window.clone())));
            all.push(ask(&chart.query, &bind, rows(), ["time", "value"].map(str::to_owned).to_vec()));
        }
    }
    all.extend(view.files.iter().map(|files| TriedStatement {
        source: files.store,
        file: format!("bucket {}", files.bucket),
        question: Question::Store { bucket: files.bucket.clone(), orphans: false, limit: 1 },
        wants: Vec::new(),
    }));
    all
}

/// Columns that the view's own query has to bring.
fn own_columns(view: &View) -> Vec<String> {
    let enriched: Vec<&String> = view.enrich.iter().flat_map(|enrich| &enrich.columns).collect();
    let names = view.columns.iter().map(|column| &column.name).chain(&view.row_key);
    let added = |name: &str| view.files.is_some() && ADDED_COLUMNS.contains(&name);
    let mut own: Vec<String> = Vec::new();
    for name in names.filter(|name| !enriched.contains(name) && !added(name) && *name != WHY) {
        if !own.contains(name) {
            own.push(name.clone());
        }
    }
    own
}

/// Whether the answer has the columns that the TOML names. Documents bring their fields themselves: of none, none is
/// known.
fn brings(asked: &TriedStatement, answer: Answer) -> Result<(), Failure> {
    let Content::Table(table) = answer.content else { return Ok(()) };
    let is_mongo =
        matches!(&asked.question, Question::Statement { statement, .. } if matches!(**statement, Statement::Mongo(_)));
    if is_mongo && table.rows.is_empty() {
        return Ok(());
    }
    match asked.wants.iter().find(|name| !table.columns.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let known = if table.columns.is_empty() { "none".to_owned() } else { table.columns.join(", ") };
            let message = format!("it returns no column \"{name}\", only {known}");
            Err(Failure::new(FailureKind::Schema, &message).of_object(name))
        }
    }
}

fn problem(pack: &Pack, view: &View, asked: &TriedStatement, failure: &Failure) -> Problem {
    let object = failure.object.as_ref().filter(|object| !failure.message.contains(object.as_str()));
    let object = object.map(|object| format!(" ({object})")).unwrap_or_default();
    let engine = pack.source(asked.source).engine;
    let remedy = match (failure.kind, engine) {
        (FailureKind::Schema, _) => "correct the query, or the columns in the view's TOML, to what the database has",
        (FailureKind::Timeout, _) => "make the query cheaper, or raise the source's timeout in the config",
        (FailureKind::Other, Engine::PostgreSql) => "correct the query; psql runs it as it is, with its \\set lines",
        (FailureKind::Other, _) => "correct the query",
        (kind, _) => kind.hint(),
    };
    Problem {
        place: SourceLocation::file(&asked.file),
        what: format!("view {}: {failure}{object}", view.id),
        remedy: remedy.to_owned(),
    }
}
