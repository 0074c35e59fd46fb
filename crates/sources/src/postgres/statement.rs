//! The SQL that is sent: a pack's statement, wrapped so that the server counts, ranks and bounds its rows.
//!
//! Being a subquery is also a guard: anything but a query (UPDATE, SET, COMMIT, a second statement) is a syntax error.

use opsdash_core::contract::{ResultShape, Ticket};

/// Columns of ours before the statement's own in the result of a list: four counts, a rank and a place.
pub const LIST_LEAD: usize = 6;

/// Columns of ours before the statement's own in the result of plain rows: a place.
pub const ROWS_LEAD: usize = 1;

/// Alias of the pack's statement, to be told from the pack's own names in the server's messages.
pub const ALIAS: &str = "opsdash_asked";

/// What a statement begins with, to be recognized in `pg_stat_activity` when it is canceled.
pub fn mark(ticket: Ticket) -> String {
    format!("/* opsdash:{} */", ticket.0)
}

/// The statement to send. Its result has at least one row, so that its columns are known and counts arrive even when
/// no row does; in that row the place is NULL.
pub fn wrapped(text: &str, shape: &ResultShape, ticket: Ticket) -> String {
    let mark = mark(ticket);
    match shape {
        ResultShape::List { limit, troubled, .. } => list(&mark, text, *limit, *troubled),
        ResultShape::Rows { limit } => rows(&mark, text, u64::from(*limit) + 1),
    }
}

// The line break after the statement ends a comment in its last line.
fn list(mark: &str, text: &str, limit: u32, troubled: bool) -> String {
    let only = if troubled { "WHERE opsdash_rank < 3" } else { "" };
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
  SELECT * FROM opsdash_ranked {only} ORDER BY opsdash_rank, opsdash_place LIMIT {limit}
) AS opsdash_shown ON true
ORDER BY opsdash_shown.opsdash_rank, opsdash_shown.opsdash_place"
    )
}

fn rows(mark: &str, text: &str, at_most: u64) -> String {
    format!(
        "{mark} SELECT opsdash_shown.*
FROM (SELECT 1) AS opsdash_one
LEFT JOIN (
SELECT row_number() OVER () AS opsdash_place, {ALIAS}.*
FROM (
{text}
) AS {ALIAS}
LIMIT {at_most}
) AS opsdash_shown ON true
ORDER BY opsdash_shown.opsdash_place"
    )
}

/// A text as a literal, for the one statement that goes by the simple protocol. The `E` form reads the same whatever
/// `standard_conforming_strings` says. `None` for text with a NUL, which no PostgreSQL text can hold.
pub fn quoted(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_cannot_be_left() {
        assert_eq!(quoted(r"a'b\c").unwrap(), r"E'a''b\\c'");
        assert_eq!(quoted("a\0b"), None);
    }

    #[test]
    fn a_comment_in_the_last_line_ends_before_our_words() {
        let sql = wrapped("SELECT 1 AS a -- one", &ResultShape::Rows { limit: 2 }, Ticket(7));
        assert!(sql.starts_with("/* opsdash:7 */ SELECT"));
        assert!(sql.contains("-- one\n) AS"));
        assert!(sql.contains("LIMIT 3"));
    }
}
