//! `opsdash show`.

use clap::{Args, ValueEnum};

use super::{Exit, parse};

/// Print the rows of a view
///
/// As its tab shows them, worst first: it asks the same questions as the dashboard and joins the answers in the same way.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct ShowArgs {
    /// The view's id, as `opsdash packs show` lists them
    pub view: String,
    /// Only rows that hold this text; the server looks for it
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// A choice of the view, or what links to it set; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse::name_and_value)]
    pub set: Vec<(String, String)>,
    /// At most so many rows; the view's own limit when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(parse::limits()))]
    pub limit: Option<u32>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub format: OutputFormat,
}

/// Formats of `show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people: as wide as the terminal, texts cut
    Table,
    /// For programs: one document, raw values, exact keys
    Json,
    /// For spreadsheets: text that begins like a formula gets an apostrophe
    Csv,
    /// For tickets: nothing is cut
    Markdown,
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash show errors
  opsdash show errors --set level=all --search timeout --limit 50
  opsdash show errors --format json | jq -r '.rows[] | select(.severity == \"crit\") | .key'
  opsdash show errors --all-targets --format json

JSON:
  {\"schema\":1,\"target\",\"view\",\"at\",\"state\":\"fresh|stale|failed|partial\",\"truncated\",\"counts\",\"error\",
   \"rows\":[{\"key\",\"severity\",\"why\",\"reason\",\"doubt\",\"values\":{column: value}}]}
  In views whose rows are causes, cause has how many a row hurts and since when.
  reason is the id of why the row is as it is, and doubt what of it is not known: source_down or
  not_loaded; both are null where there is none. CSV has the reason as its last column.
  Durations are ms, sizes bytes, times RFC 3339, whole numbers beyond 2^53 texts; what is
  absent or unknown is null. counts are of all rows, also of those beyond the limit.
  Several targets make an array.";
    format!("{examples}\n\n{}", Exit::help(&[Exit::Done, Exit::Usage, Exit::SourceDown]))
}
