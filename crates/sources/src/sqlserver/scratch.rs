//! Makes and drops databases for tests; see [`crate::scratch`].

use std::sync::Arc;

use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::config::{Secret, SourceConfig};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout, timeout_at},
};

use super::{
    endpoint::{self, Endpoint, TdsClient},
    failure,
    server::place_of,
    session,
};
use crate::{limits, secrets::Secrets};

/// What begins every connection: that on which tables with indexes of every kind can be made and written.
const SETTINGS: &str =
    "SET NOCOUNT ON; SET XACT_ABORT ON; SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON;
SET ARITHABORT ON; SET QUOTED_IDENTIFIER ON; SET CONCAT_NULL_YIELDS_NULL ON; SET NUMERIC_ROUNDABORT OFF;
SET LANGUAGE us_english; SET DATEFORMAT ymd";

/// A connection that makes and drops databases. It stays open for the whole run: that tells other runs that this one is
/// still at work.
pub struct SqlServerScratch {
    endpoint: Endpoint,
    session: Mutex<TdsClient>,
}

impl SqlServerScratch {
    /// Connects to the database that the config names, under this name in the server's list of connections.
    pub async fn open(config: &SourceConfig, application: &str) -> Result<Self, Failure> {
        let secrets: Arc<dyn Secrets> = Arc::new(None::<Secret>);
        let endpoint = endpoint::for_reads(config, &secrets, "")?.remove(0).named(application);
        let session = connected(&endpoint).await?;
        Ok(Self { endpoint, session: Mutex::new(session) })
    }

    /// The login that makes the databases: whose they are.
    pub fn login(&self) -> &str {
        self.endpoint.user()
    }

    pub async fn create(&self, name: &str) -> Result<(), Failure> {
        self.admin(&format!("CREATE DATABASE {}", identifier(name))).await
    }

    /// Runs batches on a connection of its own, parted as `sqlcmd` does: by lines that hold `GO` alone.
    pub async fn run(&self, name: &str, text: &str) -> Result<(), Failure> {
        let endpoint = self.endpoint.of_database(name);
        let mut client = connected(&endpoint).await?;
        for (start, batch) in batches(text) {
            if let Err(failure) = run(&mut client, batch, &endpoint.label).await {
                let at = failure.at;
                return Err(failure.at(at.map(|at| start + at)));
            }
        }
        // What was run has ended, so it does not matter whether the connection closes properly.
        timeout(limits::CLOSE, client.close()).await.ok();
        Ok(())
    }

    /// Connections that a test has left are ended first: a database in use is not dropped.
    pub async fn drop_database(&self, name: &str) -> Result<(), Failure> {
        let name = identifier(name);
        let drop = format!("DROP DATABASE IF EXISTS {name}");
        if self.admin(&drop).await.is_ok() {
            return Ok(());
        }
        // That fails where another run has dropped it meanwhile; what the drop says then is what counts.
        self.admin(&format!("ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE")).await.ok();
        self.admin(&drop).await
    }

    /// Databases of this login with that prefix that belong to no run which is still connected. A login that does not see
    /// the connections of others cannot tell, and finds none.
    pub async fn leftovers(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let sql = "SELECT d.name AS name FROM sys.databases AS d
WHERE LEFT(d.name, LEN(@P1)) = @P1 AND SUSER_SNAME(d.owner_sid) = SUSER_SNAME()
  AND HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') = 1
  AND NOT EXISTS (SELECT 1 FROM sys.dm_exec_sessions AS s
    WHERE LEFT(s.program_name, LEN(@P1)) = @P1 AND LEFT(d.name, LEN(s.program_name) + 1) = s.program_name + '_')";
        let mut session = self.session.lock().await;
        let params = [Some(prefix.to_owned())];
        let asked = async { session::query(sql, &params).query(&mut *session).await?.into_first_result().await };
        let rows = within(asked, sql, &self.endpoint.label).await?;
        Ok(rows.iter().filter_map(|row| session::cell(row, "name")).collect())
    }

    async fn admin(&self, sql: &str) -> Result<(), Failure> {
        run(&mut *self.session.lock().await, sql, &self.endpoint.label).await
    }
}

async fn connected(endpoint: &Endpoint) -> Result<TdsClient, Failure> {
    let deadline = Instant::now() + limits::SCRATCH;
    let (mut client, _) = endpoint::connect(std::slice::from_ref(endpoint), 0, deadline).await?;
    run(&mut client, SETTINGS, &endpoint.label).await?;
    Ok(client)
}

async fn run(client: &mut TdsClient, text: &str, label: &str) -> Result<(), Failure> {
    let running = async { client.simple_query(text).await?.into_results().await };
    within(running, text, label).await.map(drop)
}

async fn within<T>(work: impl Future<Output = tiberius::Result<T>>, text: &str, label: &str) -> Result<T, Failure> {
    match timeout_at(Instant::now() + limits::SCRATCH, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(failure::of(&error, label).at(place_of(text, &error))),
        Err(_) => {
            let what = format!("{label}: no answer within {:.0} s", limits::SCRATCH.as_secs_f64());
            Err(Failure::new(FailureKind::Unreachable, &what))
        }
    }
}

/// The batches of a text, each with its place in it in characters.
fn batches(text: &str) -> Vec<(usize, &str)> {
    let (mut found, mut start, mut place, mut at) = (Vec::new(), 0, 0, 0);
    let mut chars = 0;
    let mut add = |range: std::ops::Range<usize>, place: usize| {
        if !text[range.clone()].trim().is_empty() {
            found.push((place, &text[range]));
        }
    };
    for line in text.split_inclusive('\n') {
        let (after, chars_after) = (at + line.len(), chars + line.chars().count());
        if line.trim().eq_ignore_ascii_case("go") {
            add(start..at, place);
            (start, place) = (after, chars_after);
        }
        (at, chars) = (after, chars_after);
    }
    add(start..text.len(), place);
    found
}

fn identifier(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_go_alone_parts_batches() {
        let text = "SELECT 1\n go \nSELECT '\u{e9}' -- go\nGO\n\nGO\nSELECT 'GO\nx'";
        assert_eq!(
            batches(text),
            [(0, "SELECT 1\n"), (14, "SELECT '\u{e9}' -- go\n"), (38, "SELECT 'GO\nx'")].to_vec()
        );
        assert_eq!(batches("\nGO\n"), Vec::new());
    }
}
