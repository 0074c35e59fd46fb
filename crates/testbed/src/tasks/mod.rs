//! The tasks of `cargo xtask`, one a module.

pub mod audit;
pub mod bench;
pub mod demo;
pub mod demo_servers;
pub mod docs;
mod program;
pub mod screenshot;
mod svg;
pub mod test;
