//! TOML files before their words mean anything, for packs and the config alike. A file is parsed with the location of
//! every value, layered over the files below it, and checked against a table of words, which `vocabulary` declares
//! together with the type of the table.

mod bytes;
mod duration;
mod json_schema;
mod layer;
mod problem;
mod reference;
mod spec;
mod text;
mod vocabulary;

pub use bytes::parse_bytes;
pub use duration::parse_ms;
pub(crate) use json_schema::json_schema;
pub(crate) use layer::{drop_disabled, is_disabled, merge, repeated};

pub use problem::{Problem, Problems, SourceLocation, nearest, suggest};
pub(crate) use reference::describe;
pub(crate) use spec::{TableSpec, ValueKind, WordSpec, check_table};
pub(crate) use text::{SourceTexts, TomlDocument, TomlTable, TomlValue, decode, entry};
pub(crate) use vocabulary::{Name, TextOr, TextsOrMap, WordType, vocabulary, words_of};
