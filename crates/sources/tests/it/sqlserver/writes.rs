//! A write looks, compares, writes, counts and looks again, by a login of its own.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use opsdash_core::{
    action::{Batch, BoundStatement, Outcome, TextRow},
    contract::Within,
};
use opsdash_pack::{
    config::{PasswordFrom, Secret, SourceConfig, WriterLogin},
    declared::sqlserver,
    dialect::{Flavor, Sql},
    pack::{Action, ColumnType, Danger, Effect, GuardedRows, GuardedUpdate, SetTo, Statement, Table, TableColumn},
};
use opsdash_sources::{Secrets, Source};
use opsdash_testbed::{
    reads::config,
    tds::{Cell, Request, Step, TdsServer, Type, opening},
};

const WORK: Duration = Duration::from_secs(5);

fn column(name: &str, kind: &'static str) -> TableColumn {
    TableColumn { documented: name.into(), name: name.into(), alias: name.into(), kind: Some(ColumnType::Plain(kind)) }
}

/// Closes jobs: sets `state`, and compares it with what was seen.
fn action() -> Action {
    let rows = GuardedRows {
        table: Table { documented: "jobs".into(), schema: Some("dbo".into()), name: "jobs".into() },
        key: column("id", "int"),
        show: Vec::new(),
        compare: vec![column("state", "nvarchar"), column("updated_at", "datetime2")],
        version: None,
        row_version: false,
        skips_locked: false,
    };
    let set = vec![(column("state", "nvarchar"), SetTo::Text("closed".into()))];
    let look = sql("LOOK", &["keys"]);
    Action {
        id: "close".into(),
        title: "Close".into(),
        press: 'c',
        many: true,
        set: None,
        preview: look,
        effect: Effect::Update(GuardedUpdate { rows, set }),
        when: Vec::new(),
        otherwise: BTreeMap::new(),
        sql: sql("EFFECT", &["keys"]),
        undo: None,
        prompts: Vec::new(),
        danger: Danger::Low,
        change: Vec::new(),
        success: None,
        verified: false,
        batch: 500,
        most: 10_000,
        reload: Vec::new(),
    }
}

fn sql(text: &str, params: &[&str]) -> Arc<Statement> {
    let Statement::Sql(sql) = &*super::statement(&format!("{text} @P1"), params) else { unreachable!() };
    assert_eq!(sql.flavor, Flavor::SqlServer);
    Arc::new(Statement::Sql(Sql { file: "jobs.toml".into(), ..sql.clone() }))
}

fn row(key: &str, state: &str, updated_at: &str) -> TextRow {
    let cells = [("key", key), ("state", state), ("updated_at", updated_at)];
    TextRow(cells.map(|(name, text)| (name.to_owned(), Some(text.to_owned()))).into())
}

fn source(server: &TdsServer, writer: bool) -> Source {
    let login = WriterLogin { user: "ops".into(), password: Some(PasswordFrom::Env("UNUSED".into())) };
    let config = SourceConfig { writer: writer.then_some(login), ..config(&server.url()) };
    let secrets: Arc<dyn Secrets> = Arc::new(Some(Secret("0ps".into())));
    Source::open_with_writer("main", &config, Arc::new(None::<Secret>), Some(secrets), "alice").unwrap()
}

async fn act(source: &Source, seen: &[TextRow]) -> Outcome {
    let action = action();
    let keys: Vec<String> = seen.iter().map(|row| row.key().to_owned()).collect();
    let bound = |statement: &Arc<Statement>| BoundStatement {
        statement: statement.clone(),
        keys: keys.clone(),
        lists: BTreeMap::new(),
        values: BTreeMap::new(),
    };
    let (write, preview) = (bound(&action.sql), bound(&action.preview));
    let batch = Batch { action: &action, seen, write: &write, preview: &preview };
    source.act(batch, &Within::default(), WORK).await
}

