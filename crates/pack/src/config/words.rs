//! The words of the config.

use std::collections::BTreeMap;

use toml::Spanned;

use super::ThemeName;
use crate::document::{Name, describe, vocabulary, words_of};

const THEMES: [&str; ThemeName::ALL.len()] = words_of(&ThemeName::ALL);

/// The reference of all words of the config, in Markdown.
#[must_use]
pub fn reference() -> String {
    describe(RawConfig::SPEC)
}

vocabulary! {
    /// The machine's file is merged with the user's, table by table. Where both set a word, the user's value counts.
    struct RawConfig: "config.toml" {
        /// The target that opens when none is asked for. Default: the only target.
        optional default_target: Option<Name>,
        /// Nothing is written to any target. A user's file may set it, not lift it. Default: false.
        optional read_only: bool,
        /// A text that is shown beside the operator's login.
        optional operator_label: Option<Name>,
        /// The deployments, by name.
        optional targets: BTreeMap<Name, RawTarget>,
        /// How the screen looks.
        optional screen: RawScreen,
        /// The keys of a command, by the command's name. An empty list leaves the command without a key.
        optional keys: BTreeMap<String, Vec<String>>,
        /// Changes to a view, by its id: `errors` in every system, or `"<system>.errors"`.
        optional views: BTreeMap<Name, RawOverride>,
    }

    /// One deployment of a system.
    struct RawTarget: "[targets.<name>]" {
        /// The pack that describes it.
        required system: String,
        /// Read-only until armed. A user may set it, not lift it. Default: false.
        optional protected: bool,
        /// Nothing is written to this target. A user's file may set it, not lift it. Default: false.
        optional read_only: bool,
        /// The scope whose rows are seen, by its id or its label, where the pack has a `[scope]`; `all` for all of them,
        /// where policies do not bind the login. Default: none, so that somebody must choose.
        optional scope: Option<Name>,
        /// Where each source of the pack is, by its name.
        required sources: Spanned<BTreeMap<Name, RawSource>>,
    }

    /// How one source is reached.
    struct RawSource: "[targets.<name>.sources.<source>]" {
        /// Where the source is. A URL with a password must be in a file that only its owner can read. `file:///path` is
        /// a file store in a folder, with the files at `path/<bucket>/<id>/<name>`.
        optional url: Option<Name>,
        /// Several URLs in place of `url`, tried in order.
        optional urls: Option<Spanned<Vec<Name>>>,
        /// Of a family: the servers that hold its databases, in place of `url`; every one is asked. The database of each URL
        /// is where the server tells its databases.
        optional servers: Option<Spanned<Vec<Name>>>,
        /// Of a family: names of its databases, in place of the pack's; `*` stands for any characters.
        optional databases: Option<Vec<Name>>,
        /// Of a family: names of databases that are no members, in place of the pack's.
        optional exclude: Option<Vec<Name>>,
        /// Where reads go. Writes, and the reads that belong to a write, use `url`.
        optional replica_url: Option<Name>,
        /// Where the password comes from. Default: from the URL, else from where libpq takes it.
        optional password: Option<Spanned<RawPassword>> where replaced,
        /// Of SQL Server: the login that writes, and looks before it writes, and does nothing else. Without it actions are
        /// off: no transaction there only reads, so the login of the URL is to be one that may not write.
        optional writer: Option<RawWriter>,
        /// The zone of timestamps without a zone. Default: UTC.
        optional naive_zone: Option<Name>,
        /// The file of the CA that signed the server's certificate. Default: the system's bundle.
        optional ca_file: Option<Name>,
        /// How long a statement may run: 100ms to 10m.
        optional timeout: Option<Name>,
        /// How many bytes a second are read of files that are verified or fetched: 100KB to 10GB. Default: no bound.
        optional read_rate: Option<Name>,
    }

    /// The login that writes to SQL Server.
    struct RawWriter: "writer = { .. }" {
        /// Its name.
        required user: Name,
        /// Where its password comes from.
        required password: Spanned<RawPassword>,
    }

    /// Where the password comes from: one of these words.
    struct RawPassword: "password = { .. }" {
        /// A variable of the environment. An unset one is an error.
        optional env: Option<String>,
        /// The first line of a file that only its owner can read.
        optional file: Option<Name>,
        /// The first line that a program prints within 10 s: its path and arguments. It runs without a shell.
        optional command: Option<Vec<String>>,
    }

    /// How the screen looks.
    #[derive(Default)]
    struct RawScreen: "[screen]" {
        /// `terminal`, `dark`, `light` or `mono`. Default: terminal.
        optional theme: Option<Name> where one_of(&THEMES),
        /// Draw with ASCII only. Default: when the locale is not UTF-8.
        optional ascii: Option<bool>,
        /// The zone of times: `utc` or `local`. Default: utc.
        optional time: Option<Name> where one_of(&["utc", "local"]),
        /// Ring on a new crit row. Default: true.
        optional bell: Option<bool>,
    }

    /// Changes to a view.
    struct RawOverride: "[views.<id>]" {
        /// How often the query runs: 1s to 1d. Default: the pack's.
        optional refresh: Option<Name>,
        /// The most rows that are loaded: 1 to 10000. Default: the pack's.
        optional limit: Option<Spanned<i64>>,
        /// New values of the view's thresholds, by name.
        optional threshold: BTreeMap<String, String>,
    }
}
