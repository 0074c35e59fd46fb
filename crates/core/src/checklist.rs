//! Whether the things of a checklist are so: by the rows of a view where a query can tell, else by who has looked.

use opsdash_pack::pack::{Checklist, Tick, TickedBy, ViewId};

use crate::{
    format,
    model::{HandTick, TargetState},
    value::{Row, Severity},
    view_verdict::ViewVerdict,
};

/// Whether a thing of a checklist is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TickState {
    /// It is: by whom, where somebody has looked; `None` where rows say so.
    Ticked(Option<HandTick>),
    /// It is not, or nobody has looked. Why, where rows say it; else empty.
    Open(String),
    /// Nobody can tell now. This is never a tick.
    Unknown(String),
}

impl TickState {
    /// One word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ticked(_) => "ticked",
            Self::Open(_) => "open",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Why it is not ticked; empty when it is, or when there is nothing to say.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Ticked(_) => "",
            Self::Open(why) | Self::Unknown(why) => why,
        }
    }
}

/// How many of a checklist's things are ticked, and how many are unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TickCounts {
    /// Ticked.
    pub ticked: usize,
    /// Unknown.
    pub unknown: usize,
}

/// The counts of a checklist.
#[must_use]
pub fn counts(target: &TargetState, list: &Checklist) -> TickCounts {
    let mut counts = TickCounts::default();
    for tick in &list.ticks {
        match state(target, list, tick) {
            TickState::Ticked(_) => counts.ticked += 1,
            TickState::Unknown(_) => counts.unknown += 1,
            TickState::Open(_) => {}
        }
    }
    counts
}

/// What a tick that people set is kept under.
#[must_use]
pub fn key(list: &Checklist, tick: &Tick) -> String {
    format!("{}.{}", list.id, tick.id)
}

/// The state of one tick.
#[must_use]
pub fn state(target: &TargetState, list: &Checklist, tick: &Tick) -> TickState {
    match &tick.decided {
        TickedBy::Hand => match &target.ticks {
            None => TickState::Unknown("not read yet".to_owned()),
            Some(Err(why)) => TickState::Unknown(why.clone()),
            Some(Ok(ticks)) => match ticks.get(&key(list, tick)) {
                Some(set) => TickState::Ticked(Some(set.clone())),
                None => TickState::Open(String::new()),
            },
        },
        TickedBy::View { view, row: Some(key) } => by_row(target, *view, key),
        TickedBy::View { view, row: None } => by_view(target, *view),
    }
}

/// All rows of a view: the same verdict as in `opsdash check`.
fn by_view(target: &TargetState, view: ViewId) -> TickState {
    let verdict = ViewVerdict::of(target, view);
    let title = &target.pack.view(view).title;
    let why = verdict.worst.map_or_else(|| title.clone(), |worst| format!("{title}: {worst}"));
    match verdict.severity {
        Severity::Off | Severity::Ok => TickState::Ticked(None),
        Severity::Warn | Severity::Crit => TickState::Open(why),
        Severity::Unknown => TickState::Unknown(match verdict.troubles.first() {
            Some(trouble) => format!("{title}: {}", trouble.failure),
            None if verdict.counts.is_none() => format!("{title}: not answered yet"),
            None => why,
        }),
    }
}

/// One row of a view. A row that is not there is not so; one that may be beyond the limit is unknown.
fn by_row(target: &TargetState, view: ViewId, key: &str) -> TickState {
    let (title, panel) = (&target.pack.view(view).title, target.panel(view));
    if let Some(failure) = panel.failure() {
        return TickState::Unknown(format!("{title}: {failure}"));
    }
    let Some(snapshot) = panel.default_snapshot() else {
        return TickState::Unknown(format!("{title}: not answered yet"));
    };
    match snapshot.rows.iter().find(|row| row.key.as_str() == key) {
        Some(row) if row.old.is_some() => TickState::Unknown(format!("{title}: its database does not answer")),
        Some(row) => of_row(row),
        None if snapshot.truncated || snapshot.troubled => {
            TickState::Unknown(format!("{title}: \"{key}\" is not among the rows that are loaded"))
        }
        None => TickState::Open(format!("{title} has no row \"{key}\"")),
    }
}

fn of_row(row: &Row) -> TickState {
    let why = format::line(&row.why);
    match row.severity {
        Severity::Ok => TickState::Ticked(None),
        // What is switched off is not so.
        Severity::Off | Severity::Warn | Severity::Crit => TickState::Open(why),
        Severity::Unknown => TickState::Unknown(why),
    }
}
