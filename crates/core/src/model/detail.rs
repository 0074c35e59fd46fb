use crate::{
    contract::{Failure, Table},
    time::Monotonic,
    value::RowKey,
};

/// What is known of the row that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailState {
    /// Whose detail.
    pub key: RowKey,
    /// The fields.
    pub fields: Loadable,
    /// One per list of the pack's detail.
    pub lists: Vec<Loadable>,
    /// One per chart.
    pub charts: Vec<Loadable>,
    /// Which chunks of the row's file are there; without rows where there is nothing to ask.
    pub chunks: Loadable,
    /// Place of the charts' window.
    pub window: usize,
    /// First line on screen.
    pub scroll: usize,
    /// Whether keys move the detail rather than the list.
    pub focused: bool,
    /// When it is asked for: a little after the cursor has come to rest.
    pub due_at: Monotonic,
}

/// One answer within a detail.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Loadable {
    /// Not answered yet.
    #[default]
    Awaited,
    /// Answered.
    Here(Table),
    /// Failed; the rest of the detail goes on.
    Failed(Failure),
}

impl DetailState {
    /// Whether something of it was never answered.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        let mut pieces = self.lists.iter().chain(&self.charts).chain([&self.fields, &self.chunks]);
        pieces.any(|loadable| *loadable == Loadable::Awaited)
    }
}
