//! Questions that packs give a name to: `opsdash <name> QUERY`.

use clap::{ArgMatches, Args, FromArgMatches};
use opsdash_pack::pack::LookupWords;

use super::Exit;

/// What may follow the name.
#[derive(Debug, Clone, Args)]
struct LookupArgs {
    /// A whole key, a part of one, its masked form, or a name
    ///
    /// Several words are one query.
    #[arg(required_unless_present = "stdin", conflicts_with = "stdin")]
    query: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Read the query from stdin, so that `ps` and the shell's history do not show it
    #[arg(long)]
    stdin: bool,
}

/// A lookup as it was typed. `Debug` does not show the query: it may be a key.
#[derive(Clone)]
pub struct LookupRequest {
    /// Which lookup.
    pub name: String,
    /// The query; `None` reads it from stdin.
    pub query: Option<String>,
    /// `--json`.
    pub json: bool,
}

impl std::fmt::Debug for LookupRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LookupRequest").field("name", &self.name).field("json", &self.json).finish_non_exhaustive()
    }
}

impl LookupRequest {
    /// From what clap understood.
    ///
    /// # Errors
    /// Clap's.
    pub fn of(name: &str, matches: &ArgMatches) -> Result<Self, clap::Error> {
        let LookupArgs { query, json, stdin: _ } = LookupArgs::from_arg_matches(matches)?;
        let query = (!query.is_empty()).then(|| query.join(" "));
        Ok(Self { name: name.to_owned(), query, json })
    }
}

fn about(name: &str, words: &LookupWords) -> String {
    format!("Say {}", tells(name, words))
}

/// What a lookup tells, within a sentence.
#[must_use]
pub fn tells(name: &str, words: &LookupWords) -> String {
    // No "a" or "an": which of them a word has, its letters do not tell (a user, an hour).
    format!("whether the {name} is {}, and why not", words.yes.replace('_', " "))
}

/// Adds the command of a lookup.
#[must_use]
pub fn add(command: clap::Command, name: &str, words: &LookupWords) -> clap::Command {
    let exits = [Exit::Usable, Exit::Unusable, Exit::Ambiguous, Exit::Usage, Exit::SourceDown, Exit::NotFound];
    let examples = if words.secret {
        format!(
            "Examples:
  opsdash {name} ABCD-1234-EFGH-5678           a whole key: exact matches win
  opsdash {name} 'ABCD…5678'                   its masked form, as the screen shows it
  opsdash {name} acme --json                   a part of a key or of a name
  read -rs KEY; opsdash {name} --stdin <<<\"$KEY\"

What you typed is printed masked; whole keys are never printed.\n"
        )
    } else {
        format!("Examples:\n  opsdash {name} acme --json                   a part of an id or of a name\n")
    };
    let examples = format!("{examples}\n{}", Exit::help(&exits));
    let about = about(name, words);
    let mut lookup = LookupArgs::augment_args(clap::Command::new(name.to_owned())).display_order(0);
    if !words.secret {
        let help = "A whole id, a part of one, or a name: exact matches win";
        lookup =
            lookup.mut_arg("query", |arg| arg.help(help).long_help(format!("{help}\n\nSeveral words are one query.")));
    }
    // Said after the arguments: clap takes their own words for the command's.
    let lookup = lookup.about(about).long_about(None).after_long_help(examples);
    command.subcommand(lookup)
}
