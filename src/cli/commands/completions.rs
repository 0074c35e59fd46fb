//! `opsdash completions`: what a shell offers after a half-typed command.

use clap::builder::PossibleValuesParser;

use crate::{
    cli::{args::completions::CompletionsArgs, output::CommandOutput},
    packs,
    settings::Environment,
};

/// The script. `command` is the whole command line.
#[must_use]
pub fn run(wanted: &CompletionsArgs, command: clap::Command, environment: &Environment) -> CommandOutput {
    let views = views(environment);
    let with_views = |argument: clap::Arg| argument.value_parser(PossibleValuesParser::new(views.clone()));
    let command = command
        .mut_arg("view", with_views)
        .mut_subcommand("show", |show| show.mut_arg("view", with_views))
        .mut_subcommand("check", |check| check.mut_arg("views", with_views));
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut { command }, "opsdash", &mut script);
    CommandOutput::done(script)
}

/// Ids of all tabs of all packs. Packs that are broken have none: whoever uses them is told.
fn views(environment: &Environment) -> Vec<String> {
    let known = packs::list(environment).unwrap_or_default();
    let packs = known.iter().filter_map(|listed| packs::load(&listed.system, environment).ok());
    let mut views: Vec<String> =
        packs.flat_map(|pack| pack.tabs().map(|id| pack.view(id).id.clone()).collect::<Vec<_>>()).collect();
    views.sort();
    views.dedup();
    views
}
