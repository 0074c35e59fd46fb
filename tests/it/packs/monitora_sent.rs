//! What a server is sent for Monitora: every view, detail, enrichment, chart and action with its exact text and parameters,
//! as a server of our own hears them. What they come to on a real one, `tests/it/packs/monitora_live.rs` asks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use opsdash::{
    runtime::action_task::{self, ActionContext, PreviewFor},
    store::audit::{Audit, AuditSubject},
};
use opsdash_core::{
    action::{ActionReport, prepare},
    contract::{Bind, ResultShape, Within},
    value::{RowKey, Severity},
};
use opsdash_pack::{
    config::{Secret, SourceConfig, WriterLogin},
    pack::{Action, Danger, Effect, EnrichBy, Statement, View},
};
use opsdash_sources::{Secrets, Source};
use opsdash_testbed::{
    reads::{self, ask, defaults, list_of},
    tds::{Cell, Request, Step, TdsServer, Type},
};

use super::{
    monitora::{PACK, named_secret},
    text::{returned, text_of},
};

/// The key of the one row that the server has.
const KEY: &str = "00000000-0000-0000-0000-000000000010";

/// The requests since the last look, as people read them.
fn heard(server: &TdsServer, from: &mut usize) -> String {
    let asked = server.asked();
    let mut text = String::new();
    for request in &asked[*from..] {
        match request {
            // The same for all, and a read is answered before it is ended.
            Request::Batch(batch) if batch.starts_with("IF @@TRANCOUNT > 0 ROLLBACK") => {}
            Request::Batch(batch) => writeln!(text, "{batch}").unwrap(),
            Request::Call { sql, declared, params } => {
                for (at, (name, value)) in params.iter().enumerate() {
                    assert_eq!(*name, format!("@P{}", at + 1));
                    let value = value.as_ref().map_or_else(|| "NULL".to_owned(), |value| format!("N'{value}'"));
                    writeln!(text, "{name} = {value}").unwrap();
                }
                // Numbers that the texts hold are declared, and no other.
                assert_eq!(declared.matches("@P").count(), params.len(), "{declared}");
                for at in 1..=params.len() {
                    assert!(sql.contains(&format!("@P{at}")), "@P{at} is sent and not used:\n{sql}");
                }
                assert!(!sql.contains(&format!("@P{}", params.len() + 1)), "a parameter has no value:\n{sql}");
                writeln!(text, "{}", sql.trim_end()).unwrap();
            }
            Request::Login(_) | Request::Attention | Request::Closed => {}
        }
    }
    *from = asked.len();
    assert_eq!(named_secret(&text), None, "what is sent names a secret");
    text
}

fn row(names: &[String], values: impl Fn(&str) -> Cell) -> Vec<Step> {
    // A test's own few names, for as long as it runs.
    let columns = names.iter().map(|name| (&*Box::leak(name.clone().into_boxed_str()), Type::NVarChar)).collect();
    Step::result(columns, vec![names.iter().map(|name| values(name)).collect()])
}

