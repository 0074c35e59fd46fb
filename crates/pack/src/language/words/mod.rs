//! The words of `pack.toml` and of views. The loader checks files against these tables, and the reference is made from
//! them.

mod action;
mod schema;

pub(super) use schema::SCHEMA;

use crate::document::{TableSpec, ValueKind, WordSpec, describe};

/// The reference of all words of a pack's files, in Markdown.
#[must_use]
pub fn reference() -> String {
    format!("{}{}{}", describe(&PACK), describe(&VIEW), describe(&SCHEMA))
}

const fn optional(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: false, meaning }
}

const fn required(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: true, meaning }
}

const DISABLED: WordSpec = optional(
    "disabled",
    ValueKind::Boolean,
    "In an upper layer: `true` removes the entry of the lower layers. Default: false.",
);

/// `pack.toml`
pub(super) const PACK: TableSpec = TableSpec {
    header: "pack.toml",
    meaning: "What the system is, which databases it reads and which views are its tabs.",
    identity: &[],
    words: &[
        required("title", ValueKind::Text, "The system's name, for the header."),
        required("source", ValueKind::TableList(&SOURCE), "The logical databases that views read."),
        required(
            "views",
            ValueKind::OrderedTextList,
            "The tabs, in order, by file name; every other view says `hidden = true`.",
        ),
        optional("include", ValueKind::OrderedTextList, "Shared packs whose views this one has too."),
        optional(
            "lookup",
            ValueKind::TableMap(&LOOKUP),
            "Subcommands of the pack, by name, and the view that answers each.",
        ),
        optional(
            "facts",
            ValueKind::Text,
            "A hidden view with a column `brief`. The overview shows these texts below its cards, as many as there is room \
             for.",
        ),
        optional(
            "scope",
            ValueKind::NotServed,
            "remove it: opsdash sets nothing before a read, and row-level security would hide rows",
        ),
    ],
};

const SOURCE: TableSpec = TableSpec {
    header: "[[source]]",
    meaning: "A logical database. A target in the config gives it a URL.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The name that views and targets use."),
        required("engine", ValueKind::Text, "`postgresql` or `mongodb`."),
        optional(
            "family",
            ValueKind::NotServed,
            "remove it: a source is one database; give each database its own target",
        ),
        DISABLED,
    ],
};

const LOOKUP: TableSpec = TableSpec {
    header: "[lookup.<name>]",
    meaning: "The view behind a subcommand.",
    identity: &[],
    words: &[required("view", ValueKind::Text, "A hidden view with `search = true`."), DISABLED],
};

/// `<view>.toml`
pub(super) const VIEW: TableSpec = TableSpec {
    header: "<view>.toml",
    meaning: "One tab, or a hidden helper view. The file's name is the view's id.",
    identity: &[],
    words: &[
        required("title", ValueKind::Text, "For the tab; within a group, for the heading."),
        required("source", ValueKind::Text, "The source that the query runs on."),
        required(
            "query",
            ValueKind::Text,
            "The file of the query, which returns `severity`, `why` and the columns. In a view of files the query returns the \
             catalog.",
        ),
        required("row_key", ValueKind::TextList, "The columns that identify a row."),
        optional(
            "kind",
            ValueKind::Text,
            "`files` for a view of files, which reconciles a catalog with a file store. Default: a list of rows.",
        ),
        optional("subtitle", ValueKind::Text, "What the rows are, for the line above the list."),
        optional("empty", ValueKind::Text, "What an empty list means, shown in place of rows."),
        optional(
            "refresh",
            ValueKind::Text,
            "How often the query runs while the view is on screen: 1s to 1d. Default: 15s.",
        ),
        optional(
            "search",
            ValueKind::Boolean,
            "The query takes `:search`, so that `/` reaches rows beyond the limit. Default: false.",
        ),
        optional("limit", ValueKind::Integer, "Rows that are loaded at most: 1 to 10000. Default: 500."),
        optional("attention", ValueKind::Boolean, "The overview lists the view's crit and warn rows. Default: false."),
        optional(
            "hidden",
            ValueKind::Boolean,
            "The view is no tab, but a helper for lookups, enrichments and links. Default: false.",
        ),
        optional(
            "group",
            ValueKind::Text,
            "Views of one group share a tab with this title, at the position of the first of them. An empty text removes the \
             group of a lower layer. Default: a tab of its own.",
        ),
        optional("threshold", ValueKind::TextMap, "Parameters with a default, which users may change in their config."),
        optional("facet", ValueKind::TableList(&FACET), "Parameters with a choice of values, which narrow the list."),
        optional(
            "scope",
            ValueKind::TableList(&SCOPE),
            "Parameters that links of other views set. Until then they are NULL.",
        ),
        optional("column", ValueKind::TableList(&COLUMN), "The columns of the list, in order."),
        optional(
            "enrich",
            ValueKind::TableList(&ENRICH),
            "Joins that the program makes: columns from another query or view.",
        ),
        optional("detail", ValueKind::Table(&DETAIL), "What Enter shows of a row."),
        optional("chart", ValueKind::TableList(&CHART), "Charts over time in the detail."),
        optional("link", ValueKind::TableList(&LINK), "Links to other views, by `g` and a letter."),
        optional("action", ValueKind::TableList(&action::ACTION), "Guarded writes on rows."),
        optional("files", ValueKind::Table(&FILES), "The file store of a view of files."),
        DISABLED,
    ],
};

