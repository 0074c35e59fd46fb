//! Reads the packs of targets again while the dashboard runs.

use std::sync::Arc;

use opsdash_core::model::{StartTarget, TargetId};
use opsdash_pack::{config::Target, document::Problems, keymap::Keymap, pack::Pack};

use super::{session, source_handle::SourceHandle};
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
        Ok(session::start(pack, target, true))
    }

    /// What serves the sources of a pack. A source that stays what it was keeps its connections.
    pub(super) fn handles(&self, target: TargetId, pack: &Pack, old: &[Arc<SourceHandle>]) -> Vec<Arc<SourceHandle>> {
        let target = &self.targets[target.0];
        let serve = |spec: &opsdash_pack::pack::SourceSpec| {
            let known = old.iter().find(|handle| handle.name == spec.name && handle.engine == spec.engine);
            known.cloned().unwrap_or_else(|| Arc::new(SourceHandle::new(target, spec, &self.environment)))
        };
        pack.sources.iter().map(serve).collect()
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
