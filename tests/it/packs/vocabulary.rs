//! A system is data: what is its own stands in its pack, not in the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::support::pack;

/// What a pack names and the program says too, in its own sense; without the plural's s.
const ORDINARY: [&str; 44] = [
    // MongoDB's own database.
    "admin",
    // What MongoDB's and PostgreSQL's own words say: stages of a query, who is connected.
    "client",
    "pipeline",
    "project",
    // It ends "urls", and these begin "commander", "indexes" and "materialized".
    "rls",
    "commande",
    "indexe",
    "material",
    // An example of whose rows policies show, and one of a column that a write sets.
    "client_id",
    "paid_at",
    // Examples of how a database may write names.
    "createdat",
    "userid",
    "error",
    "metric",
    "update",
    // What anybody calls them. A system whose tables and columns have such names proves that they are nobody's.
    "api_key",
    "backup",
    "cache",
    "chunk_count",
    "chunk_index",
    "conversation",
    "created_at",
    "deployment",
    "document",
    "environment",
    "expires_at",
    "fact",
    "file_path",
    "file_type",
    "log",
    "message",
    "migration",
    "permission",
    "profile",
    "quality",
    "queue",
    "role",
    "route",
    "run",
    "serial",
    "session",
    "token_count",
    "user",
    "user_id",
];

/// Views that are called as what they are for is called in `pack.toml`, or as a finding of doctor's.
const WORDS_OF_PACKS: [&str; 2] = ["facts", "indexes"];

/// Members of the workspace that users never get.
const DEVELOPMENT: [&str; 2] = ["testbed", "xtask"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in names(folder).iter().map(|name| folder.join(name)) {
        if path.is_dir() && !path.ends_with("tests") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// Rust files of what users get, by path, in lower case; without tests, and without the examples in help texts, which may
/// name a view.
fn product() -> BTreeMap<String, String> {
    let members = names(&root().join("crates")).into_iter().filter(|name| !DEVELOPMENT.contains(&name.as_str()));
    let folders = members.map(|name| root().join("crates").join(name).join("src")).chain([root().join("src")]);
    let mut files = Vec::new();
    folders.for_each(|folder| rust_files(&folder, &mut files));
    assert!(files.len() > 100, "the folders are where they were");
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let tested = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let told = tested.lines().filter(|line| !line.trim_start().starts_with("opsdash "));
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, told.flat_map(|line| [line, "\n"]).collect::<String>().to_lowercase())
    };
    files.iter().map(read).collect()
}

fn systems() -> Vec<String> {
    let folders = names(&root().join("packs")).into_iter();
    folders.filter(|name| name != "shared" && root().join("packs").join(name).is_dir()).collect()
}

/// Tables and views of a system.
fn tables_and_views(system: &str) -> BTreeSet<String> {
    let files = names(&root().join("packs").join(system));
    let views = files
        .iter()
        .filter_map(|file| file.strip_suffix(".toml"))
        .filter(|id| !["pack", "runbook", "schema"].contains(id));
    let schema = pack(system).schema;
    let tables = schema.sources.iter().flat_map(|source| &source.tables).map(|table| table.name.to_lowercase());
    views.map(str::to_owned).chain(tables).collect()
}

/// Columns whose names are of several words: those of one word are anybody's.
fn compound_columns(system: &str) -> BTreeSet<String> {
    let schema = pack(system).schema;
    let columns = schema.sources.iter().flat_map(|source| &source.tables).flat_map(|table| &table.columns);
    let compound = columns.filter(|column| column.name.contains(|c: char| c == '_' || c.is_uppercase()));
    compound.map(|column| column.name.to_lowercase()).collect()
}

/// Without the plural's s, which no name as short as "rls" has.
fn singular(name: &str) -> String {
    name.strip_suffix('s').filter(|rest| rest.len() > 2).unwrap_or(name).to_owned()
}

#[test]
fn no_systems_word_is_in_the_program() {
    let product = product();
    let mut ordinary = BTreeSet::new();
    for system in systems() {
        let named = tables_and_views(&system).into_iter().chain(compound_columns(&system)).chain([system.clone()]);
        let words: BTreeSet<String> = named.map(|name| singular(&name)).collect();
        assert!(words.len() > 10, "{system}: {words:?}");
        for word in &words {
            let mut holding = product.iter().filter(|(_, text)| text.contains(word.as_str())).map(|(path, _)| path);
            if ORDINARY.contains(&word.as_str()) {
                assert!(holding.next().is_some(), "{word} is no word of the program: it can be forbidden");
                ordinary.insert(word.clone());
            } else {
                let holding: Vec<_> = holding.collect();
                assert!(holding.is_empty(), "{word} is of {system}, and in {holding:?}");
            }
        }
    }
    assert_eq!(ordinary.len(), ORDINARY.len(), "no pack has another of {ORDINARY:?}: only {ordinary:?}");
}

/// Also a word that both have is no reason to treat a view or a table of that name in a way of its own.
#[test]
fn no_literal_of_the_program_is_the_name_of_a_systems_table_or_view() {
    let product = product();
    for system in systems() {
        for name in tables_and_views(&system).into_iter().filter(|name| !WORDS_OF_PACKS.contains(&name.as_str())) {
            let literal = format!("\"{name}\"");
            let holding: Vec<_> =
                product.iter().filter(|(_, text)| text.contains(&literal)).map(|(path, _)| path).collect();
            assert!(holding.is_empty(), "{literal} of {system} is in {holding:?}");
        }
    }
}
