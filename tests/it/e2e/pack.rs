//! Every statement of every pack of ours on live databases, as a login that may read tables and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use opsdash::packs;
use opsdash_core::{
    catalog::ADDED_COLUMNS,
    contract::{Answer, Bind, Content, Question, Read, ResultShape, Table},
    value::{RowKey, Value},
};
use opsdash_pack::{
    config::Secret,
    pack::{Chart, Column, Detail, Engine, Enrich, EnrichBy, LinkValue, Pack, SourceSpec, Statement, View},
};
use opsdash_sources::Source;
use opsdash_testbed::{
    pty::keys,
    reads,
    sample::{cybersensei, kronos, moonops},
};

use super::{cluster, pristine, pristine_files, readable, sample};
use crate::support::*;

const FIXTURE: &str = include_str!("../../../crates/testbed/fixtures/cybersensei_typeorm.sql");

/// Of a list, so many rows are looked at in detail: the first and the last of them.
const DETAILS: usize = 3;

/// A pack and what answers it.
struct Bench {
    pack: Pack,
    sources: Vec<Source>,
}

impl Bench {
    /// The sources of the pack, on the databases that these URLs name, by engine.
    fn of(system: &str, postgres: &str, mongo: &str) -> Self {
        let pack = pack(system);
        let open = |source: &SourceSpec| {
            let url = match source.engine {
                Engine::PostgreSql => postgres,
                Engine::MongoDb => mongo,
                Engine::SqlServer => panic!("nothing answers {}", source.name),
            };
            Source::open(&source.name, &reads::config(url), Arc::new(None::<Secret>), "alice").unwrap()
        };
        let sources = pack.sources.iter().map(open).collect();
        Self { pack, sources }
    }

    async fn read(&self, view: &View, question: Question) -> Answer {
        let source = match (&question, &view.files) {
            (Question::Store { .. } | Question::Chunks { .. }, Some(files)) => files.store,
            _ => view.source,
        };
        let what = match &question {
            Question::Statement { statement, bind, .. } => format!("{} with {bind:?}", statement.file()),
            Question::Store { bucket, .. } | Question::Chunks { bucket, .. } => format!("the store {bucket}"),
        };
        let read = Read { source, ..reads::read(question) };
        let answer = self.sources[source.0].read(&read).await;
        answer.unwrap_or_else(|failure| panic!("{what}: {failure}"))
    }

    async fn ask(&self, view: &View, statement: &Arc<Statement>, bind: &Bind, shape: ResultShape) -> Table {
        let question = Question::Statement { statement: statement.clone(), bind: bind.clone(), shape };
        reads::table(self.read(view, question).await)
    }

    async fn list(&self, view: &View, bind: &Bind) -> Table {
        let table = self.ask(view, &view.query, bind, reads::list_of(view)).await;
        let from_elsewhere = view.enrich.iter().flat_map(|enrich| &enrich.columns).map(String::as_str);
        let from_elsewhere =
            from_elsewhere.chain(if view.files.is_some() { &ADDED_COLUMNS[..] } else { &[] }.iter().copied());
        // `why` may be shown as a column, and stands beside them in the answer.
        let from_elsewhere: BTreeSet<&str> = from_elsewhere.chain(["why"]).collect();
        let own: Vec<&Column> =
            view.columns.iter().filter(|column| !from_elsewhere.contains(column.name.as_str())).collect();
        assert_columns(&view.query, &table, own.iter().map(|column| column.name.as_str()));
        assert!(table.rows.iter().all(|row| !row.key.as_str().is_empty()), "{}: a row without a key", view.id);
        table
    }

    /// A view under one set of choices, and everything that hangs on its rows.
    async fn check(&self, view: &View, bind: &Bind) -> Table {
        let table = self.list(view, bind).await;
        for enrich in &view.enrich {
            self.check_enrichment(view, enrich, &table, bind).await;
        }
        if let Some(detail) = &view.detail {
            let count = table.rows.len();
            for row in
                table.rows.iter().take(DETAILS).chain(table.rows.iter().skip(DETAILS.max(count - count.min(DETAILS))))
            {
                self.check_detail(view, detail, &row.key, bind).await;
            }
        }
        table
    }

