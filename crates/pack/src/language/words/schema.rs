//! The words of `schema.toml`.

use super::{DISABLED, TableSpec, ValueKind, optional, required};

/// `schema.toml`
pub(crate) const SCHEMA: TableSpec = TableSpec {
    header: "schema.toml",
    meaning: "What the system's document says of its databases. `opsdash doctor` holds the servers against it, and \
              `doctor --grants` derives logins from it. Names are the document's own.",
    identity: &[],
    words: &[
        optional(
            "source",
            ValueKind::TableMap(&SCHEMA_SOURCE),
            "What holds for a source as a whole, by the source's name.",
        ),
        optional("table", ValueKind::TableMap(&TABLE), "Tables, by name."),
        optional("collection", ValueKind::TableMap(&COLLECTION), "Collections, by name."),
        optional(
            "query",
            ValueKind::TableList(&BROKEN_QUERY),
            "Documented queries that cannot run as they are written.",
        ),
        optional(
            "default_passwords",
            ValueKind::TextList,
            "Passwords that the document prints. They are compared, never shown.",
        ),
        optional("by_hand", ValueKind::TableList(&BY_HAND), "What no source can tell."),
    ],
};

const SCHEMA_SOURCE: TableSpec = TableSpec {
    header: "[source.<name>] of schema.toml",
    meaning: "What holds for a source as a whole.",
    identity: &[],
    words: &[
        optional("version", ValueKind::Text, "The server's major version that the document names, as in `\"15\"`."),
        optional(
            "naming",
            ValueKind::Text,
            "How the database and the queries write names of several words: `quoted` (as documented), `snake` or `folded`. \
             Default: quoted. `opsdash packs eject --naming` writes a pack that says another.",
        ),
        optional("extensions", ValueKind::TextList, "Extensions that the schema needs."),
        optional(
            "migrations",
            ValueKind::TextList,
            "Migrations that must have run, oldest first, without appended digits.",
        ),
        optional(
            "migrations_table",
            ValueKind::Text,
            "The table that holds their names in `name`. Default: migrations.",
        ),
        optional(
            "clock",
            ValueKind::Text,
            "`table.column` of a time that the system writes all the time: it shows a wrong zone.",
        ),
        optional(
            "reader_roles",
            ValueKind::TextMap,
            "Roles of the server that show a reader more, and what they show.",
        ),
        optional("operator_roles", ValueKind::TextMap, "Roles of the server that actions need, and what they allow."),
        DISABLED,
    ],
};

const TABLE: TableSpec = TableSpec {
    header: "[table.<name>]",
    meaning: "A table. Indexes are told by their columns, never by name: `\"a, b DESC WHERE NOT done\"`.",
    identity: &[],
    words: &[
        optional("source", ValueKind::Text, "The source it is in. Default: the only one that has tables."),
        optional("key", ValueKind::Text, "The columns of the primary key."),
        optional("unique", ValueKind::TextList, "Unique indexes and constraints."),
        optional("index", ValueKind::TextList, "Other indexes."),
        required("column", ValueKind::TableMap(&SCHEMA_COLUMN), "Its columns, by name."),
        optional("worth", ValueKind::TableList(&WORTH), "Indexes that are not documented and worth having."),
        DISABLED,
    ],
};

const SCHEMA_COLUMN: TableSpec = TableSpec {
    header: "[table.<name>.column]",
    meaning: "A column: `id = { type = \"uuid\" }`. It has a `type`, or `labels`.",
    identity: &[],
    words: &[
        optional(
            "type",
            ValueKind::Text,
            "`uuid`, `text`, `varchar`, `boolean`, `smallint`, `integer`, `bigint`, `numeric`, `real`, `double`, `timestamp`, \
             `timestamptz`, `date`, `json`, `jsonb` or `bytea`.",
        ),
        optional("labels", ValueKind::TextList, "The labels of an enum type."),
        optional(
            "secret",
            ValueKind::Boolean,
            "A hash or another secret: `--grants` lets nobody read it. Default: false.",
        ),
        optional("write", ValueKind::Boolean, "An action writes it: `--grants` lets an operator. Default: false."),
        DISABLED,
    ],
};

const WORTH: TableSpec = TableSpec {
    header: "[[table.<name>.worth]]",
    meaning: "An index worth having. `doctor` shows its SQL and creates nothing.",
    identity: &["index"],
    words: &[
        required("index", ValueKind::Text, "Its columns, and `WHERE` with its condition."),
        required("why", ValueKind::Text, "What it makes better, measured."),
        DISABLED,
    ],
};

const COLLECTION: TableSpec = TableSpec {
    header: "[collection.<name>]",
    meaning: "A collection of MongoDB.",
    identity: &[],
    words: &[
        optional("source", ValueKind::Text, "The source it is in. Default: the only one that has collections."),
        optional("unique", ValueKind::TextList, "Unique indexes."),
        optional("index", ValueKind::TextList, "Other indexes."),
        DISABLED,
    ],
};

const BROKEN_QUERY: TableSpec = TableSpec {
    header: "[[query]]",
    meaning: "A query of the document that cannot run as it is written.",
    identity: &["title"],
    words: &[
        required("title", ValueKind::Text, "Its title in the document."),
        required(
            "why",
            ValueKind::Text,
            "Why it fails; queries that fail for the same reason say it in the same words.",
        ),
        required("instead", ValueKind::Text, "What answers it: a command, or what to write."),
        optional("source", ValueKind::Text, "The source it is for. Default: the only one that has tables."),
        DISABLED,
    ],
};

const BY_HAND: TableSpec = TableSpec {
    header: "[[by_hand]]",
    meaning: "Something that no source can tell; `doctor` says that it was not looked at.",
    identity: &["what"],
    words: &[
        required("what", ValueKind::Text, "What is to be looked at."),
        required("how", ValueKind::Text, "How to look."),
        DISABLED,
    ],
};
