//! The words of `schema.toml`.

use super::{DISABLED, TableSpec, ValueKind, optional, required};

/// `schema.toml`
pub(crate) const SCHEMA: TableSpec = TableSpec {
    header: "schema.toml",
    meaning: "The documented schema of the system's databases. `opsdash doctor` compares the servers with it, and \
              `doctor --grants` makes logins from it. Names are the document's own.",
    identity: &[],
    words: &[
        optional(
            "source",
            ValueKind::TableMap(&SCHEMA_SOURCE),
            "What is documented of a source as a whole, by the source's name.",
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
        optional("by_hand", ValueKind::TableList(&BY_HAND), "What no source can tell, so that somebody has to look."),
    ],
};

const SCHEMA_SOURCE: TableSpec = TableSpec {
    header: "[source.<name>] of schema.toml",
    meaning: "What is documented of a source as a whole.",
    identity: &[],
    words: &[
        optional("version", ValueKind::Text, "The documented major version of the server, such as `\"15\"`."),
        optional(
            "naming",
            ValueKind::Text,
            "How the database and the queries write names of several words: `quoted` (as documented), `snake` or `folded`. \
             `opsdash packs eject --naming` writes a pack with another naming. Default: quoted.",
        ),
        optional("extensions", ValueKind::TextList, "Extensions that the schema needs."),
        optional(
            "migrations",
            ValueKind::TextList,
            "Migrations that must have run, oldest first, without digits that the tool appends.",
        ),
        optional(
            "migrations_table",
            ValueKind::Text,
            "The table whose column `name` has the names of migrations. Default: migrations.",
        ),
        optional(
            "clock",
            ValueKind::Text,
            "`table.column` of a time that the system writes continuously. It shows whether the zone is wrong.",
        ),
        optional(
            "reader_roles",
            ValueKind::TextMap,
            "Roles of the server that let a reader see more, each with what it shows.",
        ),
        optional(
            "operator_roles",
            ValueKind::TextMap,
            "Roles of the server that actions need, each with what it allows.",
        ),
        DISABLED,
    ],
};

const TABLE: TableSpec = TableSpec {
    header: "[table.<name>]",
    meaning: "A table. An index is identified by its columns and condition, never by its name: `\"a, b DESC WHERE NOT done\"`.",
    identity: &[],
    words: &[
        optional("source", ValueKind::Text, "The source of the table. Default: the only SQL source."),
        optional("key", ValueKind::Text, "The columns of the primary key."),
        optional("unique", ValueKind::TextList, "Unique indexes and constraints."),
        optional("index", ValueKind::TextList, "Other indexes."),
        required("column", ValueKind::TableMap(&SCHEMA_COLUMN), "The columns, by name."),
        optional("worth", ValueKind::TableList(&WORTH), "Indexes that are not documented but worth having."),
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
            "The column holds a hash or another secret: `--grants` lets nobody read it. Default: false.",
        ),
        optional(
            "write",
            ValueKind::Boolean,
            "An action writes the column: `--grants` lets an operator write it. Default: false.",
        ),
        DISABLED,
    ],
};

const WORTH: TableSpec = TableSpec {
    header: "[[table.<name>.worth]]",
    meaning: "An index worth having. `doctor` shows its SQL and creates nothing.",
    identity: &["index"],
    words: &[
        required("index", ValueKind::Text, "The columns, and `WHERE` with the condition of a partial index."),
        required("why", ValueKind::Text, "What it makes better, measured."),
        DISABLED,
    ],
};

const COLLECTION: TableSpec = TableSpec {
    header: "[collection.<name>]",
    meaning: "A collection of MongoDB.",
    identity: &[],
    words: &[
        optional("source", ValueKind::Text, "The source of the collection. Default: the only MongoDB source."),
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
        required("title", ValueKind::Text, "The title of the query in the document."),
        required(
            "why",
            ValueKind::Text,
            "Why the query fails. Queries that fail for the same reason have the same text.",
        ),
        required("instead", ValueKind::Text, "What answers the question instead: a command, or what to write."),
        optional("source", ValueKind::Text, "The source that the query is for. Default: the only SQL source."),
        DISABLED,
    ],
};

const BY_HAND: TableSpec = TableSpec {
    header: "[[by_hand]]",
    meaning: "Something that no source can tell. `doctor` says that nobody looked.",
    identity: &["what"],
    words: &[
        required("what", ValueKind::Text, "What is to be looked at."),
        required("how", ValueKind::Text, "How to look."),
        DISABLED,
    ],
};
