//! `opsdash packs`: which systems this program knows, and whether their descriptions are right.

mod eject;
mod live;
mod new;
mod sql;
mod testing;

use std::{path::Path, sync::Arc};

use opsdash_core::text;
use opsdash_pack::{
    document::Problems,
    language::PackFile,
    pack::{Format, Pack, Tab, View, ViewId},
};

use self::live::LiveCheck;
use crate::{
    cli::{
        args::packs::{PacksArgs, PacksCommand},
        choices::takes,
        error::CliError,
        exit::Exit,
        output::{CommandOutput, OutputStyle},
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    packs::{self, Listed},
    settings::Environment,
};

/// Carries the command out.
///
/// # Errors
/// When there is no such pack, or a folder of packs may not be believed.
pub fn run(
    args: &PacksArgs,
    environment: &Environment,
    style: OutputStyle,
    wanted: &TargetSelection,
    setup: impl FnOnce() -> Result<Setup, CliError>,
) -> Result<CommandOutput, CliError> {
    match &args.command {
        PacksCommand::New { name, dir, from } => new::run(name, dir.as_deref(), from.as_deref(), environment),
        PacksCommand::Check { dir, live: true } => live(dir.as_deref(), &setup()?, wanted),
        PacksCommand::List => list(environment, style),
        PacksCommand::Sql(args) => sql::run(args, environment, wanted, setup),
        PacksCommand::Eject(args) => eject::run(args, environment),
        PacksCommand::Test(args) => testing::run(args, environment),
        PacksCommand::Schema { file } => {
            let known = PackFile::ALL.iter().find(|(word, _)| word == file);
            Ok(CommandOutput::done(known.map(|(_, file)| file.json_schema()).unwrap_or_default()))
        }
        PacksCommand::Show { system } => {
            let pack = packs::load(system, environment).map_err(|problems| wrong(&problems))?;
            let known = packs::list(environment).map_err(|problems| wrong(&problems))?;
            let origins = known.into_iter().find(|listed| listed.system == pack.system).map(|listed| listed.origins);
            Ok(CommandOutput::done(show(&pack, &origins.unwrap_or_default())))
        }
        PacksCommand::Check { dir: Some(dir), .. } => {
            let name = dir.display().to_string();
            Ok(verdicts([(name, packs::load_dir(dir, environment))]))
        }
        PacksCommand::Check { dir: None, .. } => {
            let known = packs::list(environment).map_err(|problems| wrong(&problems))?;
            let checked = known.into_iter().map(|listed| {
                let pack = packs::load(&listed.system, environment);
                (listed.system, pack)
            });
            Ok(verdicts(checked))
        }
    }
}

fn list(environment: &Environment, style: OutputStyle) -> Result<CommandOutput, CliError> {
    let known = packs::list(environment).map_err(|problems| wrong(&problems))?;
    let mut outcome = CommandOutput::done("");
    let mut rows = Vec::new();
    for Listed { system, origins } in known {
        let (title, views) = match packs::load(&system, environment) {
            Ok(pack) => (pack.title.clone(), tabs(&pack)),
            Err(problems) => {
                outcome.exit = Exit::Usage;
                outcome.notes.push(problems.to_string());
                ("(broken)".to_owned(), String::new())
            }
        };
        rows.push(([system, title, origins.join(", ")], views));
    }
    let wide = |at: usize| rows.iter().map(|(head, _)| text::width(&head[at])).max().unwrap_or(0);
    let wide = [wide(0), wide(1)];
    for ([system, title, origins], views) in &rows {
        let gap = |text: &str, wide: usize| " ".repeat(wide - text::width(text) + 2);
        let head = format!("{system}{}{title}{}{origins}\n", gap(system, wide[0]), gap(title, wide[1]));
        let views = text::wrap(views, usize::from(style.columns).saturating_sub(2));
        let views = views.iter().filter(|line| !line.is_empty()).map(|line| format!("  {}\n", line.trim_end()));
        outcome.data.extend(std::iter::once(head).chain(views).collect::<String>().into_bytes());
    }
    Ok(outcome)
}

fn live(dir: Option<&Path>, setup: &Setup, wanted: &TargetSelection) -> Result<CommandOutput, CliError> {
    let pack = dir.map(|dir| packs::load_dir(dir, &setup.environment)).transpose();
    let pack = match pack {
        Ok(pack) => pack,
        Err(problems) => {
            return Ok(CommandOutput { exit: Exit::Usage, ..CommandOutput::done(format!("{problems}\n")) });
        }
    };
    let targets = live::targets(setup, wanted, pack.as_ref())?;
    let trials = targets.into_iter().map(|target| {
        let pack = pack
            .clone()
            .map_or_else(|| setup.pack(target), |pack| Ok(Arc::new(pack)))
            .map_err(|problems| wrong(&problems))?;
        Ok(LiveCheck { target, pack })
    });
    live::run(setup, trials.collect::<Result<_, CliError>>()?)
}

fn tabs(pack: &Pack) -> String {
    let id = |view: &ViewId| pack.view(*view).id.as_str();
    let ids = |views: &[ViewId]| views.iter().map(id).collect::<Vec<_>>().join(", ");
    let tab = |tab: &Tab<'_>| match pack.view(tab.views[0]).group {
        Some(_) => format!("{} ({})", tab.title, ids(&tab.views)),
        None => ids(&tab.views),
    };
    pack.tab_line().iter().map(tab).collect::<Vec<_>>().join(", ")
}

