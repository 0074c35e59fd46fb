//! `pack.toml`: sources, tabs, lookups, facts.

use std::collections::{BTreeMap, BTreeSet};

use super::{ID_REMEDY, Resolver, is_id, view::group};
use crate::{
    document::{Problems, SourceLocation, suggest},
    language::raw::{Name, RawPack, RawView},
    pack::{BRIEF, Engine, SourceId, SourceSpec, ViewId},
};

/// The folder's name is an identifier.
pub(super) fn validate_system_name(system: &str, origin: &str, problems: &mut Problems) {
    if !is_id(system) {
        problems.add(SourceLocation::file(origin), format!("the pack's name \"{system}\" is no identifier"), ID_REMEDY);
    }
}

/// Sources have known engines.
pub(super) fn validate_sources(resolver: &Resolver, raw: &RawPack, problems: &mut Problems) -> Vec<SourceSpec> {
    let mut sources = Vec::new();
    for source in &raw.source {
        resolver.validate_id("source", &source.name, problems);
        let engine = validate_engine(resolver, &source.engine, problems);
        sources.push(SourceSpec {
            name: source.name.get_ref().clone(),
            // With a problem told, what stands here is never seen.
            engine: engine.unwrap_or(Engine::PostgreSql),
        });
    }
    sources
}

fn validate_engine(resolver: &Resolver, name: &Name, problems: &mut Problems) -> Option<Engine> {
    if name.get_ref() == Engine::SqlServer.word() {
        let what = format!("the engine \"{}\" is not served yet", name.get_ref());
        problems.add(resolver.of(name), what, "remove the source and its views");
        return None;
    }
    let found = Engine::SERVED.iter().find(|engine| engine.word() == name.get_ref());
    if found.is_none() {
        resolver.unknown("engine", name, Engine::SERVED.map(Engine::word), problems);
    }
    found.copied()
}

/// Every source of an included pack is our only source of its engine.
pub(super) fn validate_bindings(
    resolver: &Resolver,
    included: &[RawPack],
    problems: &mut Problems,
) -> BTreeMap<String, SourceId> {
    let mut aliases = BTreeMap::new();
    for theirs in included.iter().flat_map(|pack| &pack.source) {
        let Some(engine) = validate_engine(resolver, &theirs.engine, problems) else { continue };
        let ours: Vec<usize> =
            (0..resolver.sources.len()).filter(|at| resolver.sources[*at].engine == engine).collect();
        match ours[..] {
            [only] => {
                aliases.insert(theirs.name.get_ref().clone(), SourceId(only));
            }
            _ => problems.add(
                resolver.of(&theirs.name),
                format!("this pack is included where {} sources are {}", ours.len(), engine.word()),
                "an include wants exactly one; remove it, or bring its views by hand",
            ),
        }
    }
    aliases
}

/// The ids of all views, tabs first. Every tab exists; every view is a tab or hidden.
pub(super) fn validate_tabs(
    resolver: &Resolver,
    raw: &RawPack,
    included: &[RawPack],
    all: &BTreeSet<String>,
    problems: &mut Problems,
) -> Vec<String> {
    for id in all.iter().chain(&resolver.disabled).filter(|id| !is_id(id)) {
        let place = resolver.views.get(id).map(|view| resolver.of(&view.title)).unwrap_or_default();
        problems.add(SourceLocation::file(place.file), format!("the view's name \"{id}\" is no identifier"), ID_REMEDY);
    }
    let is_hidden = |id: &String| resolver.views.get(id).is_some_and(|view| view.hidden);
    let mut ids: Vec<String> = Vec::new();
    for name in raw.views.iter().chain(included.iter().flat_map(|pack| &pack.views)) {
        let id = name.get_ref();
        if !all.contains(id) && !resolver.disabled.contains(id) {
            let what = format!("there is no \"{id}.toml\"");
            problems.add(resolver.of(name), what, suggest(id, all.iter().map(String::as_str)));
        }
        if all.contains(id) && !ids.contains(id) && !is_hidden(id) {
            ids.push(id.clone());
        }
    }
    let mut ids = beside_their_group(resolver, &ids);
    for id in all.iter().filter(|id| !ids.contains(id)).cloned().collect::<Vec<_>>() {
        if let Some(view) = resolver.views.get(&id).filter(|view| !view.hidden) {
            let what = format!("the view \"{id}\" is neither a tab nor hidden");
            let remedy = "name it in \"views\" of pack.toml, or set hidden = true";
            problems.add(resolver.of(&view.title), what, remedy);
        }
        ids.push(id);
    }
    ids
}

/// Tabs in their order, but those of one group at the place of its first.
fn beside_their_group(resolver: &Resolver, ids: &[String]) -> Vec<String> {
    let group_of = |id: &String| resolver.views.get(id).and_then(group).map(|group| group.get_ref().as_str());
    let place_of = |(at, id): (usize, &String)| match group_of(id) {
        Some(group) => ids.iter().position(|other| group_of(other) == Some(group)).unwrap_or(at),
        None => at,
    };
    let mut placed: Vec<(usize, &String)> = ids.iter().enumerate().map(|tab| (place_of(tab), tab.1)).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, id)| id.clone()).collect()
}

/// Commands of the program, those to come included: a lookup becomes a command beside them.
const COMMANDS: [&str; 10] =
    ["act", "audit", "check", "completions", "config", "doctor", "files", "help", "packs", "show"];

/// Lookups name hidden views that take a search.
pub(super) fn validate_lookups(
    resolver: &Resolver,
    raw: &RawPack,
    problems: &mut Problems,
) -> BTreeMap<String, ViewId> {
    let mut lookups = BTreeMap::new();
    for (name, lookup) in &raw.lookup {
        resolver.validate_id("lookup", name, problems);
        if COMMANDS.contains(&name.get_ref().as_str()) {
            let what = format!("the lookup \"{}\" has the name of a command", name.get_ref());
            problems.add(resolver.of(name), what, "choose another name: `opsdash <name> QUERY` asks it");
        }
        let Some(id) = resolver.view(&lookup.view, problems) else { continue };
        if resolver.views.get(lookup.view.get_ref()).is_some_and(|view| !view.hidden || !view.search) {
            let what = format!("\"{}\" cannot answer a lookup", lookup.view.get_ref());
            problems.add(resolver.of(&lookup.view), what, "it wants hidden = true and search = true");
        }
        lookups.insert(name.get_ref().clone(), id);
    }
    lookups
}

/// The facts are a hidden view that says them in brief.
pub(super) fn validate_facts(resolver: &Resolver, name: &Name, problems: &mut Problems) -> Option<ViewId> {
    let id = resolver.view(name, problems)?;
    let is_brief = |view: &RawView| view.column.iter().any(|column| column.name.get_ref() == BRIEF);
    if resolver.views.get(name.get_ref()).is_some_and(|view| !view.hidden || !is_brief(view)) {
        let what = format!("\"{}\" cannot tell the overview facts", name.get_ref());
        problems.add(resolver.of(name), what, "it wants hidden = true and a [[column]] named \"brief\"");
    }
    Some(id)
}
