//! A sample database that actions may write to.

use std::path::Path;

use opsdash::store::audit;
use opsdash_testbed::{
    sample::cybersensei::{
        fresh_database,
        logins::{OPERATOR, READER, make_logins, url_of},
    },
    servers::postgres::shared,
    sql,
};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::OPSDASH;

/// A sample database, both logins that `doctor --grants` makes for it, and a state folder that outlives what runs on it.
pub struct Lab {
    pub database: String,
    pub state: TempDir,
}

impl Lab {
    pub async fn new(database: &str) -> Self {
        fresh_database(database).await.unwrap();
        make_logins(Path::new(OPSDASH), database).await.unwrap();
        Self { database: database.to_owned(), state: tempfile::tempdir().unwrap() }
    }

    /// The superuser's URL.
    pub fn url(&self) -> String {
        shared().url(&self.database)
    }

    /// The URL of the login that may do what actions do.
    pub fn operator_url(&self) -> String {
        url_of(OPERATOR, &self.database)
    }

    /// The URL of the login that may look and nothing else.
    pub fn reader_url(&self) -> String {
        url_of(READER, &self.database)
    }

    pub async fn column(&self, query: &str) -> Vec<String> {
        sql::column(&self.url(), query).await.unwrap()
    }

    pub async fn one(&self, query: &str) -> String {
        self.column(query).await.remove(0)
    }

    pub async fn run(&self, statements: &str) {
        sql::run(&self.url(), statements).await.unwrap_or_else(|why| panic!("{why}\n{statements}"));
    }
}

/// Lines of the record of actions in this folder.
pub fn recorded(state: &Path) -> Vec<Json> {
    audit::read(state).unwrap().lines
}
