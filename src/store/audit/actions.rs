//! The record as people think of it: a line for each thing that somebody did, and what of it can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use opsdash_core::{
    action::TextRow,
    scope::{ScopeChoice, ScopeItem},
    text,
};
use opsdash_pack::pack::{AFTER, BEFORE, KEY};
use serde_json::Value as Json;

/// Cells of what a row is called.
const NAMED: usize = 60;

/// The prefix of the action of a line that takes another back.
pub const UNDO: &str = "undo of ";

/// A write: its intent, and its outcome where there is one. Where the line of the intent is broken, the outcome alone.
#[derive(Debug)]
pub struct AuditEntry<'l> {
    /// What was to be written.
    pub intent: Option<&'l Json>,
    /// What came of it.
    pub outcome: Option<&'l Json>,
}

/// Writes in the order of their intents, an outcome without one at its own place; `oldest` in ms since 1970.
#[must_use]
pub fn entries(lines: &[Json], oldest: Option<i64>) -> Vec<AuditEntry<'_>> {
    let is_young = |line: &&Json| {
        let at = moment(&line["at"]);
        oldest.is_none_or(|oldest| at.is_some_and(|at| at.as_millisecond() >= oldest))
    };
    let outcomes: BTreeMap<&str, &Json> = lines
        .iter()
        .filter(|line| line["phase"] == "outcome")
        .filter_map(|line| Some((line["id"].as_str()?, line)))
        .collect();
    let intended: BTreeSet<&str> =
        lines.iter().filter(|line| line["phase"] == "intent").filter_map(|line| line["id"].as_str()).collect();
    lines.iter().filter(is_young).filter_map(|line| entry_of(line, &outcomes, &intended)).collect()
}

fn entry_of<'l>(
    line: &'l Json,
    outcomes: &BTreeMap<&str, &'l Json>,
    intended: &BTreeSet<&str>,
) -> Option<AuditEntry<'l>> {
    let id = line["id"].as_str();
    match line["phase"].as_str() {
        Some("intent") => {
            let outcome = id.and_then(|id| outcomes.get(id).copied());
            Some(AuditEntry { intent: Some(line), outcome })
        }
        Some("outcome") if id.is_none_or(|id| !intended.contains(id)) => {
            Some(AuditEntry { intent: None, outcome: Some(line) })
        }
        _ => None,
    }
}

pub(super) fn moment(at: &Json) -> Option<Timestamp> {
    at.as_str()?.parse().ok()
}

/// A text of the record, on one line.
#[must_use]
pub fn said(text: &str) -> String {
    text::inert(&text::one_line(text)).into_owned()
}

impl<'l> AuditEntry<'l> {
    /// One word for what came of it.
    #[must_use]
    pub fn word(&self) -> &'l str {
        self.outcome.and_then(|outcome| outcome["outcome"].as_str()).unwrap_or("unknown")
    }

    /// What both lines say: who, where, what.
    #[must_use]
    pub fn head(&self) -> &'l Json {
        self.intent.or(self.outcome).unwrap_or(&Json::Null)
    }

    /// A text of both lines, on one line; empty when they have none.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        said(self.head()[name].as_str().unwrap_or_default())
    }

    /// Of the rows of the intent.
    #[must_use]
    pub fn rows(&self) -> &'l [Json] {
        self.head()["rows"].as_array().map_or(&[], Vec::as_slice)
    }

    /// When it was begun; `None` where the record does not say.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        moment(&self.head()["at"])
    }

    /// Which batch of its action it is, from 1; `None` where the record does not say.
    fn batch(&self) -> Option<u64> {
        self.head()["batch"].as_u64()
    }

    /// Whether it is the next batch of the same action.
    fn follows(&self, before: &Self) -> bool {
        let same = |name: &str| self.head()[name] == before.head()[name];
        ["operator", "target", "view", "action", "scope", "of"].into_iter().all(same)
            && self.intent.is_some_and(|intent| {
                before
                    .intent
                    .is_some_and(|known| known["process"] == intent["process"] && known["asked"] == intent["asked"])
            })
            && self.batch().zip(before.batch()).is_some_and(|(next, last)| next == last + 1)
    }
}

