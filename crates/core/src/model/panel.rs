use std::collections::{BTreeMap, BTreeSet};

use opsdash_pack::pack::{Pack, View, ViewId};

use super::{DetailState, List, Remembered};
use crate::{
    catalog,
    contract::{Coverage, Failure, FailureKind, Listing, Part, StoredFile, Table, Ticket},
    time::{Monotonic, Time},
    value::{Counts, ReasonCounts, Row, RowKey},
};

/// What is known of one view of one target. The snapshot stands beside the load, so that no failure can take rows away.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Which view.
    pub view: ViewId,
    /// The state of asking for the list.
    pub load: Load,
    /// The last good rows for the tab, under the user's choices.
    pub snapshot: Option<Snapshot>,
    /// The last good troubled rows under the default choices, for the overview and the tab's counts; `None` where the
    /// snapshot itself serves.
    pub summary: Option<Snapshot>,
    /// The last counts of the query whose rows are in the snapshot; `None` where they come with the rows, or have not
    /// come yet.
    pub counted: Option<Counted>,
    /// What is asked and not answered yet.
    pub awaited: BTreeMap<Part, Ticket>,
    /// Asked, and of no use any more; to be stopped.
    pub unwanted: Vec<Ticket>,
    /// When each question was last asked.
    pub asked_at: BTreeMap<Part, Monotonic>,
    /// For each enrichment that is being asked, the rows it was asked about.
    pub enriching: BTreeMap<usize, BTreeSet<RowKey>>,
    /// Questions beside the list that failed: why, and when they may be asked again.
    pub failed: BTreeMap<Part, (Failure, Monotonic)>,
    /// Ask at once, whatever the interval.
    pub hurry: bool,
    /// What the user narrowed the query to.
    pub choices: Choices,
    /// By facet, the choices that its query returned last, or why it did not; without an entry it never answered.
    pub options: BTreeMap<usize, Result<FacetOptions, Failure>>,
    /// Cursor, marks, order.
    pub list: List,
    /// Rows that are hidden below a line, and until when.
    pub snoozed: BTreeMap<RowKey, Time>,
    /// The open detail.
    pub detail: Option<DetailState>,
    /// The other half of a files view.
    pub store: Store,
}

/// The state of asking.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Load {
    /// Not asked yet.
    #[default]
    Never,
    /// Asked, and nothing has failed since the last answer.
    Waiting,
    /// The snapshot is the last answer.
    Fresh,
    /// The last asking failed; what is shown is older.
    Failed {
        /// Why.
        failure: Failure,
        /// How often in a row.
        attempt: u32,
        /// When it is asked again.
        retry_at: Monotonic,
    },
}

/// Rows of one answer, enriched.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Rows in the order of the query.
    pub rows: Vec<Row>,
    /// Severities of the whole query, with those that enrichments changed among the loaded rows.
    pub counts: Counts,
    /// The same, as the query itself counted them.
    pub own_counts: Counts,
    /// How many rows have which reason, with what enrichments changed among the loaded rows.
    pub reasons: ReasonCounts,
    /// The same, as the query itself counted them.
    pub own_reasons: ReasonCounts,
    /// Whether there are rows beyond these.
    pub truncated: bool,
    /// Whether rows of severity ok were left out.
    pub troubled: bool,
    /// When it came.
    pub at: Monotonic,
    /// The same by the server's clock: ages in sentences count from here.
    pub server_now: Time,
    /// How long the server was busy with it, in ms.
    pub took_ms: u64,
    /// Whether its rows were asked for without counts, and there are more of them.
    pub uncounted: bool,
    /// Which databases it is of; `None` where the source is one database.
    pub coverage: Option<Coverage>,
}

impl Snapshot {
    /// The databases that did not answer; none where the source is one database.
    #[must_use]
    pub fn silent(&self) -> BTreeSet<&str> {
        self.coverage.iter().flat_map(|coverage| &coverage.failed).map(|member| &*member.name).collect()
    }
}

