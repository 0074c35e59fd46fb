//! `opsdash packs`: which systems this program knows, and whether their descriptions are right.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use opsdash_core::{
    document::Problems,
    pack::{EnrichBy, Format, Pack, Statement, View},
};

use super::{
    exit::{Exit, Outcome, Stop},
    output::{Paper, table},
    setup::wrong,
};
use crate::{
    packs::{self, Listed},
    settings::Surroundings,
};

/// List, show and check packs: the descriptions of systems
///
/// A pack describes a system: its sources, its views with their queries, and what may be done to their rows.
///
/// Ours are in the program. A folder of the same name in /etc/opsdash/packs or $XDG_CONFIG_HOME/opsdash/packs lies over
/// them, file by file; a folder of another name is another system.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = after_help())]
pub struct PacksArgs {
    #[command(subcommand)]
    command: PacksCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum PacksCommand {
    /// List the systems that there is a pack for
    List,
    /// Show a pack: its sources and views, and the file of each query
    Show {
        /// The system, as `opsdash packs list` names it
        system: String,
    },
    /// Check packs; problems are printed with file and line
    Check {
        /// The folder of one pack; every known pack when not given
        dir: Option<PathBuf>,
    },
}

/// Carries the command out.
///
/// # Errors
/// When there is no such pack, or a folder of packs may not be believed.
pub fn run(args: &PacksArgs, surroundings: &Surroundings, paper: Paper) -> Result<Outcome, Stop> {
    match &args.command {
        PacksCommand::List => list(surroundings, paper),
        PacksCommand::Show { system } => {
            let pack = packs::load(system, surroundings).map_err(|problems| wrong(&problems))?;
            let known = packs::list(surroundings).map_err(|problems| wrong(&problems))?;
            let origins = known.into_iter().find(|listed| listed.system == pack.system).map(|listed| listed.origins);
            Ok(Outcome::done(show(&pack, &origins.unwrap_or_default())))
        }
        PacksCommand::Check { dir: Some(dir) } => {
            let name = dir.display().to_string();
            Ok(verdicts([(name, packs::load_dir(dir, surroundings))]))
        }
        PacksCommand::Check { dir: None } => {
            let known = packs::list(surroundings).map_err(|problems| wrong(&problems))?;
            let checked = known.into_iter().map(|listed| {
                let pack = packs::load(&listed.system, surroundings);
                (listed.system, pack)
            });
            Ok(verdicts(checked))
        }
    }
}

fn list(surroundings: &Surroundings, paper: Paper) -> Result<Outcome, Stop> {
    let known = packs::list(surroundings).map_err(|problems| wrong(&problems))?;
    let head = ["system", "title", "origin", "views"].map(table::Head::filling);
    let mut outcome = Outcome::done("");
    let mut rows = Vec::new();
    for Listed { system, origins } in known {
        let (title, views) = match packs::load(&system, surroundings) {
            Ok(pack) => (pack.title.clone(), tabs(&pack)),
            Err(problems) => {
                outcome.exit = Exit::Usage;
                outcome.notes.push(problems.to_string());
                ("(broken)".to_owned(), String::new())
            }
        };
        rows.push([system, title, origins.join(", "), views].map(|text| (text, None)).to_vec());
    }
    outcome.data = table::draw(&head, &rows, paper).text.into_bytes();
    Ok(outcome)
}

fn tabs(pack: &Pack) -> String {
    let tabs: Vec<&str> = pack.tabs().map(|id| pack.view(id).id.as_str()).collect();
    tabs.join(", ")
}

/// A line for each pack that is right; what is wrong with the others.
fn verdicts(checked: impl IntoIterator<Item = (String, Result<Pack, Problems>)>) -> Outcome {
    let mut outcome = Outcome::done("");
    let mut text = String::new();
    for (name, pack) in checked {
        match pack {
            Ok(pack) => {
                let (sources, views) = (pack.sources.len(), pack.views.len());
                text += &format!("{name}: ok, {sources} sources, {views} views\n");
            }
            Err(problems) => {
                outcome.exit = Exit::Usage;
                text += &format!("{problems}\n");
            }
        }
    }
    outcome.data = text.into_bytes();
    outcome
}

fn show(pack: &Pack, origins: &[String]) -> String {
    let mut text = format!("{}  {}\n", pack.system, pack.title);
    for origin in origins {
        text += &format!("  from {origin}\n");
    }
    text += "\nsources\n";
    for source in &pack.sources {
        let family = if source.family { "  family" } else { "" };
        text += &format!("  {:<12}  {}{family}\n", source.name, source.engine.word());
    }
    if !pack.lookups.is_empty() {
        text += "\ncommands\n";
    }
    for (name, view) in &pack.lookups {
        text += &format!("  opsdash {name} QUERY  asks {}\n", pack.view(*view).id);
    }
    text += "\nviews\n";
    text + &pack.views.iter().map(|view| show_view(pack, view)).collect::<Vec<_>>().join("\n")
}

fn show_view(pack: &Pack, view: &View) -> String {
    let hidden = if view.hidden { "  (hidden)" } else { "" };
    let mut text = format!("  {}  {}{hidden}\n", view.id, view.title);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            text += &format!("    {name:<8}  {value}\n");
        }
    };
    line("source", pack.source(view.source).name.clone());
    line("key", view.row_key.join(", "));
    line(
        "columns",
        view.columns
            .iter()
            .map(|column| format!("{} {}", column.name, word(column.format)))
            .collect::<Vec<_>>()
            .join(", "),
    );
    let facets = view.facets.iter().map(|facet| format!("--set {}={}", facet.name, facet.choices.join("|")));
    let scopes = view.scopes.iter().map(|scope| format!("--set {}=VALUE", scope.name));
    let search = view.search.then(|| "--search TEXT".to_owned());
    line("takes", search.into_iter().chain(facets).chain(scopes).collect::<Vec<_>>().join("  "));
    for (at, file) in files(view).into_iter().enumerate() {
        line(if at == 0 { "files" } else { "" }, file);
    }
    text
}

fn word(format: Format) -> &'static str {
    Format::ALL.iter().find(|(_, known)| *known == format).map_or("", |(word, _)| word)
}

/// The file of each statement of a view, the view's own first.
fn files(view: &View) -> Vec<String> {
    let enrich = view.enrich.iter().filter_map(|enrich| match &enrich.by {
        EnrichBy::Query(query) => Some(query),
        EnrichBy::View { .. } => None,
    });
    let detail = view.detail.iter().flat_map(|detail| {
        let lists = detail.lists.iter().map(|list| &list.query);
        detail.query.iter().chain(lists).chain(detail.charts.iter().map(|chart| &chart.query))
    });
    let statements = std::iter::once(&view.query).chain(enrich).chain(detail);
    statements.map(|statement: &std::sync::Arc<Statement>| statement.file().to_owned()).collect()
}

fn after_help() -> String {
    format!(
        "Examples:\n  opsdash packs list\n  opsdash packs check ~/.config/opsdash/packs/shop\n\n{}",
        Exit::help(&[Exit::Done, Exit::Usage])
    )
}
