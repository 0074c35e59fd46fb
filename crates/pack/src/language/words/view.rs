//! The words of a view.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{DETAIL_COLUMN, FORMATS, RawAcross, RawAction, RawCause, RawColumn, RawFinding, RawGrowth, RawReason};
use crate::document::{Name, ValueKind, WordType, vocabulary};

vocabulary! {
    /// One tab, or a hidden helper view. The file's name is the view's id.
    struct RawView: "<view>.toml" {
        /// For the tab; within a group, for the heading.
        required title: Name,
        /// The source that the query runs on.
        required source: Name,
        /// The file of the query, which returns `severity` (ok, warn, crit, unknown, or off for what is not meant to be
        /// judged), `reason` or `why`, and the columns. In a view of files the query returns the catalog.
        required query: Name,
        /// Of a family: the kinds of the databases in which the query runs. Default: all.
        optional kinds: Option<Spanned<Vec<Name>>>,
        /// Of a family: how bad it is that a database is out of reach (not there, a refused login, no answer in time).
        /// Default: its row is unknown.
        optional unreachable: Option<Spanned<RawFinding>>,
        /// The columns that identify a row. In a family the first is `database`.
        required row_key: Spanned<Vec<Name>>,
        /// The columns that tell people which row it is, where the overview and boxes name it. Default: the first
        /// columns of text.
        optional name: Vec<Name>,
        /// `files` for a view of files, which reconciles a catalog with a file store. Default: a list of rows.
        optional kind: Option<Name> where one_of(&["files"]),
        /// What the rows are, for the line above the list.
        optional subtitle: String,
        /// What an empty list means, shown in place of rows.
        optional empty: String,
        /// How often the query runs while the view is on screen: 1s to 1d. Default: 15s.
        optional refresh: Option<Name>,
        /// The query takes `:search`, so that `/` reaches rows beyond the limit. Default: false.
        optional search: bool,
        /// Rows that are loaded at most: 1 to 10000. Default: 500.
        optional limit: Option<Spanned<i64>>,
        /// The overview lists the view's crit and warn rows; with `{ most = 10 }` at most so many of them, and one line for
        /// the rest. Default: false.
        optional attention: Option<Spanned<RawAttention>>,
        /// The view is no tab, but a helper for lookups, enrichments and links. Default: false.
        optional hidden: bool,
        /// Views of one group share a tab with this title, at the position of the first of them. An empty text removes
        /// the group of a lower layer. Default: a tab of its own.
        optional group: Option<Name>,
        /// Parameters with a default, which users may change in their config.
        optional threshold: BTreeMap<Name, String>,
        /// Parameters with a choice of values, which narrow the list.
        optional facet: Vec<RawFacet>,
        /// For facets, the choices under which the query itself returns its rows worst first, by an index. The first rows
        /// then come without counting or sorting the others; their counts follow. Default: rows come with their counts.
        optional ordered: BTreeMap<Name, Vec<Name>>,
        /// Parameters that links of other views set. Until then they are NULL.
        optional given: Vec<RawGiven>,
        /// write [[given]]: a parameter that links of other views set
        not_served scope,
        /// Whether the view is asked within the scope that somebody has chosen; its queries then take `:scope`, which is
        /// NULL when all are seen. Default: true where the pack has a `[scope]` of the view's source.
        optional scoped: Option<Spanned<bool>>,
        /// The columns of the list, in order.
        optional column: Vec<RawColumn>,
        /// Why rows are as they are, by the id that the query returns as `reason`.
        optional reason: BTreeMap<Name, Spanned<RawReason>>,
        /// That the rows are causes, with how many each one hurts and since when.
        optional cause: Option<RawCause>,
        /// Joins that the program makes: columns from another query or view.
        optional enrich: Vec<Spanned<RawEnrich>>,
        /// How rows are compared with each other.
        optional across: Vec<RawAcross>,
        /// How rows are held against what they were some days ago.
        optional growth: Vec<RawGrowth>,
        /// What Enter shows of a row. Default: every column of the row.
        optional detail: Option<RawDetail>,
        /// Charts over time in the detail.
        optional chart: Vec<RawChart>,
        /// Links to other views, by `g` and a letter.
        optional link: Vec<RawLink>,
        /// Guarded writes on rows.
        optional action: Vec<RawAction>,
        /// The file store of a view of files.
        optional files: Option<Spanned<RawFiles>>,
        disabled,
    }

    /// A parameter with a choice of values, chosen with `f`.
    struct RawFacet: "[[facet]]", by ["name"] {
        /// The parameter.
        required name: Name,
        /// The title in the dialog. Default: the name with spaces.
        optional title: Option<String>,
        /// The values. The first one is the default.
        required choices: Spanned<Vec<Name>>,
        /// A file whose query returns more choices, in its first column. It takes no parameter but thresholds.
        optional query: Option<Name>,
        disabled,
    }

    /// A parameter that links of other views set. The value is shown above the list; Esc goes back to where the link was.
    struct RawGiven: "[[given]]", by ["name"] {
        /// The parameter.
        required name: Name,
        /// The label before the value. Default: the name with spaces.
        optional title: Option<String>,
        disabled,
    }

    /// A left join that the program makes: with a `query` for the rows on screen, or with the rows of another `view`.
    struct RawEnrich: "[[enrich]]", by ["query", "view"] {
        /// A file whose query takes `:keys` and returns `key` and the columns.
        optional query: Option<Name>,
        /// Another view. A row then has the worse severity of the two.
        optional view: Option<Name>,
        /// With `view`: the column of this view that holds the row key of the other view.
        optional on: Option<Name>,
        /// The columns of this view that the join fills.
        required columns: Spanned<Vec<Name>>,
        /// By column, the value for rows that the other side does not list. Default: NULL.
        optional absent: BTreeMap<Name, String>,
        /// With `view`: how bad it is that the other view does not list the row. Unknown while not all rows of the other
        /// view are known. Default: it is nothing.
        optional missing: Option<Spanned<RawFinding>>,
        /// With `view`: its warn and crit count for the row, and what it found to be unknown does not; nor does it that nobody
        /// has chosen whose rows it is asked for, which stands beside the row. Default: false.
        optional only_trouble: bool,
        disabled,
    }

    /// What Enter shows of a row.
    struct RawDetail: "[detail]" {
        /// A file whose query takes `:key` and returns one row. The columns of that row become fields.
        optional query: Option<Name>,
        /// How fields are shown. One that is not here is shown by its type. Default: all by their types.
        optional column: Vec<RawColumn> where list_of(&DETAIL_COLUMN),
        /// Lists below the fields.
        optional list: Vec<RawList>,
        disabled,
    }

    /// A list within the detail.
    struct RawList: "[[detail.list]]", by ["title"] {
        /// The heading.
        required title: String,
        /// A file whose query takes `:key`.
        required query: Name,
        /// How the columns are shown. One that is not here is shown by its type. Default: all by their types.
        optional column: Vec<RawColumn> where list_of(&DETAIL_COLUMN),
        disabled,
    }

    /// A chart within the detail.
    struct RawChart: "[[chart]]", by ["title"] {
        /// The heading.
        required title: String,
        /// A file whose query takes `:key` and `:window`, and returns a time, a value and, for several lines, the
        /// series.
        required query: Name,
        /// Lengths of time to choose from, such as `24 hours`. The first one is the default.
        required windows: Spanned<Vec<Name>>,
        /// The format of the values, as of a column. Default: float.
        optional format: Option<Name> where one_of(&FORMATS),
        disabled,
    }

    /// A way to another view: `g` and a letter open the view, narrowed to the row.
    struct RawLink: "[[link]]", by ["press"] {
        /// The view that opens. A link has a `view` or a `lookup`.
        optional view: Option<Name>,
        /// The lookup that is asked, by its name in `pack.toml`, for what `search` says.
        optional lookup: Option<Name>,
        /// The letter after `g`. It is not `g`: `gg` goes to the first row.
        required press: Name,
        /// What opens, for help. Default: the title of the other view.
        optional title: Option<String>,
        /// The `[[given]]` and facets of the other view, each with the column of this view that has the value, or with a
        /// constant: `{ order = "id", state = { is = "all" } }`. Esc takes back what a link set.
        optional set: BTreeMap<Name, Spanned<RawLinkValue>>,
        /// What the other view is searched for: a column of this view, or a constant.
        optional search: Option<Spanned<RawLinkValue>>,
        /// The column with the value in words, for the line above the list. Default: the value itself.
        optional label: Option<Name>,
        disabled,
    }

    /// A constant in a link.
    struct RawConstant: "{ is = \"..\" }" {
        /// The text, the same for every row.
        required is: String,
    }

    /// How many rows of a view the overview lists.
    struct RawAttentionLimit: "attention = { most = .. }" {
        /// Rows at most: 1 to 200. The rest is one line that opens the view.
        required most: i64,
    }

    /// The file store that the catalog is reconciled with. All words but the first two name columns of the catalog.
    struct RawFiles: "[files]" {
        /// The source that holds the files.
        required store: Name,
        /// The bucket, or path.
        required bucket: String,
        /// The column with the id of the stored file.
        required id: String,
        /// The column with the file's name.
        required name: String,
        /// The column with the file's size in bytes.
        required size: String,
        /// The column with the file's SHA-256 in hex.
        required checksum: String,
        /// The column that says whether the file is delivered.
        required active: String,
    }
}

/// A value of a link as it is written: a column, or a constant.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawLinkValue {
    Column(String),
    Constant(RawConstant),
}

impl WordType for RawLinkValue {
    const KIND: ValueKind = ValueKind::TextOrTable(RawConstant::SPEC);
}

/// `attention` as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum RawAttention {
    All(bool),
    Limited(RawAttentionLimit),
}

impl RawAttention {
    /// Whether the overview lists any of the view's rows.
    pub(crate) fn is_paid(&self) -> bool {
        !matches!(self, Self::All(false))
    }
}

impl WordType for RawAttention {
    const KIND: ValueKind = ValueKind::BooleanOrTable(RawAttentionLimit::SPEC);
}
