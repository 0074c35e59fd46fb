//! Turns errors of PostgreSQL, PgBouncer and the driver into failures.

use opsdash_core::contract::{Failure, FailureKind};
use sqlx::{
    Error,
    postgres::{PgDatabaseError, PgErrorPosition, PgSeverity},
};

use super::statement;

/// The failure for an error. `label` names the endpoint in messages that do not say where the error happened.
pub fn of(error: &Error, label: &str) -> Failure {
    match error {
        // Not the error's Display, which names a line of the server's C source.
        Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => server_failure(error, label),
            None => Failure::new(FailureKind::Other, error.message()),
        },
        // A certificate that is refused comes as either, depending on when it was.
        Error::Io(io) => link_failure(label, &io.to_string()),
        Error::Tls(tls) => link_failure(label, &format!("TLS: {tls}")),
        Error::Protocol(what) => Failure::new(FailureKind::Unreachable, &format!("{label}: {what}")),
        // Of a column whose type is of a kind that the driver does not know, such as a multirange, it knows nothing.
        Error::ColumnDecode { index, .. } if index.contains("typtype") => {
            let what = "a column is of a type that cannot be read, such as a multirange: cast it to text in the query";
            Failure::new(FailureKind::Schema, what)
        }
        other => Failure::new(FailureKind::Other, &format!("{label}: {other}")),
    }
}

fn link_failure(label: &str, said: &str) -> Failure {
    let failure = Failure::new(FailureKind::Unreachable, &format!("{label}: {said}"));
    match crate::tls::remedy(said) {
        Some(remedy) => failure.remedied(remedy),
        None => failure,
    }
}

/// Where the server found the error in a statement's own `text`, which was sent as a part of `sent`: in characters from
/// 0. `None` where it does not say, or means another part.
pub fn place_in(text: &str, sent: &str, error: &Error) -> Option<usize> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    let Some(PgErrorPosition::Original(place)) = error.position() else { return None };
    let before = sent[..sent.find(text)?].chars().count();
    place.checked_sub(1 + before).filter(|at| *at <= text.chars().count())
}

/// Whether the error leaves the connection unusable. The same read may succeed on a new one.
pub fn is_broken_link(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) => true,
        Error::Database(error) => error.try_downcast_ref::<PgDatabaseError>().is_some_and(|error| {
            error.severity() == PgSeverity::Fatal
                || matches!(error.code(), "57P01" | "57P02")
                || error.code().starts_with("08")
        }),
        _ => false,
    }
}

/// Whether the driver has destroyed its own unnamed statement. For a type that it does not know, the driver sends a
/// simple query between Parse and Bind. Afterwards it knows the type, so a second run works.
pub fn is_lost_statement(error: &Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "26000")
}

fn server_failure(error: &PgDatabaseError, label: &str) -> Failure {
    // The alias of the wrapped query means nothing to the reader.
    let message = &error.message().replace(&format!("{}.", statement::ALIAS), "");
    let kind = kind_of(error.code(), message);
    let failure = match kind {
        FailureKind::Unreachable | FailureKind::Auth | FailureKind::Busy => {
            Failure::new(kind, &format!("{label}: {message}"))
        }
        _ => Failure::new(kind, message),
    };
    let object = match kind {
        FailureKind::Schema | FailureKind::Privilege => named_object(message),
        _ => None,
    };
    let failure = match remedy(error, message, object) {
        Some(remedy) => failure.remedied(&remedy),
        None => failure,
    };
    match object {
        Some(object) => failure.of_object(object),
        None => failure,
    }
}

/// What to do, where the object says more than the kind of failure.
fn remedy(error: &PgDatabaseError, message: &str, object: Option<&str>) -> Option<String> {
    // The server's own name of the place is the same in every language.
    if error.routine() == Some("check_enable_rls") {
        return Some(format!(
            "row-level security hides rows of {} from this login: opsdash doctor names the policies; ALTER ROLE .. \
             BYPASSRLS lets it see all rows",
            object.unwrap_or("a table")
        ));
    }
    match error.code() {
        "42501" => right_for(message, object?),
        // PgBouncer's words, which no language changes.
        "08P01" if message.contains("statement pooling mode") => {
            Some("opsdash needs transactions: set pool_mode = transaction (or session) for this database in PgBouncer".into())
        }
        // The parameter's name is the same in every language.
        "22023" if message.contains("\"TimeZone\"") => Some(
            "the server does not know this name of a zone: write naive_zone as pg_timezone_names has it, as a place like \
             \"America/Los_Angeles\""
                .into(),
        ),
        _ => None,
    }
}

