//! Every bound that reading a source keeps, in one place.

use std::time::Duration;

/// Connections that read, per source. With the one that cancels this makes the three that a source may cost.
pub const CONNECTIONS: usize = 2;

/// How long a statement may run where the config does not say, in ms.
pub const STATEMENT_MS: u32 = 5_000;

/// The client waits so much longer than the server may work, so that the server's own words arrive.
pub const MARGIN: Duration = Duration::from_secs(1);

/// What is kept free at the end of a read for the answer's way back: the server's timeout ends so much earlier.
pub const WAY_BACK: Duration = Duration::from_millis(400);

/// A server timeout below this is not worth asking with.
pub const LEAST_WORK: Duration = Duration::from_millis(50);

/// How long a statement waits for a lock before the answer is "busy".
pub const LOCK_WAIT: Duration = Duration::from_secs(1);

/// The server ends our session after so long inside a transaction without a word from us: the link is gone then, and
/// the server, without keepalives, would not see it.
pub const SILENT_IN_TRANSACTION: Duration = Duration::from_secs(30);

/// The same inside a write, whose statements follow each other at once: what nobody ends is rolled back so much sooner.
pub const SILENT_IN_WRITE: Duration = Duration::from_secs(5);

/// How long the primary is asked what became of a write whose COMMIT was not answered: longer than it waits for us.
pub const FIND_OUT: Duration = Duration::from_secs(15);

/// How long a statement that nobody waits for any more may take to end after its cancel; then its connection is cut.
pub const WIND_DOWN: Duration = Duration::from_secs(2);

/// Pause between two looks at a statement that is to be canceled.
pub const CANCEL_AGAIN: Duration = Duration::from_millis(200);

/// How long the end of a read's transaction may take, after the answer is out.
pub const FINISH: Duration = Duration::from_secs(2);

/// How long closing a source may hold up the program's end.
pub const CLOSE: Duration = Duration::from_millis(200);

/// A connection unused for so long is closed, before a load balancer forgets it without a word (the shortest do after
/// four minutes).
pub const IDLE: Duration = Duration::from_mins(3);

/// How often unused connections are looked for.
pub const IDLE_LOOK: Duration = Duration::from_secs(30);

/// A file is given up on when none of its bytes has come for so long.
pub const FILE_SILENCE: Duration = Duration::from_secs(10);

/// The same of a replica set: one whose primary fell silent without a word needs as long to see it and to elect another.
pub const SET_SILENCE: Duration = Duration::from_secs(25);

/// How long the MongoDB driver looks for a server that can answer.
pub const SELECT: Duration = Duration::from_secs(3);

/// Bytes of text or JSON in one cell of a list; the rest is cut off, visibly.
pub const LIST_CELL: usize = 8 * 1024;

/// Bytes of text or JSON in one cell of a detail.
pub const DETAIL_CELL: usize = 256 * 1024;

/// Bytes of a row's `why`.
pub const WHY: usize = 1024;

/// How often a source is asked who else is connected to it.
pub const OPERATORS: Duration = Duration::from_secs(30);

/// Bytes of a command's reply, which is sent back for the view's pipeline to judge.
pub const REPLY: usize = 256 * 1024;

/// Chunks without a file are told of at most so many files.
pub const ORPHANS: u32 = 100;

/// ms, as answers carry them.
#[must_use]
pub fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
