//! The types of a checked pack. Every name is resolved, so that nothing in them can be wrong.

mod across;
mod action;
mod column;
mod effect;
mod family;
mod growth;
mod reason;
mod runbook;
mod schema;
mod scope;
mod test;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    path::Path,
    sync::Arc,
};

pub use across::{Across, AcrossRule};
pub(crate) use action::OURS;
pub use action::{
    Action, CHANGED_AT, CHANGED_BY, CHOICES, Danger, KEY, Otherwise, OtherwisePart, PlannedValue, Prompt, PromptKind,
    ROW, WayOut,
};
pub use column::{Column, Format, Tone, Width};
pub use effect::{Argument, Effect, GuardedCall, GuardedRows, GuardedUpdate, ROW_VERSION, SetTo, Table, TableColumn};
pub use family::{DATABASE, Family, Finding, KIND, LABEL, MemberNames, OF_MEMBER};
pub use growth::{GROWTH_DAYS, Growth, GrowthLimit};
pub use reason::{Cause, DOUBTS, FILE_REASONS, NO_SCOPE, REASON, Reason, Remedy, RemedyBy, Template, TemplatePart};
pub use runbook::{Checklist, Hazard, Runbook, RunbookEntry, RunbookStep, Tick, TickedBy, ToCopy};
pub use schema::{
    BrokenQuery, ColumnType, ManualCheck, Migrations, Naming, ObjectKind, OnDelete, Schema, SchemaColumn, SchemaIndex,
    SchemaObject, SchemaReference, SchemaTable, SourceSchema, TYPES,
};

pub use scope::{SCOPE, SCOPE_ID, SCOPE_LABEL, Scope};
pub use test::{ExpectedRow, Fixture, FixtureContent, PackTest, RememberedValue, RowPick, TestAct, TestFile};
pub(crate) use test::{OUTCOMES, SEVERITIES};

pub use crate::dialect::{AFTER, BEFORE, SEEN};
use crate::dialect::{Flavor, MongoQuery, Origin, Param, Sql};

/// Refresh intervals that a view may have, in ms: a second to a day.
pub const REFRESH_RANGE_MS: RangeInclusive<u64> = 1_000..=86_400_000;

/// Limits that a view may have, in rows.
pub const LIMIT_RANGE: RangeInclusive<u32> = 1..=10_000;

/// Rows of one view on the overview that a limit may allow.
pub const ATTENTION_RANGE: RangeInclusive<u32> = 1..=200;

/// The column with the reason of the severity, which every view's query returns. A view that names the column among its
/// own shows it in that position.
pub const WHY: &str = "why";

/// The column with the verdict of a file, in a view of files.
pub const VERDICT: &str = "verdict";

/// The column of [`Pack::facts`] with the texts that the overview shows.
pub const BRIEF: &str = "brief";

/// The index of a source in [`Pack::sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub usize);

/// The index of a view in [`Pack::views`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub usize);

/// A system's databases, views and schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// The name of the pack's folder, which a target of the config has as its `system`.
    pub system: String,
    /// The system's name, for the header.
    pub title: String,
    /// The logical databases that the views read.
    pub sources: Vec<SourceSpec>,
    /// Whose rows are seen; `None` when the rows belong to nobody in particular.
    pub scope: Option<Scope>,
    /// Tabs in their order, then hidden views.
    pub views: Vec<View>,
    /// Subcommands of the pack, by name.
    pub lookups: BTreeMap<String, Lookup>,
    /// The hidden view whose column [`BRIEF`] the overview shows; `None` when the overview shows no facts.
    pub facts: Option<ViewId>,
    /// The documented schema of the databases; empty without a `schema.toml`.
    pub schema: Schema,
    /// What to do and what to tick; empty without a `runbook.toml`.
    pub runbook: Runbook,
}

