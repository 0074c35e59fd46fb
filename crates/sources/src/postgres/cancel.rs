//! Cancels a statement from a second connection. The driver sends no cancel of its own when a future is dropped.

use opsdash_core::contract::Ticket;
use sqlx::AssertSqlSafe;
use tokio::time::{Instant, sleep};

use super::{connection::BackendPid, pool::Pool, statement};
use crate::limits;

/// Cancels a read's statement again and again while it is running, until this future is dropped. Finding and canceling
/// are one SQL statement, so a server process that has gone on to another statement is left alone.
pub async fn cancel_until_dropped(pool: &Pool, endpoint: usize, ticket: Ticket, backend: &BackendPid) {
    let deadline = Instant::now() + pool.cancel_grace;
    // Most statements end soon by themselves, and opening a connection costs more than that.
    sleep(limits::CANCEL_RETRY).await;
    if let Some((mut connection, _permit)) = pool.cancel_connection(endpoint, deadline).await {
        loop {
            if let Some(pid) = backend.get()
                && sqlx::raw_sql(AssertSqlSafe(cancel_sql(pid, ticket))).fetch_all(&mut connection).await.is_err()
            {
                break;
            }
            sleep(limits::CANCEL_RETRY).await;
        }
    }
    std::future::pending::<()>().await;
}

fn cancel_sql(pid: i32, ticket: Ticket) -> String {
    let mark = statement::mark(ticket);
    format!(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
         WHERE pid = {pid} AND usename = session_user AND state = 'active' AND starts_with(query, '{mark}')"
    )
}
