//! The rows that the system's document warns of: how bad each is, and why.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{cluster, pristine, pristine_files, sample};
use crate::support::*;

/// What the shell prints of a view, which is what its tab shows; by the text of one column.
async fn shown(main: &str, arguments: &[&str], by: &str) -> BTreeMap<String, Value> {
    let shell = shell(&target("lab", main, pristine_files().await));
    let answer = shell.run(&[&["show"], arguments, &["--format", "json"]].concat()).json_of(0);
    assert_eq!(answer["state"], "fresh", "{answer}");
    let rows = answer["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["values"][by].as_str().unwrap_or_default().to_owned(), row.clone())).collect()
}

/// Name, severity, and how the reason begins; an empty one is none at all.
type Trap = (&'static str, &'static str, &'static str);

#[track_caller]
fn assert_traps(rows: &BTreeMap<String, Value>, traps: &[Trap]) {
    for (name, severity, why) in traps {
        let row = rows.get(*name).unwrap_or_else(|| panic!("no row {name} among {:?}", rows.keys()));
        let told = row["why"].as_str().unwrap_or_default();
        assert_eq!(row["severity"], *severity, "{name}: {told}");
        assert!(if why.is_empty() { told.is_empty() } else { told.starts_with(why) }, "{name}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn licenses_are_judged_by_date_use_and_by_who_names_them() {
    let rows = shown(pristine().await, &["licenses"], "key").await;
    let traps = [
        // Nothing turns ACTIVE into EXPIRED when the time comes.
        ("LAB-…0004", "crit", "ACTIVE but expired 3d ago"),
        ("DEMO…2005", "crit", "ACTIVE but expired 1d ago"),
        ("LAB-…0002", "crit", "expires in 5d"),
        ("LAB-…0003", "warn", "expires in 20d"),
        ("LAB-…0005", "ok", ""),
        ("LAB-…0006", "ok", "PENDING"),
        ("LAB-…0008", "crit", "used 120 of 100"),
        ("LAB-…0009", "warn", "used 85 of 100"),
        // It never ends, and nothing is allowed with it.
        ("LAB-…0028", "crit", "used 1 of 0"),
        ("LAB-…0007", "warn", "REVOKED, yet named in its tenant's record"),
        ("LAB-…0021", "warn", "its tenant's record names a key that no license has"),
        ("LAB-…0123", "warn", "its key is in the record of lab-022"),
        ("LAB-…0024", "off", "EXPIRED"),
        ("LAB-…0125", "off", "EXPIRED"),
        ("LAB-…0225", "off", "REVOKED"),
        ("DEMO…2001", "ok", ""),
        ("DEMO…2002", "off", "REVOKED"),
    ];
    assert_traps(&rows, &traps);
    assert!(rows.keys().all(|key| key.chars().count() == 9), "a key is not masked: {:?}", rows.keys());
    assert_eq!(rows["LAB-…0005"]["values"]["expires_at"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn presets_of_licenses_hold_what_they_say() {
    for (preset, keys) in [
        ("expiring", &["LAB-…0002", "LAB-…0003"][..]),
        ("ACTIVE but expired", &["DEMO…2005", "LAB-…0004"]),
        ("within 7 days", &["LAB-…0002"][..]),
        ("PENDING", &["LAB-…0006"]),
        ("REVOKED", &["DEMO…2002", "LAB-…0007", "LAB-…0225"]),
        ("over quota", &["LAB-…0008", "LAB-…0028", "LAB-…0125"]),
    ] {
        let rows = shown(pristine().await, &["licenses", "--set", &format!("preset={preset}")], "key").await;
        assert_eq!(rows.keys().collect::<Vec<_>>(), keys, "{preset}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_judged_by_their_worst_trouble() {
    let main = sample("calm").await;
    // With them nearly every tenant is crit.
    cluster().await.run("calm", "DELETE FROM error_logs").await.unwrap();
    let rows = shown(&main, &["tenants"], "name").await;
    let traps = [
        ("lab-012", "crit", "silent for 3h"),
        ("lab-013", "crit", "active, never sent a metric"),
        ("lab-014", "off", "inactive"),
        ("lab-004", "crit", "no usable license, ACTIVE but expired 3d ago"),
        ("lab-006", "crit", "no usable license, the best is PENDING"),
        ("lab-007", "crit", "no usable license, the best is REVOKED"),
        ("lab-024", "crit", "no usable license, the best is EXPIRED"),
        ("lab-008", "crit", "no usable license, used 120 of 100"),
        ("lab-028", "crit", "no usable license, used 1 of 0"),
        ("lab-020", "warn", "last metric "),
        ("lab-002", "warn", "license expires in 5d"),
        ("lab-003", "warn", "license expires in 20d"),
        ("lab-009", "warn", "license used 85 of 100"),
        ("lab-010", "warn", "AI latency"),
        ("lab-011", "warn", "AI latency"),
        ("lab-021", "warn", "its record names a key that no license has"),
        ("lab-022", "warn", "its record names the key of another tenant"),
        ("lab-001", "ok", ""),
        ("lab-005", "ok", ""),
        ("lab-026", "ok", ""),
        ("lab-027", "ok", ""),
    ];
    assert_traps(&rows, &traps);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_criticals_make_an_active_tenant_crit() {
    let rows = shown(pristine().await, &["tenants"], "name").await;
    assert!(rows["lab-001"]["why"].as_str().unwrap().ends_with("open critical errors"), "{}", rows["lab-001"]);
    assert_traps(&rows, &[("lab-014", "off", "inactive"), ("lab-035", "ok", "")]);
    let reason = |name: &str| rows[name]["reason"].as_str();
    assert_eq!(
        (reason("lab-001"), reason("lab-012"), reason("lab-035")),
        (Some("open_critical"), Some("silent"), None)
    );
    assert_eq!(rows["lab-001"]["severity"], "crit");
    assert_eq!(rows["lab-035"]["values"]["open_critical"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn causes_of_errors_are_new_ongoing_or_regressed() {
    let rows = shown(pristine().await, &["errors", "--set", "level=all"], "message").await;
    let of =
        |start: &str| rows.values().find(|row| row["values"]["message"].as_str().unwrap().starts_with(start)).unwrap();
    for (message, severity, state, events) in [
        ("connection pool", "crit", "new", 9),
        ("quota sync", "crit", "ongoing", 412),
        ("llm call", "crit", "regressed", 97),
        ("could not delete", "crit", "ongoing", 2),
        ("timeout after", "warn", "ongoing", 230),
    ] {
        let row = of(message);
        assert_eq!(row["severity"], severity, "{row}");
        assert_eq!((&row["values"]["state"], &row["values"]["events"]), (&state.into(), &events.into()), "{row}");
    }
    // Its tenants were deleted, and no foreign key keeps them.
    let orphans =
        shown(pristine().await, &["error_log", "--set", "level=ERROR", "--search", "unknown tenant"], "message");
    let orphans = orphans.await;
    assert_eq!(orphans.len(), 25);
    assert!(orphans.values().all(|row| row["values"]["tenant"].as_str().unwrap().starts_with("deleted ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_without_a_sample_are_unknown_and_numbers_that_are_none_do_not_count() {
    let rows = shown(pristine().await, &["metrics"], "tenant").await;
    let traps = [
        ("lab-011", "crit", "AI latency 3."),
        ("lab-010", "warn", "AI latency 2."),
        ("lab-012", "unknown", "no sample"),
        ("lab-013", "unknown", "no sample"),
        ("lab-026", "ok", ""),
    ];
    assert_traps(&rows, &traps);
    assert!(rows["lab-026"]["values"]["avg_latency"].as_f64().is_some_and(f64::is_finite), "{}", rows["lab-026"]);
    assert_eq!(rows["lab-027"]["values"]["avg_latency"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_are_crit_when_they_are_active_and_cannot_be_delivered() {
    let rows = shown(pristine().await, &["updates"], "version").await;
    for (version, severity, verdict) in [
        ("1.8.0", "off", "UNVERIFIED"),
        ("1.9.0", "off", "UNVERIFIED"),
        ("1.10.0", "unknown", "UNVERIFIED"),
        ("1.10.1", "warn", "NAME"),
        ("1.11.0", "warn", "MISSING_FILE"),
        ("1.11.1", "crit", "BAD_ID"),
        ("1.12.0", "crit", "SIZE"),
        ("1.12.1", "crit", "CHUNK_GAP"),
        ("1.13.0", "warn", "EXTRA_CHUNKS"),
        ("1.14.0", "warn", "DUP_REF"),
        ("1.14.1", "warn", "DUP_REF"),
        ("1.16.0", "unknown", "UNVERIFIED"),
    ] {
        let row = &rows[version];
        assert_eq!((&row["severity"], &row["values"]["verdict"]), (&severity.into(), &verdict.into()), "{row}");
    }
    let by_verdict = shown(pristine().await, &["updates"], "verdict").await;
    assert_traps(&by_verdict, &[("ORPHAN_FILE", "warn", "stored"), ("ORPHAN_CHUNKS", "warn", "2 chunks")]);
    assert_eq!(by_verdict["ORPHAN_FILE"]["values"]["filename"], "update-0.9.0.zip");
}
