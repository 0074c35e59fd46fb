//! The words of a pack: the one table that the loader checks files against and that the reference is made from.

mod action;
mod schema;

pub(super) use schema::SCHEMA;

use crate::document::{TableSpec, ValueKind, WordSpec, describe};

/// The reference of all words of a pack, in Markdown.
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

const DISABLED: WordSpec =
    optional("disabled", ValueKind::Boolean, "In a user's pack: `true` removes what has this identity below.");

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
        optional("lookup", ValueKind::TableMap(&LOOKUP), "Which view answers a subcommand, by the subcommand's name."),
        optional(
            "facts",
            ValueKind::Text,
            "A hidden view with a column `brief`: those texts stand below the overview's cards, as many as there is room \
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
    meaning: "A logical database; a target in the config says where it is.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "What views and targets call it."),
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
    meaning: "What a subcommand asks.",
    identity: &[],
    words: &[required("view", ValueKind::Text, "A hidden view with `search = true`."), DISABLED],
};

/// `<view>.toml`
pub(super) const VIEW: TableSpec = TableSpec {
    header: "<view>.toml",
    meaning: "One tab, or a hidden helper. The file's name is the view's id.",
    identity: &[],
    words: &[
        required("title", ValueKind::Text, "For the tab; within a group, for the heading."),
        required("source", ValueKind::Text, "The source that the query runs on."),
        required(
            "query",
            ValueKind::Text,
            "The file of the query, which returns `severity`, `why` and the columns. Of a files view: its catalog.",
        ),
        required("row_key", ValueKind::TextList, "The columns that identify a row."),
        optional("kind", ValueKind::Text, "`files` for a view that reconciles a catalog with a file store."),
        optional("subtitle", ValueKind::Text, "What the rows are, for the header line."),
        optional("empty", ValueKind::Text, "What an empty list means, said instead of rows."),
        optional("refresh", ValueKind::Text, "How often it is asked while it is looked at: 1s to 1d. Default: 15s."),
        optional(
            "search",
            ValueKind::Boolean,
            "The query takes `:search`, so that `/` reaches rows beyond the limit. Default: false.",
        ),
        optional("limit", ValueKind::Integer, "Rows that are loaded at most: 1 to 10000. Default: 500."),
        optional("attention", ValueKind::Boolean, "Its crit and warn rows enter the overview's list. Default: false."),
        optional("hidden", ValueKind::Boolean, "Not a tab: for lookups and enrichments. Default: false."),
        optional(
            "group",
            ValueKind::Text,
            "Views of one group share a tab of that title, at the place of the first. Default, and what an empty text means: \
             a tab of its own.",
        ),
        optional("threshold", ValueKind::TextMap, "Parameters with a default, which users change in their config."),
        optional("facet", ValueKind::TableList(&FACET), "Choices that narrow the list."),
        optional(
            "scope",
            ValueKind::TableList(&SCOPE),
            "Parameters that links of other views set; unset they are NULL.",
        ),
        optional("column", ValueKind::TableList(&COLUMN), "What is shown of a row, in order."),
        optional("enrich", ValueKind::TableList(&ENRICH), "What is joined to the rows in the program."),
        optional("detail", ValueKind::Table(&DETAIL), "What Enter shows of a row."),
        optional("chart", ValueKind::TableList(&CHART), "What the detail draws over time."),
        optional("link", ValueKind::TableList(&LINK), "Where `g` and a letter lead."),
        optional("action", ValueKind::TableList(&action::ACTION), "What may be done to rows."),
        optional("files", ValueKind::Table(&FILES), "The file store of a files view."),
        DISABLED,
    ],
};

const FACET: TableSpec = TableSpec {
    header: "[[facet]]",
    meaning: "A parameter with a fixed set of values; `f` cycles them.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The parameter."),
        optional("title", ValueKind::Text, "For the dialog. Default: the name in words."),
        required("choices", ValueKind::TextList, "The values; the first one is the default."),
        DISABLED,
    ],
};

const SCOPE: TableSpec = TableSpec {
    header: "[[scope]]",
    meaning: "A parameter that a link of another view sets; it is shown above the list and can be removed.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The parameter."),
        optional("title", ValueKind::Text, "Stands before the value. Default: the name in words."),
        DISABLED,
    ],
};

