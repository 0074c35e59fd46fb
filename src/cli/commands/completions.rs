//! `opsdash completions`: what a shell offers after a half-typed command.

use clap::{Args, builder::PossibleValuesParser};
use clap_complete::Shell;

use crate::{
    cli::{args, exit::CommandOutput},
    packs,
    settings::Environment,
};

/// Print a shell's completions
///
/// They know the commands that packs name and the views of all packs, as they are when this runs.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = "\
Examples:
  opsdash completions bash > ~/.local/share/bash-completion/completions/opsdash
  opsdash completions zsh > \"${fpath[1]}/_opsdash\"
  opsdash completions fish > ~/.config/fish/completions/opsdash.fish")]
pub struct CompletionsArgs {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// The script.
#[must_use]
pub fn run(wanted: &CompletionsArgs, lookups: &[String], environment: &Environment) -> CommandOutput {
    let views = views(environment);
    let with_views = |argument: clap::Arg| argument.value_parser(PossibleValuesParser::new(views.clone()));
    let command = args::command(lookups)
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
