//! The sources against real servers, through a real pooler and over bad lines.

#![expect(clippy::unwrap_used, reason = "tests")]

mod mongodb;
mod postgres;
