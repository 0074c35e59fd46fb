//! Checks of the config that need the packs of its targets.

use std::collections::BTreeMap;

use super::{
    LoadedConfig, SourceConfig, Target,
    url::{Protocol, redact},
};
use crate::{
    document::{Problems, SourceLocation, suggest},
    pack::{Engine, Pack, SourceSpec},
};

impl LoadedConfig {
    /// Where a value is set, by its path such as `targets.prod.system`; of a table, where its first value is set. An
    /// empty location when no file sets it.
    #[must_use]
    pub fn place(&self, path: &str) -> SourceLocation {
        let found =
            self.settings.iter().find(|setting| setting.path == path || setting.path.starts_with(&format!("{path}.")));
        found.map(|setting| setting.place.clone()).unwrap_or_default()
    }

    /// Checks that a target has the sources of its pack, perhaps without optional ones, and no other, that the URL of
    /// each leads to a server of its engine, and that it has a scope only where its pack has.
    ///
    /// # Errors
    /// With every source that is missing, unknown or somewhere else.
    pub fn check_target(&self, target: &Target, pack: &Pack) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let known: BTreeMap<&str, _> = pack.sources.iter().map(|source| (source.name.as_str(), source)).collect();
        for name in target.sources.keys().filter(|name| !known.contains_key(name.as_str())) {
            let location = self.place(&format!("targets.{}.sources.{name}", target.name));
            let what = format!("the system \"{}\" has no source \"{name}\"", pack.system);
            problems.add(location, what, suggest(name, known.keys().copied()));
        }
        let wanted = known.iter().filter(|(_, source)| !source.optional).map(|(name, _)| name);
        for name in wanted.filter(|name| !target.sources.contains_key(**name)) {
            let location = self.place(&format!("targets.{}.system", target.name));
            let what = format!("the target \"{}\" does not say where \"{name}\" is", target.name);
            let remedy = format!("add [targets.{}.sources.{name}] with a url", target.name);
            problems.add(location, what, remedy);
        }
        if target.scope.is_some() && pack.scope.is_none() {
            let location = self.place(&format!("targets.{}.scope", target.name));
            let what = format!("\"scope\" of a target whose system, \"{}\", has none", pack.system);
            problems.add(location, what, "remove it");
        }
        for (name, config) in &target.sources {
            if let Some(spec) = known.get(name.as_str()) {
                self.check_urls(target, spec, config, &mut problems);
                self.check_family(target, spec, config, &mut problems);
            }
        }
        problems.or(())
    }

    /// Only a family has several servers, and databases to choose from.
    fn check_family(&self, target: &Target, spec: &SourceSpec, config: &SourceConfig, problems: &mut Problems) {
        let place = |word: &str| self.place(&format!("targets.{}.sources.{}.{word}", target.name, spec.name));
        let Some(family) = &spec.family else {
            let words = [
                ("servers", !config.more_servers.is_empty()),
                ("databases", config.databases.is_some()),
                ("exclude", config.exclude.is_some()),
            ];
            for (word, _) in words.iter().filter(|(_, is_set)| *is_set) {
                let what = format!("\"{word}\", and the source \"{}\" is one database", spec.name);
                problems.add(place(word), what, "remove it, or write \"url\"");
            }
            return;
        };
        if config.replica_url.is_some() {
            let what = "a family's reads from a replica are not served";
            problems.add(place("replica_url"), what, "give the replica as \"url\"; without writes that is enough");
        }
        let has_patterns = config.databases.as_ref().map_or(!family.databases.is_empty(), |names| !names.is_empty());
        if !has_patterns && family.names.is_none() && family.also.is_empty() {
            let what = format!("the family \"{}\" has no databases", spec.name);
            problems.add(place("databases"), what, "name them; * stands for any characters");
        }
    }

    /// Every URL of a source leads to the same kind of server, which is one of the source's engine.
    fn check_urls(&self, target: &Target, spec: &SourceSpec, config: &SourceConfig, problems: &mut Problems) {
        let first = config.protocol();
        for url in config.all_urls() {
            let protocol = Protocol::of(url);
            if protocol.is_some_and(|protocol| serves(protocol, spec.engine)) && protocol == first {
                continue;
            }
            let location = self.place(&format!("targets.{}.sources.{}", target.name, spec.name));
            let (name, engine, shown) = (&spec.name, spec.engine.word(), redact(&url.0));
            let what = format!("\"{shown}\" is no place for the source \"{name}\", whose engine is {engine}");
            problems.add(location, what, format!("give it URLs of one kind: {}", kinds(spec.engine)));
        }
    }

    /// Checks that every `[views.<id>]` is the id of a view of one of the packs. Ids with a system, `system.view`, are
    /// left to [`Pack::with_overrides`].
    ///
    /// # Errors
    /// With every id that no view has.
    pub fn check_views(&self, packs: &[&Pack]) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for (key, change) in self.config.views.iter().filter(|(key, _)| !key.contains('.')) {
            if packs.iter().all(|pack| pack.find(key).is_none()) {
                let known = packs.iter().flat_map(|pack| &pack.views).map(|view| view.id.as_str());
                problems.add(change.at.clone(), format!("no system has a view \"{key}\""), suggest(key, known));
            }
        }
        problems.or(())
    }
}

/// Whether what is behind a URL of this protocol can be a source of that engine. A pack that keeps files in MongoDB finds
/// the same files in a folder, where the config says so.
fn serves(protocol: Protocol, engine: Engine) -> bool {
    match protocol {
        Protocol::PostgreSql => engine == Engine::PostgreSql,
        Protocol::MongoDb | Protocol::Folder => engine == Engine::MongoDb,
        Protocol::SqlServer => engine == Engine::SqlServer,
    }
}

/// What the URLs of a source of that engine may begin with.
fn kinds(engine: Engine) -> String {
    let schemes = Protocol::SCHEMES.iter().filter(|(_, protocol)| serves(*protocol, engine));
    schemes.map(|(scheme, _)| format!("{scheme}://")).collect::<Vec<_>>().join(", ")
}
