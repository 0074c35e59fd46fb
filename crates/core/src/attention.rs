//! What needs somebody: the troubled rows of all views that ask for attention, of all targets that are watched, worst
//! first.

use std::collections::BTreeMap;

use opsdash_pack::pack::ViewId;

use crate::{
    model::{Model, Snapshot, TargetId, TargetState},
    time::Time,
    value::{Row, RowKey, Severity},
};

/// Lines at most: beyond that the tabs are the place to look.
const LINES: usize = 200;
/// Fewer crit rows than this are no flood, whatever part of the view they are.
const FLOOD_LEAST: u64 = 6;

/// One line of the overview's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionItem {
    /// Which target's.
    pub target: TargetId,
    /// Whose row.
    pub view: ViewId,
    /// Place of the row in the view's judged snapshot.
    pub row: usize,
    /// The row.
    pub key: RowKey,
    /// How bad it is.
    pub severity: Severity,
    /// Present when it stands for many rows.
    pub flood: Option<Flood>,
}

/// Rows of one view that are crit for one reason, more than half of them all: the cause is one, not many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flood {
    /// How many rows; where not all are loaded, as many as the loaded ones let expect.
    pub rows: u64,
    /// The reason without its numbers: "silent for #h".
    pub reason: String,
}

impl AttentionItem {
    /// What identifies the line among those of all views and targets.
    #[must_use]
    pub fn id(&self) -> RowKey {
        RowKey(format!("{}:{}:{}", self.target.0, self.view.0, self.key.as_str()).into())
    }
}

/// Views whose rows come to attention.
pub fn views(target: &TargetState) -> impl Iterator<Item = ViewId> + '_ {
    target.pack.tabs().filter(|id| target.pack.view(*id).attention)
}

/// Lines, worst first, then in the order of targets, tabs and queries.
#[must_use]
pub fn lines(model: &Model) -> Vec<AttentionItem> {
    let parts: Vec<ViewItems> = model
        .watched()
        .flat_map(|(id, target)| views(target).filter_map(move |view| ViewItems::of(target, id, view)))
        .collect();
    let mut lines = Vec::new();
    for severity in [Severity::Crit, Severity::Warn] {
        for part in &parts {
            part.add_lines(severity, &mut lines);
            if lines.len() >= LINES {
                lines.truncate(LINES);
                return lines;
            }
        }
    }
    lines
}

/// What one view adds to the list.
struct ViewItems<'m> {
    target: TargetId,
    view: ViewId,
    snapshot: &'m Snapshot,
    snoozed: &'m BTreeMap<RowKey, Time>,
    flood: Option<Flood>,
}

impl<'m> ViewItems<'m> {
    fn of(target: &'m TargetState, id: TargetId, view: ViewId) -> Option<Self> {
        let panel = target.panel(view);
        let snapshot = panel.default_snapshot()?;
        Some(Self { target: id, view, snapshot, snoozed: &panel.snoozed, flood: flood(snapshot) })
    }

    /// A line for each row of that severity, those of a flood in one line at the place of its first.
    fn add_lines(&self, severity: Severity, lines: &mut Vec<AttentionItem>) {
        let mut is_told = false;
        for (row, known) in self.snapshot.rows.iter().enumerate().filter(|(_, row)| row.severity == severity) {
            let flood = self.flood.as_ref().filter(|flood| is_of(flood, known));
            if flood.is_none() && self.snoozed.contains_key(&known.key) {
                continue;
            }
            if flood.is_some() && std::mem::replace(&mut is_told, true) {
                continue;
            }
            let (target, view, key) = (self.target, self.view, known.key.clone());
            lines.push(AttentionItem { target, view, row, key, severity, flood: flood.cloned() });
        }
    }
}

fn is_of(flood: &Flood, row: &Row) -> bool {
    row.severity == Severity::Crit && without_numbers(&row.why) == flood.reason
}

/// The flood of a view, when it has one.
fn flood(snapshot: &Snapshot) -> Option<Flood> {
    let counts = snapshot.counts;
    if counts.crit < FLOOD_LEAST || counts.crit * 2 <= counts.total() {
        return None;
    }
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for row in snapshot.rows.iter().filter(|row| row.severity == Severity::Crit) {
        *reasons.entry(without_numbers(&row.why)).or_default() += 1;
    }
    let loaded: u64 = reasons.values().sum();
    let (reason, n) = reasons.into_iter().max_by_key(|(_, n)| *n)?;
    let rows = counts.crit * n / loaded.max(1);
    (rows >= FLOOD_LEAST && rows * 2 > counts.total()).then_some(Flood { rows, reason })
}

fn without_numbers(text: &str) -> String {
    let mut reason = String::new();
    for c in text.chars() {
        match c {
            c if !c.is_ascii_digit() => reason.push(c),
            _ if !reason.ends_with('#') => reason.push('#'),
            _ => {}
        }
    }
    reason
}

/// How many rows these lines stand for: one each, those of a flood all of them.
#[must_use]
pub fn told(lines: &[AttentionItem]) -> u64 {
    lines.iter().map(|line| line.flood.as_ref().map_or(1, |flood| flood.rows)).sum()
}

/// How many rows of the list are snoozed.
#[must_use]
pub fn snoozed(model: &Model) -> usize {
    let of_view = |panel: &crate::model::Panel| {
        if panel.snoozed.is_empty() {
            return 0;
        }
        let Some(snapshot) = panel.default_snapshot() else { return 0 };
        // The line of a flood stands for all of its rows.
        let flood = flood(snapshot);
        let told = |row: &&Row| flood.as_ref().is_some_and(|flood| is_of(flood, row));
        let troubled = snapshot.rows.iter().filter(|row| matches!(row.severity, Severity::Crit | Severity::Warn));
        let troubled = troubled.filter(|row| !told(row));
        troubled.filter(|row| panel.snoozed.contains_key(&row.key)).count()
    };
    model.watched().flat_map(|(_, target)| views(target).map(|view| target.panel(view))).map(of_view).sum()
}

/// How many rows need somebody, shown or not.
#[must_use]
pub fn total(model: &Model) -> u64 {
    let snapshots =
        model.watched().flat_map(|(_, target)| views(target).filter_map(|view| target.panel(view).default_snapshot()));
    snapshots.map(|snapshot| snapshot.counts.crit + snapshot.counts.warn).sum()
}
