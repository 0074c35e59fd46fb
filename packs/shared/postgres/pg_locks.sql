-- Who waits for whom: a row for each session that waits and each that it waits for. What holds up most
-- comes first, those that wait for it directly before those behind them.

WITH RECURSIVE {{waiting}},
wanted AS (
    -- A session that waits for a row waits for a transaction, and holds a lock on the row itself.
    SELECT
        l.pid,
        min(l.relation::regclass::text) AS relation
    FROM pg_locks AS l
    WHERE l.relation IS NOT NULL
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (NOT l.granted OR l.locktype = 'tuple')
    GROUP BY l.pid
)
SELECT
    CASE
        WHEN age.waits_s IS NULL THEN 'unknown'
        WHEN age.waits_s >= extract(epoch FROM :waiting_long::interval) THEN 'crit'
        WHEN age.waits_s >= extract(epoch FROM :waiting_for::interval) THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN blocker_pid = 0 THEN 'waits_for_prepared'
        WHEN holder.query = '<insufficient privilege>' THEN 'waits_for_hidden'
        ELSE 'waits'
    END AS reason,
    w.pid::text AS pid,
    waiter.usename AS "user",
    waiter.application_name AS application,
    w.since AS since,
    wanted.relation,
    w.locktype || ' ' || w.mode AS lock_mode,
    {{hide_password(text => left(waiter.query, 400))}} AS query,
    blocker_pid::text AS blocker_pid,
    holder.usename AS blocker_user,
    holder.application_name AS blocker_application,
    holder.state AS blocker_state,
    holder.xact_start AS blocker_transaction_at,
    {{hide_password(text => left(holder.query, 400))}} AS blocker_query
FROM waiting AS w
CROSS JOIN LATERAL (SELECT DISTINCT pid FROM unnest(w.blockers) AS pid) AS blocker (blocker_pid)
LEFT JOIN pg_stat_activity AS waiter
    ON waiter.pid = w.pid
LEFT JOIN pg_stat_activity AS holder
    ON holder.pid = blocker_pid
LEFT JOIN wanted
    ON wanted.pid = w.pid
LEFT JOIN beneath
    ON beneath.pid = w.pid
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM clock_timestamp() - w.since) AS waits_s
) AS age
ORDER BY beneath.holds_up DESC NULLS LAST, beneath.root, beneath.depth, age.waits_s DESC NULLS LAST, w.pid, blocker.blocker_pid;
