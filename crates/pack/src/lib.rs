//! The files that people write for opsdash: packs, the config, and its keys.
//!
//! A file goes through four steps. [`document`] parses TOML and keeps the location of every value, merges the layers of
//! a file, and checks the result against a table of words. serde then deserializes the words into plain types, called
//! raw; table and type come from one declaration. A check resolves the names and applies the rules. What comes out is
//! checked: a [`pack::Pack`] or a [`config::Config`]. Every problem on the way has a file, a line, the wrong value and a
//! remedy, and all problems are reported at once.
//!
//! - [`language`] is the language of packs: `words` (the vocabulary), `layer` and `check`. [`pack`] has the checked
//!   types.
//! - [`declared`] makes the statements of declared writes.
//! - [`dialect`] reads the statements of packs: PostgreSQL's SQL, and MongoDB's queries in JSON.
//! - [`config`] has the same parts for the config, and checks the config against the packs.
//! - [`command`] is the table of the dashboard's commands, and [`keymap`] their keys.
//! - [`eject`] rewrites the files of a pack for a database with other names.
//!
//! This crate knows neither the model of the screen nor the drivers of the servers. It reads no files, no clock and no
//! environment: the program gives it the texts.

pub mod command;
pub mod config;
pub mod declared;
pub mod dialect;
pub mod document;
pub mod eject;
pub mod keymap;
pub mod language;
pub mod pack;
