//! `opsdash` without a subcommand: the dashboard.

use std::{
    io::{IsTerminal, Write},
    sync::Arc,
};

use anyhow::Context;
use opsdash_core::{model::Choices, msg::Msg};
use opsdash_pack::{
    config::{Config, Target},
    pack::{Pack, ViewId},
};

use super::{app::App, draw::theme::Theme, terminal::Terminal};
use crate::{
    runtime::{
        self,
        pack_reader::{LoadPack, PackReader},
        session::{Session, SessionOptions},
    },
    settings::Environment,
    store::log,
};

/// Runs the dashboard until it is left. `at` is the view that opens and how; the overview when `None`. `load` reads the
/// pack of a target again.
///
/// # Errors
/// No terminal; a key that two commands or an action need.
pub fn run(
    config: &Config,
    targets: Vec<(&Target, Arc<Pack>)>,
    environment: &Arc<Environment>,
    options: SessionOptions,
    at: Option<(ViewId, Choices)>,
    load: Arc<LoadPack>,
) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        anyhow::bail!("the dashboard needs a terminal; for scripts there are `opsdash show` and its siblings");
    }
    if let Some(dir) = &options.state_dir
        && let Err(why) = log::start(dir)
    {
        let _closed = writeln!(std::io::stderr(), "opsdash: nothing is logged: {why:#}");
    }
    let runtime = runtime::start()?;
    let mut session = {
        let _inside = runtime.enter();
        let known = targets.iter().map(|(target, _)| (*target).clone()).collect();
        let mut session = Session::open(config, targets, environment, options)?;
        let keymap = session.model.keymap.clone();
        session.performer.read_packs_with(PackReader::new(known, environment.clone(), keymap, load));
        session
    };
    let appearance = &session.model.appearance;
    let terminal =
        Terminal::take(Theme::named(appearance.theme, appearance.ascii)).context("the terminal cannot be used")?;
    let (columns, rows) = terminal.size()?;
    runtime.block_on(async {
        // Before anything is asked: what is on screen goes first.
        let mut first = at.map_or_else(Vec::new, |(view, choices)| session.model.open_view(view, choices));
        first.extend(session.model.update(Msg::Resize(columns, rows)));
        for effect in first {
            session.performer.perform(effect);
        }
        session.performer.report_unknown_writes();
        let Session { model, performer, messages, clocks } = session;
        App { model, performer, messages, clocks, terminal, stops: false }.run().await
    })
}
