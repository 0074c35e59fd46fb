//! Runs what a command waits for.

use std::{
    io,
    mem::ManuallyDrop,
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};

use super::{
    action_task::is_recording,
    signals::{ShutdownSignals, end_by},
};

/// How long the tasks of a run that ends may take to be dropped, and to record that they were.
pub(super) const LEAVE: Duration = Duration::from_millis(100);
/// How long the record of a write may take beyond that to reach a slow disk.
pub(super) const RECORD: Duration = Duration::from_secs(5);

/// The runtime of the program. It is never shut down, it ends with the process: the MongoDB driver panics without one, and
/// nobody waits for connections to close.
///
/// # Errors
/// When the system gives no threads.
pub fn start() -> io::Result<ManuallyDrop<Runtime>> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map(ManuallyDrop::new)
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
        Ok(Ok(output)) => Ok(output),
        Ok(Err(signal)) => {
            // The runtime goes on meanwhile: it drops the tasks that the work has started, and writes what they record.
            thread::sleep(LEAVE);
            let left = Instant::now();
            while is_recording() && left.elapsed() < RECORD {
                thread::sleep(Duration::from_millis(1));
            }
            end_by(signal);
            Err(io::Error::other("ended by a signal"))
        }
        Err(why) => Err(why),
    }
}

/// The same for work that leaves something behind elsewhere: `clean_up` runs after it, and after a signal too, unless
/// another signal comes meanwhile.
///
/// # Errors
/// Those of [`block_on`].
pub fn block_on_cleanly<F: Future, C: Future>(work: F, clean_up: C) -> io::Result<(F::Output, C::Output)> {
    let runtime = start()?;
    let (ended, cleaned) = runtime.block_on(async {
        let mut signals = ShutdownSignals::listen()?;
        let ended = tokio::select! {
            output = work => Ok(output),
            signal = signals.any() => Err(signal),
        };
        let cleaned = tokio::select! {
            output = clean_up => Ok(output),
            signal = signals.any() => Err(signal),
        };
        Ok::<_, io::Error>((ended, cleaned))
    })?;
    match (ended, cleaned) {
        (Ok(output), Ok(cleaned)) => Ok((output, cleaned)),
        (Err(signal), _) | (_, Err(signal)) => {
            end_by(signal);
            Err(io::Error::other("ended by a signal"))
        }
    }
}
