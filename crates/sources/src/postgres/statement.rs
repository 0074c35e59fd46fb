//! Wraps a pack's statement so that the server counts, ranks and limits its rows.
//!
//! The statement becomes a subquery. This is also a guard: anything but one query (UPDATE, SET, COMMIT, a second
//! statement) is a syntax error there.

use opsdash_core::{
    contract::{Failure, FailureKind, ResultShape, ScopeSetting, Ticket, Within},
    value::Severity,
};
use opsdash_pack::pack::{SCOPE_ID, Statement};

use crate::text;

/// How many columns the wrapper of a list puts before the statement's own: five counts, the counted reasons, the reasons
/// of the row as one text, a rank and a place.
pub const LIST_LEAD: usize = 9;

/// Where the counted reasons are among them: NULL, or a JSON list of rank, reasons as one text, and number of rows.
pub const COUNTED_REASONS: usize = 5;

/// Where the reasons of the row are among them.
pub const REASON: usize = 6;

/// The severities in the order of the ranks and of the counts.
pub const RANKS: [Severity; 5] = Severity::WORST_FIRST;

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
///
/// A row of more than `most` bytes is an error that [`is_large_row`] knows, so that it never leaves the server. Only under
/// `gate`, a condition of [`listed`], there is a row at all.
pub fn wrapped(text: &str, shape: &ResultShape, ticket: Ticket, most: Option<usize>, gate: Option<&str>) -> String {
    let mark = mark(ticket);
    let mut only = most.map_or_else(|| "true".to_owned(), fits);
    if let Some(gate) = gate {
        only = format!("{only}\nWHERE {gate}");
    }
    match shape {
        ResultShape::List { limit, troubled, reasons, .. } => list_sql(&mark, text, &only, *limit, *troubled, *reasons),
        ResultShape::Uncounted { limit, reasons, .. } => {
            uncounted_sql(&mark, text, &only, u64::from(*limit) + 1, *reasons)
        }
        ResultShape::Rows { limit } => rows_sql(&mark, text, &only, u64::from(*limit) + 1),
    }
}

/// The condition that a scope is among those that its own query lists; `None` where nobody says what lists it.
///
/// Rows of a scope that is gone are not rows that are not there: a client that was deleted has none either. Both are seen by
/// one statement, so at one moment. An id is listed as the driver would read it, or as text where that differs.
///
/// # Errors
/// A scope with a NUL character.
pub fn listed(within: &Within) -> Result<Option<String>, Failure> {
    let Some(ScopeSetting { value, listed: Some(query), .. }) = &within.scope else { return Ok(None) };
    let Statement::Sql(sql) = &**query else { return Ok(None) };
    let (text, value) = (&sql.text, literal(value)?);
    let id = format!("opsdash_scopes.\"{SCOPE_ID}\"");
    Ok(Some(format!(
        "EXISTS (SELECT FROM (\n{text}\n) AS opsdash_scopes WHERE {id}::text = {value} OR format('%s', {id}) = {value})"
    )))
}

/// Asks a statement for its columns: one row, in which all is NULL. Nothing of it is carried out.
pub fn of_its_columns(sql: &str) -> String {
    format!(
        "SELECT opsdash_described.*
FROM (SELECT 1) AS opsdash_one
LEFT JOIN (
SELECT * FROM (
{sql}
) AS opsdash_inner LIMIT 0
) AS opsdash_described ON true"
    )
}

/// What the error about a row that is too large speaks of.
const LARGE_ROW: &str = "opsdash_large_row";

/// The most that a compressed value can be larger than it looks: lz4 packs 255 equal bytes into one.
const COMPRESSION: usize = 256;

/// The condition for a row of the wrapped statement to be sent. There is no way to leave out a value of a column whose type
/// is not known yet, and asking for the types of each statement costs a round trip; so this is a cast that fails.
///
/// How large a row is when it is sent only its text tells, which costs 5 µs a row. `pg_column_size`, which tells of values
/// how large they are when they are compressed, costs a tenth of that and spares most rows the text.
fn fits(most: usize) -> String {
    let surely = most / COMPRESSION;
    format!(
        "CASE WHEN pg_column_size(opsdash_shown) <= {surely} THEN true
  WHEN octet_length(opsdash_shown::text) > {most} THEN ('{LARGE_ROW}' || opsdash_shown.opsdash_place)::int > 0
  ELSE true END"
    )
}

/// Whether the server refused to send a row because it is too large.
pub fn is_large_row(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.code().is_some_and(|code| code == "22P02") && error.message().contains(LARGE_ROW))
}

