//! The logins that `opsdash doctor --grants` makes, on the cluster that a test binary shares.

use std::path::Path;

use anyhow::{Result, ensure};
use tokio::sync::{Mutex, OnceCell};

use crate::{servers::postgres::shared, shell::Shell};

/// A login that may look and nothing else, and its password.
pub const READER: (&str, &str) = ("opsdash_reader", "r");

/// A login that may do what actions do, and its password.
pub const OPERATOR: (&str, &str) = ("opsdash_operator", "o");

/// A login that nobody works with: its sessions are there to be ended.
pub const VICTIM: (&str, &str) = ("victim", "v");

/// A database's URL for a login.
#[must_use]
pub fn url_of(login: (&str, &str), database: &str) -> String {
    shared().url_of(login.0, login.1, database)
}

/// Runs on a database of the shared cluster what this `opsdash` prints for it. The roles are of the whole cluster: one
/// test at a time.
pub async fn make_logins(opsdash: &Path, database: &str) -> Result<()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    static PASSWORDS: OnceCell<()> = OnceCell::const_new();
    let _turn = TURN.lock().await;
    let config = format!(
        "[targets.lab]\nsystem = \"cybersensei\"\n[targets.lab.sources.main]\nurl = \"{}\"\n\
         [targets.lab.sources.files]\nurl = \"file:///nonexistent\"\n",
        shared().url(database)
    );
    let ran = Shell::new(opsdash, &config)?.run(&["doctor", "--grants", "main"]);
    ensure!(ran.code == Some(0), "{}", ran.err);
    shared().run(database, &ran.out).await?;
    let passwords = [READER, OPERATOR].map(|(user, password)| format!("ALTER ROLE {user} PASSWORD '{password}'"));
    let rest = format!(
        "CREATE ROLE {} LOGIN PASSWORD '{}'; GRANT pg_monitor TO {}, {}; GRANT pg_signal_backend TO {}",
        VICTIM.0, VICTIM.1, READER.0, OPERATOR.0, OPERATOR.0
    );
    let all = [passwords.join("; "), rest].join("; ");
    PASSWORDS.get_or_try_init(|| shared().run(database, &all)).await?;
    Ok(())
}
