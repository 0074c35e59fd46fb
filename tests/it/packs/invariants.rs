//! What holds for every pack in the binary, read from its text alone; against servers, other tests prove the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use opsdash::packs;
use opsdash_core::catalog::ADDED_COLUMNS;
use opsdash_pack::pack::{
    AFTER, Action, BEFORE, Column, Danger, EnrichBy, KEY, Pack, REFRESH_RANGE_MS, SEEN, Statement, View, WHY,
};

use crate::support::{nowhere, pack};

fn packs() -> Vec<Pack> {
    let listed = packs::list(&nowhere()).unwrap();
    assert!(!listed.is_empty());
    listed.iter().map(|listed| pack(&listed.system)).collect()
}

fn views() -> Vec<(String, View)> {
    let named = |pack: Pack| {
        let system = pack.system.clone();
        pack.views.into_iter().map(move |view| (format!("{system}.{}", view.id), view))
    };
    packs().into_iter().flat_map(named).collect()
}

/// Every file of `packs/` with this ending: its path below it, and its text.
fn files(ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("packs");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// A piece of SQL as far as this test tells them apart.
enum Piece<'t> {
    /// A comment, or a line of psql's.
    Aside,
    /// A quoted text.
    Quoted,
    /// A name in quotes, without them.
    Name(&'t str),
    Other(char),
}

fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let line = rest.find('\n').unwrap_or(rest.len());
        let (taken, piece) = match c {
            '-' if rest.starts_with("--") => (line, Piece::Aside),
            '\\' if rest.starts_with("\\set ") => (line, Piece::Aside),
            '/' if rest.starts_with("/*") => (rest.find("*/").unwrap() + 2, Piece::Aside),
            '\'' => (rest[1..].find('\'').unwrap() + 2, Piece::Quoted),
            '"' => {
                let name = rest[1..].split('"').next().unwrap();
                (name.len() + 2, Piece::Name(name))
            }
            c => (c.len_utf8(), Piece::Other(c)),
        };
        found.push(piece);
        rest = &rest[taken..];
    }
    found
}

/// SQL without comments, strings and quotes around names: keywords and names are left. With `quoted`, names in quotes
/// stay too.
fn bare(sql: &str, quoted: bool) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Aside => " ".to_owned(),
        Piece::Quoted => "''".to_owned(),
        Piece::Name(name) if quoted => (*name).to_owned(),
        Piece::Name(_) => "\"\"".to_owned(),
        Piece::Other(c) => c.to_string(),
    };
    pieces(sql).iter().map(text).collect()
}

/// Words of a bare text, in lower case.
fn words(bare: &str) -> Vec<String> {
    let words = bare.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The names that a statement's last SELECT or its RETURNING returns, in order. It relies on the house's layout: they
/// begin a line, and so does the FROM of the SELECT.
fn returned(sql: &str) -> Vec<String> {
    let text = format!("\n{}", bare(sql, true));
    let written = text.rfind("\nRETURNING").map(|at| at + "\nRETURNING".len());
    let selected = || text.rfind("\nSELECT").map(|at| at + "\nSELECT".len());
    let start = written.or_else(selected).unwrap_or_else(|| panic!("no SELECT begins a line:\n{sql}"));
    let list = text[start..].trim_end().trim_end_matches(';');
    let list = &list[..list.find("\nFROM").unwrap_or(list.len())];
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in list.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            items.last_mut().unwrap().push(c);
        }
    }
    let name = |item: &String| {
        let word = item.split_whitespace().last().unwrap_or_default();
        word.rsplit('.').next().unwrap_or(word).to_owned()
    };
    items.iter().map(name).collect()
}

#[test]
fn the_reader_of_this_test_understands_sql() {
    let sql = "\\set key 'x'\nWITH a AS (\n    SELECT 1 AS no\n)\nSELECT\n    t.id,\n    count(*) FILTER (WHERE b, c) AS n, -- AS not\n    \
               CASE WHEN 'AS a, b' THEN ARRAY[1, 2] END AS \"Odd\",\n    t.\"plain\",\n    1::text AS last\nFROM t;";
    assert_eq!(returned(sql), ["id", "n", "Odd", "plain", "last"]);
    assert_eq!(words(&bare("SELECT 'delete' -- update\n, \"insert\" FROM x", false)), ["select", "from", "x"]);
}

/// The text of a statement as its file has it.
fn text_of(statement: &Statement) -> String {
    let (_, name) = statement.file().split_once("packs/").unwrap();
    let found = files("sql").into_iter().chain(files("json")).find(|(file, _)| file == name);
    found.unwrap_or_else(|| panic!("{name} is not there")).1
}

