//! Wraps a pack's statement so that the server counts, ranks and limits its rows.
//!
//! The statement becomes a subquery. This is also a guard: anything but one query (UPDATE, SET, COMMIT, a second
//! statement) is a syntax error there.

use opsdash_core::contract::{Failure, FailureKind, ResultShape, Ticket, Within};

/// How many columns the wrapper of a list puts before the statement's own: four counts, a rank and a place.
pub const LIST_LEAD: usize = 6;

/// How many columns the wrapper of plain rows puts before the statement's own: a place.
pub const ROWS_LEAD: usize = 1;

/// The alias of the pack's statement. It is unlike any name in a pack, so that it can be found in server messages.
pub const ALIAS: &str = "opsdash_asked";

/// The comment at the start of a statement, by which a cancel finds the statement in `pg_stat_activity`.
pub fn mark(ticket: Ticket) -> String {
    format!("/* opsdash:{} */", ticket.0)
}

/// The statement to send. Its result has at least one row, so that the columns and the counts arrive even when the
/// pack's statement returns nothing. In that row the place is NULL. The place is the row's number in the statement's
/// own order.
pub fn wrapped(text: &str, shape: &ResultShape, ticket: Ticket) -> String {
    let mark = mark(ticket);
    match shape {
        ResultShape::List { limit, troubled, .. } => list_sql(&mark, text, *limit, *troubled),
        ResultShape::Rows { limit } => rows_sql(&mark, text, u64::from(*limit) + 1),
    }
}

// The line break after the pack's text ends a comment in its last line.
fn list_sql(mark: &str, text: &str, limit: u32, troubled: bool) -> String {
    let filter = if troubled { "WHERE opsdash_rank < 3" } else { "" };
    format!(
        "{mark} WITH opsdash_ranked AS (
SELECT CASE {ALIAS}.severity::text WHEN 'crit' THEN 0 WHEN 'warn' THEN 2 WHEN 'ok' THEN 3 ELSE 1 END AS opsdash_rank,
  row_number() OVER () AS opsdash_place, {ALIAS}.*
FROM (
{text}
) AS {ALIAS}
), opsdash_counted AS (
SELECT count(*) FILTER (WHERE opsdash_rank = 0) AS crit, count(*) FILTER (WHERE opsdash_rank = 1) AS unknown,
  count(*) FILTER (WHERE opsdash_rank = 2) AS warn, count(*) FILTER (WHERE opsdash_rank = 3) AS ok
FROM opsdash_ranked
)
SELECT opsdash_counted.*, opsdash_shown.*
FROM opsdash_counted
LEFT JOIN (
  SELECT * FROM opsdash_ranked {filter} ORDER BY opsdash_rank, opsdash_place LIMIT {limit}
) AS opsdash_shown ON true
ORDER BY opsdash_shown.opsdash_rank, opsdash_shown.opsdash_place"
    )
}

fn rows_sql(mark: &str, text: &str, limit: u64) -> String {
    format!(
        "{mark} SELECT opsdash_shown.*
FROM (SELECT 1) AS opsdash_one
LEFT JOIN (
SELECT row_number() OVER () AS opsdash_place, {ALIAS}.*
FROM (
{text}
) AS {ALIAS}
LIMIT {limit}
) AS opsdash_shown ON true
ORDER BY opsdash_shown.opsdash_place"
    )
}

/// A text as an SQL literal, for statements of the simple protocol, which have no parameters. The `E` form does not
/// depend on `standard_conforming_strings`. `None` for text with a NUL character, which no PostgreSQL text can hold.
pub fn quoted(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''")))
}

/// The same, for a text that has to be sent.
///
/// # Errors
/// A text with a NUL character.
pub fn literal(text: &str) -> Result<String, Failure> {
    quoted(text).ok_or_else(|| Failure::new(FailureKind::Other, "a value holds a NUL character"))
}

/// The statement that sets the scope until the end of the transaction; empty without a scope.
///
/// # Errors
/// A scope with a NUL character.
pub fn set_scope(within: &Within) -> Result<String, Failure> {
    match &within.scope {
        Some(scope) => {
            let (name, value) = (literal(&scope.name)?, literal(&scope.value)?);
            Ok(format!("SELECT pg_catalog.set_config({name}, {value}, true); "))
        }
        None => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_literal() {
        assert_eq!(quoted(r"a'b\c").unwrap(), r"E'a''b\\c'");
        assert_eq!(quoted("a\0b"), None);
    }

    #[test]
    fn a_comment_in_the_last_line_ends_before_the_wrapper() {
        let sql = wrapped("SELECT 1 AS a -- one", &ResultShape::Rows { limit: 2 }, Ticket(7));
        assert!(sql.starts_with("/* opsdash:7 */ SELECT"));
        assert!(sql.contains("-- one\n) AS"));
        assert!(sql.contains("LIMIT 3"));
    }
}