impl Pack {
    /// The view of that id; `None` when there is none.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<ViewId> {
        self.views.iter().position(|view| view.id == id).map(ViewId)
    }

    /// The view of an id that is from this same pack.
    ///
    /// # Panics
    /// With an id of another pack that has more views.
    #[must_use]
    pub fn view(&self, id: ViewId) -> &View {
        &self.views[id.0]
    }

    /// The source of an id that is from this same pack.
    ///
    /// # Panics
    /// With an id of another pack that has more sources.
    #[must_use]
    pub fn source(&self, id: SourceId) -> &SourceSpec {
        &self.sources[id.0]
    }

    /// Whether the rows of a view come from several databases.
    #[must_use]
    pub fn is_of_family(&self, view: &View) -> bool {
        self.source(view.source).family.is_some()
    }

    /// Whether another view finds something in that this one does not list a row: then all of its rows are needed.
    #[must_use]
    pub fn is_needed_whole(&self, id: ViewId) -> bool {
        let enriched = self.views.iter().flat_map(|view| &view.enrich);
        let by_it = |by: &EnrichBy| matches!(by, EnrichBy::View { view, .. } if *view == id);
        enriched.filter(|enrich| enrich.missing.is_some()).any(|enrich| by_it(&enrich.by))
    }

    /// Every statement: those of views, of actions, of the scope and of families.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        let actions = self.views.iter().flat_map(|view| &view.actions).flat_map(Action::statements);
        let scope = self.scope.iter().map(|scope| &scope.query);
        let families = self.sources.iter().filter_map(|source| source.family.as_ref()?.names.as_ref());
        let named = families.map(|names| &names.query);
        self.views.iter().flat_map(View::statements).chain(actions).chain(scope).chain(named).map(Arc::as_ref)
    }

    /// The views that are not hidden, in the order of the tabs. The views of one group are next to each other.
    pub fn tabs(&self) -> impl Iterator<Item = ViewId> + '_ {
        (0..self.views.len()).map(ViewId).filter(|id| !self.view(*id).hidden)
    }

    /// What a view says of a reason; of one that a joined view brought, what that view says. `None` when neither
    /// describes it.
    #[must_use]
    pub fn reason(&self, view: ViewId, id: &str) -> Option<&Reason> {
        let view = self.view(view);
        std::iter::once(view).chain(self.joined_by(view)).find_map(|view| view.reasons.get(id))
    }

    /// The views whose rows a view joins.
    pub fn joined_by<'a>(&'a self, view: &'a View) -> impl Iterator<Item = &'a View> {
        view.enrich.iter().filter_map(|enrich| match &enrich.by {
            EnrichBy::View { view, .. } => Some(self.view(*view)),
            EnrichBy::Query(_) => None,
        })
    }

    /// The tabs in order. The views of one group share a tab.
    #[must_use]
    pub fn tab_line(&self) -> Vec<Tab<'_>> {
        let mut line: Vec<Tab<'_>> = Vec::new();
        for id in self.tabs() {
            let view = self.view(id);
            match line.last_mut() {
                Some(tab) if view.group.is_some() && self.view(tab.views[0]).group == view.group => tab.views.push(id),
                _ => line.push(Tab { title: view.group.as_ref().unwrap_or(&view.title), views: vec![id] }),
            }
        }
        line
    }

    /// The views that share a tab with a view, in order, with the view itself. Empty for a hidden view.
    #[must_use]
    pub fn tab_of(&self, id: ViewId) -> Vec<ViewId> {
        self.tab_line().into_iter().map(|tab| tab.views).find(|views| views.contains(&id)).unwrap_or_default()
    }
}

/// One tab: a view, or the views of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab<'p> {
    /// The title of the view or of the group.
    pub title: &'p str,
    /// The views in order; at least one.
    pub views: Vec<ViewId>,
}

/// The column of a lookup's view that says whether a row is usable.
pub const USABLE: &str = "usable";

/// A subcommand of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The view that answers it.
    pub view: ViewId,
    /// How it speaks.
    pub words: LookupWords,
}

/// How a lookup speaks of what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupWords {
    /// The verdict of a row that is usable.
    pub yes: String,
    /// The verdict of a row that is not.
    pub no: String,
    /// Whether what is typed is a secret, and therefore masked wherever it is printed.
    pub secret: bool,
}

