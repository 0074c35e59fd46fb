//! Statements that are made of what a pack declares, in the language of the engine that runs them.

mod postgres;
pub mod sqlserver;

#[cfg(test)]
mod tests;

pub use postgres::GuardedSql;

use crate::{dialect::Flavor, pack::Effect};

/// The texts of the statements of a declared write in the SQL of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MadeSql {
    /// Takes `:keys`, and returns the rows as they are now. `None` where only a file can say it.
    pub preview: Option<String>,
    /// Writes.
    pub write: String,
    /// `None` of what cannot be undone.
    pub undo: Option<String>,
}

impl MadeSql {
    /// The statements of a declared write; `None` for a statement of the pack.
    pub(crate) fn of(flavor: Flavor, effect: &Effect) -> Option<Self> {
        match flavor {
            Flavor::PostgreSql => {
                let GuardedSql { preview, write, undo } = GuardedSql::of(effect)?;
                Some(Self { preview: Some(preview), write, undo })
            }
            Flavor::SqlServer => sqlserver::made(effect),
        }
    }
}
