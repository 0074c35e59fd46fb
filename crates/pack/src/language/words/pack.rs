//! The words of `pack.toml`.

use std::collections::BTreeMap;

use crate::{
    document::{Name, vocabulary, words_of},
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
        /// Shared packs whose views this one has too.
        layers include: Vec<Name> where ordered,
        /// Subcommands of the pack, by name, and the view that answers each.
        optional lookup: BTreeMap<Name, RawLookup>,
        /// A hidden view with a column `brief`. The overview shows these texts below its cards, as many as there is
        /// room for.
        optional facts: Option<Name>,
        /// remove it: opsdash sets nothing before a read, and row-level security would hide rows
        not_served scope,
    }

    /// A logical database. A target in the config gives it a URL.
    struct RawSource: "[[source]]", by ["name"] {
        /// The name that views and targets use.
        required name: Name,
        /// The product that serves it: `postgresql` or `mongodb`.
        required engine: Name where one_of(&ENGINES),
        /// remove it: a source is one database; give each database its own target
        not_served family,
        disabled,
    }

    /// The view behind a subcommand.
    struct RawLookup: "[lookup.<name>]" {
        /// A hidden view with `search = true`.
        required view: Name,
        disabled,
    }
}