fn assert_returns(name: &str, statement: &Statement, wanted: impl Iterator<Item = String>) {
    let Statement::Sql(_) = statement else { return };
    let returned = returned(&text_of(statement));
    for column in wanted {
        assert!(returned.contains(&column), "{name}: {} returns no \"{column}\", only {returned:?}", statement.file());
    }
}

fn names(columns: &[Column]) -> impl Iterator<Item = String> + '_ {
    columns.iter().map(|column| column.name.clone())
}

#[test]
fn every_column_is_returned_by_its_query_or_an_enrichment() {
    for (name, view) in views() {
        let enriched: BTreeSet<&str> =
            view.enrich.iter().flat_map(|enrich| &enrich.columns).map(String::as_str).collect();
        let added = |column: &str| view.files.is_some() && ADDED_COLUMNS.contains(&column);
        let own = names(&view.columns)
            .filter(|column| !enriched.contains(column.as_str()) && !added(column) && column != WHY);
        let keys = view.row_key.iter().cloned();
        assert_returns(&name, &view.query, own.chain(keys).chain(["severity".to_owned(), "why".to_owned()]));
        for enrich in &view.enrich {
            if let EnrichBy::Query(query) = &enrich.by {
                assert_returns(&name, query, enrich.columns.iter().cloned());
                assert_eq!(returned(&text_of(query))[0], "key", "{name}: {} begins with the key", query.file());
            }
        }
    }
}

#[test]
fn severity_and_why_come_first_and_no_name_comes_twice() {
    for (name, view) in views() {
        if let Statement::Sql(_) = &*view.query {
            let returned = returned(&text_of(&view.query));
            assert_eq!(returned[..2], ["severity", "why"], "{name}");
            assert_eq!(returned.iter().collect::<BTreeSet<_>>().len(), returned.len(), "{name}: {returned:?}");
        }
    }
}

#[test]
fn details_lists_and_charts_return_what_their_toml_names() {
    for (name, view) in views() {
        let Some(detail) = &view.detail else { continue };
        if let Some(query) = &detail.query {
            assert_returns(&name, query, names(&detail.columns));
        }
        for list in &detail.lists {
            assert_returns(&name, &list.query, names(&list.columns));
        }
        for chart in &detail.charts {
            let columns = returned(&text_of(&chart.query));
            assert_eq!(columns[..2], ["time", "value"], "{name}: {}", chart.query.file());
            assert!(columns.len() <= 3, "{name}: {columns:?}");
            assert!(!chart.windows.is_empty(), "{name}: {}", chart.title);
        }
    }
}

#[test]
fn every_view_has_a_title_words_for_an_empty_list_and_a_refresh() {
    for (name, view) in views() {
        assert!(!view.title.is_empty(), "{name}");
        assert!(view.hidden || !view.empty.is_empty(), "{name} says nothing when it is empty");
        assert!(view.empty.is_empty() || view.empty.ends_with('.'), "{name}: {:?}", view.empty);
        assert!(REFRESH_RANGE_MS.contains(&view.refresh_ms), "{name}");
        assert!(view.columns.iter().all(|column| !column.title.is_empty()), "{name}");
    }
}

#[test]
fn links_have_titles_and_letters_of_their_own() {
    for pack in packs() {
        for view in &pack.views {
            let letters: BTreeSet<char> = view.links.iter().map(|link| link.press).collect();
            assert_eq!(letters.len(), view.links.len(), "{}.{}", pack.system, view.id);
            for link in &view.links {
                assert!(!link.title.is_empty());
            }
        }
    }
}

#[test]
fn tabs_fit_the_number_keys_and_say_different_things() {
    for pack in packs() {
        let titles: BTreeSet<&str> = pack.tabs().map(|tab| pack.view(tab).title.as_str()).collect();
        assert_eq!(titles.len(), pack.tabs().count(), "{}", pack.system);
        let line: BTreeSet<&str> = pack.tab_line().iter().map(|tab| tab.title).collect();
        assert_eq!(line.len(), pack.tab_line().len(), "{}", pack.system);
        // The first of the ten keys is the overview's.
        assert!(line.len() <= 9, "{}: {line:?}", pack.system);
    }
}

