//! What needs somebody: the troubled rows of all views that ask for attention, of all targets that are watched, worst
//! first. Rows that follow from rows of another view are one line beneath these.

use std::collections::BTreeMap;

use opsdash_pack::pack::{Attention, EnrichBy, SourceId, View, ViewId};

use crate::{
    contract::{Failure, LinkState},
    model::{Model, Panel, Snapshot, SourceState, TargetId, TargetState},
    reason,
    value::{Counts, Row, RowKey, Severity},
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
    /// Whether it follows from the rows above it.
    pub is_echo: bool,
    /// Present when it stands for many rows.
    pub many: Option<ManyRows>,
    /// Whether these are the rows of its view that are beyond what the view wants listed.
    pub is_rest: bool,
    /// The source that does not answer, or is not asked, where the line is of one and of no row; its view is the first that rests on it.
    pub source: Option<SourceId>,
}

/// Rows of one view in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyRows {
    /// How many rows; where not all are loaded, as many as the loaded ones let expect.
    pub rows: u64,
    /// What they have in common: "silent for …".
    pub reason: String,
}

impl AttentionItem {
    /// What identifies the line among those of all views and targets.
    #[must_use]
    pub fn id(&self) -> RowKey {
        if let Some(source) = self.source {
            return RowKey(format!("source:{}:{}", self.target.0, source.0).into());
        }
        let echo = if self.is_echo && self.many.is_some() { "echoes:" } else { "" };
        RowKey(format!("{echo}{}:{}:{}", self.target.0, self.view.0, self.key.as_str()).into())
    }
}

/// Views whose rows come to attention.
pub fn views(target: &TargetState) -> impl Iterator<Item = ViewId> + '_ {
    target.pack.tabs().filter(|id| target.pack.view(*id).attention.is_paid() && !target.panel(*id).is_left_out())
}

/// Lines: sources that do not answer, or of which nobody has said whose rows are to be seen; then rows, worst first, then in the order of targets, tabs and queries; echoes
/// beneath what they follow from.
#[must_use]
pub fn lines(model: &Model) -> Vec<AttentionItem> {
    let causes: Vec<Causes> = model.watched().map(|(_, target)| Causes::of(target)).collect();
    let targets = model.watched().zip(&causes);
    let mut parts: Vec<ViewItems> = targets
        .flat_map(|((id, target), causes)| {
            views(target).filter_map(move |view| ViewItems::of(target, id, view, causes))
        })
        .collect();
    let mut lines = Vec::new();
    for severity in [Severity::Crit, Severity::Warn] {
        for part in &mut parts {
            part.add_lines(severity, &mut lines);
        }
    }
    lines.truncate(LINES);
    for part in &parts {
        part.add_echoes(model.shows_echoes, &mut lines);
    }
    lines.splice(..0, model.watched().flat_map(|(id, target)| dead_sources(id, target).chain(unchosen(id, target))));
    lines
}

/// A line for each source of a target that cannot be reached or lets nobody in.
fn dead_sources(id: TargetId, target: &TargetState) -> impl Iterator<Item = AttentionItem> + '_ {
    let is_dead = |state: &SourceState| state.trouble.is_some_and(|(kind, _)| kind.is_of_source());
    let dead = target.sources.iter().enumerate().filter(move |(_, state)| is_dead(state));
    dead.filter_map(move |(at, _)| of_source(id, target, SourceId(at), resting_on(target, SourceId(at)).first()))
}

/// A line for a target of which it is not known whose rows are to be seen.
fn unchosen(id: TargetId, target: &TargetState) -> Option<AttentionItem> {
    let (source, why) = why_unchosen(target)?;
    let is_dead = target.source(source).trouble.is_some_and(|(kind, _)| kind.is_of_source());
    let first = scoped(target).next();
    of_source(id, target, source, first.as_ref()).filter(|_| !is_dead && !why.kind.is_of_source())
}

/// Why it is not known whose rows are to be seen, and the source that is therefore not asked; `None` when it is known, or
/// when it is still being looked up.
#[must_use]
pub fn why_unchosen(target: &TargetState) -> Option<(SourceId, Failure)> {
    let scope = target.pack.scope.as_ref()?;
    Some((scope.source, target.scope.as_ref()?.why_unknown(scope)?))
}

