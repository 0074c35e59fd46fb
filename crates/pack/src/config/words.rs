//! The words of the config. The loader checks files against these tables, and the reference is made from them.

use crate::document::{TableSpec, ValueKind, WordSpec, describe};

/// The reference of all words of the config, in Markdown.
#[must_use]
pub fn reference() -> String {
    describe(&CONFIG)
}

const fn optional(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: false, meaning }
}

const fn required(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: true, meaning }
}

/// `config.toml`
pub(super) const CONFIG: TableSpec = TableSpec {
    header: "config.toml",
    meaning: "The machine's file is merged with the user's, table by table. Where both set a word, the user's value counts.",
    identity: &[],
    words: &[
        optional(
            "default_target",
            ValueKind::Text,
            "The target that opens when none is asked for. Default: the only target.",
        ),
        optional(
            "read_only",
            ValueKind::Boolean,
            "Nothing is written to any target. A user's file may set it, not lift it. Default: false.",
        ),
        optional("operator_label", ValueKind::Text, "A text that is shown beside the operator's login."),
        optional("targets", ValueKind::TableMap(&TARGET), "The deployments, by name."),
        optional("screen", ValueKind::Table(&SCREEN), "How the screen looks."),
        optional(
            "keys",
            ValueKind::TextListMap,
            "The keys of a command, by the command's name. An empty list leaves the command without a key.",
        ),
        optional(
            "views",
            ValueKind::TableMap(&VIEW),
            "Changes to a view, by its id: `errors` in every system, or `\"<system>.errors\"`.",
        ),
    ],
};

const TARGET: TableSpec = TableSpec {
    header: "[targets.<name>]",
    meaning: "One deployment of a system.",
    identity: &[],
    words: &[
        required("system", ValueKind::Text, "The pack that describes it."),
        optional(
            "protected",
            ValueKind::Boolean,
            "Read-only until armed. A user may set it, not lift it. Default: false.",
        ),
        optional(
            "read_only",
            ValueKind::Boolean,
            "Nothing is written to this target. A user's file may set it, not lift it. Default: false.",
        ),
        required("sources", ValueKind::TableMap(&SOURCE), "Where each source of the pack is, by its name."),
    ],
};

const SOURCE: TableSpec = TableSpec {
    header: "[targets.<name>.sources.<source>]",
    meaning: "How one source is reached.",
    identity: &[],
    words: &[
        optional(
            "url",
            ValueKind::Text,
            "Where the source is. A URL with a password must be in a file that only its owner can read. `file:///path` is a \
             file store in a folder, with the files at `path/<bucket>/<id>/<name>`.",
        ),
        optional("urls", ValueKind::TextList, "Several URLs in place of `url`, tried in order."),
        optional(
            "replica_url",
            ValueKind::Text,
            "Where reads go. Writes, and the reads that belong to a write, use `url`.",
        ),
        optional(
            "password",
            ValueKind::ReplacedTable(&PASSWORD),
            "Where the password comes from. Default: from the URL, else from where libpq takes it.",
        ),
        optional("naive_zone", ValueKind::Text, "The zone of timestamps without a zone. Default: UTC."),
        optional(
            "ca_file",
            ValueKind::Text,
            "The file of the CA that signed the server's certificate. Default: the system's bundle.",
        ),
        optional("timeout", ValueKind::Text, "How long a statement may run: 100ms to 10m."),
        optional(
            "read_rate",
            ValueKind::Text,
            "How many bytes a second are read of files that are verified or fetched: 100KB to 10GB. Default: no bound.",
        ),
    ],
};

const PASSWORD: TableSpec = TableSpec {
    header: "password = { .. }",
    meaning: "Where the password comes from: one of these words.",
    identity: &[],
    words: &[
        optional("env", ValueKind::Text, "A variable of the environment. An unset one is an error."),
        optional("file", ValueKind::Text, "The first line of a file that only its owner can read."),
        optional(
            "command",
            ValueKind::TextList,
            "The first line that a program prints within 10 s: its path and arguments. It runs without a shell.",
        ),
    ],
};

const SCREEN: TableSpec = TableSpec {
    header: "[screen]",
    meaning: "How the screen looks.",
    identity: &[],
    words: &[
        optional("theme", ValueKind::Text, "`terminal`, `dark`, `light` or `mono`. Default: terminal."),
        optional("ascii", ValueKind::Boolean, "Draw with ASCII only. Default: when the locale is not UTF-8."),
        optional("time", ValueKind::Text, "The zone of times: `utc` or `local`. Default: utc."),
        optional("bell", ValueKind::Boolean, "Ring on a new crit row. Default: true."),
    ],
};

const VIEW: TableSpec = TableSpec {
    header: "[views.<id>]",
    meaning: "Changes to a view.",
    identity: &[],
    words: &[
        optional("refresh", ValueKind::Text, "How often the query runs: 1s to 1d. Default: the pack's."),
        optional("limit", ValueKind::Integer, "The most rows that are loaded: 1 to 10000. Default: the pack's."),
        optional("threshold", ValueKind::TextMap, "New values of the view's thresholds, by name."),
    ],
};