/// The counts of a query whose rows were asked for without them.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Severities of the whole query.
    pub counts: Counts,
    /// How many of its rows have which reason.
    pub reasons: ReasonCounts,
    /// When they came.
    pub at: Monotonic,
    /// How long the server was busy with them, in ms.
    pub took_ms: u64,
}

/// What the user narrowed a query to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// For each facet of the view its choice; `None` is the default one.
    pub facets: Vec<Option<String>>,
    /// What the server searches for; empty for everything.
    pub search: String,
    /// What a link set of the view's own `[[given]]`.
    pub given: Vec<GivenValue>,
}

impl Choices {
    /// The choices before anybody chooses: what the overview and `check` ask.
    #[must_use]
    pub fn of(view: &View) -> Self {
        Self { facets: vec![None; view.facets.len()], ..Self::default() }
    }

    /// Whether this is what the overview and `check` ask.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.facets.iter().all(Option::is_none) && self.search.is_empty() && self.given.is_empty()
    }
}

/// The choices that a facet's query returned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FacetOptions {
    /// In the order of the query, each once, without those that are always there.
    pub values: Vec<String>,
    /// Whether there are more.
    pub truncated: bool,
}

/// A parameter that a link set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenValue {
    /// The parameter.
    pub name: String,
    /// What it is bound to.
    pub value: String,
    /// What it is called on screen.
    pub label: String,
}

/// The store half of a files view.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Store {
    /// The catalog's last answers, for the list and for the summary.
    pub catalog: BTreeMap<Part, Table>,
    /// The store's last answer, its orphans carried over from the last scan.
    pub listing: Option<Listing>,
    /// When it came.
    pub listed_at: Option<Monotonic>,
    /// When orphans were last looked for.
    pub orphans_at: Option<Monotonic>,
}

/// The name under which the snoozed rows of a view are kept. Within scopes rows of one key are different rows.
pub(crate) fn snoozed_as(target: &str, scope: Option<&str>, view: &View) -> String {
    match scope.filter(|_| view.scoped) {
        Some(scope) => format!("{target}[{scope}].{}", view.id),
        None => format!("{target}.{}", view.id),
    }
}

impl Panel {
    /// A panel that has asked nothing yet, of a target and what is chosen of it.
    pub(crate) fn new(
        pack: &Pack,
        view: ViewId,
        (target, scope): (&str, Option<&str>),
        remembered: &Remembered,
    ) -> Self {
        let known = pack.view(view);
        let snoozed = remembered.snoozed.get(&snoozed_as(target, scope, known));
        Self {
            view,
            load: Load::Never,
            snapshot: None,
            summary: None,
            counted: None,
            awaited: BTreeMap::new(),
            unwanted: Vec::new(),
            asked_at: BTreeMap::new(),
            enriching: BTreeMap::new(),
            failed: BTreeMap::new(),
            hurry: false,
            choices: Choices::of(known),
            options: BTreeMap::new(),
            list: List::default(),
            snoozed: snoozed
                .into_iter()
                .flatten()
                .map(|(key, until)| (RowKey(key.as_str().into()), Time(*until)))
                .collect(),
            detail: None,
            store: Store::default(),
        }
    }

    /// Every choice of a facet that is known, in order; the one that is chosen is among them, also where the query does
    /// not return it any more.
    #[must_use]
    pub fn options_of<'a>(&'a self, view: &'a View, facet: usize) -> Vec<&'a str> {
        let listed = view.facets[facet].choices.iter();
        let asked = self.options.get(&facet).and_then(|asked| asked.as_ref().ok());
        let mut all: Vec<&str> =
            listed.chain(asked.into_iter().flat_map(|asked| &asked.values)).map(String::as_str).collect();
        if let Some(chosen) = self.choices.facets[facet].as_deref().filter(|chosen| !all.contains(chosen)) {
            all.push(chosen);
        }
        all
    }