const COLUMN: TableSpec = TableSpec {
    header: "[[column]]",
    meaning: "One column of the list.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The alias in the query, or in the enrichment that brings it."),
        optional("title", ValueKind::Text, "For the header. Default: the name in words."),
        optional("format", ValueKind::Text, FORMATS),
        optional(
            "width",
            ValueKind::TextOrInteger,
            "A number of cells, or `\"fill\"`. Default: as wide as its values.",
        ),
        optional("tint", ValueKind::TextListMap, TINTS),
        optional("max", ValueKind::Text, "The column with a gauge's full mark. Default: 100 is full."),
        optional("null", ValueKind::Text, "What NULL means here, such as `\"perpetual\"`. Default: a dash."),
        optional("hide", ValueKind::Boolean, "Kept for links, enrichments and output, not drawn. Default: false."),
        DISABLED,
    ],
};

const FORMATS: &str = "`text`, `int`, `float`, `bool`, `bytes`, `duration` (ms), `age`, `countdown`, `time`, `status`, `gauge`, \
                       `spark`, `json` or `secret`. Default: text.";
const TINTS: &str =
    "Values that get a tone: `ok`, `warn`, `crit`, `unknown`, `dim` or `accent`. Never decides severity.";

const ENRICH: TableSpec = TableSpec {
    header: "[[enrich]]",
    meaning: "A left join in the program: by a `query` for the rows on screen, or with the snapshot of another `view`.",
    identity: &["query", "view"],
    words: &[
        optional("query", ValueKind::Text, "A file whose query takes `:keys` and returns `key` and the columns."),
        optional("view", ValueKind::Text, "Another view. The row's severity is the worse of both."),
        optional("on", ValueKind::Text, "With `view`: the column of this view that holds the other one's row key."),
        required("columns", ValueKind::TextList, "The columns of this view that it fills."),
        optional(
            "absent",
            ValueKind::TextMap,
            "What a column holds for rows that the other side does not list. Default: NULL.",
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
            "A file whose query takes `:key` and returns one row; its columns become fields.",
        ),
        optional("column", ValueKind::TableList(&FIELD), "Formats of fields that are not plain text."),
        optional("list", ValueKind::TableList(&LIST), "Further lists, each under its title."),
        DISABLED,
    ],
};

const FIELD: TableSpec = TableSpec {
    header: "[[detail.column]], [[detail.list.column]]",
    meaning: "How one field, or one column of a list, is shown.",
    identity: &["name"],
    words: &[
        required("name", ValueKind::Text, "The alias in the query."),
        optional("title", ValueKind::Text, "Default: the name in words."),
        optional("format", ValueKind::Text, FORMATS),
        optional("width", ValueKind::TextOrInteger, "Of lists: a number of cells, or `\"fill\"`."),
        optional("tint", ValueKind::TextListMap, TINTS),
        optional("max", ValueKind::Text, "The column with a gauge's full mark. Default: 100 is full."),
        optional("null", ValueKind::Text, "What NULL means here, such as `\"perpetual\"`. Default: a dash."),
        optional("hide", ValueKind::Boolean, "Not shown. Default: false."),
        optional("section", ValueKind::Text, "Of fields: the heading it stands under."),
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
        optional("column", ValueKind::TableList(&FIELD), "Formats of its columns, where not plain."),
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
            "A file whose query takes `:key` and `:window` and returns time, value and perhaps series.",
        ),
        required(
            "windows",
            ValueKind::TextList,
            "Windows to choose from, such as `24 hours`; the first one is the default.",
        ),
        optional("format", ValueKind::Text, "Unit of the values, as a column's. Default: float."),
        DISABLED,
    ],
};

const LINK: TableSpec = TableSpec {
    header: "[[link]]",
    meaning: "`g` and a letter open another view, scoped to this row.",
    identity: &["press"],
    words: &[
        required("view", ValueKind::Text, "Where it leads."),
        required("press", ValueKind::Text, "One letter; not `g`, which is the top."),
        optional("title", ValueKind::Text, "For help. Default: the other view's title."),
        optional(
            "set",
            ValueKind::TextMap,
            "A scope or facet of the other view, and the column of this one that gives its value.",
        ),
        optional("label", ValueKind::Text, "The column that says the value in words. Default: the value itself."),
        DISABLED,
    ],
};

const FILES: TableSpec = TableSpec {
    header: "[files]",
    meaning: "The store that a files view's catalog is held against. All but the first two name columns of the catalog.",
    identity: &[],
    words: &[
        required("store", ValueKind::Text, "The source that holds the files."),
        required("bucket", ValueKind::Text, "The bucket, or path."),
        required("id", ValueKind::Text, "The stored file's id."),
        required("name", ValueKind::Text, "The file's name."),
        required("size", ValueKind::Text, "Its size in bytes."),
        required("checksum", ValueKind::Text, "Its SHA-256 in hex."),
        required("active", ValueKind::Text, "Whether it is being delivered."),
    ],
};
