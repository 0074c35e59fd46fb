//! Statements that are made of what a pack declares, in the language of the engine that runs them.

mod postgres;

#[cfg(test)]
mod tests;

pub use postgres::GuardedSql;