const FACET: TableSpec = TableSpec {
    header: "[[facet]]",
    meaning: "A parameter with a fixed set of values, chosen with `f`.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The parameter."),
        optional("title", ValueKind::Text, "The title in the dialog. Default: the name with spaces."),
        required("choices", ValueKind::TextList, "The values. The first one is the default."),
        DISABLED,
    ],
};

const SCOPE: TableSpec = TableSpec {
    header: "[[scope]]",
    meaning: "A parameter that links of other views set. The value is shown above the list; Esc clears it.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The parameter."),
        optional("title", ValueKind::Text, "The label before the value. Default: the name with spaces."),
        DISABLED,
    ],
};

const COLUMN: TableSpec = TableSpec {
    header: "[[column]]",
    meaning: "One column of the list.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The alias in the query, or in the enrichment that fills the column."),
        optional("title", ValueKind::Text, "The title in the header. Default: the name with spaces."),
        optional("format", ValueKind::Text, FORMATS),
        optional(
            "width",
            ValueKind::TextOrInteger,
            "A number of cells, or `\"fill\"` for what the other columns leave. Default: as wide as the values.",
        ),
        optional("tint", ValueKind::TextListMap, TINTS),
        optional("max", ValueKind::Text, "Of a gauge: the column with the value that is full. Default: 100 is full."),
        optional("null", ValueKind::Text, "The text for NULL, such as `\"perpetual\"`. Default: a dash."),
        optional(
            "hide",
            ValueKind::Boolean,
            "The column is not shown; links, enrichments and output still use it. Default: false.",
        ),
        DISABLED,
    ],
};

const FORMATS: &str = "`text`, `int`, `float`, `bool`, `bytes`, `duration` (ms), `age`, `countdown`, `time`, `status`, `gauge`, \
                       `spark`, `json` or `secret`. Default: text.";
const TINTS: &str = "By tone (`ok`, `warn`, `crit`, `unknown`, `dim` or `accent`), the values that have it. A tone never decides the severity.";

const ENRICH: TableSpec = TableSpec {
    header: "[[enrich]]",
    meaning: "A left join that the program makes: with a `query` for the rows on screen, or with the rows of another `view`.",
    identity: &["query", "view"],
    words: &[
        optional("query", ValueKind::Text, "A file whose query takes `:keys` and returns `key` and the columns."),
        optional("view", ValueKind::Text, "Another view. A row then has the worse severity of the two."),
        optional(
            "on",
            ValueKind::Text,
            "With `view`: the column of this view that holds the row key of the other view.",
        ),
        required("columns", ValueKind::TextList, "The columns of this view that the join fills."),
        optional(
            "absent",
            ValueKind::TextMap,
            "By column, the value for rows that the other side does not list. Default: NULL.",
        ),
        DISABLED,
    ],
};

