//! Turns errors of SQL Server and of the driver into failures, by the number of the error.

use opsdash_core::contract::{Failure, FailureKind};
use tiberius::error::{Error, TokenError};

/// From this severity on the server ends the connection.
const FATAL: u8 = 20;

/// The failure for an error. `label` names the endpoint in messages that do not say where the error happened.
pub fn of(error: &Error, label: &str) -> Failure {
    match error {
        Error::Server(error) => server_failure(error, label),
        Error::Tls(what) => Failure::new(FailureKind::Unreachable, &format!("{label}: TLS: {what}")),
        Error::Io { message, .. } => Failure::new(FailureKind::Unreachable, &format!("{label}: {message}")),
        Error::Routing { .. } => Failure::new(FailureKind::Unreachable, &format!("{label}: {error}")),
        other => {
            let what = format!("{label}: the server sent what the driver cannot read: {other}");
            Failure::new(FailureKind::Unreachable, &what)
        }
    }
}

/// The failure of a connection that is being opened.
pub fn at_login(error: &Error, label: &str) -> Failure {
    match error {
        Error::Tls(what) => Failure::new(FailureKind::Unreachable, &format!("{label}: TLS: {}", first_sentence(what)))
            .remedied(
                "name the CA with ca_file; trust_server_certificate=yes in the URL believes whoever answers, \
                 encrypt=no sends all in the clear",
            ),
        Error::Protocol(what) if what.contains("encryption level") => {
            let what = format!("{label}: the server has no TLS, and the URL asks for it");
            Failure::new(FailureKind::Unreachable, &what)
                .remedied("give the server a certificate; encrypt=no in the URL sends all in the clear")
        }
        other => of(other, label),
    }
}

/// The driver's advice names its own functions.
fn first_sentence(what: &str) -> &str {
    what.split(" To connect anyway").next().unwrap_or(what)
}

/// Whether the error leaves the connection unusable, or in doubt. The same read may succeed on a new one.
pub fn is_broken_link(error: &Error) -> bool {
    match error {
        Error::Server(error) => error.class() >= FATAL || matches!(error.code(), 6005 | 6006 | 596),
        _ => true,
    }
}

fn server_failure(error: &TokenError, label: &str) -> Failure {
    let message = error.message().trim_end();
    let kind = if error.code() == UNMAPPED { kind_of_text(message) } else { kind_of(error.code(), error.class()) };
    let failure = match kind {
        FailureKind::Unreachable | FailureKind::Auth | FailureKind::Busy => {
            Failure::new(kind, &format!("{label}: {message} ({})", error.code()))
        }
        _ => Failure::new(kind, &format!("{message} ({})", error.code())),
    };
    let failure = match remedy(error.code()) {
        Some(remedy) => failure.remedied(remedy),
        None => failure,
    };
    match named_object(message).filter(|_| matches!(kind, FailureKind::Schema | FailureKind::Privilege)) {
        Some(object) => failure.of_object(object),
        None => failure,
    }
}

fn remedy(code: u32) -> Option<&'static str> {
    match code {
        300 | 297 => {
            Some("GRANT VIEW SERVER STATE (VIEW SERVER PERFORMANCE STATE from SQL Server 2022 on) to this login")
        }
        13609 => Some("guard the column: CASE WHEN ISJSON(x) = 1 THEN JSON_VALUE(x, ..) END"),
        195 | 4121 => Some("the function is not there; OPENJSON and STRING_SPLIT need compatibility level 130"),
        _ => None,
    }
}

/// The number of every error of Babelfish that it has no number of SQL Server for. Its text is PostgreSQL's.
const UNMAPPED: u32 = 33_557_097;

fn kind_of_text(text: &str) -> FailureKind {
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    match () {
        () if says(&["permission denied"]) => FailureKind::Privilege,
        () if says(&["lock timeout", "deadlock", "could not serialize"]) => FailureKind::Busy,
        () if says(&["does not exist", "is a procedure", "could not convert", "is ambiguous"]) => FailureKind::Schema,
        () => FailureKind::Other,
    }
}

/// The kind of an error: by its number, else by its severity.
fn kind_of(code: u32, class: u8) -> FailureKind {
    match code {
        // Login failed, cannot open the database, the password has expired or must be changed, untrusted domain.
        18456 | 18452 | 18470 | 18486 | 18487 | 18488 | 4060 | 4064 | 916 => FailureKind::Auth,
        // Permission denied on an object, a column, a database or the server.
        229 | 230 | 262 | 297 | 300 | 371 | 378 | 15247 => FailureKind::Privilege,
        // No such object, column, procedure, type or function; ambiguous; not convertible.
        208 | 207 | 209 | 2812 | 195 | 4121 | 4104 | 201 | 8144 | 8145 | 2715 | 206 | 529 | 260 => FailureKind::Schema,
        // Lock timeout, deadlock, conflict of versions, no memory, no worker, no more users; shutting down, starting.
        1222 | 1205 | 3960 | 3961 | 701 | 8645 | 8651 | 10928 | 10929 | 17809 | 17892 | 6005 | 6006 | 596 | 18401
        | 40501 | 40613 | 49918 | 49919 | 49920 => FailureKind::Busy,
        // The database is recovering, offline or a secondary that is not read.
        921 | 922 | 923 | 926 | 927 | 942 | 945 | 976 | 978 | 983 => FailureKind::Unreachable,
        3617 => FailureKind::Timeout,
        _ if class >= FATAL => FailureKind::Unreachable,
        _ => match class {
            13 => FailureKind::Busy,
            14 if !matches!(code, 2627 | 2601) => FailureKind::Privilege,
            11 => FailureKind::Schema,
            _ => FailureKind::Other,
        },
    }
}

/// The object that a message names in quotes.
fn named_object(message: &str) -> Option<&str> {
    let quote = message.find(['\'', '"'])?;
    let (mark, rest) = message[quote..].split_at(1);
    Some(rest.split_once(mark)?.0).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_kind() {
        for (code, class, kind) in [
            (18456, 14, FailureKind::Auth),
            (4060, 11, FailureKind::Auth),
            (229, 14, FailureKind::Privilege),
            (300, 14, FailureKind::Privilege),
            (208, 16, FailureKind::Schema),
            (2812, 16, FailureKind::Schema),
            (1222, 16, FailureKind::Busy),
            (1205, 13, FailureKind::Busy),
            (976, 14, FailureKind::Unreachable),
            (2627, 14, FailureKind::Other),
            (8134, 16, FailureKind::Other),
            (33_557_097, 16, FailureKind::Other),
            (99_999, 21, FailureKind::Unreachable),
        ] {
            assert_eq!(kind_of(code, class), kind, "{code}");
        }
    }

    #[test]
    fn what_has_no_number_has_the_kind_of_its_text() {
        for (text, kind) in [
            ("relation \"sys.dm_exec_requests\" does not exist", FailureKind::Schema),
            ("permission denied for table app_users", FailureKind::Privilege),
            ("canceling statement due to lock timeout", FailureKind::Busy),
            ("division by nothing", FailureKind::Other),
        ] {
            assert_eq!(kind_of_text(text), kind, "{text}");
        }
        assert_eq!(named_object("relation \"sys.x\" does not exist"), Some("sys.x"));
    }

    #[test]
    fn the_object_is_the_name_in_quotes() {
        assert_eq!(named_object("Invalid object name 'dbo.nodes'."), Some("dbo.nodes"));
        assert_eq!(named_object("Something else."), None);
    }
}
