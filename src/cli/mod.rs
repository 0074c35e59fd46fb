//! The command line: parsed once, answered without a terminal. Data goes to stdout, everything else to stderr.

mod answer;
mod args;
mod choices;
mod commands;
mod error;
mod exit;
pub mod output;
mod printed;
mod query;
mod row_names;
mod setup;
mod targets;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

use opsdash_core::model::Demand;

pub use choices::ViewRequest;
use clap::error::ErrorKind;
pub use error::CliError;
pub use exit::Exit;
use opsdash_core::text;
use opsdash_pack::{config::Target, document::Problems};
pub use setup::Setup;

use self::{
    args::{Cli, Command, OpeningArgs},
    commands::{act, audit, check, completions, config, doctor, files, lookup, packs, runbook, show, undo},
    output::{CommandOutput, OutputStyle},
    targets::TargetSelection,
};
use crate::{
    runtime::session::SessionOptions,
    settings::{self, Environment},
    store::state,
    tui::dashboard,
};

/// Carries out a command line, the program's name first; without a subcommand, runs the dashboard.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let environment = Arc::new(Environment::of_process());
    let lookups = lookup::known(&environment);
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match Cli::read(arguments.clone(), &lookups) {
        Ok(cli) => end(perform(&cli, environment)),
        Err(error) => print_clap_error(&error, &environment, args::is_check(arguments, &lookups)),
    }
}

fn perform(cli: &Cli, environment: Arc<Environment>) -> Result<CommandOutput, CliError> {
    let style = OutputStyle::stdout();
    let wanted = TargetSelection::from(&cli.common);
    let setup = |environment| {
        let loaded = Setup::load(cli.common.config.as_deref(), environment)?;
        match &cli.common.scope {
            Some(scope) => loaded.within(scope, &wanted, cli.command.is_none()),
            None => Ok(loaded),
        }
    };
    match &cli.command {
        None => dashboard(&cli.opening, &wanted, &setup(environment)?),
        Some(Command::Check(args)) => {
            let checked = setup(environment).and_then(|setup| check::run(args, &setup, &wanted));
            checked.map_err(CliError::of_check)
        }
        Some(Command::Completions(args)) => {
            Ok(completions::run(args, args::command(&lookup::known(&environment)), &environment))
        }
        Some(Command::Runbook(args)) => runbook::run(args, &setup(environment)?, &wanted, style),
        Some(Command::Packs(args)) => packs::run(args, &environment, style, &wanted, || setup(environment.clone())),
        Some(Command::Config(args)) => config::run(args, &setup(environment)?),
        Some(Command::Show(args)) => show::run(args, &setup(environment)?, wanted, style),
        Some(Command::Act(args)) => {
            let (setup, read_only) = (setup(environment)?, cli.opening.read_only);
            match &args.undo {
                Some(id) => undo::run(id, args, &setup, &wanted, (read_only, cli.common.scope.as_deref())),
                None => act::run(args, &setup, &wanted, read_only),
            }
        }
        Some(Command::Files(args)) => files::run(args, &setup(environment)?, wanted, style),
        Some(Command::Audit(args)) => audit::run(args, &environment, &cli.common.target),
        Some(Command::Doctor(args)) => doctor::run(args, &setup(environment)?, &wanted, style),
        Some(Command::Lookup(args)) => lookup::run(args, &setup(environment)?, wanted, style),
    }
}

fn dashboard(opening: &OpeningArgs, wanted: &TargetSelection, setup: &Setup) -> Result<CommandOutput, CliError> {
    let config = setup.config()?;
    let packs = setup.check().map_err(|problems| setup::wrong(&problems))?;
    let (first, watched) = wanted.watched(config)?;
    let place = |target: &&Target| config.targets.iter().position(|known| known.name == target.name);
    let at = place(&first).unwrap_or(0);
    let watched = watched.iter().filter_map(place).collect();
    // Without a place to keep choices the dashboard still works.
    let state_dir = settings::state_dir(&setup.environment);
    let state_dir = state_dir.map_err(|why| warn(&format!("choices are not kept: {why:#}"))).ok();
    let remembered = state_dir.as_deref().map(state::recall).unwrap_or_default();
    let read_only = opening.read_only;
    let start = SessionOptions { at, watched, read_only, remembered, state_dir, ..SessionOptions::of(Demand::Screen) };
    let at_view = ViewRequest::of_opening(opening).map(|asked| asked.resolve(&packs[at])).transpose()?;
    let targets = config.targets.iter().zip(packs).collect();
    let again = setup.clone();
    let load = move |target: &Target| again.pack_now(target);
    let ended = dashboard::run(config, targets, &setup.environment, start, at_view, Arc::new(load));
    ended.map(|()| CommandOutput::done("")).map_err(|why| query::cli_error(&why))
}

/// Clap's own answers: help and version on stdout, mistakes on stderr.
fn print_clap_error(error: &clap::Error, environment: &Environment, is_check: bool) -> ExitCode {
    // A reader that has gone away has read enough.
    let _closed = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Err(problems) = packs_are_right(environment)
    {
        warn(&format!("a pack that may have this command is broken\n{problems}"));
    }
    if is_check && error.use_stderr() {
        return Exit::CheckUsage.into();
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Loads every pack, to tell what is wrong with those that are broken.
fn packs_are_right(environment: &Environment) -> Result<(), Problems> {
    let mut problems = Problems::default();
    for listed in crate::packs::list(environment)? {
        problems.0.extend(crate::packs::load(&listed.system, environment).err().into_iter().flat_map(|found| found.0));
    }
    problems.or(())
}

/// Prints what a command has to say.
fn end(ended: Result<CommandOutput, CliError>) -> ExitCode {
    let outcome = match ended {
        Ok(outcome) => outcome,
        Err(cli_error) => {
            warn(&cli_error.message);
            if !cli_error.remedy.is_empty() {
                print_line(&format!("  {}", cli_error.remedy));
            }
            return cli_error.exit.into();
        }
    };
    let mut stdout = io::stdout().lock();
    // Who has nothing to say needs nobody who listens.
    let has_data = !outcome.data.is_empty();
    let written = if has_data { stdout.write_all(&outcome.data).and_then(|()| stdout.flush()) } else { Ok(()) };
    for note in &outcome.notes {
        warn(note);
    }
    match written {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            warn(&format!("stdout cannot be written to: {why}"));
            if matches!(outcome.exit, Exit::Judged(_)) { Exit::CheckUsage } else { Exit::Usage }.into()
        }
        // `| head` has seen enough; what was found out stays what it is.
        _ => outcome.exit.into(),
    }
}

/// Tells on stderr.
fn warn(note: &str) {
    print_line(&format!("opsdash: {note}"));
}

fn print_line(line: &str) {
    // With stderr closed there is nobody to tell.
    let _closed = writeln!(io::stderr().lock(), "{}", text::inert(line));
}
