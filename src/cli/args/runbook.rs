//! `opsdash runbook`.

use clap::{Args, ValueEnum};

use super::Exit;

/// Print what the system's document tells people to do and to tick
///
/// Commands are printed, and nothing is ever run. It asks no server unless told to, so it is there when they are not.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct RunbookArgs {
    /// Only entries and checklists with all of these words; an id names one
    #[arg(value_name = "WORD")]
    pub words: Vec<String>,
    /// Ask the servers for the ticks that rows decide
    #[arg(long)]
    pub ask: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = RunbookFormat::Text)]
    pub format: RunbookFormat,
}

/// Formats of `runbook`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RunbookFormat {
    /// For people
    Text,
    /// For programs: one document
    Json,
    /// For tickets
    Markdown,
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash runbook
  opsdash runbook restore
  opsdash runbook security --ask --format markdown
  opsdash runbook --format json | jq -r '.entries[] | select(.label == \"DESTRUCTIVE\") | .id'

JSON:
  {\"schema\":1,\"target\",\"system\",\"unfilled\":[..],
   \"entries\":[{\"id\",\"section\",\"title\",\"when\",\"text\",\"label\",\"steps\":[{\"says\",\"command\",\"url\",\"label\",\"locks\",\"loses\"}]}],
   \"checklists\":[{\"id\",\"title\",\"ticks\":[{\"id\",\"phase\",\"says\",\"state\":\"ticked|open|unknown\",\"why\",\"by\",\"at\",\"view\",\"runbook\"}]}]}
  What is not there is null. Several targets make an array.";
    format!("{examples}\n\n{}", Exit::help(&[Exit::Done, Exit::Usage]))
}