#[test]
fn every_file_of_a_pack_is_used() {
    let mut used = BTreeSet::new();
    let mut add = |statement: &Statement| {
        used.insert(statement.file().trim_start_matches("packs/").to_owned());
    };
    for pack in packs() {
        for view in &pack.views {
            add(&view.query);
            for enrich in &view.enrich {
                if let EnrichBy::Query(query) = &enrich.by {
                    add(query);
                }
            }
            for action in &view.actions {
                [&action.preview, &action.sql].into_iter().chain(&action.undo).for_each(|statement| add(statement));
            }
            if let Some(detail) = &view.detail {
                detail.query.iter().for_each(|query| add(query));
                detail.lists.iter().for_each(|list| add(&list.query));
                detail.charts.iter().for_each(|chart| add(&chart.query));
            }
        }
        if let Some(scope) = &pack.scope {
            add(&scope.query);
        }
    }
    // A pack's own file stands in for a shared one of the same name.
    let stands_in = |file: &str| {
        let name = file.rsplit('/').next().unwrap();
        file.starts_with("shared/") && used.iter().any(|used| used.ends_with(&format!("/{name}")))
    };
    for (file, _) in files("sql").into_iter().chain(files("json")) {
        assert!(used.contains(&file) || stands_in(&file), "{file} is used by no view");
    }
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
    for (file, text) in files("sql") {
        if let Some(block) = fingerprint(&text) {
            let folder = file.split('/').next().unwrap().to_owned();
            blocks.entry(format!("{folder}\n{block}")).or_default().push(file);
        } else {
            assert!(!text.contains("AS norm"), "{file} groups errors without the comment that names the block");
        }
    }
    assert_eq!(blocks.len(), 1, "{:#?}", blocks.values().collect::<Vec<_>>());
    assert!(blocks.values().all(|files| files.len() >= 6));
    let texts = files("sql");
    let expressions: BTreeSet<&str> = texts.iter().flat_map(|(_, text)| fingerprint_expressions(text)).collect();
    assert_eq!(expressions.len(), 1, "{expressions:#?}");
}

#[test]
fn what_judges_a_version_is_the_same_in_both_files_that_do() {
    let block = |wanted: &str| {
        let (_, text) = files("sql").into_iter().find(|(file, _)| file == wanted).unwrap();
        let start = text.find("WITH node AS").expect("the block opens with the nodes");
        let standing = start + text[start..].find("\nstanding AS (").expect("the block ends with standing");
        let end = standing + text[standing..].find("\n)").expect("standing is closed");
        text[start..end].to_owned()
    };
    assert_eq!(block("cybersensei/rollout.sql"), block("cybersensei/rollout_nodes.sql"));
}

#[test]
fn every_parameter_has_a_set_line_so_that_the_file_runs_in_psql() {
    for (name, view) in views() {
        let detail = view.detail.iter();
        let of_detail = detail.flat_map(|detail| {
            let lists = detail.lists.iter().map(|list| &list.query);
            let charts = detail.charts.iter().map(|chart| &chart.query);
            detail.query.iter().chain(lists).chain(charts)
        });
        let of_enrich = view.enrich.iter().filter_map(|enrich| match &enrich.by {
            EnrichBy::Query(query) => Some(query),
            EnrichBy::View { .. } => None,
        });
        let of_actions =
            view.actions.iter().flat_map(|action| [&action.preview, &action.sql].into_iter().chain(&action.undo));
        for statement in [&view.query].into_iter().chain(of_detail).chain(of_enrich).chain(of_actions) {
            let Statement::Sql(sql) = &**statement else { continue };
            let text = text_of(statement);
            let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("\\set ")).collect();
            let set: BTreeSet<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
            let used: BTreeSet<&str> = sql.params.iter().map(|param| param.name.as_str()).collect();
            assert_eq!(set, used, "{name}: {}", sql.file);
            assert_eq!(set.len(), lines.len(), "{}: a parameter is set twice", sql.file);
            assert!(text.trim_end().ends_with(';'), "{}: psql waits for the semicolon", sql.file);
        }
    }
}

/// Words that write, wherever they stand: a WITH may hold an INSERT.
const WRITING: [&str; 16] = [
    "insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "grant", "revoke", "copy", "vacuum",
    "into", "call", "lock", "nextval",
];

/// The files of what actions write and take back, below `packs/`.
fn writing() -> BTreeSet<String> {
    let of_action = |action: &Action| -> Vec<String> {
        let statements = [&action.sql].into_iter().chain(&action.undo);
        statements.map(|statement| statement.file().trim_start_matches("packs/").to_owned()).collect()
    };
    views().iter().flat_map(|(_, view)| view.actions.iter().flat_map(of_action)).collect()
}

#[test]
fn what_an_action_writes_is_one_table_or_one_signal_and_nothing_else() {
    let files: BTreeMap<String, String> = files("sql").into_iter().collect();
    let writing = writing();
    assert!(writing.len() > 10, "{writing:?}");
    for file in writing {
        let words = words(&bare(&files[&file], false));
        let count = |word: &str| words.iter().filter(|found| *found == word).count();
        let signals = count("pg_cancel_backend") + count("pg_terminate_backend");
        assert_eq!(count("update") + signals, 1, "{file}");
        assert!(words[0] == "update" || signals == 1, "{file} begins with {}", words[0]);
        for word in WRITING.iter().filter(|word| **word != "update") {
            assert_eq!(count(word), 0, "{file} says {word}");
        }
        // The version of a row that has one is part of what is written, or the next one would not see us.
        let text = &files[&file];
        let has_version =
            text.starts_with("-- ") && (text.contains("UPDATE licenses") || text.contains("UPDATE tenants"));
        assert_eq!(has_version, text.contains("\"updatedAt\" = LOCALTIMESTAMP"), "{file}");
    }
}

