//! Deterministic sample data, one module a system: the same `now` gives the same rows.

pub mod cybersensei;
pub mod kronos;
pub mod monitora;
pub mod moonops;
pub mod topsteel;
