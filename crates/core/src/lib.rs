//! The pure part of opsdash.
//!
//! Everything here is data and functions over data: no runtime, no driver, no terminal, no clock, no environment.

pub mod config;
pub mod document;
pub mod files;
pub mod pack;
pub mod read;
pub mod text;
pub mod time;
pub mod value;
