//! The first minute of an incident: what broke, whom it hurts, what to do.

use std::fs;

use opsdash_testbed::{pty::keys, sample::cybersensei::incident_database_on, sql};

use super::{cluster, pristine_files, readable};
use crate::support::*;

/// The lines of the list, from the first below its heading.
fn attention(dashboard: &Dashboard) -> Vec<String> {
    let rows: Vec<String> = dashboard.screen().rows(0, 200).collect();
    let heading = rows.iter().position(|row| row.starts_with(" Attention")).unwrap();
    rows[heading + 1..].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn cause_reach_and_remedy_stand_first_and_its_tenants_are_four_keys_away() {
    let url = incident_database_on(cluster().await, "incident").await.unwrap();
    let release =
        "INSERT INTO updates_metadata (\"version\", \"filename\", \"fileSize\", \"mongoFileId\", \"createdAt\")
        SELECT '1.15.0', 'update.zip', 1, repeat('0', 24), min(\"timestamp\") - interval '5 minutes' FROM error_logs
        WHERE \"message\" LIKE 'license server%'";
    sql::run(&url, release).await.unwrap();
    let (main, files) = (readable("incident").await, pristine_files().await);
    check_names_it_first(&target("lab", &main, files));
    let mut dashboard = on(&main, files).size(80, 24).start();
    dashboard.until("the echoes are known", |screen| {
        let contents = screen.contents();
        contents.contains("license server unreachable") && contents.contains(" echoes")
    });
    let lines = attention(&dashboard);
    assert!(lines[0].contains("license server unreachable") && lines[0].contains("1 955 tenants"), "{lines:#?}");
    assert!(lines[1].trim_start().starts_with('→') && lines[1].contains("g e"), "{lines:#?}");
    assert!(lines[2].contains("llm call failed") && lines[2].contains("1 960 tenants"), "{lines:#?}");

    dashboard.type_in(&["g", "t"]);
    dashboard.shows(&["Tenants of a cause", "it@agence-"]);
    dashboard.until("all of them have come", |screen| screen.contents().contains("1 955 rows"));
    dashboard.type_in(&["e", keys::ENTER]);
    dashboard.shows(&["1 955 rows written"]);
    let mut files = fs::read_dir(dashboard.home()).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|ending| ending == "csv")).unwrap();
    let exported = fs::read_to_string(file).unwrap();
    assert_eq!(exported.lines().count(), 1 + 1955);
    assert!(exported.contains("it@agence-1955.example"));

    dashboard.type_in(&[ESC]);
    dashboard.shows(&["Attention"]);
    dashboard.resize(160, 200).unwrap();
    dashboard.type_in(&[keys::ENTER]);
    dashboard
        .until("the row of the cause", |screen| current_line(screen).is_some_and(|line| line.contains("unreachable")));
    dashboard.type_in(&[keys::ENTER]);
    dashboard.until("what its entries have in common, and what was new", |screen| {
        let contents = screen.contents();
        let has = |name: &str, share: &str| contents.lines().any(|line| line.contains(name) && line.contains(share));
        has("build", "all entries")
            && has("version of the node", "all tenants")
            && contents.contains("release 1.15.0 was added, and is active")
            && contents.contains("Affected tenants  the first 200; there are more")
    });
}

/// The worst of the views in the order of the overview, and the widest cause of them.
fn check_names_it_first(config: &str) {
    let ran = shell(config).run(&["check"]);
    let out = ran.out.as_str();
    let at = |what: &str| out.find(what).unwrap_or_else(|| panic!("no {what:?} in {out}"));
    assert!(at("errors") < at("tenants"), "{out}");
    let line = out.lines().find(|line| line.starts_with("lab errors crit")).unwrap_or_else(|| panic!("{out}"));
    assert!(line.contains("worst: license server unreachable"), "{line}");
}
