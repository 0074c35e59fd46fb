//! What its queries have in common, what they must not show, and what its actions must not forget.

use std::collections::BTreeMap;

use opsdash_pack::pack::View;

use crate::{
    packs::text::{bare, files, statements, text_of, updated},
    support::our_pack,
};

/// Its queries: path below `packs/`, and text.
fn ours() -> Vec<(String, String)> {
    files("sql").into_iter().filter(|(file, _)| file.starts_with("cybersensei/")).collect()
}

/// Ages are the program's to tell: it knows the time of the answer.
#[test]
fn no_file_turns_seconds_into_words() {
    for (file, text) in ours() {
        let bare = bare(&text, false).to_lowercase();
        for unit in ["3600", "86400"] {
            let counts = bare.matches(&format!("/ {unit}")).count();
            let is_chart = file == "cybersensei/errors.trend.sql";
            assert!(counts == 0 || is_chart, "{file} divides by {unit}");
        }
    }
}

/// How many lines in a row no two files may have in common.
const ALIKE: usize = 12;

#[test]
fn no_twelve_lines_stand_in_two_files() {
    let mut seen: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for (file, text) in ours() {
        let lines: Vec<String> =
            text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        for block in lines.windows(ALIKE) {
            let first = seen.entry(block.to_vec()).or_insert_with(|| file.clone());
            assert_eq!(*first, file, "these lines belong into a fragment:\n{}", block.join("\n"));
        }
    }
    assert!(seen.len() > 500, "{}", seen.len());
}

#[test]
fn a_license_key_leaves_the_server_masked() {
    for (file, text) in statements().into_iter().filter(|(file, _)| file.starts_with("cybersensei/")) {
        let bare = format!("\n{}", bare(&text, false));
        let start = bare.rfind("\nRETURNING").or_else(|| bare.rfind("\nSELECT")).unwrap();
        let selected = bare[start..].split("\nFROM").next().unwrap();
        for item in selected.trim_start_matches("\nSELECT").split(",\n") {
            let item = item.trim();
            let is_key = |name: &str| item == name || item.starts_with(&format!("{name} AS"));
            assert!(
                !item.starts_with("RETURNING l.key") && !is_key("l.key") && !is_key("licenses.key"),
                "{file} returns a whole key: {item}"
            );
        }
    }
}

/// The tables that TypeORM keeps a version of, in the column that it compares itself.
const VERSIONED: [&str; 2] = ["licenses", "tenants"];

#[test]
fn whoever_writes_a_license_or_a_tenant_sets_its_version() {
    let mut found = 0;
    let actions = |view: &'static View| view.actions.iter().map(|action| (&view.id, action));
    for (view, action) in our_pack().views.iter().flat_map(actions) {
        for statement in [&action.sql].into_iter().chain(&action.undo) {
            let Some((table, set)) = updated(&text_of(statement)) else { continue };
            found += 1;
            assert_eq!(set.contains("updatedAt"), VERSIONED.contains(&table.as_str()), "{view}.{}", action.id);
        }
    }
    assert!(found > 10, "{found}");
}
