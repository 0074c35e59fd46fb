//! What a view comes to in one word: the counts of its tab, its worst row, and what did not answer.

use opsdash_pack::pack::{EnrichBy, SourceId, ViewId};

use crate::{
    attention,
    contract::{Failure, FailureKind},
    format,
    model::TargetState,
    text,
    value::{Counts, ReasonCounts, Severity},
};

/// What a row is called before its reason: one line of a chat or a mail, not all that it says.
const LABEL_CELLS: usize = 80;

/// A view, judged under the default choices.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewVerdict {
    /// Which view.
    pub view: ViewId,
    /// The worst of its rows; at least unknown where something did not answer.
    pub severity: Severity,
    /// Severities of the whole query; `None` when it did not answer.
    pub counts: Option<Counts>,
    /// How many rows of the whole query have which reason; empty when it did not answer.
    pub reasons: ReasonCounts,
    /// The worst row and why, on one line; `None` when no row needs anybody.
    pub worst: Option<String>,
    /// What did not answer, the view's own list first.
    pub troubles: Vec<Trouble>,
}

/// A source that did not answer what a view needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// Which source.
    pub source: SourceId,
    /// Why.
    pub failure: Failure,
}

impl ViewVerdict {
    /// What the newest answers say of a view.
    #[must_use]
    pub fn of(target: &TargetState, id: ViewId) -> Self {
        let (view, panel) = (target.pack.view(id), target.panel(id));
        let snapshot = panel.default_snapshot().filter(|_| panel.failure().is_none());
        let counts = snapshot.map(|snapshot| snapshot.counts);
        let reasons = snapshot.map(|snapshot| snapshot.reasons.clone()).unwrap_or_default();
        let worst = snapshot.and_then(|snapshot| attention::worst_row(view, &snapshot.rows));
        let worst = worst.map(|row| match format::line(&row.why) {
            why if why.is_empty() => text::cut(&format::label(view, row), LABEL_CELLS, "…").into_owned(),
            why => format!("{}: {why}", text::cut(&format::label(view, row), LABEL_CELLS, "…")),
        });
        let troubles = troubles(target, id);
        let known = counts.map_or(Severity::Unknown, Counts::worst);
        let severity = if troubles.is_empty() { known } else { known.max(Severity::Unknown) };
        Self { view: id, severity, counts, reasons, worst, troubles }
    }
}

/// Everything that did not answer and that a view needs: its list, what is joined to it, the views that judge its rows.
#[must_use]
pub fn troubles(target: &TargetState, id: ViewId) -> Vec<Trouble> {
    let (view, panel) = (target.pack.view(id), target.panel(id));
    let own = panel.failure().map(|failure| Trouble { source: view.source, failure: failure.clone() });
    let beside =
        panel.failed.iter().map(|(part, (failure, _))| Trouble { source: part.source(view), failure: failure.clone() });
    let judges = view.enrich.iter().filter_map(|enrich| match enrich.by {
        EnrichBy::View { view: judge, .. } => target
            .panel(judge)
            .failure()
            .map(|failure| Trouble { source: target.pack.view(judge).source, failure: failure.clone() }),
        EnrichBy::Query(_) => None,
    });
    // What a target leaves out judges nothing there.
    let is_there = |trouble: &Trouble| trouble.failure.kind != FailureKind::NotConfigured;
    let mut troubles: Vec<Trouble> = Vec::new();
    for trouble in own.into_iter().chain(beside.chain(judges).filter(is_there)) {
        // A source that is gone takes away what a view asks and what judges it alike.
        if !troubles.contains(&trouble) {
            troubles.push(trouble);
        }
    }
    troubles
}
