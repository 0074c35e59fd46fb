//! Runs one test: makes its databases, fills them, acts, asks, compares, and drops them.

use std::{sync::Arc, time::Duration};

use jiff::tz::TimeZone;
use opsdash_core::{
    action::{ActionReport, Outcome, Refusal, check_asked, check_rows, prepare},
    contract::{Failure, FailureKind},
    days::{self, DayMemory, DayValue},
    model::Demand,
    scope::{self, ALL, ScopeChoice, ScopeItem},
    time::{Date, Zone},
    value::RowKey,
};
use opsdash_pack::{
    config::{Config, FixedMember, SourceConfig, Target},
    document::{Problem, SourceLocation},
    pack::{Engine, Fixture, FixtureContent, Pack, PackTest, RememberedValue, SourceId, TestAct, View},
};
use serde_json::Value as Json;

use super::{bench::Bench, expect, files::Loaded};
use crate::{
    cli::{answer::ViewAnswer, choices::ViewRequest},
    runtime::{
        action_task::{self, ActionContext, PreviewFor},
        clocks::Clocks,
        headless,
        session::{Session, SessionOptions},
        source_handle::{SourceHandle, timeout_ms},
    },
    store::audit::{Audit, AuditSubject},
};

/// The name of the target that a test asks.
const TARGET: &str = "test";

/// One test that is about to run.
pub(super) struct Trial<'a> {
    pub bench: &'a Bench,
    pub pack: &'a Arc<Pack>,
    pub loaded: &'a Loaded,
    pub test: &'a PackTest,
    /// Its place among all: a part of the names of its databases.
    pub number: usize,
}

