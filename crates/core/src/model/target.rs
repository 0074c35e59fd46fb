use std::{collections::BTreeMap, sync::Arc};

use jiff::tz::TimeZone;
use opsdash_pack::pack::{Action, EnrichBy, Pack, SourceId, ViewId};

use super::{Choices, HandTicks, Narrowing, Panel, Remembered, Route, ScopeState, StartTarget};
use crate::{
    action::{ActionRequest, TextRow},
    contract::{Coverage, FailureKind, LinkState, Part},
    days::DayMemory,
    export::ExportScope,
    scope::ScopeChoice,
    time::Monotonic,
    value::{RowKey, Severity},
};

/// Place of a target in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(pub usize);

/// One target: its system, what is known of its sources, its panels.
#[derive(Debug, Clone)]
pub struct TargetState {
    /// The target's name.
    pub name: String,
    /// The system.
    pub pack: Arc<Pack>,
    /// What stands between a key and a write.
    pub guard: Guard,
    /// The last action of this session on it; `None` when there was none, or when it is taken back.
    pub last_action: Option<LastAction>,
    /// When it was last written to.
    pub wrote_at: Option<Monotonic>,
    /// Actions, by view and place, for which the login lacks a right: what the server said.
    pub denied: BTreeMap<(ViewId, usize), String>,
    /// One per source of the pack, in its order.
    pub sources: Vec<SourceState>,
    /// Whose rows are seen; `None` where the system has no scope.
    pub scope: Option<ScopeState>,
    /// One per view of the pack, in its order.
    pub panels: Vec<Panel>,
    /// The tab that is open.
    pub route: Route,
    /// Whether it is asked although another target is on screen. A target that was opened once is.
    pub watched: bool,
    /// Of each group, the view that was open last.
    pub last_of_group: BTreeMap<String, ViewId>,
    /// The ticks of its checklists that people have set, as last read from where they are kept, or why they cannot be
    /// read; `None` before they were asked for.
    pub ticks: Option<Result<HandTicks, String>>,
    /// What its rows were on earlier days and are today, or why that cannot be read.
    pub days: Result<DayMemory, String>,
    /// The jumps that Esc takes back, the last one first. What each narrowed is a view of this target.
    pub came_from: Vec<Jump>,
}

/// The last action on a target that can be taken back: of this run, or of an earlier one as the record has it.
#[derive(Debug, Clone, PartialEq)]
pub struct LastAction {
    /// What was wanted.
    pub request: ActionRequest,
    /// What the writes returned.
    pub written: Vec<TextRow>,
    /// The rows as they were seen before.
    pub seen: Vec<TextRow>,
    /// Until when it can be taken back.
    pub until: Monotonic,
}

/// How long an action can be taken back, in ms.
pub const UNDO_MS: u64 = 15 * 60_000;

/// What stands between a key and a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing but the confirmation.
    Open,
    /// Its name must be typed first.
    Protected,
    /// Its name was typed.
    Unlocked,
    /// Never written to.
    ReadOnly,
}

/// A place on one of the targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionSpot {
    /// The target.
    pub target: TargetId,
    /// The tab.
    pub route: Route,
}

/// A jump that Esc takes back.
#[derive(Debug, Clone)]
pub struct Jump {
    /// Where it came from.
    pub from: AttentionSpot,
    /// The view that it narrowed; `None` when it opened a tab as it was.
    pub narrowed: Option<Box<Narrowed>>,
}

/// A view that a jump has narrowed.
#[derive(Debug, Clone)]
pub struct Narrowed {
    /// The view.
    pub view: ViewId,
    /// What the jump set.
    pub set: Choices,
    /// The choices before.
    pub choices: Choices,
    /// The filter before; its order is not touched by jumps.
    pub filter: Narrowing,
    /// The row that had the cursor before.
    pub key: Option<RowKey>,
}

/// What is known of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceState {
    /// The link; `None` before the first attempt ended.
    pub link: Option<LinkState>,
    /// The last round trip, in ms.
    pub rtt_ms: Option<u64>,
    /// When it last answered.
    pub answered: Option<Monotonic>,
    /// Why the last read that says something about the source itself failed, since when.
    pub trouble: Option<(FailureKind, Monotonic)>,
    /// The other operators who are connected to it, and when it said so.
    pub operators: Option<(Vec<String>, Monotonic)>,
    /// Server clock minus ours, in ms; 0 until it has told.
    pub clock_offset_ms: i64,
    /// How long a statement may run, in ms.
    pub timeout_ms: u32,
    /// The zone of its times without one.
    pub zone: TimeZone,
    /// Databases that it had and has no more, and since when that is known; nothing of a source that is one database.
    pub gone: BTreeMap<String, Monotonic>,
    /// Those that it has now and had not, likewise.
    pub came: BTreeMap<String, Monotonic>,
}

