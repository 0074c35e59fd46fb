//! What the documents say is tried: links lead somewhere, paths exist, examples are right.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use opsdash_pack::{
    config::{self, ConfigFile},
    keymap::Keymap,
    language::{self, PackFiles},
};

use super::{keys, packs};
use crate::cargo::repository;

/// Every Markdown document that people read, below the root.
fn documents(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for dir in [root.to_owned(), root.join("docs"), root.join("docs/adr"), root.join("packs")] {
        for entry in fs::read_dir(dir)? {
            found.push(entry?.path());
        }
    }
    Ok(found.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect())
}

/// What stands between two marks.
fn between<'t>(text: &'t str, open: &str, close: char) -> impl Iterator<Item = &'t str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
}

#[test]
fn every_link_in_the_documents_leads_to_a_file() -> Result<()> {
    let root = repository();
    let mut broken = Vec::new();
    for document in documents(&root)? {
        let text = fs::read_to_string(&document)?;
        for link in between(&text, "](", ')').filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let path = link.split('#').next().unwrap_or(link);
            if !document.parent().unwrap_or(&root).join(path).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    Ok(())
}

#[test]
fn every_path_that_the_documents_name_exists() -> Result<()> {
    let root = repository();
    let folders = ["src/", "crates/", "packs/", "migrations/", "tests/", "docs/"];
    let mut missing = BTreeSet::new();
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root.join(name))?;
        let is_path =
            |word: &&str| folders.iter().any(|dir| word.starts_with(dir)) && !word.contains(['<', '*', '{', ' ']);
        let named = text.split('`').skip(1).step_by(2).filter(is_path);
        missing.extend(named.filter(|path| !root.join(path).exists()).map(|path| format!("{name}: {path}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
    Ok(())
}

#[test]
fn a_key_of_every_command_and_every_link_of_the_packs_is_documented() -> Result<()> {
    let text = keys::document()?;
    for entry in opsdash_pack::command::TABLE {
        assert!(text.contains(&format!("| `{}` |", entry.name)), "{}", entry.name);
    }
    assert!(text.contains("| `g t` |"), "{text}");
    Ok(())
}

/// The examples of one language in a document, those within a list too.
fn examples(text: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    let fenced = text.split(&open).skip(1).filter_map(|rest| rest.split_once("```").map(|(inside, _)| inside));
    let unindented = |line: &str| format!("{}\n", line.strip_prefix("   ").unwrap_or(line));
    // A pack to be typed in names its files: the tests of the program type it in.
    let is_named = |text: &&str| text.trim_start_matches(['#', '-']).starts_with(" File: ");
    fenced.filter(|text| !is_named(text)).map(|inside| inside.lines().map(unindented).collect()).collect()
}

#[test]
fn the_config_of_every_document_is_right() -> Result<()> {
    for name in ["README.md", "docs/config.md", "docs/keys.md"] {
        let text = fs::read_to_string(repository().join(name))?;
        let found = examples(&text, "toml");
        assert!(!found.is_empty(), "{name} has no example");
        for text in found {
            let loaded = config::load(&[ConfigFile { name: name.to_owned(), text, private: false }]);
            let loaded = loaded.map_err(|problems| anyhow::anyhow!("{problems}"))?;
            Keymap::with(&loaded.config.keys).map_err(anyhow::Error::msg)?;
        }
    }
    Ok(())
}

#[test]
fn the_pack_that_the_introduction_writes_is_one() -> Result<()> {
    let text = packs::document();
    let (mut toml, mut sql) = (examples(&text, "toml"), examples(&text, "sql"));
    let (fragment, calling) = (sql.remove(1), sql.remove(1));
    let tests = toml.remove(2);
    // The examples of reasons, of a scope, of earlier days and of many databases are of packs of their own.
    toml.drain(2..6);
    let actions: String = toml.drain(2..4).collect();
    toml[1].push_str(&actions);
    // The schema of SQL Server, and what comes after these, is of other packs.
    toml.remove(3);
    toml.truncate(4);
    let names = [
        "pack.toml",
        "orders.toml",
        "schema.toml",
        "runbook.toml",
        "orders.sql",
        "orders.preview.sql",
        "orders.ship.sql",
    ];
    let files: BTreeMap<String, String> =
        names.iter().map(ToString::to_string).zip(toml.into_iter().chain(sql)).collect();
    assert_eq!(files.len(), names.len());
    let files = PackFiles { system: "shop".to_owned(), origin: "docs/packs.md".to_owned(), files };
    let shared = [("orders.sql".to_owned(), calling), ("fragments/late.sql".to_owned(), fragment)].into();
    let shared = PackFiles { files: shared, ..files.clone() };
    language::load(&[files.clone(), shared], &[]).map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let pack = language::load(&[files], &[]).map_err(|problems| anyhow::anyhow!("{problems}"))?;
    assert_eq!(pack.views[0].columns.len(), 4);
    assert!(pack.views[0].actions[0].undo.is_some() && pack.views[0].actions[1].undo.is_none());
    assert_eq!(pack.schema.sources[0].tables[0].columns.len(), 10);
    let tests =
        language::load_tests(&pack, "docs/packs.md", &tests).map_err(|problems| anyhow::anyhow!("{problems}"))?;
    assert_eq!(tests.tests[0].rows.len(), 2);
    assert_eq!((pack.runbook.entries[0].steps.len(), pack.runbook.checklists[0].ticks.len()), (2, 2));
    Ok(())
}
