//! The core from outside: messages in, the model, its lines and its effects out.

#![expect(clippy::unwrap_used, reason = "tests")]

mod accidents;
mod actions;
mod asking;
mod attention;
mod clocks;
mod details;
mod facets;
mod facts;
mod family;
mod files;
mod filter;
mod groups;
mod growth;
mod keys;
mod links;
mod old;
mod operators;
mod ordered;
mod palette;
mod reasons;
mod rows;
mod runbook;
mod scope;
mod scope_changes;
mod snooze;
mod stored;
mod support;
mod targets;
mod transfer;
mod update;