    async fn check_enrichment(&self, view: &View, enrich: &Enrich, table: &Table, bind: &Bind) {
        match &enrich.by {
            EnrichBy::Query(query) => {
                let keys: Vec<RowKey> = table.rows.iter().take(50).map(|row| row.key.clone()).collect();
                let limit = u32::try_from(keys.len()).unwrap().max(1);
                let bind = Bind { keys, ..bind.clone() };
                let found = self.ask(view, query, &bind, ResultShape::Rows { limit }).await;
                assert_columns(query, &found, enrich.columns.iter().map(String::as_str));
                let known: BTreeSet<&str> = bind.keys.iter().map(RowKey::as_str).collect();
                let stray = found.rows.iter().find(|row| !known.contains(row.key.as_str()));
                assert!(stray.is_none(), "{}: {stray:?} was not asked for", query.file());
            }
            EnrichBy::View { view: other, on } => {
                let other = self.pack.view(*other);
                let names: BTreeSet<&str> = other.columns.iter().map(|column| column.name.as_str()).collect();
                assert!(enrich.columns.iter().all(|name| names.contains(name.as_str())), "{}", other.id);
                assert!(table.columns.contains(on) || view.row_key.contains(on), "{}: no {on}", view.id);
            }
        }
    }

    async fn check_detail(&self, view: &View, detail: &Detail, key: &RowKey, bind: &Bind) {
        let mut bind = bind.clone();
        bind.values.insert("key".into(), key.as_str().into());
        if let Some(query) = &detail.query {
            let table = self.ask(view, query, &bind, ResultShape::Rows { limit: 2 }).await;
            assert_columns(query, &table, detail.columns.iter().map(|column| column.name.as_str()));
            assert!(table.rows.len() <= 1, "{}: several rows for {}", query.file(), key.as_str());
        }
        for list in &detail.lists {
            let table = self.ask(view, &list.query, &bind, ResultShape::Rows { limit: 200 }).await;
            assert_columns(&list.query, &table, list.columns.iter().map(|column| column.name.as_str()));
        }
        for chart in &detail.charts {
            for window in &chart.windows {
                bind.values.insert("window".into(), window.clone());
                let table = self.ask(view, &chart.query, &bind, ResultShape::Rows { limit: 2_000 }).await;
                assert_chart(chart, &table);
            }
        }
    }

    /// All views under all choices; the rows of each under its default.
    async fn check_all(&self) -> BTreeMap<String, Table> {
        let mut lists = BTreeMap::new();
        for view in &self.pack.views {
            let table = self.check(view, &default_choices(view)).await;
            for (facet, choice) in
                view.facets.iter().flat_map(|facet| facet.choices.iter().skip(1).map(move |choice| (facet, choice)))
            {
                let mut bind = default_choices(view);
                bind.values.insert(facet.name.clone(), choice.clone());
                self.check(view, &bind).await;
            }
            if view.search {
                let mut bind = default_choices(view);
                bind.values.insert("search".into(), "no row holds 100% of \\this_".into());
                let found = self.list(view, &bind).await;
                assert_eq!(found.rows.len(), 0, "{}: the search found something", view.id);
            }
            if let Some(files) = &view.files {
                let store = Question::Store { bucket: files.bucket.clone(), orphans: true, limit: view.limit };
                assert!(matches!(self.read(view, store).await.content, Content::Listing(_)));
            }
            self.check_links(view, &table).await;
            lists.insert(view.id.clone(), table);
        }
        lists
    }

    /// Follows every link from a row that has what it needs.
    async fn check_links(&self, view: &View, table: &Table) {
        for link in &view.links {
            let value = |row: &opsdash_core::contract::RawRow, column: &String| {
                let at = table.columns.iter().position(|name| name == column).unwrap();
                row.cells[at].as_text().map(str::to_owned)
            };
            let given = |row| -> Option<Vec<(String, String)>> {
                let value = |set: &LinkValue| match set {
                    LinkValue::Column(column) => value(row, column),
                    LinkValue::Constant(text) => Some(text.clone()),
                };
                link.set.iter().map(|(name, set)| Some((name.clone(), value(set)?))).collect()
            };
            let Some(values) = table.rows.iter().find_map(given) else { continue };
            let other = self.pack.view(link.view);
            let mut bind = default_choices(other);
            bind.values.extend(values);
            let found = self.list(other, &bind).await;
            let all = self.list(other, &default_choices(other)).await;
            assert!(found.counts.total() <= all.counts.total().max(found.rows.len() as u64), "{}", other.id);
        }
    }
}

