//! The start of every transaction: all that a statement depends on is stated there, and no setting of the login, the
//! database or a pooler's session is taken for granted.

use std::time::Duration;

use opsdash_core::contract::{Failure, Within};

use super::{statement, zone::NaiveZone};

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// How long things may take in a transaction.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// One statement.
    pub work: Duration,
    /// Waiting for one lock.
    pub lock: Duration,
    /// Between two statements.
    pub idle: Duration,
}

/// The settings of the transactions of a source within one scope.
#[derive(Debug, Clone)]
pub struct Opening {
    settings: String,
}

/// What the text of statements and values means, as a server has it by default. The lists of `pg_settings` were gone
/// through for what changes a result: these are all that a role or a database may have set otherwise, beside the
/// schema, the language and what the planner prefers, which are for them to say.
const MEANING: &str = "SET LOCAL standard_conforming_strings = on; SET LOCAL transform_null_equals = off; \
     SET LOCAL array_nulls = on; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; \
     SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL xmloption = 'content'; \
     SET LOCAL jit = off";

/// What depends on the server. More memory than that of a sort of ours is kept. From PostgreSQL 17 on a login may have
/// a limit of its own, which would end the session and look like a server that is gone. A database of no encoding gives
/// bytes that may be no UTF-8: the server would refuse to send them as such, and lose the whole result.
const FITTED: &str = "SELECT \
     CASE WHEN pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')) < 16777216 \
       THEN pg_catalog.set_config('work_mem', '16MB', true) END, \
     CASE WHEN pg_catalog.current_setting('transaction_timeout', true) <> '0' \
       THEN pg_catalog.set_config('transaction_timeout', '0', true) END, \
     CASE WHEN pg_catalog.current_setting('server_encoding') = 'SQL_ASCII' \
       THEN pg_catalog.set_config('client_encoding', 'SQL_ASCII', true) END";

impl Opening {
    /// The settings of a source's transactions within a scope. Without one, a table whose rows row-level security hides
    /// from the login is an error: rows that are hidden must not look like rows that are not there.
    ///
    /// # Errors
    /// A scope with a NUL character.
    pub fn of(zone: &NaiveZone, within: &Within) -> Result<Self, Failure> {
        let row_security = if within.scope.is_some() { "on" } else { "off" };
        let (zone, scope) = (&zone.settings, statement::set_scope(within)?);
        Ok(Self { settings: format!("{zone}; {MEANING}; SET LOCAL row_security = {row_security}; {FITTED}; {scope}") })
    }

    /// The statements that begin a transaction, in one simple query, with a semicolon at their end. The settings end with
    /// the transaction, because those of a session stay behind in a pooler.
    pub fn sql(&self, access: Access, limits: TimeLimits) -> String {
        // A login's own isolation may not be had on a standby, and "deferrable" waits for writers.
        let access = match access {
            Access::Read => "READ ONLY",
            Access::Write => "READ WRITE",
        };
        let [work_ms, lock_ms, idle_ms] = [limits.work, limits.lock, limits.idle].map(|time| time.as_millis());
        let settings = &self.settings;
        format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED, {access}, NOT DEFERRABLE; SET LOCAL statement_timeout = {work_ms}; \
             SET LOCAL lock_timeout = {lock_ms}; SET LOCAL idle_in_transaction_session_timeout = {idle_ms}; {settings}"
        )
    }
}
