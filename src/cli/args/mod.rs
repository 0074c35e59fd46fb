//! The command line: what may be typed, and the help that teaches it.
//!
//! `crates/xtask` includes this module to make the manual page, so it needs nothing but clap, the pure crates and
//! `exit.rs`.

#![expect(clippy::doc_markdown, reason = "help texts are read in a terminal, where backticks are noise")]

pub mod act;
pub mod audit;
pub mod check;
pub mod completions;
pub mod config;
pub mod doctor;
pub mod files;
pub mod lookup;
pub mod packs;
mod parse;
pub mod runbook;
pub mod show;

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use opsdash_pack::pack::LookupWords;

use super::exit::Exit;

/// A terminal operations dashboard: what is broken, who is affected, what expires next.
///
/// Without a subcommand it opens the dashboard. The subcommands give the same answers to a shell: data on stdout,
/// everything else on stderr, no terminal needed.
#[derive(Debug, Clone, Parser)]
#[command(name = "opsdash", version)]
pub struct Cli {
    /// Which config and which targets.
    #[command(flatten)]
    pub common: Common,
    /// Where the dashboard opens.
    #[command(flatten)]
    pub opening: OpeningArgs,
    /// What to do instead of opening the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Which config and which targets: understood before and after every subcommand.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Read this config file alone
    ///
    /// It is read instead of /etc/opsdash/config.toml and $XDG_CONFIG_HOME/opsdash/config.toml. The variable
    /// OPSDASH_CONFIG does the same; this option wins.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Config")]
    pub config: Option<PathBuf>,
    /// Ask this target; may be repeated
    ///
    /// The config's default_target when not given. Of several targets JSON is an array, and the exit code is the worst
    /// one. The dashboard opens on the first that is named and watches those that are; without a name it watches all.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Config")]
    pub target: Vec<String>,
    /// Ask every target of the config that has what is asked for
    #[arg(long, global = true, help_heading = "Config")]
    pub all_targets: bool,
    /// See the rows of this one alone, by its id or its label, where the system has a scope
    ///
    /// Its pack says what that is: a client, a site. `all` means all of them, where row-level security does not bind the
    /// login. When not given it is the target's `scope` in the config; without one nothing is known of anybody's rows.
    #[arg(long, global = true, value_name = "SCOPE", help_heading = "Config")]
    pub scope: Option<String>,
}

/// Options of the dashboard itself.
#[derive(Debug, Clone, Default, Args)]
pub struct OpeningArgs {
    /// Write nothing, whatever the config allows
    #[arg(long, help_heading = "Dashboard")]
    pub read_only: bool,
    /// Open this view instead of the overview
    #[arg(long, value_name = "VIEW", help_heading = "Dashboard")]
    pub view: Option<String>,
    /// Open it with the rows that hold this text
    #[arg(long, value_name = "TEXT", requires = "view", help_heading = "Dashboard")]
    pub search: Option<String>,
    /// Open it under this choice; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse::name_and_value, requires = "view", help_heading = "Dashboard")]
    pub set: Vec<(String, String)>,
}

/// What there is beside the dashboard. What each one does is said at its arguments, for the help.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    // These commands come from the packs: see `lookup::add`.
    #[command(skip)]
    Lookup(lookup::LookupRequest),
    Show(show::ShowArgs),
    Act(act::ActArgs),
    Files(files::FilesArgs),
    Audit(audit::AuditArgs),
    Check(check::CheckArgs),
    Doctor(doctor::DoctorArgs),
    Runbook(runbook::RunbookArgs),
    Packs(packs::PacksArgs),
    Config(config::ConfigArgs),
    Completions(completions::CompletionsArgs),
}

impl Cli {
    /// Reads the arguments, the program's name first. `lookups` are the questions to which packs give a name.
    ///
    /// # Errors
    /// Clap's: help and version are among them.
    pub fn read(
        arguments: impl IntoIterator<Item = OsString>,
        lookups: &BTreeMap<String, LookupWords>,
    ) -> Result<Self, clap::Error> {
        let matches = command(lookups).try_get_matches_from(arguments)?;
        let cli = match matches.subcommand() {
            Some((name, inner)) if lookups.contains_key(name) => Self {
                common: Common::from_arg_matches(&matches)?,
                opening: OpeningArgs::from_arg_matches(&matches)?,
                command: Some(Command::Lookup(lookup::LookupRequest::of(name, inner)?)),
            },
            _ => Self::from_arg_matches(&matches)?,
        };
        cli.validate_opening()?;
        Ok(cli)
    }

    /// Options of the dashboard mean nothing before a subcommand; silently dropped they would mislead.
    fn validate_opening(&self) -> Result<(), clap::Error> {
        let OpeningArgs { read_only: _, view, .. } = &self.opening;
        if self.command.is_some() && view.is_some() {
            let what = "--view, --search and --set before a subcommand belong to the dashboard; give them after `show`";
            return Err(clap::Error::raw(clap::error::ErrorKind::ArgumentConflict, format!("{what}\n")));
        }
        Ok(())
    }
}

/// The whole command line.
#[must_use]
pub fn command(lookups: &BTreeMap<String, LookupWords>) -> clap::Command {
    let own = Cli::command().after_long_help(after_help(lookups));
    lookups.iter().fold(own, |command, (name, words)| lookup::add(command, name, words))
}

/// Whether a pack may give a lookup this name: no command of ours has it.
#[must_use]
pub fn is_free(name: &str) -> bool {
    name != "help" && Cli::command().find_subcommand(name).is_none()
}

/// Whether a command line that cannot be read was meant for `check`, whose mistakes have another exit code.
#[must_use]
pub fn is_check(arguments: impl IntoIterator<Item = OsString>, lookups: &BTreeMap<String, LookupWords>) -> bool {
    let lenient = command(lookups).ignore_errors(true).try_get_matches_from(arguments);
    lenient.is_ok_and(|matches| matches.subcommand_name() == Some("check"))
}

fn after_help(lookups: &BTreeMap<String, LookupWords>) -> String {
    let of_lookup = |(name, words): (&String, &LookupWords)| {
        let line = format!("opsdash {name} {}", if words.secret { "KEY" } else { "QUERY" });
        format!("  {line:<39}  {}\n", lookup::tells(name, words))
    };
    let lookups: String = lookups.iter().map(of_lookup).collect();
    let examples = format!(
        "\
Examples:
  opsdash                                  open the dashboard
  opsdash --view errors --set level=all    open it on a view
  opsdash show errors --format json        the same rows for a script
{lookups}  opsdash check --all-targets              what is wrong, for monitoring and cron
  opsdash act error_log resolve ID         write, after a look and a question
  opsdash runbook restore                  what to do, with commands to copy
  opsdash packs list                       systems that this program knows
  opsdash config check                     whether the config is right
  opsdash doctor                           whether the servers are what the packs expect

Config:
  /etc/opsdash/config.toml and over it $XDG_CONFIG_HOME/opsdash/config.toml (~/.config).
  It names the targets: which system runs where, and how its databases are reached.
  Start from config.example.toml. Config and packs must belong to you or to root, and
  nobody else may be able to write to them.

Environment:
  OPSDASH_CONFIG    read this config file alone
  NO_COLOR          no color, wherever text goes"
    );
    format!("{examples}\n\n{}", Exit::help(&Exit::ALL.map(|(exit, ..)| exit)))
}