/// What somebody did at once: one write, or the batches of one, in their order.
#[derive(Debug)]
pub struct RecordedAction<'e, 'l> {
    /// Its batches; at least one.
    pub batches: Vec<&'e AuditEntry<'l>>,
    /// When it was taken back, or some of its rows were; `None` when none was.
    pub taken_back: Option<Timestamp>,
    /// Keys of what is written and was not taken back.
    pub standing: BTreeSet<&'l str>,
    /// Of an undo: what a row of it was called when it was written.
    known_as: Option<&'l str>,
}

/// The writes, the batches of each together, and which of them were taken back.
#[must_use]
pub fn actions<'e, 'l>(entries: &'e [AuditEntry<'l>]) -> Vec<RecordedAction<'e, 'l>> {
    let mut actions: Vec<RecordedAction> = Vec::new();
    for entry in entries {
        let is_next = |action: &&mut RecordedAction| action.batches.last().is_some_and(|last| entry.follows(last));
        // Two sessions may write at the same time: their batches stand between each other.
        let begun = if entry.batch() > Some(1) { actions.iter_mut().rev().find(is_next) } else { None };
        match begun {
            Some(action) => action.batches.push(entry),
            None => actions.push(RecordedAction::begun(entry)),
        }
    }
    for action in &mut actions {
        action.standing = action.done_keys().collect();
    }
    for undo in 0..actions.len() {
        let (before, undo) = actions.split_at_mut(undo);
        undo[0].take_back_from(before);
    }
    actions
}

impl<'e, 'l> RecordedAction<'e, 'l> {
    fn begun(first: &'e AuditEntry<'l>) -> Self {
        Self { batches: vec![first], taken_back: None, standing: BTreeSet::new(), known_as: None }
    }

