//! `opsdash config`.

use clap::{Args, Subcommand};

use super::Exit;

/// Show and check the config
///
/// It names the targets: which system runs where, and how its databases are reached.
///
/// It is read from /etc/opsdash/config.toml and, over it, $XDG_CONFIG_HOME/opsdash/config.toml (~/.config when that is
/// not set). --config or OPSDASH_CONFIG replaces both. config.example.toml shows every word.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct ConfigArgs {
    #[command(subcommand)]
    /// What to do with it.
    pub command: ConfigCommand,
}

/// What can be done with the config.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Print every value and the file and line it comes from; secrets stay hidden
    Show,
    /// Check config and packs together; problems are printed with file and line
    Check,
}

fn after_help() -> String {
    format!(
        "Examples:\n  opsdash config check\n  opsdash config show --config ./staging.toml\n\n{}",
        Exit::help(&[Exit::Done, Exit::Usage])
    )
}
