//! The bytes of a file on their way from a store to whoever reads them: one block after the other, no faster than is
//! allowed, and never more of them in memory than a few.

use std::time::Duration;

use opsdash_core::contract::Failure;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::{Instant, sleep_until},
};

/// Blocks that may wait for whoever reads them.
const WAITING: usize = 8;

/// How often progress is told.
const TOLD: Duration = Duration::from_millis(200);

/// Why a file was not read to its end.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadError {
    /// What the store holds is not what its own record says: which chunk, and how.
    Damaged(String),
    /// The store did not answer, or the file is another one now.
    Failed(Failure),
    /// Nobody takes the bytes any more.
    Unwanted,
}

/// What goes to the reader.
#[derive(Debug)]
pub enum Block {
    /// Bytes, in their order.
    Bytes(Vec<u8>),
    /// There are no more. Without it the file is not whole.
    End,
}

/// The sending end.
pub struct ByteSink<'p> {
    blocks: Sender<Block>,
    progress: &'p (dyn Fn(u64) + Send + Sync),
    /// Bytes a second at most.
    rate: Option<u64>,
    began: Instant,
    told: Instant,
    sent: u64,
}

impl<'p> ByteSink<'p> {
    /// A flow and where it leads. `progress` is told now and then how many bytes have gone; `rate` is in bytes a second.
    pub fn new(rate: Option<u64>, progress: &'p (dyn Fn(u64) + Send + Sync)) -> (Self, Receiver<Block>) {
        let (blocks, reader) = channel(WAITING);
        let now = Instant::now();
        (Self { blocks, progress, rate, began: now, told: now, sent: 0 }, reader)
    }

    /// The clock of the rate starts: what was waited before does not count.
    pub fn begin(&mut self) {
        (self.began, self.told) = (Instant::now(), Instant::now());
    }

    /// Sends bytes on; waits where they come faster than they are taken or than they may.
    ///
    /// # Errors
    /// [`ReadError::Unwanted`] when nobody takes them.
    pub async fn push(&mut self, bytes: Vec<u8>) -> Result<(), ReadError> {
        self.sent += bytes.len() as u64;
        self.blocks.send(Block::Bytes(bytes)).await.map_err(|_| ReadError::Unwanted)?;
        if let Some(rate) = self.rate.filter(|rate| *rate > 0) {
            let micros = u128::from(self.sent) * 1_000_000 / u128::from(rate);
            sleep_until(self.began + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))).await;
        }
        if self.told.elapsed() >= TOLD {
            self.told = Instant::now();
            (self.progress)(self.sent);
        }
        Ok(())
    }

    /// Says that the file is whole.
    ///
    /// # Errors
    /// [`ReadError::Unwanted`] when nobody takes it.
    pub async fn end(self) -> Result<(), ReadError> {
        (self.progress)(self.sent);
        self.blocks.send(Block::End).await.map_err(|_| ReadError::Unwanted)
    }
}
