//! TOML text that people write, up to the point where it has a meaning: parsed with the place of every value kept,
//! layered (the user's over ours), and held against a table of words. Packs and the config share it.

mod bytes;
mod duration;
mod layer;
mod problem;
mod reference;
mod spec;
mod text;

pub use bytes::parse_bytes;
pub use duration::parse_ms;
pub(crate) use layer::{drop_disabled, is_disabled, merge, repeated};

pub use problem::{Problem, Problems, SourceLocation, suggest};
pub(crate) use reference::describe;
pub(crate) use spec::{TableSpec, ValueKind, WordSpec, check_table};
pub(crate) use text::{SourceTexts, TomlDocument, TomlTable, TomlValue, decode, entry};
