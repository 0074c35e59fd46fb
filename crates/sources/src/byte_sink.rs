//! Carries the bytes of a file from its store to the task that reads them: in order, at a limited rate, and with only
//! a few blocks in memory.

use std::time::Duration;

use opsdash_core::contract::Failure;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::{Instant, sleep_until},
};

/// Blocks that may wait in the channel.
const BUFFERED_BLOCKS: usize = 8;

/// How often progress is reported.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Why a file was not read to its end.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadError {
    /// The bytes do not match the store's own record of the file. The text says which chunk, and how.
    Damaged(String),
    /// The store did not answer, or the file was replaced meanwhile.
    Failed(Failure),
    /// The reader has gone.
    Unwanted,
}

/// One message to the reader.
#[derive(Debug)]
pub enum Block {
    /// The next bytes of the file.
    Bytes(Vec<u8>),
    /// The file is complete. A channel that closes before this block carried an incomplete file.
    End,
}

/// The store's end of the channel.
pub struct ByteSink<'p> {
    blocks: Sender<Block>,
    progress: &'p (dyn Fn(u64) + Send + Sync),
    /// At most this many bytes per second; `None` means no limit.
    rate: Option<u64>,
    started: Instant,
    last_progress: Instant,
    sent: u64,
}

impl<'p> ByteSink<'p> {
    /// A sink and the receiver that its blocks go to. `progress` is called now and then with the number of bytes sent
    /// so far. `rate` is the limit in bytes per second; `None` or 0 means no limit.
    pub fn new(rate: Option<u64>, progress: &'p (dyn Fn(u64) + Send + Sync)) -> (Self, Receiver<Block>) {
        let (blocks, receiver) = channel(BUFFERED_BLOCKS);
        let now = Instant::now();
        (Self { blocks, progress, rate, started: now, last_progress: now, sent: 0 }, receiver)
    }

    /// Restarts the clock of the rate limit, so that time spent waiting before the first byte does not count.
    pub(crate) fn start(&mut self) {
        (self.started, self.last_progress) = (Instant::now(), Instant::now());
    }

    /// Sends bytes to the reader. Waits when the channel is full or the rate limit is reached.
    ///
    /// # Errors
    /// [`ReadError::Unwanted`] when the reader has gone.
    pub(crate) async fn push(&mut self, bytes: Vec<u8>) -> Result<(), ReadError> {
        self.sent += bytes.len() as u64;
        self.blocks.send(Block::Bytes(bytes)).await.map_err(|_| ReadError::Unwanted)?;
        if let Some(rate) = self.rate.filter(|rate| *rate > 0) {
            let micros = u128::from(self.sent) * 1_000_000 / u128::from(rate);
            sleep_until(self.started + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))).await;
        }
        if self.last_progress.elapsed() >= PROGRESS_INTERVAL {
            self.last_progress = Instant::now();
            (self.progress)(self.sent);
        }
        Ok(())
    }

    /// Tells the reader that the file is complete.
    ///
    /// # Errors
    /// [`ReadError::Unwanted`] when the reader has gone.
    pub async fn end(self) -> Result<(), ReadError> {
        (self.progress)(self.sent);
        self.blocks.send(Block::End).await.map_err(|_| ReadError::Unwanted)
    }
}
