//! Everything that is known and everything that is on screen. Only `update` writes it.

mod attention;
mod detail;
mod dialog;
mod history;
mod input;
mod list;
mod overlay;
mod panel;
mod runbook;
mod scope;
mod target;
mod ticks;
mod transfer;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub(crate) use attention::SeenLines;
pub use attention::{AttentionItem, AttentionOrder, AttentionState, LineKind, ManyRows};
pub use detail::{DetailState, Loadable};
pub use dialog::{ActionKind, Dialog, Field, FieldKind, Focus, Selection, WriteInFlight};
pub use history::HistoryPane;
pub use input::{Input, Search};
pub use list::{List, Narrowing};
pub use overlay::{MessageBox, Overlay, Picker, PickerChoice, PickerItem};
pub(crate) use panel::snoozed_as;
pub use panel::{Choices, Counted, FacetOptions, GivenValue, Load, Panel, Snapshot, Store};
pub use runbook::{RunbookPane, RunbookPlace};
pub use scope::ScopeState;
pub use target::{AttentionSpot, Guard, Jump, LastAction, Narrowed, SourceState, TargetId, TargetState, UNDO_MS};
pub use ticks::{HandTick, HandTicks};
pub use transfer::{Transfer, TransferPurpose};

use jiff::tz::TimeZone;

use crate::{
    contract::Ticket,
    days::DayMemory,
    time::{Clock, Monotonic, Time, Zone},
};
use opsdash_pack::{
    config::ThemeName,
    keymap::{Key, Keymap},
    pack::{Pack, ViewId},
};

/// Everything.
#[derive(Debug, Clone)]
pub struct Model {
    /// The clocks at the last wake-up. The time that the machine slept is in the monotonic one.
    pub clock: Clock,
    /// The same as they were read.
    pub(crate) last_read: Clock,
    /// How long the machine has slept in all, in ms.
    pub(crate) slept_ms: u64,
    /// How often something is being kept of what rows are on this day, and nobody has said yet what came of it.
    pub(crate) keeping_days: usize,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// How it looks.
    pub appearance: Appearance,
    /// Who sits here.
    pub operator: String,
    /// The folder that files are written to, as people write it: `~/incident`.
    pub folder: String,
    /// `--read-only`, or the config's.
    pub read_only: bool,
    /// Which key does what.
    pub keymap: Keymap,
    /// One per target of the config, in its order.
    pub targets: Vec<TargetState>,
    /// The one on screen.
    pub at: TargetId,
    /// The overview's list: of all targets that are watched.
    pub attention: AttentionState,
    /// What lies over the target; the last one receives the keys.
    pub overlays: Vec<Overlay>,
    /// The write that is being carried out: one at a time.
    pub writing: Option<WriteInFlight>,
    /// Files that are being read: one at a time.
    pub transfer: Option<Transfer>,
    /// What is said when the program has been left.
    pub farewell: Option<String>,
    /// The first key of a chord that has begun.
    pub chord: Option<Key>,
    /// When the program leaves, for a key said so: once it is clear that the key does not begin a word.
    pub leaving: Option<Monotonic>,
    /// When the last letter came of a word that is typed where no text is taken.
    pub(crate) typed_at: Option<Monotonic>,
    /// The last thing worth saying.
    pub notice: Option<Notice>,
    /// When the user stopped the refresh.
    pub paused: Option<Monotonic>,
    /// When the last key was pressed, for the idle back-off.
    pub last_key: Monotonic,
    /// What the user chose in earlier runs.
    pub remembered: Remembered,
    /// What the answers are for.
    pub demand: Demand,
    next_ticket: u64,
}

/// How the screen looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Appearance {
    /// The theme.
    pub theme: ThemeName,
    /// ASCII glyphs alone.
    pub ascii: bool,
    /// The zone of absolute times.
    pub zone: Zone,
    /// What `z` switches to from UTC; UTC itself where the system's zone is not known.
    pub local: Zone,
    /// Ring on a new crit row.
    pub bell: bool,
}

/// What is kept from run to run. Choices of facets are not: rows that somebody chose not to see yesterday, or on another
/// target, would be missing today without a word.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// When the newest write began whose unheard outcome was reported; empty when none was.
    pub reported: String,
    /// `target.view`, within a scope `target[id].view`, to row key to the moment until which the row is snoozed, in µs since 1970.
    pub snoozed: BTreeMap<String, BTreeMap<String, i64>>,
    /// By target, the id of the scope that was chosen last, or `all`. Nothing is kept of a protected target.
    pub scopes: BTreeMap<String, String>,
}

/// A sentence in the last line, until it is old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What there is to say.
    pub text: String,
    /// Whether it tells of something that did not work.
    pub is_error: bool,
    /// When it was said.
    pub at: Monotonic,
}

/// How long a notice stands, in ms.
pub const NOTICE_MS: u64 = 6_000;

/// Where the user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// The first tab.
    #[default]
    Overview,
    /// The tab of a view.
    View(ViewId),
}

/// What the answers are for: it decides what is asked, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// A screen: the open tab, the tabs' counts and the overview, again and again.
    Screen,
    /// The rows of one view under these choices, and what judges them: once.
    Once {
        /// The view.
        view: ViewId,
        /// What narrows it.
        choices: Choices,
    },
    /// The counts of these views, as the overview has them, and what judges their rows: once.
    Counts(BTreeSet<ViewId>),
}

