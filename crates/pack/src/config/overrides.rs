//! Applies the config's overrides to the views of a pack.

use std::collections::BTreeMap;

use super::ViewOverride;
use crate::{
    document::{Problems, suggest},
    pack::{Pack, ViewId},
};

impl Pack {
    /// The pack with the thresholds, intervals and limits of the config. A key is `view`, for that view of every
    /// system, or
    /// `system.view`, which goes before `view`.
    ///
    /// # Errors
    /// With every threshold that a view does not have, and every `system.view` that this system does not have. A plain
    /// `view` that is not in this pack may be in another system's.
    pub fn with_overrides(mut self, overrides: &BTreeMap<String, ViewOverride>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let (named, bare): (Vec<_>, Vec<_>) = overrides.iter().partition(|(key, _)| key.contains('.'));
        for (key, change) in bare.into_iter().chain(named) {
            let (system, id) = key.split_once('.').unwrap_or((&self.system, key));
            if system != self.system {
                continue;
            }
            match self.find(id) {
                Some(view) => self.apply_override(view, change, &mut problems),
                None if key.contains('.') => {
                    let what = format!("the system \"{system}\" has no view \"{id}\"");
                    let known = suggest(id, self.views.iter().map(|view| view.id.as_str()));
                    problems.add(change.at.clone(), what, known);
                }
                None => {}
            }
        }
        problems.or(self)
    }

    fn apply_override(&mut self, id: ViewId, change: &ViewOverride, problems: &mut Problems) {
        let view = &mut self.views[id.0];
        view.refresh_ms = change.refresh_ms.unwrap_or(view.refresh_ms);
        view.limit = change.limit.unwrap_or(view.limit);
        for (name, value) in &change.thresholds {
            if let Some(threshold) = view.thresholds.get_mut(name) {
                threshold.clone_from(value);
                continue;
            }
            let what = format!("the view \"{}\" has no threshold \"{name}\"", view.id);
            let known = suggest(name, view.thresholds.keys().map(String::as_str));
            problems.add(change.at.clone(), what, known);
        }
    }
}