/// One row with every column that the statement returns.
fn read_row(sql: &str) -> Vec<Step> {
    row(&returned(sql), |name| match name {
        "severity" => "warn".into(),
        "reason" | "why" => Cell::Null,
        _ => KEY.into(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_detail_enrichment_and_chart_is_asked_with_its_exact_text_and_parameters() {
    let server = TdsServer::start(|request| match request {
        Request::Call { sql, .. } => Some(read_row(sql.trim_start_matches("/* opsdash */ "))),
        _ => None,
    })
    .await
    .unwrap();
    let source = Source::open("main", &reads::config(&server.url()), Arc::new(None::<Secret>), "alice").unwrap();
    let (mut from, mut met) = (0, BTreeSet::new());
    for view in &PACK.views {
        let mut told = String::new();
        for (part, statement, bind, shape) in reads_of(view) {
            let answer = source.read(&ask(statement, bind, shape)).await;
            let table = reads::table(answer.unwrap_or_else(|why| panic!("{} {part}: {why}", view.id)));
            assert_eq!(table.rows.len(), 1, "{} {part}", view.id);
            if part == "list" {
                assert_eq!((table.rows[0].severity, table.counts.total()), (Severity::Warn, 1), "{}", view.id);
                for column in view.columns.iter().filter(|column| column.name != "why") {
                    let is_there = table.columns.contains(&column.name) || view.filled().any(|it| it == column.name);
                    assert!(is_there, "{} returns no {}", view.id, column.name);
                }
            }
            met.insert(statement.file().to_owned());
            writeln!(told, "-- {part}: {}\n{}", statement.file(), heard(&server, &mut from)).unwrap();
        }
        insta::assert_snapshot!(format!("reads_{}", view.id), told);
    }
    let all: BTreeSet<String> =
        PACK.views.iter().flat_map(View::statements).map(|statement| statement.file().to_owned()).collect();
    assert_eq!(met, all, "every statement that reads was sent");
    let as_reader = |request: &Request| !matches!(request, Request::Login(login) if login.user != "reader");
    assert!(server.asked().iter().all(as_reader) && server.logins() <= 3, "{}", server.logins());
}

/// All that a view asks, with the values that it has of itself and of a row.
fn reads_of(view: &View) -> Vec<(&'static str, &Arc<Statement>, Bind, ResultShape)> {
    let of_row = || defaults(view, &[("key", KEY)]);
    let rows = ResultShape::Rows { limit: 100 };
    let mut found = vec![("list", &view.query, defaults(view, &[]), list_of(view))];
    for facet in view.facets.iter().filter_map(|facet| facet.query.as_ref()) {
        found.push(("choices", facet, defaults(view, &[]), rows.clone()));
    }
    for enrich in &view.enrich {
        if let EnrichBy::Query(query) = &enrich.by {
            let bind = Bind { keys: vec![RowKey(KEY.into()), RowKey("it's \"quoted\"".into())], ..defaults(view, &[]) };
            found.push(("enrich", query, bind, rows.clone()));
        }
    }
    if let Some(detail) = &view.detail {
        found.extend(detail.query.iter().map(|query| ("detail", query, of_row(), rows.clone())));
        found.extend(detail.lists.iter().map(|list| ("list of the detail", &list.query, of_row(), rows.clone())));
        found.extend(detail.charts.iter().map(|chart| ("chart", &chart.query, of_row(), rows.clone())));
    }
    found
}

/// How far an action is: what a look finds follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Written,
}

/// A server with one row that an action applies to.
async fn server_of(action: &'static Action) -> (TdsServer, Arc<Mutex<State>>) {
    let state = Arc::new(Mutex::new(State::Before));
    let kept = Arc::clone(&state);
    let server = TdsServer::start(move |request| {
        let mut state = kept.lock().unwrap();
        let Request::Call { sql, .. } = request else { return None };
        if sql.contains("AS refused") {
            return Some(row(&["refused".into()], |_| Cell::Null));
        }
        if sql.starts_with("/* opsdash:act */") {
            *state = if *state == State::Before { State::Written } else { State::Before };
            if matches!(action.effect, Effect::Call(_)) {
                return Some(vec![Step::Count(1)]);
            }
            return Some(Step::result(vec![("n", Type::BigInt)], vec![vec![1.into()]]));
        }
        let names = returned(sql.trim_start_matches("/* opsdash */ "));
        let is_gone = *state == State::Written && (action.effect.deletes() || action.set.is_some());
        let steps = row(&names, |name| value(action, name, *state));
        Some(if is_gone { steps[..1].to_vec() } else { steps })
    })
    .await
    .unwrap();
    (server, state)
}

fn value(action: &Action, name: &str, state: State) -> Cell {
    if name == "key" {
        return KEY.into();
    }
    let wanted = action.when.iter().find(|(column, _)| column == name);
    if let (Some((_, wanted)), State::Before) = (wanted, state) {
        return wanted[0].as_deref().map_or(Cell::Null, Cell::from);
    }
    if state == State::Before { "before".into() } else { "after".into() }
}

fn context<'a>(view: &'a View, action: &'a Action) -> ActionContext<'a> {
    let subject = AuditSubject {
        operator: "alice".into(),
        label: None,
        target: "lab".into(),
        system: PACK.system.clone(),
        view: view.id.clone(),
        action: action.id.clone(),
        title: action.title.clone(),
        scope: None,
        can_undo: action.undo.is_some(),
    };
    ActionContext { view, action, subject, within: Within::default(), work: Duration::from_secs(20) }
}

#[track_caller]
fn done(report: &ActionReport) {
    assert!(report.failed.is_none() && report.done.len() == 1, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_is_looked_at_done_and_taken_back_with_its_exact_texts_and_recorded() {
    let mut tried = 0;
    for view in &PACK.views {
        for action in &view.actions {
            tried += 1;
            let name = format!("{}.{}", view.id, action.id);
            let (server, _state) = server_of(action).await;
            let writer = WriterLogin { user: "ops".into(), password: None };
            let config = SourceConfig { writer: Some(writer), ..reads::config(&server.url()) };
            let secret: Arc<dyn Secrets> = Arc::new(None::<Secret>);
            let source = Source::open_with_writer("main", &config, secret.clone(), Some(secret), "alice").unwrap();
            let (mut from, mut told) = (0, String::new());
            let job = context(view, action);
            let keys: Vec<String> = if action.set.is_some() { Vec::new() } else { vec![KEY.into()] };
            let seen = action_task::preview(&source, &job, &keys, PreviewFor::Write).await;
            let seen = seen.unwrap_or_else(|why| panic!("{name}: {why:?}"));
            writeln!(told, "-- what it would write\n{}", heard(&server, &mut from)).unwrap();
            let asked: BTreeMap<String, String> =
                action.prompts.iter().map(|prompt| (prompt.name.clone(), "it's asked".to_owned())).collect();
            let plan = prepare(action, &keys, seen, asked).unwrap_or_else(|why| panic!("{name}: {why:?}"));
            let state = tempfile::tempdir().unwrap();
            let audit = Arc::new(Audit::of(state.path()));
            let report = action_task::carry_out(&source, &job, &plan, &audit, |_| {}).await;
            done(&report);
            let written = heard(&server, &mut from);
            assert!(written.contains("COMMIT TRANSACTION"), "{name}:\n{written}");
            writeln!(told, "-- the write\n{written}").unwrap();
            let mut lines = 2;
            if action.undo.is_some() {
                done(&action_task::take_back(&source, &job, &report.done, &audit, |_| {}).await);
                writeln!(told, "-- taken back\n{}", heard(&server, &mut from)).unwrap();
                lines += 2;
            }
            insta::assert_snapshot!(format!("writes_{name}"), told);
            let as_writer = |request: &Request| !matches!(request, Request::Login(login) if login.user != "ops");
            assert!(server.asked().iter().all(as_writer), "{name} is looked at and done by the login that writes");
            let recorded = crate::support::recorded(state.path());
            assert_eq!(recorded.len(), lines, "{name}: {recorded:?}");
            assert_eq!((&recorded[0]["phase"], &recorded[1]["outcome"]), (&"intent".into(), &"done".into()), "{name}");
            if let Danger::High { column, .. } = &action.danger {
                assert!(returned(&text_of(&action.preview)).contains(column), "{name}");
            }
        }
    }
    assert_eq!(tried, 9);
}
