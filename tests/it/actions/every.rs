//! Every action of the pack: done as the operator, refused to the reader, taken back.

use opsdash::runtime::action_task::{self, PreviewFor};
use opsdash_core::{
    action::{Outcome, prepare},
    contract::FailureKind,
};
use opsdash_pack::pack::Statement;
use opsdash_sources::Source;
use opsdash_testbed::servers::postgres::shared;
use sqlx::{Connection, PgConnection};

use super::{done, failed, job_of};
use crate::support::{Lab, our_pack, recorded};

/// What each action is tried with: view, action, a query for the keys, what is asked, and the table.
type Try = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const TRIES: [Try; 10] = [
    (
        "error_log",
        "resolve",
        "SELECT id::text FROM error_logs WHERE NOT resolved LIMIT 3",
        &[("note", "two\nlines")],
        "error_logs",
    ),
    ("error_log", "reopen", "SELECT id::text FROM error_logs WHERE resolved LIMIT 3", &[], "error_logs"),
    (
        "licenses",
        "revoke",
        "SELECT id::text FROM licenses WHERE status IN ('ACTIVE', 'PENDING') LIMIT 2",
        &[],
        "licenses",
    ),
    (
        "licenses",
        "extend",
        "SELECT id::text FROM licenses ORDER BY \"expiresAt\" NULLS FIRST LIMIT 3",
        &[("until", "2099-12-31 00:00:00")],
        "licenses",
    ),
    (
        "licenses",
        "note",
        "SELECT id::text FROM licenses ORDER BY notes NULLS FIRST LIMIT 3",
        &[("note", "called ☎")],
        "licenses",
    ),
    ("tenants", "activate", "SELECT id::text FROM tenants WHERE NOT active LIMIT 2", &[], "tenants"),
    ("tenants", "deactivate", "SELECT id::text FROM tenants WHERE active LIMIT 2", &[], "tenants"),
    (
        "licenses",
        "reinstate",
        "SELECT id::text FROM licenses WHERE status = 'REVOKED' AND (\"expiresAt\" IS NULL OR \"expiresAt\" > now()) LIMIT 1",
        &[("status", "PENDING")],
        "licenses",
    ),
    (
        "updates",
        "activate",
        "SELECT 'catalog:' || id FROM updates_metadata WHERE NOT active LIMIT 1",
        &[],
        "updates_metadata",
    ),
    (
        "updates",
        "deactivate",
        "SELECT 'catalog:' || id FROM updates_metadata WHERE active LIMIT 2",
        &[],
        "updates_metadata",
    ),
];

/// All of a table but its versions, which every write sets.
fn everything(table: &str) -> String {
    format!("SELECT (to_jsonb(t) - 'updatedAt')::text FROM {table} AS t ORDER BY id")
}

#[tokio::test]
async fn every_action_is_done_as_the_operator_refused_to_the_reader_and_taken_back() {
    let lab = Lab::new("actions_every").await;
    let (operator, reader) = (lab.operator(), lab.reader());
    for (view, action, query, asked, table) in TRIES {
        let name = format!("{view}.{action}");
        let job = job_of(view, action);
        let mut keys = lab.column(query).await;
        if keys.is_empty() {
            // The sample has no license that was revoked and has not ended: make one.
            lab.run("UPDATE licenses SET status = 'REVOKED' WHERE id = (SELECT id FROM licenses WHERE \"expiresAt\" > now() LIMIT 1)").await;
            keys = lab.column(query).await;
        }
        assert!(!keys.is_empty(), "{name}");
        let was = lab.column(&everything(table)).await;
        // Before anybody is asked to confirm.
        let unseen = action_task::preview(&reader, &job, &keys, PreviewFor::Write).await.unwrap_err();
        assert!(matches!(&unseen, Outcome::Failed(why) if why.kind == FailureKind::Privilege), "{name}: {unseen:?}");
        let prepared = lab.prepare(&operator, &job, &keys, asked).await;
        let refused = failed(action_task::carry_out(&reader, &job, &prepared, &lab.audit(), |_| {}).await);
        assert!(matches!(&refused, Outcome::Failed(why) if why.kind == FailureKind::Privilege), "{name}: {refused:?}");
        assert_eq!(lab.column(&everything(table)).await, was, "{name}: the reader wrote");
        let report = action_task::carry_out(&operator, &job, &prepared, &lab.audit(), |_| {}).await;
        assert_eq!(done(&report), keys.len(), "{name}");
        let is = lab.column(&everything(table)).await;
        let changed = is.iter().zip(&was).filter(|(is, was)| is != was).count();
        assert_eq!(changed, keys.len(), "{name} wrote exactly its rows");
        if !["error_logs", "updates_metadata"].contains(&table) {
            let touched = format!(
                "SELECT count(*)::text FROM {table} WHERE \"updatedAt\" > LOCALTIMESTAMP - interval '1 minute'"
            );
            assert_ne!(lab.one(&touched).await, "0", "{name} sets the version");
        }
        // The same again is told what the rows are.
        let again = failed(action_task::carry_out(&operator, &job, &prepared, &lab.audit(), |_| {}).await);
        assert!(matches!(&again, Outcome::Changed(rows) if rows.len() == keys.len()), "{name}: {again:?}");
        let back = action_task::take_back(&operator, &job, &report.done, &lab.audit(), |_| {}).await;
        assert_eq!(done(&back), keys.len(), "{name}");
        assert_eq!(lab.column(&everything(table)).await, was, "{name} is taken back");
        let twice = failed(action_task::take_back(&operator, &job, &report.done, &lab.audit(), |_| {}).await);
        assert!(matches!(twice, Outcome::Changed(_)), "{name}: {twice:?}");
    }
    let phases = lab.phases();
    assert_eq!(phases.len(), TRIES.len() * 5 * 2);
    let lines = recorded(lab.state.path());
    let undone = lines.iter().filter(|line| line["action"] == "undo of revoke" && line["outcome"] == "done");
    assert_eq!(undone.count(), 1);
    for pair in phases.chunks(2) {
        assert_eq!((pair[0].0.as_str(), pair[1].0.as_str()), ("intent", "outcome"));
    }
}

