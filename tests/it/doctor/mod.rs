//! `doctor`, its grants and ejected packs, on real servers.

mod bounds;
mod eject;
mod findings;
mod grants;
mod mongodb;
mod schemas;

use std::sync::LazyLock;

use opsdash_testbed::{
    sample::cybersensei::fresh_database_on, servers::postgres::PostgresServer, shell::Shell, sql::run,
};
use serde_json::Value as Json;

use crate::support::lab;

/// A cluster for these tests alone: elsewhere the logins that `doctor --grants` makes get more rights than are printed.
fn server() -> &'static PostgresServer {
    // Never dropped: its supervisor ends it with the test binary.
    static SERVER: LazyLock<PostgresServer> = LazyLock::new(|| PostgresServer::start().unwrap());
    &SERVER
}

async fn fresh_database(name: &str) -> String {
    fresh_database_on(server(), name).await.unwrap()
}

/// With a folder in the place of the file store, of which there is nothing to say.
fn of_postgres(url: &str) -> Shell {
    lab(url, "file:///tmp")
}

/// What doctor says, and how it ended.
fn doctor(shell: &Shell) -> Diagnosis {
    let ran = shell.run(&["doctor", "--format", "json"]);
    Diagnosis { code: ran.code, json: ran.json() }
}

/// What doctor said.
#[derive(Debug)]
struct Diagnosis {
    code: Option<i32>,
    json: Json,
}

impl Diagnosis {
    fn findings(&self) -> &[Json] {
        self.json["findings"].as_array().unwrap()
    }

    /// Subjects of what is not in order.
    fn troubles(&self) -> Vec<&str> {
        let bad = self.findings().iter().filter(|finding| finding["severity"] != "ok");
        bad.map(|finding| finding["subject"].as_str().unwrap()).collect()
    }

    /// Severity, what was found and the fix of a subject.
    #[track_caller]
    fn of(&self, subject: &str) -> (&str, &str, &str) {
        let found = self.findings().iter().find(|finding| finding["subject"] == subject);
        let found = found.unwrap_or_else(|| panic!("nothing of {subject} in {:#}", self.json));
        let text = |name: &str| found[name].as_str().unwrap();
        (text("severity"), text("found"), text("fix"))
    }
}

/// The logins are of the whole cluster, and each test makes them: one after the other.
static LOGINS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Makes both logins by running the statements that are printed, and gives them a password.
async fn make_logins(database: &str) {
    let url = server().url(database);
    let ran = of_postgres(&url).run(&["doctor", "--grants", "main"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let sql = ran.out;
    // Twice: running it again is no mistake.
    for _ in 0..2 {
        run(&url, &sql).await.unwrap_or_else(|why| panic!("{why}\n{sql}"));
    }
    let passwords = "ALTER ROLE opsdash_reader PASSWORD 'r'; ALTER ROLE opsdash_operator PASSWORD 'o'";
    run(&url, passwords).await.unwrap();
}

fn reader(database: &str) -> String {
    server().url_of("opsdash_reader", "r", database)
}

fn operator(database: &str) -> String {
    server().url_of("opsdash_operator", "o", database)
}
