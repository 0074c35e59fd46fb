//! Row-level security: one setting, for every transaction of a question.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use opsdash_core::{
    action::{Batch, BoundStatement, Outcome, TextRow},
    contract::{ClockColumn, Inspection, Members, Read, ScopeSetting, Within},
};
use opsdash_pack::{
    dialect::{Param, Sql},
    pack::{Action, Danger, Effect, Statement},
};
use opsdash_sources::Source;

use super::{config, database, open, query_text, read_failure, read_table, rows};

/// Rows of two clients; a login that sees those of the client that a setting names.
const SCHEMA: &str =
    "CREATE TABLE jobs (id int PRIMARY KEY, client text NOT NULL, state text NOT NULL, at timestamptz);
    INSERT INTO jobs VALUES (1, 'acme', 'open', now()), (2, 'acme', 'open', now()), (3, 'globex', 'open', now());
    ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON jobs USING (client = current_setting('app.client', true));
    DO $$ BEGIN CREATE ROLE scoped LOGIN PASSWORD 'scoped'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
    GRANT SELECT, UPDATE ON jobs TO scoped";

const WORK: Duration = Duration::from_secs(20);

async fn scoped(name: &str) -> Source {
    let (_, server) = database(name, SCHEMA).await;
    open(&config(&server.url_of("scoped", "scoped", name)))
}

fn of_client(client: &str) -> Within {
    Within { scope: Some(ScopeSetting { name: "app.client".into(), value: client.into() }), ..Within::default() }
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

fn sql(text: &str) -> Arc<Statement> {
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

#[tokio::test]
async fn a_source_that_is_one_database_has_no_members() {
    let (source, _) = database("scope_members", "").await;
    let within = Within { members: Members::Only(BTreeSet::from(["erp_acme".to_owned()])), ..Within::default() };
    let failure = read_failure(&source, &read_within("SELECT 1 AS id", within)).await;
    assert!(failure.message.contains("one database") && failure.message.contains("erp_acme"), "{failure}");
}
