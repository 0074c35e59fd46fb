//! Why the open row is as it is, explained: what its reasons mean, and what to do.

use opsdash_pack::pack::{Reason, Remedy, RemedyBy, Tone};

use super::{DetailPage, Line, dim, plain, span};
use crate::{
    model::Model,
    reason, text,
    value::{Doubt, Row},
    view::remedy,
};

impl DetailPage<'_> {
    /// What the row's reasons mean and what to do about them; empty where nobody describes them.
    pub(super) fn reasons(&self, row: &Row) -> Vec<Line> {
        let described: Vec<(&str, &Reason)> =
            ids(row).into_iter().filter_map(|id| Some((id, self.model.pack().reason(self.panel.view, id)?))).collect();
        let doubt =
            row.doubt.filter(|_| row.old.is_none()).filter(|doubt| described.iter().all(|(id, _)| *id != doubt.word()));
        let means: Vec<String> = described.iter().map(|(_, reason)| reason::means(self.view, reason)).collect();
        let means = means
            .iter()
            .map(String::as_str)
            .filter(|means| !means.is_empty())
            .chain(doubt.map(meaning))
            .chain(row.old.map(|_| OLD));
        let means: Vec<Line> = means.flat_map(|means| self.wrapped("", means)).collect();
        let remedies: Vec<Line> = described.iter().flat_map(|(id, reason)| self.remedies(id, reason)).collect();
        [("What it means", means), ("What to do", remedies)]
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .flat_map(|(title, lines)| {
                std::iter::once(vec![span(title, Tone::Strong)]).chain(lines).chain([Line::new()])
            })
            .collect()
    }

    fn remedies(&self, id: &str, reason: &Reason) -> Vec<Line> {
        let is_own = self.view.reasons.contains_key(id);
        let lines = |remedy: &Remedy| {
            let key = remedy::key(self.model, self.view, remedy, is_own);
            self.wrapped(&key.map_or_else(String::new, |key| format!("{key}  ")), &remedy.says)
        };
        reason.remedies.iter().flat_map(lines).collect()
    }

    /// A text after its key; further lines stand below the text.
    fn wrapped(&self, key: &str, body: &str) -> Vec<Line> {
        let indent = text::width(key);
        let lines = text::wrap(&text::inert(body), self.wide.saturating_sub(indent).max(1)).into_iter().enumerate();
        let line = |(at, line): (usize, String)| match (at, indent) {
            (_, 0) => vec![plain(line)],
            (0, _) => vec![span(key, Tone::Accent), plain(line)],
            _ => vec![dim(" ".repeat(indent)), plain(line)],
        };
        lines.map(line).collect()
    }
}

/// The entry of the runbook that helps with what is open: with the row under the cursor, by the first of its reasons that
/// names one.
#[must_use]
pub fn runbook_entry(model: &Model) -> Option<usize> {
    let panel = model.panel()?;
    let described = ids(panel.current()?).into_iter().filter_map(|id| model.pack().reason(panel.view, id));
    described.flat_map(|reason| &reason.remedies).find_map(|remedy| match remedy.by {
        Some(RemedyBy::Runbook(entry)) => Some(entry),
        _ => None,
    })
}

/// The ids of what there is to explain: of the reason that counts first, then of the row's other ones.
fn ids(row: &Row) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    let doubt = row.doubt.map(Doubt::word);
    for id in row.reason.iter().chain(&*row.own_reasons).map(|id| &**id).chain(doubt) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// What it means that a row is old.
const OLD: &str = "Its database did not answer when it was asked last. The values are those that it last told.";

/// What a doubt means that the pack does not describe.
fn meaning(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::SourceDown => {
            "Something else judges this row too, and it did not answer. The row may be worse than it looks."
        }
        Doubt::NotLoaded => {
            "Something else judges this row too, and that is not loaded. The row may be worse than it looks."
        }
        Doubt::NoScope => {
            "Something else judges this row too, once it is chosen whose rows are seen. The row may be worse than it looks."
        }
    }
}
