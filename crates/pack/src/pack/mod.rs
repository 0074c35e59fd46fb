//! What a pack is after it was read and checked: every name resolved, and nothing left to be wrong.

mod action;
mod column;
mod schema;

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

pub use action::{Action, CHANGED_AT, CHANGED_BY, Danger, KEY, PlannedValue, Prompt, PromptKind, ROW};
pub use column::{Column, Format, Tone, Width};
pub use schema::{
    BrokenQuery, ColumnType, ManualCheck, Migrations, Naming, Schema, SchemaColumn, SchemaIndex, SchemaTable,
    SourceSchema, TYPES,
};

pub use crate::dialect::{AFTER, BEFORE, SEEN};
use crate::dialect::{MongoQuery, Param, Sql};

/// Refresh intervals that make sense, in ms: a second to a day.
pub const REFRESH_RANGE_MS: RangeInclusive<u64> = 1_000..=86_400_000;

/// Limits that make sense, in rows.
pub const LIMIT_RANGE: RangeInclusive<u32> = 1..=10_000;

/// The column that every query returns after `severity`; a view that names it among its columns draws it there.
pub const WHY: &str = "why";

/// The column that the verdict of a file stands in, in a view that reconciles a catalog with a store.
pub const VERDICT: &str = "verdict";

/// The column of the facts whose texts stand on the overview.
pub const BRIEF: &str = "brief";

/// Place of a source in [`Pack::sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub usize);

/// Place of a view in [`Pack::views`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub usize);

/// A system, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// The folder's name; what a target's `system` says.
    pub system: String,
    /// For the header.
    pub title: String,
    /// Logical databases that the views read.
    pub sources: Vec<SourceSpec>,
    /// Tabs in their order, then hidden views.
    pub views: Vec<View>,
    /// What a subcommand asks: its name to the view that answers it.
    pub lookups: BTreeMap<String, ViewId>,
    /// The hidden view whose column [`BRIEF`] the overview shows.
    pub facts: Option<ViewId>,
    /// What the system's document says of its databases.
    pub schema: Schema,
}

impl Pack {
    /// The view of that id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<ViewId> {
        self.views.iter().position(|view| view.id == id).map(ViewId)
    }

    /// The view at a place; places come from this pack alone.
    #[must_use]
    pub fn view(&self, id: ViewId) -> &View {
        &self.views[id.0]
    }

    /// The source at a place; places come from this pack alone.
    #[must_use]
    pub fn source(&self, id: SourceId) -> &SourceSpec {
        &self.sources[id.0]
    }

    /// Every statement of every view, those of actions among them.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        let actions = self.views.iter().flat_map(|view| &view.actions).flat_map(Action::statements);
        self.views.iter().flat_map(View::statements).chain(actions).map(Arc::as_ref)
    }

    /// Views that are tabs, or share one, in order: those of one group stand beside each other.
    pub fn tabs(&self) -> impl Iterator<Item = ViewId> + '_ {
        (0..self.views.len()).map(ViewId).filter(|id| !self.view(*id).hidden)
    }

    /// The tabs as they are drawn, in order: a group is one.
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

    /// The views that share the tab of a view, in order, itself among them; empty for a hidden one.
    #[must_use]
    pub fn tab_of(&self, id: ViewId) -> Vec<ViewId> {
        self.tab_line().into_iter().map(|tab| tab.views).find(|views| views.contains(&id)).unwrap_or_default()
    }
}

/// One tab as it is drawn: a view, or those of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab<'p> {
    /// The view's title, or the group.
    pub title: &'p str,
    /// Never empty.
    pub views: Vec<ViewId>,
}

/// A logical database that a pack needs; a target binds it to a URL.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceSpec {
    /// The name that views and targets use.
    pub name: String,
    /// What speaks its protocol.
    pub engine: Engine,
}

/// A database product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// `postgresql`
    PostgreSql,
    /// `mongodb`
    MongoDb,
    /// `sqlserver`: reserved. No source speaks it yet, so no pack loads with it.
    SqlServer,
}

impl Engine {
    /// The engines that a pack may name.
    pub(crate) const SERVED: [Self; 2] = [Self::PostgreSql, Self::MongoDb];

    /// The word that a pack uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::MongoDb => "mongodb",
            Self::SqlServer => "sqlserver",
        }
    }
}

