//! Whether rows may be written, whether those were written that should be, and what became of a write whose end nobody
//! heard.

use std::collections::{BTreeMap, BTreeSet};

use opsdash_pack::pack::{AFTER, Action, BEFORE, CHANGED_AT, CHANGED_BY, Effect, OtherwisePart};

use super::{Outcome, Refusal, TextRow, WritePlan, prompts};
use crate::text;

/// Cells of a value in a sentence.
const SHOWN: usize = 60;

fn plain(why: String) -> Vec<Refusal> {
    vec![Refusal::new(String::new(), why, None)]
}

/// Whether the action takes these rows of the view together.
///
/// # Errors
/// With what is wrong, before anybody is asked.
pub fn check_rows(action: &Action, rows: &[String]) -> Result<(), Vec<Refusal>> {
    match (action.set.is_some(), rows.is_empty()) {
        (true, false) => return Err(plain(format!("\"{}\" takes no keys: its query finds the rows", action.id))),
        (false, true) => return Err(plain(format!("\"{}\" takes the keys of the rows", action.id))),
        (true, true) | (false, false) => {}
    }
    if rows.len() > 1 && !action.many {
        return Err(plain(format!("\"{}\" takes one row at a time", action.id)));
    }
    let mut seen = BTreeSet::new();
    let twice = rows.iter().filter(|row| !seen.insert(*row));
    let twice: Vec<Refusal> = twice.map(|row| Refusal::new(row.clone(), "is given twice".into(), None)).collect();
    if twice.is_empty() { Ok(()) } else { Err(twice) }
}