impl Trial<'_> {
    /// What is not as the test says; nothing when it passes.
    pub async fn run(&self) -> Vec<Problem> {
        let mut names = Vec::new();
        let problems = match self.prepared(&mut names).await {
            Ok(target) => self.on(&target).await,
            Err(problem) => vec![problem],
        };
        self.bench.drop_all_of(&names).await;
        problems
    }

    /// Makes the databases and fills them. `names` are those that were made.
    async fn prepared(&self, names: &mut Vec<(SourceId, String)>) -> Result<Target, Problem> {
        let mut target = Target {
            name: TARGET.to_owned(),
            system: self.pack.system.clone(),
            protected: false,
            read_only: false,
            scope: self.pack.scope.as_ref().map(|_| self.test.scope.clone().unwrap_or_else(|| ALL.to_owned())),
            sources: std::collections::BTreeMap::new(),
        };
        for (at, spec) in self.pack.sources.iter().enumerate() {
            let source = SourceId(at);
            let made = self.bench.database(source, self.number).await;
            let (name, config) = made.map_err(|failure| self.failed(&self.test.at, &failure))?;
            names.push((source, name));
            let mut config = config;
            self.add_members(source, names, &mut config).await?;
            target.sources.insert(spec.name.clone(), config);
        }
        let postgres = (0..self.pack.sources.len()).filter(|at| self.pack.sources[*at].engine == Engine::PostgreSql);
        let postgres: Vec<SourceId> = postgres.map(SourceId).collect();
        for (role, source) in self.test.role.iter().flat_map(|role| postgres.iter().map(move |source| (role, *source)))
        {
            self.bench.role(source, role).await.map_err(|failure| self.failed(&self.test.at, &failure))?;
        }
        for fixture in &self.test.fixtures {
            let member = target.sources.get(&self.pack.source(fixture.source).name).and_then(|config| {
                config.members.iter().flatten().find(|member| Some(&member.name) == fixture.database.as_ref())
            });
            let own = &names.iter().find(|(source, _)| *source == fixture.source).map_or("", |(_, name)| name);
            self.load(fixture, member.map_or(own, |member| &member.database)).await?;
        }
        for (role, source) in self.test.role.iter().flat_map(|role| postgres.iter().map(move |source| (role, *source)))
        {
            if let Some(server) = self.bench.server(source) {
                for (_, name) in names.iter().filter(|(of, _)| *of == source) {
                    let became = server.become_role(name, role).await;
                    became.map_err(|failure| self.failed(&self.test.at, &failure))?;
                }
            }
        }
        Ok(target)
    }

    /// Whose rows are acted on, as the test says it.
    fn scope(&self) -> ScopeChoice {
        let one = |id: &String| ScopeChoice::One(ScopeItem { id: id.as_str().into(), label: id.as_str().into() });
        self.test.scope.as_ref().map_or(ScopeChoice::All, one)
    }

    /// Makes the databases of a family that fixtures name, and gives other databases the names that they have as members.
    async fn add_members(
        &self,
        source: SourceId,
        names: &mut Vec<(SourceId, String)>,
        config: &mut SourceConfig,
    ) -> Result<(), Problem> {
        let is_family = self.pack.source(source).family.is_some();
        let mut members: Vec<FixedMember> = Vec::new();
        for fixture in self.test.fixtures.iter().filter(|fixture| fixture.source == source) {
            let Some(name) = &fixture.database else { continue };
            if !is_family {
                config.shown_as = Some(name.clone());
            } else if members.iter().all(|member| member.name != *name) {
                let made = self.bench.member(source, self.number, members.len()).await;
                let database = made.map_err(|failure| self.failed(&fixture.at, &failure))?;
                names.push((source, database.clone()));
                members.push(FixedMember { name: name.clone(), kind: fixture.kind.clone(), database });
            }
        }
        // Else it would look for others on the server.
        config.members = is_family.then_some(members);
        Ok(())
    }

    async fn load(&self, fixture: &Fixture, database: &str) -> Result<(), Problem> {
        let (text, start) = match &fixture.content {
            FixtureContent::Sql(text) | FixtureContent::Documents(text) => (text.as_str(), fixture.at.clone()),
            FixtureContent::File(name) => {
                let (path, text) = &self.loaded[name];
                (text.as_str(), SourceLocation { file: path.display().to_string(), line: Some(1) })
            }
        };
        let Some(server) = self.bench.server(fixture.source) else {
            let failure = Failure::new(FailureKind::Other, "a folder of files takes no fixture");
            return Err(self.failed(&fixture.at, &failure));
        };
        let at = |chars: Option<usize>| {
            let line = chars.map_or(0, |at| text.chars().take(at).filter(|c| *c == '\n').count());
            SourceLocation { file: start.file.clone(), line: start.line.map(|first| first + line) }
        };
        if self.pack.source(fixture.source).engine != Engine::MongoDb {
            let ran = server.run_sql(database, text).await;
            return ran.map_err(|failure| self.unloaded(at(failure.at), &failure));
        }
        let parsed: Result<serde_json::Map<String, Json>, _> = serde_json::from_str(text);
        let collections = parsed.map_err(|error| {
            let place =
                SourceLocation { file: start.file.clone(), line: start.line.map(|first| first + error.line() - 1) };
            let failure = Failure::new(FailureKind::Other, &error.to_string());
            self.unloaded(place, &failure)
        })?;
        for (collection, documents) in collections {
            let documents = match documents {
                Json::Array(documents) => documents,
                other => vec![other],
            };
            let inserted = server.insert(database, &collection, documents).await;
            inserted.map_err(|failure| self.unloaded(at(None), &failure))?;
        }
        Ok(())
    }

    /// Acts, asks and compares.
    async fn on(&self, target: &Target) -> Vec<Problem> {
        let test = self.test;
        let mut pack = self.pack.clone();
        let thresholds = test.thresholds.iter().map(|(name, value)| (name.clone(), value.clone()));
        Arc::make_mut(&mut pack).views[test.view.0].thresholds.extend(thresholds);
        let mut problems = Vec::new();
        for act in &test.acts {
            if let Err(problem) = self.act(target, &pack, act).await {
                problems.push(problem);
            }
        }
        match self.ask(target, &pack).await {
            Ok(answer) => problems.extend(expect::compare(test, &answer)),
            Err(problem) => problems.push(problem),
        }
        problems
    }

    async fn ask(&self, target: &Target, pack: &Arc<Pack>) -> Result<ViewAnswer, Problem> {
        let test = self.test;
        let request =
            ViewRequest { view: pack.view(test.view).id.clone(), search: test.search.clone(), set: test.set.clone() };
        let wrong = |what: String, remedy: String| Problem { place: test.at.clone(), what, remedy };
        let resolved = request.resolve(pack).map_err(|error| wrong(error.message, error.remedy))?;
        let (view, choices) = resolved;
        let config = Config { targets: vec![target.clone()], ..Config::default() };
        let days = Some(self.remembered(pack));
        let options = SessionOptions { days, ..SessionOptions::of(Demand::Once { view, choices }) };
        let opened = Session::open(&config, vec![(target, pack.clone())], &self.bench.environment, options);
        let mut session = opened.map_err(|why| wrong(format!("{why:#}"), String::new()))?;
        headless::run(&mut session, &[view], None).await;
        Ok(ViewAnswer::new(session.model.into_model(), view))
    }

    /// What the test says of earlier days.
    fn remembered(&self, pack: &Pack) -> DayMemory {
        let mut memory = DayMemory::default();
        let view = pack.view(self.test.view);
        let today = Date::of(Clocks::start().read().utc, &Zone::Utc).unwrap_or(Date(0));
        let scope = self.test.scope.as_deref().filter(|_| view.scoped);
        for RememberedValue { column, key, days_ago, value } in &self.test.remembered {
            let key: Vec<&str> = key.iter().map(String::as_str).collect();
            let day = Date(today.0.saturating_sub(*days_ago));
            let column = days::column_name(view, *column, scope);
            memory.add(DayValue { column, key: RowKey::of(&key), day, value: *value });
        }
        memory
    }

    /// Carries an action out, as `opsdash act` does without a question.
    async fn act(&self, target: &Target, pack: &Arc<Pack>, act: &TestAct) -> Result<(), Problem> {
        let view = pack.view(self.test.view);
        let keys = match &act.rows {
            Some(rows) => expect::keys(view, rows, &self.ask(target, pack).await?),
            None => Ok(Vec::new()),
        };
        let keys = keys.map_err(|what| self.act_failed(act, view, &what))?;
        let (outcome, said) = match self.acted(target, pack, act, &keys).await {
            Ok(report) => outcome(&report),
            Err(refused) => ("refused", refused),
        };
        if outcome != act.outcome {
            let why = if said.is_empty() { String::new() } else { format!(": {said}") };
            return Err(self.act_failed(act, view, &format!("it is {outcome}, not {}{why}", act.outcome)));
        }
        match &act.says {
            Some(says) if !said.contains(says.as_str()) => {
                Err(self.act_failed(act, view, &format!("what is said has no \"{says}\": {said}")))
            }
            _ => Ok(()),
        }
    }

    async fn acted(
        &self,
        target: &Target,
        pack: &Arc<Pack>,
        act: &TestAct,
        keys: &[String],
    ) -> Result<ActionReport, String> {
        let view = pack.view(self.test.view);
        let action = &view.actions[act.action];
        check_rows(action, keys).map_err(|refused| sentences(&refused))?;
        let asked = check_asked(action, &act.answers, Clocks::start().read().utc, &TimeZone::UTC);
        let asked = asked.map_err(|wrong| wrong.join("\n"))?;
        let subject = AuditSubject {
            operator: self.bench.environment.operator.clone(),
            label: None,
            target: target.name.clone(),
            system: pack.system.clone(),
            view: view.id.clone(),
            action: action.id.clone(),
            title: action.title.clone(),
            scope: Some(self.scope()).filter(|_| view.scoped),
            can_undo: action.undo.is_some(),
        };
        let work = Duration::from_millis(timeout_ms(None).into());
        let context =
            ActionContext { view, action, subject, within: scope::within(pack, view, Some(&self.scope())), work };
        let handle = SourceHandle::of(pack, view.source, target, &self.bench.environment);
        let failed = |outcome: Outcome| ActionReport { failed: Some(outcome), ..ActionReport::default() };
        let source = match handle.source().await {
            Ok(source) => source,
            Err(failure) => return Ok(failed(Outcome::Failed(failure))),
        };
        let seen = match action_task::preview(source, &context, keys, PreviewFor::Write).await {
            Ok(seen) => seen,
            Err(outcome) => return Ok(failed(outcome)),
        };
        let prepared = prepare(action, keys, seen, asked).map_err(|refused| sentences(&refused))?;
        let audit = Arc::new(Audit::of_tests(&self.bench.environment.state_home));
        let report = action_task::carry_out(source, &context, &prepared, &audit, |_| {}).await;
        if act.undo && report.failed.is_none() {
            return Ok(action_task::take_back(source, &context, &report.done, &audit, |_| {}).await);
        }
        Ok(report)
    }

    fn act_failed(&self, act: &TestAct, view: &View, what: &str) -> Problem {
        let action = &view.actions[act.action].id;
        Problem {
            place: act.at.clone(),
            what: format!("{}: {action} of {}: {what}", self.test.name, view.id),
            remedy: "correct the action or the test".to_owned(),
        }
    }

    fn failed(&self, at: &SourceLocation, failure: &Failure) -> Problem {
        let remedy = match failure.kind {
            FailureKind::Privilege => "the login of --on must be allowed to make databases and roles",
            _ => "correct the test, or the server that --on names",
        };
        Problem { place: at.clone(), what: format!("{}: {failure}", self.test.name), remedy: remedy.to_owned() }
    }

    fn unloaded(&self, place: SourceLocation, failure: &Failure) -> Problem {
        Problem {
            place,
            what: format!("{}: the fixture does not load: {failure}", self.test.name),
            remedy: "correct the fixture; a client's own commands are no SQL".to_owned(),
        }
    }
}

/// What came of an action in one word, and what there is to say of it.
fn outcome(report: &ActionReport) -> (&'static str, String) {
    match &report.failed {
        None => ("done", report.notes.join("\n")),
        Some(Outcome::Changed(refused)) => ("changed", sentences(refused)),
        Some(Outcome::Refused(why)) => ("refused", why.clone()),
        Some(other) => ("failed", other.said()),
    }
}

fn sentences(refused: &[Refusal]) -> String {
    refused.iter().map(|refusal| refusal.why.as_str()).collect::<Vec<_>>().join("\n")
}
