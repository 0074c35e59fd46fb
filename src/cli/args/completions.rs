//! `opsdash completions`.

use clap::Args;
use clap_complete::Shell;

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
    pub shell: Shell,
}