impl LookupWords {
    /// The words of the other verdicts.
    pub const OTHERS: [&'static str; 3] = ["ambiguous", "not_found", "unknown"];

    /// The words as a pack gives them; without one, the usual.
    #[must_use]
    pub fn of(yes: Option<&str>, no: Option<&str>, secret: bool) -> Self {
        Self { yes: yes.unwrap_or("usable").to_owned(), no: no.unwrap_or("unusable").to_owned(), secret }
    }
}

/// A logical database of a pack. Each target of the config gives it a URL.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceSpec {
    /// The name that views and targets use.
    pub name: String,
    /// The product that serves it.
    pub engine: Engine,
    /// The schema in which names without a schema are looked up first; `None` leaves that to the login's
    /// `search_path`.
    pub schema: Option<String>,
    /// Whether a target may leave it out.
    pub optional: bool,
    /// Which databases it stands for; `None` for one database.
    pub family: Option<Family>,
}

/// A database product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// `postgresql`
    PostgreSql,
    /// `mongodb`
    MongoDb,
    /// `sqlserver`
    SqlServer,
}

impl Engine {
    /// The engines that a pack may name, with their words.
    pub(crate) const SERVED: [(&'static str, Self); 3] = [
        (Self::PostgreSql.word(), Self::PostgreSql),
        (Self::MongoDb.word(), Self::MongoDb),
        (Self::SqlServer.word(), Self::SqlServer),
    ];

    /// The SQL that it speaks; `None` when it speaks none.
    #[must_use]
    pub const fn flavor(self) -> Option<Flavor> {
        match self {
            Self::PostgreSql => Some(Flavor::PostgreSql),
            Self::SqlServer => Some(Flavor::SqlServer),
            Self::MongoDb => None,
        }
    }

    /// The engine's word in packs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::MongoDb => "mongodb",
            Self::SqlServer => "sqlserver",
        }
    }
}

/// A list of rows: one tab, a part of a tab, or a hidden helper.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The file's name without its ending. `show`, `check` and links refer to the view by it.
    pub id: String,
    /// The title of the tab; within a group, the heading of the view.
    pub title: String,
    /// What the rows are, for the line above the list. May be empty.
    pub subtitle: String,
    /// What an empty list means, shown in place of rows. May be empty.
    pub empty: String,
    /// The source that the query runs on.
    pub source: SourceId,
    /// The query that returns the rows; of a view of files, the catalog.
    pub query: Arc<Statement>,
    /// The file store of a view of files; `None` for any other view.
    pub files: Option<FilesView>,
    /// In which members of a family the query runs, by their kinds. `None` for all, and where the source is one database.
    pub kinds: Option<BTreeSet<String>>,
    /// What it means that a member of the family is out of reach; `None` when that is only not known.
    pub unreachable: Option<Finding>,
    /// The columns that identify a row; at least one. In a family the first is [`DATABASE`].
    pub row_key: Vec<String>,
    /// How often the query runs while the view is on screen, in ms.
    pub refresh_ms: u64,
    /// Whether the query takes `:search`.
    pub search: bool,
    /// The most rows that are loaded.
    pub limit: u32,
    /// Which of its crit and warn rows the overview lists.
    pub attention: Attention,
    /// Whether the view is a helper and no tab.
    pub hidden: bool,
    /// Whether it is asked within the scope that somebody has chosen. Only where the pack has one.
    pub scoped: bool,
    /// The title of the tab that the view shares with others; `None` for a tab of its own. A hidden view has none.
    pub group: Option<String>,
    /// Parameters with a default that a config may change: names and values.
    pub thresholds: BTreeMap<String, String>,
    /// Parameters with a choice of values, which narrow the list.
    pub facets: Vec<Facet>,
    /// For each of these facets, the choices under which the query returns its rows worst first, whatever the others are.
    /// Empty when the view does not say.
    pub ordered: BTreeMap<String, Vec<String>>,
    /// Parameters that links of other views set; NULL while no link has.
    pub given: Vec<Given>,
    /// The columns in order, with those that enrichments fill.
    pub columns: Vec<Column>,
    /// The indexes of the columns that tell people which row it is. Empty when the view does not say.
    pub name: Vec<usize>,
    /// Why rows are as they are, by id. Empty when the query says `why` in words of its own alone.
    pub reasons: BTreeMap<String, Reason>,
    /// `None` when rows are no causes of others' trouble.
    pub cause: Option<Cause>,
    /// What the program joins to the rows.
    pub enrich: Vec<Enrich>,
    /// How its rows are compared with each other.
    pub across: Vec<Across>,
    /// How they are held against what they were some days ago.
    pub growth: Vec<Growth>,
    /// What Enter shows of a row; `None` when that is every column of the row.
    pub detail: Option<Detail>,
    /// Ways to other views, by `g` and a letter.
    pub links: Vec<Link>,
    /// Writes that the view offers for its rows.
    pub actions: Vec<Action>,
}

