//! The real binary in a terminal against real servers, and every query of every pack against live databases.

#![expect(clippy::unwrap_used, reason = "tests")]

mod dashboard;
mod pack;
mod support;
mod targets;
mod traps;
mod trouble;