/// The rows as they will be written, from what a look returned for the `rows` of the view.
///
/// # Errors
/// With every row to which the action does not apply.
pub fn prepare(
    action: &Action,
    rows: &[String],
    mut looked: Vec<TextRow>,
    asked: BTreeMap<String, String>,
) -> Result<WritePlan, Vec<Refusal>> {
    check_rows(action, rows)?;
    if action.set.is_some() {
        // The look returns one row more than may be written, to tell that there are more.
        looked.truncate(action.most);
    }
    let found: BTreeSet<&str> = looked.iter().map(TextRow::row).collect();
    let missing = rows.iter().filter(|row| !found.contains(row.as_str()));
    // Keys that come back otherwise than they were given are a mistake of the pack, which nobody would guess.
    let returned = if rows.iter().any(|row| found.contains(row.as_str())) { Vec::new() } else { first_keys(&found) };
    let returned =
        if returned.is_empty() { String::new() } else { format!("; the look returned {}", returned.join(", ")) };
    let mut refused: Vec<Refusal> = missing
        .map(|row| {
            Refusal::new(row.clone(), format!("there is no such row, or nothing of it to write{returned}"), None)
        })
        .collect();
    let mut keys = BTreeSet::new();
    for record in &looked {
        if record.key().is_empty() || !keys.insert(record.key()) {
            return Err(plain(format!("the look returned the key \"{}\" twice, or a row without one", record.key())));
        }
        refused.extend(unfit(action, record));
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    if let Some(wrong) = prompts::check_found(action, &asked, &looked).into_iter().next() {
        return Err(plain(wrong));
    }
    if looked.len() > action.most {
        return Err(plain(format!("more than {} rows; narrow what is chosen", action.most)));
    }
    Ok(WritePlan { seen: looked, asked })
}

/// Some of the keys, for a sentence.
fn first_keys(keys: &BTreeSet<&str>) -> Vec<String> {
    keys.iter().take(3).map(|key| shown(Some(key))).collect()
}

/// Why the action does not apply to a row as it is: in the pack's words; where it has none the column, its value, and who
/// left it so when.
fn unfit(action: &Action, record: &TextRow) -> Option<Refusal> {
    let refusal = |why, way_out| Refusal { key: record.key().to_owned(), why, now: Some(record.clone()), way_out };
    action.when.iter().find_map(|(column, wanted)| {
        let Some(found) = record.get(column) else {
            return Some(refusal(format!("the look returns no column \"{column}\""), None));
        };
        if wanted.iter().any(|value| value.as_deref() == found) {
            return None;
        }
        if let Some(otherwise) = action.otherwise.get(column) {
            let says = said(&otherwise.says, record);
            // Where there is something to do, who made it so does not matter.
            let by = if otherwise.way_out.is_some() { String::new() } else { by_whom(record) };
            return Some(refusal(format!("{says}{by}"), otherwise.way_out.clone()));
        }
        let name = column.replace('_', " ");
        let name = name.strip_prefix("is ").unwrap_or(&name);
        // A flag has no value that people would name.
        let what = match (found, wanted.as_slice()) {
            (Some("true"), [Some(wanted)]) if wanted == "false" => format!("is {name} already"),
            (Some("false"), [Some(wanted)]) if wanted == "true" => format!("is not {name}"),
            _ => {
                let wanted: Vec<String> = wanted.iter().map(|value| shown(value.as_deref())).collect();
                format!("{name} is {}, not {}", shown(found), wanted.join(" or "))
            }
        };
        Some(refusal(format!("{what}{}", by_whom(record)), None))
    })
}

/// A sentence of the pack about a row.
fn said(parts: &[OtherwisePart], record: &TextRow) -> String {
    let part = |part: &OtherwisePart| match part {
        OtherwisePart::Text(text) => text.clone(),
        OtherwisePart::Cell(column) => shown(record.get(column).flatten()),
    };
    parts.iter().map(part).collect()
}

/// A moment as people read it; a text that is none as it is.
fn moment(text: &str) -> String {
    let at = text.parse::<jiff::Timestamp>().ok();
    at.map_or_else(|| shown(Some(text)), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

fn by_whom(record: &TextRow) -> String {
    let by = record.get(CHANGED_BY).flatten().map(|who| format!(" by {}", shown(Some(who)))).unwrap_or_default();
    let at = record.get(CHANGED_AT).flatten().map(|when| format!(" at {}", moment(when))).unwrap_or_default();
    if by.is_empty() && at.is_empty() { String::new() } else { format!("; changed{by}{at}") }
}

fn shown(value: Option<&str>) -> String {
    let Some(value) = value else { return "empty".into() };
    let line = text::one_line(value);
    text::cut(&text::inert(&line), SHOWN, "…").into_owned()
}

/// Whether exactly the rows of a batch were written, and every function that tells so succeeded.
///
/// # Errors
/// With what is wrong, for when the rows themselves do not tell.
pub fn compare<'a>(
    keys: impl Iterator<Item = &'a str>,
    success: Option<&str>,
    written: &[TextRow],
) -> Result<(), String> {
    let wanted: BTreeSet<&str> = keys.collect();
    let found: BTreeSet<&str> = written.iter().map(TextRow::key).collect();
    if found.len() != written.len() || found != wanted {
        return Err(format!("{} of {} rows could be written", found.intersection(&wanted).count(), wanted.len()));
    }
    let Some(column) = success else { return Ok(()) };
    let failed = written.iter().find(|record| record.get(column).flatten() != Some("true"));
    failed.map_or(Ok(()), |record| Err(format!("the server did not do it for {}", record.key())))
}

/// Whether only rows of a batch of a set were written, each once.
///
/// # Errors
/// With what is wrong.
pub fn compare_some<'a>(keys: impl Iterator<Item = &'a str>, written: &[TextRow]) -> Result<(), String> {
    let wanted: BTreeSet<&str> = keys.collect();
    let found: BTreeSet<&str> = written.iter().map(TextRow::key).collect();
    if found.len() == written.len() && found.is_subset(&wanted) {
        return Ok(());
    }
    Err(format!("{} rows were written that are not among the {} of the batch", written.len(), wanted.len()))
}

/// Why rows of a set were left, from a look at what they are now. Those that are as they were seen must have been locked.
#[must_use]
pub fn left(seen: &[TextRow], now: &[TextRow]) -> Vec<Refusal> {
    let now: BTreeMap<&str, &TextRow> = now.iter().map(|record| (record.key(), record)).collect();
    let why = |record: &TextRow| match now.get(record.key()) {
        None => "is gone: somebody else was first".to_owned(),
        Some(now) => difference(record, now).unwrap_or_else(|| LOCKED.to_owned()),
    };
    let left = |record: &TextRow| {
        Refusal::new(record.key().to_owned(), why(record), now.get(record.key()).map(|now| (*now).clone()))
    };
    seen.iter().map(left).collect()
}

/// What is said of a row of a set that another session holds.
const LOCKED: &str = "is locked by another session";

/// The rows of a batch that are not as they were seen, from a look after it was rolled back; each with what it is now.
/// When all are as they were, `otherwise` is said.
#[must_use]
pub fn changes(action: &Action, seen: &[TextRow], now: &[TextRow], otherwise: &str) -> Vec<Refusal> {
    let mut found = altered(action, seen, now);
    if found.is_empty() {
        found.push(Refusal::new(String::new(), otherwise.to_owned(), None));
    }
    found
}

/// The rows that a look finds otherwise than they were seen, or gone; none when all are as they were.
#[must_use]
pub fn altered(action: &Action, seen: &[TextRow], now: &[TextRow]) -> Vec<Refusal> {
    let now: BTreeMap<&str, &TextRow> = now.iter().map(|record| (record.key(), record)).collect();
    let mut found = Vec::new();
    for record in seen {
        let key = record.key().to_owned();
        match now.get(record.key()) {
            None => found.push(Refusal::new(key, "is gone".into(), None)),
            Some(now) => {
                let changed = || Some(Refusal::new(key, difference(record, now)?, Some((*now).clone())));
                found.extend(unfit(action, now).or_else(changed));
            }
        }
    }
    found
}

fn difference(seen: &TextRow, now: &TextRow) -> Option<String> {
    let differing = seen.columns().filter_map(|(column, was)| {
        let is = now.get(column)?;
        let is_told = column != CHANGED_BY && column != CHANGED_AT;
        (is != was && is_told).then(|| format!("{column} is {}, was {}", shown(is), shown(was)))
    });
    let differing: Vec<String> = differing.collect();
    (!differing.is_empty()).then(|| format!("{}{}", differing.join(", "), by_whom(now)))
}

/// What a server says of a transaction that it was to commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// It is committed.
    Committed,
    /// It is rolled back.
    Aborted,
    /// It is still open: the server has not noticed that the link is gone, or is about to commit.
    InProgress,
    /// It does not say.
    Silent,
}

