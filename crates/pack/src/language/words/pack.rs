//! The words of `pack.toml`.

use std::collections::BTreeMap;

use toml::Spanned;

use super::RawFamily;
use crate::{
    document::{Name, TextsOrMap, vocabulary, words_of},
    pack::Engine,
};

const ENGINES: [&str; Engine::SERVED.len()] = words_of(&Engine::SERVED);

vocabulary! {
    /// What the system is, which databases it reads and which views are its tabs.
    struct RawPack: "pack.toml" {
        /// The system's name, for the header.
        required title: Name,
        /// The logical databases that views read.
        required source: Vec<RawSource>,
        /// The tabs, in order, by file name; every other view says `hidden = true`.
        required views: Vec<Name> where ordered,
        /// Shared packs whose views this one has too: a list, or a table with the source that each reads, as in
        /// `{ postgres = "main" }`. In a list each reads the only source of its kind.
        layers include: TextsOrMap,
        /// Subcommands of the pack, by name, and the view that answers each.
        optional lookup: BTreeMap<Name, RawLookup>,
        /// A hidden view with a column `brief`. The overview shows these texts below its cards, as many as there is
        /// room for.
        optional facts: Option<Name>,
        /// Whose rows are seen, where row-level security lets a login see those of one scope at a time.
        optional scope: Option<Spanned<RawScope>>,
    }

    /// Whose rows are seen: one of many customers, say, or sites. Somebody chooses; until then nothing is known of what
    /// belongs to one of them.
    struct RawScope: "[scope]" {
        /// What one of them is called, in lowercase: `client`.
        required title: Name,
        /// The source with row-level security, of PostgreSQL. Its views are asked within the chosen scope, unless they
        /// say `scoped = false`.
        required source: Name,
        /// The setting that policies read, such as `app.current_client_id`. It is set to the `id` of the chosen scope for
        /// each transaction alone.
        required setting: Name,
        /// A file whose query returns all that can be chosen, in the columns `id` and `label`. It takes no parameter and
        /// is asked without a scope: rows that policies hide from it are an error.
        required query: Name,
    }

    /// A logical database. A target in the config gives it a URL.
    struct RawSource: "[[source]]", by ["name"] {
        /// The name that views and targets use.
        required name: Name,
        /// The product that serves it: `postgresql`, `mongodb` or `sqlserver`.
        required engine: Name where one_of(&ENGINES),
        /// Of PostgreSQL: the schema in which names without a schema are looked up first. Default: the login's own
        /// `search_path`.
        optional schema: Option<Name>,
        /// A target may leave the source out. Its views then say so, and `opsdash check` asks them only by name.
        /// Default: false.
        optional optional: bool,
        /// That the source stands for many databases. Default: it is one.
        optional family: Option<Spanned<RawFamily>>,
        disabled,
    }

    /// The view behind a subcommand.
    struct RawLookup: "[lookup.<name>]" {
        /// A hidden view with `search = true` and a column `usable`. Its columns `reasons` and `exact` count too.
        required view: Name,
        /// The word for a row that is usable, in text and JSON. Default: usable.
        optional yes: Option<Name>,
        /// The word for a row that is not usable. Default: unusable.
        optional no: Option<Name>,
        /// What is typed is a key or another secret: it is masked wherever it is printed. Default: false.
        optional secret: bool,
        disabled,
    }
}
