//! `opsdash act`.

use clap::Args;

use super::{Exit, parse};

/// Do something to rows of a view
///
/// It looks at the rows on the primary, shows what it would write, asks, and writes only rows that still are as they
/// were shown: all of a batch, or none of it. What was done goes to the record; see `opsdash audit`.
#[derive(Debug, Clone, Args)]
#[command(
    override_usage = "opsdash act [OPTIONS] <VIEW> <ACTION> [KEY]...\n       opsdash act [OPTIONS] --undo <ID>",
    after_long_help = after_help()
)]
pub struct ActArgs {
    /// The view's id, as `opsdash packs show` lists them
    #[arg(required_unless_present = "undo")]
    pub view: Option<String>,
    /// The action's id
    #[arg(required_unless_present = "undo")]
    pub action: Option<String>,
    /// Keys of the view's rows, or what the screen calls them; none of an action that finds its rows
    ///
    /// `opsdash show VIEW --columns row_key,severity,why` has the keys. A name must be of one row alone among those that the
    /// tab lists; a number is always a key.
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// What the action asks for; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse::name_and_value)]
    pub set: Vec<(String, String)>,
    /// Take back what was done: the action of this id, as `opsdash audit` prints it
    ///
    /// For 15 minutes, and only where the rows still are as the action left them. The target and the scope are
    /// those that it was done on.
    #[arg(long, value_name = "ID", conflicts_with_all = ["view", "action", "keys", "set", "confirm"])]
    pub undo: Option<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask; without a terminal nothing is written unless this is given
    #[arg(long)]
    pub yes: bool,
    /// What a dangerous action wants to be typed; of one that finds its rows, how many it may write at most
    #[arg(long, value_name = "VALUE")]
    pub confirm: Option<String>,
    /// The name of a protected target, to write to it
    #[arg(long, value_name = "TARGET")]
    pub arm: Option<String>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
}

fn after_help() -> String {
    let examples = "\
Examples:
  opsdash act error_log resolve ID --set note='fixed in 2.1'
  opsdash act errors resolve KEY --dry-run
  opsdash act sessions purge_expired --dry-run
  opsdash act sessions purge_expired --yes --confirm 1200
  opsdash act pg_activity terminate PID --yes --confirm PID --arm prod --json
  opsdash act --undo ID --dry-run

JSON:
  {\"schema\":1,\"target\",\"action\":\"view.id\",\"outcome\":\"done|refused|changed|unknown|preview\",
   \"rows\":[{\"key\",\"before\":{..},\"after\":{..}}],\"error\"}
  A row that was not as it should be has \"why\" and \"now\" in their place, and so has one that was left because
  somebody else held it. Texts are as the server writes them.

Of several rows, batches are written one after the other; after one that fails, no other.";
    let exits = [Exit::Done, Exit::Changed, Exit::Usage, Exit::SourceDown];
    format!("{examples}\n\n{}", Exit::help(&exits))
}
