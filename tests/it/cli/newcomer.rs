//! The pack that docs/packs.md tells a newcomer to type in, typed in.

use std::{collections::BTreeMap, fs};

use opsdash_testbed::{repository, servers::postgres::shared, shell::Shell};

use crate::support::shell;

/// The files that the document names, by name: each block of code whose first line says `File: ..`.
fn files() -> BTreeMap<String, String> {
    let text = fs::read_to_string(repository().join("docs/packs.md")).unwrap();
    let blocks = text.split("\n```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let named = blocks.filter_map(|(_, inside)| {
        let (first, rest) = inside.split_once('\n')?;
        let name = first.trim_start_matches(['#', '-']).strip_prefix(" File: ")?;
        Some((name.to_owned(), format!("{rest}\n")))
    });
    named.collect()
}

/// What the test of the document loads.
fn fixture(files: &BTreeMap<String, String>) -> String {
    let tests: toml::Table = files["tests/orders.toml"].parse().unwrap();
    tests["fixture"][0]["sql"].as_str().unwrap().to_owned()
}

fn run(shell: &Shell, arguments: &[&str]) -> String {
    let ran = shell.run(arguments);
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}{}", ran.out, ran.err);
    ran.out
}

#[tokio::test]
async fn the_pack_of_the_document_is_typed_in_tested_tried_shown_and_acted_on() {
    let server = shared();
    server.create_database("newcomer").await.unwrap();
    let files = files();
    server.run("newcomer", &fixture(&files)).await.unwrap();
    let url = server.url("newcomer");
    let config = format!("[targets.shop]\nsystem = \"shop\"\n[targets.shop.sources.main]\nurl = \"{url}\"\n");
    let shell = shell(&config);
    for (name, text) in &files {
        shell.write(&format!(".config/opsdash/packs/shop/{name}"), text).unwrap();
    }
    let folder = shell.path(".config/opsdash/packs/shop").display().to_string();
    assert_eq!(files.len(), 7, "{:?}", files.keys());
    run(&shell, &["packs", "check", &folder]);
    let on = format!("main={}", server.url("postgres"));
    assert_eq!(run(&shell, &["packs", "test", "shop", "--on", &on]), "shop: 2 tests, 2 passed, 0 failed\n");
    let live = run(&shell, &["packs", "check", &folder, "--live", "--target", "shop"]);
    assert!(live.ends_with("a row tried in 2 of 2 views\n"), "{live}");

    let shown: serde_json::Value = serde_json::from_str(&run(&shell, &["show", "orders", "--format", "json"])).unwrap();
    let rows = shown["rows"].as_array().unwrap();
    let told =
        |row: &serde_json::Value| ["severity", "reason", "why"].map(|word| row[word].as_str().unwrap_or("").to_owned());
    assert_eq!(told(&rows[0]), ["crit", "refused", "the bank refused 9"]);
    assert_eq!(told(&rows[1]), ["warn", "unpaid", "not paid for 3h"]);
    assert!(run(&shell, &["act", "orders", "pay", "1", "--yes"]).starts_with("done: 1 row"));
    assert!(run(&shell, &["show", "orders", "--set", "state=paid"]).contains("Ann"));
    let again = shell.run(&["act", "orders", "pay", "1", "--yes"]);
    assert!(again.code == Some(1) && again.err.contains("state is paid, not open"), "{again:?}");
    assert!(run(&shell, &["show", "customers", "--search", "bo"]).contains("Bob"));
}
