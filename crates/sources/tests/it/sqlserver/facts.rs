//! Facts for doctor: objects and constraints, and what the login may that writes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use opsdash_core::contract::{ClockColumn, ConstraintState, Facts, FailureKind, FoundReference, Inspection, Within};
use opsdash_pack::{
    config::{PasswordFrom, Secret, SourceConfig, WriterLogin},
    pack::{ObjectKind, OnDelete},
};
use opsdash_sources::{Secrets, Source};
use opsdash_testbed::{
    reads::config,
    tds::{Cell, Request, Step, TdsServer, Type},
};

const TEXT: Type = Type::NVarChar;
/// The first of July 2026, in days since the year 1.
const A_DAY: u32 = 739_797;

/// A result of texts.
fn texts(columns: &[&'static str], rows: &[&[&str]]) -> Vec<Step> {
    let row = |row: &&[&str]| -> Vec<Cell> { row.iter().map(|cell| (*cell).into()).collect() };
    Step::result(columns.iter().map(|name| (*name, TEXT)).collect(), rows.iter().map(row).collect())
}

/// What is found of jobs and people; `writes` is whether the login that asks is the one that writes.
fn answer(sql: &str, writes: bool) -> Option<Vec<Step>> {
    let may = if writes { "1" } else { "0" };
    let login = if writes { "ops" } else { "reader" };
    Some(if sql.contains("SUSER_SNAME() AS login") {
        texts(&["login", "compatibility", "definitions", "is a member of db_owner"], &[&[login, "150", "1", "0"]])
    } else if sql.contains("AS visible") {
        let columns = ["schema", "name", "visible", "INSERT", "DELETE"];
        texts(&columns, &[&["dbo", "Jobs", "1", "0", may], &["dbo", "people", "1", "0", "0"]])
    } else if sql.contains("AS readable") {
        texts(
            &["schema", "table", "name", "kind", "readable", "writable"],
            &[&["dbo", "Jobs", "state", "nvarchar", "1", may], &["dbo", "Jobs", "at", "datetime2", "1", "0"]],
        )
    } else if sql.contains("SELECT MAX([at]) AS newest, SYSUTCDATETIME() AS now FROM [dbo].[jobs]") {
        // Two in the afternoon, and noon of UTC.
        let at = |hour: u64| Cell::Time(A_DAY, hour * 3_600 * 10_000_000, 0);
        Step::result(vec![("newest", Type::DateTime2), ("now", Type::DateTime2)], vec![vec![at(14), at(12)]])
    } else if sql.contains("sys.foreign_keys") {
        let columns = ["schema", "table", "name", "column", "refers_to", "on_delete", "is_disabled", "is_not_trusted"];
        let key = |column| ["dbo", "jobs", "FK_1", column, "people", "SET_NULL", "0", "1"];
        texts(&columns, &[&key("owner"), &key("site")])
    } else if sql.contains("sys.check_constraints") {
        let columns = ["schema", "table", "name", "column", "is_disabled", "is_not_trusted"];
        texts(&columns, &[&["dbo", "jobs", "CK_1", "state", "1", "1"]])
    } else if sql.contains("sys.triggers") {
        let columns = ["schema", "name", "kind", "table", "is_disabled", "usable"];
        let rows: [&[&str]; 4] = [
            &["dbo", "sp_archive", "P", "", "0", may],
            &["dbo", "trg_jobs", "TR", "jobs", "1", "0"],
            &["dbo", "vw_broken", "V", "", "0", "1"],
            &["dbo", "vw_hidden", "V", "", "0", "0"],
        ];
        texts(&columns, &rows)
    } else if sql.contains("[vw_broken]") {
        vec![Step::Error(207, 16, 1, "Invalid column name 'gone'.")]
    } else {
        return None;
    })
}

async fn server(refuses_writer: bool) -> TdsServer {
    let writes = AtomicBool::new(false);
    TdsServer::start(move |request| match request {
        Request::Login(login) => {
            writes.store(login.user == "ops", Ordering::SeqCst);
            (refuses_writer && login.user == "ops")
                .then(|| vec![Step::Error(18456, 14, 1, "Login failed for user 'ops'.")])
        }
        Request::Call { sql, .. } | Request::Batch(sql) => answer(sql, writes.load(Ordering::SeqCst)),
        _ => None,
    })
    .await
    .unwrap()
}

async fn facts(server: &TdsServer, writer: bool) -> Facts {
    facts_in(server, writer, None).await
}

async fn facts_in(server: &TdsServer, writer: bool, zone: Option<&str>) -> Facts {
    let login = WriterLogin { user: "ops".into(), password: Some(PasswordFrom::Env("UNUSED".into())) };
    let config =
        SourceConfig { writer: writer.then_some(login), naive_zone: zone.map(str::to_owned), ..config(&server.url()) };
    let secrets: Arc<dyn Secrets> = Arc::new(Some(Secret("0ps".into())));
    let source = Source::open_with_writer("main", &config, Arc::new(None::<Secret>), Some(secrets), "alice").unwrap();
    let inspection = Inspection {
        tables: vec!["jobs".into(), "people".into()],
        objects: ["sp_archive", "trg_jobs", "vw_broken", "vw_hidden"].map(Into::into).into(),
        clock: vec![ClockColumn { schema: None, table: "jobs".into(), column: "at".into() }],
        timeout_ms: 10_000,
        ..Inspection::default()
    };
    source.inspect(&inspection, &Within::default()).await.unwrap()
}

#[tokio::test]
async fn objects_and_constraints_are_read_with_their_state_and_a_view_that_asks_for_what_is_gone_is_broken() {
    let server = server(false).await;
    let facts = facts(&server, false).await;
    assert!(facts.writer.is_none() && facts.catalog.sees_definitions && facts.catalog.powers.is_empty(), "{facts:?}");
    let jobs = &facts.catalog.tables[0];
    let reference = FoundReference {
        name: "FK_1".into(),
        columns: vec!["owner".into(), "site".into()],
        to: "people".into(),
        on_delete: Some(OnDelete::SetNull),
        state: ConstraintState::NotTrusted,
    };
    assert_eq!((jobs.name.as_str(), &jobs.references[..]), ("jobs", &[reference][..]));
    assert_eq!(
        (&jobs.checks[0].columns[..], jobs.checks[0].state),
        (&["state".to_owned()][..], ConstraintState::Disabled)
    );
    let objects = &facts.catalog.objects;
    let told: Vec<_> = objects.iter().map(|it| (it.kind, it.name.as_str(), it.disabled, it.usable)).collect();
    assert_eq!(
        told,
        [
            (ObjectKind::Procedure, "sp_archive", false, false),
            (ObjectKind::Trigger, "trg_jobs", true, false),
            (ObjectKind::View, "vw_broken", false, true),
            (ObjectKind::View, "vw_hidden", false, false),
        ]
    );
    assert_eq!(objects[2].broken.as_deref(), Some("Invalid column name 'gone'."));
    let tried: Vec<String> =
        server.calls().into_iter().map(|(sql, _)| sql).filter(|sql| sql.contains("TOP (0)")).collect();
    assert_eq!(tried, ["SELECT TOP (0) * FROM [dbo].[vw_broken]"], "what may not be read is not tried");
}

#[tokio::test]
async fn the_newest_time_is_held_against_the_servers_clock_in_the_zone_of_the_source() {
    let server = server(false).await;
    for (zone, ahead) in [(None, 2 * 3_600_000), (Some("Europe/Paris"), 0)] {
        assert_eq!(facts_in(&server, false, zone).await.newest_ahead_ms, Some(ahead), "{zone:?}");
    }
}

#[tokio::test]
async fn the_login_that_writes_is_asked_for_its_own_rights() {
    let server = server(false).await;
    let facts = facts(&server, true).await;
    let writer = facts.writer.unwrap().unwrap();
    for (catalog, login, may) in [(&facts.catalog, "reader", false), (&writer, "ops", true)] {
        assert_eq!(catalog.login.as_deref(), Some(login));
        let jobs = &catalog.tables[0];
        assert_eq!((jobs.columns[0].writable, jobs.writes.contains(&"DELETE".to_owned())), (may, may), "{login}");
        assert_eq!(catalog.objects[0].usable, may, "{login}");
    }
}

#[tokio::test]
async fn a_login_that_writes_and_is_refused_does_not_hide_what_the_other_found() {
    let server = server(true).await;
    let facts = facts(&server, true).await;
    assert_eq!(facts.catalog.tables.len(), 2);
    assert_eq!(facts.writer.unwrap().unwrap_err().kind, FailureKind::Auth);
}
