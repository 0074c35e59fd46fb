//! `opsdash doctor`.

use clap::{Args, ValueEnum};

use super::Exit;

/// Look at the servers: can they be reached, read, and are they what the pack expects
///
/// It looks at the connection, TLS and clocks, at what the login may do, at tables, columns, enum labels, indexes,
/// extensions and migrations, and says of everything that is not right how to mend it. It writes nothing.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct DoctorArgs {
    /// How to print what was found
    #[arg(long, value_enum, default_value_t = DoctorFormat::Text)]
    pub format: DoctorFormat,
    /// Print statements that make logins with just the rights that opsdash needs, of one source or all
    ///
    /// They are SQL or mongosh's, as each source wants it. Read them before you run them.
    #[arg(long, value_name = "SOURCE", num_args = 0..=1, default_missing_value = "", conflicts_with = "format")]
    pub grants: Option<String>,
}

/// Formats of `doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people: by source, worst first
    Text,
    /// For programs: one document
    Json,
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash doctor
  opsdash doctor --all-targets --format json
  opsdash doctor --grants main > grants.sql

JSON:
  {\"schema\":1,\"severity\",\"findings\":[{\"target\",\"source\",\"severity\",\"subject\",\"found\",\"fix\"}]}
  severity is ok, warn, unknown or crit; of the document, the worst. An ok finding with a fix
  is a hint. Several targets make an array.

What is crit blocks, and ends with 1; warnings and hints do not.";
    format!("{examples}\n\n{}", Exit::help(&[Exit::Done, Exit::Blocked, Exit::Usage, Exit::SourceDown]))
}
