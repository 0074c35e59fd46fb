//! `opsdash runbook`: what there is to do and to tick, printed. Nothing of it is run.

mod json;
mod markdown;
mod text;

use std::{sync::Arc, time::Duration};

use opsdash_core::{
    checklist::{self, TickState},
    model::{Demand, TargetState},
    msg::Msg,
    text as inert,
    view::runbook::{entry_fits, list_fits},
};
use opsdash_pack::{
    config::Target,
    pack::{Checklist, Pack, RunbookEntry, Tick, TickedBy, ViewId},
};

use crate::{
    cli::{
        args::runbook::{RunbookArgs, RunbookFormat},
        error::CliError,
        exit::Exit,
        output::{CommandOutput, OutputStyle},
        query,
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    export,
    runtime::headless,
    settings,
    store::ticks,
};

/// What is to be printed of a target's runbook.
struct Page {
    target: TargetState,
    entries: Vec<RunbookEntry>,
    lists: Vec<Checklist>,
    /// Whether the servers were asked for what rows decide.
    is_asked: bool,
}

impl Page {
    fn tick(&self, list: &Checklist, tick: &Tick) -> TickState {
        match tick.decided {
            TickedBy::View { .. } if !self.is_asked => TickState::Unknown("not asked; --ask asks the servers".into()),
            _ => checklist::state(&self.target, list, tick),
        }
    }

    fn pack(&self) -> &Pack {
        &self.target.pack
    }
}

/// Carries the command out.
///
/// # Errors
/// When a target or its pack is wrong, or has nothing with these words.
pub fn run(
    args: &RunbookArgs,
    setup: &Setup,
    wanted: &TargetSelection,
    style: OutputStyle,
) -> Result<CommandOutput, CliError> {
    let targets = setup.targets(wanted)?;
    let packs = targets.iter().map(|target| setup.pack(target).map_err(|problems| wrong(&problems)));
    let packs: Vec<Arc<Pack>> = packs.collect::<Result<_, _>>()?;
    let asked = targets.into_iter().zip(packs).filter(|(_, pack)| !wanted.all || !pack.runbook.is_empty());
    let pages = query::wait_for(async {
        let pages = asked.map(|(target, pack)| page(args, setup, target, pack));
        futures_util::future::join_all(pages).await.into_iter().collect::<Result<Vec<Page>, CliError>>()
    })?;
    let is_several = wanted.is_several();
    let data = match args.format {
        RunbookFormat::Text => {
            pages.iter().map(|page| text::render(page, style)).collect::<Vec<_>>().join("\n").into_bytes()
        }
        RunbookFormat::Markdown => pages.iter().map(markdown::render).collect::<Vec<_>>().join("\n").into_bytes(),
        RunbookFormat::Json if is_several => export::json::bytes(&pages.iter().map(json::render).collect()),
        RunbookFormat::Json => pages.iter().flat_map(|page| export::json::bytes(&json::render(page))).collect(),
    };
    Ok(CommandOutput { data, notes: Vec::new(), exit: Exit::Done })
}

async fn page(args: &RunbookArgs, setup: &Setup, target: &Target, pack: Arc<Pack>) -> Result<Page, CliError> {
    if pack.runbook.is_empty() {
        return Err(CliError::usage(format!("{} has no runbook", pack.system), "a pack gives one in its runbook.toml"));
    }
    let search = args.words.join(" ");
    let found = select(&pack, &search);
    if found.0.is_empty() && found.1.is_empty() {
        let what = format!("the runbook of {} has nothing with \"{}\"", pack.system, inert::inert(&search));
        return Err(CliError::usage(what, "opsdash runbook prints all of it"));
    }
    let judges = if args.ask { judges(&found.1) } else { Vec::new() };
    let mut session = query::session(setup, target, pack, Demand::Counts(judges.iter().copied().collect()))?;
    if !judges.is_empty() {
        let longest = session.model.target().sources.iter().map(|source| source.timeout_ms).max().unwrap_or_default();
        headless::run(&mut session, &judges, Some(2 * Duration::from_millis(longest.into()))).await;
    }
    let at = session.model.at;
    let state = settings::state_dir(&setup.environment);
    let kept = state.and_then(|dir| ticks::of_target(&dir, &target.name)).map_err(|why| format!("{why:#}"));
    session.model.update(Msg::Ticks { target: at, result: kept });
    let mut model = session.model.into_model();
    let target = model.targets.swap_remove(at.0);
    Ok(Page { target, entries: found.0, lists: found.1, is_asked: args.ask })
}

/// What has the words of a search; of an id alone what it names.
fn select(pack: &Pack, search: &str) -> (Vec<RunbookEntry>, Vec<Checklist>) {
    let runbook = &pack.runbook;
    if let Some(entry) = runbook.entries.iter().find(|entry| entry.id == search) {
        return (vec![entry.clone()], Vec::new());
    }
    if let Some(list) = runbook.checklists.iter().find(|list| list.id == search) {
        return (Vec::new(), vec![list.clone()]);
    }
    let entries = runbook.entries.iter().filter(|entry| entry_fits(entry, search)).cloned();
    (entries.collect(), runbook.checklists.iter().filter(|list| list_fits(list, search)).cloned().collect())
}

/// The views whose rows decide ticks of these lists.
fn judges(lists: &[Checklist]) -> Vec<ViewId> {
    let ticks = lists.iter().flat_map(|list| &list.ticks);
    let mut views: Vec<ViewId> = ticks
        .filter_map(|tick| match tick.decided {
            TickedBy::View { view, .. } => Some(view),
            TickedBy::Hand => None,
        })
        .collect();
    views.sort();
    views.dedup();
    views
}

/// A text of a pack on one line, inert.
fn line(raw: &str) -> String {
    inert::inert(&inert::one_line(raw)).into_owned()
}
