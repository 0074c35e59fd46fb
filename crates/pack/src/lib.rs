//! What people write for opsdash: packs, the config, and the keys.
//!
//! TOML is read with the place of every value, layered, and checked; what comes out has every name resolved. Each problem
//! has its file, line, value and remedy. Nothing here knows what is on screen or how a server is spoken to, and nothing
//! reads a file, a clock or the environment: the program hands texts in.

pub mod command;
pub mod config;
pub mod dialect;
pub mod document;
pub mod eject;
pub mod keymap;
pub mod language;
pub mod pack;
