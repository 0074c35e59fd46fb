//! `opsdash packs`.

use std::path::PathBuf;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use opsdash_pack::{language::PackFile, pack::Naming};

use super::{Exit, parse};

/// List, show, check and make packs: the descriptions of systems
///
/// A pack describes a system: its sources, its views with their queries, and what may be done to their rows.
///
/// Ours are in the program. A folder of the same name in /etc/opsdash/packs or $XDG_CONFIG_HOME/opsdash/packs lies over
/// them, file by file; a folder of another name is another system.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct PacksArgs {
    #[command(subcommand)]
    /// What to do with packs.
    pub command: PacksCommand,
}

/// What can be done with packs.
#[derive(Debug, Clone, Subcommand)]
pub enum PacksCommand {
    /// List the systems that there is a pack for
    List,
    /// Show a pack: its sources and views, and the file of each query
    Show {
        /// The system, as `opsdash packs list` names it
        system: String,
    },
    /// Check packs; problems are printed with file and line
    Check {
        /// The folder of one pack; every known pack when not given
        dir: Option<PathBuf>,
        /// Ask everything that a pack says on the servers of a target
        ///
        /// As the dashboard would: in a read-only transaction, each within the source's timeout. Views are asked under
        /// each of their choices; details, enrichments, looks and links with the key of a row, where there is one; what
        /// actions write is planned and never run.
        ///
        /// With a folder it is tried on the target of its system, or on the one that --target names; without one, the
        /// target's own pack is.
        #[arg(long)]
        live: bool,
    },
    /// Make a small pack that works, to be changed into your own
    New {
        /// The system's name: lower case letters, digits, - and _
        name: String,
        /// Where the folder is made; among your packs when not given
        dir: Option<PathBuf>,
        /// Make it of the tables of this PostgreSQL database
        ///
        /// Its catalogs are read and nothing else: each table with a key becomes a view with a detail, columns are shown
        /// by their types, status-like ones become facets, foreign keys links. What looks like a secret is not selected.
        /// The URL is written nowhere; leave a password to ~/.pgpass and PGPASSWORD.
        #[arg(long, value_name = "URL")]
        from: Option<String>,
    },
    Sql(SqlArgs),
    Test(TestArgs),
    Eject(EjectArgs),
    /// Print the JSON Schema of a file of packs, for editors
    ///
    /// Of a view when no file is named. An editor that knows TOML then completes words, shows what they mean and marks
    /// what is wrong: in Even Better TOML and Taplo by a first line `#:schema view.json`, or by a rule in .taplo.toml.
    Schema {
        /// pack for pack.toml, view for <view>.toml, runbook for runbook.toml, schema for schema.toml, test for
        /// tests/<name>.toml
        #[arg(hide_possible_values = true, default_value = "view", value_parser = PossibleValuesParser::new(PackFile::ALL.map(|(word, _)| word)))]
        file: String,
    },
}

/// Print a view's query as psql or mongosh runs it
///
/// With its fragments written out, and a \set line for each parameter: thresholds and facets have their defaults, what a
/// key or a search is bound to is NULL. Of MongoDB, what mongosh runs on the source's database.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_sql_help())]
pub struct SqlArgs {
    /// The view's id, as `opsdash packs show` lists it
    pub view: String,
    /// Another statement of the view: what its file is called after the view's id, such as detail
    #[arg(long, value_name = "NAME")]
    pub statement: Option<String>,
    /// The system whose view it is; the target's when not given
    #[arg(long, value_name = "SYSTEM")]
    pub system: Option<String>,
    /// The folder of the pack, instead of a system
    #[arg(long, value_name = "DIR", conflicts_with = "system")]
    pub dir: Option<PathBuf>,
}

/// Run the tests of a pack, on databases that are made for them and dropped
///
/// They are in its folder, in tests/<name>.toml, and say which rows a view must return of known rows. Each test gets
/// databases of its own, named opsdash_test_<who>_.., so the login must be allowed to make databases; nothing else on the
/// servers is touched. They are dropped when the test fails too, and when the run is told to end.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_test_help())]
pub struct TestArgs {
    /// The folder of the pack, or the name of one of yours
    pub pack: PathBuf,
    /// A server for each source of the pack
    ///
    /// The database in the URL is only where it connects to. Everybody on this machine sees a URL of the command line:
    /// leave passwords to ~/.pgpass and PGPASSWORD.
    #[arg(long, value_name = "SOURCE=URL", value_parser = parse::name_and_value)]
    pub on: Vec<(String, String)>,
    /// Only tests with this text in their names
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
}

/// Write a pack's files to a folder, to be changed
///
/// In your folder of packs they lie over ours from the next start on. Where the database writes names another way than the
/// pack, --naming writes the queries so; opsdash doctor says which way that is. Nothing is ever overwritten.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_eject_help())]
pub struct EjectArgs {
    /// The system, as `opsdash packs list` names it
    pub system: String,
    /// Where to; $XDG_CONFIG_HOME/opsdash/packs/SYSTEM when not given
    pub dir: Option<PathBuf>,
    /// How the database writes names of several words: userId is "userId", user_id or userid
    #[arg(long, value_name = "NAMING", default_value = Naming::default().word(), value_parser = PossibleValuesParser::new(Naming::ALL.map(|(word, _)| word)))]
    pub naming: String,
    /// What the database calls a type that a query names; may be repeated
    #[arg(long, value_name = "OLD=NEW", value_parser = parse::name_and_value, value_delimiter = ',')]
    pub enum_types: Vec<(String, String)>,
}

fn after_help() -> String {
    format!(
        "Examples:\n  opsdash packs list\n  opsdash packs new shop\n  opsdash packs new shop --from postgres://reader@db/shop\n  opsdash packs check ~/.config/opsdash/packs/shop\n  \
         opsdash packs check ~/.config/opsdash/packs/shop --live --target staging\n  opsdash packs schema view > view.json\n\n{}",
        Exit::help(&[Exit::Done, Exit::Usage, Exit::SourceDown])
    )
}

fn after_sql_help() -> String {
    format!(
        "Examples:\n  opsdash packs sql orders\n  opsdash packs sql orders --statement detail\n  \
         opsdash packs sql orders --dir ./shop | psql -d shop\n\n{}",
        Exit::help(&[Exit::Done, Exit::Usage])
    )
}

fn after_test_help() -> String {
    let examples = "\
Examples:
  opsdash packs test ~/.config/opsdash/packs/shop --on main=postgres:///postgres
  opsdash packs test shop --on main=postgres:///postgres --on files=mongodb://localhost/test --only silent

JSON:
  {\"schema\":1,\"system\",\"passed\",\"failed\",\"tests\":[{\"name\",\"file\",\"line\",\"passed\",
   \"problems\":[{\"file\",\"line\",\"what\",\"remedy\"}]}]}";
    format!("{examples}\n\n{}", Exit::help(&[Exit::Done, Exit::Failed, Exit::Usage, Exit::SourceDown]))
}

fn after_eject_help() -> String {
    format!(
        "Examples:\n  opsdash packs eject shop\n  opsdash packs eject shop --naming snake ./shop\n\n{}",
        Exit::help(&[Exit::Done, Exit::Usage])
    )
}
