//! The program from outside: its commands, its screens, its packs, its sources, on real servers where they need some.
//!
//! One binary, so that the database drivers are linked once and the shared servers start once. They start when the first
//! test asks for them, and end with the binary.

#![expect(clippy::unwrap_used, reason = "tests")]

mod actions;
mod bench;
mod cli;
mod doctor;
mod e2e;
mod e2e_actions;
mod files;
mod packs;
mod scope;
mod screens;
mod support;
