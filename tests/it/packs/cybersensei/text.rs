//! What its queries have in common, what they must not show, and what its actions must not forget.

use std::collections::{BTreeMap, BTreeSet};

use crate::packs::text::{bare, files, updated};

/// Its queries: path below `packs/`, and text.
fn ours() -> Vec<(String, String)> {
    files("sql").into_iter().filter(|(file, _)| file.starts_with("cybersensei/")).collect()
}

const FINGERPRINT_ENDS: &str = "AS fingerprint\n";

/// From the comment that opens it to the expression that closes it.
fn fingerprint(sql: &str) -> Option<&str> {
    let start = sql.find("-- The fingerprint.")?;
    let length = sql[start..].find(FINGERPRINT_ENDS).expect("the block ends with the fingerprint");
    Some(&sql[start..start + length + FINGERPRINT_ENDS.len()])
}

/// Every expression that makes one, a query's own beside the block too.
fn fingerprint_expressions(sql: &str) -> Vec<&str> {
    let ends = sql.match_indices(FINGERPRINT_ENDS).map(|(end, _)| end);
    ends.map(|end| sql[..end].lines().last().expect("an expression comes before it").trim()).collect()
}

#[test]
fn what_groups_errors_is_the_same_in_every_file_that_groups_them() {
    let mut blocks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in ours() {
        if let Some(block) = fingerprint(&text) {
            blocks.entry(block.to_owned()).or_default().push(file);
        } else {
            assert!(!text.contains("AS norm"), "{file} groups errors without the comment that names the block");
        }
    }
    assert_eq!(blocks.len(), 1, "{:#?}", blocks.values().collect::<Vec<_>>());
    assert!(blocks.values().all(|files| files.len() >= 6));
    let texts = ours();
    let expressions: BTreeSet<&str> = texts.iter().flat_map(|(_, text)| fingerprint_expressions(text)).collect();
    assert_eq!(expressions.len(), 1, "{expressions:#?}");
}

#[test]
fn what_judges_a_version_is_the_same_in_both_files_that_do() {
    let block = |wanted: &str| {
        let (_, text) = ours().into_iter().find(|(file, _)| file == wanted).unwrap();
        let start = text.find("WITH node AS").expect("the block opens with the nodes");
        let standing = start + text[start..].find("\nstanding AS (").expect("the block ends with standing");
        let end = standing + text[standing..].find("\n)").expect("standing is closed");
        text[start..end].to_owned()
    };
    assert_eq!(block("cybersensei/rollout.sql"), block("cybersensei/rollout_nodes.sql"));
}

#[test]
fn a_license_key_leaves_the_server_masked() {
    for (file, text) in ours().into_iter().filter(|(file, _)| !file.contains("/fragments/")) {
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
    for (file, text) in ours() {
        let Some((table, set)) = updated(&text) else { continue };
        found += 1;
        assert_eq!(set.contains("updatedAt"), VERSIONED.contains(&table.as_str()), "{file}");
    }
    assert!(found > 10, "{found}");
}