const DETAIL: TableSpec = TableSpec {
    header: "[detail]",
    meaning: "What Enter shows of a row.",
    identity: &[],
    words: &[
        optional(
            "query",
            ValueKind::Text,
            "A file whose query takes `:key` and returns one row. The columns of that row become fields.",
        ),
        optional("column", ValueKind::TableList(&FIELD), "How fields are shown. Default: by their type."),
        optional("list", ValueKind::TableList(&LIST), "Lists below the fields."),
        DISABLED,
    ],
};

const FIELD: TableSpec = TableSpec {
    header: "[[detail.column]], [[detail.list.column]]",
    meaning: "How one field, or one column of a list, is shown.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The alias in the query."),
        optional("title", ValueKind::Text, "The title. Default: the name with spaces."),
        optional("format", ValueKind::Text, FORMATS),
        optional(
            "width",
            ValueKind::TextOrInteger,
            "Only in lists: a number of cells, or `\"fill\"`. Default: as wide as the values.",
        ),
        optional("tint", ValueKind::TextListMap, TINTS),
        optional("max", ValueKind::Text, "Of a gauge: the column with the value that is full. Default: 100 is full."),
        optional("null", ValueKind::Text, "The text for NULL, such as `\"perpetual\"`. Default: a dash."),
        optional("hide", ValueKind::Boolean, "The field or column is not shown. Default: false."),
        optional("section", ValueKind::Text, "Only of fields: the heading above this field and the ones after it."),
        DISABLED,
    ],
};

const LIST: TableSpec = TableSpec {
    header: "[[detail.list]]",
    meaning: "A list within the detail.",
    identity: &["title"],
    words: &[
        required("title", ValueKind::Text, "The heading."),
        required("query", ValueKind::Text, "A file whose query takes `:key`."),
        optional("column", ValueKind::TableList(&FIELD), "How the columns are shown. Default: by their type."),
        DISABLED,
    ],
};

const CHART: TableSpec = TableSpec {
    header: "[[chart]]",
    meaning: "A chart within the detail.",
    identity: &["title"],
    words: &[
        required("title", ValueKind::Text, "The heading."),
        required(
            "query",
            ValueKind::Text,
            "A file whose query takes `:key` and `:window`, and returns a time, a value and, for several lines, the series.",
        ),
        required(
            "windows",
            ValueKind::TextList,
            "Lengths of time to choose from, such as `24 hours`. The first one is the default.",
        ),
        optional("format", ValueKind::Text, "The format of the values, as of a column. Default: float."),
        DISABLED,
    ],
};

const LINK: TableSpec = TableSpec {
    header: "[[link]]",
    meaning: "A way to another view: `g` and a letter open the view, narrowed to the row.",
    identity: &["press"],
    words: &[
        required("view", ValueKind::Text, "The view that opens."),
        required("press", ValueKind::Text, "The letter after `g`. It is not `g`: `gg` goes to the first row."),
        optional("title", ValueKind::Text, "What opens, for help. Default: the title of the other view."),
        optional(
            "set",
            ValueKind::TextMap,
            "Scopes and facets of the other view, each with the column of this view that has the value.",
        ),
        optional(
            "label",
            ValueKind::Text,
            "The column with the value in words, for the line above the list. Default: the value itself.",
        ),
        DISABLED,
    ],
};

const FILES: TableSpec = TableSpec {
    header: "[files]",
    meaning: "The file store that the catalog is reconciled with. All words but the first two name columns of the catalog.",
    identity: &[],
    words: &[
        required("store", ValueKind::Text, "The source that holds the files."),
        required("bucket", ValueKind::Text, "The bucket, or path."),
        required("id", ValueKind::Text, "The column with the id of the stored file."),
        required("name", ValueKind::Text, "The column with the file's name."),
        required("size", ValueKind::Text, "The column with the file's size in bytes."),
        required("checksum", ValueKind::Text, "The column with the file's SHA-256 in hex."),
        required("active", ValueKind::Text, "The column that says whether the file is delivered."),
    ],
};
