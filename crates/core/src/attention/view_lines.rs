//! What one view adds to the list.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use opsdash_pack::pack::{Attention, Cause, ViewId};

use super::{AttentionItem, Causes, FEW, LINES, LineKind, ManyRows, Place, Rank, is_listed};
use crate::{
    model::{Panel, Snapshot, TargetId, TargetState},
    reason,
    value::{Row, RowKey, Severity, Value},
};

/// So many causes of one view are listed one by one.
const CAUSES: usize = 20;
/// A cause that hurts so many hurts many, however bad it is.
const MANY: u64 = 10;

/// A view, and what its rows are judged by.
pub(super) struct ViewLines<'m> {
    target: TargetId,
    view: ViewId,
    state: &'m TargetState,
    panel: &'m Panel,
    snapshot: &'m Snapshot,
    causes: &'m Causes,
}

impl<'m> ViewLines<'m> {
    /// `None` while nothing is known of the view.
    pub(super) fn of(state: &'m TargetState, target: TargetId, view: ViewId, causes: &'m Causes) -> Option<Self> {
        let panel = state.panel(view);
        Some(Self { target, view, state, panel, snapshot: panel.default_snapshot()?, causes })
    }

    pub(super) fn target(&self) -> &'m TargetState {
        self.state
    }

    pub(super) fn view(&self) -> ViewId {
        self.view
    }

    /// The rows that pass, those too that follow from others, each with where it stands.
    pub(super) fn passing(&self, accepts: impl Fn(&Row) -> bool) -> Vec<(Rank, AttentionItem)> {
        let rows = self
            .snapshot
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| is_listed(row) && !self.panel.snoozed.contains_key(&row.key) && accepts(row));
        let is_cause = self.state.pack.view(self.view).cause.is_some();
        let of_row = |row: &Row| Rank::Rows { severity: Reverse(row.severity), place: Place::Rows, rows: Reverse(1) };
        let rank = |row: &Row| if is_cause { self.rank_of_cause(row) } else { of_row(row) };
        rows.map(|(at, row)| (rank(row), self.item(at, LineKind::Row))).collect()
    }

    fn item(&self, at: usize, kind: LineKind) -> AttentionItem {
        let row = &self.snapshot.rows[at];
        let (target, view, key, severity) = (self.target, self.view, row.key.clone(), row.severity);
        AttentionItem { target, view, row: at, key, severity, kind }
    }

    /// The rows that need somebody and follow from no other view, but for those that are snoozed, with their places.
    fn own_rows(&self) -> impl Iterator<Item = (usize, &'m Row)> {
        let rows = self.snapshot.rows.iter().enumerate().filter(|(_, row)| is_listed(row));
        rows.filter(|(_, row)| {
            self.causes.above(self.state, self.view, row).is_none() && !self.panel.snoozed.contains_key(&row.key)
        })
    }

    /// Its lines, each with where it stands: no more than the view wants listed, and one for the others.
    pub(super) fn ranked(&self) -> Vec<(Rank, AttentionItem)> {
        let view = self.state.pack.view(self.view);
        let mut lines = match view.cause {
            Some(_) => {
                self.own_rows().map(|(at, row)| (self.rank_of_cause(row), self.item(at, LineKind::Row))).collect()
            }
            None => self.folded(),
        };
        // Worst first, so that it is the least that is left out.
        lines.sort_by_key(|(rank, _)| *rank);
        let most = match view.attention {
            Attention::None => 0,
            Attention::All if view.cause.is_some() => CAUSES,
            Attention::All => LINES,
            Attention::Most(most) => usize::try_from(most).unwrap_or(usize::MAX),
        };
        let first_beyond = lines.get(most).map(|(_, line)| line.row);
        lines.truncate(most);
        if let Some(at) = first_beyond.or_else(|| self.own_rows().next().map(|(at, _)| at).filter(|_| most == 0)) {
            let rows = self.rest(lines.iter().map(|(_, line)| line.rows()).sum());
            let line = self.item(at, LineKind::Rest(rows));
            let rank = Rank::Rows { severity: Reverse(line.severity), place: Place::Rest, rows: Reverse(0) };
            lines.extend((rows > 0).then_some((rank, line)));
        }
        lines
    }

    fn rank_of_cause(&self, row: &Row) -> Rank {
        rank_of_cause(self.state.pack.view(self.view).cause, row)
    }

    /// A line for each row; for those of one severity and one reason a single one, where they are more than a few.
    fn folded(&self) -> Vec<(Rank, AttentionItem)> {
        let mut kinds: BTreeMap<(Severity, Cow<'_, str>), Vec<usize>> = BTreeMap::new();
        for (at, row) in self.own_rows() {
            kinds.entry((row.severity, kind(row))).or_default().push(at);
        }
        let lines = kinds.into_iter().flat_map(|((severity, kind), places)| {
            let of = |place, rows| Rank::Rows { severity: Reverse(severity), place, rows: Reverse(rows) };
            if places.len() > FEW {
                let many = self.many(severity, &kind, &places);
                let rank = if severity == Severity::Crit && many.are_most() {
                    rank_of_fold(many.rows)
                } else {
                    of(Place::Rows, many.rows)
                };
                return vec![(rank, self.item(places[0], LineKind::Fold(many)))];
            }
            places.into_iter().map(|at| (of(Place::Rows, 1), self.item(at, LineKind::Row))).collect()
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort_by_key(|(rank, line)| (*rank, line.row));
        lines
    }

    /// How many rows the view has; `None` where they are not counted.
    fn total(&self) -> Option<u64> {
        let counts = self.snapshot.counts;
        counts.more_from.is_none().then(|| counts.total())
    }

    /// Rows of one reason, loaded or not: the server has counted them.
    fn many(&self, severity: Severity, kind: &str, places: &[usize]) -> ManyRows {
        let first = &self.snapshot.rows[places[0]];
        let loaded = u64::try_from(places.len()).unwrap_or(u64::MAX);
        let is_snoozed = |row: &&Row| self.panel.snoozed.contains_key(&row.key);
        let snoozed = self.snapshot.rows.iter().filter(is_snoozed);
        let counted = first.reason.as_deref().map(|id| {
            let snoozed = snoozed.filter(|row| row.severity == severity && row.reason.as_deref() == Some(id)).count();
            self.snapshot.reasons.of(severity, id).saturating_sub(u64::try_from(snoozed).unwrap_or(u64::MAX))
        });
        let is_counted = !self.snapshot.uncounted && self.snapshot.counts.more_from.is_none();
        let rows = counted.filter(|_| is_counted).unwrap_or_default().max(loaded);
        let or_more = self.snapshot.truncated && (counted.is_none() || !is_counted);
        ManyRows { rows, or_more, of: self.total(), reason: self.common(first), kind: kind.to_owned() }
    }

    /// The rows that need somebody and that no line stands for, when the lines stand for so many.
    fn rest(&self, told: u64) -> u64 {
        let is_apart = |row: &&Row| {
            self.panel.snoozed.contains_key(&row.key) || self.causes.above(self.state, self.view, row).is_some()
        };
        let apart = self.snapshot.rows.iter().filter(|row| is_listed(row)).filter(is_apart).count();
        let all = self.snapshot.counts.crit + self.snapshot.counts.warn;
        all.saturating_sub(told).saturating_sub(u64::try_from(apart).unwrap_or(u64::MAX))
    }

    /// The rows that follow from rows of another view, in one line: beneath the last line of that view that is at least as
    /// bad.
    pub(super) fn add_echoes(&self, lines: &mut Vec<AttentionItem>) {
        let mut echoes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, cause) in self.echoing() {
            let severity = self.snapshot.rows[at].severity;
            let is_cause = |line: &AttentionItem| {
                (line.target, line.view) == (self.target, cause)
                    && line.severity >= severity
                    && !matches!(line.kind, LineKind::Echoes { .. })
            };
            if let Some(above) = lines.iter().rposition(is_cause) {
                echoes.entry(above).or_default().push(at);
            }
        }
        // From below, so that the places above stay what they are.
        for (above, rows) in echoes.into_iter().rev() {
            let reason = self.common(&self.snapshot.rows[rows[0]]);
            let kind = kind(&self.snapshot.rows[rows[0]]).into_owned();
            let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            let many = ManyRows { rows: count, or_more: self.snapshot.truncated, of: self.total(), reason, kind };
            let cause = lines[above].view;
            lines.insert(above + 1, self.item(rows[0], LineKind::Echoes { cause, many }));
        }
    }

    /// Rows that follow from rows of another view that are on the list, with that view.
    fn echoing(&self) -> impl Iterator<Item = (usize, ViewId)> {
        let rows = self.snapshot.rows.iter().enumerate();
        rows.filter(|(_, row)| !self.panel.snoozed.contains_key(&row.key))
            .filter_map(|(at, row)| Some((at, self.causes.above(self.state, self.view, row)?)))
    }

    /// Lists the rows of its lines that are unfolded, beneath these.
    pub(super) fn unfold(&self, unfolded: &BTreeSet<RowKey>, lines: &mut Vec<AttentionItem>) {
        for at in (0..lines.len()).rev() {
            let line = &lines[at];
            let is_mine = (line.target, line.view) == (self.target, self.view) && line.unfolds();
            if !is_mine || !unfolded.contains(&line.id()) {
                continue;
            }
            let inner: Vec<usize> = match &line.kind {
                LineKind::Fold(many) => {
                    let is_meant = |row: &Row| row.severity == line.severity && kind(row) == *many.kind;
                    self.own_rows().filter(|(_, row)| is_meant(row)).map(|(at, _)| at).collect()
                }
                LineKind::Echoes { cause: meant, .. } => {
                    self.echoing().filter(|(_, cause)| cause == meant).map(|(at, _)| at).collect()
                }
                _ => Vec::new(),
            };
            let inner = inner.into_iter().take(LINES).map(|row| self.item(row, LineKind::Inner));
            lines.splice(at + 1..=at, inner);
        }
    }

    /// What a row says in common with others of its kind: the sentence of its reason without its cells, else what it says
    /// with its numbers left open.
    fn common(&self, row: &Row) -> String {
        let says = row.reason.as_deref().and_then(|id| self.state.pack.reason(self.view, id)?.says.as_ref());
        says.map_or_else(
            || {
                let reason = without_numbers(&row.why);
                reason.strip_prefix("# ").unwrap_or(&reason).replace('#', "N")
            },
            reason::outline,
        )
    }
}

/// Where crit rows stand that are most of their view: as a cause that hurts so many.
fn rank_of_fold(rows: u64) -> Rank {
    let (magnitude, severity) = (Reverse(rows.checked_ilog10().unwrap_or(0)), Reverse(Severity::Crit));
    Rank::Cause { magnitude, severity, reach: Reverse(rows), since: Reverse(None) }
}

/// Where a cause stands: by how many it hurts, how bad and how new it is.
pub(super) fn rank_of_cause(cause: Option<Cause>, row: &Row) -> Rank {
    let cell = |at: usize| row.cells.get(at).unwrap_or(&Value::Null);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, and none below zero")]
    let reach = cause.and_then(|cause| cell(cause.reach).as_number()).map_or(0, |reach| reach.max(0.0) as u64);
    let since = cause.and_then(|cause| match cell(cause.since) {
        Value::Time(time) => Some(*time),
        _ => None,
    });
    let severity = Reverse(row.severity);
    if row.severity == Severity::Crit || reach >= MANY {
        let magnitude = Reverse(reach.checked_ilog10().unwrap_or(0));
        Rank::Cause { magnitude, severity, reach: Reverse(reach), since: Reverse(since) }
    } else {
        Rank::Rows { severity, place: Place::Cause, rows: Reverse(reach) }
    }
}

/// What rows are folded by: the reason, else what they say but for numbers. Rows that say nothing are each their own.
fn kind(row: &Row) -> Cow<'_, str> {
    match &row.reason {
        Some(id) => Cow::Borrowed(id),
        None if row.why.is_empty() => Cow::Borrowed(row.key.as_str()),
        None => Cow::Owned(without_numbers(&row.why)),
    }
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
