//! `opsdash completions`: what a shell offers after a half-typed command.

use clap::builder::PossibleValuesParser;
use opsdash_pack::pack::Pack;

use crate::{
    cli::{args::completions::CompletionsArgs, output::CommandOutput},
    packs,
    settings::Environment,
};

/// The script. `command` is the whole command line.
#[must_use]
pub fn run(wanted: &CompletionsArgs, command: clap::Command, environment: &Environment) -> CommandOutput {
    let views = views(environment);
    let runbook = PossibleValuesParser::new(runbook(environment));
    let with_views = |argument: clap::Arg| argument.value_parser(PossibleValuesParser::new(views.clone()));
    let command = command
        .mut_arg("view", with_views)
        .mut_subcommand("show", |show| show.mut_arg("view", with_views))
        .mut_subcommand("runbook", |command| command.mut_arg("words", |words| words.value_parser(runbook)))
        .mut_subcommand("check", |check| check.mut_arg("views", with_views));
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut { command }, "opsdash", &mut script);
    CommandOutput::done(script)
}

/// Ids of all tabs of all packs.
fn views(environment: &Environment) -> Vec<String> {
    of_all_packs(environment, |pack| pack.tabs().map(|id| pack.view(id).id.clone()).collect())
}

/// Ids of all entries and checklists of all packs.
fn runbook(environment: &Environment) -> Vec<String> {
    of_all_packs(environment, |pack| {
        let entries = pack.runbook.entries.iter().map(|entry| entry.id.clone());
        entries.chain(pack.runbook.checklists.iter().map(|list| list.id.clone())).collect()
    })
}

/// Names in packs, each once. Packs that are broken have none: whoever uses them is told.
fn of_all_packs(environment: &Environment, names: impl Fn(&Pack) -> Vec<String>) -> Vec<String> {
    let known = packs::list(environment).unwrap_or_default();
    let packs = known.iter().filter_map(|listed| packs::load(&listed.system, environment).ok());
    let mut names: Vec<String> = packs.flat_map(|pack| names(&pack)).collect();
    names.sort();
    names.dedup();
    names
}
