//! The pure part of opsdash.
//!
//! Everything here is data and functions over data: no runtime, no driver, no terminal, no clock, no environment.
//! The program feeds [`msg::Msg`]s to [`update::LiveModel`], performs the [`effect::Effect`]s that come back, and draws
//! what [`view`] says is on screen.

pub mod action;
pub mod attention;
pub mod available;
pub mod catalog;
pub mod cell_text;
pub mod checklist;
pub mod contract;
pub mod days;
pub mod doctor;
pub mod effect;
pub mod export;
pub mod filter;
pub mod finding;
pub mod format;
pub mod geometry;
pub mod history;
pub mod model;
pub mod msg;
pub mod naming;
pub mod place;
pub mod reason;
pub mod scope;
pub mod selection;
pub mod sort;
pub mod text;
pub mod time;
pub mod update;
pub mod value;
pub mod view;
pub mod view_verdict;
