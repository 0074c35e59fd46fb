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

const fn word(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: false, meaning }
}

const fn must(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: true, meaning }
}

const DISABLED: WordSpec =
    word("disabled", ValueKind::Flag, "In a user's pack: `true` removes what has this identity below.");

/// `pack.toml`
pub(super) const PACK: TableSpec = TableSpec {
    header: "pack.toml",
    meaning: "What the system is, which databases it reads and which views are its tabs.",
    identity: &[],
    words: &[
        must("title", ValueKind::Text, "The system's name, for the header."),
        must("source", ValueKind::Items(&SOURCE), "The logical databases that views read."),
        must("views", ValueKind::Order, "The tabs, in order, by file name; every other view says `hidden = true`."),
        word("include", ValueKind::Order, "Shared packs whose views this one has too."),
        word("lookup", ValueKind::ByName(&LOOKUP), "Which view answers a subcommand, by the subcommand's name."),
        word(
            "facts",
            ValueKind::Text,
            "A hidden view with a column `brief`: those texts stand below the overview's cards, as many as there is room \
             for.",
        ),
        word(
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
        must("name", ValueKind::Text, "What views and targets call it."),
        must("engine", ValueKind::Text, "`postgresql` or `mongodb`."),
        word("family", ValueKind::NotServed, "remove it: a source is one database; give each database its own target"),
        DISABLED,
    ],
};

const LOOKUP: TableSpec = TableSpec {
    header: "[lookup.<name>]",
    meaning: "What a subcommand asks.",
    identity: &[],
    words: &[must("view", ValueKind::Text, "A hidden view with `search = true`."), DISABLED],
};

/// `<view>.toml`
pub(super) const VIEW: TableSpec = TableSpec {
    header: "<view>.toml",
    meaning: "One tab, or a hidden helper. The file's name is the view's id.",
    identity: &[],
    words: &[
        must("title", ValueKind::Text, "For the tab; within a group, for the heading."),
        must("source", ValueKind::Text, "The source that the query runs on."),
        must(
            "query",
            ValueKind::Text,
            "The file of the query, which returns `severity`, `why` and the columns. Of a files view: its catalog.",
        ),
        must("row_key", ValueKind::Texts, "The columns that identify a row."),
        word("kind", ValueKind::Text, "`files` for a view that reconciles a catalog with a file store."),
        word("subtitle", ValueKind::Text, "What the rows are, for the header line."),
        word("empty", ValueKind::Text, "What an empty list means, said instead of rows."),
        word("refresh", ValueKind::Text, "How often it is asked while it is looked at: 1s to 1d. Default: 15s."),
        word(
            "search",
            ValueKind::Flag,
            "The query takes `:search`, so that `/` reaches rows beyond the limit. Default: false.",
        ),
        word("limit", ValueKind::Whole, "Rows that are loaded at most: 1 to 10000. Default: 500."),
        word("attention", ValueKind::Flag, "Its crit and warn rows enter the overview's list. Default: false."),
        word("hidden", ValueKind::Flag, "Not a tab: for lookups and enrichments. Default: false."),
        word(
            "group",
            ValueKind::Text,
            "Views of one group share a tab of that title, at the place of the first. Default, and what an empty text means: \
             a tab of its own.",
        ),
        word("threshold", ValueKind::TextByName, "Parameters with a default, which users change in their config."),
        word("facet", ValueKind::Items(&FACET), "Choices that narrow the list."),
        word("scope", ValueKind::Items(&SCOPE), "Parameters that links of other views set; unset they are NULL."),
        word("column", ValueKind::Items(&COLUMN), "What is shown of a row, in order."),
        word("enrich", ValueKind::Items(&ENRICH), "What is joined to the rows in the program."),
        word("detail", ValueKind::Table(&DETAIL), "What Enter shows of a row."),
        word("chart", ValueKind::Items(&CHART), "What the detail draws over time."),
        word("link", ValueKind::Items(&LINK), "Where `g` and a letter lead."),
        word("action", ValueKind::Items(&action::ACTION), "What may be done to rows."),
        word("files", ValueKind::Table(&FILES), "The file store of a files view."),
        DISABLED,
    ],
};

const FACET: TableSpec = TableSpec {
    header: "[[facet]]",
    meaning: "A parameter with a fixed set of values; `f` cycles them.",
    identity: &["name"],
    words: &[
        must("name", ValueKind::Text, "The parameter."),
        word("title", ValueKind::Text, "For the dialog. Default: the name in words."),
        must("choices", ValueKind::Texts, "The values; the first one is the default."),
        DISABLED,
    ],
};

const SCOPE: TableSpec = TableSpec {
    header: "[[scope]]",
    meaning: "A parameter that a link of another view sets; it is shown above the list and can be removed.",
    identity: &["name"],
    words: &[
        must("name", ValueKind::Text, "The parameter."),
        word("title", ValueKind::Text, "Stands before the value. Default: the name in words."),
        DISABLED,
    ],
};

const COLUMN: TableSpec = TableSpec {
    header: "[[column]]",
    meaning: "One column of the list.",
    identity: &["name"],
    words: &[
        must("name", ValueKind::Text, "The alias in the query, or in the enrichment that brings it."),
        word("title", ValueKind::Text, "For the header. Default: the name in words."),
        word("format", ValueKind::Text, FORMATS),
        word("width", ValueKind::TextOrWhole, "A number of cells, or `\"fill\"`. Default: as wide as its values."),
        word("tint", ValueKind::TextsByName, TINTS),
        word("max", ValueKind::Text, "The column with a gauge's full mark. Default: 100 is full."),
        word("null", ValueKind::Text, "What NULL means here, such as `\"perpetual\"`. Default: a dash."),
        word("hide", ValueKind::Flag, "Kept for links, enrichments and output, not drawn. Default: false."),
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
        word("query", ValueKind::Text, "A file whose query takes `:keys` and returns `key` and the columns."),
        word("view", ValueKind::Text, "Another view. The row's severity is the worse of both."),
        word("on", ValueKind::Text, "With `view`: the column of this view that holds the other one's row key."),
        must("columns", ValueKind::Texts, "The columns of this view that it fills."),
        word(
            "absent",
            ValueKind::TextByName,
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
        word(
            "query",
            ValueKind::Text,
            "A file whose query takes `:key` and returns one row; its columns become fields.",
        ),
        word("column", ValueKind::Items(&FIELD), "Formats of fields that are not plain text."),
        word("list", ValueKind::Items(&LIST), "Further lists, each under its title."),
        DISABLED,
    ],
};

const FIELD: TableSpec = TableSpec {
    header: "[[detail.column]], [[detail.list.column]]",
    meaning: "How one field, or one column of a list, is shown.",
    identity: &["name"],
    words: &[
        must("name", ValueKind::Text, "The alias in the query."),
        word("title", ValueKind::Text, "Default: the name in words."),
        word("format", ValueKind::Text, FORMATS),
        word("width", ValueKind::TextOrWhole, "Of lists: a number of cells, or `\"fill\"`."),
        word("tint", ValueKind::TextsByName, TINTS),
        word("max", ValueKind::Text, "The column with a gauge's full mark. Default: 100 is full."),
        word("null", ValueKind::Text, "What NULL means here, such as `\"perpetual\"`. Default: a dash."),
        word("hide", ValueKind::Flag, "Not shown. Default: false."),
        word("section", ValueKind::Text, "Of fields: the heading it stands under."),
        DISABLED,
    ],
};

const LIST: TableSpec = TableSpec {
    header: "[[detail.list]]",
    meaning: "A list within the detail.",
    identity: &["title"],
    words: &[
        must("title", ValueKind::Text, "The heading."),
        must("query", ValueKind::Text, "A file whose query takes `:key`."),
        word("column", ValueKind::Items(&FIELD), "Formats of its columns, where not plain."),
        DISABLED,
    ],
};

const CHART: TableSpec = TableSpec {
    header: "[[chart]]",
    meaning: "A chart within the detail.",
    identity: &["title"],
    words: &[
        must("title", ValueKind::Text, "The heading."),
        must(
            "query",
            ValueKind::Text,
            "A file whose query takes `:key` and `:window` and returns time, value and perhaps series.",
        ),
        must("windows", ValueKind::Texts, "Windows to choose from, such as `24 hours`; the first one is the default."),
        word("format", ValueKind::Text, "Unit of the values, as a column's. Default: float."),
        DISABLED,
    ],
};

const LINK: TableSpec = TableSpec {
    header: "[[link]]",
    meaning: "`g` and a letter open another view, scoped to this row.",
    identity: &["press"],
    words: &[
        must("view", ValueKind::Text, "Where it leads."),
        must("press", ValueKind::Text, "One letter; not `g`, which is the top."),
        word("title", ValueKind::Text, "For help. Default: the other view's title."),
        word(
            "set",
            ValueKind::TextByName,
            "A scope or facet of the other view, and the column of this one that gives its value.",
        ),
        word("label", ValueKind::Text, "The column that says the value in words. Default: the value itself."),
        DISABLED,
    ],
};

const FILES: TableSpec = TableSpec {
    header: "[files]",
    meaning: "The store that a files view's catalog is held against. All but the first two name columns of the catalog.",
    identity: &[],
    words: &[
        must("store", ValueKind::Text, "The source that holds the files."),
        must("bucket", ValueKind::Text, "The bucket, or path."),
        must("id", ValueKind::Text, "The stored file's id."),
        must("name", ValueKind::Text, "The file's name."),
        must("size", ValueKind::Text, "Its size in bytes."),
        must("checksum", ValueKind::Text, "Its SHA-256 in hex."),
        must("active", ValueKind::Text, "Whether it is being delivered."),
    ],
};
