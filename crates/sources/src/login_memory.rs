//! Remembers that a login was refused: servers lock accounts that are refused too often, and a dashboard asks for ever.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::config::Secret;

/// What became of the logins of one endpoint.
#[derive(Default)]
pub struct LoginMemory {
    /// The password that was refused last, and why.
    refused: Mutex<Option<(Option<Secret>, Failure)>>,
    /// Whether the last login was accepted.
    is_accepted: AtomicBool,
    turn: tokio::sync::Mutex<()>,
}

/// The right to log in alone.
pub struct Turn<'a>(#[expect(dead_code, reason = "held, not read")] tokio::sync::MutexGuard<'a, ()>);

impl LoginMemory {
    /// Waits until nobody else tries to log in; `None`, at once, where logins are accepted.
    pub async fn turn(&self) -> Option<Turn<'_>> {
        if self.is_accepted() {
            return None;
        }
        let turn = self.turn.lock().await;
        (!self.is_accepted()).then_some(Turn(turn))
    }

    /// Why this password is not tried again; `None` when it was not refused.
    pub fn refusal_of(&self, password: Option<&Secret>) -> Option<Failure> {
        let refused = self.refused();
        refused.as_ref().filter(|(known, _)| known.as_ref() == password).map(|(_, failure)| failure.clone())
    }

    /// What a login with this password came to. Only what the server says of the login counts.
    pub fn record<T>(&self, password: Option<&Secret>, result: &Result<T, Failure>) {
        let refused = match result {
            Ok(_) => None,
            Err(failure) if failure.kind == FailureKind::Auth => Some((password.cloned(), failure.clone())),
            Err(_) => return,
        };
        self.is_accepted.store(refused.is_none(), Ordering::Relaxed);
        *self.refused() = refused;
    }

    /// Lets any password be tried again.
    pub fn forget(&self) {
        *self.refused() = None;
    }

    fn is_accepted(&self) -> bool {
        self.is_accepted.load(Ordering::Relaxed)
    }

    fn refused(&self) -> MutexGuard<'_, Option<(Option<Secret>, Failure)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
