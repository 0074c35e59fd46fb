//! The test bed itself, and what ARCHITECTURE.md promises of the code as a whole.

mod architecture;
mod demo;
mod forwarder;
mod layers;
mod pty;
mod sample;
mod servers;
