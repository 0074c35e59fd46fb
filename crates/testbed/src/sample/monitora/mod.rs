//! Sample data for `Monitora`: every severity and trap of its views, in T-SQL.
//!
//! There is no SQL Server that a test could start. Who has one gives it by URL; its loader runs these scripts.

use jiff::Timestamp;

/// The scripts that make and fill an empty database, as of `now`, in their order. Lines with `GO` alone part their batches.
#[must_use]
pub fn scripts(now: Timestamp) -> Vec<String> {
    let made = [
        include_str!("../../../../../migrations/monitora/0001_tables.sql"),
        include_str!("../../../../../migrations/monitora/0002_procedures.sql"),
        include_str!("../../../../../migrations/monitora/0003_triggers_and_views.sql"),
    ];
    // As SQL Server reads it whatever the language of the login is.
    let now = now.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string();
    let filled = [include_str!("accounts.sql"), include_str!("documents.sql"), include_str!("talk.sql")];
    made.map(str::to_owned).into_iter().chain(filled.map(|script| script.replace(":now", &now))).collect()
}

/// What the sample keeps in columns that nobody may see begins so: where it appears, a secret was read.
pub const SECRET: &str = "SECRET-";
