//! The pure part of opsdash.
//!
//! Everything here is data and functions over data: no runtime, no driver, no terminal, no clock, no environment.
//! The program feeds [`msg::Msg`]s to [`update::update`], performs the [`effect::Effect`]s that come back, and draws
//! what [`present`] says is on screen.

pub mod act;
pub mod attention;
pub mod command;
pub mod config;
pub mod doctor;
pub mod document;
pub mod effect;
pub mod files;
pub mod filter;
pub mod keymap;
pub mod model;
pub mod msg;
pub mod pack;
pub mod present;
pub mod read;
pub mod text;
pub mod time;
pub mod update;
pub mod value;
pub mod verdict;
