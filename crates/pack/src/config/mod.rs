//! The config: the targets, how each of their sources is reached, and how the screen looks.
//!
//! `raw` has the types of the files as they are deserialized, `check` makes a [`Config`] of them. `against` and `overrides`
//! then bring the config and the packs together.

mod against;
mod check;
mod overrides;
mod settings;
mod url;
mod words;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf};

pub use check::{ConfigFile, LoadedConfig, load};
pub use settings::Setting;
pub use url::{Protocol, database_in, has_password_among, has_secret};
pub use words::reference;

use crate::document::SourceLocation;

/// The checked config, with defaults filled in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// Sorted by name.
    pub targets: Vec<Target>,
    /// The target that opens when none is asked for. `None` when there are several and none is the default.
    pub default_target: Option<String>,
    /// Whether nothing is ever written, to any target.
    pub read_only: bool,
    /// A text that is shown beside the operator's login; `None` for none.
    pub operator_label: Option<String>,
    /// How the screen looks.
    pub screen: Screen,
    /// The keys of commands that the user changed, by the command's name.
    pub keys: BTreeMap<String, Vec<String>>,
    /// What the user changed of views, by `view` or `system.view`.
    pub views: BTreeMap<String, ViewOverride>,
}

/// One deployment of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its name in the config.
    pub name: String,
    /// The name of the pack that describes the system.
    pub system: String,
    /// Whether writes need the target to be armed first.
    pub protected: bool,
    /// Whether nothing is ever written to the target.
    pub read_only: bool,
    /// The scope that is chosen at the start, by its id or its label, or `all`. `None` leaves it to whoever looks.
    pub scope: Option<String>,
    /// By the names of the pack's sources.
    pub sources: BTreeMap<String, SourceConfig>,
}

/// How one source is reached.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceConfig {
    /// At least one; they are tried in order. A URL has a password only when the file is private.
    pub urls: Vec<Secret>,
    /// Of a family: its servers beyond the first, which is in `urls`. Every one is asked.
    pub more_servers: Vec<Secret>,
    /// Of a family: names of its databases. `None` for those of the pack.
    pub databases: Option<Vec<String>>,
    /// Of a family: names of databases that are no members. `None` for those of the pack.
    pub exclude: Option<Vec<String>>,
    /// Of a family: its members beside those that are sources too. No file of the config sets it, tests of packs do;
    /// `None` looks for them.
    pub members: Option<Vec<FixedMember>>,
    /// The name of the database as a member of a family. No file of the config sets it; `None` for its own.
    pub shown_as: Option<String>,
    /// The URL for reads. `None` sends them to `urls`, as writes.
    pub replica_url: Option<Secret>,
    /// Where the password comes from. `None` takes it from the URL, or from where libpq does.
    pub password: Option<PasswordFrom>,
    /// The login that writes; `None` where the login of the URL does, or nothing is written.
    pub writer: Option<WriterLogin>,
    /// The zone of timestamps without one. `None` means UTC.
    pub naive_zone: Option<String>,
    /// The schema of names without one, as the pack's source says; no file of the config sets it. `None` leaves that
    /// to the login.
    pub schema: Option<String>,
    /// The file of the CA that signed the server's certificate. `None` means the system's bundle.
    pub ca_file: Option<PathBuf>,
    /// How long a statement may run, in ms. `None` means the program's default.
    pub timeout_ms: Option<u32>,
    /// The most bytes a second with which files are read. `None` means no bound.
    pub read_rate: Option<u64>,
}

impl SourceConfig {
    /// Every URL, in the order of the config.
    pub fn all_urls(&self) -> impl Iterator<Item = &Secret> {
        self.urls.iter().chain(&self.more_servers).chain(&self.replica_url)
    }

    /// What serves the source, by its first URL; `None` without a URL, or with one of no known scheme.
    #[must_use]
    pub fn protocol(&self) -> Option<Protocol> {
        self.urls.first().and_then(Protocol::of)
    }
}

/// A login that writes, beside one that reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterLogin {
    /// Its name.
    pub user: String,
    /// Where its password comes from. `None` only in a test of a pack, whose one login has that of the URL.
    pub password: Option<PasswordFrom>,
}

/// A database of a family whose members are not looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedMember {
    /// Its name in the family.
    pub name: String,
    /// Its kind; `None` for the family's.
    pub kind: Option<String>,
    /// Its name on the server.
    pub database: String,
}

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}

/// Where a password comes from. `Debug` does not show the arguments of a program, which may be secret.
#[derive(Clone, PartialEq, Eq)]
pub enum PasswordFrom {
    /// A variable of the environment. An unset one is an error.
    Env(String),
    /// The first line of a private file.
    File(PathBuf),
    /// The first line that a program prints: its path and arguments. It runs without a shell and a terminal, for at
    /// most 10 s.
    Command(Vec<String>),
}

impl std::fmt::Debug for PasswordFrom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => f.debug_tuple("Env").field(name).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Command(argv) => f.debug_tuple("Command").field(&argv.first()).finish_non_exhaustive(),
        }
    }
}

/// How the screen looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The colors.
    pub theme: ThemeName,
    /// Whether only ASCII is drawn. `None` decides by the locale.
    pub ascii: Option<bool>,
    /// Whether times are at first in the local zone rather than in UTC.
    pub local_time: bool,
    /// Whether the terminal's bell rings on a new crit row.
    pub bell: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self { theme: ThemeName::default(), ascii: None, local_time: false, bell: true }
    }
}

/// A theme: the colors of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeName {
    /// The terminal's own 16 colors.
    #[default]
    Terminal,
    /// For dark backgrounds, 24 bit.
    Dark,
    /// For light backgrounds, 24 bit.
    Light,
    /// No color at all.
    Mono,
}

impl ThemeName {
    /// Every theme and its word.
    pub(crate) const ALL: [(&'static str, Self); 4] =
        [("terminal", Self::Terminal), ("dark", Self::Dark), ("light", Self::Light), ("mono", Self::Mono)];
}

/// What the user changed of a view.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ViewOverride {
    /// The new values of thresholds, by name.
    pub thresholds: BTreeMap<String, String>,
    /// The refresh interval in ms; `None` for the pack's.
    pub refresh_ms: Option<u64>,
    /// The most rows that are loaded; `None` for the pack's limit.
    pub limit: Option<u32>,
    /// Where the override is in the config, for problems.
    pub at: SourceLocation,
}
