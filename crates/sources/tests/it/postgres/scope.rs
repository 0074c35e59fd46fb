//! Row-level security: one setting, for every transaction of a question.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use opsdash_core::{
    action::{Batch, BoundStatement, Outcome, TextRow},
    contract::{
        ClockColumn, Failure, FailureKind, Inspection, Members, Question, Read, ResultShape, ScopeSetting, Ticket,
        Within,
    },
    scope::ScopeList,
};
use opsdash_pack::{
    dialect::{Param, Sql},
    pack::{Action, Danger, Effect, Scope, SourceId, Statement},
};
use opsdash_sources::Source;
use opsdash_testbed::servers::{pgbouncer::PgBouncer, postgres::PostgresServer};

use super::{config, database, open, query_text, read_failure, read_table, rows};

/// Rows of two clients; a login that sees those of the client that a setting names.
const SCHEMA: &str =
    "CREATE TABLE jobs (id int PRIMARY KEY, client text NOT NULL, state text NOT NULL, at timestamptz);
    INSERT INTO jobs VALUES (1, 'acme', 'open', now()), (2, 'acme', 'open', now()), (3, 'globex', 'open', now());
    ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON jobs USING (client = current_setting('app.client', true));
    DO $$ BEGIN CREATE ROLE scoped LOGIN PASSWORD 'scoped'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
    GRANT SELECT, UPDATE ON jobs TO scoped";

const WORK: Duration = Duration::from_secs(20);

async fn scoped(name: &str) -> Source {
    let (_, server) = database(name, SCHEMA).await;
    open(&config(&server.url_of("scoped", "scoped", name)))
}

fn of_client(client: &str) -> Within {
    Within {
        scope: Some(ScopeSetting { name: "app.client".into(), value: client.into(), listed: None }),
        ..Within::default()
    }
}

fn read_within(sql: &str, within: Within) -> Read {
    Read { within, ..rows(sql) }
}

