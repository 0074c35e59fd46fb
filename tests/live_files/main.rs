//! Files of a store against their catalog on real servers: their verdicts, reading them to their end, fetching them, and
//! trouble in between.

#![expect(clippy::unwrap_used, reason = "tests")]

mod downloads;
mod terminal;
mod trouble;
mod verdicts;

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use opsdash_core::contract::{
    Address, Content, Failure, Listing, Part, Question, Read, StoredFile, Ticket, VerifyResult,
};
use opsdash_pack::{
    config::{Secret, SourceConfig},
    pack::{Engine, SourceId, ViewId},
};
use opsdash_sources::Source;
use opsdash_testbed::sample::cybersensei::{BUCKET, fresh_now, updates::UPDATES};
use serde_json::Value as Json;
use tempfile::TempDir;

/// A home with a config that leads to a catalog and a store, and a folder to download to.
struct Shell {
    home: TempDir,
}

/// What a run left.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Shell {
    fn new(main: &str, files: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/opsdash");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir(home.path().join("packages")).unwrap();
        let config = format!(
            "[targets.lab]\nsystem = \"cybersensei\"\n\
             [targets.lab.sources.main]\nurl = \"{main}\"\ntimeout = \"20s\"\n\
             [targets.lab.sources.files]\nurl = \"{files}\"\ntimeout = \"20s\"\n"
        );
        fs::write(folder.join("config.toml"), config).unwrap();
        fs::set_permissions(folder.join("config.toml"), Permissions::from_mode(0o600)).unwrap();
        Self { home }
    }

    fn add_to_config(&self, lines: &str) {
        let path = self.home.path().join(".config/opsdash/config.toml");
        let config = fs::read_to_string(&path).unwrap();
        fs::write(path, config + lines).unwrap();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home.path()).env("LANG", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
        command.current_dir(self.packages());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(env!("CARGO_BIN_EXE_opsdash")).args(arguments).output().unwrap())
    }

    /// Starts it, and comes back when it says on stderr that it reads this file.
    fn start_until_reading(&self, arguments: &[&str], file: &str) -> Running {
        let mut command = self.command(env!("CARGO_BIN_EXE_opsdash"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut err = String::new();
        while !err.contains(&format!("reading {file}")) {
            assert_ne!(said.read_line(&mut err).unwrap(), 0, "it ended: {err}");
        }
        Running { child, said, err }
    }

    fn packages(&self) -> PathBuf {
        self.home.path().join("packages")
    }

    /// Verdicts by version; of rows that only the store has, by what stands before their id.
    #[track_caller]
    fn verdicts(&self) -> BTreeMap<String, String> {
        let json = self.run(&["show", "updates", "--format", "json"]).json(0);
        let verdict = |row: &Json| {
            let key = row["key"].as_str().unwrap().split(':').next().unwrap();
            let name = row["values"]["version"].as_str().unwrap_or(key);
            (name.to_owned(), row["values"]["verdict"].as_str().unwrap().to_owned())
        };
        let rows = json["rows"].as_array().unwrap();
        let verdicts: BTreeMap<_, _> = rows.iter().map(verdict).collect();
        assert_eq!(verdicts.len(), rows.len());
        verdicts
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    fn json(&self, code: i32) -> Json {
        assert_eq!(self.code, Some(code), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// How many files it has read.
    fn read(&self) -> usize {
        self.err.matches("opsdash: reading ").count()
    }
}

/// A run that is under way.
struct Running {
    child: Child,
    said: BufReader<std::process::ChildStderr>,
    err: String,
}

impl Running {
    fn end(mut self) -> Ran {
        while self.said.read_line(&mut self.err).unwrap() > 0 {}
        let mut ran = Ran::of(self.child.wait_with_output().unwrap());
        ran.err = self.err;
        ran
    }
}

/// The sample's id of an update's file.
fn file_id(version: &str) -> String {
    UPDATES.iter().find(|update| update.version == version).unwrap().file_id(fresh_now()).to_hex()
}

/// What the sample's catalog promises of an update.
fn checksum(version: &str) -> String {
    let update = UPDATES.iter().find(|update| update.version == version).unwrap();
    update.catalog_checksum().unwrap().to_lowercase()
}

fn store(url: &str) -> Source {
    let config = SourceConfig { urls: vec![Secret(url.into())], ..SourceConfig::default() };
    Source::open("files", Engine::MongoDb, &config, None, "alice").unwrap()
}

async fn list(source: &Source) -> Listing {
    try_list(source).await.unwrap()
}

async fn try_list(source: &Source) -> Result<Listing, Failure> {
    let read = Read {
        to: Address { view: ViewId(0), part: Part::Store },
        ticket: Ticket(1),
        source: SourceId(0),
        question: Question::Store { bucket: BUCKET.into(), orphans: false, limit: 100 },
        timeout_ms: 20_000,
        primary: false,
    };
    match source.read(&read).await?.content {
        Content::Listing(listing) => Ok(listing),
        Content::Table(_) => panic!("a table"),
    }
}

async fn find(source: &Source, version: &str) -> StoredFile {
    let id = file_id(version);
    list(source).await.files.into_iter().find(|file| file.id == id).unwrap()
}

fn sha256(version: &str) -> VerifyResult {
    VerifyResult::Sha256(checksum(version))
}

/// Names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Waits until it is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("10 s passed and it is not so: {what}");
}