/// One tab, a part of one, or a hidden helper.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The file's name; stable, for `show`, `check` and links.
    pub id: String,
    /// For the tab.
    pub title: String,
    /// What the rows are, for the header line; empty for none.
    pub subtitle: String,
    /// What an empty list means, said instead of rows.
    pub empty: String,
    /// Where the query runs.
    pub source: SourceId,
    /// The query; of a files view, its catalog.
    pub query: Arc<Statement>,
    /// Present when the view reconciles a catalog with a store.
    pub files: Option<FilesView>,
    /// Columns that identify a row.
    pub row_key: Vec<String>,
    /// How often it is asked while it is looked at, in ms.
    pub refresh_ms: u64,
    /// Whether the query takes `:search`.
    pub search: bool,
    /// Rows that are loaded at most.
    pub limit: u32,
    /// Whether its crit and warn rows enter the overview's list.
    pub attention: bool,
    /// Not a tab.
    pub hidden: bool,
    /// The title of the tab that it shares with others; `None` for a tab of its own. Never of a hidden view.
    pub group: Option<String>,
    /// Names and values of thresholds, bound as parameters.
    pub thresholds: BTreeMap<String, String>,
    /// Choices that narrow the list, bound as parameters.
    pub facets: Vec<Facet>,
    /// Parameters that links of other views set.
    pub scopes: Vec<ScopeParam>,
    /// What is shown of a row, in order. Enriched columns are among them.
    pub columns: Vec<Column>,
    /// What is joined to the rows in the program.
    pub enrich: Vec<Enrich>,
    /// What Enter shows.
    pub detail: Option<Detail>,
    /// Where `g` and a letter lead.
    pub links: Vec<Link>,
    /// What may be done to its rows.
    pub actions: Vec<Action>,
}

impl View {
    /// Place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// What it reads: its query, those of its enrichments, and those of its detail.
    pub fn statements(&self) -> impl Iterator<Item = &Arc<Statement>> {
        let enrich = self.enrich.iter().filter_map(|enrich| match &enrich.by {
            EnrichBy::Query(query) => Some(query),
            EnrichBy::View { .. } => None,
        });
        let detail = self.detail.iter().flat_map(|detail| {
            let lists = detail.lists.iter().map(|list| &list.query);
            detail.query.iter().chain(lists).chain(detail.charts.iter().map(|chart| &chart.query))
        });
        std::iter::once(&self.query).chain(enrich).chain(detail)
    }

    /// Places of the columns that a list draws.
    #[must_use]
    pub fn drawn(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| !self.columns[*at].hide).collect()
    }

    /// Whether an enrichment may make a row worse, so that counts are right only with all rows loaded.
    #[must_use]
    pub fn judged_by_enrichment(&self) -> bool {
        self.enrich.iter().any(|enrich| matches!(enrich.by, EnrichBy::View { .. }))
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
    /// The file it stands in, for messages.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::Sql(sql) => &sql.file,
            Self::Mongo(query) => &query.file,
        }
    }

    /// Names of its parameters.
    #[must_use]
    pub fn params(&self) -> &[Param] {
        match self {
            Self::Sql(sql) => &sql.params,
            Self::Mongo(query) => &query.params,
        }
    }
}

/// The store side of a files view. Each name is a column of the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesView {
    /// The source that holds the files.
    pub store: SourceId,
    /// Bucket, or path.
    pub bucket: String,
    /// Column that names the stored file by its id.
    pub id: String,
    /// Column with the file's name.
    pub name: String,
    /// Column with its size in bytes.
    pub size: String,
    /// Column with its SHA-256 in hex.
    pub checksum: String,
    /// Column that says whether the file is being delivered.
    pub active: String,
}

/// A choice that narrows a list. The first choice is the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The parameter.
    pub name: String,
    /// For the facet dialog.
    pub title: String,
    /// Values, the first one the default.
    pub choices: Vec<String>,
}

/// A parameter that a link of another view sets; unset it is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeParam {
    /// The parameter.
    pub name: String,
    /// What it means, before the value: "queue: imports".
    pub title: String,
}

/// A left join in the program.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrich {
    /// Where the values come from.
    pub by: EnrichBy,
    /// The view's columns that it fills, by name.
    pub columns: Vec<String>,
    /// What a column holds for a row that the other side does not list; NULL where nothing is said.
    pub absent: BTreeMap<String, String>,
}

/// Where an enrichment's values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum EnrichBy {
    /// A query that takes `:keys`: asked for the rows on screen.
    Query(Arc<Statement>),
    /// The snapshot of another view, whose row key equals this view's column `on`.
    View {
        /// The other view.
        view: ViewId,
        /// A column of this view, or its row key.
        on: String,
    },
}

/// What Enter shows of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// Takes `:key`; its one row becomes fields.
    pub query: Option<Arc<Statement>>,
    /// Formats of fields that are not plain text; fields without an entry are shown as their type asks.
    pub columns: Vec<Column>,
    /// Further lists, each under its title.
    pub lists: Vec<DetailList>,
    /// Drawn over time.
    pub charts: Vec<Chart>,
}

/// A list within a detail.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailList {
    /// The heading.
    pub title: String,
    /// Takes `:key`.
    pub query: Arc<Statement>,
    /// Formats of its columns, where not plain.
    pub columns: Vec<Column>,
}

/// A chart within a detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The heading.
    pub title: String,
    /// Takes `:key` and `:window`; returns time, value and perhaps series.
    pub query: Arc<Statement>,
    /// Windows to choose from, as intervals; the first one is the default.
    pub windows: Vec<String>,
    /// Unit of the values, for the axis.
    pub format: Format,
}

/// A way from a row to another view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub view: ViewId,
    /// The letter after `g`.
    pub press: char,
    /// For help: "this row's entries".
    pub title: String,
    /// Scope parameter of the other view, and the column of this one that gives the value.
    pub set: Vec<(String, String)>,
    /// Column that says the value in words, for the scope line; the value itself when absent.
    pub label: Option<String>,
}
