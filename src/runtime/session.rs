//! From a config to a model and the performer that serves it.

use std::{path::PathBuf, sync::Arc};

use jiff::tz::TimeZone;
use opsdash_core::{
    days::DayMemory,
    model::{Appearance, Demand, Remembered, Start, TargetId},
    msg::Msg,
    time::Zone,
    update::LiveModel,
};
use opsdash_pack::{
    config::{Config, Target, ThemeName},
    keymap::Keymap,
    pack::Pack,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    clocks::Clocks,
    pack_reader::start_target,
    perform::{Performer, StateDirs, TargetRuntime},
    source_handle::handles,
};
use crate::{
    settings::{Environment, locale},
    store::days::KeptDays,
};

/// A model that has asked nothing yet, and what serves it.
pub struct Session {
    /// What is known and shown.
    pub model: LiveModel,
    /// Where effects go.
    pub performer: Performer,
    /// Where their outcomes come from.
    pub messages: UnboundedReceiver<Msg>,
    /// Reads the clocks; they count from the start of the session.
    pub clocks: Clocks,
}

/// What a session starts with beside the config.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// What the answers are for.
    pub demand: Demand,
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
    /// What rows were on earlier days, in place of what is kept of it. Then nothing is kept.
    pub days: Option<DayMemory>,
}

impl SessionOptions {
    /// Of a session that opens its first target, watches no other, keeps nothing and writes nothing.
    #[must_use]
    pub fn of(demand: Demand) -> Self {
        Self {
            demand,
            at: 0,
            watched: Vec::new(),
            read_only: true,
            size: (0, 0),
            remembered: Remembered::default(),
            state_dir: None,
            days: None,
        }
    }
}

impl Session {
    /// Makes ready to ask the sources of these targets. Touches no network.
    ///
    /// # Errors
    /// A key that the config gives to two commands, or that an action of a pack needs.
    pub fn open(
        config: &Config,
        targets: Vec<(&Target, Arc<Pack>)>,
        environment: &Arc<Environment>,
        options: SessionOptions,
    ) -> anyhow::Result<Self> {
        let SessionOptions { demand, at, watched, read_only, size, remembered, state_dir, days } = options;
        let keymap = Keymap::with(&config.keys).map_err(anyhow::Error::msg)?;
        let clocks = Clocks::start();
        let (mut starts, mut runtimes) = (Vec::new(), Vec::new());
        let has_growth = |pack: &Pack| pack.views.iter().any(|view| !view.growth.is_empty());
        // A dashboard may read a pack again that has some.
        let is_kept = demand.is_screen() || targets.iter().any(|(_, pack)| has_growth(pack));
        let days = match days {
            Some(given) => KeptDays::given(given),
            None if is_kept => KeptDays::read(environment),
            None => KeptDays::given(DayMemory::default()),
        };
        for (place, (target, pack)) in targets.into_iter().enumerate() {
            keymap.check_actions(&pack).map_err(anyhow::Error::msg)?;
            let handles = handles(&pack, target, environment);
            runtimes.push(TargetRuntime { target: target.name.clone(), pack: pack.clone(), handles });
            let known = days.of_target(&target.name);
            starts.push(start_target(pack, target, watched.contains(&place), known));
        }
        let (sender, messages) = unbounded_channel();
        let model = LiveModel::new(Start {
            demand,
            targets: starts,
            at: TargetId(at),
            operator: labelled(&environment.operator, config.operator_label.as_deref()),
            folder: folder(&environment.home),
            read_only: read_only || config.read_only,
            appearance: appearance(config),
            keymap,
            remembered: remembered.clone(),
            size,
            clock: clocks.read(),
        });
        let operator = (environment.operator.clone(), config.operator_label.clone());
        let dirs = StateDirs { own: state_dir, days: days.dir };
        Ok(Self { model, performer: Performer::new(runtimes, operator, sender, dirs, remembered), messages, clocks })
    }
}

/// The working directory as people write it: within the home folder from `~` on.
fn folder(home: &std::path::Path) -> String {
    let Ok(folder) = std::env::current_dir() else { return ".".to_owned() };
    match folder.strip_prefix(home) {
        Ok(within) if within.as_os_str().is_empty() => "~".to_owned(),
        Ok(within) => format!("~/{}", opsdash_core::text::inert(&within.to_string_lossy())),
        Err(_) => opsdash_core::text::inert(&folder.to_string_lossy()).into_owned(),
    }
}

/// The login, and the name that the config gives this operator; `None` when it gives none.
fn labelled(operator: &str, label: Option<&str>) -> String {
    label.map_or_else(|| operator.to_owned(), |label| format!("{operator} ({label})"))
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
