//! Commands as scripts meet them.

mod check;
mod contract;
mod family;
mod growth;
mod live;
mod new_from;
mod newcomer;
mod packs;
mod packs_sql;
mod runbook;
mod secrets;
mod shell;
mod sifted;
