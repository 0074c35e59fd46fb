//! The bench itself, on a small database: that it finds what there is to measure, never how long anything takes.

use std::path::Path;

use opsdash_pack::{dialect::MongoInput, pack::Statement};
use opsdash_testbed::bench::{self, Part};

use crate::support::{OPSDASH, our_pack};

/// Files of the tabs' queries, without their endings. What is asked by commands is not measured: it reads no data.
fn tabs() -> Vec<String> {
    let pack = our_pack();
    let query = |tab| &*pack.view(tab).query;
    let reads_data = |statement: &&Statement| match statement {
        Statement::Sql(_) => true,
        Statement::Mongo(query) => matches!(query.input, MongoInput::Collection(_)),
    };
    let stem =
        |statement: &Statement| Path::new(statement.file()).file_stem().map(|stem| stem.to_string_lossy().into());
    pack.tabs().map(query).filter(reads_data).filter_map(stem).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tab_is_measured_and_whole_scans_are_found() {
    let figures = bench::measure(Part::Views, Path::new(OPSDASH), 0.002).await.expect("everything is there");
    let find = |what: &str| figures.iter().find(|figure| figure.what == what);
    let of_store = ["update_packages.files find", "update_packages.chunks aggregate"];
    let beside = ["tenants.latency", "errors.trend", "errors.detail", "metrics.trend", "tenant_errors"];
    for what in tabs().iter().map(String::as_str).chain(of_store).chain(beside) {
        let figure = find(what).unwrap_or_else(|| panic!("{what} is not in {figures:#?}"));
        assert!(figure.value > 0.0, "{figure:?}");
    }
    let documented = find("document: top_tenants").expect("the document's queries are measured");
    assert!(documented.note.contains("Seq Scan of tenant_metrics"), "{documented:?}");
    assert!(!find("tenants").is_some_and(|ours| ours.note.contains("Scan")), "each tenant's last metric, by index");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_both_ways_and_is_the_same() {
    // It fails when the program does not find the checksum that sha256sum found.
    let figures = bench::measure(Part::Files, Path::new(OPSDASH), 0.001).await.expect("everything is there");
    assert!(figures.len() == 4 && figures.iter().all(|figure| figure.value >= 0.0), "{figures:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_database_of_a_fleet_is_asked_both_ways() {
    // It fails when one of them answers neither the program nor psql.
    let figures = bench::measure(Part::Fleet, Path::new(OPSDASH), 0.03).await.expect("everything is there");
    // Each psql that is installed, and what the program is beside it.
    let loops = figures.iter().filter(|figure| figure.what.starts_with("a loop of psql")).count();
    assert!(loops > 0 && figures.len() == 2 * loops + 1, "{figures:#?}");
    assert!(figures.iter().all(|figure| figure.value > 0.0), "{figures:#?}");
}
