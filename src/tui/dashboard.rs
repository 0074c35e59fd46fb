//! `opsdash` without a subcommand: the dashboard.

use std::{io::IsTerminal, sync::Arc};

use anyhow::Context;
use opsdash_core::{
    model::Choices,
    msg::Msg,
    update::{open_view, update},
};
use opsdash_pack::{
    config::{Config, Target},
    pack::{Pack, ViewId},
};

use super::{app::App, draw::theme::Theme, terminal::Terminal};
use crate::{
    runtime::session::{Session, SessionOptions},
    settings::Environment,
    store::log,
};

/// Runs the dashboard until it is left. `at` says, for the pack of the target that opens, which view opens and how.
///
/// # Errors
/// No terminal; a pack that cannot be used; a view that the pack does not have.
pub fn run(
    config: &Config,
    targets: &[&Target],
    environment: &Arc<Environment>,
    opening: SessionOptions,
    at: impl FnOnce(&Pack) -> anyhow::Result<Option<(ViewId, Choices)>>,
) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        anyhow::bail!("the dashboard needs a terminal; for scripts there are `opsdash show` and its siblings");
    }
    if let Some(dir) = &opening.state_dir
        && let Err(why) = log::start(dir)
    {
        eprintln!("opsdash: nothing is logged: {why:#}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut session = {
        let _inside = runtime.enter();
        Session::open(config, targets, environment, opening)?
    };
    let view = at(session.model.pack())?;
    let look = &session.model.appearance;
    let terminal = Terminal::take(Theme::named(look.theme, look.ascii)).context("the terminal cannot be used")?;
    let (columns, rows) = terminal.size()?;
    let result = runtime.block_on(async {
        let mut first = update(&mut session.model, Msg::Resize(columns, rows));
        if let Some((view, choices)) = view {
            first.extend(open_view(&mut session.model, view, choices));
        }
        for effect in first {
            session.performer.perform(effect);
        }
        session.performer.tell_unsettled();
        let Session { model, performer, messages, clocks } = session;
        App { model, performer, messages, clocks, terminal }.run().await
    });
    // It ends with the process: shut down, it would take away what the MongoDB driver relies on, which then panics.
    std::mem::forget(runtime);
    result
}
