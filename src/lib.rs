//! opsdash: the program. Here are the terminal, the files, the shell, and the tasks that join the pure part
//! (`opsdash-core`) with the databases (`opsdash-sources`).

pub mod cli;
pub mod export;
pub mod packs;
pub mod runtime;
pub mod settings;
pub mod store;
pub mod tui;