/// The right that is missing, by the kind of object that the server names; `None` for tables, and for messages in other
/// languages.
fn right_for(message: &str, object: &str) -> Option<String> {
    let (_, what) = message.split_once("permission denied for ")?;
    let right = match what.strip_suffix(object)?.trim_end() {
        kind @ ("function" | "procedure" | "routine") => {
            format!("GRANT EXECUTE ON {} {object} (..)", kind.to_uppercase())
        }
        kind @ ("schema" | "type" | "language" | "foreign server") => {
            format!("GRANT USAGE ON {} {object}", kind.to_uppercase())
        }
        "database" => format!("GRANT CONNECT ON DATABASE {object}"),
        _ => return None,
    };
    Some(format!("{right} to this login"))
}

fn kind_of(code: &str, message: &str) -> FailureKind {
    match code {
        "42501" => FailureKind::Privilege,
        "57014" => FailureKind::Timeout,
        // Undefined table, column, function, schema, object or parameter; wrong or ambiguous types.
        "42P01" | "42703" | "42883" | "3F000" | "42704" | "42P02" | "42804" | "42725" | "42P18" | "42846" => {
            FailureKind::Schema
        }
        // A lock that was not granted, a deadlock, a conflict with recovery on a replica, shutting down or starting up.
        "55P03" | "40P01" | "40001" | "57P01" | "57P02" | "57P03" => FailureKind::Busy,
        // No such database: no statement of this source works.
        "3D000" => FailureKind::Unreachable,
        // PgBouncer uses this code for all of its own errors.
        "08P01" if message.contains("no more connections") || message.contains("timeout") => FailureKind::Busy,
        _ if code.starts_with("28") => FailureKind::Auth,
        _ if code.starts_with("53") => FailureKind::Busy,
        _ if code.starts_with("08") => FailureKind::Unreachable,
        _ => FailureKind::Other,
    }
}

/// The database object that a message names. It is the quoted name, with the quotes of the server's language, or the
/// bare name in `column t.x does not exist` and `permission denied for table x`.
fn named_object(message: &str) -> Option<&str> {
    const QUOTES: [(char, char); 4] = [('"', '"'), ('«', '»'), ('„', '“'), ('\u{201c}', '\u{201d}')];
    if let Some(bare) =
        message.strip_suffix(" does not exist").and_then(|rest| rest.split_once(' ')).map(|(_, name)| name)
        && !bare.contains('"')
    {
        return Some(bare);
    }
    let quoted = QUOTES.iter().find_map(|(open, close)| {
        let (_, rest) = message.split_once(*open)?;
        Some(rest.split_once(*close)?.0.trim())
    });
    quoted
        .or_else(|| message.split_once(" denied for ").and_then(|(_, rest)| rest.split_once(' ')).map(|(_, name)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_is_found_in_every_form_of_message() {
        for (message, object) in [
            (r#"relation "nodes" does not exist"#, "nodes"),
            (r#"column "nodeid" does not exist"#, "nodeid"),
            ("column e.nodeid does not exist", "e.nodeid"),
            ("function age_of(integer) does not exist", "age_of(integer)"),
            ("permission denied for table nodes", "nodes"),
            ("permission denied for schema private", "private"),
            ("la relation « nodes » n'existe pas", "nodes"),
        ] {
            assert_eq!(named_object(message), Some(object), "{message}");
        }
        assert_eq!(named_object("something else"), None);
    }

    #[test]
    fn a_remedy_fits_the_kind_of_the_object() {
        for (message, object, right) in [
            (
                "permission denied for function pg_current_wal_lsn",
                "pg_current_wal_lsn",
                Some("GRANT EXECUTE ON FUNCTION pg_current_wal_lsn (..) to this login"),
            ),
            ("permission denied for schema crm", "crm", Some("GRANT USAGE ON SCHEMA crm to this login")),
            ("permission denied for table nodes", "nodes", None),
            ("something else", "else", None),
        ] {
            assert_eq!(right_for(message, object).as_deref(), right, "{message}");
        }
    }

    #[test]
    fn codes_have_their_kind() {
        for (code, message, kind) in [
            ("28P01", "", FailureKind::Auth),
            ("42501", "", FailureKind::Privilege),
            ("57014", "", FailureKind::Timeout),
            ("42P01", "", FailureKind::Schema),
            ("53300", "", FailureKind::Busy),
            ("57P03", "", FailureKind::Busy),
            ("08P01", "no more connections allowed (max_client_conn)", FailureKind::Busy),
            ("08006", "", FailureKind::Unreachable),
            ("3D000", "", FailureKind::Unreachable),
            ("22P02", "", FailureKind::Other),
            ("25006", "", FailureKind::Other),
        ] {
            assert_eq!(kind_of(code, message), kind, "{code}");
        }
    }
}