fn list_sql(mark: &str, text: &str, only: &str, limit: u32, troubled: bool, reasons: bool) -> String {
    let filter = if troubled { "WHERE opsdash_rank < 3" } else { "" };
    let ranked = if reasons { ranked_with_reasons(text) } else { ranked("NULL::text", text) };
    let counted = if reasons { COUNTED_WITH_REASONS } else { COUNTED };
    format!(
        "{mark} WITH opsdash_ranked AS (
{ranked}
), {counted}
SELECT opsdash_counted.*, opsdash_shown.*
FROM opsdash_counted
LEFT JOIN (
  SELECT * FROM opsdash_ranked {filter} ORDER BY opsdash_rank, opsdash_place LIMIT {limit}
) AS opsdash_shown ON {only}
ORDER BY opsdash_shown.opsdash_rank, opsdash_shown.opsdash_place"
    )
}

/// The columns of [`list_sql`], with NULL for what is not counted. One row more than the limit tells whether there are
/// more.
fn uncounted_sql(mark: &str, text: &str, only: &str, limit: u64, reasons: bool) -> String {
    let ranked = if reasons { ranked_with_reasons(text) } else { ranked("NULL::text", text) };
    format!(
        "{mark} SELECT NULL::bigint AS n0, NULL::bigint AS n1, NULL::bigint AS n2, NULL::bigint AS n3, NULL::bigint AS n4,
  NULL::text AS opsdash_reasons, opsdash_shown.*
FROM (SELECT 1) AS opsdash_one
LEFT JOIN (
{ranked}
LIMIT {limit}
) AS opsdash_shown ON {only}
ORDER BY opsdash_shown.opsdash_place"
    )
}

// The line break after the pack's text ends a comment in its last line.
fn ranked(reason: &str, text: &str) -> String {
    format!(
        "SELECT {reason} AS opsdash_reason, CASE {ALIAS}.severity::text WHEN 'crit' THEN 0 WHEN 'warn' THEN 2
  WHEN 'ok' THEN 3 WHEN 'off' THEN 4 ELSE 1 END AS opsdash_rank, row_number() OVER () AS opsdash_place, {ALIAS}.*
FROM (
{text}
) AS {ALIAS}"
    )
}

/// Where the pack's statement has no column `reason`, the name means the one that stands before it, which is NULL. Views
/// that only say in their own words what the program finds have no such column.
fn ranked_with_reasons(text: &str) -> String {
    format!(
        "SELECT opsdash_judged.*
FROM (SELECT NULL::text AS reason) AS opsdash_default CROSS JOIN LATERAL (
{}
) AS opsdash_judged",
        ranked("reason::text", text)
    )
}

const COUNTED: &str = "opsdash_counted AS (
SELECT count(*) FILTER (WHERE opsdash_rank = 0) AS n0, count(*) FILTER (WHERE opsdash_rank = 1) AS n1,
  count(*) FILTER (WHERE opsdash_rank = 2) AS n2, count(*) FILTER (WHERE opsdash_rank = 3) AS n3,
  count(*) FILTER (WHERE opsdash_rank = 4) AS n4, NULL::text AS opsdash_reasons
FROM opsdash_ranked
)";

// Rows by the hundred thousand have a handful of reasons; a query with more than 200 returns something else.
const COUNTED_WITH_REASONS: &str = "opsdash_groups AS (
SELECT opsdash_rank, opsdash_reason, count(*) AS n FROM opsdash_ranked GROUP BY opsdash_rank, opsdash_reason
), opsdash_counted AS (
SELECT coalesce(sum(n) FILTER (WHERE opsdash_rank = 0), 0)::bigint AS n0,
  coalesce(sum(n) FILTER (WHERE opsdash_rank = 1), 0)::bigint AS n1,
  coalesce(sum(n) FILTER (WHERE opsdash_rank = 2), 0)::bigint AS n2,
  coalesce(sum(n) FILTER (WHERE opsdash_rank = 3), 0)::bigint AS n3,
  coalesce(sum(n) FILTER (WHERE opsdash_rank = 4), 0)::bigint AS n4, (
    SELECT json_agg(json_build_array(opsdash_rank, left(opsdash_reason, 256), n))::text
    FROM (
      SELECT * FROM opsdash_groups WHERE opsdash_reason IS NOT NULL ORDER BY n DESC, opsdash_reason LIMIT 200
    ) AS opsdash_frequent
  ) AS opsdash_reasons
FROM opsdash_groups
)";

