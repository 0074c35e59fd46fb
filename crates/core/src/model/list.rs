use std::collections::BTreeSet;

use crate::{filter::Filter, sort::Sort, value::RowKey};

/// Cursor, marks, order and scroll of a list. Cursor and marks follow row keys, so that a refresh moves nothing.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Rows that are shown, as places in the snapshot, in their order.
    pub order: Vec<u32>,
    /// Place of the cursor in `order`.
    pub cursor: usize,
    /// Key of the row with the cursor; it finds the row again after a refresh.
    pub key: Option<RowKey>,
    /// First row on screen, as a place in `order`.
    pub top: usize,
    /// Whether rows that are snoozed stand below the others.
    pub shows_snoozed: bool,
    /// Marked rows.
    pub marks: BTreeSet<RowKey>,
    /// The chosen column, as a place among the columns that are drawn.
    pub column: usize,
    /// How the rows are narrowed and ordered here, without asking the server.
    pub narrowing: Narrowing,
}

/// Narrowing and ordering on our side.
#[derive(Debug, Clone, Default)]
pub struct Narrowing {
    /// What the user typed.
    pub text: String,
    /// The same, understood; `None` for everything.
    pub filter: Option<Filter>,
    /// By which column; `None` for the query's own order.
    pub sort: Option<Sort>,
}

impl List {
    /// Place in the snapshot of the row with the cursor.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.order.get(self.cursor).map(|at| *at as usize)
    }

    /// Places in the snapshot of the rows on screen.
    pub fn on_screen(&self, height: usize) -> impl Iterator<Item = usize> + '_ {
        self.order.iter().skip(self.top).take(height).map(|at| *at as usize)
    }

    /// Puts the cursor somewhere, within the list, and scrolls so that it is on screen: by half a page, because every
    /// scrolled line costs a redraw of the whole list.
    pub fn move_to(&mut self, cursor: usize, height: usize) {
        self.cursor = cursor.min(self.order.len().saturating_sub(1));
        self.scroll_into_view(height);
    }

    /// Scrolls so that the cursor is on screen.
    pub fn scroll_into_view(&mut self, height: usize) {
        let height = height.max(1);
        let last_top = self.order.len().saturating_sub(height);
        if self.cursor < self.top || self.cursor >= self.top + height {
            self.top = self.cursor.saturating_sub(height / 2);
        }
        self.top = self.top.min(last_top);
    }
}