    /// Its first batch.
    #[must_use]
    pub fn first(&self) -> &AuditEntry<'l> {
        self.batches[0]
    }

    /// By which it is named: that of its first batch.
    #[must_use]
    pub fn id(&self) -> &'l str {
        self.first().head()["id"].as_str().unwrap_or_default()
    }

    /// What its first row was called in the box that asked; in lines of earlier versions the longest text that was shown
    /// says most; its key where there is none.
    #[must_use]
    pub fn name(&self) -> String {
        let row = self.first().rows().first().unwrap_or(&Json::Null);
        let name = row["name"].as_str().filter(|name| !name.is_empty()).or(self.known_as);
        if let Some(name) = name {
            return said(name);
        }
        let seen = row["seen"].as_object().into_iter().flatten().filter_map(|(_, text)| text.as_str());
        let longest = seen.max_by_key(|text| text.chars().count()).filter(|text| !text.is_empty());
        let key = || row["key"].as_str().or(self.keys().first().copied()).unwrap_or_default();
        longest.map_or_else(|| said(key()), |text| format!("\"{}\"", text::cut(&said(text), NAMED, "…")))
    }

    /// Every row that it was of.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<&'l str> {
        self.batches.iter().flat_map(|batch| batch.rows()).filter_map(|row| row["key"].as_str()).collect()
    }

    fn done(&self) -> impl Iterator<Item = &AuditEntry<'l>> {
        self.batches.iter().copied().filter(|batch| batch.word() == "done")
    }

    fn done_keys(&self) -> impl Iterator<Item = &'l str> {
        self.done().flat_map(AuditEntry::rows).filter_map(|row| row["key"].as_str())
    }

    /// What came of it: that of all batches, or of the first that came to something else.
    #[must_use]
    pub fn word(&self) -> &'l str {
        self.batches.iter().map(|batch| batch.word()).find(|word| *word != "done").unwrap_or("done")
    }

    /// Whose rows they are; `None` where they are of no scope.
    #[must_use]
    pub fn scope(&self) -> Option<ScopeChoice> {
        let scope = self.first().head()["scope"].as_object()?;
        let text = |name: &str| scope.get(name).and_then(Json::as_str);
        Some(match text("id") {
            None => ScopeChoice::All,
            Some(id) => ScopeChoice::One(ScopeItem { id: id.into(), label: text("label").unwrap_or(id).into() }),
        })
    }

    /// Until when it can be taken back; `None` where nothing of it stands, or it never could.
    #[must_use]
    pub fn undo_until(&self) -> Option<Timestamp> {
        let until = self.done().filter_map(|batch| moment(&batch.outcome?["undo_until"])).max();
        until.filter(|_| !self.standing.is_empty())
    }

    /// Whether its first batch is known: of a record that was not read from its start it may not be.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.first().batch() == Some(1)
    }

    /// Keys of the view's rows that it was of.
    #[must_use]
    pub fn view_rows(&self) -> Vec<String> {
        let rows = self.batches.iter().flat_map(|batch| batch.rows());
        let keys = rows.filter_map(|row| row["row"].as_str().or(row["key"].as_str()));
        keys.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
    }

    /// The rows that stand, as the writes returned them.
    #[must_use]
    pub fn written(&self) -> Vec<TextRow> {
        let rows = self.done().filter_map(|batch| batch.outcome?["rows"].as_array()).flatten();
        rows.filter_map(|row| self.standing.get(row["key"].as_str()?).map(|key| (*key, row)))
            .map(|(key, row)| {
                let columns = [(BEFORE, "before"), (AFTER, "after")].into_iter().flat_map(|(prefix, part)| {
                    let columns = row[part].as_object().into_iter().flatten();
                    columns.map(move |(name, text)| (format!("{prefix}{name}"), text.as_str().map(str::to_owned)))
                });
                TextRow(std::iter::once((KEY.to_owned(), Some(key.to_owned()))).chain(columns).collect())
            })
            .collect()
    }

    /// The rows that stand, as they were seen before.
    #[must_use]
    pub fn seen(&self) -> Vec<TextRow> {
        let rows = self.done().flat_map(AuditEntry::rows);
        rows.filter_map(|row| self.standing.get(row["key"].as_str()?).map(|key| (*key, row)))
            .map(|(key, row)| {
                let columns = row["seen"].as_object().into_iter().flatten();
                let columns = columns.map(|(name, text)| (name.clone(), text.as_str().map(str::to_owned)));
                TextRow(std::iter::once((KEY.to_owned(), Some(key.to_owned()))).chain(columns).collect())
            })
            .collect()
    }

    /// If it takes rows back: those that stand of the last writes of what it takes back no longer do.
    fn take_back_from(&mut self, before: &mut [Self]) {
        let first = self.first();
        let Some(undone) = first.head()["action"].as_str().and_then(|action| action.strip_prefix(UNDO)) else { return };
        let mut keys: BTreeSet<&str> = self.done_keys().collect();
        let first_key = first.rows().first().and_then(|row| row["key"].as_str());
        let mut known_as = None;
        for action in before.iter_mut().rev() {
            let head = action.first().head();
            let is_meant = head["action"] == undone
                && ["target", "system", "view", "scope"].into_iter().all(|name| head[name] == first.head()[name]);
            if !is_meant || action.standing.is_disjoint(&keys) {
                continue;
            }
            let taken: Vec<&str> = action.standing.intersection(&keys).copied().collect();
            known_as = known_as.or_else(|| {
                let rows = action.batches.iter().flat_map(|batch| batch.rows());
                rows.filter(|row| row["key"].as_str() == first_key).find_map(|row| row["name"].as_str())
            });
            for key in taken {
                action.standing.remove(key);
                keys.remove(key);
            }
            action.taken_back = first.at();
        }
        self.known_as = known_as;
    }
}
