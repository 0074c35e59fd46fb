//! `opsdash show`: the rows of a view, as the tab has them.

use crate::cli::{
    args::show::ShowArgs,
    choices::ViewRequest,
    error::CliError,
    output::{CommandOutput, OutputStyle, rows},
    query::{self, ViewQuery},
    setup::Setup,
    targets::TargetSelection,
};

/// Carries the command out.
///
/// # Errors
/// When a target, its pack or the view is wrong; then nothing is asked.
pub fn run(
    args: &ShowArgs,
    setup: &Setup,
    wanted: TargetSelection,
    style: OutputStyle,
) -> Result<CommandOutput, CliError> {
    let is_several = wanted.is_several();
    let asked = ViewRequest::from(args);
    let question = ViewQuery { wanted, limit: args.limit, resolve: &|pack| asked.resolve(pack) };
    let answers = query::ask(setup, &question)?;
    Ok(rows::outcome(&answers, args.format, is_several, style))
}
