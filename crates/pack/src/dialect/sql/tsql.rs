//! Which T-SQL a view may have: one statement that reads.
//!
//! SQL Server has no read-only transaction, and its statements need no semicolon between them. So the words decide: none
//! that writes, runs or controls may stand where a keyword can, and nothing but the query itself may begin one.

use super::{
    super::StatementError,
    scanner::{Previous, Scanner, Word},
};

/// Words that begin another statement, or make a query write. All of them are keywords of T-SQL, or begin a statement of
/// Service Broker.
const REFUSED: [&str; 62] = [
    "alter",
    "backup",
    "begin",
    "break",
    "bulk",
    "checkpoint",
    "close",
    "commit",
    "continue",
    "conversation",
    "create",
    "cursor",
    "dbcc",
    "deallocate",
    "declare",
    "delete",
    "deny",
    "drop",
    "dump",
    "exec",
    "execute",
    "goto",
    "grant",
    "if",
    "insert",
    "into",
    "kill",
    "lineno",
    "load",
    "merge",
    "open",
    "opendatasource",
    "openquery",
    "openrowset",
    "output",
    "print",
    "raiserror",
    "readtext",
    "receive",
    "reconfigure",
    "restore",
    "return",
    "revert",
    "revoke",
    "rollback",
    "save",
    "set",
    "setuser",
    "shutdown",
    "throw",
    "tran",
    "transaction",
    "trigger",
    "truncate",
    "update",
    "updatetext",
    "use",
    "waitfor",
    "while",
    "writetext",
    "proc",
    "procedure",
];

/// Hints that lock what is only read.
const LOCKS: [&str; 7] = ["holdlock", "repeatableread", "serializable", "tablock", "tablockx", "updlock", "xlock"];

/// Words after which a query goes on with another SELECT.
const JOINING: [&str; 4] = ["union", "all", "except", "intersect"];

/// Checks a statement that was scanned.
pub(super) fn check_read(scanner: &Scanner<'_>) -> Result<(), StatementError> {
    let word_of = |word: &Word| scanner.text()[word.range.clone()].to_ascii_lowercase();
    let words: Vec<String> = scanner.words.iter().map(word_of).collect();
    let first = scanner.words.first().zip(words.first()).filter(|(word, _)| word.previous == Previous::Nothing);
    match first {
        Some((_, text)) if matches!(text.as_str(), "select" | "with") => {}
        Some((word, text)) => {
            let what = format!("a statement that begins with \"{text}\"");
            return fail(word, what, "a view only reads: begin with SELECT or WITH");
        }
        None => {
            let remedy = "a view only reads: begin with SELECT or WITH".into();
            return Err(StatementError { offset: 0, what: "no statement that reads".into(), remedy });
        }
    }
    // A query has one SELECT outside all brackets that continues no other.
    let mut main = 0;
    for (word, text) in scanner.words.iter().zip(&words) {
        if word.previous == Previous::Other(b'.') {
            continue;
        }
        if REFUSED.contains(&text.as_str()) {
            let remedy = format!("a view only reads; a column or table of that name stands in brackets: [{text}]");
            return fail(word, format!("\"{text}\" in a query"), remedy);
        }
        if LOCKS.contains(&text.as_str()) {
            return fail(word, format!("the hint {text} in a query"), "remove it: a view holds up nobody");
        }
        let before = match word.previous {
            Previous::Word(at) => words.get(at).map_or("", String::as_str),
            _ => "",
        };
        if text == "value" && before == "next" {
            return fail(word, "NEXT VALUE FOR takes a number from a sequence", "remove it: a view only reads");
        }
        if text != "select" || JOINING.contains(&before) {
            continue;
        }
        if word.depth == 0 {
            main += 1;
            if main > 1 {
                return fail(word, "a second statement", "keep one statement in a file");
            }
        } else if word.previous != Previous::Other(b'(') {
            return fail(word, "a SELECT that begins in the middle", "put it in brackets of its own");
        }
    }
    Ok(())
}

fn fail(word: &Word, what: impl Into<String>, remedy: impl Into<String>) -> Result<(), StatementError> {
    Err(StatementError { offset: word.range.start, what: what.into(), remedy: remedy.into() })
}