/// The ids in a column `reason` as text: one id, or an array as PostgreSQL writes it. NULLs in it are none.
pub fn ids(text: &str) -> impl Iterator<Item = &str> {
    let array = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let (list, is_array) = (array.unwrap_or(text), array.is_some());
    let parts =
        list.split(move |c| is_array && c == ',').map(move |id| if is_array { id.trim_matches('"') } else { id });
    parts.filter(move |id| !(is_array && *id == "NULL"))
}

fn rows_sql(mark: &str, text: &str, only: &str, limit: u64) -> String {
    format!(
        "{mark} SELECT opsdash_shown.*
FROM (SELECT 1) AS opsdash_one
LEFT JOIN (
SELECT row_number() OVER () AS opsdash_place, {ALIAS}.*
FROM (
{text}
) AS {ALIAS}
LIMIT {limit}
) AS opsdash_shown ON {only}
ORDER BY opsdash_shown.opsdash_place"
    )
}

/// A column of the pack's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnedColumn {
    /// Its name.
    pub name: String,
    /// How it is asked for.
    pub form: Form,
}

/// How the server is asked for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Own,
    /// As text, because its type has no decoder here.
    Text,
    /// As text of at most so many bytes.
    Cut(usize),
    /// As a JSON document, or where it has more bytes than this, as a JSON string that is the beginning of it. The name is
    /// that of the type, for one function makes each of the two.
    CutJson(&'static str, usize),
    /// Only how large it is, as text, as binary data is shown.
    Size,
}

impl Form {
    fn of(self, column: &str) -> String {
        match self {
            Self::Own => column.to_owned(),
            Self::Text => format!("{column}::text"),
            Self::Cut(most) => {
                format!("CASE WHEN {column} IS NOT NULL THEN {} END", cut(&format!("{column}::text"), most))
            }
            Self::CutJson(kind, most) => {
                let text = format!("{column}::text");
                format!(
                    "CASE WHEN octet_length({text}) > {most} THEN to_{kind}({}) ELSE {column} END",
                    cut(&text, most)
                )
            }
            Self::Size => format!("'<' || octet_length({column}) || ' bytes>'"),
        }
    }
}

/// A text of at most `most` bytes; of a longer one the beginning, and how long it is.
fn cut(text: &str, most: usize) -> String {
    // A character has four bytes at the most, and the note has its own.
    let (kept, note) = (most / 4 - 16, text::cut_note("' || octet_length(OF) || '").replace("OF", text));
    format!("CASE WHEN octet_length({text}) > {most} THEN left({text}, {kept}) || '{note}' ELSE {text} END")
}

/// The same statement with its columns in their forms. They are numbered on the way: several may have one name.
pub fn in_forms(text: &str, columns: &[ReturnedColumn]) -> String {
    let numbered: Vec<String> = (1..=columns.len()).map(|at| format!("opsdash_{at}")).collect();
    let selected = numbered
        .iter()
        .zip(columns)
        .map(|(number, column)| format!("{} AS \"{}\"", column.form.of(number), column.name.replace('"', "\"\"")));
    let selected: Vec<String> = selected.collect();
    format!("SELECT {}\nFROM (\n{text}\n) AS opsdash_typed ({})", selected.join(", "), numbered.join(", "))
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
    fn a_reason_is_one_id_or_an_array_of_them() {
        let ids = |text| ids(text).collect::<Vec<_>>();
        assert_eq!(ids("silent"), ["silent"]);
        assert_eq!(ids("{silent,NULL,late}"), ["silent", "late"]);
        assert_eq!(ids("{\"two words\",x}"), ["two words", "x"]);
        assert_eq!(ids("a,b"), ["a,b"], "a text is one id, however odd");
        assert_eq!((ids(""), ids("{}")), (vec![""], vec![""]), "which are no ids");
    }

    #[test]
    fn columns_of_one_name_stay_apart_when_some_become_text() {
        let column = |name: &str, form| ReturnedColumn { name: name.to_owned(), form };
        assert_eq!(
            in_forms("SELECT 1 -- x", &[column("a", Form::Own), column("a", Form::Text), column("q\"", Form::Text)]),
            "SELECT opsdash_1 AS \"a\", opsdash_2::text AS \"a\", opsdash_3::text AS \"q\"\"\"\nFROM (\nSELECT 1 -- x\n) \
             AS opsdash_typed (opsdash_1, opsdash_2, opsdash_3)"
        );
    }

    #[test]
    fn a_comment_in_the_last_line_ends_before_the_wrapper() {
        let sql = wrapped("SELECT 1 AS a -- one", &ResultShape::Rows { limit: 2 }, Ticket(7), None, None);
        assert!(sql.starts_with("/* opsdash:7 */ SELECT"));
        assert!(sql.contains("-- one\n) AS"));
        assert!(sql.contains("LIMIT 3"));
    }
}
