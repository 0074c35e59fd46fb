//! Why a command cannot be carried out.

use super::exit::Exit;

/// Why a command cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CliError {
    /// How the run ends.
    pub exit: Exit,
    /// What is wrong, and with which value.
    pub message: String,
    /// What to do about it; empty when the message says it.
    pub remedy: String,
}

impl CliError {
    /// The call, the config or a pack is wrong.
    #[must_use]
    pub fn usage(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), remedy: remedy.into() }
    }

    /// The same as the end of `check`: nothing is known, whatever is wrong.
    #[must_use]
    pub fn of_check(self) -> Self {
        Self { exit: Exit::CheckUsage, ..self }
    }
}
