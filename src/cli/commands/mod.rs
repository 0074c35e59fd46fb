//! The subcommands, one a module.

pub mod act;
pub mod audit;
pub mod check;
pub mod completions;
pub mod config;
pub mod doctor;
pub mod files;
pub mod lookup;
pub mod packs;
pub mod runbook;
pub mod show;
pub mod undo;
mod write_steps;
