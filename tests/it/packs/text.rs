//! The files of packs, and SQL as far as tests have to read it.

use std::{collections::BTreeSet, fs, path::Path};

use opsdash_pack::pack::Statement;

/// Every file of `packs/` with this ending: its path below it, and its text.
pub fn files(ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("packs");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What tests load is no query of the pack.
                folders.extend(Some(path).filter(|path| !path.ends_with("tests")));
            } else if path.extension().is_some_and(|found| found == ending) {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The text of a statement with its fragments written out.
pub fn text_of(statement: &Statement) -> String {
    if let Statement::Sql(sql) = statement {
        return sql.for_psql();
    }
    let (_, name) = statement.file().split_once("packs/").unwrap();
    let found = files("json").into_iter().find(|(file, _)| file == name);
    found.unwrap_or_else(|| panic!("{name} is not there")).1
}

/// Every SQL statement in a file of our packs, its fragments written out, by its file below `packs/`.
pub fn statements() -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for pack in super::packs() {
        let is_file = |statement: &&Statement| matches!(statement, Statement::Sql(_)) && !statement.is_made();
        for statement in pack.statements().filter(is_file) {
            let file = statement.file().trim_start_matches("packs/").to_owned();
            if found.iter().all(|(known, _)| *known != file) {
                found.push((file, text_of(statement)));
            }
        }
    }
    found
}

/// A piece of SQL as far as this test tells them apart.
pub enum Piece<'t> {
    /// A comment.
    Aside,
    /// A quoted text.
    Quoted,
    /// A name in quotes, without them.
    Name(&'t str),
    Other(char),
}

pub fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let line = rest.find('\n').unwrap_or(rest.len());
        let (taken, piece) = match c {
            '-' if rest.starts_with("--") => (line, Piece::Aside),
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
pub fn bare(sql: &str, quoted: bool) -> String {
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
pub fn words(bare: &str) -> Vec<String> {
    let words = bare.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The names that a statement's last SELECT or its RETURNING returns, in order.
pub fn returned(sql: &str) -> Vec<String> {
    let name = |item: &String| {
        let word = item.split_whitespace().last().unwrap_or_default();
        word.rsplit('.').next().unwrap_or(word).to_owned()
    };
    expressions(sql).iter().map(name).collect()
}

/// The column of a table that a statement returns under this name.
pub fn column_of(sql: &str, name: &str) -> Option<String> {
    let found = expressions(sql).into_iter().find(|item| item.ends_with(&format!(" AS {name}")))?;
    let (column, _) = found.trim().split_once([':', ' '])?;
    column.rsplit('.').next().map(str::to_owned)
}

/// What a statement's last SELECT or its RETURNING returns, in order. It relies on the house's layout: they begin a line,
/// and so does the FROM of the SELECT.
fn expressions(sql: &str) -> Vec<String> {
    let text = unbracketed(&format!("\n{}", bare(sql, true)));
    let written = text.rfind("\nRETURNING").map(|at| at + "\nRETURNING".len());
    let selected = || text.rfind("\nSELECT").map(|at| at + "\nSELECT".len());
    let start = written.or_else(selected).unwrap_or_else(|| panic!("no SELECT begins a line:\n{sql}"));
    let list = text[start..].trim_end().trim_end_matches(';');
    items(&list[..list.find("\nFROM").unwrap_or(list.len())])
}

/// Without the brackets in which T-SQL writes the name of a column that is a word of its own.
fn unbracketed(text: &str) -> String {
    let mut parts = text.split(" AS [");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + " AS " + &part.replacen(']', "", 1))
}

/// What commas part, what stands in brackets left out.
fn items(list: &str) -> Vec<String> {
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
    items
}

/// The table that a statement updates, and the columns that it sets; None of one that updates nothing.
pub fn updated(sql: &str) -> Option<(String, BTreeSet<String>)> {
    let text = bare(sql, true);
    let (table, rest) = text.split_once("UPDATE ")?.1.split_once(char::is_whitespace)?;
    let set = rest.split_once("\nSET")?.1.split("\nFROM").next()?;
    let column = |item: &String| item.trim().split(' ').next().unwrap_or_default().to_owned();
    Some((table.to_owned(), items(set).iter().map(column).collect()))
}

#[test]
fn the_reader_of_this_test_understands_sql() {
    let sql = "WITH a AS (\n    SELECT 1 AS no\n)\nSELECT\n    t.id,\n    count(*) FILTER (WHERE b, c) AS n, -- AS not\n    \
               CASE WHEN 'AS a, b' THEN ARRAY[1, 2] END AS \"Odd\",\n    t.\"plain\",\n    1::text AS last\nFROM t;";
    assert_eq!(returned(sql), ["id", "n", "Odd", "plain", "last"]);
    assert_eq!(column_of(sql, "other"), None);
    assert_eq!(returned("SELECT TOP (5)\n    a.[b] AS [key],\n    max(c, d) AS e\nFROM f;"), ["key", "e"]);
    let sql =
        "UPDATE a AS t\nSET\n    x = max(1, 2),\n    \"y\" = NULL\nFROM b\nRETURNING\n    t.\"y\"::text AS after_z;";
    assert_eq!(updated(sql), Some(("a".to_owned(), ["x", "y"].map(str::to_owned).into())));
    assert_eq!(column_of(sql, "after_z").as_deref(), Some("y"));
    assert_eq!(words(&bare("SELECT 'delete' -- update\n, \"insert\" FROM x", false)), ["select", "from", "x"]);
}
