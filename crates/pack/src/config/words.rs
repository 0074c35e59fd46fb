//! The words of the config: the one table that files are checked against and that the reference is made from.

use crate::document::{TableSpec, ValueKind, WordSpec, describe};

/// The reference of all words of the config, in Markdown.
#[must_use]
pub fn reference() -> String {
    describe(&CONFIG)
}

const fn word(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: false, meaning }
}

const fn must(name: &'static str, kind: ValueKind, meaning: &'static str) -> WordSpec {
    WordSpec { name, kind, required: true, meaning }
}

/// `config.toml`
pub(super) const CONFIG: TableSpec = TableSpec {
    header: "config.toml",
    meaning: "The machine's file, then the user's over it, merged by table.",
    identity: &[],
    words: &[
        word("default_target", ValueKind::Text, "The target that opens when none is asked for. Default: the only one."),
        word("read_only", ValueKind::Flag, "No writes anywhere. A user may set it, not lift it. Default: false."),
        word("operator_label", ValueKind::Text, "Shown beside the operator's login."),
        word("targets", ValueKind::ByName(&TARGET), "Deployments, by name."),
        word("screen", ValueKind::Table(&SCREEN), "How the screen looks."),
        word("keys", ValueKind::TextsByName, "A command's keys, by its name; an empty list takes its keys away."),
        word(
            "views",
            ValueKind::ByName(&VIEW),
            "What to change of a view, by its id: `errors`, or `\"<system>.errors\"`.",
        ),
    ],
};

const TARGET: TableSpec = TableSpec {
    header: "[targets.<name>]",
    meaning: "One deployment of a system.",
    identity: &[],
    words: &[
        must("system", ValueKind::Text, "The pack that describes it."),
        word("protected", ValueKind::Flag, "Read-only until armed. A user may set it, not lift it. Default: false."),
        word("read_only", ValueKind::Flag, "Never written to. A user may set it, not lift it. Default: false."),
        must("sources", ValueKind::ByName(&SOURCE), "Where each source of the pack is, by its name."),
    ],
};

const SOURCE: TableSpec = TableSpec {
    header: "[targets.<name>.sources.<source>]",
    meaning: "How one source is reached.",
    identity: &[],
    words: &[
        word(
            "url",
            ValueKind::Text,
            "Where it is. A password in it wants a file that only its owner can read. Files that lie in a folder, each below one named by its id, are at `file:///path`.",
        ),
        word("urls", ValueKind::Texts, "Several of them, tried in order."),
        word("replica_url", ValueKind::Text, "Where reads go; writes and what belongs to them use `url`."),
        word(
            "password",
            ValueKind::Choice(&PASSWORD),
            "Where the password comes from. Default: the URL, then as libpq does.",
        ),
        word("naive_zone", ValueKind::Text, "The zone of timestamps without one. Default: UTC."),
        word("ca_file", ValueKind::Text, "The CA of the server's certificate. Default: the system's bundle."),
        word("timeout", ValueKind::Text, "How long a statement may run: 100ms to 10m."),
        word(
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
        word("env", ValueKind::Text, "A variable of the environment; unset is an error."),
        word("file", ValueKind::Text, "The first line of a file that only its owner can read."),
        word(
            "command",
            ValueKind::Texts,
            "The first line that a program prints within 10 s: its path and arguments, no shell.",
        ),
    ],
};

const SCREEN: TableSpec = TableSpec {
    header: "[screen]",
    meaning: "How the screen looks.",
    identity: &[],
    words: &[
        word("theme", ValueKind::Text, "`terminal`, `dark`, `light` or `mono`. Default: terminal."),
        word("ascii", ValueKind::Flag, "Draw with ASCII alone. Default: as the locale says."),
        word("time", ValueKind::Text, "`utc` or `local`. Default: utc."),
        word("bell", ValueKind::Flag, "Ring on a new crit row. Default: true."),
    ],
};

const VIEW: TableSpec = TableSpec {
    header: "[views.<id>]",
    meaning: "What to change of a view.",
    identity: &[],
    words: &[
        word("refresh", ValueKind::Text, "How often it is asked: 1s to 1d."),
        word("limit", ValueKind::Whole, "Rows loaded at most: 1 to 10000."),
        word("threshold", ValueKind::TextByName, "Thresholds of the view, by name."),
    ],
};
