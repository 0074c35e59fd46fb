//! `doctor`, its grants and ejected packs, on real servers.

#![expect(clippy::unwrap_used, reason = "tests")]

mod bounds;
mod eject;
mod findings;
mod grants;
mod mongodb;

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use opsdash_testbed::servers::postgres::shared;
use serde_json::Value as Json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tempfile::TempDir;

/// A home with a config that leads to two sources.
struct Shell {
    home: TempDir,
}

/// What a run left.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Shell {
    fn new(main: &str, files: &str) -> Self {
        Self::with(&format!(
            "[targets.lab]\nsystem = \"cybersensei\"\n\
             [targets.lab.sources.main]\nurl = \"{main}\"\ntimeout = \"20s\"\n\
             [targets.lab.sources.files]\nurl = \"{files}\"\ntimeout = \"20s\"\n"
        ))
    }

    /// With a folder in the place of the file store, of which there is nothing to say.
    fn of_postgres(url: &str) -> Self {
        Self::new(url, "file:///tmp")
    }

    fn with(config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/opsdash");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), config).unwrap();
        fs::set_permissions(folder.join("config.toml"), Permissions::from_mode(0o600)).unwrap();
        Self { home }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsdash"));
        command.env_clear().env("HOME", self.home.path()).env("LANG", "C.UTF-8").env("TZ", "UTC");
        let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn config(&self) -> std::path::PathBuf {
        self.home.path().join(".config/opsdash/config.toml")
    }

    /// What doctor says, and how it ended.
    fn doctor(&self) -> Diagnosis {
        let ran = self.run(&["doctor", "--format", "json"]);
        let json = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err));
        Diagnosis { code: ran.code, json }
    }
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

async fn run(url: &str, statements: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await?;
    connection.close().await
}

/// The first column of a query's rows, as text.
async fn column(url: &str, query: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The logins are of the whole cluster, and each test makes them: one after the other.
static LOGINS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Makes both logins by running the statements that are printed, and gives them a password.
async fn make_logins(database: &str) -> Shell {
    let shell = Shell::of_postgres(&shared().url(database));
    let ran = shell.run(&["doctor", "--grants", "main"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let sql = ran.out;
    // Twice: running it again is no mistake.
    for _ in 0..2 {
        run(&shared().url(database), &sql).await.unwrap_or_else(|why| panic!("{why}\n{sql}"));
    }
    let passwords = "ALTER ROLE opsdash_reader PASSWORD 'r'; ALTER ROLE opsdash_operator PASSWORD 'o'";
    run(&shared().url(database), passwords).await.unwrap();
    shell
}

fn reader(database: &str) -> String {
    shared().url_of("opsdash_reader", "r", database)
}

fn operator(database: &str) -> String {
    shared().url_of("opsdash_operator", "o", database)
}
