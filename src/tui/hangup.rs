//! Whether the terminal is still there.

use std::{io, os::fd::AsFd, thread};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use tokio::sync::oneshot;

/// Watches the terminal. Where SIGHUP is ignored, nothing else tells that it has gone: reading from it goes on for ever.
pub struct Hangup(oneshot::Receiver<()>);

impl Hangup {
    /// Watches the terminal that keys come from, in a thread that reads nothing and ends with the program.
    ///
    /// # Errors
    /// When there can be no other thread.
    pub fn watch() -> io::Result<Self> {
        let (sender, hangup) = oneshot::channel();
        thread::Builder::new().name("hangup".into()).spawn(|| {
            wait_for_hangup();
            // A program that leaves does not ask any more.
            let _left = sender.send(());
        })?;
        Ok(Self(hangup))
    }

    /// Waits until the terminal is gone; for ever when that cannot be told.
    pub async fn came(&mut self) {
        if (&mut self.0).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn wait_for_hangup() {
    let stdin = io::stdin();
    // Asked for nothing, it tells only of the end.
    let mut terminal = [PollFd::new(stdin.as_fd(), PollFlags::empty())];
    while poll(&mut terminal, PollTimeout::NONE) == Err(Errno::EINTR) {}
}
