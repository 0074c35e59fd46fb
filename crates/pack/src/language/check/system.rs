//! `pack.toml`: sources, tabs, lookups, facts.

use std::collections::{BTreeMap, BTreeSet};

use super::{ID_REMEDY, Resolver, is_id, view::group};
use crate::{
    document::{Name, Problems, SourceLocation, suggest},
    language::{
        layer::Include,
        words::{RawLookup, RawPack, RawSource, RawView},
    },
    pack::{BRIEF, Engine, Lookup, LookupWords, SourceId, SourceSpec, USABLE, ViewId},
};

/// The folder's name is an identifier.
pub(super) fn validate_system_name(system: &str, origin: &str, problems: &mut Problems) {
    if !is_id(system) {
        problems.add(SourceLocation::file(origin), format!("the pack's name \"{system}\" is no identifier"), ID_REMEDY);
    }
}

/// Every source has an identifier and an engine that is served.
pub(super) fn validate_sources(resolver: &Resolver, raw: &RawPack, problems: &mut Problems) -> Vec<SourceSpec> {
    let mut sources = Vec::new();
    for source in &raw.source {
        resolver.validate_id("source", &source.name, problems);
        let engine = validate_engine(resolver, &source.engine, problems);
        sources.push(SourceSpec {
            name: source.name.get_ref().clone(),
            // After the problem the pack does not load, so that nothing sees this engine.
            engine: engine.unwrap_or(Engine::PostgreSql),
            schema: validate_schema_name(resolver, source, engine, problems),
            optional: source.optional,
            // Its query may run on a source that stands further below.
            family: None,
        });
    }
    sources
}

/// Only SQL databases have schemas. SQL Server takes that of names from the login alone.
fn validate_schema_name(
    resolver: &Resolver,
    source: &RawSource,
    engine: Option<Engine>,
    problems: &mut Problems,
) -> Option<String> {
    let schema = source.schema.as_ref()?;
    if schema.get_ref().is_empty() || schema.get_ref().contains('\0') || engine != Some(Engine::PostgreSql) {
        let what = format!("the schema \"{}\" of the source \"{}\"", schema.get_ref(), source.name.get_ref());
        problems.add(resolver.location_of(schema), what, "name a schema of a PostgreSQL database, or remove it");
    }
    Some(schema.get_ref().clone())
}

fn validate_engine(resolver: &Resolver, name: &Name, problems: &mut Problems) -> Option<Engine> {
    let found = Engine::SERVED.iter().find(|(word, _)| word == name.get_ref());
    if found.is_none() {
        resolver.add_unknown("engine", name, Engine::SERVED.map(|(word, _)| word), problems);
    }
    found.map(|(_, engine)| *engine)
}

/// Binds every source of the included packs to the source that the include names, else to the pack's only source of
/// the same engine.
pub(super) fn validate_bindings(
    resolver: &Resolver,
    included: &[(Include, RawPack)],
    problems: &mut Problems,
) -> BTreeMap<String, SourceId> {
    let mut aliases = BTreeMap::new();
    for (include, source) in included.iter().flat_map(|(include, pack)| pack.source.iter().map(move |s| (include, s))) {
        let Some(engine) = validate_engine(resolver, &source.engine, problems) else { continue };
        if let Some(bound) = validate_binding(resolver, include, engine, problems) {
            aliases.insert(source.name.get_ref().clone(), bound);
        }
    }
    aliases
}

fn validate_binding(
    resolver: &Resolver,
    include: &Include,
    engine: Engine,
    problems: &mut Problems,
) -> Option<SourceId> {
    let name = include.name.get_ref();
    let own: Vec<usize> = (0..resolver.sources.len()).filter(|at| resolver.sources[*at].engine == engine).collect();
    if let Some(wanted) = &include.source {
        let found = resolver.source(wanted, problems)?;
        if resolver.engine(found) != engine {
            let what = format!("\"{name}\" is for {}, and \"{}\" is not", engine.word(), wanted.get_ref());
            let known = own.iter().map(|at| resolver.sources[*at].name.as_str());
            problems.add(resolver.location_of(wanted), what, suggest(wanted.get_ref(), known));
        }
        return Some(found);
    }
    match own[..] {
        [only] => Some(SourceId(only)),
        [] => {
            let what = format!("\"{name}\" is included, and no source is {}", engine.word());
            problems.add(resolver.location_of(&include.name), what, "remove it, or add a [[source]] of that engine");
            None
        }
        [first, ..] => {
            let names: Vec<&str> = own.iter().map(|at| resolver.sources[*at].name.as_str()).collect();
            let what = format!("which source does \"{name}\" read? {} are {}", names.join(" and "), engine.word());
            let remedy = format!("write include = {{ {name} = \"{}\" }}", names[0]);
            problems.add(resolver.location_of(&include.name), what, remedy);
            Some(SourceId(first))
        }
    }
}

