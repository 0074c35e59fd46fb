//! Links that break at the worst moment: when COMMIT is on its way.

use std::time::Duration;

use opsdash::runtime::action_task;
use opsdash_core::{action::Outcome, contract::FailureKind};
use opsdash_testbed::{
    commit::{Cut, Cutter},
    servers::{pgbouncer::PgBouncer, postgres::shared},
};
use sqlx::{PgConnection, Row};

use super::{done, failed, job_of, on, source, source_in};
use crate::support::{Lab, recorded};

async fn through(url: &str, cut: Cut) -> String {
    Cutter::start(shared().port(), cut).await.unwrap().through(url, shared().port())
}

const OPEN: &str = "SELECT id::text FROM error_logs WHERE NOT resolved ORDER BY id LIMIT 2";
const WRITTEN: &str = "SELECT count(*)::text FROM error_logs WHERE \"resolutionNotes\" = 'cut'";

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_cut_at_the_commit_shows_the_true_outcome() {
    let lab = Lab::new("actions_cut").await;
    for (cut, word, code, written) in [(Cut::Before, "refused", 3, "0"), (Cut::After, "done", 0, "2")] {
        let shell = on(&through(&lab.operator_url(), cut).await, "");
        let keys = lab.column(OPEN).await;
        let ran =
            shell.run(&["act", "error_log", "resolve", &keys[0], &keys[1], "--set", "note=cut", "--yes", "--json"]);
        assert_eq!((ran.code, ran.json()["outcome"].as_str()), (Some(code), Some(word)), "{cut:?} {ran:?}");
        assert_eq!(lab.one(WRITTEN).await, written, "{cut:?}");
        assert_eq!(recorded(&shell.state()).len(), 2, "{cut:?}");
        if cut == Cut::Before {
            assert!(ran.err.contains("the link was lost before the transaction was committed"), "{}", ran.err);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_nothing_answers_is_waited_for_and_then_told() {
    let lab = Lab::new("actions_swallowed").await;
    let through = source(&through(&lab.operator_url(), Cut::Swallowed).await);
    let mut job = job_of("error_log", "resolve");
    job.work = Duration::from_secs(2);
    let keys = lab.column(OPEN).await;
    let prepared = lab.prepare(&through, &job, &keys, &[("note", "cut")]).await;
    let outcome = failed(action_task::carry_out(&through, &job, &prepared, &lab.audit(), |_| {}).await);
    // The server gave the transaction up before we stopped asking.
    assert!(matches!(&outcome, Outcome::Failed(why) if why.kind == FailureKind::Unreachable), "{outcome:?}");
    assert_eq!(lab.one(WRITTEN).await, "0");
    // And so it can be done again, knowing that it was not.
    assert_eq!(done(&action_task::carry_out(&through, &job, &prepared, &lab.audit(), |_| {}).await), 2);
    assert_eq!(lab.phases().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_nobody_can_ask_about_is_unknown_and_never_repeated() {
    let lab = Lab::new("actions_gone").await;
    let through = source(&through(&lab.operator_url(), Cut::Gone).await);
    let job = job_of("error_log", "resolve");
    let keys = lab.column(OPEN).await;
    let prepared = lab.prepare(&lab.operator(), &job, &keys, &[("note", "cut")]).await;
    let outcome = failed(action_task::carry_out(&through, &job, &prepared, &lab.audit(), |_| {}).await);
    let Outcome::Unknown { why, rows } = &outcome else { panic!("{outcome:?}") };
    assert!(why.contains("the primary did not tell since") && rows.len() == 2, "{outcome:?}");
    assert_eq!(lab.one(WRITTEN).await, "2");
    let recorded = lab.phases();
    assert_eq!(recorded.last().unwrap().1, "unknown");
}

const SETTINGS: &str = "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'TimeZone', 'DateStyle', 'jit')";

#[tokio::test(flavor = "multi_thread")]
async fn a_write_goes_through_a_pooler_and_leaves_nothing_behind() {
    let lab = Lab::new("actions_pooler").await;
    let pooler = PgBouncer::start(shared()).unwrap();
    let url = pooler.url(&lab.database);
    // Both of its connections to the server.
    let (mut one, mut other) =
        (pooler.connect(&lab.database).await.unwrap(), pooler.connect(&lab.database).await.unwrap());
    let before = settings(&mut one).await;
    let source = source(&url);
    let job = job_of("error_log", "resolve");
    let keys = lab.column(OPEN).await;
    let prepared = lab.prepare(&source, &job, &keys, &[("note", "cut")]).await;
    let report = action_task::carry_out(&source, &job, &prepared, &lab.audit(), |_| {}).await;
    assert_eq!(done(&report), 2);
    let again = failed(action_task::carry_out(&source, &job, &prepared, &lab.audit(), |_| {}).await);
    assert!(matches!(again, Outcome::Changed(_)), "{again:?}");
    assert_eq!(done(&action_task::take_back(&source, &job, &report.done, &lab.audit(), |_| {}).await), 2);
    for connection in [&mut one, &mut other] {
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await.unwrap();
        assert_eq!(settings(connection).await, before);
    }
}

async fn settings(connection: &mut PgConnection) -> String {
    sqlx::raw_sql(SETTINGS).fetch_one(connection).await.unwrap().try_get_unchecked(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn naive_times_are_written_in_the_zone_of_the_source() {
    let lab = Lab::new("actions_zone").await;
    let source = source_in(&lab.operator_url(), Some("Asia/Kolkata"));
    let job = job_of("error_log", "resolve");
    let keys = lab.column(OPEN).await;
    let prepared = lab.prepare(&source, &job, &keys, &[("note", "cut")]).await;
    let report = action_task::carry_out(&source, &job, &prepared, &lab.audit(), |_| {}).await;
    assert_eq!(done(&report), 2);
    let off =
        "SELECT DISTINCT (abs(extract(epoch FROM \"resolvedAt\" - (now() AT TIME ZONE 'Asia/Kolkata'))) < 300)::text
        FROM error_logs WHERE \"resolutionNotes\" = 'cut'";
    assert_eq!(lab.column(off).await, ["true"]);
    assert_eq!(done(&action_task::take_back(&source, &job, &report.done, &lab.audit(), |_| {}).await), 2);
}