/// Operators that nobody has told of for so long are not claimed to be there, in ms.
const OPERATORS_MS: u64 = 5 * 60_000;

/// How long it is told that a database is gone, in ms.
const CHANGES_MS: u64 = 60 * 60_000;

impl SourceState {
    /// The other operators who are known to be connected; none while the source is in trouble, or has not told lately.
    #[must_use]
    pub fn operators(&self, now: Monotonic) -> &[String] {
        match &self.operators {
            Some((names, at)) if self.trouble.is_none() && now.since(*at) <= OPERATORS_MS => names,
            _ => &[],
        }
    }

    /// Forgets which databases went and came long ago.
    pub(crate) fn forget_changes(&mut self, now: Monotonic) {
        for names in [&mut self.gone, &mut self.came] {
            names.retain(|_, since| now.since(*since) <= CHANGES_MS);
        }
    }
}

impl TargetState {
    /// The action that is requested.
    pub(crate) fn action(&self, request: &ActionRequest) -> &Action {
        &self.pack.view(request.view).actions[request.action]
    }

    pub(crate) fn new(target: StartTarget, remembered: &Remembered) -> Self {
        let StartTarget { name, pack, protected, read_only, watched, scope, timeouts_ms, zones, days } = target;
        let source = |(timeout_ms, zone): (u32, TimeZone)| SourceState {
            link: None,
            rtt_ms: None,
            answered: None,
            trouble: None,
            operators: None,
            clock_offset_ms: 0,
            timeout_ms,
            zone,
            gone: BTreeMap::new(),
            came: BTreeMap::new(),
        };
        let panels = (0..pack.views.len()).map(|at| Panel::new(&pack, ViewId(at), (&name, None), remembered)).collect();
        let kept = remembered.scopes.get(&name).filter(|_| !protected).cloned();
        let scope = pack.scope.as_ref().map(|_| ScopeState::new(scope.or(kept), !protected));
        Self {
            name,
            sources: timeouts_ms.into_iter().zip(zones).map(source).collect(),
            scope,
            panels,
            pack,
            guard: match (read_only, protected) {
                (true, _) => Guard::ReadOnly,
                (false, true) => Guard::Protected,
                (false, false) => Guard::Open,
            },
            last_action: None,
            wrote_at: None,
            denied: BTreeMap::new(),
            route: Route::Overview,
            watched,
            last_of_group: BTreeMap::new(),
            ticks: None,
            days,
            came_from: Vec::new(),
        }
    }

    /// What the last jump set on a view; `None` when the last jump narrowed another view or none.
    #[must_use]
    pub fn set_by_jump(&self, view: ViewId) -> Option<&Choices> {
        let narrowed = self.came_from.last()?.narrowed.as_ref()?;
        (narrowed.view == view).then_some(&narrowed.set)
    }

    /// What a view is searched for by the last jump, which takes it back with itself; empty without such a jump.
    #[must_use]
    pub fn searched_by_jump(&self, view: ViewId) -> &str {
        self.set_by_jump(view).map_or("", |set| &set.search)
    }

    /// Whether the user searches a view, beyond what the last jump set.
    #[must_use]
    pub fn is_searched(&self, view: ViewId) -> bool {
        self.panel(view).choices.search != self.searched_by_jump(view)
    }

    /// The target's name, and whose rows of it are meant: `prod, client Acme`.
    #[must_use]
    pub fn place(&self, chosen: Option<&ScopeChoice>) -> String {
        match (chosen, &self.pack.scope) {
            (Some(chosen), Some(scope)) => format!("{}, {} {}", self.name, scope.title, chosen.label()),
            _ => self.name.clone(),
        }
    }

    /// Whose rows a view shows; `None` where it is not asked within a scope, and while nobody has chosen.
    #[must_use]
    pub fn scope_of(&self, view: ViewId) -> Option<&ScopeChoice> {
        self.scope.as_ref().filter(|_| self.pack.view(view).scoped)?.chosen.as_ref()
    }

