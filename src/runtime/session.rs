//! From a config to a model and the performer that serves it.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use anyhow::Context;
use jiff::tz::TimeZone;
use opsdash_core::{
    model::{Appearance, Model, Remembered, Start, StartTarget, TargetId},
    msg::Msg,
    time::Zone,
};
use opsdash_pack::{
    config::{Config, Target, ThemeName},
    keymap::Keymap,
    pack::Pack,
};
use opsdash_sources::limits;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    clocks::Clocks,
    perform::{Performer, SourceHandle, TargetRuntime},
};
use crate::{
    packs,
    settings::{Environment, locale},
};

/// A model that has asked nothing yet, and what serves it.
pub struct Session {
    /// What is known and shown.
    pub model: Model,
    /// Where effects go.
    pub performer: Performer,
    /// Where their outcomes come from.
    pub messages: UnboundedReceiver<Msg>,
    /// Reads the clocks; they count from the start of the session.
    pub clocks: Clocks,
}

/// What a session starts with beside the config.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// Place among the targets of the one that opens.
    pub at: usize,
    /// Places of those that are asked too while another one is on screen.
    pub watched: Vec<usize>,
    /// `--read-only`.
    pub read_only: bool,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What earlier runs kept.
    pub remembered: Remembered,
    /// Where this run keeps it; nowhere when `None`.
    pub state_dir: Option<PathBuf>,
}

impl Session {
    /// Loads the packs of these targets and makes ready to ask their sources. Touches no network.
    ///
    /// # Errors
    /// A pack or a key binding that cannot be used, with every problem.
    pub fn open(
        config: &Config,
        targets: &[&Target],
        environment: &Arc<Environment>,
        opening: SessionOptions,
    ) -> anyhow::Result<Self> {
        let SessionOptions { at, watched, read_only, size, remembered, state_dir } = opening;
        let keymap = Keymap::with(&config.keys).map_err(anyhow::Error::msg)?;
        let clocks = Clocks::start();
        let mut packs: BTreeMap<&str, Arc<Pack>> = BTreeMap::new();
        let (mut starts, mut runtimes) = (Vec::new(), Vec::new());
        for (place, target) in targets.iter().enumerate() {
            let pack = if let Some(pack) = packs.get(target.system.as_str()) {
                pack.clone()
            } else {
                let pack = pack_of(config, target, environment)?;
                keymap.check_actions(&pack).map_err(anyhow::Error::msg)?;
                packs.insert(&target.system, pack.clone());
                pack
            };
            let handles = bind(&pack, target, environment);
            runtimes.push(TargetRuntime { target: target.name.clone(), pack: pack.clone(), handles });
            starts.push(start(pack, target, watched.contains(&place)));
        }
        let (sender, messages) = unbounded_channel();
        let model = Model::new(Start {
            targets: starts,
            at: TargetId(at),
            operator: labelled(&environment.operator, config.operator_label.as_deref()),
            read_only: read_only || config.read_only,
            appearance: appearance(config),
            keymap,
            remembered,
            size,
            clock: clocks.read(),
        });
        let operator = (environment.operator.clone(), config.operator_label.clone());
        Ok(Self { model, performer: Performer::new(runtimes, operator, sender, state_dir), messages, clocks })
    }
}

/// The login, and beside it what the config calls this operator.
fn labelled(operator: &str, label: Option<&str>) -> String {
    label.map_or_else(|| operator.to_owned(), |label| format!("{operator} ({label})"))
}

fn pack_of(config: &Config, target: &Target, environment: &Environment) -> anyhow::Result<Arc<Pack>> {
    let pack = packs::load(&target.system, environment)?;
    let changed = pack.with_overrides(&config.views);
    Ok(Arc::new(changed.with_context(|| format!("[views] of the config, for the target {}", target.name))?))
}

/// The sources of a target, in the order of its pack; none is connected to yet.
pub(crate) fn bind(pack: &Pack, target: &Target, environment: &Arc<Environment>) -> Vec<Arc<SourceHandle>> {
    let bind = |source: &opsdash_pack::pack::SourceSpec| {
        let config = target.sources.get(&source.name).cloned();
        Arc::new(SourceHandle::new(&target.name, &source.name, source.engine, config, environment))
    };
    pack.sources.iter().map(bind).collect()
}

fn start(pack: Arc<Pack>, target: &Target, watched: bool) -> StartTarget {
    let timeout = |source: &opsdash_pack::pack::SourceSpec| {
        target.sources.get(&source.name).and_then(|config| config.timeout_ms).unwrap_or(limits::STATEMENT_MS)
    };
    // A zone that this machine does not know is told of when the source is opened.
    let zone = |source: &opsdash_pack::pack::SourceSpec| {
        let name = target.sources.get(&source.name).and_then(|config| config.naive_zone.as_deref());
        name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
    };
    StartTarget {
        name: target.name.clone(),
        timeouts_ms: pack.sources.iter().map(timeout).collect(),
        zones: pack.sources.iter().map(zone).collect(),
        pack,
        protected: target.protected,
        read_only: target.read_only,
        watched,
    }
}

/// How the screen looks: the config, and where it does not say, the environment.
fn appearance(config: &Config) -> Appearance {
    let screen = &config.screen;
    let local = Zone::Local(TimeZone::system());
    Appearance {
        theme: if locale::declines_color() { ThemeName::Mono } else { screen.theme },
        ascii: screen.ascii.unwrap_or_else(|| !locale::has_utf8()),
        zone: if screen.local_time { local.clone() } else { Zone::Utc },
        local,
        bell: screen.bell,
    }
}