impl View {
    /// The index of a column in [`View::columns`]; `None` when there is none of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Whether the query returns its rows worst first when its parameters have these values.
    #[must_use]
    pub fn is_ordered(&self, values: &BTreeMap<String, String>) -> bool {
        let fits = |(facet, choices): (&String, &Vec<String>)| values.get(facet).is_some_and(|at| choices.contains(at));
        !self.ordered.is_empty() && self.ordered.iter().all(fits)
    }

    /// The queries of the view, of its enrichments and of its detail. Those of actions are not among them.
    pub fn statements(&self) -> impl Iterator<Item = &Arc<Statement>> {
        let enrich = self.enrich.iter().filter_map(|enrich| match &enrich.by {
            EnrichBy::Query(query) => Some(query),
            EnrichBy::View { .. } => None,
        });
        let detail = self.detail.iter().flat_map(|detail| {
            let lists = detail.lists.iter().map(|list| &list.query);
            detail.query.iter().chain(lists).chain(detail.charts.iter().map(|chart| &chart.query))
        });
        let facets = self.facets.iter().filter_map(|facet| facet.query.as_ref());
        std::iter::once(&self.query).chain(facets).chain(enrich).chain(detail)
    }

    /// The indexes of the columns that the list shows, in order.
    #[must_use]
    pub fn drawn(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| !self.columns[*at].hide).collect()
    }

    /// Whether rows may have a reason: by the view's own query, as files, or by a view that is joined.
    #[must_use]
    pub fn may_have_reasons(&self) -> bool {
        !self.reasons.is_empty() || self.files.is_some() || self.is_judged_by_program()
    }

    /// Whether the program, beyond the query, may raise the severity of a row: by another view, by the other rows, or by
    /// what it was. The counts are right then only when all rows are loaded.
    #[must_use]
    pub fn is_judged_by_program(&self) -> bool {
        self.judged_by_enrichment() || !self.across.is_empty() || !self.growth.is_empty()
    }

    /// The names of the columns that the program fills, and the query does not return.
    pub fn filled(&self) -> impl Iterator<Item = &str> {
        let enriched = self.enrich.iter().flat_map(|enrich| &enrich.columns).map(String::as_str);
        let compared = self.across.iter().flat_map(|across| [across.fills, across.behind]).flatten();
        let grown = self.growth.iter().map(|growth| growth.fills);
        enriched.chain(compared.chain(grown).map(|at| self.columns[at].name.as_str()))
    }

    /// Whether an enrichment may raise the severity of a row. If so, the counts are right only when all rows are
    /// loaded.
    #[must_use]
    pub fn judged_by_enrichment(&self) -> bool {
        self.enrich.iter().any(|enrich| matches!(enrich.by, EnrichBy::View { .. }))
    }
}

/// Which crit and warn rows of a view the overview lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attention {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// At most so many, and one line for the rest.
    Most(u32),
}

impl Attention {
    /// Whether the overview lists any.
    #[must_use]
    pub fn is_paid(self) -> bool {
        self != Self::None
    }
}

/// A statement in the language of its engine.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// For PostgreSQL and SQL Server.
    Sql(Sql),
    /// For MongoDB.
    Mongo(MongoQuery),
}

impl Statement {
    /// The file of the statement, for messages.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::Sql(sql) => &sql.file,
            Self::Mongo(query) => &query.file,
        }
    }

    /// The files that it is made of: its own, and those of fragments. A file may come more than once.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let fragments: &[Origin] = match self {
            Self::Sql(sql) => &sql.origins,
            Self::Mongo(_) => &[],
        };
        std::iter::once(self.file()).chain(fragments.iter().map(|origin| origin.location.file.as_str()))
    }

    /// Whether it is made of what a view's file declares; that file is then [`Statement::file`].
    #[must_use]
    pub fn is_made(&self) -> bool {
        Path::new(self.file()).extension().is_some_and(|ending| ending == "toml")
    }

    /// Its parameters; every name once.
    #[must_use]
    pub fn params(&self) -> &[Param] {
        match self {
            Self::Sql(sql) => &sql.params,
            Self::Mongo(query) => &query.params,
        }
    }
}

