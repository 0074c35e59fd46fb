//! Many databases as one source.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use opsdash_core::{
    contract::{Answer, FailedMember, FailureKind, LinkState, Members, ReadLimits},
    value::{RowKey, Value},
};
use opsdash_pack::{
    config::FixedMember,
    pack::{Family, MemberNames, SourceId},
};
use opsdash_sources::{AlsoMember, Ask, Kin};
use opsdash_testbed::forwarder::{Forwarder, Mode};

use super::*;

/// Databases of the family that is read under trouble.
const MANY: usize = 60;

fn family(databases: &[&str], exclude: &[&str]) -> Family {
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Family {
        databases: texts(databases),
        exclude: texts(exclude),
        also: Vec::new(),
        kind: "tenant".into(),
        names: None,
    }
}

fn also(source: &str, url: &str) -> AlsoMember {
    AlsoMember { source: source.into(), config: config(url), secrets: Arc::new(None::<Secret>) }
}

fn open_family(config: &SourceConfig, family: &Family, also: Vec<AlsoMember>, names: Option<Arc<dyn Ask>>) -> Source {
    Source::open_family("tenants", config, Arc::new(None::<Secret>), "alice", Kin { family, also, names }).unwrap()
}

/// A source that a family asks for names.
struct Named(Source);

impl Ask for Named {
    fn ask<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>> {
        Box::pin(self.0.read(read))
    }
}

/// The view's question of these tests: one row a database, keyed by it.
fn of_members(sql: &str, within: Members) -> Read {
    let shape = ResultShape::List { row_key: vec!["database".into()], limit: 500, troubled: false, reasons: false };
    let mut read = read(sql, shape);
    read.within.members = within;
    read.limits = ReadLimits::of_family(2_000);
    read
}

fn answered(answer: &Answer) -> Vec<String> {
    let opsdash_core::contract::Content::Table(table) = &answer.content else { panic!("no table") };
    table.rows.iter().map(|row| row.key.as_str().to_owned()).collect()
}

/// The URL of another role.
fn url_as(server: &PostgresServer, role: &str, database: &str) -> String {
    format!("postgres://{role}:secret@127.0.0.1:{}/{database}?sslmode=disable", server.port())
}

#[tokio::test]
async fn members_that_fail_are_told_and_the_others_are_there_within_the_deadline() {
    let server = PostgresServer::start().unwrap();
    let admin = |sql: String| {
        let server = &server;
        async move { server.run("postgres", &sql).await.unwrap() }
    };
    // A ninth connection would be refused.
    admin("CREATE ROLE reader LOGIN PASSWORD 'secret' CONNECTION LIMIT 8".into()).await;
    server.create_database("fam_001").await.unwrap();
    server
        .run("fam_001", "CREATE TABLE t (n int); INSERT INTO t VALUES (7); GRANT SELECT ON t TO reader")
        .await
        .unwrap();
    for at in 2..MANY {
        admin(format!("CREATE DATABASE fam_{at:03} TEMPLATE fam_001")).await;
    }
    admin("CREATE DATABASE famous".into()).await;
    admin("CREATE DATABASE hole TEMPLATE fam_001".into()).await;
    admin("REVOKE CONNECT ON DATABASE fam_010 FROM public".into()).await;
    server.run("fam_020", "ALTER TABLE t RENAME n TO m").await.unwrap();
    let forwarder = Forwarder::start(server.port()).await.unwrap();
    forwarder.set_mode(Mode::Stall);
    let hole = url_as(&server, "reader", "hole").replace(&server.port().to_string(), &forwarder.port().to_string());
    let source = open_family(
        &config(&url_as(&server, "reader", "postgres")),
        &family(&["fam_*"], &[]),
        vec![also("shared", &hole)],
        None,
    );
    let asked = of_members("SELECT 'ok' AS severity, '' AS why, n FROM t, pg_sleep(0.2)", Members::All);
    let mut outside = server.connect("postgres").await.unwrap();
    let began = Instant::now();
    let running = {
        let (source, asked) = (source.clone(), asked.clone());
        tokio::spawn(async move { source.read(&asked).await })
    };
    let of_reader =
        "SELECT (count(*) > 0)::text FROM pg_stat_activity WHERE usename = 'reader' AND datname LIKE 'fam%'";
    wait_for(&mut outside, of_reader, "true").await;
    // The last in order: its turn has not come.
    admin("DROP DATABASE fam_059".into()).await;
    let answer = running.await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_millis(asked.limits.patience_ms.into()), "{:?}", began.elapsed());
    let coverage = answer.coverage.clone().unwrap();
    assert_eq!(coverage.label(), format!("{}/{MANY}", MANY - 4));
    let failed: Vec<(&str, FailureKind)> =
        coverage.failed.iter().map(|member| (member.name.as_str(), member.failure.kind)).collect();
    let expected = [
        ("fam_010", FailureKind::Privilege),
        ("fam_020", FailureKind::Schema),
        ("fam_059", FailureKind::Unreachable),
        ("hole", FailureKind::Unreachable),
    ];
    assert_eq!(failed, expected, "{:#?}", coverage.failed);
    assert_eq!(coverage.failed[3].kind, "shared");
    assert!(!answered(&answer).contains(&"famous".to_owned()), "_ is no wildcard");
    assert!(matches!(source.link(), Some(LinkState::Up { .. })));
    // Nothing is left behind: a database can be dropped at once, and the next list has it no more.
    let left = "SELECT count(*)::text FROM pg_stat_activity WHERE usename = 'reader'";
    wait_for(&mut outside, left, "0").await;
    admin("DROP DATABASE fam_001".into()).await;
    forwarder.set_mode(Mode::Pass);
    let again = of_members("SELECT 'ok' AS severity, '' AS why, 1 AS one", Members::All);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let answer = source.read(&again).await.unwrap();
    assert_eq!(answer.coverage.as_ref().unwrap().label(), format!("{}/{}", MANY - 3, MANY - 2));
    assert_eq!(answered(&answer).first().map(String::as_str), Some("fam_002"));
}

