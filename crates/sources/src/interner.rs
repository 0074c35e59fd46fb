//! Stores equal texts of an answer's rows once. A long list repeats the same few texts, and one copy per row would be
//! most of its memory.

use std::{collections::HashSet, hash::Hash};

use opsdash_core::{
    contract::RawRow,
    value::{ArcStr, ReasonIds, RowKey, Value},
};

/// A column with more distinct texts than this takes no more of them: its rows have little in common.
const MAX_DISTINCT: usize = 4_096;

/// The distinct texts so far.
#[derive(Default)]
pub struct Interner {
    whys: HashSet<ArcStr>,
    reasons: HashSet<ReasonIds>,
    columns: Vec<HashSet<ArcStr>>,
}

impl Interner {
    /// Replaces the row's texts by equal ones of earlier rows, and its key by an equal cell.
    pub fn intern(&mut self, row: &mut RawRow) {
        intern(&mut self.whys, &mut row.why);
        intern(&mut self.reasons, &mut row.reasons);
        self.columns.resize_with(row.cells.len(), HashSet::new);
        for (cell, known) in row.cells.iter_mut().zip(&mut self.columns) {
            let (Value::Text(text) | Value::Decimal(text)) = cell else { continue };
            intern(known, text);
            if *row.key.0 == **text {
                row.key = RowKey(text.clone());
            }
        }
    }
}

fn intern<T: Hash + Eq + Clone>(known: &mut HashSet<T>, text: &mut T) {
    if let Some(same) = known.get(text) {
        *text = same.clone();
    } else if known.len() < MAX_DISTINCT {
        known.insert(text.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opsdash_core::value::Severity;

    use super::*;

    fn row(key: &str, level: &str) -> RawRow {
        let cells = vec![Value::text(key), Value::text(level), Value::Null];
        let reasons = [level.into()].into();
        let why = format!("is {level}").into();
        RawRow { key: RowKey(key.into()), severity: Severity::Crit, why, reasons, cells, ..RawRow::default() }
    }

    fn text(row: &RawRow, at: usize) -> ArcStr {
        let Value::Text(text) = &row.cells[at] else { panic!("{row:?}") };
        text.clone()
    }

    #[test]
    fn equal_texts_are_stored_once() {
        let mut interner = Interner::default();
        let (mut first, mut second) = (row("1", "high"), row("2", "high"));
        interner.intern(&mut first);
        interner.intern(&mut second);
        assert_eq!((&first, &second), (&row("1", "high"), &row("2", "high")), "nothing else changes");
        assert!(ArcStr::ptr_eq(&text(&first, 1), &text(&second, 1)));
        assert!(ArcStr::ptr_eq(&first.why, &second.why) && Arc::ptr_eq(&first.reasons, &second.reasons));
        assert!(ArcStr::ptr_eq(&first.key.0, &text(&first, 0)));
    }

    #[test]
    fn distinct_texts_are_kept_up_to_a_limit() {
        let mut interner = Interner::default();
        for at in 0..2 * MAX_DISTINCT {
            interner.intern(&mut row(&at.to_string(), "high"));
        }
        assert_eq!(interner.columns[0].len(), MAX_DISTINCT);
        assert_eq!(interner.columns[1].len(), 1);
    }
}