async fn keys(source: &Source, within: Within) -> Vec<String> {
    let table = read_table(source, &read_within("SELECT id::text AS id FROM jobs ORDER BY id", within)).await;
    table.rows.iter().map(|row| row.key.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_read_sees_the_rows_of_its_scope_and_leaves_no_scope_behind() {
    let source = scoped("scope_reads").await;
    for _ in 0..3 {
        assert_eq!(keys(&source, of_client("acme")).await, ["1", "2"]);
        assert_eq!(keys(&source, of_client("globex")).await, ["3"]);
        let failure = read_failure(&source, &read_within("SELECT id FROM jobs", Within::default())).await;
        assert!(failure.message.contains("row-level security"), "without a scope nothing is taken for all: {failure}");
    }
    assert!(keys(&source, of_client("o'hara\\")).await.is_empty(), "a value is a value, whatever is in it");
}

#[tokio::test]
async fn facts_of_tables_are_those_of_the_scope() {
    let source = scoped("scope_facts").await;
    let inspection = Inspection {
        tables: vec!["jobs".into()],
        clock: vec![ClockColumn { schema: None, table: "jobs".into(), column: "at".into() }],
        timeout_ms: 20_000,
        ..Inspection::default()
    };
    assert!(source.inspect(&inspection, &of_client("acme")).await.unwrap().newest_ahead_ms.is_some());
    assert_eq!(source.inspect(&inspection, &Within::default()).await.unwrap().newest_ahead_ms, None);
}

pub(super) fn sql(text: &str) -> Arc<Statement> {
    let params = vec![Param { name: "keys".into(), is_list: true }];
    Arc::new(Statement::Sql(Sql { file: "test.sql".into(), text: text.into(), params, ..Sql::default() }))
}

pub(super) fn bound(statement: &Arc<Statement>, keys: &[&str]) -> BoundStatement {
    BoundStatement {
        statement: statement.clone(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        lists: BTreeMap::new(),
        values: BTreeMap::new(),
    }
}

pub(super) fn close() -> Action {
    Action {
        id: "close".into(),
        title: "Close".into(),
        press: 'c',
        set: None,
        many: true,
        preview: sql("SELECT id::text AS key, state FROM jobs WHERE id = ANY ($1::int[])"),
        effect: Effect::Sql,
        when: Vec::new(),
        otherwise: BTreeMap::new(),
        sql: sql("UPDATE jobs SET state = 'closed' WHERE id = ANY ($1::int[]) \
                  RETURNING id::text AS key, 'open' AS before_state, state AS after_state"),
        undo: None,
        prompts: Vec::new(),
        danger: Danger::Low,
        change: Vec::new(),
        success: None,
        verified: false,
        batch: 10,
        most: 10,
        reload: Vec::new(),
    }
}

#[tokio::test]
async fn a_write_and_the_look_before_it_reach_the_rows_of_the_scope_alone() {
    let source = scoped("scope_writes").await;
    let action = close();
    let (preview, write) = (bound(&action.preview, &["1", "3"]), bound(&action.sql, &["1", "3"]));
    let acme = of_client("acme");
    let seen = source.preview(&preview, Some(&write), 10, &acme, WORK).await.unwrap();
    assert_eq!(seen.iter().map(TextRow::key).collect::<Vec<_>>(), ["1"]);
    // Of both rows only one can be written, so none is.
    let batch = Batch { action: &action, seen: &seen, write: &write, preview: &preview };
    let outcome = source.act(batch, &acme, WORK).await;
    assert!(matches!(outcome, Outcome::Changed(_)), "{outcome:?}");
    let (preview, write) = (bound(&action.preview, &["1"]), bound(&action.sql, &["1"]));
    let batch = Batch { action: &action, seen: &seen, write: &write, preview: &preview };
    let outcome = source.act(batch, &acme, WORK).await;
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    let mut outside = super::shared().connect("scope_writes").await.unwrap();
    let closed = "SELECT string_agg(id::text, ' ') FROM jobs WHERE state = 'closed'";
    assert_eq!(query_text(&mut outside, closed).await.as_deref(), Some("1"));
}

/// What can be chosen: the clients that have jobs, by a table that no policy guards.
fn clients(setting: &str) -> Scope {
    let text = "SELECT id, upper(id) AS label FROM clients ORDER BY id";
    let query = Arc::new(Statement::Sql(Sql { file: "clients.sql".into(), text: text.into(), ..Sql::default() }));
    Scope { title: "client".into(), source: SourceId(0), setting: setting.into(), query }
}

async fn scopes(source: &Source, setting: &str) -> Result<ScopeList, Failure> {
    source.scopes(&clients(setting), Ticket(7), 20_000).await
}

/// A database with a table of clients; everybody who logs in may read both tables.
async fn with_clients(name: &str, more: &str) -> &'static PostgresServer {
    let clients = "CREATE TABLE clients (id text PRIMARY KEY); INSERT INTO clients VALUES ('acme'), ('globex');
        GRANT SELECT ON clients, jobs TO PUBLIC";
    database(name, &format!("{SCHEMA}; {clients}; {more}")).await.1
}

/// Who a login is and what was done to the table: what is found about the policies then.
const LOGINS: [(&str, &str, &str, Option<&str>); 6] = [
    ("bound", "", "", None),
    ("super", "ALTER ROLE scope_super SUPERUSER", "", Some("superuser")),
    ("bypass", "ALTER ROLE scope_bypass BYPASSRLS", "", Some("BYPASSRLS")),
    ("owner", "ALTER TABLE jobs OWNER TO scope_owner", "", Some("owner")),
    ("forced", "ALTER TABLE jobs OWNER TO scope_forced", "ALTER TABLE jobs FORCE ROW LEVEL SECURITY", None),
    ("off", "", "ALTER TABLE jobs DISABLE ROW LEVEL SECURITY", Some("switched off")),
];

#[tokio::test]
async fn whether_the_policies_bind_the_login_is_told_with_what_can_be_chosen() {
    for (name, role, table, lacks) in LOGINS {
        let (login, database) = (format!("scope_{name}"), format!("scope_of_{name}"));
        let create = format!(
            "DO $$ BEGIN CREATE ROLE {login} LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        let server = with_clients(&database, &format!("{create}; {role}; {table}")).await;
        let source = open(&config(&server.url_of(&login, "x", &database)));
        let list = scopes(&source, "app.client").await.unwrap();
        let items: Vec<(&str, &str)> = list.items.iter().map(|item| (&*item.id, &*item.label)).collect();
        assert_eq!(items, [("acme", "ACME"), ("globex", "GLOBEX")]);
        assert_eq!(list.enforcement.lacks().as_deref(), lacks, "{name}: {:?}", list.enforcement);
        assert_eq!(list.enforcement.bound, u64::from(lacks.is_none()), "{name}");
    }
}

#[tokio::test]
async fn a_setting_that_the_policies_do_not_read_is_found_with_those_that_they_do() {
    let server = with_clients("scope_setting", "").await;
    let source = open(&config(&server.url_of("scoped", "scoped", "scope_setting")));
    let found = scopes(&source, "App.Client").await.unwrap().enforcement;
    assert!(found.is_read, "names of settings know no case: {found:?}");
    let found = scopes(&source, "app.clint").await.unwrap().enforcement;
    assert_eq!((found.is_read, found.settings), (false, vec!["app.client".to_owned()]));
}

/// A policy that may call functions.
struct Call {
    name: &'static str,
    policy: &'static str,
    /// What the function does that it may call.
    body: &'static str,
    /// Whether it reads `app.client`, and `app.clint`.
    reads: [bool; 2],
    /// The settings that it names.
    settings: &'static [&'static str],
}

const CALLS: [Call; 6] = [
    Call {
        name: "direct",
        policy: "USING (client = me())",
        body: "SELECT current_setting('app.client', true)",
        reads: [true, false],
        settings: &["app.client"],
    },
    Call {
        name: "nested",
        policy: "USING (client = (SELECT outermost()))",
        body: "SELECT current_setting ( 'App.Client' )",
        reads: [true, false],
        settings: &["App.Client"],
    },
    Call {
        name: "nothing",
        policy: "USING (client = me())",
        body: "SELECT 'acme'",
        reads: [false, false],
        settings: &[],
    },
    Call {
        name: "computed",
        policy: "USING (client = me())",
        body: "SELECT current_setting(concat('app.', 'client'))",
        reads: [true, true],
        settings: &[],
    },
    Call {
        name: "compiled",
        policy: "USING (client = compiled(client))",
        body: "SELECT 'x'",
        reads: [true, true],
        settings: &[],
    },
    Call {
        name: "both",
        policy: "USING (compiled(client) = current_setting('app.client', true))",
        body: "SELECT 'x'",
        reads: [true, false],
        settings: &["app.client"],
    },
];

#[tokio::test]
async fn what_a_function_reads_that_a_policy_calls_is_found_too() {
    for Call { name, policy, body, reads, settings } in CALLS {
        let database = format!("scope_calls_{name}");
        let more = format!(
            "CREATE FUNCTION me() RETURNS text LANGUAGE sql AS $f${body}$f$;
             CREATE FUNCTION outermost() RETURNS text LANGUAGE plpgsql AS $f$BEGIN RETURN me (); END$f$;
             CREATE FUNCTION compiled(text) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'lower';
             ALTER POLICY own ON jobs {policy}"
        );
        let server = with_clients(&database, &more).await;
        let source = open(&config(&server.url_of("scoped", "scoped", &database)));
        for (setting, wanted) in ["app.client", "app.clint"].into_iter().zip(reads) {
            let found = scopes(&source, setting).await.unwrap().enforcement;
            assert_eq!((found.is_read, found.settings), (wanted, owned(settings)), "{name}, {setting}");
        }
    }
}

#[tokio::test]
async fn a_policy_for_other_logins_is_none_for_this_one() {
    let others = "ALTER POLICY own ON jobs TO pg_monitor";
    let server = with_clients("scope_others", others).await;
    let source = open(&config(&server.url_of("scoped", "scoped", "scope_others")));
    let found = scopes(&source, "app.client").await.unwrap().enforcement;
    assert_eq!((found.bound, found.is_read), (1, false), "it hides every row, whoever is chosen: {found:?}");
}

#[tokio::test]
async fn rows_of_a_scope_that_is_no_longer_listed_are_not_believed_however_they_are_asked_for() {
    let server = with_clients("scope_listed", "CREATE TYPE grade AS RANGE (subtype = int4)").await;
    let source = open(&config(&server.url_of("scoped", "scoped", "scope_listed")));
    let within = |client: &str| {
        let listed = Some(clients("app.client").query);
        let scope = ScopeSetting { name: "app.client".into(), value: client.into(), listed };
        Within { scope: Some(scope), ..Within::default() }
    };
    let list = ResultShape::List { row_key: vec!["id".into()], limit: 10, troubled: false, reasons: false };
    let uncounted = ResultShape::Uncounted { row_key: vec!["id".into()], limit: 10, reasons: false };
    let shapes = [list, uncounted, ResultShape::Rows { limit: 10 }];
    // The second has a column that comes as text, for which the statement is asked twice.
    let texts = [
        "SELECT 'ok' AS severity, id::text AS id FROM jobs",
        "SELECT 'ok' AS severity, id::text AS id, grade(1, 2) AS grade FROM jobs",
        "SELECT 'ok' AS severity, 'all' AS id, count(*) AS jobs FROM jobs",
    ];
    for (shape, text) in shapes.iter().flat_map(|shape| texts.map(|text| (shape, text))) {
        let ask = |client: &str| {
            let mut read = read_within(text, within(client));
            if let Question::Statement { shape: asked, .. } = &mut read.question {
                *asked = shape.clone();
            }
            read
        };
        assert!(!read_table(&source, &ask("acme")).await.rows.is_empty(), "{shape:?} {text}");
        server.run("scope_listed", "DELETE FROM clients WHERE id = 'acme'").await.unwrap();
        let failure = read_failure(&source, &ask("acme")).await;
        assert_eq!(failure.kind, FailureKind::NoScope, "{shape:?} {text}: {failure}");
        assert_eq!(read_failure(&source, &ask("o'hara\\")).await.kind, FailureKind::NoScope);
        server.run("scope_listed", "INSERT INTO clients VALUES ('acme')").await.unwrap();
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_list_that_policies_would_cut_short_is_no_list() {
    let hide = "ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON clients USING (id = current_setting('app.client', true))";
    let server = with_clients("scope_hidden", hide).await;
    let source = open(&config(&server.url_of("scoped", "scoped", "scope_hidden")));
    let failure = scopes(&source, "app.client").await.unwrap_err();
    assert!(failure.message.contains("clients.sql") && failure.message.contains("row-level security"), "{failure}");
    assert!(failure.hint().contains("a view or a function"), "{}", failure.hint());
    // A view of an owner whom the policies do not bind lists all of them.
    let view = "ALTER TABLE clients RENAME TO all_clients; CREATE VIEW clients AS SELECT id FROM all_clients;
        GRANT SELECT ON clients TO PUBLIC";
    server.run("scope_hidden", view).await.unwrap();
    assert_eq!(scopes(&source, "app.client").await.unwrap().items.len(), 2);
}

/// Behind a pooler every transaction may meet a connection on which the setting is an empty text, which the policy cannot
/// cast.
#[tokio::test]
async fn behind_a_pooler_every_transaction_has_its_own_scope_and_an_empty_one_is_never_met() {
    let schema = "CREATE TABLE jobs (id int PRIMARY KEY, client uuid NOT NULL);
        INSERT INTO jobs SELECT n, lpad((n % 3)::text, 32, '0')::uuid FROM generate_series(1, 30) AS n;
        ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON jobs USING (client = current_setting('app.client', true)::uuid);
        DO $$ BEGIN CREATE ROLE pooled LOGIN PASSWORD 'pooled'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        GRANT SELECT, UPDATE ON jobs TO pooled";
    let (_, server) = database("scope_pooled", schema).await;
    let pooler = PgBouncer::start(server).unwrap();
    let source = open(&config(&format!("postgres://pooled:pooled@127.0.0.1:{}/scope_pooled", pooler.port())));
    let client = |n: usize| format!("{n:032}");
    let reads = (0..60).map(|n| {
        let (source, client) = (source.clone(), client(n % 3));
        async move {
            if n % 4 == 0 {
                let failure = read_failure(&source, &read_within("SELECT id FROM jobs", Within::default())).await;
                assert!(failure.message.contains("row-level security"), "{failure}");
                let table = read_table(&source, &rows("SELECT current_setting('app.client', true) AS now")).await;
                assert_eq!(table.rows[0].key.as_str(), "", "never another's, and never read");
            }
            let sql = "SELECT replace(client::text, '-', '') AS id FROM jobs";
            let table = read_table(&source, &read_within(sql, of_client(&client))).await;
            assert!(table.rows.len() == 10 && table.rows.iter().all(|row| row.key.as_str() == client), "{client}");
        }
    });
    futures_util::future::join_all(reads).await;
}

#[tokio::test]
async fn a_source_that_is_one_database_has_no_members() {
    let (source, _) = database("scope_members", "").await;
    let within = Within { members: Members::Only(BTreeSet::from(["erp_acme".to_owned()])), ..Within::default() };
    let failure = read_failure(&source, &read_within("SELECT 1 AS id", within)).await;
    assert!(failure.message.contains("one database") && failure.message.contains("erp_acme"), "{failure}");
}