/// Whether the action still applies to every row of a batch, as a look within its transaction found them.
///
/// # Errors
/// With how many rows it no longer applies to.
pub fn recheck(action: &Action, seen: &[TextRow], now: &[TextRow]) -> Result<(), String> {
    let fits = |record: &TextRow| now.iter().any(|now| now.key() == record.key() && unfit(action, now).is_none());
    match seen.iter().filter(|record| !fits(record)).count() {
        0 => Ok(()),
        unfit => Err(format!("it does not apply to {unfit} of {} rows", seen.len())),
    }
}

/// What became of a write whose COMMIT was sent and never answered: from what the primary says of the transaction, and
/// from its rows now. Rows that are gone are as a delete leaves them. `None` when it is to be asked again.
#[must_use]
pub fn resolve(effect: &Effect, written: &[TextRow], commit: Commit, now: &[TextRow]) -> Option<Outcome> {
    let now: BTreeMap<&str, &TextRow> = now.iter().map(|record| (record.key(), record)).collect();
    let are = |prefix: &str| {
        // A column that no write changes proves nothing.
        let mut proven = false;
        let all = written.iter().all(|record| {
            let changed: Vec<(&str, Option<&str>)> =
                record.prefixed(prefix).filter(|(column, _)| is_changed(record, column)).collect();
            let Some(now) = now.get(record.key()) else { return false };
            let compared: Vec<bool> =
                changed.iter().filter_map(|(column, text)| Some(now.get(column)? == *text)).collect();
            proven |= !compared.is_empty();
            !compared.is_empty() && compared.iter().all(|same| *same)
        });
        all && proven
    };
    let is_gone = || !written.is_empty() && written.iter().all(|record| !now.contains_key(record.key()));
    let is_after = if effect.deletes() { is_gone() } else { are(AFTER) };
    let is_before = are(BEFORE);
    let unknown = |why: &str| Some(Outcome::Unknown { why: why.to_owned(), rows: written.to_vec() });
    let lost = || {
        let what = "the link was lost before the transaction was committed; the rows are as they were";
        Some(Outcome::Failed(crate::contract::Failure::new(crate::contract::FailureKind::Unreachable, what)))
    };
    match commit {
        Commit::Committed if is_before => {
            unknown("the transaction was committed, and the rows are as they were before it")
        }
        Commit::Committed => Some(Outcome::Done(written.to_vec())),
        Commit::Aborted if is_after => {
            unknown("the transaction was rolled back, and the rows are as it would have left them")
        }
        Commit::Aborted => lost(),
        Commit::InProgress => None,
        Commit::Silent if is_after => Some(Outcome::Done(written.to_vec())),
        Commit::Silent if is_before => lost(),
        Commit::Silent => unknown("the link was lost at the commit, and the rows do not tell whether it came through"),
    }
}

fn is_changed(record: &TextRow, column: &str) -> bool {
    record.get(&format!("{BEFORE}{column}")) != record.get(&format!("{AFTER}{column}"))
}