/// The tabs whose rows are somebody's.
pub fn scoped(target: &TargetState) -> impl Iterator<Item = ViewId> + '_ {
    target.pack.tabs().filter(|view| target.pack.view(*view).scoped)
}

/// A line that is of a source and of no row. `first` is the first tab of which nothing is known therefore.
fn of_source(id: TargetId, target: &TargetState, source: SourceId, first: Option<&ViewId>) -> Option<AttentionItem> {
    Some(AttentionItem {
        target: id,
        view: *first?,
        row: 0,
        key: RowKey(target.pack.source(source).name.as_str().into()),
        severity: Severity::Unknown,
        is_echo: false,
        many: None,
        is_rest: false,
        source: Some(source),
    })
}

/// The tabs of which nothing newer is known while a source does not answer: those that ask it, and those whose rows are
/// judged by what is asked of it.
#[must_use]
pub fn resting_on(target: &TargetState, source: SourceId) -> Vec<ViewId> {
    let asks = |view: &View| view.source == source || view.files.as_ref().is_some_and(|files| files.store == source);
    let rests = |view: &View| {
        asks(view)
            || view.enrich.iter().any(|enrich| match &enrich.by {
                EnrichBy::View { view, .. } => asks(target.pack.view(*view)),
                EnrichBy::Query(_) => false,
            })
    };
    target.pack.tabs().filter(|id| rests(target.pack.view(*id))).collect()
}

/// Why a source does not answer; `None` where nobody said.
#[must_use]
pub fn why_dead(target: &TargetState, source: SourceId) -> Option<&Failure> {
    if let Some(LinkState::Down(failure)) = &target.source(source).link {
        return Some(failure);
    }
    let mine = target.panels.iter().filter(|panel| target.pack.view(panel.view).source == source);
    mine.filter_map(Panel::failure).find(|failure| failure.kind.is_of_source())
}

/// What one view adds to the list.
struct ViewItems<'m> {
    target: TargetId,
    view: ViewId,
    state: &'m TargetState,
    panel: &'m Panel,
    snapshot: &'m Snapshot,
    causes: &'m Causes,
    flood: Option<Flood>,
    /// Lines that it may still add.
    left: usize,
    /// Rows that its lines stand for.
    told: u64,
}

impl<'m> ViewItems<'m> {
    fn of(state: &'m TargetState, target: TargetId, view: ViewId, causes: &'m Causes) -> Option<Self> {
        let panel = state.panel(view);
        let snapshot = panel.default_snapshot()?;
        let left = match state.pack.view(view).attention {
            Attention::None => 0,
            Attention::All => usize::MAX,
            Attention::Most(most) => usize::try_from(most).unwrap_or(usize::MAX),
        };
        let flood = flood(state, view, snapshot, causes);
        Some(Self { target, view, state, panel, snapshot, causes, flood, left, told: 0 })
    }

    fn item(&self, at: usize, row: &Row) -> AttentionItem {
        let (target, view, key) = (self.target, self.view, row.key.clone());
        AttentionItem {
            target,
            view,
            row: at,
            key,
            severity: row.severity,
            is_echo: false,
            many: None,
            is_rest: false,
            source: None,
        }
    }

    /// A line for each row of that severity, those of a flood in one line at the place of its first, those beyond what the
    /// view wants listed in one at the place of the first of them. Echoes of what is on the list are left for later.
    fn add_lines(&mut self, severity: Severity, lines: &mut Vec<AttentionItem>) {
        let mut is_told = false;
        for (at, row) in self.snapshot.rows.iter().enumerate().filter(|(_, row)| row.severity == severity) {
            if lines.len() >= LINES {
                return;
            }
            if self.causes.above(self.state, self.view, row).is_some() {
                continue;
            }
            let flood = self.flood.as_ref().filter(|flood| flood.has(row));
            if flood.is_none() && self.panel.snoozed.contains_key(&row.key) {
                continue;
            }
            if flood.is_some() && std::mem::replace(&mut is_told, true) {
                continue;
            }
            if self.left == 0 {
                let rest =
                    self.rest().map(|many| AttentionItem { many: Some(many), is_rest: true, ..self.item(at, row) });
                self.told += rest.as_ref().and_then(|line| line.many.as_ref()).map_or(0, |many| many.rows);
                lines.extend(rest);
                return;
            }
            let many = flood.map(|flood| flood.many.clone());
            self.left -= 1;
            self.told += many.as_ref().map_or(1, |many| many.rows);
            lines.push(AttentionItem { many, ..self.item(at, row) });
        }
    }

