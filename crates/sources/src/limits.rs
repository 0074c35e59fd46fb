//! Every bound that reading and writing a source keeps, in one place.

use std::time::Duration;

use opsdash_core::contract::MARGIN_MS;
use tokio::time::Instant;

/// Connections that read, per source. Together with the one connection that cancels, a source costs at most three.
pub(crate) const CONNECTIONS: u32 = 2;

/// Connections to the databases of a family at a time, on all of its servers.
pub(crate) const FAMILY_CONNECTIONS: usize = 8;

/// Those of them that ask. One more cancels, and one is for what is closed here and not yet on its server.
pub(crate) const FAMILY_ASKING: usize = FAMILY_CONNECTIONS - 2;

/// How long the place of a closed connection stays taken, at least: the server has its end of it to close too.
pub(crate) const CLOSING_AT_LEAST: Duration = Duration::from_millis(2);

/// The same at most. Between them it is half of what it took to open: a server that is slow at the one is slow at the other.
pub(crate) const CLOSING_AT_MOST: Duration = Duration::from_millis(100);

/// How long the list of a family's databases serves reads that begin one after the other.
pub(crate) const MEMBERS_KEPT: Duration = Duration::from_secs(2);

/// Databases of a family at most.
pub(crate) const MEMBERS: u32 = 10_000;

/// Different sets of columns that the databases of a family may return to one question, before all further ones fail.
pub(crate) const MEMBER_LAYOUTS: usize = 4;

/// How long a statement may run when the config sets no timeout, in ms.
pub const STATEMENT_MS: u32 = 5_000;

/// Scopes that can be chosen from; a list that has more is refused.
pub const SCOPES: u32 = 20_000;

/// How much longer the client waits than the server may work, so that the server's own error message arrives.
pub const MARGIN: Duration = Duration::from_millis(MARGIN_MS as u64);

/// Time kept free for the answer to travel back: the server's timeout ends this much before the client's deadline.
pub(crate) const REPLY_MARGIN: Duration = Duration::from_millis(400);

/// The shortest timeout that a statement is sent with.
pub(crate) const MIN_STATEMENT_TIMEOUT: Duration = Duration::from_millis(50);

/// How long a statement waits for a lock before it fails as "busy".
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// The server ends a read's session after this long without a statement inside the transaction. The link is dead by
/// then, and a server without keepalives would not notice.
pub(crate) const IDLE_IN_READ: Duration = Duration::from_secs(30);

/// The same for a write. Its statements follow each other at once, so an abandoned write is rolled back sooner.
pub(crate) const IDLE_IN_WRITE: Duration = Duration::from_secs(5);

/// How long a statement of SQL Server waits for a lock before it fails as "busy": where versions of rows are not kept,
/// every reader waits for whoever writes.
pub(crate) const READER_LOCK: Duration = Duration::from_secs(2);

/// The most rows that are ranked and counted here, where the server cannot do it. Of more, the rest is not known.
pub(crate) const RANKED_ROWS: usize = 50_000;

/// The most bytes of one result whose rows are ranked here.
pub(crate) const RESULT_BYTES: usize = 64_000_000;

/// Where SQL Server cuts a long text off that it sends, in bytes.
pub(crate) const TEXT_SIZE: usize = 2 * 1024 * 1024;

/// How long making, filling or dropping a database for a test may take.
pub(crate) const SCRATCH: Duration = Duration::from_mins(1);

/// How long the primary is asked about a write whose COMMIT was not answered. Longer than the
/// server lets an idle write stand, so that the transaction has ended by then.
pub const RESOLVE_COMMIT: Duration = Duration::from_secs(15);

/// How long an abandoned statement may take to end after its cancel; then its connection is dropped.
pub(crate) const CANCEL_GRACE: Duration = Duration::from_secs(2);

/// The same where several are canceled one after the other.
pub(crate) const SHARED_CANCEL_GRACE: Duration = Duration::from_secs(15);

/// Pause before a statement is canceled again, or a lost COMMIT is asked about again.
pub(crate) const CANCEL_RETRY: Duration = Duration::from_millis(200);

/// How long ending a read's transaction may take. The answer has been handed over by then.
pub(crate) const END_TRANSACTION: Duration = Duration::from_secs(2);

/// How long closing a source may delay the end of the program.
pub const CLOSE: Duration = Duration::from_millis(200);

/// A connection unused for this long is closed, whatever it costs to open. Some load balancers forget a connection after
/// four minutes and tell neither side.
pub(crate) const IDLE_CONNECTION: Duration = Duration::from_mins(3);

/// A connection of PostgreSQL that is opened quickly is closed after this long. `DROP DATABASE` and
/// `CREATE DATABASE .. TEMPLATE` wait five seconds for others to go.
pub(crate) const IDLE_QUICK_CONNECTION: Duration = Duration::from_secs(3);

/// One that takes longer to open is kept for so many times as long: over a slow line nobody wants to open it at each key.
pub(crate) const IDLE_FOR_OPENING: u32 = 20;

/// Reading a file fails when no byte has arrived for this long.
pub const FILE_STALL: Duration = Duration::from_secs(10);

/// The same for a replica set, which needs this long to notice that its primary is gone and to elect another.
pub const REPLICA_SET_STALL: Duration = Duration::from_secs(25);

/// How long the MongoDB driver looks for a server that can answer.
pub(crate) const SERVER_SELECTION: Duration = Duration::from_secs(3);

/// Bytes of text or JSON in one cell of a list; the rest is cut off, visibly.
pub(crate) const LIST_CELL_BYTES: usize = 8 * 1024;

/// Bytes of text or JSON in one cell of a detail.
pub(crate) const DETAIL_CELL_BYTES: usize = 256 * 1024;

/// Bytes of a row of a list as the server holds it. Of a larger one the server is asked for the beginnings of its cells.
pub(crate) const LIST_ROW_BYTES: usize = 256 * 1024;

/// The same for a detail, and for what comes beside a list.
pub(crate) const DETAIL_ROW_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of a row's `why`, and of a file's name.
pub(crate) const WHY_BYTES: usize = 1024;

/// Bytes of the id of a reason. Packs name reasons with words that are much shorter.
pub(crate) const REASON_BYTES: usize = 64;

/// Reasons of one row; further ones are left out.
pub(crate) const REASONS: usize = 16;

/// How often a source is asked which other operators are connected to it.
pub(crate) const OPERATOR_POLL: Duration = Duration::from_secs(30);

/// Bytes of a command's reply. The reply is sent back to the server, for the view's pipeline to judge.
pub(crate) const COMMAND_REPLY_BYTES: usize = 256 * 1024;

/// At most this many files are listed whose chunks have no file document.
pub(crate) const ORPHANED_FILES: u32 = 100;

/// One endpoint's share of the time until `deadline`, when `remaining` endpoints, this one included, are still to be
/// tried.
pub(crate) fn share(deadline: Instant, remaining: usize) -> Duration {
    deadline.saturating_duration_since(Instant::now()) / u32::try_from(remaining).unwrap_or(u32::MAX)
}

/// A time in whole ms, as answers carry it.
pub(crate) fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
