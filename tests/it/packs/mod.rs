//! The packs in the binary: what their text must keep to, and what their views answer on real servers.

mod asking;
mod cybersensei;
mod invariants;
mod shared;
mod vocabulary;
