//! What runs: effects as tasks, with a screen or without one.

pub mod action_task;
mod block_on;
pub mod clocks;
pub mod headless;
pub mod inspect;
pub mod pack_reader;
mod password_keeper;
pub mod perform;
pub mod session;
pub mod signals;
pub mod source_handle;
pub mod transfer_task;

pub use block_on::{block_on, block_on_cleanly, start};