/// The file store that a view of files reconciles its catalog with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesView {
    /// The source that holds the files.
    pub store: SourceId,
    /// The bucket, or the path.
    pub bucket: String,
    /// The column with the id of the stored file.
    pub id: String,
    /// The column with the file's name.
    pub name: String,
    /// The column with the file's size in bytes.
    pub size: String,
    /// The column with the file's SHA-256 in hex.
    pub checksum: String,
    /// The column that says whether the file is delivered.
    pub active: String,
}

/// A parameter with a choice of values, which narrows a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// The parameter.
    pub name: String,
    /// The title in the dialog.
    pub title: String,
    /// The values that are always there. The first one is the default.
    pub choices: Vec<String>,
    /// Returns more values, in its first column; `None` when the others are all.
    pub query: Option<Arc<Statement>>,
}

impl Facet {
    /// The choice before anybody chooses.
    ///
    /// # Panics
    /// Never: a facet without choices does not load.
    #[must_use]
    pub fn default_choice(&self) -> &str {
        &self.choices[0]
    }

    /// Whether a value may be one of its choices. Of those that a query returns nobody knows before it is asked.
    #[must_use]
    pub fn takes(&self, value: &str) -> bool {
        self.query.is_some() || self.choices.iter().any(|choice| choice == value)
    }
}

/// A parameter that links of other views set. Until then it is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The parameter.
    pub name: String,
    /// The label before the value, such as `queue` in "queue: imports".
    pub title: String,
}

/// A left join that the program makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrich {
    /// Where the values come from.
    pub by: EnrichBy,
    /// Names of the view's columns that it fills.
    pub columns: Vec<String>,
    /// By column, the value for rows that the other side does not list. NULL for a column without an entry.
    pub absent: BTreeMap<String, String>,
    /// Whether what the other view found to be unknown leaves the row as it is. That the other view did not answer never
    /// does.
    pub only_trouble: bool,
    /// What it means that the other view does not list a row; `None` when it means nothing.
    pub missing: Option<Finding>,
}

/// Where an enrichment's values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum EnrichBy {
    /// A query that takes `:keys`. It runs for the rows on screen.
    Query(Arc<Statement>),
    /// The rows of another view: those whose row key equals this view's column `on`.
    View {
        /// The other view.
        view: ViewId,
        /// A column of this view, or of its row key.
        on: String,
    },
}

/// What Enter shows of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// Takes `:key` and returns one row, whose columns become fields. `None` when the fields are the row's own columns.
    pub query: Option<Arc<Statement>>,
    /// How fields are shown. A field without an entry is shown by its type.
    pub columns: Vec<Column>,
    /// Lists below the fields.
    pub lists: Vec<DetailList>,
    /// Charts below the fields.
    pub charts: Vec<Chart>,
}

/// A list within a detail.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailList {
    /// The heading.
    pub title: String,
    /// Takes `:key`.
    pub query: Arc<Statement>,
    /// How its columns are shown. A column without an entry is shown by its type.
    pub columns: Vec<Column>,
}

/// A chart within a detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The heading.
    pub title: String,
    /// Takes `:key` and `:window`; returns a time, a value and, for several lines, the series.
    pub query: Arc<Statement>,
    /// Lengths of time to choose from, as intervals. The first one is the default.
    pub windows: Vec<String>,
    /// The format of the values, for the axis.
    pub format: Format,
}

/// A link from a row to another view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The view that opens.
    pub view: ViewId,
    /// The letter after `g`.
    pub press: char,
    /// What opens, for help: "this row's entries".
    pub title: String,
    /// Parameters of the other view, each with its value.
    pub set: Vec<(String, LinkValue)>,
    /// What the other view is searched for; `None` leaves its search alone.
    pub search: Option<LinkValue>,
    /// The column with the value in words, for the line above the list. `None` shows the value itself.
    pub label: Option<String>,
}

/// What a link gives to the view that it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkValue {
    /// The value of this column of the row.
    Column(String),
    /// The same text for every row.
    Constant(String),
}