impl Demand {
    /// Whether somebody looks at a screen. Without one every row counts as on screen, and nothing is asked twice.
    #[must_use]
    pub fn is_screen(&self) -> bool {
        *self == Self::Screen
    }

    /// Whether the counts of a view are asked for.
    pub(crate) fn counts(&self, view: ViewId) -> bool {
        matches!(self, Self::Counts(views) if views.contains(&view))
    }
}

/// What a model starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// What the answers are for.
    pub demand: Demand,
    /// Name and pack of each target, and whether it is protected or read-only.
    pub targets: Vec<StartTarget>,
    /// Which one opens.
    pub at: TargetId,
    /// Who sits here.
    pub operator: String,
    /// The folder that files are written to, as people write it.
    pub folder: String,
    /// No writes anywhere.
    pub read_only: bool,
    /// How it looks.
    pub appearance: Appearance,
    /// Which key does what.
    pub keymap: Keymap,
    /// What was kept from earlier runs.
    pub remembered: Remembered,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The clocks now.
    pub clock: Clock,
}

/// A target as the model needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct StartTarget {
    /// Its name in the config.
    pub name: String,
    /// Its system, thresholds of the user's applied.
    pub pack: Arc<Pack>,
    /// Read-only until armed.
    pub protected: bool,
    /// Never written to.
    pub read_only: bool,
    /// Asked from the start, although another one opens.
    pub watched: bool,
    /// The scope that is chosen at the start, by its id or its label, or `all`; `None` leaves it to whoever looks.
    pub scope: Option<String>,
    /// Statement timeout in ms, by the pack's sources.
    pub timeouts_ms: Vec<u32>,
    /// The zone of times without one, by the pack's sources.
    pub zones: Vec<TimeZone>,
    /// What its rows were on earlier days, or why that cannot be read.
    pub days: Result<DayMemory, String>,
}

impl Model {
    /// A model that has asked nothing yet.
    #[must_use]
    pub(crate) fn new(start: Start) -> Self {
        let Start { demand, targets, at, operator, folder, read_only, appearance, keymap, remembered, size, clock } =
            start;
        let mut targets: Vec<TargetState> =
            targets.into_iter().map(|target| TargetState::new(target, &remembered)).collect();
        targets[at.0].watched = true;
        Self {
            clock,
            last_read: clock,
            slept_ms: 0,
            keeping_days: 0,
            size,
            appearance,
            operator,
            folder,
            read_only,
            keymap,
            targets,
            at,
            attention: AttentionState::new(clock.mono),
            overlays: Vec::new(),
            writing: None,
            transfer: None,
            farewell: None,
            chord: None,
            leaving: None,
            typed_at: None,
            notice: None,
            paused: None,
            last_key: clock.mono,
            remembered,
            demand,
            next_ticket: 1,
        }
    }

    /// Whether the runbook of a target is open, whose checklists are then judged.
    #[must_use]
    pub fn shows_runbook_of(&self, target: TargetId) -> bool {
        self.overlays.iter().any(|overlay| matches!(overlay, Overlay::Runbook(pane) if pane.target == target))
    }

    /// The target on screen.
    #[must_use]
    pub fn target(&self) -> &TargetState {
        &self.targets[self.at.0]
    }

    /// The target on screen, for `update`.
    pub(crate) fn target_mut(&mut self) -> &mut TargetState {
        &mut self.targets[self.at.0]
    }

    /// The targets that are watched, in the config's order; the one on screen is among them.
    pub fn watched(&self) -> impl Iterator<Item = (TargetId, &TargetState)> {
        self.targets.iter().enumerate().filter(|(_, target)| target.watched).map(|(at, target)| (TargetId(at), target))
    }

    /// Whether more than one target is watched: then the overview speaks of all of them.
    #[must_use]
    pub fn watches_several(&self) -> bool {
        self.watched().nth(1).is_some()
    }

    /// The pack of the target on screen.
    #[must_use]
    pub fn pack(&self) -> &Arc<Pack> {
        &self.target().pack
    }

    /// The panel on screen; `None` on the overview.
    #[must_use]
    pub fn panel(&self) -> Option<&Panel> {
        match self.target().route {
            Route::Overview => None,
            Route::View(view) => Some(self.target().panel(view)),
        }
    }

    /// The text field that takes the keys, where one does.
    #[must_use]
    pub fn input(&self) -> Option<&Input> {
        self.overlays.last().and_then(Overlay::input)
    }

    /// Says something in the last line.
    pub(crate) fn notify(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), is_error: false, at: self.clock.mono });
    }

    /// Says in the last line what did not work.
    pub(crate) fn notify_error(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), is_error: true, at: self.clock.mono });
    }

    /// A ticket that no other request has.
    pub(crate) fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        ticket
    }

    /// Now, as the server of a source counts: our clock when it has not told.
    #[must_use]
    pub fn server_now(&self, view: ViewId) -> Time {
        let target = self.target();
        let offset = target.sources[target.pack.view(view).source.0].clock_offset_ms;
        self.clock.utc.plus_ms(offset)
    }
}