    /// The rows that need somebody and that no line stands for; `None` when there is none, or a line says so already.
    fn rest(&self) -> Option<ManyRows> {
        let is_apart = |row: &&Row| {
            self.panel.snoozed.contains_key(&row.key) || self.causes.above(self.state, self.view, row).is_some()
        };
        let apart = self.snapshot.rows.iter().filter(|row| is_listed(row)).filter(is_apart).count();
        let all = self.snapshot.counts.crit + self.snapshot.counts.warn;
        let rows = all.saturating_sub(self.told).saturating_sub(u64::try_from(apart).unwrap_or(u64::MAX));
        (rows > 0).then(|| ManyRows { rows, reason: String::new() })
    }

    /// The rows that follow from rows of another view: beneath the last line of that view that is at least as bad, in one
    /// line or each in its own.
    fn add_echoes(&self, unfolded: bool, lines: &mut Vec<AttentionItem>) {
        let mut folded: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, row) in self.snapshot.rows.iter().enumerate() {
            if self.panel.snoozed.contains_key(&row.key) {
                continue;
            }
            let Some(cause) = self.causes.above(self.state, self.view, row) else { continue };
            let is_cause = |line: &AttentionItem| {
                (line.target, line.view) == (self.target, cause) && line.severity >= row.severity && !line.is_echo
            };
            if let Some(above) = lines.iter().rposition(is_cause) {
                folded.entry(above).or_default().push(at);
            }
        }
        // From below, so that the places above stay what they are.
        for (above, rows) in folded.into_iter().rev() {
            let echoes = self.echoes(&rows, unfolded);
            lines.splice(above + 1..=above, echoes);
        }
    }

    fn echoes(&self, rows: &[usize], unfolded: bool) -> Vec<AttentionItem> {
        let echo = |at: usize| AttentionItem { is_echo: true, ..self.item(at, &self.snapshot.rows[at]) };
        if unfolded {
            return rows.iter().take(LINES).map(|at| echo(*at)).collect();
        }
        let Some(first) = rows.first() else { return Vec::new() };
        let many = ManyRows { rows: rows.len() as u64, reason: self.common(&self.snapshot.rows[*first]) };
        vec![AttentionItem { many: Some(many), ..echo(*first) }]
    }

    fn common(&self, row: &Row) -> String {
        common(self.state, self.view, row)
    }
}

/// Of each view that comes to attention, how bad the worst of its rows on the list is that follows from no other view.
struct Causes(BTreeMap<ViewId, Severity>);

impl Causes {
    fn of(target: &TargetState) -> Self {
        let worst = |view: ViewId| {
            let panel = target.panel(view);
            let is_shown = |row: &&Row| {
                is_listed(row) && !panel.snoozed.contains_key(&row.key) && echo_of(target, view, row).is_none()
            };
            Some((view, panel.default_snapshot()?.rows.iter().filter(is_shown).map(|row| row.severity).max()?))
        };
        Self(views(target).filter_map(worst).collect())
    }

    /// The view from which a row follows, where a row of that view is on the list that is at least as bad.
    fn above(&self, target: &TargetState, view: ViewId, row: &Row) -> Option<ViewId> {
        let cause = echo_of(target, view, row).filter(|_| is_listed(row))?;
        self.0.get(&cause).filter(|worst| **worst >= row.severity).map(|_| cause)
    }
}

/// Whether a row is one that the list has.
fn is_listed(row: &Row) -> bool {
    matches!(row.severity, Severity::Crit | Severity::Warn)
}

