//! Files that opsdash keeps, readable by their owner alone.

pub mod audit;
pub mod days;
pub mod log;
pub mod private_file;
pub mod state;
pub mod ticks;
pub mod verified;
