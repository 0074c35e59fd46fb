//! Actions on real servers: as the logins that `doctor --grants` makes, against others who write the same rows, over links
//! that break, and from the shell.

#![expect(clippy::unwrap_used, reason = "tests")]

mod every;
mod links;
mod races;
mod shell;
mod terminal;

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use opsdash::{
    packs,
    runtime::action_task::{self, ActionContext, PreviewFor},
    settings::Environment,
    store::audit::{self, Audit, AuditSubject},
};
use opsdash_core::action::{ActionReport, Outcome, WritePlan, prepare};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    pack::{Action, Engine, Pack, View},
};
use opsdash_sources::Source;
use opsdash_testbed::{
    sample::cybersensei::{
        fresh_database,
        logins::{OPERATOR, READER, make_logins, url_of},
    },
    servers::postgres::shared,
};
use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tempfile::TempDir;

/// A sample database, and both logins for it.
struct Lab {
    database: String,
    pack: Pack,
    state: TempDir,
}

impl Lab {
    async fn new(database: &str) -> Self {
        fresh_database(database).await.unwrap();
        make_logins(Path::new(env!("CARGO_BIN_EXE_opsdash")), database).await.unwrap();
        let nowhere = PathBuf::from("/nonexistent");
        let environment = Environment { config_home: nowhere.clone(), etc: nowhere, ..Environment::of_process() };
        let pack = packs::load("cybersensei", &environment).unwrap();
        Self { database: database.to_owned(), pack, state: tempfile::tempdir().unwrap() }
    }

    fn url(&self) -> String {
        shared().url(&self.database)
    }

    fn operator_url(&self) -> String {
        url_of(OPERATOR, &self.database)
    }

    fn operator(&self) -> Source {
        source(&self.operator_url())
    }

    fn reader(&self) -> Source {
        source(&url_of(READER, &self.database))
    }

    fn find(&self, view: &str, action: &str) -> (&View, &Action) {
        let view = self.pack.view(self.pack.find(view).unwrap());
        (view, view.actions.iter().find(|found| found.id == action).unwrap())
    }

    fn job(&self, view: &str, action: &str) -> ActionContext<'_> {
        let (view, action) = self.find(view, action);
        let subject = AuditSubject {
            operator: "alice".into(),
            label: None,
            target: "lab".into(),
            system: self.pack.system.clone(),
            view: view.id.clone(),
            action: action.id.clone(),
        };
        ActionContext { view, action, subject, work: Duration::from_secs(20) }
    }

    fn audit(&self) -> Arc<Audit> {
        Arc::new(Audit::of(self.state.path()))
    }

    /// Lines of the record: phase and outcome.
    fn recorded(&self) -> Vec<(String, String)> {
        let text = |line: &Json, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let lines = audit::read(self.state.path()).unwrap().lines;
        lines.iter().map(|line| (text(line, "phase"), text(line, "outcome"))).collect()
    }

    /// What the action would write of these rows.
    async fn prepare(
        &self,
        source: &Source,
        job: &ActionContext<'_>,
        keys: &[String],
        asked: &[(&str, &str)],
    ) -> WritePlan {
        let looked = action_task::preview(source, job, keys, PreviewFor::Write).await.unwrap();
        let asked: BTreeMap<String, String> =
            asked.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        prepare(job.action, keys, looked, asked).unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    async fn column(&self, query: &str) -> Vec<String> {
        column(&self.url(), query).await
    }

    async fn one(&self, query: &str) -> String {
        self.column(query).await.remove(0)
    }

    async fn run(&self, statements: &str) {
        run(&self.url(), statements).await;
    }
}

#[track_caller]
fn done(report: &ActionReport) -> usize {
    assert!(report.failed.is_none() && report.notes.is_empty(), "{report:?}");
    report.done.len()
}

#[track_caller]
fn failed(report: ActionReport) -> Outcome {
    report.failed.unwrap_or_else(|| panic!("{} rows were written", report.done.len()))
}

fn source(url: &str) -> Source {
    source_in(url, None)
}

fn source_in(url: &str, zone: Option<&str>) -> Source {
    let naive_zone = zone.map(str::to_owned);
    let config = SourceConfig { urls: vec![Secret(url.into())], naive_zone, ..SourceConfig::default() };
    Source::open("main", Engine::PostgreSql, &config, None, "alice").unwrap()
}

async fn run(url: &str, statements: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let ran = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await;
    ran.unwrap_or_else(|why| panic!("{why}\n{statements}"));
    connection.close().await.unwrap();
}

async fn column(url: &str, query: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get::<Option<String>, _>(0).unwrap_or_default()).collect()
}

/// A home with a config that leads to a database.
struct Shell {
    home: TempDir,
}

/// What a run left.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Shell {
    /// `more` is said of the target.
    fn new(main: &str, more: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/opsdash");
        fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "[targets.lab]\nsystem = \"cybersensei\"\n{more}\n[targets.lab.sources.main]\nurl = \"{main}\"\n\
             timeout = \"20s\"\n[targets.lab.sources.files]\nurl = \"file:///tmp\"\n"
        );
        fs::write(folder.join("config.toml"), config).unwrap();
        fs::set_permissions(folder.join("config.toml"), Permissions::from_mode(0o600)).unwrap();
        Self { home }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home.path()).env("LANG", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(env!("CARGO_BIN_EXE_opsdash")).args(arguments))
    }

    fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/opsdash")
    }

    fn recorded(&self) -> Vec<Json> {
        audit::read(&self.state()).unwrap().lines
    }
}

impl Ran {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// The system's own binary of that name, for a test that needs a shell.
fn sh() -> &'static str {
    assert!(Path::new("/bin/sh").exists());
    "/bin/sh"
}
