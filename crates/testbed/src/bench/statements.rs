//! The statements that the program sends, as its server has logged them.

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use opsdash_pack::{
    dialect::Sql,
    pack::{Statement, View},
};
use serde_json::Value;

use super::database::Database;
use crate::pty::{Program, Terminal, keys};

/// How long the program may take to ask all that a view asks.
const PATIENCE: Duration = Duration::from_secs(20);
/// Of a tab that is not looked at, the program asks for the troubled rows alone.
const TROUBLED_ALONE: &str = "WHERE opsdash_rank < 3";
/// What stands in place of counts where the program asks for the first rows alone.
const UNCOUNTED: &str = "SELECT NULL::bigint AS n0";
/// What follows the name of a view where its counts are asked for apart.
pub(super) const COUNTS: &str = " counts";

/// One statement as it was sent.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The pack's file without its ending: `errors.trend`.
    pub(super) name: String,
    /// What opened its transaction, settings and all.
    pub(super) opening: String,
    /// With `$1`, `$2` .. for what was bound.
    pub(super) text: String,
    /// What was bound, as literals apart by commas; empty for nothing.
    pub(super) values: String,
    /// Their types, apart by commas.
    pub(super) types: String,
}

/// Opens a view in the program, and its first row's detail, and returns what that has asked of PostgreSQL. `choices` are
/// handed to `--set`. What is asked of rows is missing where there is none.
pub(super) fn of_view(program: &Path, database: &Database, view: &View, choices: &[&str]) -> Result<Vec<Asked>> {
    let wanted: Vec<&Sql> = view.statements().filter_map(|statement| sql(statement)).collect();
    let config = database.config(&database.main_url(), &database.files_url(), "")?;
    let mut command = Program::new(program).arg("--config").arg(config).args(["--view", &view.id]);
    for choice in choices {
        command = command.args(["--set", choice]);
    }
    let log = database.log_file();
    let begin = std::fs::metadata(&log).map_or(0, |file| file.len());
    let mut screen = Terminal::start(&command, 160, 45)?;
    if has_rows(&screen, view)? {
        if view.detail.is_some() {
            screen.press(keys::ENTER)?;
        }
        wait(&log, begin, &wanted)?;
    } else {
        wait(&log, begin, &wanted[..wanted.len().min(1)])?;
    }
    screen.press("q")?;
    screen.wait_for_exit()?;
    let asked = read(&log, begin)?;
    Ok(wanted.iter().filter_map(|sql| of_file(&asked, sql)).flatten().collect())
}

fn sql(statement: &Statement) -> Option<&Sql> {
    match statement {
        Statement::Sql(sql) => Some(sql),
        Statement::Mongo(_) => None,
    }
}

/// Waits until the list has a row with the cursor and is counted, or says that it has none.
fn has_rows(screen: &Terminal, view: &View) -> Result<bool> {
    let has_cursor = |text: &str| text.lines().any(|line| line.trim_start().starts_with('▌'));
    let is_empty = |text: &str| !view.empty.is_empty() && text.contains(&view.empty);
    screen.wait_until(&format!("{} is loaded", view.id), |screen| {
        let text = screen.contents();
        has_cursor(&text) && !text.contains("+ rows") || is_empty(&text)
    })?;
    Ok(has_cursor(&screen.text()))
}

/// Waits until all of these were asked.
fn wait(log: &Path, begin: u64, wanted: &[&Sql]) -> Result<()> {
    let start = Instant::now();
    loop {
        let asked = read(log, begin)?;
        let missing = wanted.iter().find(|sql| of_file(&asked, sql).is_none());
        let Some(missing) = missing else { return Ok(()) };
        anyhow::ensure!(start.elapsed() < PATIENCE, "{} was not asked within {PATIENCE:?}", missing.file);
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The last time that this was asked. Where rows and counts are asked for apart: the first rows, and the counts where
/// there are more. `None` when it was not asked yet.
fn of_file(asked: &[Logged], sql: &Sql) -> Option<Vec<Asked>> {
    let mut of_file = asked.iter().filter(|asked| asked.text.contains(&sql.text));
    let first = of_file.clone().find(|asked| asked.text.contains(UNCOUNTED));
    let counted = of_file.rfind(|asked| !asked.text.contains(UNCOUNTED));
    match (first, counted) {
        (None, counted) => Some(vec![as_asked(counted?, sql, "")]),
        (Some(first), counted) => {
            let counts = counted.map(|counted| as_asked(counted, sql, COUNTS));
            Some(std::iter::once(as_asked(first, sql, "")).chain(counts).collect())
        }
    }
}

fn as_asked(found: &Logged, sql: &Sql, what: &str) -> Asked {
    let file = sql.file.rsplit('/').next().unwrap_or(&sql.file);
    let types: Vec<&str> = sql.params.iter().map(|param| if param.is_list { "text[]" } else { "text" }).collect();
    Asked {
        name: format!("{}{what}", file.trim_end_matches(".sql")),
        opening: found.opening.clone(),
        text: found.text.clone(),
        values: found.values.clone(),
        types: types.join(", "),
    }
}

/// What the log tells of one statement.
#[derive(Debug)]
struct Logged {
    opening: String,
    text: String,
    values: String,
}

/// The log from here on. A last line that is still being written is left out.
fn read(log: &Path, begin: u64) -> Result<Vec<Logged>> {
    let text = match std::fs::read_to_string(log) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", log.display())),
    };
    let mut openings: HashMap<u64, String> = HashMap::new();
    let mut asked = Vec::new();
    for line in text.get(usize::try_from(begin)?..).unwrap_or_default().lines() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else { continue };
        let (Some(message), Some(pid)) = (entry["message"].as_str(), entry["pid"].as_u64()) else { continue };
        if let Some(opening) = message.strip_prefix("statement: ").filter(|text| text.starts_with("BEGIN")) {
            openings.insert(pid, opening.to_owned());
        }
        let sent = message.strip_prefix("execute <unnamed>: ");
        if let Some(text) = sent.filter(|text| text.starts_with("/* opsdash:") && !text.contains(TROUBLED_ALONE)) {
            let opening = openings.get(&pid).cloned().unwrap_or_default();
            let values = entry["detail"].as_str().map(literals).unwrap_or_default();
            asked.push(Logged { opening, text: text.to_owned(), values });
        }
    }
    Ok(asked)
}

/// `parameters: $1 = 'a', $2 = NULL` without the names: the server writes the values as literals.
fn literals(detail: &str) -> String {
    let mut rest = detail.split_once(": ").map_or("", |(_, values)| values);
    let mut values = Vec::new();
    while let Some((_, value)) = rest.split_once(" = ") {
        let length = literal_length(value);
        values.push(&value[..length]);
        rest = &value[length..];
    }
    values.join(", ")
}

/// Bytes of the literal that a text begins with: NULL, or a text in quotes that doubles those within.
fn literal_length(text: &str) -> usize {
    let Some(quoted) = text.strip_prefix('\'') else { return text.find(',').unwrap_or(text.len()) };
    let mut at = 0;
    while let Some(quote) = quoted[at..].find('\'') {
        at += quote + 1;
        if !quoted[at..].starts_with('\'') {
            return at + 1;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_bound_is_read_whatever_it_holds() {
        let detail = "parameters: $1 = 'it''s, $2 = ''x''', $2 = NULL, $3 = '{a,\"b c\"}', $4 = ''";
        assert_eq!(literals(detail), "'it''s, $2 = ''x''', NULL, '{a,\"b c\"}', ''");
        assert_eq!(literals("parameters: $1 = NULL"), "NULL");
    }
}
