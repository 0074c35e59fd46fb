//! The texts that are sent, and the values of their parameters.

use std::time::Duration;

use opsdash_core::{
    action::BoundStatement,
    contract::{Bind, OPERATORS},
};
use opsdash_pack::dialect::Sql;

use super::endpoint::PREFIX;
use crate::limits;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A read of a view.
    Read,
    /// A write of rows that are locked one by one.
    Write,
    /// A write of rows that nothing names beforehand: what is looked at stays as it is until the end.
    WriteAlone,
}

/// Ends the transaction, whatever became of it.
pub const END: &str = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION";

/// The start of a transaction, in one batch. All that a result depends on is stated: what another statement, or the login,
/// has set changes nothing. It returns one row, and with `polls_operators` the names of the others.
pub fn opening(access: Access, lock: Duration, polls_operators: bool) -> String {
    let isolation = if access == Access::WriteAlone { "SERIALIZABLE" } else { "READ COMMITTED" };
    // Whoever waits for us loses nothing when a read of ours is given up.
    let priority = if access == Access::Read { "LOW" } else { "NORMAL" };
    let operators = if polls_operators { operators() } else { String::new() };
    format!(
        "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;
SET NOCOUNT ON; SET XACT_ABORT ON; SET IMPLICIT_TRANSACTIONS OFF; SET ROWCOUNT 0; SET TEXTSIZE {};
SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT ON; SET QUOTED_IDENTIFIER ON;
SET CONCAT_NULL_YIELDS_NULL ON; SET NUMERIC_ROUNDABORT OFF; SET LANGUAGE us_english; SET DATEFORMAT ymd;
SET DATEFIRST 7; SET LOCK_TIMEOUT {}; SET DEADLOCK_PRIORITY {priority};
SET TRANSACTION ISOLATION LEVEL {isolation};
BEGIN TRANSACTION;
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version, SYSUTCDATETIME() AS now,
  CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(32)) AS updateability,
  HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') AS may_poll;{operators}",
        limits::TEXT_SIZE,
        lock.as_millis()
    )
}

/// The names of the other operators. A login without VIEW SERVER STATE would see itself alone.
fn operators() -> String {
    format!(
        "
SELECT DISTINCT TOP ({OPERATORS}) SUBSTRING(program_name, {}, 128) AS name FROM sys.dm_exec_sessions
WHERE database_id = DB_ID() AND program_name LIKE N'{PREFIX}_%' AND program_name <> APP_NAME()
ORDER BY name;",
        PREFIX.len() + 1
    )
}

/// The text of a statement of a pack. The mark tells an administrator who asks; it is the same for every read, so that the
/// server keeps one plan.
pub fn marked(text: &str) -> String {
    format!("/* opsdash */ {text}")
}

/// A statement and the number of rows that it has written.
pub fn counted(text: &str) -> String {
    format!("/* opsdash:act */ {text};\nSELECT CAST(@@ROWCOUNT AS bigint) AS n")
}

/// The values of a read's parameters, in their order. Lists are JSON.
pub fn params(sql: &Sql, bind: &Bind) -> Vec<Option<String>> {
    let keys = || json(bind.keys.iter().map(|key| Some(key.as_str())));
    let value = |param: &opsdash_pack::dialect::Param| {
        if param.is_list { Some(keys()) } else { bind.values.get(&param.name).cloned() }
    };
    sql.params.iter().map(value).collect()
}

/// The values of the parameters of an action's statement.
pub fn params_of(sql: &Sql, bound: &BoundStatement) -> Vec<Option<String>> {
    let value = |param: &opsdash_pack::dialect::Param| match param.name.as_str() {
        "keys" => Some(json(bound.keys.iter().map(|key| Some(key.as_str())))),
        name => match bound.lists.get(name) {
            Some(list) => Some(json(list.iter().map(Option::as_deref))),
            None => bound.values.get(name).cloned(),
        },
    };
    sql.params.iter().map(value).collect()
}

fn json<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> String {
    texts.collect::<serde_json::Value>().to_string()
}
