//! Actions from the key to the row, by the real binary in a terminal: what is asked, what is written, what is refused, and
//! what is said of it. The servers are not those of the other tests in a terminal, which count who is connected.

#![expect(clippy::unwrap_used, reason = "tests")]

mod accidents;
mod conflicts;
mod guards;
mod leaving;
mod snooze;
#[expect(dead_code, reason = "some of it is for tests that only look")]
#[path = "../e2e/support.rs"]
mod support;
mod writes;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use opsdash::store::audit;
use opsdash_testbed::{
    pty::{Screen, keys},
    sample::cybersensei::{
        fresh_database,
        logins::{OPERATOR, make_logins, url_of},
    },
    servers::postgres::shared,
};
use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use support::*;
use tempfile::TempDir;

/// More than the program wants to pass between the opening of a dialog and a key for it, and between two keys that are
/// meant.
const MEANT: Duration = Duration::from_millis(200);

/// No action is about files: nobody has to answer for them.
const NO_FILES: &str = "file:///nonexistent";

/// The tables that actions write, whole.
const ALL: &str = "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM error_logs AS t
    UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM licenses AS t
    UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM tenants AS t";

/// A sample database that actions may write to, and a state folder that outlives the sessions on it.
struct Lab {
    database: String,
    state: TempDir,
}

impl Lab {
    async fn new(database: &str) -> Self {
        fresh_database(database).await.unwrap();
        make_logins(Path::new(env!("CARGO_BIN_EXE_opsdash")), database).await.unwrap();
        Self { database: database.to_owned(), state: tempfile::tempdir().unwrap() }
    }

    /// Three open entries of one cause, "<word> # came off", none like the other.
    async fn cause(&self, word: &str) -> String {
        self.run(&format!(
            "INSERT INTO error_logs (id, level, source, message, \"timestamp\", \"resolvedBy\", \"resolutionNotes\")
             SELECT md5('{word} ' || n)::uuid, 'CRITICAL', 'NODE', '{word} ' || n || ' came off',
                 LOCALTIMESTAMP - n * interval '1 minute',
                 CASE n WHEN 2 THEN 'bob' END, CASE n WHEN 2 THEN 'Put on again in May.' WHEN 3 THEN '' END
             FROM generate_series(1, 3) AS n"
        ))
        .await;
        format!("{word} # came off")
    }

    /// What actions write of these entries, a line for each.
    async fn entries(&self, word: &str) -> Vec<String> {
        let query = "SELECT concat_ws('|', resolved::text, coalesce(\"resolvedAt\"::text, 'null'), coalesce(\"resolvedBy\", 'null'),
            coalesce(\"resolutionNotes\", 'null')) FROM error_logs";
        self.column(&format!("{query} WHERE message LIKE '{word} % came off' ORDER BY message")).await
    }

    /// How many of these entries are resolved.
    async fn resolved(&self, word: &str) -> String {
        let query = "SELECT count(*) FILTER (WHERE resolved) || ' of ' || count(*) FROM error_logs";
        self.one(&format!("{query} WHERE message LIKE '{word} % came off'")).await
    }

    /// The operator's URL.
    fn url(&self) -> String {
        url_of(OPERATOR, &self.database)
    }

    fn on(&self, main: &str) -> Opening {
        self.with(target("lab", main, NO_FILES))
    }

    fn with(&self, config: String) -> Opening {
        with_config(config).env("XDG_STATE_HOME", self.state.path().to_str().unwrap())
    }

    fn kept(&self) -> PathBuf {
        self.state.path().join("opsdash")
    }

    fn recorded(&self) -> Vec<Json> {
        audit::read(&self.kept()).unwrap().lines
    }

    /// Lines of the record: action, phase and outcome.
    fn told(&self) -> Vec<String> {
        let text = |line: &Json, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let one = |line: &Json| ["action", "phase", "outcome"].map(|name| text(line, name)).join(" ");
        self.recorded().iter().map(|line| one(line).trim_end().to_owned()).collect()
    }

    async fn column(&self, query: &str) -> Vec<String> {
        let mut connection = PgConnection::connect(&shared().url(&self.database)).await.unwrap();
        let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| row.get::<Option<String>, _>(0).unwrap_or_default()).collect()
    }

    async fn one(&self, query: &str) -> String {
        self.column(query).await.remove(0)
    }

    async fn run(&self, statements: &str) {
        shared().run(&self.database, statements).await.unwrap();
    }
}

impl Dashboard {
    /// Presses a key that somebody means: not sooner after what the screen showed last than the program asks of a person,
    /// for it takes what comes faster for a paste. Only once the screen shows what the keys before did: else it may take
    /// in both at the same time.
    #[track_caller]
    fn press_meant(&mut self, key: &str) {
        std::thread::sleep(MEANT);
        self.type_in(&[key]);
    }

    /// Whether the screen satisfies the condition within a time that is too short to fail for.
    fn comes_to(&self, within: Duration, condition: impl Fn(&Screen) -> bool) -> bool {
        let start = Instant::now();
        while !condition(&self.screen()) {
            if start.elapsed() > within {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }

    /// Opens a view by its name.
    #[track_caller]
    fn open_view(&mut self, title: &str, shown: &[&str]) {
        self.type_in(&[":"]);
        self.shows(&["Go to, or do"]);
        self.type_in(&[title, keys::ENTER]);
        self.hides(&["Go to, or do"]);
        self.shows(shown);
    }

    /// Wants an action of the row that holds this text, and waits for its dialog.
    #[track_caller]
    fn want(&mut self, row: &str, key: &str, title: &str) {
        self.go_to(row);
        self.type_in(&[key]);
        self.shows(&[&format!(" {title} "), " on lab ", "Esc write nothing"]);
    }

    /// Wants the open errors of a cause to be resolved; Enter would do it.
    #[track_caller]
    fn want_resolved(&mut self, cause: &str, note: &str) {
        self.open_view("Errors", &[cause]);
        self.want(cause, "r", "Resolve");
        self.press_meant(&format!("{note}{}{}", keys::TAB, keys::TAB));
        self.shows(&["[ Resolve ]"]);
    }

    /// Takes the last action back.
    #[track_caller]
    fn undo(&mut self, title: &str) {
        self.type_in(&["u"]);
        self.shows(&[&format!(" Undo {title} "), " on lab ", "[ Cancel ]"]);
        self.press_meant(keys::RIGHT);
        self.shows(&["[ Undo ]"]);
        self.press_meant(keys::ENTER);
    }

    /// Closes what has to be read.
    #[track_caller]
    fn close_told(&mut self, title: &str) {
        self.shows(&[title]);
        self.press_meant(keys::ENTER);
        self.hides(&[title]);
    }
}
