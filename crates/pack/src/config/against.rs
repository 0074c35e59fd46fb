//! Checks of the config that need the packs of its targets.

use std::collections::BTreeMap;

use super::{LoadedConfig, Target};
use crate::{
    document::{Problems, SourceLocation, suggest},
    pack::Pack,
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

    /// Checks that a target has exactly the sources of its pack.
    ///
    /// # Errors
    /// With every source that is missing or unknown.
    pub fn check_target(&self, target: &Target, pack: &Pack) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let known: BTreeMap<&str, _> = pack.sources.iter().map(|source| (source.name.as_str(), source)).collect();
        for name in target.sources.keys().filter(|name| !known.contains_key(name.as_str())) {
            let location = self.place(&format!("targets.{}.sources.{name}", target.name));
            let what = format!("the system \"{}\" has no source \"{name}\"", pack.system);
            problems.add(location, what, suggest(name, known.keys().copied()));
        }
        for name in known.keys().filter(|name| !target.sources.contains_key(**name)) {
            let location = self.place(&format!("targets.{}.system", target.name));
            let what = format!("the target \"{}\" does not say where \"{name}\" is", target.name);
            let remedy = format!("add [targets.{}.sources.{name}] with a url", target.name);
            problems.add(location, what, remedy);
        }
        problems.or(())
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
