-- Who waits for whom: a row for each session that waits and each that it waits for.

WITH waiting AS MATERIALIZED (
    -- The grouping asks pg_blocking_pids() once for a session; it stops the lock manager for a moment.
    SELECT
        l.pid,
        min((to_jsonb(l) ->> 'waitstart')::timestamptz) AS since,  -- from PostgreSQL 14 on
        min(l.mode) AS mode,
        min(l.locktype) AS locktype,
        pg_blocking_pids(l.pid) AS blockers
    FROM pg_locks AS l
    WHERE NOT l.granted
    GROUP BY l.pid
),
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
    coalesce(w.since, waiter.query_start) AS since,
    wanted.relation,
    w.locktype || ' ' || w.mode AS lock_mode,
    regexp_replace(left(waiter.query, 400), '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi') AS query,
    blocker_pid::text AS blocker_pid,
    holder.usename AS blocker_user,
    holder.application_name AS blocker_application,
    holder.state AS blocker_state,
    holder.xact_start AS blocker_transaction_at,
    regexp_replace(left(holder.query, 400), '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi') AS blocker_query
FROM waiting AS w
CROSS JOIN LATERAL (SELECT DISTINCT pid FROM unnest(w.blockers) AS pid) AS blocker (blocker_pid)
LEFT JOIN pg_stat_activity AS waiter
    ON waiter.pid = w.pid
LEFT JOIN pg_stat_activity AS holder
    ON holder.pid = blocker_pid
LEFT JOIN wanted
    ON wanted.pid = w.pid
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM clock_timestamp() - coalesce(w.since, waiter.query_start)) AS waits_s
) AS age
ORDER BY age.waits_s DESC NULLS LAST, w.pid, blocker.blocker_pid;
