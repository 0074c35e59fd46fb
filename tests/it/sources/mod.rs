//! The sources against real servers, through a real pooler and over bad lines.

mod mongodb;
mod postgres;
