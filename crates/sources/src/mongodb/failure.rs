//! What MongoDB and its driver say, sorted into kinds.

use mongodb::error::{Error, ErrorKind};
use opsdash_core::contract::{Failure, FailureKind};

/// The failure that an error means. `place` says where, for errors that are about the source as a whole.
pub fn of(error: &Error, place: &str) -> Failure {
    let kind = kind_of(&error.kind);
    let message = message(error);
    let failure = if kind.is_of_source() {
        Failure::new(kind, &format!("{place}: {message}"))
    } else {
        Failure::new(kind, &message)
    };
    match (kind, &*error.kind) {
        (FailureKind::Privilege, ErrorKind::Command(_)) => match refused_collection(&message) {
            Some(collection) => failure.of_object(collection),
            None => failure,
        },
        _ => failure,
    }
}

/// The words of an error without the driver's dressing.
pub fn message(error: &Error) -> String {
    match &*error.kind {
        ErrorKind::Command(said) => said.message.clone(),
        ErrorKind::Io(io) => io.to_string(),
        ErrorKind::ServerSelection { message, .. } => no_server(message),
        ErrorKind::InvalidArgument { message, .. } => message.clone(),
        other => other.to_string(),
    }
}

/// Whether an index that a query hinted at does not exist.
pub fn is_missing_index(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(said) if said.message.contains("hint provided does not correspond"))
}

/// Whether the server knows a cursor no longer.
pub fn is_lost_cursor(error: &Error) -> bool {
    // CursorNotFound; QueryPlanKilled; CursorKilled.
    matches!(&*error.kind, ErrorKind::Command(said) if matches!(said.code, 43 | 175 | 237))
}

fn kind_of(error: &ErrorKind) -> FailureKind {
    match error {
        ErrorKind::Authentication { .. } => FailureKind::Auth,
        ErrorKind::Command(said) => kind_of_code(said.code),
        ErrorKind::Io(_)
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. }
        | ErrorKind::InvalidTlsConfig { .. } => FailureKind::Unreachable,
        _ => FailureKind::Other,
    }
}

/// The kind of an error that the server gives a number.
pub fn kind_of_code(code: i32) -> FailureKind {
    match code {
        // AuthenticationFailed; Unauthorized; MaxTimeMSExpired, ExceededTimeLimit; NamespaceNotFound.
        18 => FailureKind::Auth,
        13 => FailureKind::Privilege,
        50 | 262 => FailureKind::Timeout,
        26 => FailureKind::Schema,
        // LockTimeout, ShutdownInProgress, PrimarySteppedDown, interrupted at shutdown or by a step down,
        // NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
        24 | 91 | 189 | 11_600 | 11_602 | 13_435 | 13_436 => FailureKind::Busy,
        _ => FailureKind::Other,
    }
}

/// The reason within the driver's account of its whole topology.
fn no_server(message: &str) -> String {
    let reason = message.split_once("Error: ").map(|(_, rest)| {
        let rest = rest.strip_prefix("Kind: ").unwrap_or(rest);
        rest.split(", labels:").next().unwrap_or(rest)
    });
    reason.map_or_else(|| "no server of the deployment can answer".into(), |reason| reason.trim().to_owned())
}

/// The collection in `not authorized on files to execute command { aggregate: "updates.files", .. }`.
fn refused_collection(message: &str) -> Option<&str> {
    let (_, command) = message.split_once("command { ")?;
    let (_, rest) = command.split_once(": \"")?;
    Some(rest.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_in_the_account_of_the_topology() {
        let account = "Server selection timeout: No available servers. Topology: { Type: Single, Servers: [ { Address: \
             127.0.0.1:1, Type: Unknown, Error: Kind: I/O error: Connection refused (os error 111), labels: {}, source: \
             None, server response: None } ] }";
        assert_eq!(no_server(account), "I/O error: Connection refused (os error 111)");
        assert_eq!(no_server("odd"), "no server of the deployment can answer");
    }

    #[test]
    fn a_refused_collection_is_named() {
        let said = r#"not authorized on files to execute command { aggregate: "updates.files", pipeline: [] }"#;
        assert_eq!(refused_collection(said), Some("updates.files"));
    }
}
