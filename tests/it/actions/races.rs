//! Two processes write the same row at the same time.

use opsdash_testbed::shell::{Ran, Shell};
use serde_json::Value as Json;

use super::on;
use crate::support::{Lab, recorded};

/// How often they race; `OPSDASH_RACES` says otherwise.
fn rounds() -> usize {
    std::env::var("OPSDASH_RACES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(15)
}

fn race(shell: &Shell, arguments: &[&str]) -> [Ran; 2] {
    std::thread::scope(|scope| {
        let runs = [(), ()].map(|()| scope.spawn(|| shell.run(arguments)));
        runs.map(|run| run.join().unwrap())
    })
}

/// Exactly one has written, and the other names what the row is instead.
#[track_caller]
fn one_won(ran: &[Ran; 2], winning: &str) -> String {
    let mut codes: Vec<_> = ran.iter().map(|ran| ran.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(1)], "{ran:#?}");
    let loser = ran.iter().find(|ran| ran.code == Some(1)).unwrap();
    assert!(
        loser.err.contains(winning) && loser.json()["rows"][0]["why"].as_str().unwrap().contains(winning),
        "{loser:?}"
    );
    loser.json()["outcome"].as_str().unwrap().to_owned()
}

/// Every attempt has its two lines, and as many of them were done as there were rounds.
#[track_caller]
fn all_is_recorded(shell: &Shell, rounds: usize) {
    let lines = recorded(&shell.state());
    assert_eq!(lines.len(), rounds * 4);
    let outcomes: Vec<&Json> = lines.iter().filter(|line| line["phase"] == "outcome").collect();
    assert_eq!(outcomes.iter().filter(|line| line["outcome"] == "done").count(), rounds);
    assert_eq!(outcomes.iter().filter(|line| line["outcome"] == "changed").count(), rounds);
    for outcome in outcomes {
        assert_eq!(lines.iter().filter(|line| line["id"] == outcome["id"]).count(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_resolve_one_entry_one_succeeds_and_the_other_is_told_by_whom() {
    let lab = Lab::new("actions_race_resolve").await;
    let shell = on(&lab.operator_url(), "");
    let limit = rounds();
    let keys = lab.column(&format!("SELECT id::text FROM error_logs WHERE NOT resolved LIMIT {limit}")).await;
    assert_eq!(keys.len(), limit);
    let mut beaten = 0;
    for key in &keys {
        let ran = race(&shell, &["act", "error_log", "resolve", key, "--set", "note=raced", "--yes", "--json"]);
        let lost = one_won(&ran, "is resolved already; changed by ");
        beaten += usize::from(lost == "changed");
    }
    all_is_recorded(&shell, limit);
    eprintln!("{limit} races, {beaten} lost between the look and the write");
    let written = "SELECT count(*)::text FROM error_logs WHERE \"resolutionNotes\" = 'raced'";
    assert_eq!(lab.one(written).await, limit.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_revoke_one_license_one_succeeds_and_the_other_is_told_its_state() {
    let lab = Lab::new("actions_race_revoke").await;
    let shell = on(&lab.operator_url(), "");
    let limit = rounds();
    let found = lab.column("SELECT id::text || ' ' || right(key, 4) FROM licenses WHERE status = 'ACTIVE' AND length(key) >= 12 LIMIT 5").await;
    let mut beaten = 0;
    for round in 0..limit {
        let (key, end) = found[round % found.len()].split_once(' ').unwrap();
        lab.run(&format!("UPDATE licenses SET status = 'ACTIVE', \"updatedAt\" = LOCALTIMESTAMP WHERE id = '{key}'"))
            .await;
        let ran = race(&shell, &["act", "licenses", "revoke", key, "--yes", "--confirm", end, "--json"]);
        let lost = one_won(&ran, "is REVOKED already; changed at ");
        beaten += usize::from(lost == "changed");
    }
    all_is_recorded(&shell, limit);
    eprintln!("{limit} races, {beaten} lost between the look and the write");
}
