//! The sources against real servers, through a real pooler and over a bad network.

#![expect(clippy::unwrap_used, reason = "tests")]

mod mongodb;
mod postgres;
mod sqlserver;
