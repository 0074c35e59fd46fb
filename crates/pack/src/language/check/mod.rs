//! From layered files to a [`Pack`]: every name is resolved, every rule is checked, and every problem is reported.

mod across;
mod action;
mod action_statements;
mod columns;
mod condition;
mod effect;
mod family;
mod growth;
mod links;
mod objects;
mod ordered;
mod owner;
mod params;
mod reason;
mod runbook;
mod schema;
mod scope;
mod statements;
mod system;
mod test;
mod view;

pub use test::load_tests;

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::{
    ID_REMEDY, is_id,
    layer::{FRAGMENTS, Include, Layered, StatementText},
    words::{RawPack, RawRunbookFile, RawSchema, RawView},
};
use crate::{
    document::{Name, Problems, SourceLocation, SourceTexts, decode, suggest},
    pack::{Engine, Format, Pack, Runbook, Schema, SourceId, SourceSpec, Statement, ViewId},
};

/// The names of a pack, and what each one stands for.
struct Resolver {
    texts: SourceTexts,
    /// By file name.
    statements: BTreeMap<String, StatementText>,
    /// By the name that calls it.
    fragments: BTreeMap<String, StatementText>,
    /// The pack's own sources, in order.
    sources: Vec<SourceSpec>,
    /// The sources of included packs by name, each bound to one of the pack's own.
    aliases: BTreeMap<String, SourceId>,
    /// Ids of all views, tabs first. A view's [`ViewId`] is its index here.
    ids: Vec<String>,
    /// The runbook, once it is checked; before that empty.
    runbook: Runbook,
    /// The view behind each lookup, by the lookup's name.
    lookups: BTreeMap<String, Name>,
    /// Ids of views that a layer removed. Links to such a view are removed with the view.
    disabled: BTreeSet<String>,
    /// By id, without the views whose words are wrong.
    views: BTreeMap<String, RawView>,
    /// The documented schema, one part for each source. Empty until it is checked.
    schema: Schema,
    /// The source of the pack's scope; `None` without one, and until it is checked.
    scope: Option<SourceId>,
}

/// Checks a layered pack. `problems` are those that were found before.
pub(super) fn check(layered: Layered<'_>, mut problems: Problems) -> Result<Pack, Problems> {
    let Layered {
        system,
        origin,
        texts,
        pack,
        schema,
        runbook,
        views,
        disabled,
        broken,
        statements,
        fragments,
        included,
    } = layered;
    let mut all_ids: BTreeSet<String> = broken;
    all_ids.extend(views.keys().cloned());
    let views: BTreeMap<String, RawView> =
        views.into_iter().filter_map(|(id, document)| Some((id, decode(document, &texts, &mut problems)?))).collect();
    // Without a sound pack.toml every source would be unknown and no view would be a tab: a long list of false
    // problems.
    let words_are_right = problems.0.is_empty();
    let raw = match pack {
        Some(document) if words_are_right => decode::<RawPack>(document, &texts, &mut problems),
        _ => None,
    };
    let Some(raw) = raw else { return Err(sorted(problems)) };
    let lookups = raw.lookup.iter().map(|(name, lookup)| (name.get_ref().clone(), lookup.view.clone())).collect();
    let mut resolver = Resolver {
        texts,
        statements,
        fragments,
        sources: Vec::new(),
        aliases: BTreeMap::new(),
        ids: Vec::new(),
        runbook: Runbook::default(),
        lookups,
        disabled,
        views,
        schema: Schema::default(),
        scope: None,
    };
    system::validate_system_name(&system, &origin, &mut problems);
    resolver.sources = system::validate_sources(&resolver, &raw, &mut problems);
    let shared: Vec<(Include, RawPack)> = included
        .into_iter()
        .filter_map(|pack| Some((pack.include, decode(pack.document, &resolver.texts, &mut problems)?)))
        .collect();
    let before = problems.0.len();
    resolver.aliases = system::validate_bindings(&resolver, &shared, &mut problems);
    // Without them every view of the shared pack would have an unknown source, in files that nobody here wrote.
    if problems.0.len() > before {
        return Err(sorted(problems));
    }
    let shared: Vec<RawPack> = shared.into_iter().map(|(_, pack)| pack).collect();
    family::validate_families(&mut resolver, &raw, &mut problems);
    resolver.ids = system::validate_tabs(&resolver, &raw, &shared, &all_ids, &mut problems);
    let before = problems.0.len();
    let scope = raw.scope.as_ref().and_then(|raw| scope::validate_scope(&resolver, raw, &mut problems));
    // Without it every query of its views would take a parameter that nothing gives.
    if problems.0.len() > before {
        return Err(sorted(problems));
    }
    resolver.scope = scope.as_ref().map(|scope| scope.source);
    let lookups = system::validate_lookups(&resolver, &raw, &mut problems);
    let facts = raw.facts.as_ref().and_then(|name| system::validate_facts(&resolver, name, &mut problems));
    let schema = schema.and_then(|document| decode::<RawSchema>(document, &resolver.texts, &mut problems));
    resolver.schema = schema::validate_schema(&resolver, &schema.unwrap_or_default(), &mut problems);
    let runbook = runbook.and_then(|document| decode::<RawRunbookFile>(document, &resolver.texts, &mut problems));
    resolver.runbook = runbook::validate_runbook(&resolver, &runbook.unwrap_or_default(), &mut problems);
    let views: Vec<_> =
        resolver.ids.iter().filter_map(|id| view::validate_view(&resolver, id, &mut problems)).collect();
    let Resolver { sources, statements, fragments, mut schema, runbook, .. } = resolver;
    schema::mark_declared(&mut schema, &views);
    let pack = Pack { system, title: raw.title.into_inner(), sources, scope, views, lookups, facts, schema, runbook };
    problems.or(())?;
    let mut problems = Problems::default();
    validate_files_used(&pack, &statements, &fragments, &origin, &mut problems);
    problems.or(pack)
}