/// The view from which a row follows, by its reason.
fn echo_of(target: &TargetState, view: ViewId, row: &Row) -> Option<ViewId> {
    target.pack.reason(view, row.reason.as_deref()?)?.echo_of
}

/// Rows of one view that are crit for one reason, more than half of them all: the cause is one, not many.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Flood {
    kind: String,
    many: ManyRows,
}

impl Flood {
    fn has(&self, row: &Row) -> bool {
        row.severity == Severity::Crit && kind(row) == self.kind
    }
}

/// The flood of a view, when it has one. Echoes are none: what they follow from is on the list.
fn flood(target: &TargetState, view: ViewId, snapshot: &Snapshot, causes: &Causes) -> Option<Flood> {
    let counts = snapshot.counts;
    // What is not counted is no part of anything.
    if counts.more_from.is_some() || counts.crit < FLOOD_LEAST || counts.crit * 2 <= counts.total() {
        return None;
    }
    let mut kinds: BTreeMap<String, (u64, &Row)> = BTreeMap::new();
    let mut loaded: u64 = 0;
    for row in snapshot.rows.iter().filter(|row| row.severity == Severity::Crit) {
        loaded += 1;
        if causes.above(target, view, row).is_none() {
            kinds.entry(kind(row)).or_insert((0, row)).0 += 1;
        }
    }
    let (kind, (n, row)) = kinds.into_iter().max_by_key(|(_, (n, _))| *n)?;
    let rows = counts.crit * n / loaded.max(1);
    let many = ManyRows { rows, reason: common(target, view, row) };
    (rows >= FLOOD_LEAST && rows * 2 > counts.total()).then_some(Flood { kind, many })
}

/// What rows are folded by: the reason, else what they say but for numbers.
fn kind(row: &Row) -> String {
    row.reason.as_ref().map_or_else(|| without_numbers(&row.why), ToString::to_string)
}

/// What a row says in common with others of its kind: the sentence of its reason without its cells, else what it says
/// with its numbers left open.
fn common(target: &TargetState, view: ViewId, row: &Row) -> String {
    let says = row.reason.as_deref().and_then(|id| target.pack.reason(view, id)?.says.as_ref());
    says.map_or_else(
        || {
            let reason = without_numbers(&row.why);
            reason.strip_prefix("# ").unwrap_or(&reason).replace('#', "N")
        },
        reason::outline,
    )
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

/// How many rows these lines stand for: one each, those that stand for many all of them, those of sources none.
#[must_use]
pub fn told(lines: &[AttentionItem]) -> u64 {
    let rows = lines.iter().filter(|line| line.source.is_none());
    rows.map(|line| line.many.as_ref().map_or(1, |many| many.rows)).sum()
}

/// How many rows of the list are snoozed.
#[must_use]
pub fn snoozed(model: &Model) -> usize {
    let of_view = |target: &TargetState, view: ViewId, causes: &Causes| {
        let panel = target.panel(view);
        if panel.snoozed.is_empty() {
            return 0;
        }
        let Some(snapshot) = panel.default_snapshot() else { return 0 };
        // The line of a flood stands for all of its rows.
        let flood = flood(target, view, snapshot, causes);
        let told = |row: &&Row| flood.as_ref().is_some_and(|flood| flood.has(row));
        let troubled = snapshot.rows.iter().filter(|row| is_listed(row) && !told(row));
        troubled.filter(|row| panel.snoozed.contains_key(&row.key)).count()
    };
    let of_target = |target: &TargetState| -> usize {
        let causes = Causes::of(target);
        views(target).map(|view| of_view(target, view, &causes)).sum()
    };
    model.watched().map(|(_, target)| of_target(target)).sum()
}

/// How many rows need somebody, shown or not, and whether there may be more.
#[must_use]
pub fn total(model: &Model) -> (u64, bool) {
    let snapshots =
        model.watched().flat_map(|(_, target)| views(target).filter_map(|view| target.panel(view).default_snapshot()));
    let counts = snapshots.fold(Counts::default(), |counts, snapshot| counts.and(snapshot.counts));
    (counts.crit + counts.warn, counts.may_be_more(Severity::Warn))
}