#[tokio::test]
async fn resolving_a_cause_writes_all_its_entries_and_no_other() {
    let lab = Lab::new("actions_group").await;
    let operator = lab.operator();
    let job = job_of("errors", "resolve");
    let source = &operator;
    let groups = groups(&lab).await;
    let (group, events) = groups.iter().max_by_key(|(_, events)| *events).unwrap();
    let prepared = lab.prepare(source, &job, std::slice::from_ref(group), &[("note", "fixed in 2.1")]).await;
    assert_eq!(prepared.seen.len(), *events);
    let open = lab.one("SELECT count(*)::text FROM error_logs WHERE NOT resolved").await;
    let report = action_task::carry_out(source, &job, &prepared, &lab.audit(), |_| {}).await;
    assert_eq!(done(&report), *events);
    let left = lab.one("SELECT count(*)::text FROM error_logs WHERE NOT resolved").await;
    assert_eq!(open.parse::<usize>().unwrap() - left.parse::<usize>().unwrap(), *events);
    let who = "SELECT DISTINCT \"resolvedBy\" || ': ' || \"resolutionNotes\" FROM error_logs WHERE \"resolutionNotes\" = 'fixed in 2.1'";
    assert_eq!(lab.column(who).await, ["alice: fixed in 2.1"]);
    // They have left their cause, and are found by their own keys: what they are is told.
    let again = failed(action_task::carry_out(source, &job, &prepared, &lab.audit(), |_| {}).await);
    let Outcome::Changed(rows) = again else { panic!("{again:?}") };
    assert_eq!(rows.len(), (*events).min(job.action.batch));
    assert!(rows[0].why.starts_with("is resolved already; changed by alice at "), "{}", rows[0].why);
    assert_eq!(done(&action_task::take_back(source, &job, &report.done, &lab.audit(), |_| {}).await), *events);
    assert_eq!(lab.one("SELECT count(*)::text FROM error_logs WHERE NOT resolved").await, open);
    let reopen = job_of("errors", "reopen");
    assert_eq!(done(&action_task::carry_out(source, &job, &prepared, &lab.audit(), |_| {}).await), *events);
    let resolved = lab.prepare(source, &reopen, std::slice::from_ref(group), &[]).await;
    assert!(resolved.seen.len() >= *events);
    done(&action_task::carry_out(source, &reopen, &resolved, &lab.audit(), |_| {}).await);
}

/// Causes that the view lists, with how many entries each has.
async fn groups(lab: &Lab) -> Vec<(String, usize)> {
    let pack = our_pack();
    let Statement::Sql(query) = &*pack.view(pack.find("errors").unwrap()).query else { panic!("errors are in SQL") };
    let values = [
        ("level", "'all'"),
        ("source", "'all'"),
        ("search", "NULL"),
        ("new_for", "'1 day'"),
        ("other_levels_back", "'7 days'"),
        ("regressed_within", "'7 days'"),
        ("spike_events", "'50'"),
        ("spike_times", "'10'"),
    ];
    let sql = values
        .iter()
        .fold(query.for_psql(), |sql, (name, value)| sql.replace(&format!(":{name}::"), &format!("{value}::")));
    let sql = sql.trim_end().trim_end_matches(';');
    let rows = lab.column(&format!("SELECT fingerprint || ' ' || events FROM ({sql}) AS v")).await;
    let pair = |row: &String| {
        let (group, events) = row.rsplit_once(' ').unwrap();
        (group.to_owned(), events.parse().unwrap())
    };
    rows.iter().map(pair).collect()
}

