//! What ARCHITECTURE.md promises of the code as a whole.

use std::fs;
use std::path::{Path, PathBuf};

use opsdash_testbed::repository;

/// Rust files below these folders, by path from the root, with their text.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let root = repository();
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("the folder is readable");
            left.extend(entries.map(|entry| entry.expect("the entry is readable").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push((shown(&root, &path), fs::read_to_string(&path).expect("it is text")));
        }
    }
    assert!(!found.is_empty(), "{folders:?} hold no source");
    found
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("it is below the root").display().to_string()
}

/// Files that hold one of the words, whatever its case, other than those that may.
fn holding(folders: &[&str], words: &[&str], may: &[&str]) -> Vec<String> {
    let holds = |text: &str| words.iter().any(|word| text.to_lowercase().contains(word));
    let is_free = |path: &str| may.iter().any(|known| path.starts_with(known));
    sources(folders).into_iter().filter(|(path, text)| !is_free(path) && holds(text)).map(|(path, _)| path).collect()
}

#[test]
fn core_can_neither_wait_nor_draw() {
    let manifest = fs::read_to_string(repository().join("crates/core/Cargo.toml")).unwrap();
    for name in ["tokio", "sqlx", "mongodb", "tiberius", "ratatui", "crossterm"] {
        assert!(!manifest.contains(name), "crates/core/Cargo.toml names {name}");
    }
    assert_eq!(holding(&["crates/core/src"], &["async fn", "println!"], &[]), [""; 0]);
}

#[test]
fn drawing_never_changes_the_model() {
    assert_eq!(holding(&["src/tui/draw", "crates/core/src/view"], &["&mut model"], &[]), [""; 0]);
}

#[test]
fn no_program_is_ever_started_so_nothing_of_a_runbook_can_be_run() {
    let shipped = ["src", "crates/pack/src", "crates/core/src", "crates/sources/src"];
    let words =
        ["process::command", "process::{command", "process::{self, command", "commandext", "execv", "spawn_shell"];
    // It starts itself again, without a variable.
    assert_eq!(holding(&shipped, &words, &["src/main.rs"]), [""; 0]);
}
