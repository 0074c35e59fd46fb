//! The bench itself, on a small database: that it finds what there is to measure, never how long anything takes.

use std::path::Path;

use opsdash_testbed::tasks::bench::{self, Part};

/// Tabs of the pack, in the order of its `pack.toml`. What the catalog of updates is held against has rows of its own.
const TABS: [&str; 12] = [
    "tenants",
    "licenses",
    "errors",
    "error_log",
    "metrics",
    "rollout",
    "updates",
    "admins",
    "pg_activity",
    "pg_server",
    "pg_tables",
    "mongo_storage",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_tab_is_measured_and_whole_scans_are_found() {
    let program = Path::new(env!("CARGO_BIN_EXE_opsdash"));
    let figures = bench::measure(Part::Views, program, 0.002).await.expect("everything is there");
    let find = |what: &str| figures.iter().find(|figure| figure.what == what);
    let of_store = ["update_packages.files find", "update_packages.chunks aggregate"];
    let beside = ["tenants.latency", "errors.trend", "errors.detail", "metrics.trend", "tenant_errors"];
    for what in TABS.iter().chain(&of_store).chain(&beside) {
        let figure = find(what).unwrap_or_else(|| panic!("{what} is not in {figures:#?}"));
        assert!(figure.value > 0.0, "{figure:?}");
    }
    let documented = find("document: top_tenants").expect("the document's queries are measured");
    assert!(documented.note.contains("Seq Scan of tenant_metrics"), "{documented:?}");
    assert!(!find("tenants").is_some_and(|ours| ours.note.contains("Scan")), "each tenant's last metric, by index");
}
