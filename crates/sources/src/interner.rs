//! Texts that the rows of an answer have in common, each held once: a long list says the same few things many times,
//! and a copy for every row is most of what such a list weighs.

use std::{collections::HashSet, sync::Arc};

use opsdash_core::{
    contract::RawRow,
    value::{RowKey, Value},
};

/// A column with more different texts than this is not looked through any further: its rows have little in common.
const MOST: usize = 4_096;

/// The texts met so far.
#[derive(Default)]
pub struct Interner {
    reasons: HashSet<Arc<str>>,
    columns: Vec<HashSet<Arc<str>>>,
}

impl Interner {
    /// Lets a row use the texts of those before it, and its own cell as its key.
    pub fn take(&mut self, row: &mut RawRow) {
        share(&mut self.reasons, &mut row.why);
        self.columns.resize_with(row.cells.len(), HashSet::new);
        for (cell, known) in row.cells.iter_mut().zip(&mut self.columns) {
            let Value::Text(text) = cell else { continue };
            share(known, text);
            if *row.key.0 == **text {
                row.key = RowKey(text.clone());
            }
        }
    }
}

fn share(known: &mut HashSet<Arc<str>>, text: &mut Arc<str>) {
    if let Some(same) = known.get(text) {
        *text = same.clone();
    } else if known.len() < MOST {
        known.insert(text.clone());
    }
}

#[cfg(test)]
mod tests {
    use opsdash_core::value::Severity;

    use super::*;

    fn row(key: &str, level: &str) -> RawRow {
        let cells = vec![Value::text(key), Value::text(level), Value::Null];
        RawRow { key: RowKey(key.into()), severity: Severity::Crit, why: format!("is {level}").into(), cells }
    }

    fn text(row: &RawRow, at: usize) -> Arc<str> {
        let Value::Text(text) = &row.cells[at] else { panic!("{row:?}") };
        text.clone()
    }

    #[test]
    fn rows_that_say_the_same_hold_it_once() {
        let mut shared = Interner::default();
        let (mut first, mut second) = (row("1", "high"), row("2", "high"));
        shared.take(&mut first);
        shared.take(&mut second);
        assert_eq!((&first, &second), (&row("1", "high"), &row("2", "high")), "nothing else changes");
        assert!(Arc::ptr_eq(&text(&first, 1), &text(&second, 1)));
        assert!(Arc::ptr_eq(&first.why, &second.why));
        assert!(Arc::ptr_eq(&first.key.0, &text(&first, 0)));
    }

    #[test]
    fn what_differs_from_row_to_row_is_not_gathered_without_end() {
        let mut shared = Interner::default();
        for at in 0..2 * MOST {
            shared.take(&mut row(&at.to_string(), "high"));
        }
        assert_eq!(shared.columns[0].len(), MOST);
        assert_eq!(shared.columns[1].len(), 1);
    }
}
