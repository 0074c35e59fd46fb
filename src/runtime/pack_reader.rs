//! Reads the packs of targets again while the dashboard runs.

use std::sync::Arc;

use jiff::tz::TimeZone;
use opsdash_core::{
    days::DayMemory,
    model::{StartTarget, TargetId},
};
use opsdash_pack::{
    config::Target,
    document::Problems,
    keymap::Keymap,
    pack::{Pack, SourceSpec},
};

use super::source_handle::{SourceHandle, handles_beside, naive_zone, timeout_ms};
use crate::settings::Environment;

/// Loads the pack of a target from its files, with what the config changes of it.
pub type LoadPack = dyn Fn(&Target) -> Result<Arc<Pack>, Problems> + Send + Sync;

/// Reads packs for one session.
#[derive(Clone)]
pub struct PackReader {
    /// In the order of the model.
    targets: Arc<[Target]>,
    environment: Arc<Environment>,
    keymap: Keymap,
    load: Arc<LoadPack>,
}

impl PackReader {
    /// A reader for the targets of a session, in their order.
    #[must_use]
    pub fn new(targets: Vec<Target>, environment: Arc<Environment>, keymap: Keymap, load: Arc<LoadPack>) -> Self {
        Self { targets: targets.into(), environment, keymap, load }
    }

    /// What the model needs of a target, with its pack as the files have it now.
    ///
    /// # Errors
    /// A sentence with the first thing that is wrong.
    pub fn read(&self, target: TargetId) -> Result<StartTarget, String> {
        let target = &self.targets[target.0];
        let pack = (self.load)(target).map_err(|problems| first_of(&problems))?;
        self.keymap.check_actions(&pack)?;
        // The model knows more of earlier days by now.
        Ok(start_target(pack, target, true, Ok(DayMemory::default())))
    }

    /// What serves the sources of a pack in place of another. A source that stays what it was keeps its connections.
    pub(super) fn handles(
        &self,
        target: TargetId,
        pack: &Pack,
        old: (&Pack, &[Arc<SourceHandle>]),
    ) -> Vec<Arc<SourceHandle>> {
        let target = &self.targets[target.0];
        // What a family has of other sources may have changed with any of them.
        let is_same = |spec: &SourceSpec| spec.family.is_none() || old.0.sources == pack.sources;
        handles_beside(pack, target, &self.environment, |spec| {
            let known = old.0.sources.iter().position(|known| known == spec && is_same(spec));
            known.map(|at| old.1[at].clone())
        })
    }
}

/// What a model needs of a target.
pub(super) fn start_target(
    pack: Arc<Pack>,
    target: &Target,
    watched: bool,
    days: Result<DayMemory, String>,
) -> StartTarget {
    let timeout = |source: &SourceSpec| timeout_ms(target.sources.get(&source.name));
    // A zone that this machine does not know is told of when the source is opened.
    let zone = |source: &SourceSpec| naive_zone(target.sources.get(&source.name)).unwrap_or(TimeZone::UTC);
    StartTarget {
        name: target.name.clone(),
        timeouts_ms: pack.sources.iter().map(timeout).collect(),
        zones: pack.sources.iter().map(zone).collect(),
        pack,
        protected: target.protected,
        read_only: target.read_only,
        scope: target.scope.clone(),
        watched,
        days,
    }
}

/// The first problem in one line, and how many there are beside it.
fn first_of(problems: &Problems) -> String {
    let Some(first) = problems.0.first() else { return "it cannot be read".to_owned() };
    let more = match problems.0.len() {
        1 => String::new(),
        n => format!(", and {} more: opsdash packs check", n - 1),
    };
    format!("{}: {}{more}", first.place, first.what)
}
