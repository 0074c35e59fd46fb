//! The signals that ask a program to leave.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for them.
pub struct ShutdownSignals([Signal; 3]);

impl ShutdownSignals {
    /// From now on they no longer end the program by themselves.
    ///
    /// # Errors
    /// When the system lets nobody listen.
    pub fn listen() -> io::Result<Self> {
        Ok(Self([signal(SignalKind::terminate())?, signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?]))
    }

    /// Waits for one of them.
    pub async fn any(&mut self) -> SignalKind {
        let [terminate, hangup, interrupt] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = hangup.recv() => SignalKind::hangup(),
            _ = interrupt.recv() => SignalKind::interrupt(),
        }
    }
}

/// Ends the program as the signal would have.
pub fn end_by(kind: SignalKind) {
    // It comes back only for numbers that are no signals.
    let _never = signal_hook::low_level::emulate_default_handler(kind.as_raw_value());
}
