//! One view of one target, asked and settled: what `show` and the lookups print from.

use opsdash_core::{
    contract::Failure,
    model::{Load, Model, Panel, Snapshot},
    value::Row,
    view_verdict::troubles,
};
use opsdash_pack::{
    document::suggest,
    pack::{View, ViewId},
};

/// A model that nothing is awaited in any more.
#[derive(Debug)]
pub struct ViewAnswer {
    model: Model,
    view: ViewId,
}

/// How far the rows can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerState {
    /// Everything answered.
    Fresh,
    /// The last asking failed; the rows are those of the one before.
    Stale,
    /// There are no rows, because nothing answered.
    Failed,
    /// The rows are here, but something that belongs to them did not answer.
    Partial,
}

impl AnswerState {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Failed => "failed",
            Self::Partial => "partial",
        }
    }
}

impl ViewAnswer {
    /// A settled model and the view that was asked.
    #[must_use]
    pub fn new(model: Model, view: ViewId) -> Self {
        Self { model, view }
    }

    /// The target's name.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.model.target().name
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The view's place in its pack.
    #[must_use]
    pub fn id(&self) -> ViewId {
        self.view
    }

    /// The view.
    #[must_use]
    pub fn view(&self) -> &View {
        self.model.target().pack.view(self.view)
    }

    fn panel(&self) -> &Panel {
        self.model.target().panel(self.view)
    }

    /// What came of asking for the list.
    #[must_use]
    pub fn load(&self) -> &Load {
        &self.panel().load
    }

    /// The rows, the enrichments joined to them; `None` when the list did not come.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.panel().snapshot.as_ref()
    }

    /// Choices of facets that their queries do not return, in words. Where the choices could not be asked for, that.
    pub fn gone_choices(&self) -> impl Iterator<Item = String> {
        let (view, panel) = (self.view(), self.panel());
        view.facets.iter().enumerate().filter_map(move |(at, facet)| {
            let chosen = panel.choices.facets[at].as_deref()?;
            match panel.options.get(&at)? {
                Err(failure) => {
                    Some(format!("nobody knows whether --set {}={chosen} is a choice: {failure}", facet.name))
                }
                Ok(_) if panel.is_choice_gone(view, at) => {
                    let known = panel.options_of(view, at).into_iter().filter(|known| *known != chosen);
                    Some(format!("--set {}: \"{chosen}\" is no choice; {}", facet.name, suggest(chosen, known)))
                }
                Ok(_) => None,
            }
        })
    }

    /// The rows in the order of the tab.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.snapshot().into_iter().flat_map(|snapshot| &snapshot.rows)
    }

    /// The first thing that did not answer: the list, else what is joined to it.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        let troubles = troubles(self.model.target(), self.view);
        troubles.into_iter().next().map(|trouble| trouble.failure)
    }

    /// How far the rows can be relied on.
    #[must_use]
    pub fn state(&self) -> AnswerState {
        match (self.load(), self.snapshot().is_some(), self.failure().is_some()) {
            (_, false, _) => AnswerState::Failed,
            (Load::Failed { .. }, true, _) => AnswerState::Stale,
            (_, true, true) => AnswerState::Partial,
            (_, true, false) => AnswerState::Fresh,
        }
    }
}
