//! What runs: effects as tasks, with a screen or without one.

pub mod action_task;
pub mod clocks;
pub mod headless;
pub mod inspect;
pub mod perform;
pub mod session;
pub mod signals;
pub mod transfer_task;
