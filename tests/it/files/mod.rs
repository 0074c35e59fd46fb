//! Files of a store against their catalog on real servers: their verdicts, reading them to their end, fetching them, and
//! trouble in between.

mod downloads;
mod terminal;
mod trouble;
mod verdicts;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::Arc,
};

use opsdash_core::contract::{Failure, Listing, Question, StoredFile, VerifyResult};
use opsdash_pack::config::Secret;
use opsdash_sources::Source;
use opsdash_testbed::{
    reads,
    sample::cybersensei::{BUCKET, fresh_now, updates::UPDATES},
    shell::{Ran, Shell},
};
use serde_json::Value as Json;

use crate::support::lab;

/// The program with a catalog and a store, and a folder to download to, where it runs.
struct Downloads {
    shell: Shell,
}

impl Downloads {
    fn new(main: &str, files: &str) -> Self {
        let downloads = Self { shell: lab(main, files) };
        fs::create_dir(downloads.folder()).unwrap();
        downloads
    }

    fn folder(&self) -> PathBuf {
        self.shell.path("packages")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.shell.command(arguments);
        command.current_dir(self.folder());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// Starts it, and comes back when it says on stderr that it reads this file.
    fn start_until_reading(&self, arguments: &[&str], file: &str) -> Running {
        let mut child = self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut err = String::new();
        while !err.contains(&format!("reading {file}")) {
            assert_ne!(said.read_line(&mut err).unwrap(), 0, "it ended: {err}");
        }
        Running { child, said, err }
    }

    /// Verdicts by version; of rows that only the store has, by what stands before their id.
    #[track_caller]
    fn verdicts(&self) -> BTreeMap<String, String> {
        let json = self.run(&["show", "updates", "--format", "json"]).json_of(0);
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

/// How many files a run has read.
fn files_read(ran: &Ran) -> usize {
    ran.err.matches("opsdash: reading ").count()
}

/// A run that is under way.
struct Running {
    child: Child,
    said: BufReader<ChildStderr>,
    err: String,
}

impl Running {
    fn end(mut self) -> Ran {
        while self.said.read_line(&mut self.err).unwrap() > 0 {}
        let ran = Ran::from(self.child.wait_with_output().unwrap());
        Ran { err: self.err, ..ran }
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
    Source::open("files", &reads::config(url), Arc::new(None::<Secret>), "alice").unwrap()
}

async fn list(source: &Source) -> Listing {
    try_list(source).await.unwrap()
}

async fn try_list(source: &Source) -> Result<Listing, Failure> {
    let question = Question::Store { bucket: BUCKET.into(), orphans: false, limit: 100 };
    Ok(reads::listing(source.read(&reads::read(question)).await?))
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
