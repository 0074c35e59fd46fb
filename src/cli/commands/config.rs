//! `opsdash config`: what the config says and whether it is right.

use std::sync::Arc;

use opsdash_core::text;
use opsdash_pack::{
    config::{Config, Target},
    document::Problems,
    pack::Pack,
};
use opsdash_sources::Source;

use crate::{
    cli::{
        args::config::{ConfigArgs, ConfigCommand},
        error::CliError,
        exit::Exit,
        output::CommandOutput,
        setup::Setup,
    },
    settings::password,
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
    let checked = setup.check().and_then(|packs| unusable(setup, config).or(packs));
    match checked {
        Ok(packs) => {
            let line = |(target, pack): (&Target, &Arc<Pack>)| format!("{}: ok, {}\n", target.name, pack.title);
            Ok(CommandOutput::done(config.targets.iter().zip(&packs).map(line).collect::<String>()))
        }
        Err(problems) => Ok(CommandOutput { exit: Exit::Usage, ..CommandOutput::done(format!("{problems}\n")) }),
    }
}

/// What can be known of the sources without a network: a URL that cannot be used, a zone that nobody knows, a CA or a password
/// that is not there. Programs that give a password are not run.
fn unusable(setup: &Setup, config: &Config) -> Problems {
    let mut problems = Problems::default();
    for target in &config.targets {
        for (name, source) in &target.sources {
            let place = setup.loaded.place(&format!("targets.{}.sources.{name}", target.name));
            let mut add = |what: String| problems.add(place.clone(), format!("source {name}: {what}"), "");
            if let Err(failure) = Source::open(name, source, Arc::new(None), &setup.environment.operator) {
                add(failure.message);
            }
            if let Some(file) = &source.ca_file
                && let Err(why) = std::fs::File::open(file)
            {
                add(format!("the ca_file {} cannot be read: {why}", file.display()));
            }
            let passwords =
                source.password.iter().chain(source.writer.iter().filter_map(|writer| writer.password.as_ref()));
            for why in passwords.filter_map(|from| password::check(from, &setup.environment).err()) {
                add(why.to_string());
            }
        }
    }
    problems
}
