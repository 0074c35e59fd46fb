//! Asks one view of one target without a screen.

use std::sync::Arc;

use opsdash_core::{
    config::{Config, Target},
    keymap::Keymap,
    model::{BoardId, Choices, Look, Model, Remembered, Start, StartTarget},
    pack::{Pack, ViewId},
    time::Zone,
};
use tokio::sync::mpsc;

use super::{answered::Answered, output::Paper, setup::Setup};
use crate::{
    app::Clocks,
    headless,
    perform::{Binding, Performer},
};

/// How long a statement may run where the config does not say, in ms.
const TIMEOUT_MS: u32 = 5_000;

/// One question: a view of a target under choices.
#[derive(Debug)]
pub struct Asking {
    /// Whom.
    pub target: Target,
    /// Its pack.
    pub pack: Pack,
    /// Which view.
    pub view: ViewId,
    /// Under which choices.
    pub choices: Choices,
}

/// Asks all of them at once and waits until each is settled: the slowest decides, not their sum.
///
/// # Errors
/// When the runtime cannot start.
pub fn ask(setup: &Setup, askings: Vec<Asking>, paper: Paper) -> std::io::Result<Vec<Answered>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let answers = askings.into_iter().map(|asking| answer(setup, asking, paper));
    let answers = runtime.block_on(futures_util::future::join_all(answers));
    // Nobody waits for a network when everything is answered.
    runtime.shutdown_background();
    Ok(answers)
}

async fn answer(setup: &Setup, asking: Asking, paper: Paper) -> Answered {
    let Asking { target, pack, view, choices } = asking;
    let operator = setup.surroundings.operator.clone();
    let pack = Arc::new(pack);
    let bindings = pack.sources.iter().map(|source| {
        let config = target.sources.get(&source.name).cloned();
        Arc::new(Binding::new(&source.name, source.engine, config, &operator))
    });
    let (sender, mut messages) = mpsc::unbounded_channel();
    let mut performer = Performer::new(vec![bindings.collect()], sender, None);
    let clocks = Clocks::start();
    let mut model = Model::new(start(&setup.loaded.config, &target, pack, operator, clocks, paper));
    headless::ask(&mut model, &mut performer, &mut messages, clocks, view, choices).await;
    Answered::new(model, view)
}

fn start(config: &Config, target: &Target, pack: Arc<Pack>, operator: String, clocks: Clocks, paper: Paper) -> Start {
    let timeout = |name: &String| target.sources.get(name).and_then(|source| source.timeout_ms).unwrap_or(TIMEOUT_MS);
    let timeouts_ms = pack.sources.iter().map(|source| timeout(&source.name)).collect();
    let local = jiff::tz::TimeZone::try_system().map_or(Zone::Utc, Zone::Local);
    let look = Look {
        theme: config.screen.theme,
        ascii: config.screen.ascii.unwrap_or(paper.ascii),
        zone: if config.screen.local_time { local.clone() } else { Zone::Utc },
        local,
        bell: false,
    };
    let target = StartTarget {
        name: target.name.clone(),
        pack,
        protected: target.protected,
        read_only: target.read_only,
        timeouts_ms,
    };
    Start {
        targets: vec![target],
        at: BoardId(0),
        operator,
        read_only: true,
        look,
        keymap: Keymap::default(),
        remembered: Remembered::default(),
        size: (paper.columns, 24),
        clock: clocks.read(),
    }
}