/// Every file of statements and fragments of the uppermost layer is used. An unused one probably has a misspelled name: it
/// was meant to replace a file of a lower layer. Lower layers may have unused files: those of views that an upper layer
/// removed.
fn validate_files_used(
    pack: &Pack,
    statements: &BTreeMap<String, StatementText>,
    fragments: &BTreeMap<String, StatementText>,
    origin: &str,
    problems: &mut Problems,
) {
    let used: BTreeSet<&str> = pack.statements().flat_map(Statement::files).collect();
    let is_used = |text: &StatementText| used.contains(text.name.as_str());
    let known = |name: &str, all: &BTreeMap<String, StatementText>| {
        suggest(name, all.iter().filter(|(_, text)| is_used(text)).map(|(name, _)| name.as_str()))
    };
    for (name, text) in statements {
        if text.name == format!("{origin}/{name}") && !is_used(text) {
            let place = SourceLocation::file(&text.name);
            problems.add(place, "no query of the pack is in this file", known(name, statements));
        }
    }
    for (name, text) in fragments {
        if text.name == format!("{origin}/{FRAGMENTS}{name}.sql") && !is_used(text) {
            let remedy = format!("call it, as {{{{{name}}}}}, or remove it: {}", known(name, fragments));
            problems.add(SourceLocation::file(&text.name), "no query of the pack calls this fragment", remedy);
        }
    }
}

fn sorted(problems: Problems) -> Problems {
    problems.or(()).err().unwrap_or_default()
}

impl Resolver {
    fn location_of<T>(&self, value: &Spanned<T>) -> SourceLocation {
        self.texts.location_of(value)
    }

    /// The source of that name: one of the pack's own, or one of an included pack. Any other name is a problem.
    fn source(&self, name: &Name, problems: &mut Problems) -> Option<SourceId> {
        let own = self.sources.iter().position(|source| source.name == *name.get_ref()).map(SourceId);
        let found = own.or_else(|| self.aliases.get(name.get_ref()).copied());
        if found.is_none() {
            let known = self.sources.iter().map(|source| source.name.as_str());
            self.add_unknown("source", name, known, problems);
        }
        found
    }

    fn engine(&self, source: SourceId) -> Engine {
        self.sources[source.0].engine
    }

    /// The view of that id. An unknown id is a problem.
    fn view(&self, name: &Name, problems: &mut Problems) -> Option<ViewId> {
        let found = self.ids.iter().position(|id| id == name.get_ref()).map(ViewId);
        if found.is_none() {
            self.add_unknown("view", name, self.ids.iter().map(String::as_str), problems);
        }
        found
    }

    /// The format of that name. Without a name, and after a problem, the default.
    fn format(&self, name: Option<&Name>, default: Format, problems: &mut Problems) -> Format {
        let Some(name) = name else { return default };
        let found = Format::ALL.iter().find(|(word, _)| word == name.get_ref());
        if found.is_none() {
            self.add_unknown("format", name, Format::ALL.map(|(word, _)| word), problems);
        }
        found.map_or(default, |(_, format)| *format)
    }

    /// Adds the problem that a name is not among the known ones.
    fn add_unknown<'a>(
        &self,
        what: &str,
        name: &Name,
        known: impl IntoIterator<Item = &'a str>,
        problems: &mut Problems,
    ) {
        problems.add(
            self.location_of(name),
            format!("unknown {what} \"{}\"", name.get_ref()),
            suggest(name.get_ref(), known),
        );
    }

    /// A name that a pack gives to something of its own is an identifier.
    fn validate_id(&self, what: &str, name: &Name, problems: &mut Problems) {
        if !is_id(name.get_ref()) {
            problems.add(
                self.location_of(name),
                format!("the {what} \"{}\" is no identifier", name.get_ref()),
                ID_REMEDY,
            );
        }
    }
}

/// The title of what has a name but no title: "open critical" for `open_critical`.
fn title_of(name: &str) -> String {
    name.replace('_', " ")
}
