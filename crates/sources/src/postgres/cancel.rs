//! Canceling a statement from beside. The driver sends no cancel of its own when a future is dropped.

use opsdash_core::contract::Ticket;
use sqlx::AssertSqlSafe;
use tokio::time::{Instant, sleep};

use super::{pool::Pool, statement, transaction::BackendPid};
use crate::limits;

/// Cancels that read's statement as often as it is seen running, until this future is dropped. Looking and canceling
/// are one statement, so a process that has gone on to something else is left alone.
pub async fn until_dropped(pool: &Pool, endpoint: usize, ticket: Ticket, pid: &BackendPid) {
    let deadline = Instant::now() + limits::CANCEL_GRACE;
    // Most statements end by themselves, and a connection costs more than most of them.
    sleep(limits::CANCEL_RETRY).await;
    if let Some((mut connection, _permit)) = pool.beside(endpoint, deadline).await {
        loop {
            if let Some(pid) = pid.pid()
                && sqlx::raw_sql(AssertSqlSafe(cancel(pid, ticket))).fetch_all(&mut connection).await.is_err()
            {
                break;
            }
            sleep(limits::CANCEL_RETRY).await;
        }
    }
    std::future::pending::<()>().await;
}

fn cancel(pid: i32, ticket: Ticket) -> String {
    let mark = statement::mark(ticket);
    format!(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
         WHERE pid = {pid} AND usename = session_user AND state = 'active' AND starts_with(query, '{mark}')"
    )
}
