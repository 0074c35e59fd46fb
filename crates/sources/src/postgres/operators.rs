//! Who else looks at this database through opsdash: every connection is named after its operator.

use std::sync::{Mutex, MutexGuard, PoisonError};

use opsdash_core::{contract::OPERATORS, text};
use tokio::time::Instant;

use crate::limits;

/// How connections are named, before the operator.
pub const PREFIX: &str = "opsdash/";

/// Bytes of a name at most. PostgreSQL itself cuts what connections are called at 63.
const NAME: usize = 32;

/// Whether this login may look. Where it may not, looking would fail the read that it is part of.
pub const MAY_LOOK: &str = "(has_table_privilege('pg_catalog.pg_stat_activity', 'SELECT') AND \
     has_function_privilege('pg_catalog.pg_stat_get_activity(int)', 'EXECUTE'))::text AS opsdash_may_look";

/// The names, a line each. Every login sees what others' connections are called, though not what they do.
///
/// `PgBouncer` calls a server connection after the client that it serves, and leaves the name when that one goes: behind
/// it somebody may seem to be here until the connection serves another or is closed, after ten minutes of idleness.
#[must_use]
pub fn names() -> String {
    format!(
        "(SELECT string_agg(name, E'\\n') FROM (SELECT DISTINCT substr(application_name, {start}) AS name \
           FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name LIKE '{PREFIX}_%' \
             AND application_name <> current_setting('application_name') ORDER BY name LIMIT {OPERATORS}) AS others) \
         AS opsdash_operators",
        start = PREFIX.len() + 1
    )
}

/// What [`names`] returned.
#[must_use]
pub fn read(names: Option<&str>) -> Vec<String> {
    let clean = |name: &str| text::cut(&text::inert(&text::one_line(name)), NAME, "…").into_owned();
    names.unwrap_or_default().lines().map(clean).filter(|name| !name.trim().is_empty()).collect()
}

/// When they are looked for: with 200 connections it takes the server a millisecond, which not every read need cost.
#[derive(Debug, Default)]
pub struct OperatorPoll(Mutex<PollState>);

#[derive(Debug, Default)]
struct PollState {
    is_allowed: bool,
    last: Option<Instant>,
}

impl OperatorPoll {
    /// Whether the next read is to look.
    pub fn is_due(&self) -> bool {
        let poll = self.poll();
        poll.is_allowed && poll.last.is_none_or(|last| last.elapsed() >= limits::OPERATOR_POLL)
    }

    /// A read ended.
    pub fn record(&self, is_allowed: bool, has_looked: bool) {
        let mut poll = self.poll();
        poll.is_allowed = is_allowed;
        if has_looked {
            poll.last = Some(Instant::now());
        }
    }

    fn poll(&self) -> MutexGuard<'_, PollState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_inert_and_of_bounded_length() {
        let long = "x".repeat(63);
        let found = read(Some(&format!("bob\n\n\u{1b}[31m\u{202e}eve\n{long}")));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|name| name.chars().all(text::is_inert)), "{found:?}");
        assert!(text::width(&found[2]) <= NAME && found[0] == "bob", "{found:?}");
        assert_eq!(read(None), Vec::<String>::new());
    }
}