    /// The same, for files that its rows are written to.
    #[must_use]
    pub fn export_scope(&self, view: ViewId) -> Option<ExportScope> {
        let (scope, choice) = self.pack.scope.as_ref().zip(self.scope_of(view))?;
        let listed = self.scope.iter().filter_map(|state| state.list.as_ref()).flat_map(|list| &list.items);
        let is_shared = listed.filter(|item| &*item.label == choice.label()).count() > 1;
        let name = if is_shared { choice.in_full() } else { choice.label().to_owned() };
        Some(ExportScope { title: scope.title.clone(), choice: choice.clone(), name })
    }

    /// Whether a view may be asked: it is known whose rows it is to show, or it shows nobody's.
    #[must_use]
    pub fn may_ask(&self, view: ViewId) -> bool {
        match (&self.scope, &self.pack.scope) {
            (Some(state), Some(scope)) if self.pack.view(view).scoped => state.is_ready(scope),
            _ => true,
        }
    }

    /// The panel of a view.
    #[must_use]
    pub fn panel(&self, view: ViewId) -> &Panel {
        &self.panels[view.0]
    }

    /// Since when what is shown of a view is old: its own question failed, or that of something that judges its rows.
    /// `None` while it is not, or while there is nothing to show.
    #[must_use]
    pub fn old_since(&self, view: ViewId) -> Option<Monotonic> {
        let panel = self.panel(view);
        let at = |panel: &Panel| panel.failure().and(panel.default_snapshot()).map(|snapshot| snapshot.at);
        let others = self.pack.view(view).enrich.iter().filter_map(|enrich| match &enrich.by {
            EnrichBy::View { view, .. } => Some(self.panel(*view)),
            EnrichBy::Query(_) => None,
        });
        let judges = others.filter(|judge| !judge.is_left_out()).filter_map(at);
        let store = panel.store.listed_at.filter(|_| panel.failed.contains_key(&Part::Store));
        panel.default_snapshot()?;
        at(panel).into_iter().chain(judges).chain(store).min()
    }

    /// Which of its databases a source last answered from, by the view that is asked of most of them. `None` where it is
    /// one database, and while nothing is known.
    #[must_use]
    pub fn coverage(&self, source: SourceId) -> Option<&Coverage> {
        let panels = self.panels.iter().filter(|panel| self.pack.view(panel.view).source == source);
        let known = panels.filter_map(|panel| {
            let newest = panel.snapshot.iter().chain(&panel.summary).max_by_key(|snapshot| snapshot.at)?;
            Some((newest.coverage.as_ref()?, newest.at))
        });
        known.max_by_key(|(coverage, at)| (coverage.members, *at)).map(|(coverage, _)| coverage)
    }

    /// What is known of a source.
    #[must_use]
    pub fn source(&self, source: SourceId) -> &SourceState {
        &self.sources[source.0]
    }

    /// Every place there is, in order; views of one group stand beside each other.
    #[must_use]
    pub fn places(&self) -> Vec<Route> {
        std::iter::once(Route::Overview).chain(self.pack.tabs().map(Route::View)).collect()
    }

    /// Where the n-th tab leads now, the overview being 0: a group to its next view when one of them is open, else to the
    /// one that was open last, else to its worst. `None` where there is no such tab.
    #[must_use]
    pub fn tab(&self, at: usize) -> Option<Route> {
        let Some(at) = at.checked_sub(1) else { return Some(Route::Overview) };
        let tab = self.pack.tab_line().into_iter().nth(at)?;
        if let Route::View(open) = self.route
            && let Some(at) = tab.views.iter().position(|view| *view == open)
        {
            return Some(Route::View(tab.views[(at + 1) % tab.views.len()]));
        }
        let last = self.last_of_group.get(tab.title).copied().filter(|last| tab.views.contains(last));
        last.or_else(|| self.worst(&tab.views)).map(Route::View)
    }

    /// The view with the worst row, the first of several. One that failed counts as unknown.
    fn worst(&self, views: &[ViewId]) -> Option<ViewId> {
        // The last one of equals is what `max_by_key` takes.
        views.iter().rev().max_by_key(|view| self.severity_of(**view).unwrap_or(Severity::Ok)).copied()
    }

    /// How bad the worst row of a view is under its default choices, unknown where it could not be read. `None` before it
    /// was, and where it is left out.
    #[must_use]
    pub fn severity_of(&self, view: ViewId) -> Option<Severity> {
        match self.panel(view) {
            panel if panel.is_left_out() => None,
            panel if panel.failure().is_some() => Some(Severity::Unknown),
            panel => panel.default_snapshot().map(|known| known.counts.worst()),
        }
    }
}