/// A line for each pack that is right; what is wrong with the others.
fn verdicts(checked: impl IntoIterator<Item = (String, Result<Pack, Problems>)>) -> CommandOutput {
    let mut outcome = CommandOutput::done("");
    let mut lines = Vec::new();
    for (name, pack) in checked {
        match pack {
            Ok(pack) => {
                let (sources, views) = (pack.sources.len(), pack.views.len());
                lines.push(format!("{name}: ok, {sources} sources, {views} views\n"));
            }
            Err(problems) => {
                outcome.exit = Exit::Usage;
                lines.push(format!("{problems}\n"));
            }
        }
    }
    outcome.data = lines.concat().into_bytes();
    outcome
}

fn show(pack: &Pack, origins: &[String]) -> String {
    let mut lines = vec![format!("{}  {}", pack.system, pack.title)];
    lines.extend(origins.iter().map(|origin| format!("  from {origin}")));
    lines.extend([String::new(), "sources".to_owned()]);
    for source in &pack.sources {
        let schema = source.schema.as_ref().map(|schema| format!(", schema {schema}")).unwrap_or_default();
        let optional = if source.optional { ", optional" } else { "" };
        lines.push(format!("  {:<12}  {}{schema}{optional}", source.name, source.engine.word()));
    }
    if !pack.lookups.is_empty() {
        lines.extend([String::new(), "commands".to_owned()]);
    }
    for (name, lookup) in &pack.lookups {
        lines.push(format!("  opsdash {name} QUERY  asks {}", pack.view(lookup.view).id));
    }
    if !pack.runbook.is_empty() {
        let (entries, lists) = (pack.runbook.entries.iter(), pack.runbook.checklists.iter());
        let ids: Vec<&str> = entries.map(|entry| entry.id.as_str()).chain(lists.map(|list| list.id.as_str())).collect();
        lines.extend([String::new(), "runbook".to_owned(), format!("  {}", ids.join(", "))]);
    }
    lines.extend([String::new(), "views".to_owned()]);
    lines.extend(pack.views.iter().flat_map(|view| show_view(pack, view)));
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// The lines of a view, a blank one after them.
fn show_view(pack: &Pack, view: &View) -> Vec<String> {
    let place = match &view.group {
        _ if pack.facts == pack.find(&view.id) => "  (hidden; the overview tells it in brief)".to_owned(),
        _ if view.hidden => "  (hidden)".to_owned(),
        Some(group) => format!("  (in {group})"),
        None => String::new(),
    };
    let columns: Vec<String> =
        view.columns.iter().map(|column| format!("{} {}", column.name, word(column.format))).collect();
    let facts = [
        ("source", pack.source(view.source).name.clone()),
        ("key", view.row_key.join(", ")),
        ("columns", columns.join(", ")),
        ("takes", takes(view).join("  ")),
    ];
    let files = files(view).into_iter().enumerate().map(|(at, file)| (if at == 0 { "files" } else { "" }, file));
    let facts = facts.into_iter().chain(files).filter(|(_, fact)| !fact.is_empty());
    let head = std::iter::once(format!("  {}  {}{place}", view.id, view.title));
    head.chain(facts.map(|(name, fact)| format!("    {name:<8}  {fact}"))).chain([String::new()]).collect()
}

fn word(format: Format) -> &'static str {
    Format::ALL.iter().find(|(_, known)| *known == format).map_or("", |(word, _)| word)
}

/// The file of each statement of a view, the view's own first.
fn files(view: &View) -> Vec<String> {
    view.statements().map(|statement| statement.file().to_owned()).collect()
}