/// A server with one row: what a look finds before and after the write, and how many rows the write counts.
async fn server(before: &'static str, written: i64, end: Vec<Step>) -> TdsServer {
    let looks = AtomicUsize::new(0);
    let columns = || vec![("key", Type::NVarChar), ("state", Type::NVarChar), ("updated_at", Type::NVarChar)];
    TdsServer::start(move |request| match request {
        Request::Call { sql, .. } if sql.contains("UPDLOCK") => {
            Some(Step::result(vec![("key", Type::NVarChar)], vec![vec!["1".into()]]))
        }
        Request::Call { sql, .. } if sql.contains("LOOK") => {
            let is_first = looks.fetch_add(1, Ordering::SeqCst) == 0;
            // A trigger moves the time on.
            let row: [Cell; 3] = if is_first {
                ["1".into(), before.into(), "T1".into()]
            } else {
                ["1".into(), "closed".into(), "T2".into()]
            };
            Some(Step::result(columns(), vec![row.into()]))
        }
        Request::Call { sql, .. } if sql.contains("EFFECT") => {
            Some(Step::result(vec![("n", Type::BigInt)], vec![vec![written.into()]]))
        }
        Request::Batch(text) if text == "COMMIT TRANSACTION" => Some(end.clone()),
        _ => None,
    })
    .await
    .unwrap()
}

fn committed(server: &TdsServer) -> bool {
    server.asked().contains(&Request::Batch("COMMIT TRANSACTION".into()))
}

#[tokio::test]
async fn what_triggers_made_of_a_row_is_what_is_told() {
    let server = server("open", 1, vec![Step::Count(0)]).await;
    let outcome = act(&source(&server, true), &[row("1", "open", "T1")]).await;
    let Outcome::Done(rows) = outcome else { panic!("{outcome:?}") };
    let told = |name: &str| rows[0].get(name).flatten().map(str::to_owned);
    assert_eq!((told("before_state").as_deref(), told("after_state").as_deref()), (Some("open"), Some("closed")));
    assert_eq!((told("before_updated_at").as_deref(), told("after_updated_at").as_deref()), (Some("T1"), Some("T2")));
    let keys = Some(r#"["1"]"#.to_owned());
    let Effect::Update(update) = action().effect else { unreachable!() };
    let texts = [
        sqlserver::lock(&update.rows).replace(":keys", "@P1"),
        "/* opsdash */ LOOK @P1".to_owned(),
        "/* opsdash:act */ EFFECT @P1;\nSELECT CAST(@@ROWCOUNT AS bigint) AS n".to_owned(),
        "/* opsdash */ LOOK @P1".to_owned(),
    ];
    assert_eq!(server.calls(), texts.map(|text| (text, vec![keys.clone()])));
    let Request::Login(login) = &server.asked()[0] else { panic!("no login") };
    assert_eq!((login.user.as_str(), login.password.as_str(), login.is_read_only), ("ops", "0ps", false));
    assert!(committed(&server));
}

#[tokio::test]
async fn a_row_that_is_another_is_not_written() {
    let server = server("closed", 1, vec![Step::Count(0)]).await;
    let outcome = act(&source(&server, true), &[row("1", "open", "T1")]).await;
    let Outcome::Changed(refused) = outcome else { panic!("{outcome:?}") };
    assert!(refused[0].why.contains("state is closed, was open"), "{refused:?}");
    assert!(!committed(&server) && !server.calls().iter().any(|(sql, _)| sql.contains("EFFECT")));
}

#[tokio::test]
async fn a_count_that_is_another_is_rolled_back() {
    let server = server("open", 2, vec![Step::Count(0)]).await;
    let outcome = act(&source(&server, true), &[row("1", "open", "T1")]).await;
    assert!(matches!(outcome, Outcome::Changed(_)), "{outcome:?}");
    assert!(!committed(&server));
}

#[tokio::test]
async fn a_commit_without_an_answer_is_told_by_the_rows() {
    let server = server("open", 1, vec![Step::Cut]).await;
    let outcome = act(&source(&server, true), &[row("1", "open", "T1")]).await;
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    let writes = server.calls().iter().filter(|(sql, _)| sql.contains("EFFECT")).count();
    assert_eq!((writes, server.logins()), (1, 2), "it is looked at again, and never written again");
}

#[tokio::test]
async fn without_a_login_that_writes_actions_are_off() {
    let server = server("open", 1, vec![Step::Count(0)]).await;
    let outcome = act(&source(&server, false), &[row("1", "open", "T1")]).await;
    assert!(matches!(&outcome, Outcome::Refused(why) if why.contains("writer")), "{outcome:?}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_database_that_is_only_read_is_not_written() {
    let server = TdsServer::start(|request| match request {
        Request::Batch(text) if text.contains("BEGIN TRANSACTION") => Some(opening(false)),
        _ => None,
    })
    .await
    .unwrap();
    let outcome = act(&source(&server, true), &[row("1", "open", "T1")]).await;
    assert!(matches!(&outcome, Outcome::Failed(failure) if failure.message.contains("read-only")), "{outcome:?}");
}
