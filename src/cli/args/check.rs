//! `opsdash check`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use opsdash_core::value::Severity;

use super::{Exit, parse};

/// Judge views for monitoring: exit code, one line, JSON or metrics
///
/// It asks for the counts that the tabs show, of the whole query and under each view's default choices, and ends with
/// the worst. A view that cannot be had is unknown, with its source and the reason; the others are judged all the same.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct CheckArgs {
    /// Ids of views, as `opsdash packs show` lists them; every tab when not given
    #[arg(value_name = "VIEW")]
    pub views: Vec<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = CheckFormat::Line)]
    pub format: CheckFormat,
    /// Write to this file instead of stdout
    ///
    /// The file is replaced in one step: a reader sees the old one or the new one, never half of one. Metrics are
    /// readable for everybody (node_exporter is another user), what holds texts of rows for you alone.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Keep the line, and what stands under it, within so many bytes
    ///
    /// NRPE cuts at 1024, within a label. Counts of 0 are left out first, then other perfdata, always whole; then lines of
    /// views. Only for `--format line`.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(80..))]
    pub max_bytes: Option<u32>,
    /// Judge the rows of every scope that can be chosen, one after the other
    ///
    /// Where the system has a scope: each client, each site. Views that are nobody's are judged once. The line names those
    /// that are not ok and counts the others; perfdata has the sums of all.
    #[arg(long, conflicts_with = "scope")]
    pub each_scope: bool,
    /// Call unknown what a target has not answered within this time, such as 30s
    ///
    /// Every target, and of it every scope, has its own. When not given it is twice the longest `timeout` of the target's sources in the
    /// config: 10 s where the config does not say.
    #[arg(long, value_name = "TIME", value_parser = parse::patience)]
    pub timeout: Option<Duration>,
}

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For Nagios and its kin, cron and chat: a line with perfdata, then a line for each view in trouble; on a terminal
    /// without perfdata
    Line,
    /// For programs: one document
    Json,
    /// For node_exporter's textfile collector
    Prometheus,
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash check
  opsdash check errors error_log --target prod --timeout 30s
  opsdash check --all-targets --format json | jq -r '.[].checks[] | select(.severity != \"ok\")'
  opsdash check --each-scope --target prod
  opsdash check --format prometheus --output /var/lib/node_exporter/textfile/opsdash.prom

Line:
  CRITICAL - prod: errors 3 crit 5 warn (new), updates unknown | 'errors_crit'=3;;0;0 ...
  then a line for each view in trouble with its reasons and its worst row, or why nothing is
  known of it. Rows that are off are in no perfdata. The summary names the worst and counts what
  has no room; on a terminal there is no perfdata.
  --max-bytes keeps it short enough for NRPE.
  Of several targets perfdata begins with the target: 'prod.errors_crit'.

JSON:
  {\"schema\":1,\"severity\",\"checks\":[{\"target\",\"view\",\"severity\",\"crit\",\"warn\",\"ok\",\"unknown\",
   \"off\",\"reasons\":[{\"reason\",\"severity\",\"rows\"}],\"worst\",\"error\":null|{\"source\",\"kind\",\"message\",\"object\",\"hint\"}}]}
  Counts are of the whole query; null when it did not answer. Several targets make an array.
  A view that is asked within a scope has \"scope\":{\"id\",\"label\"} too.

Prometheus:
  opsdash_view_rows{target,system,view,severity}  rows; absent while nothing is known
  opsdash_view_reason_rows{target,system,view,severity,reason}
                                                  rows that need somebody, by why
  opsdash_view_up{target,system,view}             0 when something did not answer
  opsdash_check_last_success_timestamp_seconds{target,system}
                                                  when every view last answered; a run in which
                                                  one does not keeps what stands in the file.
                                                  With views named, the label views has them";
    let severities = [Severity::Ok, Severity::Warn, Severity::Crit, Severity::Unknown].map(Exit::Judged);
    let exits: Vec<Exit> = severities.into_iter().chain([Exit::CheckUsage]).collect();
    format!("{examples}\n\n{}\nWorst first: crit, unknown, warn, ok.", Exit::help(&exits))
}
