//! The words of the config: the one table that files are checked against and that the reference is made from.

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
    meaning: "The machine's file, then the user's over it, merged by table.",
    identity: &[],
    words: &[
        optional(
            "default_target",
            ValueKind::Text,
            "The target that opens when none is asked for. Default: the only one.",
        ),
        optional(
            "read_only",
            ValueKind::Boolean,
            "No writes anywhere. A user may set it, not lift it. Default: false.",
        ),
        optional("operator_label", ValueKind::Text, "Shown beside the operator's login."),
        optional("targets", ValueKind::TableMap(&TARGET), "Deployments, by name."),
        optional("screen", ValueKind::Table(&SCREEN), "How the screen looks."),
        optional("keys", ValueKind::TextListMap, "A command's keys, by its name; an empty list takes its keys away."),
        optional(
            "views",
            ValueKind::TableMap(&VIEW),
            "What to change of a view, by its id: `errors`, or `\"<system>.errors\"`.",
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
        optional("read_only", ValueKind::Boolean, "Never written to. A user may set it, not lift it. Default: false."),
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
            "Where it is. A password in it wants a file that only its owner can read. Files that lie in a folder, each below one named by its id, are at `file:///path`.",
        ),
        optional("urls", ValueKind::TextList, "Several of them, tried in order."),
        optional("replica_url", ValueKind::Text, "Where reads go; writes and what belongs to them use `url`."),
        optional(
            "password",
            ValueKind::ReplacedTable(&PASSWORD),
            "Where the password comes from. Default: the URL, then as libpq does.",
        ),
        optional("naive_zone", ValueKind::Text, "The zone of timestamps without one. Default: UTC."),
        optional("ca_file", ValueKind::Text, "The CA of the server's certificate. Default: the system's bundle."),
        optional("timeout", ValueKind::Text, "How long a statement may run: 100ms to 10m."),
        optional(
            "read_rate",
            ValueKind::Text,
            "How fast files are read to be verified or fetched, a second: 100KB to 10GB. Default: as fast as they come.",
        ),
    ],
};

const PASSWORD: TableSpec = TableSpec {
    header: "password = { .. }",
    meaning: "One of these.",
    identity: &[],
    words: &[
        optional("env", ValueKind::Text, "A variable of the environment; unset is an error."),
        optional("file", ValueKind::Text, "The first line of a file that only its owner can read."),
        optional(
            "command",
            ValueKind::TextList,
            "The first line that a program prints within 10 s: its path and arguments, no shell.",
        ),
    ],
};

const SCREEN: TableSpec = TableSpec {
    header: "[screen]",
    meaning: "How the screen looks.",
    identity: &[],
    words: &[
        optional("theme", ValueKind::Text, "`terminal`, `dark`, `light` or `mono`. Default: terminal."),
        optional("ascii", ValueKind::Boolean, "Draw with ASCII alone. Default: as the locale says."),
        optional("time", ValueKind::Text, "`utc` or `local`. Default: utc."),
        optional("bell", ValueKind::Boolean, "Ring on a new crit row. Default: true."),
    ],
};

const VIEW: TableSpec = TableSpec {
    header: "[views.<id>]",
    meaning: "What to change of a view.",
    identity: &[],
    words: &[
        optional("refresh", ValueKind::Text, "How often it is asked: 1s to 1d."),
        optional("limit", ValueKind::Integer, "Rows loaded at most: 1 to 10000."),
        optional("threshold", ValueKind::TextMap, "Thresholds of the view, by name."),
    ],
};
