//! opsdash: the program. The pure part is `opsdash-core`; here are the drivers, the terminal, the files and the shell.

pub mod act;
pub mod app;
pub mod audit;
pub mod cli;
pub mod clocks;
pub mod dashboard;
pub mod draw;
pub mod editor;
pub mod export;
pub mod files;
pub mod headless;
pub mod inspect;
pub mod log;
pub mod packs;
pub mod perform;
pub mod private_file;
pub mod session;
pub mod settings;
pub mod signals;
pub mod sources;
pub mod state;
pub mod terminal;
pub mod verified;
