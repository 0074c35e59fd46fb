//! `opsdash config`: what the config says and whether it is right.

use std::sync::Arc;

use opsdash_core::text;
use opsdash_pack::{config::Target, pack::Pack};

use crate::cli::{
    args::config::{ConfigArgs, ConfigCommand},
    error::CliError,
    exit::Exit,
    output::CommandOutput,
    setup::Setup,
};

/// Carries the command out on a config that could be read.
///
/// # Errors
/// When there is nothing to check.
pub fn run(args: &ConfigArgs, setup: &Setup) -> Result<CommandOutput, CliError> {
    match args.command {
        ConfigCommand::Show => Ok(show(setup)),
        ConfigCommand::Check => check(setup),
    }
}

fn show(setup: &Setup) -> CommandOutput {
    let settings = &setup.loaded.settings;
    let lines: Vec<(String, String)> = settings
        .iter()
        .map(|setting| (format!("{} = {}", setting.path, setting.value), setting.place.to_string()))
        .map(|(line, place)| (text::one_line(&text::inert(&line)).into_owned(), place))
        .collect();
    let wide = lines.iter().map(|(line, _)| text::width(line)).max().unwrap_or(0).min(80);
    let mut outcome = CommandOutput::done("");
    for (line, place) in lines {
        let gap = " ".repeat(wide.saturating_sub(text::width(&line)));
        outcome.data.extend(format!("{line}{gap}  # {place}\n").into_bytes());
    }
    if let Err(cli_error) = setup.config() {
        outcome.notes.push(format!("{}\n  {}", cli_error.message, cli_error.remedy));
    }
    outcome
}

fn check(setup: &Setup) -> Result<CommandOutput, CliError> {
    let config = setup.config()?;
    match setup.check() {
        Ok(packs) => {
            let line = |(target, pack): (&Target, &Arc<Pack>)| format!("{}: ok, {}\n", target.name, pack.title);
            Ok(CommandOutput::done(config.targets.iter().zip(&packs).map(line).collect::<String>()))
        }
        Err(problems) => Ok(CommandOutput { exit: Exit::Usage, ..CommandOutput::done(format!("{problems}\n")) }),
    }
}
