//! The user's config, checked: which targets there are, how each source is reached, how the screen looks.

mod against;
mod check;
mod overrides;
mod raw;
mod settings;
mod url;
mod words;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf};

pub use check::{ConfigFile, LoadedConfig, load};
pub use settings::Setting;
pub use url::{database_in, has_password_among, has_secret, redact};
pub use words::reference;

use crate::document::SourceLocation;

/// Everything the config says, with defaults filled in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// In the order of their names.
    pub targets: Vec<Target>,
    /// The one that opens when none is asked for; `None` when there are several and none is named.
    pub default_target: Option<String>,
    /// No writes anywhere, whatever a target says.
    pub read_only: bool,
    /// Shown beside the operator's login.
    pub operator_label: Option<String>,
    /// How the screen looks.
    pub screen: Screen,
    /// Command name to keys, where the user changed them.
    pub keys: BTreeMap<String, Vec<String>>,
    /// View id (`view` or `system.view`) to what the user changed of it.
    pub views: BTreeMap<String, ViewOverride>,
}

/// One deployment of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its name in the config.
    pub name: String,
    /// The pack that describes it.
    pub system: String,
    /// Read-only until armed.
    pub protected: bool,
    /// Never written to.
    pub read_only: bool,
    /// By the pack's source names.
    pub sources: BTreeMap<String, SourceConfig>,
}

/// How one source is reached.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceConfig {
    /// Tried in order; at least one. May hold a password only when the file is private.
    pub urls: Vec<Secret>,
    /// Where reads go when there is one.
    pub replica_url: Option<Secret>,
    /// Where the password comes from; `None` leaves it to the URL and the libpq ways.
    pub password: Option<PasswordFrom>,
    /// Zone of timestamps without one; UTC when `None`.
    pub naive_zone: Option<String>,
    /// The CA that the server's certificate must come from; the system's bundle when `None`.
    pub ca_file: Option<PathBuf>,
    /// How long a statement may run, in ms.
    pub timeout_ms: Option<u32>,
    /// Bytes a second at most with which files are read; as fast as they come when `None`.
    pub read_rate: Option<u64>,
}

/// Text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<secret>")
    }
}

/// Where a password comes from. `Debug` does not show a program's arguments: they may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum PasswordFrom {
    /// A variable of the environment; unset is an error.
    Env(String),
    /// The first line of a private file.
    File(PathBuf),
    /// The first line that a program prints: argv, no shell, no terminal, 10 s.
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
    /// `terminal`, `dark`, `light` or `mono`.
    pub theme: ThemeName,
    /// Draw with ASCII alone; `None` asks the locale.
    pub ascii: Option<bool>,
    /// Start with times in the local zone rather than UTC.
    pub local_time: bool,
    /// Ring the terminal's bell on a new crit row.
    pub bell: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self { theme: ThemeName::default(), ascii: None, local_time: false, bell: true }
    }
}

/// A theme.
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
    pub const ALL: [(&'static str, Self); 4] =
        [("terminal", Self::Terminal), ("dark", Self::Dark), ("light", Self::Light), ("mono", Self::Mono)];
}

/// What the user changed of a view.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ViewOverride {
    /// By threshold name.
    pub thresholds: BTreeMap<String, String>,
    /// Refresh interval in ms.
    pub refresh_ms: Option<u64>,
    /// Rows loaded at most.
    pub limit: Option<u32>,
    /// Where the user wrote it, for problems with it.
    pub at: SourceLocation,
}
