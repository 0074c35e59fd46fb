-- Who waits for whom, as a tree: each session that holds others up and waits for nobody, and beneath it a row for each
-- session that waits and each that it waits for. What holds up most comes first, those that wait for it directly before
-- those behind them.

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
),
node AS (
    SELECT
        root.pid,
        NULL::int AS blocker_pid,
        root.since,
        NULL AS lock_mode,
        root.pid AS root,
        root.holds_up,
        0 AS depth
    FROM root
    UNION ALL
    SELECT
        w.pid,
        blocker.pid,
        w.since,
        w.locktype || ' ' || w.mode,
        beneath.root,
        beneath.holds_up,
        beneath.depth
    FROM waiting AS w
    CROSS JOIN LATERAL (SELECT DISTINCT pid FROM unnest(w.blockers) AS pid) AS blocker
    LEFT JOIN beneath
        ON beneath.pid = w.pid
)
SELECT
    CASE
        WHEN age.waits_s IS NULL THEN 'unknown'
        WHEN age.waits_s >= extract(epoch FROM :waiting_long::interval) THEN 'crit'
        WHEN age.waits_s >= extract(epoch FROM :waiting_for::interval) THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN node.pid = 0 THEN 'holds_up_prepared'
        WHEN node.blocker_pid IS NULL THEN 'holds_up'
        WHEN node.blocker_pid = 0 THEN 'waits_for_prepared'
        WHEN holder.query = '<insufficient privilege>' THEN 'waits_for_hidden'
        ELSE 'waits'
    END AS reason,
    repeat('  ', node.depth) || CASE node.pid WHEN 0 THEN 'prepared' ELSE node.pid::text END AS session,
    node.pid::text AS pid,
    waiter.usename AS "user",
    waiter.application_name AS application,
    waiter.state,
    waiter.state_change AS state_since,
    CASE WHEN node.blocker_pid IS NULL THEN node.holds_up END AS holds_up,
    node.since,
    wanted.relation,
    node.lock_mode,
    {{hide_password(text => left(waiter.query, 400))}} AS query,
    -- Of a session that waits for nobody there is none to be named, and a key has no NULL.
    coalesce(node.blocker_pid::text, '') AS blocker_pid,
    holder.usename AS blocker_user,
    holder.application_name AS blocker_application,
    holder.state AS blocker_state,
    holder.xact_start AS blocker_transaction_at,
    {{hide_password(text => left(holder.query, 400))}} AS blocker_query
FROM node
LEFT JOIN pg_stat_activity AS waiter
    ON waiter.pid = node.pid
LEFT JOIN pg_stat_activity AS holder
    ON holder.pid = node.blocker_pid
LEFT JOIN wanted
    ON wanted.pid = node.pid
        AND node.blocker_pid IS NOT NULL
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM clock_timestamp() - node.since) AS waits_s
) AS age
ORDER BY
    node.holds_up DESC NULLS LAST, node.root, node.depth, age.waits_s DESC NULLS LAST, node.pid, node.blocker_pid;
