//! The words of the config: the one table that files are checked against and that the reference is made from.

use crate::document::{Kind, Shape, Word, describe};

/// The reference of all words of the config, in Markdown.
#[must_use]
pub fn reference() -> String {
    describe(&CONFIG)
}

const fn word(name: &'static str, kind: Kind, meaning: &'static str) -> Word {
    Word { name, kind, required: false, meaning }
}

const fn must(name: &'static str, kind: Kind, meaning: &'static str) -> Word {
    Word { name, kind, required: true, meaning }
}

/// `config.toml`
pub(super) const CONFIG: Shape = Shape {
    header: "config.toml",
    meaning: "The machine's file, then the user's over it, merged by table.",
    identity: &[],
    words: &[
        word("default_target", Kind::Text, "The target that opens when none is asked for. Default: the only one."),
        word("read_only", Kind::Flag, "No writes anywhere. A user may set it, not lift it. Default: false."),
        word("operator_label", Kind::Text, "Shown beside the operator's login."),
        word("targets", Kind::ByName(&TARGET), "Deployments, by name."),
        word("screen", Kind::Table(&SCREEN), "How the screen looks."),
        word("keys", Kind::TextsByName, "A command's keys, by its name; an empty list takes its keys away."),
        word("views", Kind::ByName(&VIEW), "What to change of a view, by its id: `errors`, or `\"<system>.errors\"`."),
    ],
};

const TARGET: Shape = Shape {
    header: "[targets.<name>]",
    meaning: "One deployment of a system.",
    identity: &[],
    words: &[
        must("system", Kind::Text, "The pack that describes it."),
        word("protected", Kind::Flag, "Read-only until armed. A user may set it, not lift it. Default: false."),
        word("read_only", Kind::Flag, "Never written to. A user may set it, not lift it. Default: false."),
        must("sources", Kind::ByName(&SOURCE), "Where each source of the pack is, by its name."),
    ],
};

const SOURCE: Shape = Shape {
    header: "[targets.<name>.sources.<source>]",
    meaning: "How one source is reached.",
    identity: &[],
    words: &[
        word(
            "url",
            Kind::Text,
            "Where it is. A password in it wants a file that only its owner can read. Files that lie in a folder, each below one named by its id, are at `file:///path`.",
        ),
        word("urls", Kind::Texts, "Several of them, tried in order."),
        word("replica_url", Kind::Text, "Where reads go; writes and what belongs to them use `url`."),
        word(
            "password",
            Kind::Choice(&PASSWORD),
            "Where the password comes from. Default: the URL, then as libpq does.",
        ),
        word("naive_zone", Kind::Text, "The zone of timestamps without one. Default: UTC."),
        word("ca_file", Kind::Text, "The CA of the server's certificate. Default: the system's bundle."),
        word("timeout", Kind::Text, "How long a statement may run: 100ms to 10m."),
        word(
            "read_rate",
            Kind::Text,
            "How fast files are read to be verified or fetched, a second: 100KB to 10GB. Default: as fast as they come.",
        ),
    ],
};

const PASSWORD: Shape = Shape {
    header: "password = { .. }",
    meaning: "One of these.",
    identity: &[],
    words: &[
        word("env", Kind::Text, "A variable of the environment; unset is an error."),
        word("file", Kind::Text, "The first line of a file that only its owner can read."),
        word(
            "command",
            Kind::Texts,
            "The first line that a program prints within 10 s: its path and arguments, no shell.",
        ),
    ],
};

const SCREEN: Shape = Shape {
    header: "[screen]",
    meaning: "How the screen looks.",
    identity: &[],
    words: &[
        word("theme", Kind::Text, "`terminal`, `dark`, `light` or `mono`. Default: terminal."),
        word("ascii", Kind::Flag, "Draw with ASCII alone. Default: as the locale says."),
        word("time", Kind::Text, "`utc` or `local`. Default: utc."),
        word("bell", Kind::Flag, "Ring on a new crit row. Default: true."),
    ],
};

const VIEW: Shape = Shape {
    header: "[views.<id>]",
    meaning: "What to change of a view.",
    identity: &[],
    words: &[
        word("refresh", Kind::Text, "How often it is asked: 1s to 1d."),
        word("limit", Kind::Whole, "Rows loaded at most: 1 to 10000."),
        word("threshold", Kind::TextByName, "Thresholds of the view, by name."),
    ],
};
