//! opsdash, the program.

pub mod packs;
pub mod settings;