fn default_choices(view: &View) -> Bind {
    reads::defaults(view, &[])
}

fn assert_columns<'n>(statement: &Statement, table: &Table, names: impl Iterator<Item = &'n str>) {
    // Documents show their fields one by one: of none there are none to see.
    if table.rows.is_empty() && matches!(statement, Statement::Mongo(_)) {
        return;
    }
    for name in names {
        let is_there = table.columns.iter().any(|column| column == name);
        assert!(is_there, "{} returns no column {name}, but {:?}", statement.file(), table.columns);
    }
}

fn assert_chart(chart: &Chart, table: &Table) {
    let file = chart.query.file();
    assert!((2..=3).contains(&table.columns.len()), "{file}: {:?}", table.columns);
    let mut last: BTreeMap<&str, &Value> = BTreeMap::new();
    for row in &table.rows {
        assert!(matches!(row.cells[0], Value::Time(_)), "{file}: {:?} is no time", row.cells[0]);
        assert!(row.cells[1] == Value::Null || row.cells[1].as_number().is_some(), "{file}: {:?}", row.cells[1]);
        let series = row.cells.get(2).and_then(Value::as_text).unwrap_or_default();
        if let (Some(Value::Time(before)), Value::Time(now)) = (last.insert(series, &row.cells[0]), &row.cells[0]) {
            assert!(before < now, "{file}: {series} goes back in time");
        }
    }
}

/// A database of the system's documented schema, with its sample data.
async fn documented(system: &str) -> String {
    if system == "cybersensei" {
        return pristine().await.to_owned();
    }
    let (server, name) = (cluster().await, format!("documented_{system}"));
    server.create_database(&name).await.unwrap();
    server.migrate(&name, system).await.unwrap();
    let (url, now) = (server.url(&name), cybersensei::fresh_now());
    match system {
        "kronos" => kronos::load(&url, now).await.unwrap(),
        "moonops" => moonops::load(&url, now).await.unwrap(),
        other => panic!("there is no sample of {other}"),
    }
    readable(&name).await
}

