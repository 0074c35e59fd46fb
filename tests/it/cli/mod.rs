//! Commands as scripts meet them.

mod check;
mod contract;
mod live;
mod packs;
mod secrets;
mod shell;
