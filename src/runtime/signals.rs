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

/// Tells that the program goes on after it was stopped.
pub struct ContinueSignal(Signal);

impl ContinueSignal {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system lets nobody listen.
    pub fn listen() -> io::Result<Self> {
        signal(SignalKind::from_raw(nix::sys::signal::Signal::SIGCONT as i32)).map(Self)
    }

    /// Waits until the program goes on.
    pub async fn any(&mut self) {
        self.0.recv().await;
    }
}

/// Stops all processes that the shell started together with this one, as a terminal does at Ctrl-Z: a wrapper that kept
/// waiting would keep the shell waiting. Comes back when they go on, or at once where nobody could let them go on.
pub fn stop_group() {
    // An error is of no use: what is not stopped goes on.
    let _goes_on = nix::sys::signal::kill(nix::unistd::Pid::from_raw(0), nix::sys::signal::Signal::SIGTSTP);
}

/// Ends the program as the signal would have.
pub fn end_by(kind: SignalKind) {
    // It comes back only for numbers that are no signals.
    let _never = signal_hook::low_level::emulate_default_handler(kind.as_raw_value());
}
