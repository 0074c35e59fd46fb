//! From layered files to a [`Pack`]: every name is resolved, every rule held, every problem told.

mod action;
mod columns;
mod links;
mod params;
mod schema;
mod statements;
mod system;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::{
    layer::{Layered, StatementText},
    raw::{Name, RawPack, RawSchema, RawView},
};
use crate::{
    document::{Problems, SourceLocation, SourceTexts, decode, suggest},
    pack::{Engine, Format, Pack, SourceId, SourceSpec, Statement, ViewId},
};

/// What the rules look names up in.
struct Resolver {
    texts: SourceTexts,
    statements: BTreeMap<String, StatementText>,
    sources: Vec<SourceSpec>,
    /// What included packs call a source of ours.
    aliases: BTreeMap<String, SourceId>,
    /// Ids of all views, tabs first: a view's place is its [`ViewId`].
    ids: Vec<String>,
    /// Views that a layer removed: links to them go with them.
    disabled: BTreeSet<String>,
    /// Without those whose words are wrong.
    views: BTreeMap<String, RawView>,
}

/// Checks a layered pack.
pub(super) fn check(layered: Layered<'_>, mut problems: Problems) -> Result<Pack, Problems> {
    let Layered { system, origin, texts, pack, schema, views, disabled, broken, statements, included } = layered;
    let mut all_ids: BTreeSet<String> = broken;
    all_ids.extend(views.keys().cloned());
    let views: BTreeMap<String, RawView> =
        views.into_iter().filter_map(|(id, document)| Some((id, decode(document, &texts, &mut problems)?))).collect();
    // With pack.toml in doubt, every source would be unknown and every view a stranger.
    let words_are_right = problems.0.is_empty();
    let raw = match pack {
        Some(document) if words_are_right => decode::<RawPack>(document, &texts, &mut problems),
        _ => None,
    };
    let Some(raw) = raw else { return Err(sorted(problems)) };
    let mut resolver =
        Resolver { texts, statements, sources: Vec::new(), aliases: BTreeMap::new(), ids: Vec::new(), disabled, views };
    system::validate_system_name(&system, &origin, &mut problems);
    resolver.sources = system::validate_sources(&resolver, &raw, &mut problems);
    let shared: Vec<RawPack> =
        included.into_iter().filter_map(|document| decode(document, &resolver.texts, &mut problems)).collect();
    resolver.aliases = system::validate_bindings(&resolver, &shared, &mut problems);
    resolver.ids = system::validate_tabs(&resolver, &raw, &shared, &all_ids, &mut problems);
    let lookups = system::validate_lookups(&resolver, &raw, &mut problems);
    let facts = raw.facts.as_ref().and_then(|name| system::validate_facts(&resolver, name, &mut problems));
    let schema = schema.and_then(|document| decode::<RawSchema>(document, &resolver.texts, &mut problems));
    let schema = schema::validate_schema(&resolver, &schema.unwrap_or_default(), &mut problems);
    let views: Vec<_> =
        resolver.ids.iter().filter_map(|id| view::validate_view(&resolver, id, &mut problems)).collect();
    let Resolver { sources, statements, .. } = resolver;
    let pack = Pack { system, title: raw.title.into_inner(), sources, views, lookups, facts, schema };
    problems.or(())?;
    let mut problems = Problems::default();
    validate_files_used(&pack, &statements, &origin, &mut problems);
    problems.or(pack)
}

/// Every statement's file of the uppermost layer is used, so that a slip in the name of a file that is meant to replace
/// ours does not go unnoticed. Lower layers may keep those of views that an upper one removed.
fn validate_files_used(
    pack: &Pack,
    statements: &BTreeMap<String, StatementText>,
    origin: &str,
    problems: &mut Problems,
) {
    let used: BTreeSet<&str> = pack.statements().map(Statement::file).collect();
    for (name, text) in statements {
        if text.name == format!("{origin}/{name}") && !used.contains(text.name.as_str()) {
            let known = statements.iter().filter(|(_, text)| used.contains(text.name.as_str()));
            let known = known.map(|(name, _)| name.as_str());
            problems.add(
                SourceLocation::file(&text.name),
                "no query of the pack is in this file",
                suggest(name, known),
            );
        }
    }
}

fn sorted(problems: Problems) -> Problems {
    problems.or(()).err().unwrap_or_default()
}

impl Resolver {
    fn of<T>(&self, value: &Spanned<T>) -> SourceLocation {
        self.texts.of(value)
    }

    /// The source of that name, ours or bound by an include; unknown is a problem.
    fn source(&self, name: &Name, problems: &mut Problems) -> Option<SourceId> {
        let own = self.sources.iter().position(|source| source.name == *name.get_ref()).map(SourceId);
        let found = own.or_else(|| self.aliases.get(name.get_ref()).copied());
        if found.is_none() {
            let known = self.sources.iter().map(|source| source.name.as_str());
            self.unknown("source", name, known, problems);
        }
        found
    }

    fn engine(&self, source: SourceId) -> Engine {
        self.sources[source.0].engine
    }

    /// The view of that id; unknown is a problem.
    fn view(&self, name: &Name, problems: &mut Problems) -> Option<ViewId> {
        let found = self.ids.iter().position(|id| id == name.get_ref()).map(ViewId);
        if found.is_none() {
            self.unknown("view", name, self.ids.iter().map(String::as_str), problems);
        }
        found
    }

    fn format(&self, name: Option<&Name>, default: Format, problems: &mut Problems) -> Format {
        let Some(name) = name else { return default };
        let found = Format::ALL.iter().find(|(word, _)| word == name.get_ref());
        if found.is_none() {
            self.unknown("format", name, Format::ALL.map(|(word, _)| word), problems);
        }
        found.map_or(default, |(_, format)| *format)
    }

    fn unknown<'a>(&self, what: &str, name: &Name, known: impl IntoIterator<Item = &'a str>, problems: &mut Problems) {
        problems.add(self.of(name), format!("unknown {what} \"{}\"", name.get_ref()), suggest(name.get_ref(), known));
    }

    fn validate_id(&self, what: &str, name: &Name, problems: &mut Problems) {
        if !is_id(name.get_ref()) {
            problems.add(self.of(name), format!("the {what} \"{}\" is no identifier", name.get_ref()), ID_REMEDY);
        }
    }
}

const ID_REMEDY: &str = "use a lowercase letter, then lowercase letters, digits and _";

fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A name as a title: `open_critical` reads "open critical".
fn in_words(name: &str) -> String {
    name.replace('_', " ")
}