#[test]
fn an_action_compares_what_its_look_returns_and_returns_what_its_undo_is_given() {
    let mut actions = 0;
    for (name, view) in views() {
        for action in &view.actions {
            actions += 1;
            let name = format!("{name}.{}", action.id);
            let looked = returned(&text_of(&action.preview));
            assert_eq!(looked[0], KEY, "{name}");
            let known = |column: &str| assert!(looked.iter().any(|it| it == column), "{name}: {column} of {looked:?}");
            action.when.iter().for_each(|(column, _)| known(column));
            action.change.iter().for_each(|(column, _)| known(column));
            if let Danger::High { column, .. } = &action.danger {
                known(column);
            }
            let params = |statement: &Statement, prefix: &str| -> Vec<String> {
                let names = statement.params().iter().filter_map(|param| param.name.strip_prefix(prefix));
                names.map(str::to_owned).collect()
            };
            let seen = params(&action.sql, SEEN);
            assert!(!seen.is_empty(), "{name}");
            for column in &seen {
                known(column);
            }
            let written = returned(&text_of(&action.sql));
            assert_eq!(written[0], KEY, "{name}");
            if let Some(success) = &action.success {
                assert!(written.contains(success), "{name}");
            }
            let pairs = |prefix: &str| -> BTreeSet<String> {
                written.iter().filter_map(|column| column.strip_prefix(prefix)).map(str::to_owned).collect()
            };
            assert_eq!(pairs(BEFORE), pairs(AFTER), "{name}");
            for column in pairs(AFTER) {
                known(&column);
            }
            let Some(undo) = &action.undo else { continue };
            for column in params(undo, BEFORE).into_iter().chain(params(undo, AFTER)) {
                assert!(pairs(AFTER).contains(&column), "{name}: its undo is given {column}");
            }
            // What was returned is compared as a whole: who undoes must not take back what others wrote since.
            assert_eq!(params(undo, AFTER).into_iter().collect::<BTreeSet<_>>(), pairs(AFTER), "{name}");
            assert_eq!(pairs(AFTER), seen.into_iter().collect(), "{name}");
        }
    }
    assert!(actions >= 12, "{actions}");
}

#[test]
fn no_query_writes() {
    let writing = writing();
    for (file, text) in files("sql").into_iter().filter(|(file, _)| !writing.contains(file)) {
        let bare = bare(&text, false);
        let words = words(&bare);
        assert!(["select", "with"].contains(&words[0].as_str()), "{file} begins with {}", words[0]);
        for word in WRITING {
            assert!(!words.iter().any(|found| found == word), "{file} says {word}");
        }
        for function in ["set_config", "pg_terminate_backend", "pg_cancel_backend", "pg_advisory_lock", "dblink"] {
            assert!(!words.iter().any(|found| found == function), "{file} calls {function}");
        }
    }
}

#[test]
fn every_name_of_a_database_that_a_query_quotes_is_in_the_schema() {
    for pack in packs() {
        let tables = pack.schema.sources.iter().flat_map(|source| &source.tables);
        let known: BTreeSet<&str> =
            tables.flat_map(|table| &table.columns).map(|column| column.name.as_str()).collect();
        assert!(!known.is_empty(), "{} has no schema", pack.system);
        for (file, text) in files("sql").into_iter().filter(|(file, _)| file.starts_with(&format!("{}/", pack.system)))
        {
            for piece in pieces(&text) {
                // Aliases are in lower case: a name with a capital is a column's, and another naming changes it.
                // "C" is a collation.
                if let Piece::Name(name) = piece
                    && name.contains(char::is_uppercase)
                    && name != "C"
                {
                    assert!(known.contains(name), "{file} reads \"{name}\", which schema.toml does not have");
                }
            }
        }
    }
}

/// Columns that hold a hash or a secret in some schema that a pack reads.
const SECRET: [&str; 4] = ["passwordhash", "password_hash", "api_key", "refreshtoken"];

#[test]
fn no_hash_and_no_secret_is_selected() {
    for (file, text) in files("sql") {
        let lower = text.to_lowercase();
        for name in SECRET {
            assert!(!lower.contains(name), "{file} names {name}");
        }
        // A star within is fine: the last SELECT says what leaves the server.
        assert!(!returned(&text).iter().any(|name| name == "*"), "{file} returns *");
    }
}

#[test]
fn a_license_key_leaves_the_server_masked() {
    for (file, text) in files("sql").into_iter().filter(|(file, _)| file.starts_with("cybersensei/")) {
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
