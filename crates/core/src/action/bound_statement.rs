//! Statements of actions with what their parameters are bound to.

use std::{collections::BTreeMap, sync::Arc};

use opsdash_pack::pack::{AFTER, Action, BEFORE, KEY, SCOPE, SEEN, Statement, View};

use super::{TextRow, WritePlan};
use crate::contract::{Failure, FailureKind, Within};

/// A statement and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundStatement {
    /// What is run.
    pub statement: Arc<Statement>,
    /// `:keys`.
    pub keys: Vec<String>,
    /// The other lists, each as long as the keys.
    pub lists: BTreeMap<String, Vec<Option<String>>>,
    /// Texts; a name that is absent is bound as NULL.
    pub values: BTreeMap<String, String>,
}

impl BoundStatement {
    /// The same with the scope that the rows are of, where there is one.
    #[must_use]
    pub fn within(mut self, within: &Within) -> Self {
        self.values.extend(within.scope.iter().map(|scope| (SCOPE.to_owned(), scope.value.to_string())));
        self
    }

    /// Looks at what the action writes of these rows.
    #[must_use]
    pub fn preview(view: &View, action: &Action, keys: Vec<String>) -> Self {
        Self { statement: action.preview.clone(), keys, lists: BTreeMap::new(), values: view.thresholds.clone() }
    }

    /// Finds the rows of a set; `None` when the action is of rows that somebody chooses.
    #[must_use]
    pub fn set(view: &View, action: &Action) -> Option<Self> {
        let statement = action.set.clone()?;
        Some(Self { statement, keys: Vec::new(), lists: BTreeMap::new(), values: view.thresholds.clone() })
    }

    /// Writes one batch of what was prepared.
    ///
    /// # Errors
    /// When the preview returned no column that the statement compares.
    pub fn write(
        view: &View,
        action: &Action,
        operator: &str,
        prepared: &WritePlan,
        batch: &[TextRow],
    ) -> Result<Self, Failure> {
        let mut values = view.thresholds.clone();
        values.extend(prepared.asked.clone());
        Self::of(&action.sql, values, operator, batch, |name| name.strip_prefix(SEEN))
    }

    /// Takes back what a write returned; `None` when nothing can.
    ///
    /// # Errors
    /// When the write returned no column that the statement compares.
    #[must_use]
    pub fn undo(view: &View, action: &Action, operator: &str, written: &[TextRow]) -> Option<Result<Self, Failure>> {
        let is_column = |name: &str| name.starts_with(BEFORE) || name.starts_with(AFTER);
        let undo = action.undo.as_ref()?;
        Some(Self::of(undo, view.thresholds.clone(), operator, written, |name| is_column(name).then_some(name)))
    }

    fn of(
        statement: &Arc<Statement>,
        mut values: BTreeMap<String, String>,
        operator: &str,
        rows: &[TextRow],
        column: impl Fn(&str) -> Option<&str>,
    ) -> Result<Self, Failure> {
        values.insert("operator".into(), operator.into());
        let mut lists = BTreeMap::new();
        for param in statement.params().iter().filter(|param| param.is_list && param.name != "keys") {
            let Some(column) = column(&param.name) else { continue };
            let texts = rows.iter().map(|row| row.get(column).map(|text| text.map(str::to_owned)));
            let texts: Option<Vec<_>> = texts.collect();
            let missing = || {
                let what = format!("{} compares \"{column}\", which was not returned", statement.file());
                Failure::new(FailureKind::Schema, &what).of_object(column)
            };
            lists.insert(param.name.clone(), texts.ok_or_else(missing)?);
        }
        let keys = rows.iter().map(|row| row.key().to_owned()).collect();
        Ok(Self { statement: statement.clone(), keys, lists, values })
    }
}

/// For taking back: the action without the state that it applies to, and the rows as the write left them.
#[must_use]
pub fn undoing(action: &Action, written: &[TextRow]) -> (Action, Vec<TextRow>) {
    let left = |record: &TextRow| {
        let key = (KEY.to_owned(), Some(record.key().to_owned()));
        let after = record.prefixed(AFTER).map(|(name, text)| (name.to_owned(), text.map(str::to_owned)));
        TextRow(std::iter::once(key).chain(after).collect())
    };
    let action = Action { when: Vec::new(), success: None, ..action.clone() };
    (action, written.iter().map(left).collect())
}
