//! The dashboard: the loop, the terminal, and what draws on it.

pub mod app;
pub mod dashboard;
pub mod draw;
pub mod editor;
mod hangup;
pub mod terminal;