#[tokio::test]
async fn a_batch_is_a_transaction_and_none_follows_one_that_was_not_done() {
    let lab = Lab::new("actions_batches").await;
    let operator = lab.operator();
    let mut job = job_of("error_log", "resolve");
    let action = opsdash_pack::pack::Action { batch: 10, ..job.action.clone() };
    job.action = &action;
    let keys = lab.column("SELECT id::text FROM error_logs WHERE NOT resolved ORDER BY id LIMIT 35").await;
    assert_eq!(keys.len(), 35);
    let prepared = lab.prepare(&operator, &job, &keys, &[]).await;
    // A row of the third batch.
    lab.run(&format!("UPDATE error_logs SET resolved = true, \"resolvedBy\" = 'bob' WHERE id = '{}'", keys[25])).await;
    let report = action_task::carry_out(&operator, &job, &prepared, &lab.audit(), |_| {}).await;
    assert_eq!(report.done.len(), 20);
    let Outcome::Changed(rows) = failed(report) else { panic!() };
    assert_eq!((rows.len(), rows[0].key.as_str()), (1, keys[25].as_str()));
    assert!(rows[0].why.contains("changed by bob"), "{}", rows[0].why);
    let written = format!(
        "SELECT count(*)::text FROM error_logs WHERE \"resolvedBy\" = 'alice' AND id = ANY ('{{{}}}')",
        keys.join(",")
    );
    assert_eq!(lab.one(&written).await, "20");
}

/// A session of somebody else, asleep; ends when it is dropped.
async fn sleeper(lab: &Lab) -> (String, tokio::task::JoinHandle<Result<(), sqlx::Error>>) {
    let url = shared().url_of("victim", "v", &lab.database);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
    let asleep = async move { sqlx::raw_sql("SELECT pg_sleep(120)").execute(&mut connection).await.map(drop) };
    let task = tokio::spawn(asleep);
    let busy = format!(
        "SELECT count(*)::text FROM pg_stat_activity WHERE pid = {pid} AND state = 'active' AND query LIKE '%pg_sleep%'"
    );
    while lab.one(&busy).await != "1" {
        tokio::task::yield_now().await;
    }
    (pid.to_string(), task)
}

#[tokio::test]
async fn a_statement_is_canceled_and_a_session_ended_only_where_they_are_those_that_were_seen() {
    let lab = Lab::new("actions_signals").await;
    let (operator, reader) = (lab.operator(), lab.reader());
    let act_on = async |source: &Source, action: &str, pid: &String| {
        let job = job_of("pg_activity", action);
        let prepared = lab.prepare(source, &job, std::slice::from_ref(pid), &[]).await;
        action_task::carry_out(source, &job, &prepared, &lab.audit(), |_| {}).await
    };
    let (pid, task) = sleeper(&lab).await;
    for action in ["cancel", "terminate"] {
        let job = job_of("pg_activity", action);
        let keys = std::slice::from_ref(&pid);
        let seen = action_task::preview(&reader, &job, keys, PreviewFor::Write).await.unwrap();
        let refused = prepare(job.action, keys, seen, std::collections::BTreeMap::new()).unwrap_err();
        assert_eq!(
            refused[0].why,
            "belongs to another role: this login is not a member of pg_signal_backend, or the role is a superuser"
        );
    }
    assert!(!task.is_finished());
    done(&act_on(&operator, "cancel", &pid).await);
    let ended = task.await.unwrap().unwrap_err().to_string();
    assert!(ended.contains("canceling statement due to user request"), "{ended}");
    let (pid, task) = sleeper(&lab).await;
    let job = job_of("pg_activity", "terminate");
    let mut other = lab.prepare(&operator, &job, std::slice::from_ref(&pid), &[]).await;
    // The same pid in the hands of another session.
    let began = other.seen[0].0.iter_mut().find(|(name, _)| name == "backend_start").unwrap();
    began.1 = Some("2001-01-01 00:00:00+00".into());
    let outcome = failed(action_task::carry_out(&operator, &job, &other, &lab.audit(), |_| {}).await);
    let Outcome::Changed(rows) = outcome else { panic!("{outcome:?}") };
    assert!(rows[0].why.starts_with("backend_start is "), "{}", rows[0].why);
    assert!(!task.is_finished());
    done(&act_on(&operator, "terminate", &pid).await);
    let ended = task.await.unwrap().unwrap_err().to_string();
    assert!(ended.contains("terminating connection") || ended.contains("closed"), "{ended}");
    let gone = action_task::preview(&operator, &job, std::slice::from_ref(&pid), PreviewFor::Write).await.unwrap();
    let refused = prepare(job.action, &[pid], gone, std::collections::BTreeMap::new()).unwrap_err();
    assert_eq!(refused[0].why, "there is no such row, or nothing of it to write");
    let undo = action_task::take_back(&operator, &job, &[], &lab.audit(), |_| {}).await;
    assert!(undo.done.is_empty());
}
