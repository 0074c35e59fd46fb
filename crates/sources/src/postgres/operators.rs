//! The other operators on this database. Every connection carries its operator's name as `application_name`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use opsdash_core::{contract::OPERATORS, text};
use tokio::time::Instant;

use crate::limits;

/// What stands before the operator in the name of a connection.
pub const PREFIX: &str = "opsdash/";

/// The longest operator name, in columns. PostgreSQL itself cuts names of connections at 63 bytes.
const NAME_WIDTH: usize = 32;

/// A column that says whether this login may poll. Without the privilege, the poll would fail the read that it is part
/// of.
pub const MAY_POLL: &str = "(has_table_privilege('pg_catalog.pg_stat_activity', 'SELECT') AND \
     has_function_privilege('pg_catalog.pg_stat_get_activity(int)', 'EXECUTE'))::text AS opsdash_may_look";

/// A column with the names of the other operators, one per line. Every login sees the names of all connections, though
/// not their statements.
///
/// `PgBouncer` names a server connection after the client that it serves, and keeps the name when that client leaves.
/// Behind it, an operator may seem present until the connection serves another client or is closed, after ten minutes.
#[must_use]
pub fn names_sql() -> String {
    format!(
        "(SELECT string_agg(name, E'\\n') FROM (SELECT DISTINCT substr(application_name, {start}) AS name \
           FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name LIKE '{PREFIX}_%' \
             AND application_name <> current_setting('application_name') ORDER BY name LIMIT {OPERATORS}) AS others) \
         AS opsdash_operators",
        start = PREFIX.len() + 1
    )
}

/// The names in the column of [`names_sql`].
#[must_use]
pub fn parse(names: Option<&str>) -> Vec<String> {
    let clean = |name: &str| text::cut(&text::inert(&text::one_line(name)), NAME_WIDTH, "…").into_owned();
    names.unwrap_or_default().lines().map(clean).filter(|name| !name.trim().is_empty()).collect()
}

/// When the other operators are polled. Not with every read: with 200 connections a poll takes the server 1 ms.
#[derive(Debug, Default)]
pub struct OperatorPoll(Mutex<PollState>);

#[derive(Debug, Default)]
struct PollState {
    is_allowed: bool,
    last_poll: Option<Instant>,
}

impl OperatorPoll {
    /// Whether the next read is to poll.
    pub fn is_due(&self) -> bool {
        let state = self.state();
        state.is_allowed && state.last_poll.is_none_or(|last| last.elapsed() >= limits::OPERATOR_POLL)
    }

    /// Records the end of a read: whether the login may poll, and whether this read did.
    pub fn record(&self, is_allowed: bool, has_polled: bool) {
        let mut state = self.state();
        state.is_allowed = is_allowed;
        if has_polled {
            state.last_poll = Some(Instant::now());
        }
    }

    fn state(&self) -> MutexGuard<'_, PollState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_inert_and_of_bounded_length() {
        let long = "x".repeat(63);
        let found = parse(Some(&format!("bob\n\n\u{1b}[31m\u{202e}eve\n{long}")));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|name| name.chars().all(text::is_inert)), "{found:?}");
        assert!(text::width(&found[2]) <= NAME_WIDTH && found[0] == "bob", "{found:?}");
        assert_eq!(parse(None), Vec::<String>::new());
    }
}
