//! Runs what a command waits for.

use std::{io, time::Duration};

use tokio::runtime::{Builder, Runtime};

use super::signals::{ShutdownSignals, end_by};

/// How long the tasks of a run that is told to end may take to be dropped.
const LEAVE: Duration = Duration::from_millis(100);

/// The runtime of the program. It is never shut down while a MongoDB source is open, because the driver panics without
/// one: it ends with the process.
///
/// # Errors
/// When the system gives no threads.
pub fn start() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Waits for work without a screen. A signal that asks the program to leave drops the work, and with it the programs that
/// the work has started; then the program ends as the signal would have ended it.
///
/// # Errors
/// When the system gives no threads, or does not let us listen to signals.
pub fn block_on<F: Future>(work: F) -> io::Result<F::Output> {
    let runtime = start()?;
    let ended = runtime.block_on(async {
        let mut signals = ShutdownSignals::listen()?;
        // The work is dropped inside of the runtime: what it records when it is left needs one.
        tokio::select! {
            output = work => Ok(Ok(output)),
            signal = signals.any() => Ok::<_, io::Error>(Err(signal)),
        }
    });
    match ended {
        Ok(Ok(output)) => {
            // Nobody waits for connections to close.
            std::mem::forget(runtime);
            Ok(output)
        }
        Ok(Err(signal)) => {
            runtime.shutdown_timeout(LEAVE);
            end_by(signal);
            Err(io::Error::other("ended by a signal"))
        }
        Err(why) => Err(why),
    }
}
