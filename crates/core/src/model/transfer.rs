use opsdash_pack::pack::ViewId;

use super::TargetId;
use crate::{contract::Ticket, time::Monotonic};

/// Files that are being read to their end, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Which reading.
    pub ticket: Ticket,
    /// On whose target.
    pub target: TargetId,
    /// The files view.
    pub view: ViewId,
    /// What for.
    pub purpose: TransferPurpose,
    /// Name and bytes of each file.
    pub files: Vec<(String, u64)>,
    /// Place of the one that is being read.
    pub at: usize,
    /// Bytes of it that have come.
    pub bytes: u64,
    /// When the first one was begun.
    pub began: Monotonic,
    /// How many were not as promised.
    pub bad: usize,
}

/// What files are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferPurpose {
    /// To learn whether they are as the catalog promises.
    Verify,
    /// To have them.
    Fetch,
}

impl TransferPurpose {
    /// What is being done, in a word.
    #[must_use]
    pub fn doing(self) -> &'static str {
        match self {
            Self::Verify => "verifying",
            Self::Fetch => "fetching",
        }
    }
}

impl Transfer {
    /// Bytes of all files, and how many of them have come.
    #[must_use]
    pub fn total_and_done(&self) -> (u64, u64) {
        let total = self.files.iter().map(|(_, bytes)| bytes).sum();
        let done: u64 = self.files.iter().take(self.at).map(|(_, bytes)| bytes).sum();
        (total, done + self.bytes)
    }

    /// Bytes a second so far, and how many ms the rest takes at that rate; `None` before anything is known.
    #[must_use]
    pub fn pace(&self, now: Monotonic) -> Option<(u64, u64)> {
        let (total, done) = self.total_and_done();
        let ms = now.since(self.began);
        let rate = (done.saturating_mul(1_000)).checked_div(ms).filter(|rate| *rate > 0)?;
        Some((rate, total.saturating_sub(done).saturating_mul(1_000) / rate))
    }
}
