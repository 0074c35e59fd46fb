//! opsdash, the program.

pub mod packs;
