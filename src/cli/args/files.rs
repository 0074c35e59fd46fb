//! `opsdash files`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Exit, parse, show::OutputFormat};

/// Verify and fetch files of a store
///
/// A view of files holds a catalog against the store that should have them. `list` says what can be seen without reading
/// the files; `verify` reads them to their end and compares their SHA-256; `get` fetches one, verified.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct FilesArgs {
    /// The view's id; the only one of its kind when not given
    #[arg(long, global = true, value_name = "VIEW")]
    pub view: Option<String>,
    /// Look at so many rows at most; the view's own limit when not given
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(parse::limits()))]
    pub limit: Option<u32>,
    /// What to do.
    #[command(subcommand)]
    pub command: FilesCommand,
}

/// What can be done with files.
#[derive(Debug, Clone, Subcommand)]
pub enum FilesCommand {
    /// Print the files and their verdicts
    List {
        /// How to print them
        #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
        format: OutputFormat,
    },
    /// Read files to their end and compare their SHA-256 with the catalog
    ///
    /// What was read before is not read again as long as the file has the same id, length and upload date.
    Verify {
        /// Names of files, versions or whatever names a row on screen, keys of rows, or ids of files
        #[arg(value_name = "KEY", required_unless_present = "all", conflicts_with = "all")]
        keys: Vec<String>,
        /// Every file of the view
        #[arg(long)]
        all: bool,
        /// Read again what was read before
        #[arg(long)]
        again: bool,
        /// Read no faster, a second, such as 50MB
        #[arg(long, value_name = "BYTES", value_parser = parse::rate)]
        rate: Option<u64>,
        /// Print one JSON document instead of lines
        #[arg(long)]
        json: bool,
    },
    /// Fetch a file: to a temporary name, compared, then renamed; nothing is ever overwritten
    Get {
        /// Key of the view's row, or id of the file
        key: String,
        /// The folder that it goes to; the working directory when not given
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
        /// Read no faster, a second, such as 50MB
        #[arg(long, value_name = "BYTES", value_parser = parse::rate)]
        rate: Option<u64>,
        /// Print one JSON document instead of the path
        #[arg(long)]
        json: bool,
    },
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash files list
  opsdash files verify --all
  opsdash files verify 65f0c0ffee65f0c0ffee65f0 --again --rate 20MB
  opsdash files get catalog:7b0e.. -o /srv/packages

JSON:
  verify  {\"schema\":1,\"target\",\"view\",\"files\":[{\"key\",\"name\",\"verdict\",\"why\",\"sha256\",\"bytes\"}],\"error\"}
  get     {\"schema\":1,\"target\",\"key\",\"path\",\"sha256\",\"verified\"}
  list    as `opsdash show`.

Results of reading are kept in $XDG_STATE_HOME/opsdash/verified.json.";
    let exits = [Exit::Done, Exit::Bad, Exit::Usage, Exit::SourceDown];
    format!("{examples}\n\n{}", Exit::help(&exits))
}
