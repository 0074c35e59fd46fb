//! `opsdash audit`.

use clap::{Args, ValueEnum};

use super::{Exit, parse};

/// Print what was done with this login's opsdash on this machine
///
/// A write has a line before it and one after. What has no second one broke off: its outcome is unknown. With --target only
/// what was done there.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct AuditArgs {
    /// Only what is younger, such as 8h or 7d
    #[arg(long, value_name = "AGE", value_parser = parse::age)]
    pub since: Option<u64>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = AuditFormat::Text)]
    pub format: AuditFormat,
}

/// Formats of `audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// For people: a line for each action, with its note and whether it was taken back
    Text,
    /// For programs: one document with everything
    Json,
    /// For tickets and the next shift: the same as a table
    Markdown,
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash audit --since 8h
  opsdash audit --format json | jq '.entries[] | select(.outcome == null)'

JSON:
  {\"schema\":1,\"entries\":[{\"intent\":{..},\"outcome\":{..}|null,\"undo_of\":{..}|null}]}
  They are the lines of $XDG_STATE_HOME/opsdash/audit.jsonl (~/.local/state).";
    format!("{examples}\n\n{}", Exit::help(&[Exit::Done, Exit::Usage]))
}
