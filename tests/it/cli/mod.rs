//! Commands as scripts meet them.

mod check;
mod contract;
mod packs;
mod secrets;
mod shell;