/// Three tenants and two others on the shared server, each with rows of its own.
async fn small(prefix: &str) -> &'static PostgresServer {
    let server = shared();
    for (at, name) in ["auth", "a", "b", "b_old", "c"].iter().enumerate() {
        let name = format!("{prefix}_{name}");
        server.create_database(&name).await.unwrap();
        let rows = "CREATE TABLE t (id int, n int, severity text); INSERT INTO t SELECT i, i, CASE WHEN i = 1 THEN \
                    'crit' ELSE 'ok' END FROM generate_series(1, 1 + ";
        server.run(&name, &format!("{rows}{at}) AS i")).await.unwrap();
    }
    server
}

const ROWS: &str = "SELECT severity, '' AS why, id, n FROM t ORDER BY id";

fn of_rows(limit: u32) -> Read {
    let row_key = vec!["database".into(), "id".into()];
    let mut read = read(ROWS, ResultShape::List { row_key, limit, troubled: false, reasons: false });
    read.limits = ReadLimits::of_family(5_000);
    read
}

#[tokio::test]
async fn rows_of_all_are_one_list_the_worst_first_with_their_database_in_the_key() {
    let server = small("famlist").await;
    let family = family(&["famlist_*"], &["*_old", "*_auth"]);
    let source = open_family(&config(&server.url("postgres")), &family, Vec::new(), None);
    let answer = source.read(&of_rows(4)).await.unwrap();
    assert_eq!(
        answered(&answer),
        [r#"["famlist_a","1"]"#, r#"["famlist_b","1"]"#, r#"["famlist_c","1"]"#, r#"["famlist_a","2"]"#]
    );
    let table = reads::table(answer);
    assert_eq!(table.columns, ["database", "kind", "label", "id", "n"]);
    assert_eq!((table.counts.crit, table.counts.ok, table.truncated), (3, 7, true));
    assert_eq!(table.rows[0].cells[..4], [Value::text("famlist_a"), Value::text("tenant"), Value::Null, Value::Int(1)]);
}

#[tokio::test]
async fn a_query_names_the_members_and_binds_what_it_knows_of_them() {
    let server = small("famnames").await;
    let names = "CREATE TABLE societes (id int, base text, nom text); INSERT INTO societes VALUES (11, 'famnames_a', \
                 'Acier'), (12, 'famnames_b', 'Bronze'), (13, 'famnames_gone', 'Cuivre'), (14, 'famnames_b_old', \
                 'Old'), (15, 'alike_no_pattern', 'Dur')";
    server.run("famnames_auth", names).await.unwrap();
    server.create_database("alike_no_pattern").await.unwrap();
    let query = "SELECT base AS database, nom AS label, id::text AS societe_id FROM societes";
    let query = Arc::new(Statement::Sql(Sql { file: "members.sql".into(), text: query.into(), ..Sql::default() }));
    let names = MemberNames { query, from: SourceId(0), binds: vec!["societe_id".into()] };
    let family = Family { names: Some(names), ..family(&["famnames_*"], &["*_old"]) };
    let auth = server.url("famnames_auth");
    let ask: Arc<dyn Ask> = Arc::new(Named(super::source(&auth)));
    let source = open_family(&config(&server.url("postgres")), &family, vec![also("auth", &auth)], Some(ask.clone()));
    let sql = "SELECT 'ok' AS severity, '' AS why, $1 AS own, current_database()::text = $2 AS is_there";
    let params = [("societe_id", false), ("database", false)];
    let read = with_params(of_members(sql, Members::All), &params, Bind::default());
    let table = reads::table(source.read(&read).await.unwrap());
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let said: Vec<Vec<Option<String>>> =
        table.rows.iter().map(|row| row.cells[..4].iter().map(text).collect()).collect();
    let row = |cells: [Option<&str>; 4]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
    assert_eq!(
        said,
        [
            row([Some("alike_no_pattern"), Some("tenant"), Some("Dur"), Some("15")]),
            row([Some("famnames_a"), Some("tenant"), Some("Acier"), Some("11")]),
            row([Some("famnames_auth"), Some("auth"), None, None]),
            row([Some("famnames_b"), Some("tenant"), Some("Bronze"), Some("12")]),
            row([Some("famnames_c"), Some("tenant"), None, None]),
        ]
    );
    assert!(table.rows.iter().all(|row| row.cells[4] == Value::Bool(true)));
    let kinds = Members::Kinds(BTreeSet::from(["auth".to_owned()]));
    let read = of_members("SELECT 'ok' AS severity, '' AS why", kinds);
    assert_eq!(answered(&source.read(&read).await.unwrap()), ["famnames_auth"]);
    // Without a pattern the query alone says which there are, and one that is not there fails.
    let family = Family { databases: Vec::new(), exclude: Vec::new(), ..family };
    let source = open_family(&config(&server.url("postgres")), &family, Vec::new(), Some(ask));
    let answer = source.read(&of_members("SELECT 'ok' AS severity, '' AS why", Members::All)).await.unwrap();
    assert_eq!(answered(&answer), ["alike_no_pattern", "famnames_a", "famnames_b", "famnames_b_old"]);
    let failed = answer.coverage.unwrap().failed;
    assert_eq!(
        (failed.len(), failed[0].name.as_str(), failed[0].label.as_deref()),
        (1, "famnames_gone", Some("Cuivre"))
    );
}

#[tokio::test]
async fn a_question_about_rows_goes_to_their_databases_alone() {
    let server = small("famkeys").await;
    let source = open_family(&config(&server.url("postgres")), &family(&["famkeys_*"], &[]), Vec::new(), None);
    let key = |parts: &[&str]| RowKey::of(parts);
    let bind = Bind { keys: vec![key(&["famkeys_a", "2"]), key(&["famkeys_c", "5"])], ..Bind::default() };
    let sql = "SELECT id::text AS key, n FROM t WHERE id::text = ANY ($1)";
    let mut read = with_params(rows(sql), &[("keys", true)], bind);
    read.within.members = Members::OfKeys(2);
    let answer = source.read(&read).await.unwrap();
    assert_eq!(answer.coverage.as_ref().unwrap().label(), "2/2");
    assert_eq!(answered(&answer), [r#"["famkeys_a","2"]"#, r#"["famkeys_c","5"]"#]);
    let mut detail = rows("SELECT current_database()::text AS here");
    detail.within.members = Members::Only(BTreeSet::from(["famkeys_b".to_owned()]));
    assert_eq!(answered(&source.read(&detail).await.unwrap()), ["famkeys_b"]);
    detail.within.members = Members::Only(BTreeSet::from(["famkeys_x".to_owned()]));
    let failure = read_failure(&source, &detail).await;
    assert!(failure.message.contains("no database famkeys_x"), "{failure}");
}

#[tokio::test]
async fn databases_of_other_columns_than_most_fail_and_the_view_does_not() {
    let server = small("famcols").await;
    server.run("famcols_a", "ALTER TABLE t ADD extra int").await.unwrap();
    let source = open_family(&config(&server.url("postgres")), &family(&["famcols_*"], &[]), Vec::new(), None);
    let answer = source.read(&of_members("SELECT '' AS why, t.* FROM t LIMIT 1", Members::All)).await.unwrap();
    let coverage = answer.coverage.unwrap();
    assert_eq!((coverage.label().as_str(), coverage.failed[0].name.as_str()), ("4/5", "famcols_a"));
    assert_eq!(coverage.failed[0].failure.kind, FailureKind::Schema);
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_databases_is_a_member_that_failed() {
    let server = small("famtwo").await;
    let second = PostgresServer::start().unwrap();
    second.create_database("famtwo_a").await.unwrap();
    let both = |other: String| SourceConfig { more_servers: vec![Secret(other)], ..config(&server.url("postgres")) };
    let asked = of_members("SELECT 'ok' AS severity, '' AS why", Members::All);
    let family = family(&["famtwo_*"], &["*_old", "*_auth"]);
    let source = open_family(&both(second.url("postgres")), &family, Vec::new(), None);
    let place = format!("famtwo_a@127.0.0.1:{}", second.port());
    let names = answered(&source.read(&asked).await.unwrap());
    assert_eq!(names, ["famtwo_a".to_owned(), place, "famtwo_b".into(), "famtwo_c".into()]);
    let source = open_family(&both("postgres://x@127.0.0.1:1/postgres".into()), &family, Vec::new(), None);
    let coverage = source.read(&asked).await.unwrap().coverage.unwrap();
    assert_eq!(coverage.label(), "3/4");
    assert_eq!((coverage.failed[0].name.as_str(), coverage.failed[0].kind.as_str()), ("127.0.0.1:1", ""));
    let none = open_family(&config("postgres://x@127.0.0.1:1/postgres"), &family, Vec::new(), None);
    assert_eq!(read_failure(&none, &asked).await.kind, FailureKind::Unreachable);
    assert!(matches!(none.link(), Some(LinkState::Down(_))));
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_ends_in_every_database() {
    let server = small("famleft").await;
    let source = open_family(&config(&server.url("postgres")), &family(&["famleft_*"], &[]), Vec::new(), None);
    let mut slow = of_members("SELECT 'ok' AS severity, '' AS why FROM pg_sleep(60)", Members::All);
    slow.limits = ReadLimits::of_family(60_000);
    let waiting = tokio::spawn(async move { source.read(&slow).await });
    let mut outside = server.connect("postgres").await.unwrap();
    let there = "SELECT count(*)::text FROM pg_stat_activity WHERE datname LIKE 'famleft%' AND query LIKE '%pg_sleep%'";
    wait_for(&mut outside, there, "5").await;
    waiting.abort();
    let left = "SELECT count(*)::text FROM pg_stat_activity WHERE datname LIKE 'famleft%'";
    wait_for(&mut outside, left, "0").await;
}

#[tokio::test]
async fn a_database_whose_time_the_others_took_is_not_called_out_of_reach() {
    let server = small("famlate").await;
    let source = open_family(&config(&server.url("postgres")), &family(&["famlate_*"], &[]), Vec::new(), None);
    let mut slow = of_members("SELECT 'ok' AS severity, '' AS why FROM pg_sleep(60)", Members::All);
    slow.limits = ReadLimits { statement_ms: 60_000, patience_ms: 1_500 };
    let coverage = source.read(&slow).await.unwrap().coverage.unwrap();
    assert_eq!(coverage.label(), "0/5");
    let is_told = |member: &FailedMember| {
        member.failure.kind == FailureKind::Busy && member.failure.message.contains("all databases together")
    };
    assert!(coverage.failed.iter().all(is_told), "{:#?}", coverage.failed);
}

#[tokio::test]
async fn questions_that_come_together_share_a_connection_to_each_database() {
    let server = small("famshare").await;
    server.run("postgres", "CREATE ROLE one_alone LOGIN PASSWORD 'secret' CONNECTION LIMIT 1").await.unwrap();
    let member = FixedMember { name: "famshare_a".into(), kind: None, database: "famshare_a".into() };
    let url = url_as(server, "one_alone", "postgres");
    let one = SourceConfig { members: Some(vec![member]), ..config(&url) };
    let source = open_family(&one, &family(&["famshare_*"], &[]), Vec::new(), None);
    // A second one would be refused.
    let slow = of_members("SELECT 'ok' AS severity, '' AS why FROM pg_sleep(0.2)", Members::All);
    let answers = futures_util::future::join_all((0..4).map(|_| source.read(&slow))).await;
    for answer in answers {
        assert_eq!(answer.unwrap().coverage.unwrap().label(), "1/1");
    }
    let mut outside = server.connect("postgres").await.unwrap();
    wait_for(&mut outside, "SELECT count(*)::text FROM pg_stat_activity WHERE usename = 'one_alone'", "0").await;
}
