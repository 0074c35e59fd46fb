//! Actions from the key to the row, by the real binary in a terminal: what is asked, what is written, what is refused, and
//! what is said of it.

mod accidents;
mod conflicts;
mod guards;
mod history;
mod leaving;
mod snooze;
mod writes;

use std::{path::PathBuf, time::Duration};

use opsdash_testbed::pty::keys;
use serde_json::Value as Json;

use crate::support::*;

/// More than the program wants to pass between the opening of a dialog and a key for it, and between two keys that are
/// meant.
const MEANT: Duration = Duration::from_millis(200);

/// The tables that actions write, whole.
const ALL: &str = "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM error_logs AS t
    UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM licenses AS t
    UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM tenants AS t";

impl Lab {
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
        recorded(&self.kept())
    }

    /// Lines of the record: action, phase and outcome.
    fn told(&self) -> Vec<String> {
        let text = |line: &Json, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let one = |line: &Json| ["action", "phase", "outcome"].map(|name| text(line, name)).join(" ");
        self.recorded().iter().map(|line| one(line).trim_end().to_owned()).collect()
    }
}

impl Dashboard {
    /// Presses a key that somebody means: not sooner after what was typed and shown last than the program asks of a person,
    /// for the program takes what comes faster for a paste. Only once the screen shows what the keys before did: else the
    /// program may take in both at the same time.
    #[track_caller]
    fn press_meant(&mut self, key: &str) {
        self.wait_for_rest(MEANT).unwrap();
        self.type_in(&[key]);
    }

    /// Opens a view by its name.
    #[track_caller]
    fn open_view(&mut self, title: &str, shown: &[&str]) {
        self.type_in(&[":"]);
        self.shows(&["Go to, find or do"]);
        self.type_in(&[title, keys::ENTER]);
        self.hides(&["Go to, find or do"]);
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
