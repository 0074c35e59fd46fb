//! The command line: what may be typed, and the help that teaches it.

#![expect(clippy::doc_markdown, reason = "help texts are read in a terminal, where backticks are noise")]

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use super::{
    choices::ViewRequest,
    commands::{act, audit, check, completions, config, doctor, files, lookup, packs, show},
    exit::Exit,
    targets::TargetSelection,
};

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
}

impl Common {
    /// What was typed about targets.
    #[must_use]
    pub fn wanted(&self) -> TargetSelection {
        TargetSelection { names: self.target.clone(), all: self.all_targets }
    }
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
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value, requires = "view", help_heading = "Dashboard")]
    pub set: Vec<(String, String)>,
}

/// Where the dashboard opens, for the program's loop.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DashboardOptions {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// Which targets are watched, the first one on screen; all of them can be switched to.
    pub wanted: TargetSelection,
    /// `--read-only`.
    pub read_only: bool,
    /// `None` opens the overview. [`ViewRequest::resolve`] turns it into a view and its choices.
    pub asked: Option<ViewRequest>,
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
    Packs(packs::PacksArgs),
    Config(config::ConfigArgs),
    Completions(completions::CompletionsArgs),
}

impl Cli {
    /// Reads the arguments, the program's name first. `lookups` are the names that packs give to questions.
    ///
    /// # Errors
    /// Clap's: help and version are among them.
    pub fn read(arguments: impl IntoIterator<Item = OsString>, lookups: &[String]) -> Result<Self, clap::Error> {
        let matches = command(lookups).try_get_matches_from(arguments)?;
        let cli = match matches.subcommand() {
            Some((name, inner)) if lookups.iter().any(|lookup| lookup == name) => Self {
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

    /// Where the dashboard opens.
    #[must_use]
    pub fn opening(&self) -> DashboardOptions {
        let OpeningArgs { read_only, view, search, set } = self.opening.clone();
        let asked = view.map(|view| ViewRequest { view, search: search.unwrap_or_default(), set });
        DashboardOptions { config: self.common.config.clone(), wanted: self.common.wanted(), read_only, asked }
    }
}

/// The whole command line.
#[must_use]
pub fn command(lookups: &[String]) -> clap::Command {
    let own = Cli::command().after_long_help(after_help(lookups));
    lookups.iter().fold(own, |command, name| lookup::add(command, name))
}

/// Whether a command line that cannot be read was meant for `check`, whose mistakes have another exit code.
#[must_use]
pub fn is_check(arguments: impl IntoIterator<Item = OsString>, lookups: &[String]) -> bool {
    let lenient = command(lookups).ignore_errors(true).try_get_matches_from(arguments);
    lenient.is_ok_and(|matches| matches.subcommand_name() == Some("check"))
}

/// Reads `name=value`.
///
/// # Errors
/// When there is no `=` or nothing before it.
pub fn name_and_value(typed: &str) -> Result<(String, String), String> {
    match typed.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE, for example level=ERROR".to_owned()),
    }
}

fn after_help(lookups: &[String]) -> String {
    let of_lookup = |name: &String| {
        let line = format!("opsdash {name} KEY");
        format!("  {line:<39}  whether a {name} is usable, and why not\n")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::read(line.split(' ').map(OsString::from), &["badge".to_owned()])
    }

    #[test]
    fn the_command_line_is_sound() {
        command(&["badge".to_owned()]).debug_assert();
    }

    #[test]
    fn common_options_stand_before_and_after_the_subcommand() {
        for line in ["opsdash --target a --config c.toml show errors", "opsdash show errors --target a --config c.toml"]
        {
            let cli = read(line).unwrap();
            assert_eq!(cli.common.target, ["a"]);
            assert_eq!(cli.common.config, Some("c.toml".into()));
        }
        assert_eq!(read("opsdash badge x --target a --target b").unwrap().common.wanted().names, ["a", "b"]);
    }

    #[test]
    fn a_mistake_in_a_call_of_check_is_known_to_be_one() {
        for line in [
            "opsdash check --bogus",
            "opsdash check --format xml",
            "opsdash --target a check errors --timeout never",
            "opsdash --view errors check",
            "opsdash check --target",
        ] {
            let line: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert!(Cli::read(line.clone(), &[]).is_err() && is_check(line.clone(), &[]), "{line:?}");
        }
        assert!(!is_check(["opsdash", "show", "check", "--bogus"].map(OsString::from), &[]));
    }

    #[test]
    fn a_pack_names_a_command() {
        let cli = read("opsdash badge 1234 --json").unwrap();
        let Some(Command::Lookup(asking)) = cli.command else { panic!("{cli:?}") };
        assert_eq!((asking.name.as_str(), asking.query.as_deref(), asking.json), ("badge", Some("1234"), true));
        assert!(read("opsdash gadget 1234").is_err());
    }

    #[test]
    fn the_dashboard_opens_where_it_is_told_to() {
        let opening =
            read("opsdash --read-only --target t --view errors --set level=all --search x").unwrap().opening();
        let set = vec![("level".to_owned(), "all".to_owned())];
        assert_eq!(opening.asked, Some(ViewRequest { view: "errors".into(), search: "x".into(), set }));
        assert_eq!((opening.wanted.names.as_slice(), opening.read_only), (["t".to_owned()].as_slice(), true));
        assert_eq!(read("opsdash --target a --target b").unwrap().opening().wanted.names, ["a", "b"]);
        assert!(read("opsdash --view errors show errors").is_err());
        assert!(read("opsdash --set level=all").is_err());
        assert!(read("opsdash --view errors --set level").is_err());
    }
}
