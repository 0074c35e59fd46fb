//! What a tab says of its views, which may be several: their counts together, what is old, the names of all.

use opsdash_pack::pack::{Tone, ViewId};

use super::{Emphasis, Glyphs, Line, Span, dim, more, span, tone_of, width_of};
use crate::{
    contract::FailureKind,
    model::{Model, Panel, TargetState},
    time::Monotonic,
    value::{Counts, Severity},
};

/// What is known of the views of one tab together.
#[derive(Debug, Clone, Copy, Default)]
pub struct TabSummary {
    /// Severities of the views of which nothing is old.
    pub fresh: Counts,
    /// Those of the others, from when they last answered.
    pub old: Counts,
    /// Since when the oldest of the others is; `None` where none is old.
    pub old_since: Option<Monotonic>,
    /// Why nothing is known of one view.
    pub unknown: Option<FailureKind>,
    /// Whether a view has neither answered nor failed.
    pub is_asking: bool,
    /// Whether any view has answered.
    pub has_answer: bool,
    /// Whether the target leaves the source of a view out, of which nothing is expected then.
    pub is_left_out: bool,
}

impl TabSummary {
    /// Of these views of a target.
    #[must_use]
    pub fn of(target: &TargetState, views: &[ViewId]) -> Self {
        let mut summary = Self::default();
        for view in views {
            summary.add(target.panel(*view), target.old_since(*view));
        }
        summary
    }

    fn add(&mut self, panel: &Panel, old_since: Option<Monotonic>) {
        self.has_answer |= panel.default_snapshot().is_some();
        match (panel.default_snapshot(), panel.failure()) {
            (Some(snapshot), _) if let Some(since) = old_since => {
                self.old = self.old.and(snapshot.counts);
                self.old_since = Some(self.old_since.map_or(since, |known| known.min(since)));
            }
            (Some(snapshot), _) => self.fresh = self.fresh.and(snapshot.counts),
            (None, Some(_)) if panel.is_left_out() => self.is_left_out = true,
            (None, Some(failure)) => self.unknown = Some(failure.kind),
            (None, None) => self.is_asking = true,
        }
    }

    /// Every count there is, old ones too.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.fresh.and(self.old)
    }

    /// The sign that something is old, and every count there is, tight; a blank after each.
    #[must_use]
    pub fn badge(&self, glyphs: &Glyphs) -> Vec<Span> {
        let mut spans = badge(self.counts(), glyphs);
        if self.old_since.is_some() || self.unknown.is_some() {
            spans.insert(0, span(format!("{} ", glyphs.stale), Tone::Unknown));
        }
        spans
    }
}

/// Counts of what is not in order, tight, a blank after each.
fn badge(counts: Counts, glyphs: &Glyphs) -> Vec<Span> {
    let troubled = [Severity::Crit, Severity::Unknown, Severity::Warn].into_iter().filter(|of| counts.of(*of) > 0);
    let one = |of| span(format!("{}{}{} ", glyphs.severity(of).text, counts.of(of), more(counts, of)), tone_of(of));
    troubled.map(one).collect()
}

/// The name of an open view and, where it shares its tab, those of the others with their counts, as far as there is
/// room for them: all, or those in trouble, or none.
#[must_use]
pub fn names(model: &Model, open: ViewId, room: usize) -> Line {
    let target = model.target();
    let alone = vec![span(&*target.pack.view(open).title, Tone::Strong).with(Emphasis::Bold)];
    let views = target.pack.tab_of(open);
    if views.len() < 2 {
        return alone;
    }
    let glyphs = Glyphs::of(model.appearance.ascii);
    let marks = |view: &ViewId| TabSummary::of(target, &[*view]).badge(glyphs);
    let troubled = views.iter().copied().filter(|view| *view == open || !marks(view).is_empty()).collect();
    let lines = [views, troubled].map(|views| joined(target, &views, open, glyphs));
    lines.into_iter().find(|line| width_of(line) <= room).unwrap_or(alone)
}

fn joined(target: &TargetState, views: &[ViewId], open: ViewId, glyphs: &Glyphs) -> Line {
    let mut line = Line::new();
    for view in views {
        if !line.is_empty() {
            line.push(dim(format!(" {} ", glyphs.between)));
        }
        let title = &*target.pack.view(*view).title;
        let is_open = *view == open;
        line.push(if is_open { span(title, Tone::Strong).with(Emphasis::Reverse) } else { dim(title) });
        for mut mark in TabSummary::of(target, &[*view]).badge(glyphs) {
            mark.text = format!(" {}", mark.text.trim_end());
            line.push(mark);
        }
    }
    line
}
