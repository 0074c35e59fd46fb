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
    /// Only rows that pass this filter; may be repeated, and all must hold
    ///
    /// It is the language of the screen's filter: text, /regex/, !not, column:value, column>=value. A column is named by
    /// its title or its name. All rows of the view are read for it, 10 000 at most.
    #[arg(long = "where", value_name = "FILTER", allow_hyphen_values = true)]
    pub filters: Vec<String>,
    /// Only this row: its key, or what the screen calls it; may be repeated
    #[arg(long = "key", value_name = "KEY", allow_hyphen_values = true)]
    pub keys: Vec<String>,
    /// Order by this column, or by severity; may be repeated, and the first one counts first
    ///
    /// COLUMN or COLUMN:asc from the smallest, COLUMN:desc or -COLUMN from the largest. What is not there comes last. Without it
    /// the order is that of the tab.
    #[arg(long, value_name = "COLUMN[:desc]", allow_hyphen_values = true)]
    pub sort: Vec<String>,
    /// Print these columns alone, in this order
    ///
    /// By their titles or their names, and row_key, severity, why, reason and doubt. JSON has them as the values of its rows.
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// At most so many rows; the view's own limit when not given, and all that pass a filter
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(parse::limits()))]
    pub limit: Option<u32>,
    /// Leave out the line with the names of the columns
    #[arg(long)]
    pub no_header: bool,
    /// Read and print again and again, every so many seconds, until Ctrl-C
    ///
    /// The view's own interval when no number is given, or 0. On a terminal each round replaces the one before, and is cut at its
    /// height; anywhere else a line with the time stands above each round. JSON has a document a line.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "0", value_parser = clap::value_parser!(u32).range(0..=86_400))]
    pub watch: Option<u32>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = OutputFormat::Table)]
    pub format: OutputFormat,
}

/// Formats of `show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people: on a terminal as wide as that, texts cut; elsewhere nothing is cut
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
  opsdash show errors --where 'events>=10 last<1h' --sort events:desc
  opsdash show pg_tables --where 'size>1GB' --columns table,size,why --format csv
  opsdash show pg_activity --where 'since>5m' --watch 2
  opsdash show errors --format json | jq -r '.rows[] | select(.severity == \"crit\") | .key'
  opsdash show errors --all-targets --format json

JSON:
  {\"schema\":1,\"target\",\"view\",\"at\",\"state\":\"fresh|stale|failed|partial\",\"truncated\",\"counts\",\"error\",
   \"rows\":[{\"key\",\"severity\",\"why\",\"reason\",\"doubt\",\"values\":{column: value}}]}
  With --where or --key, matched has how many of the rows that were read pass.
  In views whose rows are causes, cause has how many a row hurts and since when.
  reason is the id of why the row is as it is, and doubt what of it is not known: source_down or
  not_loaded; both are null where there is none. CSV has the reason as its last column.
  Durations are ms, sizes bytes, times RFC 3339, whole numbers beyond 2^53 texts; what is
  absent or unknown is null. counts are of all rows, also of those that do not pass and those
  beyond the limit; truncated says that there are such.
  Several targets make an array.";
    format!(
        "{examples}\n\n{}",
        Exit::help(&[Exit::Done, Exit::Ambiguous, Exit::Usage, Exit::SourceDown, Exit::NotFound])
    )
}