/// The ids of all views, tabs first. Every tab has a file, and every view is a tab or hidden. `all` are the ids of the
/// files.
pub(super) fn validate_tabs(
    resolver: &Resolver,
    raw: &RawPack,
    included: &[RawPack],
    all: &BTreeSet<String>,
    problems: &mut Problems,
) -> Vec<String> {
    for id in all.iter().chain(&resolver.disabled).filter(|id| !is_id(id)) {
        let location = resolver.views.get(id).map(|view| resolver.location_of(&view.title)).unwrap_or_default();
        problems.add(
            SourceLocation::file(location.file),
            format!("the view's name \"{id}\" is no identifier"),
            ID_REMEDY,
        );
    }
    let is_hidden = |id: &String| resolver.views.get(id).is_some_and(|view| view.hidden);
    let mut ids: Vec<String> = Vec::new();
    for name in raw.views.iter().chain(included.iter().flat_map(|pack| &pack.views)) {
        let id = name.get_ref();
        if !all.contains(id) && !resolver.disabled.contains(id) {
            let what = format!("there is no \"{id}.toml\"");
            problems.add(resolver.location_of(name), what, suggest(id, all.iter().map(String::as_str)));
        }
        if all.contains(id) && !ids.contains(id) && !is_hidden(id) {
            ids.push(id.clone());
        }
    }
    let mut ids = sort_by_group(resolver, &ids);
    for id in all.iter().filter(|id| !ids.contains(id)).cloned().collect::<Vec<_>>() {
        if let Some(view) = resolver.views.get(&id).filter(|view| !view.hidden) {
            let what = format!("the view \"{id}\" is neither a tab nor hidden");
            let remedy = "name it in \"views\" of pack.toml, or set hidden = true";
            problems.add(resolver.location_of(&view.title), what, remedy);
        }
        ids.push(id);
    }
    ids
}

/// The tabs in order, except that those of one group follow the first of the group.
fn sort_by_group(resolver: &Resolver, ids: &[String]) -> Vec<String> {
    let group_of = |id: &String| resolver.views.get(id).and_then(group).map(|group| group.get_ref().as_str());
    let position = |(index, id): (usize, &String)| match group_of(id) {
        Some(group) => ids.iter().position(|other| group_of(other) == Some(group)).unwrap_or(index),
        None => index,
    };
    let mut positioned: Vec<(usize, &String)> = ids.iter().enumerate().map(|tab| (position(tab), tab.1)).collect();
    // A stable sort: within a group the order stays.
    positioned.sort_by_key(|(position, _)| *position);
    positioned.into_iter().map(|(_, id)| id.clone()).collect()
}

/// Names of the program's commands. A lookup becomes a command of its name, so it may have none of these.
const COMMANDS: [&str; 11] =
    ["act", "audit", "check", "completions", "config", "doctor", "files", "help", "packs", "runbook", "show"];

/// Every lookup names a hidden view whose query takes `:search` and that says what is usable.
pub(super) fn validate_lookups(
    resolver: &Resolver,
    raw: &RawPack,
    problems: &mut Problems,
) -> BTreeMap<String, Lookup> {
    let mut lookups = BTreeMap::new();
    for (name, lookup) in &raw.lookup {
        resolver.validate_id("lookup", name, problems);
        if COMMANDS.contains(&name.get_ref().as_str()) {
            let what = format!("the lookup \"{}\" has the name of a command", name.get_ref());
            problems.add(resolver.location_of(name), what, "choose another name: `opsdash <name> QUERY` asks it");
        }
        let Some(view) = resolver.view(&lookup.view, problems) else { continue };
        let says = |view: &RawView| view.column.iter().any(|column| column.name.get_ref() == USABLE);
        if resolver.views.get(lookup.view.get_ref()).is_some_and(|view| !view.hidden || !view.search || !says(view)) {
            let what = format!("\"{}\" cannot answer a lookup", lookup.view.get_ref());
            let remedy = "it wants hidden = true, search = true and a [[column]] named \"usable\" (true or false)";
            problems.add(resolver.location_of(&lookup.view), what, remedy);
        }
        let words = validate_lookup_words(resolver, lookup, problems);
        lookups.insert(name.get_ref().clone(), Lookup { view, words });
    }
    lookups
}

/// The words of a verdict differ from each other and from those of the other verdicts.
fn validate_lookup_words(resolver: &Resolver, raw: &RawLookup, problems: &mut Problems) -> LookupWords {
    let words = LookupWords::of(
        raw.yes.as_ref().map(|word| word.get_ref().as_str()),
        raw.no.as_ref().map(|word| word.get_ref().as_str()),
        raw.secret,
    );
    for word in raw.yes.iter().chain(&raw.no) {
        let text = word.get_ref();
        if !is_id(text) || LookupWords::OTHERS.contains(&text.as_str()) || words.yes == words.no {
            let what = format!("\"{text}\" as the word of a verdict");
            let others = LookupWords::OTHERS.join(", ");
            let remedy = format!("write two words of lowercase letters, digits and _, and none of {others}");
            problems.add(resolver.location_of(word), what, remedy);
        }
    }
    words
}

/// `facts` names a hidden view with the column [`BRIEF`].
pub(super) fn validate_facts(resolver: &Resolver, name: &Name, problems: &mut Problems) -> Option<ViewId> {
    let id = resolver.view(name, problems)?;
    let is_brief = |view: &RawView| view.column.iter().any(|column| column.name.get_ref() == BRIEF);
    if resolver.views.get(name.get_ref()).is_some_and(|view| !view.hidden || !is_brief(view)) {
        let what = format!("\"{}\" cannot tell the overview facts", name.get_ref());
        problems.add(resolver.location_of(name), what, "it wants hidden = true and a [[column]] named \"brief\"");
    }
    Some(id)
}
