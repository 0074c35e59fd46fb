//! The words of `schema.toml`.

use super::{DISABLED, TableSpec, ValueKind, must, word};

/// `schema.toml`
pub(crate) const SCHEMA: TableSpec = TableSpec {
    header: "schema.toml",
    meaning: "What the system's document says of its databases. `opsdash doctor` holds the servers against it, and \
              `doctor --grants` derives logins from it. Names are the document's own.",
    identity: &[],
    words: &[
        word("source", ValueKind::ByName(&SCHEMA_SOURCE), "What holds for a source as a whole, by the source's name."),
        word("table", ValueKind::ByName(&TABLE), "Tables, by name."),
        word("collection", ValueKind::ByName(&COLLECTION), "Collections, by name."),
        word("query", ValueKind::Items(&BROKEN_QUERY), "Documented queries that cannot run as they are written."),
        word(
            "default_passwords",
            ValueKind::Texts,
            "Passwords that the document prints. They are compared, never shown.",
        ),
        word("by_hand", ValueKind::Items(&BY_HAND), "What no source can tell."),
    ],
};

const SCHEMA_SOURCE: TableSpec = TableSpec {
    header: "[source.<name>] of schema.toml",
    meaning: "What holds for a source as a whole.",
    identity: &[],
    words: &[
        word("version", ValueKind::Text, "The server's major version that the document names, as in `\"15\"`."),
        word(
            "naming",
            ValueKind::Text,
            "How the database and the queries write names of several words: `quoted` (as documented), `snake` or `folded`. \
             Default: quoted. `opsdash packs eject --naming` writes a pack that says another.",
        ),
        word("extensions", ValueKind::Texts, "Extensions that the schema needs."),
        word("migrations", ValueKind::Texts, "Migrations that must have run, oldest first, without appended digits."),
        word("migrations_table", ValueKind::Text, "The table that holds their names in `name`. Default: migrations."),
        word(
            "clock",
            ValueKind::Text,
            "`table.column` of a time that the system writes all the time: it shows a wrong zone.",
        ),
        word("reader_roles", ValueKind::TextByName, "Roles of the server that show a reader more, and what they show."),
        word("operator_roles", ValueKind::TextByName, "Roles of the server that actions need, and what they allow."),
        DISABLED,
    ],
};

const TABLE: TableSpec = TableSpec {
    header: "[table.<name>]",
    meaning: "A table. Indexes are told by their columns, never by name: `\"a, b DESC WHERE NOT done\"`.",
    identity: &[],
    words: &[
        word("source", ValueKind::Text, "The source it is in. Default: the only one that has tables."),
        word("key", ValueKind::Text, "The columns of the primary key."),
        word("unique", ValueKind::Texts, "Unique indexes and constraints."),
        word("index", ValueKind::Texts, "Other indexes."),
        must("column", ValueKind::ByName(&SCHEMA_COLUMN), "Its columns, by name."),
        word("worth", ValueKind::Items(&WORTH), "Indexes that are not documented and worth having."),
        DISABLED,
    ],
};

const SCHEMA_COLUMN: TableSpec = TableSpec {
    header: "[table.<name>.column]",
    meaning: "A column: `id = { type = \"uuid\" }`. It has a `type`, or `labels`.",
    identity: &[],
    words: &[
        word(
            "type",
            ValueKind::Text,
            "`uuid`, `text`, `varchar`, `boolean`, `smallint`, `integer`, `bigint`, `numeric`, `real`, `double`, `timestamp`, \
             `timestamptz`, `date`, `json`, `jsonb` or `bytea`.",
        ),
        word("labels", ValueKind::Texts, "The labels of an enum type."),
        word("secret", ValueKind::Flag, "A hash or another secret: `--grants` lets nobody read it. Default: false."),
        word("write", ValueKind::Flag, "An action writes it: `--grants` lets an operator. Default: false."),
        DISABLED,
    ],
};

const WORTH: TableSpec = TableSpec {
    header: "[[table.<name>.worth]]",
    meaning: "An index worth having. `doctor` shows its SQL and creates nothing.",
    identity: &["index"],
    words: &[
        must("index", ValueKind::Text, "Its columns, and `WHERE` with its condition."),
        must("why", ValueKind::Text, "What it makes better, measured."),
        DISABLED,
    ],
};

const COLLECTION: TableSpec = TableSpec {
    header: "[collection.<name>]",
    meaning: "A collection of MongoDB.",
    identity: &[],
    words: &[
        word("source", ValueKind::Text, "The source it is in. Default: the only one that has collections."),
        word("unique", ValueKind::Texts, "Unique indexes."),
        word("index", ValueKind::Texts, "Other indexes."),
        DISABLED,
    ],
};

const BROKEN_QUERY: TableSpec = TableSpec {
    header: "[[query]]",
    meaning: "A query of the document that cannot run as it is written.",
    identity: &["title"],
    words: &[
        must("title", ValueKind::Text, "Its title in the document."),
        must("why", ValueKind::Text, "Why it fails; queries that fail for the same reason say it in the same words."),
        must("instead", ValueKind::Text, "What answers it: a command, or what to write."),
        word("source", ValueKind::Text, "The source it is for. Default: the only one that has tables."),
        DISABLED,
    ],
};

const BY_HAND: TableSpec = TableSpec {
    header: "[[by_hand]]",
    meaning: "Something that no source can tell; `doctor` says that it was not looked at.",
    identity: &["what"],
    words: &[
        must("what", ValueKind::Text, "What is to be looked at."),
        must("how", ValueKind::Text, "How to look."),
        DISABLED,
    ],
};
