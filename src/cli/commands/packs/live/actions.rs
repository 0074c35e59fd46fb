//! What actions do, planned and never run: their looks, their writes, what takes them back, and the names between them.

use std::{collections::BTreeMap, time::Duration};

use opsdash_core::{
    action::{BoundStatement, Outcome, TextRow, WritePlan},
    contract::Failure,
    value::RowKey,
};
use opsdash_pack::pack::{
    AFTER, Action, BEFORE, CHOICES, Danger, KEY, OtherwisePart, PromptKind, SEEN, Statement, View,
};

use super::sample::Asker;
use crate::runtime::source_handle::timeout_ms;

impl Asker<'_> {
    /// Plans an action of a view. Its look is asked for a row, if there is one.
    pub(super) async fn action(&mut self, view: &View, action: &Action, key: Option<&RowKey>) {
        let keys: Vec<String> = key.iter().map(|key| key.as_str().to_owned()).collect();
        let look = BoundStatement::preview(view, action, keys);
        let Some(seen) = self.plan(view, &look).await else { return };
        self.found.missing(view, &look.statement, of_look(action, &choices(action)), &seen);
        self.look(view, &look, key).await;
        if let Some(set) = BoundStatement::set(view, action) {
            let Some(found) = self.plan(view, &set).await else { return };
            self.found.missing(view, &set.statement, identified(), &found);
            self.found.missing(view, &set.statement, compared(&action.sql, &[SEEN]), &found);
            self.look(view, &set, None).await;
        }
        let nothing = WritePlan { seen: Vec::new(), asked: BTreeMap::new() };
        let Ok(write) = BoundStatement::write(view, action, "opsdash", &nothing, &[]) else { return };
        self.found.missing(view, &look.statement, compared(&write.statement, &[SEEN]), &seen);
        let Some(written) = self.plan(view, &write).await else { return };
        let success = action.success.iter().map(|name| (name.as_str(), "success names".to_owned()));
        self.found.missing(view, &write.statement, identified().chain(success), &written);
        if let Some(Ok(undo)) = BoundStatement::undo(view, action, "opsdash", &[]) {
            let wanted = parameters(&undo.statement, &[BEFORE, AFTER]).map(|name| (name, taken(&undo.statement, name)));
            self.found.missing(view, &write.statement, wanted, &written);
            if let Some(undone) = self.plan(view, &undo).await {
                self.found.missing(view, &undo.statement, identified(), &undone);
            }
        }
    }

    /// Asks a look for a row: what it returns must be told apart by the keys that it was given.
    async fn look(&mut self, view: &View, look: &BoundStatement, key: Option<&RowKey>) {
        self.found.counted.asked += 1;
        let Some(work) = self.work() else { return };
        let source = match self.handle(self.source).source().await {
            Ok(source) => source,
            Err(failure) => return self.failed(view, &look.statement, &failure),
        };
        let within = self.within(view);
        let rows = match source.preview(&look.clone().within(&within), None, 1, &within, work).await {
            Ok(rows) => rows,
            Err(Outcome::Failed(failure)) => return self.failed(view, &look.statement, &failure),
            Err(other) => return self.found.broken(view, &look.statement, &other.said(), "correct the query"),
        };
        let Some(key) = key.filter(|key| !rows.is_empty() && rows.iter().all(|row| row.row() != key.as_str())) else {
            return;
        };
        let keys: Vec<&str> = rows.iter().map(TextRow::row).collect();
        let what = format!("for the row {} it returns the key {}", key.as_str(), keys.join(", "));
        let remedy = "return key (of a member: row) exactly as it came: unnest(:keys::text[]) AS k (key), then k.key";
        self.found.broken(view, &look.statement, &what, remedy);
    }

    /// The columns that a statement returns; `None` when the server refuses it.
    async fn plan(&mut self, view: &View, statement: &BoundStatement) -> Option<Vec<String>> {
        let work = self.work()?;
        self.found.counted.planned += 1;
        let within = self.within(view);
        let planned = match self.handle(self.source).source().await {
            Ok(source) => source.plan(&statement.clone().within(&within), &within, work).await,
            Err(failure) => Err(failure),
        };
        planned.map_err(|failure| self.failed(view, &statement.statement, &failure)).ok()
    }

    fn failed(&mut self, view: &View, statement: &Statement, failure: &Failure) {
        if failure.kind.is_of_source() {
            let source = self.handle(self.source).name.clone();
            self.found.source_failed(&source, failure);
        } else {
            self.found.refused(view, statement, self.engine(view.source), failure);
        }
    }

    /// How long the server may work on a statement; `None` when the source does not answer any more.
    fn work(&self) -> Option<Duration> {
        let work = timeout_ms(self.handle(self.source).config.as_ref());
        (!self.found.silent).then(|| Duration::from_millis(work.into()))
    }
}

fn identified<'n>() -> impl Iterator<Item = (&'n str, String)> {
    std::iter::once((KEY, "tells the rows apart".to_owned()))
}

/// What an action's words name of its look.
fn of_look<'a>(action: &'a Action, choices: &'a [String]) -> impl Iterator<Item = (&'a str, String)> {
    let when = action.when.iter().map(|(name, _)| (name.as_str(), "when names".to_owned()));
    let change = action.change.iter().map(|(name, _)| (name.as_str(), "change names".to_owned()));
    let typed = match &action.danger {
        Danger::High { column, .. } => Some((column.as_str(), "confirm names".to_owned())),
        Danger::Low => None,
    };
    let choices = choices.iter().map(|name| (name.as_str(), "an ask of kind choice takes its values from".to_owned()));
    let said = action.otherwise.values().flat_map(|otherwise| &otherwise.says).filter_map(|part| match part {
        OtherwisePart::Cell(name) => Some((name.as_str(), "otherwise shows".to_owned())),
        OtherwisePart::Text(_) => None,
    });
    identified().chain(when).chain(said).chain(change).chain(typed).chain(choices)
}

/// The columns of a look that hold what may be answered.
fn choices(action: &Action) -> Vec<String> {
    let found = action.prompts.iter().filter(|prompt| prompt.kind == PromptKind::Found);
    found.map(|prompt| format!("{CHOICES}{}", prompt.name)).collect()
}

/// The columns that a statement compares, by the parameters that begin so.
fn compared<'s>(statement: &'s Statement, prefixes: &'static [&str]) -> impl Iterator<Item = (&'s str, String)> {
    parameters(statement, prefixes).map(move |name| {
        let column = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        (column, taken(statement, name))
    })
}

fn parameters<'s>(statement: &'s Statement, prefixes: &'static [&str]) -> impl Iterator<Item = &'s str> {
    let names = statement.params().iter().map(|param| param.name.as_str());
    names.filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
}

fn taken(statement: &Statement, parameter: &str) -> String {
    format!("{} takes as :{parameter}", statement.file())
}