    /// Whether the choice of a facet is none of those that its query returns now. Unknown is `false`.
    #[must_use]
    pub fn is_choice_gone(&self, view: &View, facet: usize) -> bool {
        let Some(chosen) = &self.choices.facets[facet] else { return false };
        let is_listed = view.facets[facet].choices.contains(chosen);
        let asked = self.options.get(&facet).and_then(|asked| asked.as_ref().ok());
        !is_listed && asked.is_some_and(|asked| !asked.truncated && !asked.values.contains(chosen))
    }

    /// Gives up on questions that are of no use any more.
    pub(crate) fn cancel(&mut self, is_unwanted: impl Fn(Part) -> bool) {
        let unwanted: Vec<Part> = self.awaited.keys().copied().filter(|part| is_unwanted(*part)).collect();
        self.unwanted.extend(unwanted.iter().filter_map(|part| self.awaited.remove(part)));
    }

    /// Rows for the tab: the snapshot, or until it has come the troubled rows of the overview.
    #[must_use]
    pub fn list_snapshot(&self) -> Option<&Snapshot> {
        let provisional = || self.summary.as_ref().filter(|_| self.choices.is_default());
        self.snapshot.as_ref().or_else(provisional)
    }

    /// What the overview and the tab's counts speak of: the newest answer under the default choices.
    #[must_use]
    pub fn default_snapshot(&self) -> Option<&Snapshot> {
        let own = self.snapshot.as_ref().filter(|_| self.choices.is_default());
        match (own, self.summary.as_ref()) {
            (Some(own), Some(summary)) if summary.at > own.at => Some(summary),
            (Some(own), _) => Some(own),
            (None, summary) => summary,
        }
    }

    /// Whether only the first rows are here, so that the list is seen at once, and the others are still to be asked for.
    #[must_use]
    pub(crate) fn has_first_rows_alone(&self, limit: u32) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| {
            snapshot.uncounted && snapshot.rows.len() < usize::try_from(limit).unwrap_or(usize::MAX)
        })
    }

    /// How many of its rows are snoozed.
    #[must_use]
    pub fn snoozed_rows(&self) -> usize {
        if self.snoozed.is_empty() {
            return 0;
        }
        let rows = self.list_snapshot().into_iter().flat_map(|snapshot| &snapshot.rows);
        rows.filter(|row| self.snoozed.contains_key(&row.key)).count()
    }

    /// Why the last asking failed; `None` when it did not.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.load {
            Load::Failed { failure, .. } => Some(failure),
            _ => None,
        }
    }

    /// Whether the target leaves its source out: then nothing is expected of it.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        self.failure().is_some_and(|failure| failure.kind == FailureKind::NotConfigured)
    }

    /// Whether an enrichment or an overview may rely on it: answered, and not failed since.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        !matches!(self.load, Load::Failed { .. } | Load::Never) && (self.snapshot.is_some() || self.summary.is_some())
    }

    /// The row that is meant: the one with the cursor, unless the detail of another one is read, which has left the list.
    #[must_use]
    pub fn current(&self) -> Option<&Row> {
        self.under_cursor().filter(|row| self.detail.as_ref().is_none_or(|detail| detail.key == row.key))
    }

    /// The stored file of a row of a files view, as the store last told; `None` without one, or before it answered.
    #[must_use]
    pub fn stored_file(&self, view: &View, key: &RowKey) -> Option<StoredFile> {
        let listing = self.store.listing.as_ref()?;
        let found = |catalog| catalog::wanted(view.files.as_ref()?, catalog, listing, key.as_str());
        self.store.catalog.values().find_map(found).map(|wanted| wanted.file)
    }

    /// The row with the cursor.
    #[must_use]
    pub fn under_cursor(&self) -> Option<&Row> {
        let snapshot = self.list_snapshot()?;
        self.list.current().and_then(|at| snapshot.rows.get(at))
    }
}