/// Systems whose sources are single databases, which there is a server for here. What a family answers, its own tests hold; no
/// SQL Server can be had, and what is known of its statements is in `packs/monitora.rs`.
fn systems() -> Vec<String> {
    let systems = packs::list(&nowhere()).unwrap().into_iter().map(|listed| listed.system);
    let is_here = |source: &SourceSpec| source.family.is_none() && source.engine != Engine::SqlServer;
    systems.filter(|system| pack(system).sources.iter().all(is_here)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_answers_on_the_documented_schema() {
    for system in systems() {
        let bench = Bench::of(&system, &documented(&system).await, pristine_files().await);
        let lists = bench.check_all().await;
        // Sessions come and go.
        for view in bench.pack.views.iter().filter(|view| !view.hidden && view.id != "pg_activity") {
            assert!(!lists[&view.id].rows.is_empty(), "the sample has no row for {}", view.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_answers_on_the_schema_that_typeorm_makes() {
    let server = cluster().await;
    server.create_database("typeorm").await.unwrap();
    server.run("typeorm", FIXTURE).await.unwrap();
    let bench = Bench::of("cybersensei", &readable("typeorm").await, pristine_files().await);
    let empty = bench.check_all().await;
    assert!(empty["tenants"].rows.is_empty());
    cybersensei::load_postgres(&server.url("typeorm"), cybersensei::fresh_now()).await.unwrap();
    // What that schema allows and the document's does not.
    let nulls = r#"UPDATE licenses SET "tenantId" = NULL WHERE key LIKE '%0010';
        UPDATE tenants SET "licenseKey" = NULL WHERE name = 'lab-035';
        INSERT INTO tenant_metrics ("tenantId", "timestamp") SELECT id, now() AT TIME ZONE 'UTC' FROM tenants
        WHERE name = 'lab-036'"#;
    server.run("typeorm", nulls).await.unwrap();
    let full = bench.check_all().await;
    let documented = Bench::of("cybersensei", pristine().await, pristine_files().await);
    for view in &documented.pack.views {
        let table = documented.list(view, &default_choices(view)).await;
        assert_eq!(full[&view.id].columns, table.columns, "{}", view.id);
        // What a server tells of itself is another thing in another database; and one node no longer says its version.
        if !view.id.starts_with("pg_") {
            let total = table.counts.total() + u64::from(view.id == "rollout");
            assert_eq!(full[&view.id].counts.total(), total, "{}", view.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_answers_on_a_schema_without_a_row() {
    let server = cluster().await;
    server.create_database("rowless").await.unwrap();
    server.migrate("rowless", "cybersensei").await.unwrap();
    let mongo = opsdash_testbed::servers::mongod::shared().url("rowless");
    let bench = Bench::of("cybersensei", &readable("rowless").await, &mongo);
    let lists = bench.check_all().await;
    assert!(lists["licenses"].rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_that_a_column_can_hold_breaks_a_statement_or_the_screen() {
    let main = sample("extremes").await;
    let extremes = r#"
        UPDATE tenant_metrics SET uptime = 2147483647, "activeUsers" = 2147483647, "exercisesCompletedToday" = -2147483648,
            "aiLatency" = '-Infinity', "additionalData" = 'null' WHERE "tenantId" = (SELECT id FROM tenants WHERE name = 'lab-001');
        UPDATE tenant_metrics SET "aiLatency" = 'Infinity', "timestamp" = 'infinity' WHERE id IN (SELECT id FROM tenant_metrics
            WHERE "tenantId" = (SELECT id FROM tenants WHERE name = 'lab-002') LIMIT 1);
        UPDATE tenant_metrics SET "timestamp" = '4713-01-01 BC' WHERE id IN (SELECT id FROM tenant_metrics
            WHERE "tenantId" = (SELECT id FROM tenants WHERE name = 'lab-003') LIMIT 1);
        UPDATE licenses SET "expiresAt" = '294276-12-31 23:59:59', "usageCount" = 2147483647, "maxUsageCount" = 2147483647,
            "createdAt" = '-infinity', "updatedAt" = 'infinity' WHERE key LIKE '%0001';
        UPDATE licenses SET "expiresAt" = '4713-01-01 BC', "usageCount" = -2147483648, key = '' WHERE key LIKE '%0003';
        UPDATE licenses SET "expiresAt" = '-infinity', key = repeat('k', 200), notes = repeat('n', 1000000) WHERE key LIKE '%0010';
        UPDATE tenants SET name = '', "companyName" = repeat('c', 255), "createdAt" = 'infinity', "updatedAt" = '-infinity'
            WHERE name = 'lab-004';
        UPDATE error_logs SET "timestamp" = 'infinity' WHERE message LIKE 'hostile%';
        UPDATE error_logs SET "timestamp" = '-infinity' WHERE message LIKE 'could not delete%';
        UPDATE error_logs SET "timestamp" = '294276-12-31', message = '', "statusCode" = -2147483648, endpoint = '', method = '',
            stack = E'\n at ', context = '[]', metadata = '""' WHERE message LIKE 'certificate%';
        UPDATE error_logs SET "resolvedAt" = 'infinity' WHERE resolved;
        UPDATE updates_metadata SET version = 'x', filename = '', "fileSize" = 9223372036854775807, checksum = '', "createdAt" = 'infinity'
            WHERE version = '1.8.0';
        UPDATE updates_metadata SET version = '99999999999999999999999999.1-+', "mongoFileId" = '' WHERE version = '1.9.0'"#;
    cluster().await.run("extremes", extremes).await.unwrap();
    Bench::of("cybersensei", &main, pristine_files().await).check_all().await;
    let mut screen = on(&main, pristine_files().await).start();
    screen.shows(&["Licenses ✖", "Updates ✖"]);
    for tab in ["2", "3", "4", "5", "6", "7", "8", "9", "0", "0", "0", "0", "0"] {
        screen.type_in(&[tab]);
        screen.hides(&["asking", "NO DATA", "STALE"]);
        screen.type_in(&[keys::ENTER]);
        screen.hides(&["asking", "schema:", "error:"]);
        // Through the details of the first and the last rows.
        screen.type_in(&[ESC]);
        screen.until("the keys are the list's again", |screen| !screen.contents().contains("Esc back"));
        screen.type_in(&["j", "j", "G", "k", "s", "g", "g"]);
        screen.hides(&["asking"]);
    }
    screen.quit();
}
