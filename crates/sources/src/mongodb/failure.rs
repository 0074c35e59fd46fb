//! Turns errors of MongoDB and its driver into failures.

use mongodb::error::{Error, ErrorKind};
use opsdash_core::contract::{Failure, FailureKind};

/// The failure for an error. `label` names the endpoint in failures of the source as a whole.
pub fn of(error: &Error, label: &str) -> Failure {
    let kind = kind_of(&error.kind);
    let message = message(error);
    let failure = if kind.is_of_source() {
        Failure::new(kind, &format!("{label}: {message}"))
    } else {
        Failure::new(kind, &message)
    };
    let failure = match remedy(kind, error) {
        Some(remedy) => failure.remedied(remedy),
        None => failure,
    };
    match (kind, &*error.kind) {
        (FailureKind::Privilege, ErrorKind::Command(_)) => match refused_collection(&message) {
            Some(collection) => failure.of_object(collection),
            None => failure,
        },
        _ => failure,
    }
}

/// What to do, where the driver's words are a riddle.
fn remedy(kind: FailureKind, error: &Error) -> Option<&'static str> {
    match &*error.kind {
        ErrorKind::ServerSelection { message, .. } if wrong_set(message).is_some() => Some(
            "write replicaSet as the set is called (rs.conf()._id in mongosh), or directConnection=true to read this one \
             server",
        ),
        ErrorKind::ServerSelection { message, .. } if message.contains("failed to lookup address") => Some(
            "a name that only the members of a replica set know is not resolved here: write directConnection=true and a \
             name or an address of this machine's network",
        ),
        ErrorKind::ServerSelection { message, .. } => crate::tls::remedy(message),
        _ if kind == FailureKind::Auth => Some(
            "check the user and the password of this source in the config; the user is looked for in the database of the \
             url, or in the one that authSource names: most live in admin (?authSource=admin). A dashboard that is open \
             tries the same login again when it is told to reload",
        ),
        _ => None,
    }
}

/// The name of the set that no member of the URL belongs to. The driver forgets a server that says so, and has none left.
fn wrong_set(topology: &str) -> Option<&str> {
    let (_, name) = topology.split_once("Set Name: ")?;
    if topology.contains("Servers: [") { None } else { Some(name.split([',', ' ']).next().unwrap_or(name)) }
}

/// The message of the server or of the system, without the driver's wrapping.
pub fn message(error: &Error) -> String {
    match &*error.kind {
        ErrorKind::Command(command) => command.message.clone(),
        ErrorKind::Io(io) => io.to_string(),
        ErrorKind::ServerSelection { message, .. } => no_server(message),
        ErrorKind::InvalidArgument { message, .. } => message.clone(),
        other => other.to_string(),
    }
}

/// Whether the index that the query hints at does not exist.
pub fn is_missing_index(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.message.contains("hint provided does not correspond"))
}

/// Whether the server has dropped the cursor.
pub fn is_lost_cursor(error: &Error) -> bool {
    // CursorNotFound; QueryPlanKilled; CursorKilled.
    matches!(&*error.kind, ErrorKind::Command(command) if matches!(command.code, 43 | 175 | 237))
}

fn kind_of(error: &ErrorKind) -> FailureKind {
    match error {
        ErrorKind::Authentication { .. } => FailureKind::Auth,
        ErrorKind::Command(command) => kind_of_code(command.code),
        ErrorKind::Io(_)
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::DnsResolve { .. }
        | ErrorKind::InvalidTlsConfig { .. } => FailureKind::Unreachable,
        _ => FailureKind::Other,
    }
}

/// The kind of an error code of the server.
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

/// The reason in the driver's long description of its topology.
fn no_server(message: &str) -> String {
    let reason = message.split_once("Error: ").map(|(_, rest)| {
        let rest = rest.strip_prefix("Kind: ").unwrap_or(rest);
        rest.split(", labels:").next().unwrap_or(rest)
    });
    match (reason, wrong_set(message)) {
        (Some(reason), _) => reason.trim().to_owned(),
        (None, Some(name)) => format!("no server of the url is a member of a replica set \"{name}\""),
        (None, None) => "no server of the deployment can answer".into(),
    }
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
    fn the_reason_is_found_in_the_topology_description() {
        let account = "Server selection timeout: No available servers. Topology: { Type: Single, Servers: [ { Address: \
             127.0.0.1:1, Type: Unknown, Error: Kind: I/O error: Connection refused (os error 111), labels: {}, source: \
             None, server response: None } ] }";
        assert_eq!(no_server(account), "I/O error: Connection refused (os error 111)");
        assert_eq!(no_server("odd"), "no server of the deployment can answer");
    }

    #[test]
    fn a_refused_collection_is_named() {
        let message = r#"not authorized on files to execute command { aggregate: "updates.files", pipeline: [] }"#;
        assert_eq!(refused_collection(message), Some("updates.files"));
    }
}
